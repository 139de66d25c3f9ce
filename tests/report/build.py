"""Rows of a report from a few plain arguments."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from math import ceil

from slo_report.judge.verdicts import Verdict
from slo_report.report.parts.attribution import Incident
from slo_report.report.parts.days import BudgetPoint, BurnDown, DailySeries, DayPoint
from slo_report.report.parts.part import Span
from slo_report.report.parts.row import Budget, ObjectiveRow, Periods, TargetText
from slo_report.report.texts import (
    NO_DATA,
    format_budget_percent,
    format_target,
    measured_text,
)
from slo_report.slo_yaml.targets import Operator, Target

APRIL = Span(from_="2026-04-01T00:00:00+00:00", to="2026-05-01T00:00:00+00:00")
DAYS = 30


def target(op: Operator, value: str, unit: str = "ratio") -> Target:
    return Target(op, Decimal(value), unit)


def target_text(goal: Target) -> TargetText:
    return TargetText(op=goal.op, value=str(goal.value), unit=goal.unit, text=format_target(goal))


def incident(objective: str, **changed: object) -> Incident:
    values: dict[str, object] = {
        "number": 1, "objective": objective, "title": "release 1.43.0", "when": "Apr 8 to Apr 22",
        "from": "2026-04-08T10:00:00+00:00", "to": "2026-04-22T14:50:00+00:00",
        "marks": [{"by": "release", "key": "1.43.0"}], "is_time_bound": False,
        "symptoms": [{"by": "error_code", "key": "oom"}], "bad": 200, "valid": 4_000,
        "share_of_bad": 0.8, "share_text": "80%", "lift": 9.25, "lift_text": "9.2 times",
        "chance_text": "less than 1 in 1,000,000", "budget_used": None, "budget_text": "",
    }  # fmt: skip
    without = {"valid": 9_800, "bad": 50, "used": None, "text": "50 of 9,800 bad, met",
               "verdict": "met"}  # fmt: skip
    extra = changed.pop("without", {})
    assert isinstance(extra, dict)
    return Incident.model_validate({**values, **changed, "without": {**without, **extra}})


def judged(value: Fraction | None, goal: Target) -> Verdict:
    if value is None:
        return "no_data"
    return "met" if goal.passes(value) else "missed"


def ratio_row(
    row_id: str,
    title: str,
    goal: Target,
    good: int,
    valid: int,
    /,
    *,
    budget: bool = True,
    verdict: Verdict | None = None,
    **more: object,
) -> ObjectiveRow:
    value = Fraction(good, valid) if valid else None
    verdict = verdict or judged(value, goal)
    slo = row_id.split("[", maxsplit=1)[0].split(".", maxsplit=1)[0]
    fields: dict[str, object] = {
        "id": row_id, "slo": slo, "title": title, "statistic": "ratio", "scope": {},
        "target": target_text(goal), "value": None if value is None else float(value),
        "text": measured_text(value, goal, verdict), "verdict": verdict, "informational": False,
        "optional": False, "valid": valid, "good": good, "bad": valid - good,
        "needed_good": ceil(goal.value * valid), "interval": (0.99, 1.0) if valid else None,
        "interval_text": "99.50% to 99.71%" if valid else None, "window": APRIL,
        "window_text": "April 2026", "few_events": (1 - goal.value) * valid < 1,
        "budget": budget_of(goal, valid - good, valid) if budget else None,
    }  # fmt: skip
    return ObjectiveRow.model_validate({**fields, **more})


def percentile_row(
    row_id: str,
    title: str,
    goal: Target,
    value: str | None,
    valid: int,
    /,
    verdict: Verdict | None = None,
    **more: object,
) -> ObjectiveRow:
    exact = None if value is None else Fraction(value)
    verdict = verdict or judged(exact, goal)
    slo, _, statistic = row_id.split("[", maxsplit=1)[0].partition(".")
    share = Fraction(Decimal(statistic[1:])) / 100 if statistic[1:].isdecimal() else Fraction(1)
    good = valid - valid // 150 if verdict == "met" else valid - valid // 40
    fields: dict[str, object] = {
        "id": row_id, "slo": slo, "title": title, "statistic": statistic, "scope": {},
        "target": target_text(goal), "value": None if exact is None else float(exact),
        "text": measured_text(exact, goal, verdict), "verdict": verdict, "informational": False,
        "optional": False, "valid": valid, "good": good, "bad": valid - good,
        "needed_good": ceil(share * valid), "window": APRIL, "window_text": "April 2026",
    }  # fmt: skip
    return ObjectiveRow.model_validate({**fields, **more})


def budget_of(goal: Target, bad: int, valid: int) -> Budget:
    allowed = (1 - Fraction(goal.value)) * valid
    used = bad / allowed if allowed else None
    minutes = (1 - Fraction(goal.value)) * DAYS * 24 * 60
    state = "healthy" if used is None or used < Fraction(1, 2) else "slow down"
    return Budget(
        allowed=float(allowed), used_events=bad, used=None if used is None else float(used),
        text=format_budget_percent(used), minutes=float(minutes),
        state="exhausted" if used is not None and used >= 1 else state,
        minutes_used=None if used is None else float(used * minutes),
    )  # fmt: skip


def day_series(
    row: ObjectiveRow,
    values: Sequence[tuple[int, Fraction | None]],
    scope: Mapping[str, str] | None = None,
) -> DailySeries:
    """Return a row's days from (valid events, value); a day without events has no value."""
    goal = Target(row.target.op, Decimal(row.target.value), row.target.unit)
    points = []
    for offset, (valid, value) in enumerate(values):
        verdict = judged(value, goal)
        text = NO_DATA if value is None else measured_text(value, goal, verdict)
        on = (date(2026, 4, 1) + timedelta(days=offset)).isoformat()
        points.append(DayPoint.model_validate({
            "on": on, "valid": valid, "text": text, "verdict": verdict,
            "good": round(value * valid) if value is not None and goal.unit == "ratio" else None,
            "value": None if value is None else float(value),
        }))  # fmt: skip
    return DailySeries(
        objective=row.id, scope=dict(row.scope if scope is None else scope), days=points
    )


def burn_of(row: ObjectiveRow, bad_per_day: Sequence[int]) -> BurnDown:
    allowed = row.budget.allowed if row.budget else 1.0
    total, points = 0, []
    for offset, bad in enumerate(bad_per_day):
        total += bad
        at = f"{date(2026, 4, 1) + timedelta(days=offset + 1)}T00:00:00+00:00"
        points.append(BudgetPoint(at=at, bad=total, used=total / allowed))
    return BurnDown(objective=row.id, points=points)


def day_periods(met: int, total: int, worst: str, worst_on: str, month: str) -> Periods:
    return Periods(
        met=met, total=total, worst=float(worst.rstrip("%")) / 100, worst_text=worst,
        worst_on=worst_on, month_value=float(month.rstrip("%")) / 100, month_text=month,
    )  # fmt: skip
