"""What came of each file of one load, told as it comes."""

from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple

from slo_report.load.result import LoadResult
from slo_report.store import Store
from slo_report.wording import counted, reasons_told

Key = tuple[str, str]
"""A file: its source and its name."""


class _Outcome(NamedTuple):
    came: Literal["loaded", "known", "skipped", "refused"]
    reason: str = ""
    usable: int = 0
    quarantined: int = 0
    bad_lines: str = ""


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
        [(lines, usable, blank)] = self._store.rows(
            "SELECT lines, usable, blank FROM files WHERE file_id = $1", [file_id]
        )
        bad = lines - usable - blank
        _, name = key
        said, told = f"{name}: {counted(usable, 'request')}", ""
        if bad:
            reasons = self._store.rows(
                "SELECT reason, count(*) AS lines, min(line) FROM quarantine WHERE file_id = $1 "
                "GROUP BY reason",
                [file_id],
            )
            told = reasons_told([(why, lines, f"{name}:{first}") for why, lines, first in reasons])
            said += f", {bad:,} quarantined: {told}"
        outcome = _Outcome("loaded", "", usable, bad, told)
        if self._outcomes.get(key) != outcome:
            self._progress(said)
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
        outcomes = self._outcomes.values()
        return LoadResult(
            loaded=self._names("loaded"),
            skipped=self._names("skipped"),
            refused=[
                (name, outcome.reason)
                for (_, name), outcome in self._outcomes.items()
                if outcome.came == "refused"
            ],
            known=self._names("known"),
            irregular=irregular,
            taken_out=self._taken_out,
            usable=sum(outcome.usable for outcome in outcomes),
            quarantined=sum(outcome.quarantined for outcome in outcomes),
            bad_lines=[outcome.bad_lines for outcome in outcomes if outcome.bad_lines],
        )

    def _names(self, came: str) -> list[str]:
        return [name for (_, name), outcome in self._outcomes.items() if outcome.came == came]
