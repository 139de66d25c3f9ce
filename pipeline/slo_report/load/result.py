"""What one load did."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class LoadResult:
    """What one load did, as names relative to slo.yaml."""

    loaded: Sequence[str] = ()
    skipped: Sequence[str] = ()
    refused: Sequence[tuple[str, str]] = ()
    """(name, reason)"""
    known: Sequence[str] = ()
    """Already in the store, renamed ones among them."""
    irregular: Sequence[str] = ()
    """No regular files: pipes, folders, broken links."""
    taken_out: Sequence[str] = ()
    """Loaded once, and still there, but no log by the present definition."""
    usable: int = 0
    """Requests of the files loaded now."""
    quarantined: int = 0
    """Lines of theirs that could not be used."""
    bad_lines: Sequence[str] = ()
    """For each file loaded now that has some: why lines could not be used, in words."""

    @property
    def found_any(self) -> bool:
        """Tell whether there was any log file."""
        return bool(self.loaded or self.known or self.skipped or self.refused)
