"""The editions of a published month: why there is another one, and what it changed."""

from typing import Literal

from slo_report.report.parts.part import Part, Scope

ReasonKind = Literal[
    "definition", "late", "changed", "gone", "refused", "mended", "notes", "version", "requests"
]


class Reason(Part):
    """One thing that is not as it was when the edition before was made."""

    kind: ReasonKind
    text: str
    """The file, the SLOs, the versions, the number of requests: what the kind is about."""


class EditionEntry(Part):
    """One edition in the month's history."""

    edition: int
    reasons: list[Reason]
    """Empty for the first."""


class FigureChange(Part):
    """One figure as the edition before had it and as it is now; null where there was none."""

    objective: str
    """The objective's id; "" for what is of the month itself: its status, its hours, its lines."""
    title: str
    scope: Scope
    before: str | None
    now: str | None
    verdict_before: str | None = None
    verdict: str | None = None
    valid_before: int | None = None
    valid: int | None = None


class Changes(Part):
    """What an edition changed against the one before it."""

    since: int
    reasons: list[Reason]
    figures: list[FigureChange]
    """Changed verdicts first."""
    more: int
    """Changed figures that are not listed."""
