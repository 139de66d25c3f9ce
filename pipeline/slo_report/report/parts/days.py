"""The month day by day."""

from slo_report.judge.verdicts import Verdict
from slo_report.report.parts.part import Part, Scope


class DayPoint(Part):
    """One day of one objective."""

    on: str
    valid: int
    good: int | None
    value: float | None
    text: str
    verdict: Verdict


class DailySeries(Part):
    """One objective, day by day of the month in the report's zone."""

    objective: str
    scope: Scope
    days: list[DayPoint]


class BudgetPoint(Part):
    """How far a budget was used by an instant."""

    at: str
    bad: int
    """Bad events since the month's start."""
    used: float
    """Share of the month's budget gone by then."""


class BurnDown(Part):
    """One error budget over the month."""

    objective: str
    points: list[BudgetPoint]
