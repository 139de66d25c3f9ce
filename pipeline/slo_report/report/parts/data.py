"""What the figures were made from: hours, lines, files, rules."""

from slo_report.report.parts.part import Part, Span


class Gap(Span):
    """Whole hours without any request, although some were due."""

    hours: int
    due: int
    """Requests that were due in it, rounded up."""


class Coverage(Part):
    """The hours of the month and those that are missing."""

    hours: int
    hours_with_data: int
    gaps: list[Gap]
    missing_hours: int
    missing_text: str


class Refused(Part):
    """A file that was not read, and why."""

    file: str
    reason: str


class Ledger(Part):
    """Where every line of the logs went."""

    files: int
    lines: int
    loaded: int
    quarantined: int
    duplicates: int
    outside_period: int
    blank: int
    reasons: dict[str, int]
    refused: list[Refused]
    skipped: list[str]


class ExclusionCount(Part):
    """An exclusion and how many requests it took out."""

    reason: str
    excluded: int
    rule: str
    """The rule as written: predicate, times, the SLOs it is limited to."""
    is_dated: bool = False
    """True where it is limited to a stretch of time."""


class SourceFile(Part):
    """A file that was read."""

    name: str
    sha256: str
    lines: int
    loaded: int | None = None
    """Its requests in the month; reports of older versions do not tell."""


class Provenance(Part):
    """What the figures were made from, and by which version."""

    version: str
    config_sha256: str
    files: list[SourceFile]


class DefinitionText(Part):
    """One SLO as it was measured, for the appendix."""

    slo: str
    title: str
    lines: list[str]
    """"valid: status < 500", "window: calendar month in UTC", ..."""
    null_valid: int | None = None
    """Requests for which `valid` was neither true nor false."""
    null_good: int | None = None
