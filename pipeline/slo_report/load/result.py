"""What one load did."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class LoadResult:
    """What one load did, as names relative to slo.yaml."""

    loaded: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)
    """(name, reason)"""
    known: list[str] = field(default_factory=list)
    """Already in the store, renamed ones among them."""
    irregular: list[str] = field(default_factory=list)
    """No regular files: pipes, folders, broken links."""
    taken_out: list[str] = field(default_factory=list)
    """Loaded once, and still there, but no log by the present definition."""
    lines: int = 0
    """Lines of the files loaded now."""
    usable: int = 0
    quarantined: int = 0
    blank: int = 0
    bad_lines: list[str] = field(default_factory=list)
    """For each file loaded now that has some: why lines could not be used, in words."""

    @property
    def found_any(self) -> bool:
        """Tell whether there was any log file."""
        return bool(self.loaded or self.known or self.skipped or self.refused)
