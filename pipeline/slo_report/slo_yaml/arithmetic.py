"""Checked pieces of an expression and the arithmetic on them, exact on every engine.

Store columns of kind number are DECIMAL(38, 18). No number ever gets more than 18 decimals, so
that any two can be compared; a product that would have more rounds its operands first.
"""

from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation

from sqlglot import exp

from slo_report.slo_yaml.kinds import NUMERIC, ExpressionError, Kind
from slo_report.slo_yaml.tokens import MICROSECONDS

COLUMN_SCALE = 18
MAX_LITERAL_SCALE = 12
MAX_LITERAL = 2**63


@dataclass(frozen=True)
class Checked:
    """A part of an expression that passed: its tree, rebuilt from allowed nodes only."""

    tree: exp.Expr
    kind: Kind | None
    """None for NULL."""
    scale: int = 0
    """Decimals of an exact number."""
    is_literal: bool = False
    text: str = ""
    """As written, for messages."""

    @property
    def is_double(self) -> bool:
        """True where a division has made it a double, whatever it measures."""
        return self.kind is Kind.DOUBLE or self.tree.find(exp.Div) is not None

    def says(self) -> str:
        """Return the text with what it holds, for a message."""
        return f"`{self.text}` ({self.kind})" if self.kind else f"`{self.text}`"


def number_literal(text: str) -> Checked:
    """Return a number in plain digits: 1e-6 becomes 0.000001."""
    value = _decimal(text)
    scale = _scale(value)
    if abs(value) >= MAX_LITERAL or scale > MAX_LITERAL_SCALE:
        raise ExpressionError(
            f"{text} is out of range; numbers are below 2^63 with at most"
            f" {MAX_LITERAL_SCALE} decimals"
        )
    is_integer = text.isdigit()
    kind = Kind.INTEGER if is_integer else Kind.NUMBER
    return Checked(exp.Literal.number(plain(value)), kind, scale, is_literal=True, text=text)


def duration_literal(text: str) -> Checked:
    """Return `1.5 s` as 1500000, its exact microseconds."""
    number, unit = text.split(" ")
    value = _decimal(number) * MICROSECONDS[unit]
    if value >= MAX_LITERAL or _scale(value) > MAX_LITERAL_SCALE:
        raise ExpressionError(f"the duration {text} is out of range; write one below 292,000 years")
    tree = exp.Literal.number(plain(value))
    return Checked(tree, Kind.DURATION, _scale(value), is_literal=True, text=text)


def plain(value: Decimal) -> str:
    """Return a decimal without exponent and without trailing zeros."""
    text = format(value, "f")
    return (text.rstrip("0").rstrip(".") or "0") if "." in text else text


def add(node: type[exp.Add] | type[exp.Sub], left: Checked, right: Checked) -> Checked:
    """Return a sum or difference: of two numbers, or of two durations."""
    kind = _common_numeric(left, right, "add" if node is exp.Add else "subtract")
    if kind is Kind.INTEGER:
        left, right = _widened(left, right)
    return Checked(_binary(node, left, right), kind, max(left.scale, right.scale))


def multiply(left: Checked, right: Checked) -> Checked:
    """Return an exact product, rounded first where it would not fit 38 digits."""
    kinds = {left.kind, right.kind}
    if kinds <= NUMERIC:
        kind = widest(kinds)
    elif Kind.DURATION in kinds and kinds <= NUMERIC | {Kind.DURATION}:
        if left.kind == right.kind:
            raise ExpressionError(
                f"{left.says()} times {right.says()}; multiply a duration by a number"
            )
        kind = Kind.DURATION
    else:
        raise _not_numbers("multiply", left, right)
    if left.is_double or right.is_double:
        return Checked(_binary(exp.Mul, left, right), kind)
    left, right = _widened(*_fit_product(left, right))
    return Checked(_binary(exp.Mul, left, right), kind, left.scale + right.scale)


