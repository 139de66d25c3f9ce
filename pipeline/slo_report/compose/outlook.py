"""The outlook of a month that still runs: each budget carried on at the rate it had."""

from collections.abc import Sequence
from datetime import datetime
from fractions import Fraction

from slo_report.compose.rows import Frame, as_number
from slo_report.judge.budget import ErrorBudget, error_budget
from slo_report.judge.compliance import Figures
from slo_report.judge.outlook import Traffic, exhausted_on, exhausted_since, month_traffic
from slo_report.judge.periods import judged
from slo_report.months import day_text
from slo_report.report.parts.outlook import BudgetOutlook, Outlook
from slo_report.report.parts.row import ObjectiveRow
from slo_report.report.texts import format_budget_percent, format_ratio
from slo_report.rollup.measures import Question
from slo_report.rollup.roll_up import RollUp

ROLLING = "A rolling window: it does not end with the month."


def outlook(
    frame: Frame, rolled: RollUp, rows: Sequence[ObjectiveRow], now: datetime
) -> Outlook | None:
    """Return where the budgets of `rows` are heading; None for a month that is over."""
    month = frame.windows.month
    requests = dict(rolled.hourly.select("hour", "requests").iter_rows())
    traffic = month_traffic(requests, month, now)
    if traffic.now_us >= month.to_us:
        return None
    figures = Figures.of(rolled.whole)
    shown = {row.id for row in rows if row.budget is not None and row.valid}
    bad_by_hour: dict[str, list[tuple[int, int]]] = {}
    for asked, hour, bad in rolled.hourly_bad.select("question", "hour", "bad").iter_rows():
        bad_by_hour.setdefault(asked, []).append((hour, bad))
    budgets = []
    for question in rolled.whole.questions:
        if question.objective.id not in shown:
            continue
        window = frame.windows.judged(question.measure.slo)
        figure, _ = judged(figures, question, None, frame.windows)
        budget = error_budget(question, figure, window.to_us - window.from_us, frame.policy)
        if budget is not None:
            hours = bad_by_hour.get(question.id, [])
            budgets.append(_budget(frame, question, budget, traffic, hours))
    return Outlook(
        at=frame.instant(traffic.now_us),
        data_until=frame.instant(traffic.until_us),
        by=traffic.by,
        share_of_requests=float(traffic.share_seen),
        share_of_requests_text=format_ratio(traffic.share_seen),
        budgets=budgets,
    )


def _budget(
    frame: Frame,
    question: Question,
    budget: ErrorBudget,
    traffic: Traffic,
    bad_by_hour: Sequence[tuple[int, int]],
) -> BudgetOutlook:
    is_rolling = question.measure.slo.window.kind == "days"
    since = on = of_month = None
    if not is_rolling:
        month, now_us = frame.windows.month, traffic.now_us
        since = exhausted_since(bad_by_hour, budget.allowed, month, now_us)
        on = exhausted_on(budget.used, traffic)
        of_month = None if budget.used is None else budget.used * traffic.share_seen
    used_text = _used_text(frame, budget.used, budget.used_events)
    of_month_text = None if of_month is None else _used_text(frame, of_month, 0)
    return BudgetOutlook(
        objective=question.objective.id,
        title=question.objective.title,
        used=as_number(budget.used),
        used_text=used_text,
        state=budget.state,
        used_of_month=as_number(of_month),
        used_of_month_text=of_month_text,
        exhausted_since=None if since is None else frame.instant(since),
        exhausted_on=None if on is None else frame.instant(on),
        text=ROLLING if is_rolling else _sentence(frame, budget, of_month, since, on),
    )


def _sentence(
    frame: Frame,
    budget: ErrorBudget,
    of_month: Fraction | None,
    since: int | None,
    on: int | None,
) -> str:
    """Return what is foreseen of a budget of the calendar month."""
    if not budget.used_events:
        return "Nothing was bad, so at this rate it is never used up."
    if budget.used is None:
        when = "" if since is None else f" since {_when(frame, since)}"
        return f"Nothing is allowed; exhausted{when}."
    at_end = f"at this rate {_used_text(frame, budget.used, 0)} is used by the month's end"
    if since is None:
        return f"{at_end.capitalize()}."
    gone = f"What the traffic so far allows is used up since {_when(frame, since)}"
    if on is not None:
        return f"{gone}; at this rate the whole month's is on {_when(frame, on)}."
    if of_month is not None and of_month >= 1:
        return f"{gone}, and so is all that the whole month is expected to allow."
    return f"{gone}; {at_end}."


def _used_text(frame: Frame, used: Fraction | None, used_events: int) -> str:
    if used is None:
        return "exhausted" if used_events else "untouched"
    edges = tuple(state.from_used for state in frame.policy if state.from_used > 0)
    return format_budget_percent(used, edges)


def _when(frame: Frame, instant_us: int) -> str:
    local = frame.windows.month.local(instant_us)
    return f"{day_text(local.date())}, {local:%H:%M}"
