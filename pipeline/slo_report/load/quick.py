"""The cheap way from what a file holds to a column's value, and when it is the right one.

Every function here takes SQL texts and returns SQL text; nothing is read or run.
"""

from collections.abc import Callable
from typing import NamedTuple

from slo_report.slo_yaml.expressions import Kind
from slo_report.slo_yaml.log_definition import Field

DIGITS_TO_US = {"s": 6, "ms": 3, "us": 0}
"""How many digits of a duration, by its unit, are microseconds."""
_PLAIN_NUMBER = "DECIMAL(13,9)"
"""No more digits than a double keeps, so that its text is that of the file."""
_LONG_US = 1 << 40
"""Twelve days: in a double they are right to a thousandth of a microsecond."""
_DOUBLE_ERROR = "1e-15"
"""How far, of its size, a double times a power of ten may be from what was written; rather more."""


class Quick(NamedTuple):
    """Three functions of a field and of SQL."""

    cast: Callable[[Field, str], str]
    """Of what the file holds: a number to go on with, "" where the field has no cheap way."""
    is_plain: Callable[[Field, str, str], str]
    """Of what the file holds and of the cast: the condition under which the cast says it all."""
    value: Callable[[Field, str], str]
    """Of the cast: the column's value."""


def _text_cast(field: Field, text: str) -> str:
    match field.kind:
        case Kind.INTEGER:
            return f"TRY_CAST({text} AS BIGINT)"
        case Kind.NUMBER | Kind.DOUBLE:
            return f"TRY_CAST({text} AS {_PLAIN_NUMBER})"
        case Kind.DURATION if field.unit != "ns":
            digits = DIGITS_TO_US[field.unit or "us"]
            return f"TRY_CAST({text} AS DECIMAL({18 - digits},{digits}))"
        case _:
            return ""


def _text_is_plain(field: Field, text: str, cast: str) -> str:
    if field.kind is Kind.INTEGER:
        return f"{cast}::VARCHAR = {text}"
    # The decimal prints with all its digits: 1.500 begins with 1.5; only `5.` would deceive.
    return f"starts_with({cast}::VARCHAR, {text}) AND NOT suffix({text}, '.') AND {text} <> ''"


def _text_value(field: Field, cast: str) -> str:
    if field.kind is Kind.DURATION:
        return f"CAST({cast} * {10 ** DIGITS_TO_US[field.unit or 'us']} AS BIGINT)"
    return _number_value(field, cast)


def _number_cast(field: Field, number: str) -> str:
    if field.kind is Kind.DURATION and field.unit != "ns":
        return f"CAST({number} AS DOUBLE) * {10 ** DIGITS_TO_US[field.unit or 'us']}"
    return _text_cast(field, number)


def _number_is_plain(field: Field, number: str, cast: str) -> str:
    if field.kind is Kind.DURATION:
        # A double differs too little from its text to be rounded otherwise, but near a tie.
        tie = f"abs({cast} - floor({cast}) - 0.5)"
        return f"{cast} >= 0 AND {cast} < {_LONG_US} AND {tie} > {cast} * {_DOUBLE_ERROR}"
    if field.kind is Kind.INTEGER:
        return f"{cast} = {number}"
    return f"CAST({cast} AS DOUBLE) = CAST({number} AS DOUBLE)"


def _number_value(field: Field, cast: str) -> str:
    match field.kind:
        case Kind.NUMBER | Kind.DOUBLE:
            return f"CAST({cast} AS DECIMAL(38,18))"
        case Kind.DURATION:
            return f"CAST(floor({cast} + 0.5) AS BIGINT)"
        case _:
            return cast


OF_TEXT = Quick(_text_cast, _text_is_plain, _text_value)
OF_NUMBER = Quick(_number_cast, _number_is_plain, _number_value)
