"""What one load did."""

from collections.abc import Sequence
from dataclasses import dataclass

from slo_report.store import Store
from slo_report.wording import counted, reasons_told


@dataclass(frozen=True)
class LoadedFile:
    """What became of the lines of a file."""

    name: str
    usable: int
    """Lines that became requests."""
    quarantined: int
    """Lines that could not be used."""
    bad_lines: str
    """Why they could not, in words; empty if all could."""

    @property
    def said(self) -> str:
        """The file in a word, as the progress of a load tells it."""
        said = f"{self.name}: {counted(self.usable, 'request')}"
        return said + f", {self.quarantined:,} quarantined: {self.bad_lines}" * bool(self.bad_lines)


def loaded_file(store: Store, file_id: int, name: str) -> LoadedFile:
    """Return what became of the lines of a file that the store has, called `name`."""
    [(lines, usable, blank)] = store.rows(
        "SELECT lines, usable, blank FROM files WHERE file_id = $1", [file_id]
    )
    bad = lines - usable - blank
    if not bad:
        return LoadedFile(name, usable, 0, "")
    reasons = store.rows(
        "SELECT reason, count(*) AS lines, min(line) FROM quarantine WHERE file_id = $1 "
        "GROUP BY reason",
        [file_id],
    )
    told = reasons_told([(why, count, f"{name}:{first}") for why, count, first in reasons])
    return LoadedFile(name, usable, bad, told)


@dataclass(frozen=True)
class LoadResult:
    """What one load did, as names relative to slo.yaml."""

    files: Sequence[LoadedFile] = ()
    """Those loaded now."""
    skipped: Sequence[str] = ()
    refused: Sequence[tuple[str, str]] = ()
    """(name, reason)"""
    known: Sequence[str] = ()
    """Already in the store, renamed ones among them."""
    irregular: Sequence[str] = ()
    """No regular files: pipes, folders, broken links."""
    taken_out: Sequence[str] = ()
    """Loaded once, and still there, but no log by the present definition."""

    @property
    def loaded(self) -> list[str]:
        """The files loaded now, by name."""
        return [file.name for file in self.files]

    @property
    def usable(self) -> int:
        """Requests of the files loaded now."""
        return sum(file.usable for file in self.files)

    @property
    def quarantined(self) -> int:
        """Lines of theirs that could not be used."""
        return sum(file.quarantined for file in self.files)

    @property
    def bad_lines(self) -> list[str]:
        """For each file loaded now that has some: why lines could not be used, in words."""
        return [file.bad_lines for file in self.files if file.bad_lines]

    @property
    def found_any(self) -> bool:
        """Tell whether there was any log file."""
        return bool(self.files or self.known or self.skipped or self.refused)
