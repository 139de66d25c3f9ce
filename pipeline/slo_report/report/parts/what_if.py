"""Is the promise right: the same figures under other targets."""

from typing import Literal

from slo_report.judge.verdicts import Verdict
from slo_report.report.parts.part import Part, Scope
from slo_report.report.parts.row import TargetText

Call = Literal["easy", "achievable", "out of reach", "too early to say"]


class Candidate(Part):
    """One target that the objective could have."""

    target: TargetText
    is_current: bool
    verdict: Verdict
    """Of this month."""
    budget_used: float | None
    """Share of this month's budget that would be gone; null without a budget."""
    budget_text: str | None
    months_met: int
    """Of the months in `WhatIf.months`."""


class WhatIf(Part):
    """One objective, for everyone or for one endpoint, under other targets."""

    objective: str
    title: str
    informational: bool
    scope: Scope
    target: TargetText
    months: int
    """Final months with events, measured by this month's definition; this one among them."""
    call: Call
    """What the months say of the present target."""
    reason: str
    kept: TargetText | None
    """The strictest candidate that every one of the months would have met."""
    candidates: list[Candidate]
    """Loosest first."""
