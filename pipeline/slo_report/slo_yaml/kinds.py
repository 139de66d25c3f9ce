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


def with_article(kind: Kind | None) -> str:
    """Return a kind as it stands in a sentence."""
    return f"an {kind}" if kind is Kind.INTEGER else f"a {kind}"


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return a question that names the nearest known word, or a list of all of them."""
    names = sorted(set(known))
    near = difflib.get_close_matches(word.lower(), names, n=1, cutoff=0.7)
    if near:
        return f"did you mean `{near[0]}`?"
    if not names:
        return "there is none to choose from"
    return "known: " + ", ".join(names)
