"""One row of the report: an objective, for everyone or for one value of a breakdown."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from slo_report.judge.budget import ErrorBudget, error_budget, wilson_interval
from slo_report.judge.compliance import Figure, Figures, Key
from slo_report.judge.periods import PeriodFigures, judged
from slo_report.judge.unmeasured import PossibleRange, possible_range
from slo_report.judge.verdicts import Verdict
from slo_report.months import day_text
from slo_report.report.parts.part import Scope, Span
from slo_report.report.parts.row import (
    Budget,
    ObjectiveRow,
    Periods,
    Reading,
    Seen,
    TargetText,
    Unmeasured,
)
from slo_report.report.texts import (
    format_budget_percent,
    format_ratio,
    format_target,
    measured_text,
)
from slo_report.rollup.measures import Question
from slo_report.rollup.windows import Windows
from slo_report.slo_yaml.definition import RESERVED, PolicyState, Window
from slo_report.slo_yaml.targets import Target


@dataclass(frozen=True)
class Frame:
    """What every row of a report shares."""

    windows: Windows
    policy: Sequence[PolicyState]

    @property
    def state_edges(self) -> tuple[Decimal, ...]:
        """The used shares at which a policy state begins."""
        return tuple(state.from_used for state in self.policy if state.from_used > 0)

    def instant(self, instant_us: int) -> str:
        """Return an instant in ISO 8601 with the report zone's offset."""
        return self.windows.month.local(instant_us).isoformat()


def objective_row(
    frame: Frame,
    question: Question,
    figures: Figures,
    key: Key,
    scope: Scope,
    *,
    seen: Figure | None = None,
    unmeasured: int | None = None,
) -> ObjectiveRow:
    """Return the finished row of one question for one key.

    `seen` is the figure with nothing excluded; `unmeasured` counts lines that may be events.
    """
    figure, periods = judged(figures, question, key, frame.windows)
    objective, target = question.objective, question.target
    verdict = verdict_of(question, figure)
    window = frame.windows.judged(question.measure.slo)
    is_ratio = objective.statistic == "ratio" and figure.valid > 0 and figure.good is not None
    interval = wilson_interval(figure.good or 0, figure.valid) if is_ratio else None
    budget = error_budget(question, figure, window.to_us - window.from_us, frame.policy)
    shown = _periods(question, periods)
    by_day = question.measure.slo.window.kind == "day"
    possible = (
        possible_range(question, figure, unmeasured)
        if unmeasured is not None and not by_day
        else None
    )
    return ObjectiveRow(
        id=objective.id,
        slo=objective.slo,
        title=objective.title,
        statistic=objective.statistic,
        scope=scope,
        target=target_text(target),
        value=as_number(figure.value),
        text=measured_text(figure.value, target, verdict),
        verdict=verdict,
        informational=objective.informational,
        optional=objective.optional,
        contract_target=question.customer is not None and objective.slo != RESERVED,
        valid=figure.valid,
        good=figure.good,
        bad=figure.bad,
        needed_good=figure.needed_good,
        interval=interval,
        interval_text=_interval_text(interval),
        few_events=budget is not None and figure.valid > 0 and budget.few_events,
        budget=None if budget is None else _budget(frame, budget),
        periods=shown,
        month_value=None if shown is None else shown.month_value,
        worst_reading=None if shown is None else shown.worst_reading,
        window=Span(from_=frame.instant(window.from_us), to=frame.instant(window.to_us)),
        window_text=_window_text(question.measure.slo.window, frame.windows),
        as_seen=None if seen is None else _seen(question, seen),
        unmeasured=None if possible is None else _unmeasured(possible),
    )


def verdict_of(question: Question, figure: Figure) -> Verdict:
    """Return the verdict: an optional objective that nothing used is not in use."""
    if question.objective.optional and figure.valid == 0:
        return "not_in_use"
    return figure.verdict


def target_text(target: Target) -> TargetText:
    """Return a target with its exact value and its print."""
    value = format(target.value.normalize(), "f")
    return TargetText(op=target.op, value=value, unit=target.unit, text=format_target(target))


def as_number(value: Fraction | None) -> float | None:
    """Return the nearest float, for JSON alone."""
    return None if value is None else float(value)


def _budget(frame: Frame, budget: ErrorBudget) -> Budget:
    return Budget(
        allowed=float(budget.allowed),
        used_events=budget.used_events,
        used=as_number(budget.used),
        text=format_budget_percent(budget.used, frame.state_edges),
        state=budget.state,
        minutes=float(budget.minutes),
        minutes_used=as_number(budget.minutes_used),
    )


def _periods(question: Question, periods: PeriodFigures | None) -> Periods | None:
    if periods is None:
        return None
    target = question.target
    reading = None
    if periods.worst_reading is not None and periods.worst_reading_on is not None:
        reading = Reading(
            value=as_number(periods.worst_reading),
            text=plain_text(periods.worst_reading, target),
            on=periods.worst_reading_on,
        )
    month = periods.month
    return Periods(
        met=periods.met,
        total=periods.total,
        worst=as_number(periods.worst),
        worst_text=None if periods.worst is None else plain_text(periods.worst, target),
        worst_on=periods.worst_on,
        month_value=None if month is None else as_number(month.value),
        month_text=None
        if month is None or month.value is None
        else plain_text(month.value, target),
        worst_reading=reading,
    )


def plain_text(value: Fraction | None, target: Target) -> str:
    """Return a value against a target, told apart by its own comparison."""
    if value is None:
        return measured_text(None, target, "no_data")
    return measured_text(value, target, "met" if target.passes(value) else "missed")


def _interval_text(interval: tuple[float, float] | None) -> str | None:
    if interval is None:
        return None
    low, high = (Fraction(repr(edge)) for edge in interval)
    return f"{format_ratio(low)} to {format_ratio(high, up=True)}"


def _seen(question: Question, seen: Figure) -> Seen:
    return Seen(
        value=as_number(seen.value),
        text=measured_text(seen.value, question.target, verdict_of(question, seen)),
        verdict=verdict_of(question, seen),
        valid=seen.valid,
        good=seen.good,
        bad=seen.bad,
    )


def _unmeasured(possible: PossibleRange) -> Unmeasured:
    return Unmeasured(
        lines=possible.lines,
        low=float(possible.low),
        low_text=format_ratio(possible.low),
        high=float(possible.high),
        high_text=format_ratio(possible.high),
        verdict_holds=possible.verdict_holds,
    )


def _window_text(window: Window, windows: Windows) -> str:
    month = windows.month.title
    if window.kind == "day":
        return f"each day of {month}"
    if window.days is not None:
        return f"{window.days} days to {day_text(windows.days[-1].date)}"
    return month
