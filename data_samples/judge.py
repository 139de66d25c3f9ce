"""Judges one objective over a list of events: whole numbers and exact decimals, never a float."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from fractions import Fraction
from typing import TypeVar

from data_samples.ledger import Event

Number = TypeVar("Number", int, Decimal)
Predicate = Callable[[Event], bool]
MICROSECONDS = {"ms": 1_000, "s": 1_000_000}


@dataclass(frozen=True)
class Result:
    """An objective as judged; `value` is exact, `good` is None where nothing can be counted."""

    objective: str
    target: str
    value: str
    verdict: str
    valid: int
    good: int | None = None

    def __str__(self) -> str:
        good = "" if self.good is None else f"{self.good:,}"
        return (
            f"| {self.objective} | {self.target} | {self.value} | {self.verdict} "
            f"| {self.valid:,} | {good} |"
        )


def verdict(met: bool) -> str:
    """Say it in the report's word."""
    return "met" if met else "**missed**"


def ratio(objective: str, events: Iterable[Event], good: Predicate, target: str) -> Result:
    """Judge the share of good events against `99.5%` (at least) or `> 99.9%`."""
    found = [good(event) for event in events]
    if not found:
        return Result(objective, target, "no data", "no_data", 0, 0)
    share = Fraction(sum(found), len(found))
    needed = percent(target)
    met = share > needed if target.startswith(">") else share >= needed
    return Result(objective, target, shown_share(share), verdict(met), len(found), sum(found))


def percent(target: str) -> Fraction:
    """Read `99.5%` or `> 99.5%`."""
    return Fraction(target.removeprefix(">").strip().removesuffix("%")) / 100


def shown_share(share: Fraction) -> str:
    """Show a share with four decimals of a percent, cut."""
    cut = share.numerator * 1_000_000 // share.denominator
    return f"{cut // 10_000}.{cut % 10_000:04d}%"


def nearest_rank(values: list[Number], rank_percent: str) -> Number:
    """Give the ceil(q n)-th smallest value."""
    rank = -(-Fraction(rank_percent) * len(values) // 100)
    return sorted(values)[rank - 1]


def percentile(name: str, values: list[int], statistic: str, target: str) -> Result:
    """Judge a percentile of microseconds against `< 5 s` or `< 300 ms`."""
    _, number, unit = target.split()
    limit = int(Fraction(number) * MICROSECONDS[unit])  # all targets are whole microseconds
    slo, bracket, row = name.partition("[")
    objective = f"{slo}.{statistic}{bracket}{row}"
    if not values:
        return Result(objective, target, "no data", "no_data", 0, 0)
    value = nearest_rank(values, statistic.removeprefix("p"))
    shown = f"{Decimal(value) / MICROSECONDS[unit]:f} {unit}"
    within = sum(each < limit for each in values)
    return Result(objective, target, shown, verdict(value < limit), len(values), within)


def money(objective: str, values: list[Decimal], statistic: str, target: str) -> Result:
    """Judge a percentile or the maximum of an amount against `< 0.05` or `<= 0.10`."""
    operator, number = target.split()
    limit = Decimal(number)
    name = f"{objective}.{statistic}"
    value = max(values) if statistic == "max" else nearest_rank(values, statistic[1:])

    def meets(amount: Decimal) -> bool:
        return amount <= limit if operator == "<=" else amount < limit

    within = sum(map(meets, values))
    return Result(name, f"{target} USD", f"{value} USD", verdict(meets(value)), len(values), within)


def by_day(events: Iterable[Event]) -> dict[date, list[Event]]:
    """Put the events to their days (UTC)."""
    found: dict[date, list[Event]] = {}
    for event in events:
        found.setdefault(event["ts"].date(), []).append(event)
    return found


def worst_reading(events: list[Event], good: Predicate, month: str) -> tuple[Fraction, date]:
    """Give the lowest share over the 30 days that end with any day of the month, and the day."""
    counts = {day: (sum(map(good, found)), len(found)) for day, found in by_day(events).items()}
    first = date.fromisoformat(f"{month}-01")
    readings: list[tuple[Fraction, date]] = []
    for offset in range(31):
        day = first + timedelta(days=offset)
        if day.month != first.month:
            break
        window = [counts.get(day - timedelta(days=back), (0, 0)) for back in range(30)]
        if valid := sum(n for _, n in window):
            readings.append((Fraction(sum(g for g, _ in window), valid), day))
    return min(readings)


def last_30_days(events: list[Event], after: datetime) -> list[Event]:
    """Give the events of the 30 x 24 h before an instant."""
    return [event for event in events if after - timedelta(days=30) <= event["ts"] < after]


def printed_share(share: Fraction) -> str:
    """Print a share as the head does: two decimals of a percent, cut."""
    exact = Decimal(share.numerator * 100) / Decimal(share.denominator)
    return f"{exact.quantize(Decimal('0.01'), ROUND_FLOOR)}%"


def printed_seconds(microseconds: int) -> str:
    """Print a time as the head does: 0.1 s steps below 10 s, then whole seconds, rounded up."""
    seconds = Decimal(microseconds) / 1_000_000
    step = Decimal("0.1") if seconds < 10 else Decimal(1)
    return f"{seconds.quantize(step, ROUND_CEILING)}s"
