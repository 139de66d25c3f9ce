"""Reading one value of a log line as the type of its column."""

import re
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

from .definition import Column
from .expressions import Value
from .months import instant_us
from .targets import SECONDS


class NumberText(str):
    """A JSON number as its line writes it; a str of another type is a JSON string."""

    __slots__ = ()


class UnusableError(Exception):
    """A line cannot be used; the message is the ledger's reason."""


RFC_3339 = re.compile(
    r"(?P<day>\d{4}-\d\d-\d\d)[Tt ](?P<time>\d\d:\d\d:\d\d)(?:\.(?P<digits>\d+))?"
    r"(?:[Zz]|(?P<hours>[+-]\d\d):?(?P<minutes>\d\d))"
)
PLAIN_DECIMAL = re.compile(r"-?\d+(\.\d+)?")
LONGEST_US = 24 * 3600 * 10**6
LARGEST_INTEGER = 2**63 - 1


def read_instant(raw: object) -> int:
    """Read an RFC 3339 instant; digits past the microsecond are cut, not rounded."""
    found = RFC_3339.fullmatch(raw) if isinstance(raw, str) else None
    if found is None or isinstance(raw, NumberText):
        raise UnusableError("type:ts")
    offset = f"{found['hours'] or '+00'}:{found['minutes'] or '00'}"
    micros = ((found["digits"] or "") + "000000")[:6]
    return instant_us(datetime.fromisoformat(f"{found['day']}T{found['time']}.{micros}{offset}"))


def duration_us(text: str, unit: str) -> int:
    """Turn a number of a unit into microseconds, rounded half up."""
    micros = SECONDS[unit] * 10**6
    exact = Decimal(text) * micros.numerator / micros.denominator
    return int(exact.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def read_value(raw: object, column: Column) -> Value:
    """Read one mapped value as its column's type, or raise with the ledger's reason."""
    if raw is None:
        return _default(column)
    if column.type == "boolean":
        if not isinstance(raw, bool):
            raise UnusableError(f"type:{column.name}")
        return raw
    if not isinstance(raw, str):
        raise UnusableError(f"type:{column.name}")
    if column.type == "text":
        return str(raw)
    return _number(raw, column)


def _number(text: str, column: Column) -> Value:
    if not PLAIN_DECIMAL.fullmatch(text):
        raise UnusableError(f"type:{column.name}")
    number = Decimal(text)
    if column.type == "integer" and number != number.to_integral_value():
        raise UnusableError(f"type:{column.name}")
    if number < 0 and not column.signed:
        raise UnusableError(f"range:{column.name}")
    if column.type == "number":
        return number
    value = int(number) if column.type == "integer" else duration_us(text, column.type)
    in_range = value <= (LARGEST_INTEGER if column.type == "integer" else LONGEST_US)
    if column.name == "status":
        in_range = 100 <= value <= 599
    if not in_range:
        raise UnusableError(f"range:{column.name}")
    return value


def _default(column: Column) -> Value:
    if column.default is None:
        return None
    return column.default == "true" if column.type == "boolean" else column.default
