"""Predicates and values twice: as the SQL of slo.yaml, and as Python that means the same.

Each builder writes both sides at once, so no SQL is parsed here. Logic is three-valued: None is
NULL, a comparison with NULL is NULL, and a predicate holds only where it is True.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal

Value = str | int | Decimal | None
"""A column's value; a boolean is an int, as in Python, and a duration an int of microseconds."""
Row = Mapping[str, Value]


@dataclass(frozen=True)
class Expression:
    """One expression: its SQL text, and what it is for a row."""

    sql: str
    of: Callable[[Row], Value]
    conditions: tuple["Expression", ...] = ()
    """What `both` joined; empty where it is one condition itself."""

    def holds(self, row: Row) -> bool:
        """Say whether the predicate is TRUE; NULL does not hold."""
        return self.of(row) is not None and bool(self.of(row))


def column(name: str) -> Expression:
    """Return the column itself."""
    return Expression(name, lambda row: row[name])


def equals(name: str, text: str) -> Expression:
    """Return ``name = 'text'``."""
    return Expression(f"{name} = {_quoted(text)}", lambda row: _compared(row[name], text))


def differs(name: str, text: str) -> Expression:
    """Return ``name <> 'text'``."""
    return negated_value(f"{name} <> {_quoted(text)}", equals(name, text))


def one_of(name: str, texts: tuple[str, ...]) -> Expression:
    """Return ``name in (...)``."""

    def value(row: Row) -> Value:
        return None if row[name] is None else row[name] in texts

    return Expression(f"{name} in ({', '.join(map(_quoted, texts))})", value)


def below(name: str, limit: int, written: str = "") -> Expression:
    """Return ``name < limit``; a duration's limit is in microseconds and written otherwise."""

    def value(row: Row) -> Value:
        number = row[name]
        assert not isinstance(number, str)
        return None if number is None else number < limit

    return Expression(f"{name} < {written or limit}", value)


def between(name: str, low: int, high: int) -> Expression:
    """Return ``name between low and high``, both ends included."""

    def value(row: Row) -> Value:
        number = row[name]
        assert not isinstance(number, str)
        return None if number is None else low <= number <= high

    return Expression(f"{name} between {low} and {high}", value)


def is_not_null(name: str) -> Expression:
    """Return ``name is not null``."""
    return Expression(f"{name} is not null", lambda row: row[name] is not None)


def both(left: Expression, right: Expression) -> Expression:
    """Return ``left and right``: False if either is False, else NULL if either is NULL."""

    def value(row: Row) -> Value:
        sides = (left.of(row), right.of(row))
        if any(side is not None and not side for side in sides):
            return False
        return None if None in sides else True

    return Expression(f"({left.sql} and {right.sql})", value, (left, right))


def either(left: Expression, right: Expression) -> Expression:
    """Return ``left or right``: True if either is True, else NULL if either is NULL."""

    def value(row: Row) -> Value:
        sides = (left.of(row), right.of(row))
        if any(sides):
            return True
        return None if None in sides else False

    return Expression(f"({left.sql} or {right.sql})", value)


def negated(inner: Expression) -> Expression:
    """Return ``not (inner)``; the negation of NULL is NULL."""
    return negated_value(f"not ({inner.sql})", inner)


def negated_value(sql: str, inner: Expression) -> Expression:
    """Return an expression of the given text that is the negation of another."""

    def value(row: Row) -> Value:
        truth = inner.of(row)
        return None if truth is None else not truth

    return Expression(sql, value)


def weighted_sum(weights: tuple[tuple[str, str], ...]) -> Expression:
    """Return ``a * 0.5 + b * 0.25`` in exact decimals; NULL where a column is."""

    def value(row: Row) -> Value:
        total = Decimal(0)
        for name, weight in weights:
            number = row[name]
            assert not isinstance(number, str)
            if number is None:
                return None
            total += number * Decimal(weight)
        return total

    return Expression(" + ".join(f"{name} * {weight}" for name, weight in weights), value)


def _compared(value: Value, text: str) -> Value:
    return None if value is None else value == text


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
