"""What charts are drawn from: objectives day by day, and budgets burning down."""

from collections.abc import Iterable, Sequence

from slo_report.compose.rows import Frame, as_number, plain_text, verdict_of
from slo_report.judge.compliance import Figures, Key
from slo_report.months import HOUR_US
from slo_report.report.parts.days import BudgetPoint, BurnDown, DailySeries, DayPoint
from slo_report.report.parts.part import Scope, Span
from slo_report.report.parts.row import ObjectiveRow
from slo_report.rollup.breakdown import DAILY_BY_COLUMN, is_shown_daily
from slo_report.rollup.measures import Question
from slo_report.rollup.roll_up import RollUp

MOST_DAILY = 40
"""Keys of a breakdown that are shown day by day; more would be no picture."""


def scope_of(column: str, key: Key) -> Scope:
    """Return the scope of a breakdown row; requests without a value are a group of their own."""
    return {column: f"(no {column})" if key is None else key}


def every_daily(frame: Frame, rolled: RollUp, questions: Iterable[Question]) -> list[DailySeries]:
    """Return the days of each of `questions`, and those of ratios by the busiest endpoints."""
    figures = Figures.of(rolled.whole)
    series = [daily_series(frame, question, figures, None, {}) for question in questions]
    scoped = rolled.by_column.get(DAILY_BY_COLUMN)
    if scoped is None:
        return series
    by_key = Figures.of(scoped)
    for question in scoped.questions:
        if is_shown_daily(question, DAILY_BY_COLUMN):
            series += [
                daily_series(frame, question, by_key, key, scope_of(DAILY_BY_COLUMN, key))
                for key in _busiest(frame, by_key, question)
            ]
    return series


def _busiest(frame: Frame, figures: Figures, question: Question) -> list[Key]:
    """Return the keys with most valid events, in text order."""
    span = frame.windows.judged(question.measure.slo).name
    keys = figures.keys(question, span)
    busiest = sorted(keys, key=lambda key: -figures.at(question, key, span).valid)[:MOST_DAILY]
    return [key for key in keys if key in busiest]


def daily_series(
    frame: Frame, question: Question, figures: Figures, key: Key, scope: Scope
) -> DailySeries:
    """Return one objective over the local days of the month, days without events among them."""
    points = []
    for span in frame.windows.day_spans:
        day = figures.at(question, key, span.name)
        points.append(
            DayPoint(
                on=span.name,
                valid=day.valid,
                good=day.good,
                value=as_number(day.value),
                text=plain_text(day.value, question.target),
                verdict=verdict_of(question, day),
            )
        )
    return DailySeries(objective=question.objective.id, scope=scope, days=points)


def burn_downs(frame: Frame, rolled: RollUp, rows: Sequence[ObjectiveRow]) -> list[BurnDown]:
    """Return, for each objective with a budget for the month, the bad events hour by hour."""
    month = Span(
        from_=frame.instant(frame.windows.span.from_us), to=frame.instant(frame.windows.span.to_us)
    )
    months = {
        row.id: row
        for row in rows
        if row.budget is not None and row.budget.allowed and row.window == month
    }
    bad_by_hour: dict[str, list[tuple[int, int]]] = {}
    for question, hour, bad in rolled.hourly_bad.select("question", "hour", "bad").iter_rows():
        bad_by_hour.setdefault(question, []).append((hour, bad))
    return [
        BurnDown(objective=row.id, points=_points(frame, row, bad_by_hour.get(row.id, [])))
        for row in months.values()
    ]


def _points(frame: Frame, row: ObjectiveRow, hours: Sequence[tuple[int, int]]) -> list[BudgetPoint]:
    month = frame.windows.month
    allowed = row.budget.allowed if row.budget is not None else 0
    points = [BudgetPoint(at=frame.instant(month.from_us), bad=0, used=0.0)]
    total = 0
    for hour, bad in sorted(hours):
        total += bad
        end_us = min(month.from_us + (hour + 1) * HOUR_US, month.to_us)
        points.append(BudgetPoint(at=frame.instant(end_us), bad=total, used=total / allowed))
    if points[-1].at != frame.instant(frame.windows.days[-1].to_us):
        end = frame.instant(frame.windows.days[-1].to_us)
        points.append(BudgetPoint(at=end, bad=total, used=total / allowed))
    return points
