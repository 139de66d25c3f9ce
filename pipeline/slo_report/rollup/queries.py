"""The queries of `queries/`: read, filled with checked expressions, rendered for an engine.

A query names its blanks as parameters (`$hit`). They are filled in the syntax tree, never in text,
and a select item whose blank has several fillings is repeated: `hits_0`, `hits_1`, ...
"""

from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import TypeVar

import sqlglot
from sqlglot import exp
from sqlglot.dialects.dialect import DialectType

Tree = TypeVar("Tree", bound=exp.Expr)

Blank = str | Sequence[str]
"""What fills a blank: an expression rendered for the engine, or several."""


@cache
def query(name: str) -> exp.Select:
    """Return the syntax tree of queries/`name`.sql."""
    text = files("slo_report.queries").joinpath(f"{name}.sql").read_text(encoding="utf-8")
    tree = sqlglot.parse_one(text, read="duckdb")
    if not isinstance(tree, exp.Select):
        raise TypeError(f"queries/{name}.sql is no SELECT")
    return tree


def filled(
    name: str,
    blanks: Mapping[str, Blank],
    dialect: DialectType = "duckdb",
    constant: Mapping[str, str] = MappingProxyType({}),
) -> str:
    """Return query `name` with its blanks filled, as text for an engine.

    A blank with a list of fillings repeats the select items that use it, numbered from 0. Only
    expressions rendered from checked trees may come in. Items that are `constant`, one value
    throughout, are given as that and not grouped by: each would cost as much as a key.
    """
    select = query(name).copy()
    _group_by_less(select, constant)
    many = {blank: texts for blank, texts in blanks.items() if not isinstance(texts, str)}
    for part in select.find_all(exp.Select):
        _repeat(part, many)
    whole = {blank: text for blank, text in blanks.items() if isinstance(text, str)}
    return _fill(select, whole).sql(dialect=dialect, comments=False)


def all_of(*predicates: exp.Expr) -> exp.Expr:
    """Return the predicate that each of them holds; TRUE where there is none."""
    return exp.and_(*predicates) if predicates else exp.true()


def is_null(tree: exp.Expr) -> exp.Expr:
    """Return the predicate that an expression is NULL."""
    # A column as slo.yaml writes it, so that both are seen to be one condition.
    operand = tree if isinstance(tree, exp.Column) else exp.paren(tree)
    return exp.Is(this=operand, expression=exp.null())


def _repeat(select: exp.Select, many: Mapping[str, Sequence[str]]) -> None:
    """Repeat the items whose blanks have several fillings, where they are grouped by, too."""
    group = select.args.get("group")
    grouped = {int(number.name) for number in group.expressions} if group else set()
    items: list[exp.Expr] = []
    numbers: list[int] = []
    for number, item in enumerate(select.selects, start=1):
        made = _repeated(item, many)
        if number in grouped:
            numbers += range(len(items) + 1, len(items) + len(made) + 1)
        items += made
    select.set("expressions", items)
    if group:
        group.set("expressions", [exp.Literal.number(number) for number in numbers])


def _repeated(item: exp.Expr, many: Mapping[str, Sequence[str]]) -> list[exp.Expr]:
    used = [blank for blank in many if any(p.name == blank for p in item.find_all(exp.Placeholder))]
    if not used:
        return [item]
    return [
        _numbered(_fill(item.copy(), {blank: many[blank][number] for blank in used}), number)
        for number in range(len(many[used[0]]))
    ]


def _group_by_less(select: exp.Select, constant: Mapping[str, str]) -> None:
    """Take constant items out of GROUP BY, but for one: without any there would be a row of none.

    The queries group by the numbers of their items.
    """
    group = select.args["group"]
    numbers = [int(number.name) for number in group.expressions]
    kept = [n for n in numbers if select.selects[n - 1].alias not in constant] or numbers[:1]
    for number in set(numbers) - set(kept):
        item = select.selects[number - 1]
        item.set("this", exp.Var(this=constant[item.alias]))
    group.set("expressions", [exp.Literal.number(number) for number in kept])


def _numbered(item: exp.Expr, number: int) -> exp.Expr:
    item.set("alias", exp.to_identifier(f"{item.alias}_{number}"))
    return item


def _fill(tree: Tree, blanks: Mapping[str, str]) -> Tree:
    for node in list(tree.find_all(exp.Placeholder)):
        if node.name in blanks:
            # Rendered once and placed as it is: trees of a hundred questions are slow to copy.
            node.replace(exp.Var(this=f"({blanks[node.name]})"))
    return tree
