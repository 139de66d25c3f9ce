"""Figures as text that never flatters: cut down or rounded up, never rounded to the nearest.

Everything is exact (Decimal, Fraction, int). A float that comes from the report value is read by
its shortest decimal form, so that 0.3 is three tenths and not a hair more.
"""

import re
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor

from slo_report.judge.verdicts import Verdict
from slo_report.slo_yaml.targets import Target

Exact = Fraction | Decimal | int

NO_DATA = "no data"
NOT_IN_USE = "not in use"

_CURRENCY = re.compile("[A-Z]{3}")
"""As ISO 4217 has them."""
_MINUTE = Fraction(60)
_MINUTES_FROM = Fraction(600)
# Below each bound (seconds), the step that a time is printed in.
_DURATION_STEPS = (
    (Fraction(1, 100), Fraction(1, 10_000)),
    (Fraction(1), Fraction(1, 1000)),
    (Fraction(10), Fraction(1, 10)),
    (_MINUTES_FROM, Fraction(1)),
)
_SECONDS_OF_MINUTE = 60
_MINUTES_IN_HOURS = 47 * 60
"""Up to here a length of time is said in hours: 24h, 36h."""
_WHOLE_FROM = 10
"""Rates from which on a tenth of it says nothing more."""
_SHARE_STEP = Fraction(1, 10_000)
_BUDGET_STEP = Fraction(1, 100)


def exact(value: float) -> Fraction:
    """Return a float as the decimal it is written as."""
    return Fraction(Decimal(repr(value)))


def format_ratio(value: Exact, *, up: bool = False) -> str:
    """Return a share with two decimals, cut down unless asked otherwise: 99.62%."""
    return _share(_to_step(Fraction(value), _SHARE_STEP, up=up), decimals=2)


def format_duration_s(seconds: Exact, *, up: bool = True) -> str:
    """Return a time as 8ms, 430ms, 4.8s, 78s or 12m, rounded up unless asked otherwise."""
    value = Fraction(seconds)
    return _duration(_to_step(value, _duration_step(value), up=up))


def format_money(value: Exact, unit: str, *, up: bool = True) -> str:
    """Return an amount with three significant digits and its unit: 0.0312 USD."""
    amount = Fraction(value)
    return _number(_to_step(amount, _significant_step(amount), up=up), unit)


def format_budget_percent(
    used: Exact | None, edges: tuple[Exact, ...] = (Fraction(1, 2), Fraction(1))
) -> str:
    """Return the used share of a budget in whole percent, rounded up: 76%.

    It gets more digits where rounding would lift it onto an edge at which a policy state begins.
    """
    if used is None:
        return "n/a"
    share, step, decimals = Fraction(used), _BUDGET_STEP, 0
    while any(share < edge <= _to_step(share, step, up=True) for edge in edges):
        step, decimals = step / 10, decimals + 1
    return _share(_to_step(share, step, up=True), decimals)


def format_target(target: Target) -> str:
    """Return a target as it stands behind the word: 99.5%, > 60%, < 5s, < 0.05 USD."""
    figure = format_exact(target.value, target.unit)
    return figure if target.op == ">=" and target.unit == "ratio" else f"{target.op} {figure}"


def format_exact(value: Decimal, unit: str) -> str:
    """Return a number that somebody chose, a target or a mark on an axis, with all its digits."""
    number = Fraction(value)
    if unit == "ratio":
        return f"{_plain(number * 100)}%"
    return _exact_duration(number) if unit == "s" else _number(number, unit)


def measured_text(value: Exact | None, target: Target, verdict: Verdict) -> str:
    """Return a measured figure, with the digits it takes to lie on its verdict's side.

    99.62% against 99.5% needs two decimals, 4.97s against < 5s needs one more than 4.8s does.
    """
    if verdict == "not_in_use":
        return NOT_IN_USE
    if verdict == "no_data" or value is None:
        return NO_DATA
    figure = Fraction(value)
    met = target.passes(figure)
    if met != (verdict == "met"):
        raise ValueError(f"{verdict}, but {figure} {target.op} {target.value} is {met}")
    # At least: cut down. At most: rounded up. Either way the reader is never told too much.
    up = target.op in ("<", "<=")
    step = _first_step(figure, target.unit)
    while target.passes(shown := _to_step(figure, step, up=up)) != met:
        step /= 10
    if target.unit == "ratio":
        return _share(shown, decimals=len(str(step.denominator)) - 3)
    return _duration(shown) if target.unit == "s" else _number(shown, target.unit)