def divide(left: Checked, right: Checked) -> Checked:
    """Return a double, of a duration by a number a duration; a zero divisor gives NULL."""
    both_durations = left.kind is right.kind is Kind.DURATION
    by_number = left.kind is Kind.DURATION and right.kind in NUMERIC
    if not both_durations and not by_number and not {left.kind, right.kind} <= NUMERIC:
        raise _not_numbers("divide", left, right)
    divisor = exp.Nullif(this=cast(right.tree, "DOUBLE"), expression=exp.Literal.number(0))
    tree = exp.Div(this=cast(left.tree, "DOUBLE"), expression=divisor, typed=False, safe=False)
    return Checked(exp.Paren(this=tree), Kind.DURATION if by_number else Kind.DOUBLE)


def remainder(left: Checked, right: Checked) -> Checked:
    """Return the remainder; a zero divisor gives NULL."""
    kind = _common_numeric(left, right, "take the remainder of")
    divisor = exp.Nullif(this=right.tree, expression=exp.Literal.number(0))
    tree = exp.Paren(this=exp.Mod(this=left.tree, expression=divisor))
    return Checked(tree, kind, max(left.scale, right.scale))


def widest(kinds: set[Kind | None]) -> Kind:
    """Return the kind that holds values of all the numeric kinds given."""
    for kind in (Kind.DOUBLE, Kind.NUMBER):
        if kind in kinds:
            return kind
    return Kind.INTEGER


def cast(tree: exp.Expr, type_name: str) -> exp.Expr:
    """Return the tree cast to a type of DuckDB."""
    return exp.Cast(this=tree, to=exp.DataType.build(type_name, dialect="duckdb"))


def _binary(node: type[exp.Binary], left: Checked, right: Checked) -> exp.Expr:
    return node(this=left.tree, expression=right.tree)


def _fit_product(left: Checked, right: Checked) -> tuple[Checked, Checked]:
    if left.scale + right.scale <= COLUMN_SCALE:
        return left, right
    if left.is_literal and right.is_literal:
        raise ExpressionError(
            f"{left.text} * {right.text} has too many decimals; write the product as one number"
        )
    if left.is_literal:
        return left, _rounded(right, COLUMN_SCALE - left.scale)
    if right.is_literal:
        return _rounded(left, COLUMN_SCALE - right.scale), right
    return _rounded(left, COLUMN_SCALE // 2), _rounded(right, COLUMN_SCALE // 2)


def _widened(left: Checked, right: Checked) -> tuple[Checked, Checked]:
    """Return whole operands such that their result does not overflow 64 bits."""
    if left.scale or right.scale or (left.is_literal and right.is_literal):
        return left, right
    if left.is_literal:
        return left, replace(right, tree=cast(right.tree, "DECIMAL(38, 0)"))
    return replace(left, tree=cast(left.tree, "DECIMAL(38, 0)")), right


def _rounded(value: Checked, scale: int) -> Checked:
    if value.scale == 0:
        return value
    return replace(value, tree=cast(value.tree, f"DECIMAL(38, {scale})"), scale=scale)


def _common_numeric(left: Checked, right: Checked, verb: str) -> Kind:
    kinds = {left.kind, right.kind}
    if kinds == {Kind.DURATION}:
        return Kind.DURATION
    if kinds <= NUMERIC:
        return widest(kinds)
    if Kind.DURATION in kinds and kinds & NUMERIC:
        number = left if left.kind in NUMERIC else right
        raise ExpressionError(
            f"cannot {verb} {left.says()} and {right.says()}; give the number a time unit:"
            f" {number.text} ms"
        )
    raise _not_numbers(verb, left, right)


def _not_numbers(verb: str, left: Checked, right: Checked) -> ExpressionError:
    return ExpressionError(
        f"cannot {verb} {left.says()} and {right.says()}; arithmetic takes numbers and durations"
    )


def _decimal(text: str) -> Decimal:
    try:
        value = Decimal(text)
    except InvalidOperation as error:
        raise ExpressionError(f"`{text}` is not a number; write it in plain digits") from error
    if not -60 <= value.adjusted() <= 60 or len(text) > 60:
        raise ExpressionError(f"{text} is out of range; numbers are below 2^63")
    return value


def _scale(value: Decimal) -> int:
    exponent = value.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0
