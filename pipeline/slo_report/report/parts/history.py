"""The pattern: the same objectives in the months up to this one."""

from typing import Literal

from slo_report.judge.verdicts import Verdict
from slo_report.report.parts.part import Part
from slo_report.report.parts.row import TargetText

MonthState = Literal["final", "provisional", "incomplete", "no_report", "unreadable"]


class HistoryMonth(Part):
    """A month, and whether its figures stand."""

    month: str
    month_text: str
    """Apr 2026."""
    state: MonthState
    """`unreadable`: a report lies there, but not one of this schema."""
    edition: int | None = None
    config_sha256: str | None = None
    config_changed: bool | None = None
    """True where the whole definition was another one than this month's."""


class HistoryCell(Part):
    """One objective in one month, as that month's own report has it."""

    month: str
    value: float | None
    text: str
    verdict: Verdict
    target: TargetText
    valid: int
    good: int | None
    budget_used: float | None
    budget_text: str | None
    target_changed: bool
    """True where it was judged against another target than this month's."""
    definition_changed: bool
    """True where what was counted was defined otherwise."""
    reading_changed: bool = False
    """True where the logs were read otherwise: fields, units, defaults, endpoint templates.

    False too where that month's report does not tell how they were read.
    """


class ObjectiveHistory(Part):
    """One objective of this month over the months."""

    objective: str
    title: str
    informational: bool
    cells: list[HistoryCell | None]
    """One a month of `History.months`; null where its report does not have the objective."""
    judged: int
    """Months with a final verdict, met or missed; this month counts whatever its status is."""
    missed: int
    pattern: str | None
    """For an objective that was missed: "third miss in four months"."""


class History(Part):
    """The twelve months that end with this one."""

    months: list[HistoryMonth]
    """Oldest first."""
    objectives: list[ObjectiveHistory]
