"""The windows of an objective: the whole month, the n days that end with it, each local day."""

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from zoneinfo import ZoneInfo

from .definition import Slo, Statistic
from .months import Span, month_span, span_ending, window_days
from .readings import Event, Reading, read, within
from .targets import Target

DaySpan = tuple[date, Span]


@dataclass(frozen=True)
class Worst:
    """The worst of several readings, and every day that it was read on (ties are possible)."""

    value: Fraction
    days: tuple[date, ...]


@dataclass(frozen=True)
class Periods:
    """The days of ``window: day``."""

    met: int
    total: int
    worst: Worst | None
    all_met: bool


def objective_span(slo: Slo, month: str, zone: ZoneInfo) -> Span:
    """Return the span whose events an objective counts."""
    days = window_days(slo.window)
    start_us, end_us = month_span(month, zone)
    return (start_us, end_us) if days is None else span_ending(end_us, days)


def daily_periods(
    statistic: Statistic, target: Target, events: list[Event], days: list[DaySpan]
) -> Periods:
    """Judge each local day; days without valid events are not counted."""
    readings = [(day, read(statistic, target, within(events, span))) for day, span in days]
    with_data = [reading for _, reading in readings if reading.valid]
    met = sum(1 for reading in with_data if reading.met)
    return Periods(met, len(with_data), worst_of(target, readings), met == len(with_data))


def worst_rolling(
    slo: Slo, statistic: Statistic, target: Target, events: list[Event], days: list[DaySpan]
) -> Worst | None:
    """Read an n-day window at the end of every local day and return the worst reading."""
    length = window_days(slo.window)
    assert length is not None
    readings = [
        (day, read(statistic, target, within(events, span_ending(end_us, length))))
        for day, (_, end_us) in days
    ]
    return worst_of(target, readings)


def worst_of(target: Target, readings: list[tuple[date, Reading]]) -> Worst | None:
    """Return the worst reading: the lowest of an "at least", else the highest."""
    values = [reading.value for _, reading in readings if reading.value is not None]
    if not values:
        return None
    worst = min(values) if target.op in (">=", ">") else max(values)
    return Worst(worst, tuple(day for day, reading in readings if reading.value == worst))
