"""One objective over one stretch of time: the events it counts, and what they say."""

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from .definition import Slo, Statistic
from .expressions import Value
from .formulas import nearest_rank
from .log_lines import Request
from .months import Span
from .targets import Target

NOTHING = Decimal(0)


@dataclass(frozen=True)
class Event:
    """A valid request of one SLO, with what the SLO looks at; durations are in seconds."""

    request: Request
    good: bool
    value: Decimal
    addend: Decimal
    divisor: Decimal


@dataclass(frozen=True)
class Reading:
    """What a statistic says over some events; value and met are None where it says nothing."""

    valid: int
    good: int
    value: Fraction | None
    met: bool | None


def events_of(slo: Slo, requests: Iterable[Request]) -> list[Event]:
    """Return the valid events: ``valid`` is TRUE, and what is measured is there."""
    events = []
    for request in requests:
        row = request.columns
        if slo.valid is not None and not slo.valid.holds(row):
            continue
        if slo.good is not None:
            events.append(Event(request, slo.good.holds(row), NOTHING, NOTHING, NOTHING))
        elif slo.value is not None:
            value = slo.value.of(row)
            if value is not None:
                events.append(Event(request, False, _measured(slo, value), NOTHING, NOTHING))
        elif slo.sum is not None and slo.over is not None:
            addend, divisor = slo.sum.of(row), slo.over.of(row)
            if addend is not None and divisor is not None:
                events.append(Event(request, False, NOTHING, _number(addend), _number(divisor)))
    return events


def within(events: list[Event], span: Span) -> list[Event]:
    """Return the events of a half-open span; they lie in order of time."""
    first, last = (bisect_left(events, end, key=lambda event: event.request.ts_us) for end in span)
    return events[first:last]


def read(statistic: Statistic, target: Target, events: list[Event]) -> Reading:
    """Take the statistic of some events and hold it against the target."""
    if statistic == "ratio":
        return _ratio(target, events)
    if statistic == "sum_ratio":
        return _ratio_of_sums(target, events)
    return _ranked(share_of(statistic), target, [event.value for event in events])


def share_of(statistic: Statistic) -> Fraction:
    """Return q of a percentile; the maximum is the 100th."""
    return Fraction(1) if statistic == "max" else Fraction(statistic[1:]) / 100


def _ratio(target: Target, events: list[Event]) -> Reading:
    valid, good = len(events), sum(1 for event in events if event.good)
    value = Fraction(good, valid) if valid else None
    return Reading(valid, good, value, None if value is None else target.holds(value))


def _ratio_of_sums(target: Target, events: list[Event]) -> Reading:
    addends = sum((event.addend for event in events), NOTHING)
    divisors = sum((event.divisor for event in events), NOTHING)
    value = Fraction(addends) / Fraction(divisors) if divisors else None
    return Reading(len(events), 0, value, None if value is None else target.holds(value))


def _ranked(share: Fraction, target: Target, values: list[Decimal]) -> Reading:
    """Read a percentile, and check that it says the same as counting what is within the target."""
    if not values:
        return Reading(0, 0, None, None)
    good = sum(1 for value in values if target.within(value))
    value = nearest_rank(values, share)
    met = target.within(value)
    assert met == (good >= share * len(values))
    return Reading(len(values), good, Fraction(value), met)


def _measured(slo: Slo, value: Value) -> Decimal:
    """Return a value in the unit of the report: durations are microseconds until here."""
    return _number(value) if slo.unit is not None else _number(value).scaleb(-6)


def _number(value: Value) -> Decimal:
    assert isinstance(value, int | Decimal)
    return Decimal(value)