def format_amount(value: Exact, *, up: bool, decimals: int = 1) -> str:
    """Return a number with at most the given decimals, rounded the way that does not flatter."""
    shown = _to_step(Fraction(value), Fraction(1, 10**decimals), up=up)
    return _plain(shown, thousands=True)


def format_lift(value: Exact) -> str:
    """Return how many times one rate is another, cut down: 0.4, 9.2, 181; < 0.1 below that."""
    rate = Fraction(value)
    if 0 < rate < Fraction(1, 10):
        return "< 0.1"
    return format_amount(rate, up=False, decimals=0 if rate >= _WHOLE_FROM else 1)


def format_span(seconds: int) -> str:
    """Return a length of time as one would say it: 45s, 5m, 1h 20m, 24h, 3d 4h.

    Whole minutes from a minute on and whole hours from two days on, rounded up.
    """
    if seconds < _SECONDS_OF_MINUTE:
        return f"{seconds}s"
    minutes = -(-seconds // _SECONDS_OF_MINUTE)
    if minutes <= _MINUTES_IN_HOURS:
        hours, rest = divmod(minutes, 60)
        return _two_units(hours, "h", rest, "m")
    days, hours = divmod(-(-minutes // 60), 24)
    return _two_units(days, "d", hours, "h")


def _two_units(whole: int, unit: str, rest: int, small: str) -> str:
    parts = [f"{whole}{unit}"] * bool(whole) + [f"{rest}{small}"] * bool(rest)
    return " ".join(parts)


def _first_step(value: Fraction, unit: str) -> Fraction:
    if unit == "ratio":
        return _SHARE_STEP
    return _duration_step(value) if unit == "s" else _significant_step(value)


def _duration_step(seconds: Fraction) -> Fraction:
    for bound, step in _DURATION_STEPS:
        if abs(seconds) < bound:
            return step
    return _MINUTE


def _significant_step(value: Fraction) -> Fraction:
    """Return the step of three significant digits, but whole units from a hundred on."""
    step = Fraction(1)
    while value and abs(value) < step * 100 and step > Fraction(1, 10**18):
        step /= 10
    return step


def _to_step(value: Fraction, step: Fraction, *, up: bool) -> Fraction:
    return (ceil if up else floor)(value / step) * step


def _share(value: Fraction, decimals: int) -> str:
    return f"{_decimal(value * 100):.{decimals}f}%"


def _duration(seconds: Fraction) -> str:
    if abs(seconds) < 1:
        return f"{_plain(seconds * 1000)}ms"
    if abs(seconds) < _MINUTES_FROM:
        return f"{_plain(seconds)}s"
    return f"{_plain(seconds / 60)}m"


def _exact_duration(seconds: Fraction) -> str:
    """Return a time exactly; minutes only where they are whole."""
    if seconds >= _MINUTES_FROM and seconds % _MINUTE:
        return f"{_plain(seconds)}s"
    return _duration(seconds)


def _number(value: Fraction, unit: str) -> str:
    text = _plain(value)
    if _CURRENCY.fullmatch(unit) and text[-2:-1] == ".":
        text += "0"  # nobody writes 0.1 USD
    return f"{text} {unit}".rstrip()


def _plain(value: Fraction, *, thousands: bool = False) -> str:
    """Return a decimal fraction without exponent and without trailing zeros."""
    text = f"{_decimal(value):,f}" if thousands else f"{_decimal(value):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _decimal(value: Fraction) -> Decimal:
    """Return a fraction whose denominator divides a power of ten as that very decimal."""
    digits = 0
    while 10**digits % value.denominator:
        digits += 1
    return Decimal(f"{value.numerator * 10**digits // value.denominator}e-{digits}")
