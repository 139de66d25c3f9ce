"""A row of the report: one objective in one scope, with its verdict, budget and periods."""

from dataclasses import dataclass
from fractions import Fraction
from zoneinfo import ZoneInfo

from .definition import EachRow, Slo, Statistic
from .expressions import Value
from .formulas import allowed_bad, budget_state, budget_used, wilson_interval
from .months import day_spans, window_days
from .readings import Event, Reading, read, share_of, within
from .targets import Target, TargetSpec, parse_target
from .windows import Periods, Worst, daily_periods, objective_span, worst_rolling


@dataclass(frozen=True)
class Objective:
    """One promise: an SLO, a row of its ``each``, a statistic and the target in force."""

    id: str
    slo: Slo
    row: EachRow
    statistic: Statistic
    spec: TargetSpec

    def target(self, month: str, spec: TargetSpec | None = None) -> Target:
        """Return the target of the month, of the objective or of a customer's own spec."""
        return parse_target((spec or self.spec).in_force(month), self.slo.unit or "ratio")


@dataclass(frozen=True)
class Budget:
    """``budget`` in report.json; the minutes are None for ``window: day``."""

    allowed: Fraction
    used_events: int
    used: Fraction | None
    state: str
    minutes: Fraction | None


@dataclass(frozen=True)
class ExpectedRow:
    """What the report must say in one row."""

    id: str
    slo: str
    statistic: Statistic
    target: Target
    verdict: str
    informational: bool
    optional: bool
    valid: int
    good: int | None
    bad: int | None
    value: Fraction | None
    interval: tuple[float, float] | None
    budget: Budget | None
    few_events: bool
    periods: Periods | None
    month_value: Fraction | None
    worst_reading: Worst | None
    contract_target: bool = False


def objective_id(slo: Slo, row: EachRow, statistic: Statistic, texts: set[str]) -> str:
    """Return "latency.p95[POST /v1/extract,warm,ai=false]"; ``texts`` are the text columns."""
    name = slo.id if statistic in ("ratio", "sum_ratio") else f"{slo.id}.{statistic}"
    if not row.choices:
        return name
    parts = []
    for column, values in row.choices.items():
        joined = "|".join(map(as_written, values))
        parts.append(joined if column in texts else f"{column}={joined}")
    return f"{name}[{row.title or ','.join(parts)}]"


def as_written(value: Value) -> str:
    """Return a chosen value as slo.yaml writes it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def judged_row(
    objective: Objective,
    events: list[Event],
    month: str,
    zone: ZoneInfo,
    contract: TargetSpec | None = None,
) -> ExpectedRow:
    """Judge an objective over the events of a scope, of whatever time."""
    slo, statistic = objective.slo, objective.statistic
    target, days = objective.target(month, contract), day_spans(month, zone)
    span = objective_span(slo, month, zone)
    reading = read(statistic, target, within(events, span))
    periods, worst_reading, value, met = None, None, reading.value, reading.met
    if slo.window == "day":
        periods = daily_periods(statistic, target, events, days)
        value = periods.worst.value if periods.worst else None
        met = periods.all_met if periods.worst else None
    elif window_days(slo.window) is not None:
        worst_reading = worst_rolling(slo, statistic, target, events, days)
    minutes = None if slo.window == "day" else Fraction(span[1] - span[0], 60 * 10**6)
    budget = _budget(objective, target, reading, minutes)
    is_sum = statistic == "sum_ratio"
    return ExpectedRow(
        id=objective.id,
        slo=slo.id,
        statistic=statistic,
        target=target,
        verdict=_verdict(met, reading.valid, optional=slo.optional),
        informational=slo.informational or objective.spec.informational,
        optional=slo.optional,
        valid=reading.valid,
        good=None if is_sum else reading.good,
        bad=None if is_sum else reading.valid - reading.good,
        value=value,
        interval=_interval(statistic, reading),
        budget=budget,
        few_events=budget is not None and budget.allowed < 1,
        periods=periods,
        month_value=reading.value if slo.window == "day" else None,
        worst_reading=worst_reading,
        contract_target=contract is not None,
    )


def _verdict(met: bool | None, valid: int, *, optional: bool) -> str:
    if met is None:
        return "not_in_use" if optional and not valid else "no_data"
    return "met" if met else "missed"


def _interval(statistic: Statistic, reading: Reading) -> tuple[float, float] | None:
    if statistic != "ratio" or not reading.valid:
        return None
    return wilson_interval(reading.good, reading.valid)


def _budget(
    objective: Objective, target: Target, reading: Reading, window_minutes: Fraction | None
) -> Budget | None:
    """Return the budget of a ratio (unless ``budget: false``) or of a percentile that asks."""
    if objective.statistic == "ratio" and objective.slo.budget:
        ratio = target.value
    elif objective.statistic.startswith("p") and objective.spec.budget:
        ratio = share_of(objective.statistic)
    else:
        return None
    bad, allowed = reading.valid - reading.good, allowed_bad(ratio, reading.valid)
    minutes = None if window_minutes is None else (1 - ratio) * window_minutes
    return Budget(allowed, bad, budget_used(bad, allowed), budget_state(bad, allowed), minutes)
