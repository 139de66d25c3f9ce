"""Comparing one row: verdicts and counts exactly, printed numbers to the last bits of a double."""

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from .rows import Budget, ExpectedRow
from .windows import Periods, Worst

Json = dict[str, Any]
RELATIVE = 1e-12
ABSOLUTE_OF_INTERVALS = 1e-12
"""The lower end of an interval may be 0, where a double keeps some 1e-17 of the subtraction."""
EXACT = ("slo", "statistic", "verdict", "informational", "optional", "valid", "good", "bad")


def row_differences(actual: Json, expected: ExpectedRow) -> Iterator[str]:
    """Yield each figure of a row that is not the expected one."""
    for name in EXACT:
        if actual.get(name) != getattr(expected, name):
            yield _difference(name, actual.get(name), getattr(expected, name))
    yield from _target(actual["target"], expected)
    yield from _number("value", actual.get("value"), expected.value)
    yield from _number("month_value", actual.get("month_value"), expected.month_value)
    yield from _interval(actual.get("interval"), expected.interval)
    yield from _budget(actual.get("budget"), expected.budget, expected.valid)
    yield from _periods(actual.get("periods"), expected.periods)
    yield from _worst_reading(actual.get("worst_reading"), expected.worst_reading)
    if bool(actual.get("contract_target")) != expected.contract_target:
        yield _difference("contract_target", actual.get("contract_target"), None)
    if expected.valid and bool(actual.get("few_events")) != expected.few_events:
        yield _difference("few_events", actual.get("few_events"), expected.few_events)


def decimal_text(value: Fraction) -> str:
    """Write a fraction as the decimal string of report.json, without trailing zeros."""
    places = next(n for n in range(40) if (value * 10**n).denominator == 1)
    digits = f"{abs(value.numerator) * 10**places // value.denominator:0{places + 1}}"
    sign = "-" if value < 0 else ""
    return sign + (f"{digits[:-places]}.{digits[-places:]}" if places else digits)


def _target(actual: Json, expected: ExpectedRow) -> Iterator[str]:
    target = expected.target
    wanted = {"op": target.op, "value": decimal_text(target.value), "unit": target.unit}
    found = {name: actual.get(name) for name in wanted}
    if found != wanted:
        yield _difference("target", found, wanted)


def _interval(actual: Any, expected: tuple[float, float] | None) -> Iterator[str]:
    if actual is None or expected is None:
        if actual is not expected:
            yield _difference("interval", actual, expected)
        return
    pairs = zip(actual, expected, strict=True)
    if any(abs(found - wanted) > ABSOLUTE_OF_INTERVALS for found, wanted in pairs):
        yield _difference("interval", actual, expected)


def _budget(actual: Json | None, expected: Budget | None, valid: int) -> Iterator[str]:
    if not valid and expected is not None:
        return  # without events there is no budget to speak of: null and zeros are both fine
    if actual is None or expected is None:
        if actual is not None or expected is not None:
            yield _difference("budget", actual, expected)
        return
    yield from _number("budget.allowed", actual.get("allowed"), expected.allowed)
    yield from _number("budget.used", actual.get("used"), expected.used)
    for name in ("used_events", "state"):
        if actual.get(name) != getattr(expected, name):
            yield _difference(f"budget.{name}", actual.get(name), getattr(expected, name))
    if expected.minutes is None:  # of ``window: day``, where the contract says nothing
        return
    used = None if expected.used is None else expected.used * expected.minutes
    yield from _number("budget.minutes", actual.get("minutes"), expected.minutes)
    yield from _number("budget.minutes_used", actual.get("minutes_used"), used)


def _periods(actual: Json | None, expected: Periods | None) -> Iterator[str]:
    if actual is None or expected is None:
        # Of a rolling window `periods` may hold its worst reading again, but no days.
        if (actual or {}).get("total") is not None or expected is not None:
            yield _difference("periods", actual, expected)
        return
    for name in ("met", "total"):
        if actual.get(name) != getattr(expected, name):
            yield _difference(f"periods.{name}", actual.get(name), getattr(expected, name))
    yield from _worst("periods.worst", actual.get("worst"), actual.get("worst_on"), expected.worst)


def _worst_reading(actual: Json | None, expected: Worst | None) -> Iterator[str]:
    found = actual or {}
    yield from _worst("worst_reading", found.get("value"), found.get("on"), expected)


def _worst(name: str, value: Any, on: Any, expected: Worst | None) -> Iterator[str]:
    """Compare a worst value, and its day: any of those that share it."""
    yield from _number(name, value, expected.value if expected else None)
    days = [day.isoformat() for day in expected.days] if expected else []
    if (str(on)[:10] not in days) if days else (on is not None):
        yield _difference(f"{name} on", on, days)


def _number(name: str, actual: Any, expected: Fraction | None) -> Iterator[str]:
    if actual is None or expected is None:
        if actual is not expected:
            yield _difference(name, actual, expected)
        return
    found, wanted = float(actual), float(expected)
    if abs(found - wanted) > RELATIVE * max(abs(found), abs(wanted)):
        yield _difference(name, actual, expected)


def _difference(name: str, actual: object, expected: object) -> str:
    wanted = f"{expected} = {float(expected)!r}" if isinstance(expected, Fraction) else expected
    return f"{name} is {actual!r}, expected {wanted!r}"
