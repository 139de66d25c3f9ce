"""What may be compared with what, and the kind of a value that may be any of several."""

import re

from sqlglot import exp

from slo_report.slo_yaml import arithmetic
from slo_report.slo_yaml.arithmetic import Checked
from slo_report.slo_yaml.kinds import NUMERIC, ExpressionError, Kind

_ATOMS = (exp.Column, exp.Boolean, exp.Null, exp.Paren, exp.Case, exp.Func)


def operand(value: Checked) -> exp.Expr:
    """Return the tree of one side of a comparison; a condition there gets its brackets."""
    if value.kind is Kind.BOOLEAN and (
        not isinstance(value.tree, _ATOMS) or isinstance(value.tree, exp.Connector | exp.Binary)
    ):
        return exp.Paren(this=value.tree)
    return value.tree


def refuse_null(left: Checked, right: Checked) -> None:
    """Refuse a comparison with a literal NULL."""
    for side, other in ((left, right), (right, left)):
        if side.kind is None:
            raise ExpressionError(
                f"a comparison with NULL is never true; write `{other.text} is null`"
            )


def refuse_unlike(left: Checked, right: Checked) -> None:
    """Refuse two values of which one can never equal the other."""
    kinds = {left.kind, right.kind} - {None}
    if len(kinds) < 2 or kinds <= NUMERIC:
        return
    raise ExpressionError(f"cannot compare {left.says()} with {right.says()}; {_hint(left, right)}")


def _hint(left: Checked, right: Checked) -> str:
    for side, other in ((left, right), (right, left)):
        bare = side.text.strip("'")
        is_number = side.is_literal and re.fullmatch(r"-?\d+(\.\d+)?", bare)
        match side.kind, other.kind:
            case Kind.DURATION, Kind.INTEGER | Kind.NUMBER | Kind.DOUBLE:
                return f"a duration needs a unit: {other.text} ms"
            case Kind.TEXT, Kind.INTEGER | Kind.NUMBER | Kind.DOUBLE:
                return f"write {bare} without quotes" if is_number else f"write '{other.text}'"
            case Kind.TIMESTAMP, _:
                return "write TIMESTAMP '2026-04-12 02:00:00'"
            case Kind.DURATION, Kind.TEXT:
                return "write a duration without quotes: 300 ms"
            case Kind.BOOLEAN, _:
                return f"a boolean stands alone: `{side.text}` or `not {side.text}`"
    return "compare like with like"


def unified(tree: exp.Expr, values: list[Checked]) -> Checked:
    """Return a tree that gives one of several values, with the kind that holds them all."""
    known = [value for value in values if value.kind is not None]
    for value in known[1:]:
        refuse_unlike(known[0], value)
    kinds: set[Kind | None] = {value.kind for value in known}
    kind = _widest_or_only(kinds)
    return Checked(tree, kind, max((value.scale for value in known), default=0))


def _widest_or_only(kinds: set[Kind | None]) -> Kind | None:
    """Return the kind of a value that may come from any of several."""
    if len(kinds) > 1:
        return arithmetic.widest(kinds)
    return next(iter(kinds), None)
