"""What an expression may not have in it, and the sentence that says so."""

import re

from sqlglot import exp

from slo_report.slo_yaml.kinds import ExpressionError
from slo_report.slo_yaml.tokens import DURATION_MARK

_REFUSED: tuple[tuple[tuple[type[exp.Expr], ...], str], ...] = (
    ((exp.Subquery, exp.Query), "a subquery is not allowed; an expression reads one request"),
    ((exp.Alias,), "two values stand side by side; put an operator such as `and` between them"),
    ((exp.Star,), "`*` alone is not allowed; name a column"),
    ((exp.Cast,), "casts are not allowed; give the column a `type:` in `fields:`"),
    ((exp.Concat,), "two texts stand side by side; put an operator between them"),
    ((exp.Placeholder, exp.Parameter), "parameters are not allowed; write the value itself"),
    ((exp.Tuple,), "a list stands only behind `in`; write column in (1, 2)"),
    ((exp.Interval,), "intervals are not allowed; write a duration such as 300 ms"),
    ((exp.Escape,), "`escape` is not allowed; use contains, starts_with or ends_with"),
)


def refusal(node: exp.Expr) -> ExpressionError:
    """Return the error of a node that is not allowed."""
    for types, sentence in _REFUSED:
        if isinstance(node, types):
            return ExpressionError(f"`{shown(node)}`: {sentence}")
    return ExpressionError(
        f"`{shown(node)}` is not allowed; use comparisons, and, or, not, in, between, like, case,"
        " arithmetic and the functions of docs/configuration"
    )


def shown(node: exp.Expr) -> str:
    """Return a part of an expression the way it was written, more or less, for messages."""
    text = re.sub(f'"{DURATION_MARK}([^"]*)"', r"\1", node.sql("duckdb"))
    return text if len(text) <= 80 else text[:77] + "..."
