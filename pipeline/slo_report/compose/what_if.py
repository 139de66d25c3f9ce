"""Is the promise right: this month and those before it under other targets."""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from fractions import Fraction

from slo_report.compose.past import PastMonth, PastRow
from slo_report.compose.rows import target_text
from slo_report.compose.same_measure import AsMeasured
from slo_report.judge.verdicts import Verdict
from slo_report.judge.what_if import (
    LEAST_MONTHS,
    MonthFigure,
    budget_under,
    call,
    meets,
    other_targets,
    stricter,
)
from slo_report.report.document import Status
from slo_report.report.parts.row import ObjectiveRow
from slo_report.report.parts.what_if import Candidate, WhatIf
from slo_report.report.texts import exact, format_budget_percent
from slo_report.slo_yaml.definition import PolicyState
from slo_report.slo_yaml.targets import Target
from slo_report.wording import counted, out_of

MOST_ENDPOINTS = 50
"""Endpoints of one objective that are tried: those with most requests."""

Place = tuple[str, tuple[tuple[str, str], ...]]


def what_if(
    objectives: Sequence[ObjectiveRow],
    endpoints: Sequence[ObjectiveRow],
    status: Status,
    now: AsMeasured,
    past: Sequence[PastMonth],
    policy: Sequence[PolicyState],
) -> list[WhatIf]:
    """Return each objective under other targets, for everyone and then by endpoint.

    Of the months before only final ones count, and only where they counted the same.
    """
    before = _by_place(past, now)
    edges = tuple(state.from_used for state in policy if state.from_used > 0)
    rows = [*objectives, *_busiest(_apart(objectives, endpoints))]
    return [
        _under_other_targets(row, before.get(_place(row), []), status, edges)
        for row in rows
        # A limit of zero has no multiples to try.
        if (row.valid or _place(row) in before) and Decimal(row.target.value)
    ]


def _under_other_targets(
    row: ObjectiveRow, before: Sequence[MonthFigure], status: Status, edges: tuple[Decimal, ...]
) -> WhatIf:
    own = Target(row.target.op, Decimal(row.target.value), row.target.unit)
    candidates = other_targets(own)
    now = measured(row)
    months = [*before, now] if status == "final" else before
    judged = [month for month in months if meets(month, own) is not None]
    met = {target: sum(meets(month, target) is True for month in judged) for target in candidates}
    behind = stricter(own, candidates)
    kept = [target for target in candidates if judged and met[target] == len(judged)]
    return WhatIf(
        objective=row.id,
        title=row.title,
        informational=row.informational,
        scope=row.scope,
        target=row.target,
        months=len(judged),
        call=call(met[own], len(judged), None if behind is None else met[behind]),
        reason=_reason(own, behind, met, len(judged)),
        kept=target_text(kept[-1]) if kept else None,
        candidates=[
            _candidate(row, now, target, met[target], edges, is_current=target == own)
            for target in candidates
        ],
    )


def measured(row: ObjectiveRow | PastRow) -> MonthFigure:
    """Return a row as far as another target needs it.

    A value is read by its shortest decimal form: exact for times (whole microseconds), and for
    shares of fewer than 10^11 requests against any target of four decimals.
    """
    by_day = row.periods is not None and row.periods.total is not None
    return MonthFigure(
        valid=row.valid,
        good=row.good,
        value=None if row.value is None else exact(row.value),
        by_counts=row.statistic == "ratio" and not by_day,
    )


def _candidate(
    row: ObjectiveRow,
    now: MonthFigure,
    target: Target,
    months_met: int,
    edges: tuple[Decimal, ...],
    *,
    is_current: bool,
) -> Candidate:
    used: Fraction | None = None
    if row.budget is not None and row.statistic == "ratio":
        used = budget_under(now, target)
    met = meets(now, target)
    verdict: Verdict = "met" if met else "missed"
    if is_current or met is None:
        verdict = row.verdict
    return Candidate(
        target=target_text(target),
        is_current=is_current,
        verdict=verdict,
        budget_used=None if used is None else float(used),
        budget_text=None if used is None else format_budget_percent(used, edges),
        months_met=months_met,
    )


def _reason(own: Target, behind: Target | None, met: dict[Target, int], months: int) -> str:
    if months < LEAST_MONTHS:
        have = counted(months, "month") if months else "no month"
        return f"{have} to judge by, {LEAST_MONTHS} are needed"
    text = f"met in {out_of(met[own], months, 'month')}"
    if behind is None:
        return text
    return f"{text}; {target_text(behind).text} would be in {met[behind] or 'none'}"


def _by_place(past: Sequence[PastMonth], now: AsMeasured) -> dict[Place, list[MonthFigure]]:
    found: dict[Place, list[MonthFigure]] = {}
    for row in _comparable(past, now):
        found.setdefault(_place(row), []).append(measured(row))
    return found


def _comparable(past: Sequence[PastMonth], now: AsMeasured) -> Iterator[PastRow]:
    for before in past:
        report, counted = before.report, before.counted
        if report is not None and counted is not None and report.status == "final":
            for row in (*report.objectives, *report.endpoints):
                if now.alike(counted, row.slo, row.id):
                    yield row


def _place(row: ObjectiveRow | PastRow) -> Place:
    return row.id, tuple(sorted(row.scope.items()))


def _apart(
    objectives: Sequence[ObjectiveRow], endpoints: Iterable[ObjectiveRow]
) -> list[ObjectiveRow]:
    """Return the endpoints that are not all there is of an objective."""
    whole = {row.id: row.valid for row in objectives}
    return [row for row in endpoints if row.valid != whole.get(row.id)]


def _busiest(endpoints: Iterable[ObjectiveRow]) -> list[ObjectiveRow]:
    """Return the rows of each objective's busiest endpoints, in the report's order."""
    by_objective: dict[str, list[ObjectiveRow]] = {}
    for row in endpoints:
        by_objective.setdefault(row.id, []).append(row)
    kept = []
    for rows in by_objective.values():
        least = sorted((row.valid for row in rows), reverse=True)[:MOST_ENDPOINTS][-1]
        kept += [row for row in rows if row.valid >= least][:MOST_ENDPOINTS]
    return kept
