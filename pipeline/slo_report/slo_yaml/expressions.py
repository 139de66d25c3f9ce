"""Expressions of slo.yaml: parsed by sqlglot, allowed node by node, rendered from the tree."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlglot import exp
from sqlglot.dialects.duckdb import DuckDB
from sqlglot.errors import SqlglotError
from sqlglot.tokenizer_core import Token

from slo_report.slo_yaml.checker import Checker
from slo_report.slo_yaml.kinds import ExpressionError, Kind
from slo_report.slo_yaml.tokens import tokenise, unquoted_words

__all__ = ["Expression", "ExpressionError", "Kind", "parse_expression"]

MAX_DEPTH = 100


@dataclass(frozen=True)
class Expression:
    """One checked expression over the columns of a request."""

    text: str
    """As written in slo.yaml."""
    tree: exp.Expr
    """Exact: numbers are plain decimals, durations whole microseconds where they can be."""
    kind: Kind
    columns: frozenset[str]


def parse_expression(text: str, columns: Mapping[str, Kind]) -> Expression:
    """Return the checked expression; ExpressionError says what is wrong and what would be right."""
    tokens = tokenise(text, columns)
    checker = Checker(columns)
    try:
        parsed = _parse(text, tokens)
        _refuse_depth(parsed)
        checked = checker.check(parsed)
    except ExpressionError as error:
        if words := unquoted_words(tokens, columns):
            raise ExpressionError(
                f"{error}; the column `{words[0]}` is named like a word of expressions:"
                f' write it as "{words[0]}", in double quotes'
            ) from error
        raise
    if checked.kind is None:
        raise ExpressionError("the expression is always NULL; name a column or a value")
    return Expression(text, checked.tree, checked.kind, frozenset(checker.read))


def _parse(text: str, tokens: list[Token]) -> exp.Expr:
    try:
        statements = DuckDB().parser().parse(tokens, text)
    except RecursionError as error:
        raise ExpressionError("nested too deep; write it flatter") from error
    except SqlglotError as error:
        raise ExpressionError(
            f"`{_short(text)}` is not a whole expression; check brackets, quotes and operators"
        ) from error
    if len(statements) != 1 or statements[0] is None:
        raise ExpressionError("more than one statement; write one expression without `;`")
    return statements[0]


def _refuse_depth(tree: exp.Expr) -> None:
    level, depth = [tree], 0
    while level:
        depth += 1
        if depth > MAX_DEPTH:
            raise ExpressionError(
                f"more than {MAX_DEPTH} operators in a row or levels; use `in` or split the rule"
            )
        level = [child for node in level for child in node.iter_expressions()]


def _short(text: str) -> str:
    return text if len(text) <= 80 else text[:77] + "..."
