"""What columns and expressions hold, and what is said when they do not fit."""

import difflib
from collections.abc import Iterable
from enum import StrEnum


class Kind(StrEnum):
    """What a column or an expression holds."""

    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    DOUBLE = "double"
    BOOLEAN = "boolean"
    DURATION = "duration"
    TIMESTAMP = "timestamp"


NUMERIC = frozenset({Kind.INTEGER, Kind.NUMBER, Kind.DOUBLE})


class ExpressionError(ValueError):
    """An expression that slo.yaml may not hold: what was found; what would be right."""


class UnknownColumnError(ExpressionError):
    """An expression that names a column which no log has."""


def with_article(kind: Kind | None) -> str:
    """Return a kind as it stands in a sentence."""
    return f"an {kind}" if kind is Kind.INTEGER else f"a {kind}"


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the known word that is most like the one that was written, None where none is."""
    return next(iter(difflib.get_close_matches(word.lower(), sorted(set(known)), 1, 0.7)), None)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return a question that names the nearest known word, or a list of all of them."""
    names = sorted(set(known))
    if near := nearest(word, names):
        return f"did you mean `{near}`?"
    if not names:
        return "there is none to choose from"
    return "known: " + ", ".join(names)
