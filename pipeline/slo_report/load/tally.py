"""What came of each file of one load, told as it comes."""

from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple

from slo_report.load.result import LoadedFile, LoadResult, loaded_file
from slo_report.store import Store

Key = tuple[str, str]
"""A file: its source and its name."""


class _Outcome(NamedTuple):
    came: Literal["loaded", "known", "skipped", "refused"]
    reason: str = ""
    file: LoadedFile | None = None


class Tally:
    """Counts what came of each file; of one that is read again the last time counts."""

    def __init__(self, store: Store, progress: Callable[[str], None]) -> None:
        self._store = store
        self._progress = progress
        self._outcomes: dict[Key, _Outcome] = {}
        self._taken_out: list[str] = []

    def is_loaded(self, key: Key) -> bool:
        """Tell whether the file was loaded by now."""
        outcome = self._outcomes.get(key)
        return outcome is not None and outcome.came == "loaded"

    def loaded(self, key: Key, file_id: int) -> None:
        """Count a file whose rows are in the store, from what the store says of it."""
        file = loaded_file(self._store, file_id, key[1])
        outcome = _Outcome("loaded", file=file)
        if self._outcomes.get(key) != outcome:
            self._progress(file.said)
        self._outcomes[key] = outcome

    def known(self, key: Key) -> None:
        """Count a file that the store has already."""
        self._outcomes[key] = _Outcome("known")

    def skipped(self, key: Key, twin: str) -> None:
        """Count a file whose content is that of another."""
        self._outcomes[key] = _Outcome("skipped")
        self._progress(f"{key[1]}: same content as {twin}, skipped")

    def refused(self, key: Key, reason: str) -> None:
        """Count a file that cannot be used."""
        self.still_refused(key, reason)
        self._progress(f"{key[1]}: refused, {reason}")

    def still_refused(self, key: Key, reason: str) -> None:
        """Count a file that could not be used before and was not looked at again."""
        self._outcomes[key] = _Outcome("refused", reason)

    def taken_out(self, name: str) -> None:
        """Count a file that is no log any more."""
        self._taken_out.append(name)
        self._progress(f"{name}: no path: of slo.yaml matches it any more, taken out")

    def result(self, irregular: Sequence[str]) -> LoadResult:
        """Return what was counted."""
        return LoadResult(
            files=[outcome.file for outcome in self._outcomes.values() if outcome.file],
            skipped=self._names("skipped"),
            refused=[
                (name, outcome.reason)
                for (_, name), outcome in self._outcomes.items()
                if outcome.came == "refused"
            ],
            known=self._names("known"),
            irregular=irregular,
            taken_out=self._taken_out,
        )

    def _names(self, came: str) -> list[str]:
        return [name for (_, name), outcome in self._outcomes.items() if outcome.came == came]
