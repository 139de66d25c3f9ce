"""The allow-list of expressions: each node of the syntax tree is known here, or refused.

The tree that comes out is built anew from allowed pieces, so nothing of the parser's that is not
named here can reach an engine.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime

from sqlglot import exp

from slo_report.slo_yaml import arithmetic
from slo_report.slo_yaml.arithmetic import Checked
from slo_report.slo_yaml.comparing import operand, refuse_null, refuse_unlike, unified
from slo_report.slo_yaml.kinds import (
    NUMERIC,
    ExpressionError,
    Kind,
    UnknownColumnError,
    did_you_mean,
    nearest,
)
from slo_report.slo_yaml.refusals import refusal, shown
from slo_report.slo_yaml.tokens import DURATION_MARK

_COMPARISONS = (exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE)
_DISTINCT = (exp.NullSafeEQ, exp.NullSafeNEQ)
_ARITHMETIC = (exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Mod)
_TEXT_TESTS = (exp.Like, exp.ILike, exp.StartsWith, exp.EndsWith, exp.Contains)
_TEXT_FUNCTIONS = (exp.Lower, exp.Upper, exp.Length)
_ROUNDING = (exp.Abs, exp.Floor, exp.Ceil)
_TIMESTAMP_TYPES = (exp.DType.TIMESTAMP, exp.DType.TIMESTAMPNTZ)


class Checker:
    """Checks one expression over the given columns; remembers which it reads."""

    def __init__(self, columns: Mapping[str, Kind]) -> None:
        self.columns = columns
        self.read: set[str] = set()
        self._rules: dict[type[exp.Expr], Callable[[exp.Expr], Checked]] = {
            exp.Column: self._column,
            exp.Literal: self._literal,
            exp.Boolean: lambda node: Checked(exp.Boolean(this=node.this), Kind.BOOLEAN),
            exp.Null: lambda _: Checked(exp.Null(), None),
            exp.Paren: self._paren,
            exp.Neg: self._negative,
            exp.Not: self._not,
            exp.And: self._connector,
            exp.Or: self._connector,
            exp.Is: self._is_null,
            exp.In: self._in,
            exp.Between: self._between,
            exp.Case: self._case,
            exp.Coalesce: self._choice,
            exp.Least: self._choice,
            exp.Greatest: self._choice,
            exp.Nullif: self._nullif,
            exp.Cast: self._timestamp,
            **dict.fromkeys(_COMPARISONS + _DISTINCT, self._comparison),
            **dict.fromkeys(_ARITHMETIC, self._arithmetic),
            **dict.fromkeys(_TEXT_TESTS, self._text_test),
            **dict.fromkeys(_TEXT_FUNCTIONS, self._text_function),
            **dict.fromkeys(_ROUNDING, self._rounding),
        }

    def check(self, node: exp.Expr) -> Checked:
        """Return the node checked; ExpressionError where it is not allowed or does not fit."""
        rule = self._rules.get(type(node))
        if rule is None:
            raise refusal(node)
        checked = rule(node)
        return replace(checked, text=checked.text or shown(node))

    def _column(self, node: exp.Expr) -> Checked:
        name = node.name
        if name.startswith(DURATION_MARK):
            return arithmetic.duration_literal(name.removeprefix(DURATION_MARK))
        if len(node.parts if isinstance(node, exp.Column) else ()) != 1:
            raise ExpressionError(f"`{shown(node)}` has a dot; reach into objects in `fields:`")
        if name not in self.columns:
            right = did_you_mean(name, self.columns)
            if node.this.args.get("quoted"):
                near = f"{right} " if nearest(name, self.columns) else ""
                right = f"{near}double quotes name a column, a text stands in single ones: '{name}'"
            raise UnknownColumnError(f"unknown column `{name}`; {right}")
        self.read.add(name)
        kind = self.columns[name]
        scale = arithmetic.COLUMN_SCALE if kind is Kind.NUMBER else 0
        return Checked(exp.column(name, quoted=True), kind, scale, text=name)

    def _literal(self, node: exp.Expr) -> Checked:
        if isinstance(node, exp.Literal) and node.is_string:
            return Checked(exp.Literal.string(node.name), Kind.TEXT, is_literal=True)
        return arithmetic.number_literal(node.name)

    def _paren(self, node: exp.Expr) -> Checked:
        inner = self.check(node.this)
        return replace(inner, tree=exp.Paren(this=inner.tree), text=f"({inner.text})")

    def _negative(self, node: exp.Expr) -> Checked:
        inner = self.check(node.this)
        if inner.kind not in NUMERIC | {Kind.DURATION}:
            raise ExpressionError(f"`-` before {inner.says()}; it stands before numbers")
        return replace(inner, tree=exp.Neg(this=inner.tree), text=f"-{inner.text}")

    def _not(self, node: exp.Expr) -> Checked:
        return Checked(exp.Not(this=self._condition(node.this, "not").tree), Kind.BOOLEAN)

    def _connector(self, node: exp.Expr) -> Checked:
        word = "and" if isinstance(node, exp.And) else "or"
        left, right = (self._condition(side, word) for side in (node.this, node.expression))
        return Checked(type(node)(this=left.tree, expression=right.tree), Kind.BOOLEAN)

    def _condition(self, node: exp.Expr, word: str) -> Checked:
        checked = self.check(node)
        if checked.kind is not Kind.BOOLEAN:
            raise ExpressionError(
                f"`{word}` joins conditions, found {checked.says()}; compare it with something"
            )
        return checked

    def _is_null(self, node: exp.Expr) -> Checked:
        if not isinstance(node.expression, exp.Null):
            raise ExpressionError(
                f"`{shown(node)}`; `is` takes only `null` and `not null`: write the column itself,"
                " or `not` before it"
            )
        value = operand(self.check(node.this))
        return Checked(exp.Is(this=value, expression=exp.Null()), Kind.BOOLEAN)

    def _comparison(self, node: exp.Expr) -> Checked:
        left, right = self.check(node.this), self.check(node.expression)
        if not isinstance(node, _DISTINCT):
            refuse_null(left, right)
        refuse_unlike(left, right)
        ordered = not isinstance(node, (exp.EQ, exp.NEQ, *_DISTINCT))
        if ordered and left.kind is Kind.BOOLEAN:
            raise ExpressionError(f"`{shown(node)}` orders booleans; compare them with = or <>")
        tree = type(node)(this=operand(left), expression=operand(right))
        return Checked(tree, Kind.BOOLEAN)

    def _in(self, node: exp.Expr) -> Checked:
        members = node.expressions
        if not members or node.args.get("query") or node.args.get("unnest"):
            raise ExpressionError(
                f"`{shown(node)}`; `in` takes a list of values, no subquery: column in (1, 2)"
            )
        left, values = self.check(node.this), [self.check(member) for member in members]
        for value in values:
            refuse_null(left, value)
            refuse_unlike(left, value)
        trees = [value.tree for value in values]
        return Checked(exp.In(this=operand(left), expressions=trees), Kind.BOOLEAN)

    def _between(self, node: exp.Expr) -> Checked:
        if node.args.get("symmetric") is not None:
            raise ExpressionError("`symmetric` is not allowed; write the smaller value first")
        value, low, high = (self.check(node.args[part]) for part in ("this", "low", "high"))
        for bound in (low, high):
            refuse_null(value, bound)
            refuse_unlike(value, bound)
        if value.kind is Kind.BOOLEAN:
            raise ExpressionError(f"`{shown(node)}` orders booleans; compare them with = or <>")
        return Checked(exp.Between(this=value.tree, low=low.tree, high=high.tree), Kind.BOOLEAN)

    def _case(self, node: exp.Expr) -> Checked:
        subject = self.check(node.this) if node.this else None
        branches, results = [], []
        for branch in node.args["ifs"]:
            if subject is None:
                test = self._condition(branch.this, "when")
            else:
                test = self.check(branch.this)
                refuse_null(subject, test)
                refuse_unlike(subject, test)
            result = self.check(branch.args["true"])
            results.append(result)
            branches.append(exp.If(this=test.tree, true=result.tree))
        default = self.check(node.args["default"]) if node.args.get("default") else None
        tree = exp.Case(
            this=subject.tree if subject else None,
            ifs=branches,
            default=default.tree if default else None,
        )
        return unified(tree, [*results, *([default] if default else [])])

    def _choice(self, node: exp.Expr) -> Checked:
        values = [self.check(part) for part in (node.this, *node.expressions)]
        if len(values) < 2:
            raise ExpressionError(f"`{shown(node)}` has one argument; it takes two or more")
        ignore_nulls = {} if isinstance(node, exp.Coalesce) else {"ignore_nulls": True}
        rest = [value.tree for value in values[1:]]
        tree = type(node)(this=values[0].tree, expressions=rest, **ignore_nulls)
        return unified(tree, values)

    def _nullif(self, node: exp.Expr) -> Checked:
        left, right = self.check(node.this), self.check(node.expression)
        refuse_null(left, right)
        refuse_unlike(left, right)
        return replace(left, tree=exp.Nullif(this=left.tree, expression=right.tree), text="")

    def _timestamp(self, node: exp.Expr) -> Checked:
        literal = node.this
        is_text = isinstance(literal, exp.Literal) and literal.is_string
        if not is_text or node.args["to"].this not in _TIMESTAMP_TYPES:
            raise refusal(node)
        try:
            moment = datetime.fromisoformat(literal.name)
        except ValueError as error:
            raise ExpressionError(
                f"TIMESTAMP '{literal.name}' is no point in time;"
                " write TIMESTAMP '2026-04-12 02:00:00' (UTC)"
            ) from error
        if moment.tzinfo is not None:
            moment = moment.astimezone(UTC).replace(tzinfo=None)
        text = exp.Literal.string(moment.isoformat(sep=" "))
        return Checked(arithmetic.cast(text, "TIMESTAMP"), Kind.TIMESTAMP, is_literal=True)

    def _arithmetic(self, node: exp.Expr) -> Checked:
        left, right = self.check(node.this), self.check(node.expression)
        if isinstance(node, exp.Mul):
            return arithmetic.multiply(left, right)
        if isinstance(node, exp.Div):
            return arithmetic.divide(left, right)
        if isinstance(node, exp.Mod):
            return arithmetic.remainder(left, right)
        return arithmetic.add(exp.Add if isinstance(node, exp.Add) else exp.Sub, left, right)

    def _text_test(self, node: exp.Expr) -> Checked:
        left, right = self.check(node.this), self.check(node.expression)
        if isinstance(node, (exp.Like, exp.ILike)) and not (
            right.kind is Kind.TEXT and right.is_literal
        ):
            raise ExpressionError(f"`{shown(node)}`; `like` takes one pattern in single quotes")
        for side in (left, right):
            if side.kind is not Kind.TEXT:
                raise ExpressionError(f"`{shown(node)}` needs texts, found {side.says()}")
        tree: exp.Expr = type(node)(this=left.tree, expression=right.tree)
        return Checked(exp.Not(this=tree) if node.args.get("negate") else tree, Kind.BOOLEAN)

    def _text_function(self, node: exp.Expr) -> Checked:
        inner = self.check(node.this)
        if inner.kind is not Kind.TEXT:
            raise ExpressionError(f"`{shown(node)}` needs a text, found {inner.says()}")
        kind = Kind.INTEGER if isinstance(node, exp.Length) else Kind.TEXT
        return Checked(type(node)(this=inner.tree), kind)

    def _rounding(self, node: exp.Expr) -> Checked:
        if node.args.get("decimals") is not None or node.args.get("to") is not None:
            raise ExpressionError(f"`{shown(node)}` has two arguments; it takes one")
        inner = self.check(node.this)
        if inner.kind not in NUMERIC | {Kind.DURATION}:
            raise ExpressionError(f"`{shown(node)}` needs a number, found {inner.says()}")
        if isinstance(node, exp.Abs):
            return replace(inner, tree=exp.Abs(this=inner.tree), is_literal=False, text="")
        if inner.scale == 0 and inner.kind is not Kind.DOUBLE:
            return replace(inner, tree=exp.Paren(this=inner.tree), text="")
        return Checked(type(node)(this=inner.tree), inner.kind)
