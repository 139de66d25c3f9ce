"""Checked expressions in the SQL of other engines, such that they mean what they mean in DuckDB.

sqlglot renames functions and quotes; what engines compute otherwise under the same name is settled
here, and what none of this can make equal is refused. docs/scale lists the differences.
"""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from sqlglot import exp
from sqlglot.dialects.clickhouse import ClickHouse
from sqlglot.dialects.dialect import Dialect
from sqlglot.dialects.spark import Spark
from sqlglot.generator import Generator
from sqlglot.generators.clickhouse import ClickHouseGenerator
from sqlglot.generators.spark import SparkGenerator

from slo_report.errors import DefinitionError
from slo_report.slo_yaml.arithmetic import COLUMN_SCALE
from slo_report.slo_yaml.kinds import Kind

WIDE = f"Nullable(Decimal(76, {COLUMN_SCALE}))"
"""A type of ClickHouse in which no product or sum of two columns wraps around."""
_Writer = Callable[[Generator, Any], str]


@cache
def portable(engine: str) -> Dialect:
    """Return the dialect of "spark" or "clickhouse" in which expressions keep their meaning."""
    return {"spark": PortableSpark, "clickhouse": PortableClickHouse}[engine]()


def refuse_unequal(engine: str, tree: exp.Expr, kinds: Mapping[str, Kind], where: str) -> None:
    """Raise DefinitionError where an expression cannot give on `engine` what DuckDB gives.

    `kinds` are those of the columns; `where` names the expression.
    """
    if engine != "clickhouse":
        return
    for remainder in tree.find_all(exp.Mod):
        if not _is_whole(remainder, kinds):
            raise DefinitionError(
                f"{where}: `%` of numbers with decimals is not exact on ClickHouse; "
                "take it of integers, or use engine: duckdb"
            )


def _is_whole(tree: exp.Expr, kinds: Mapping[str, Kind]) -> bool:
    columns = (kinds.get(column.name) for column in tree.find_all(exp.Column))
    literals = (literal.name for literal in tree.find_all(exp.Literal))
    return (
        all(kind in (Kind.INTEGER, Kind.DURATION) for kind in columns)
        and not any("." in text for text in literals)
        and tree.find(exp.Div) is None
    )


def _like(name: str) -> _Writer:
    """In DuckDB a backslash in a pattern is itself; elsewhere it escapes."""

    def write(generator: Generator, node: exp.Binary) -> str:
        pattern = node.expression
        if isinstance(pattern, exp.Literal) and "\\" in pattern.name:
            node = node.copy()
            node.set("expression", exp.Literal.string(pattern.name.replace("\\", "\\\\")))
        return generator.binary(node, name)

    return write


class PortableSpark(Spark):
    """Spark SQL for a session in UTC, ANSI mode, with decimals that keep their scale."""

    class Generator(SparkGenerator):
        """Writes it."""

        TRANSFORMS = {  # noqa: RUF012 - sqlglot's own way to say how nodes are written
            **SparkGenerator.TRANSFORMS,
            exp.Like: _like("LIKE"),
            exp.ILike: _like("ILIKE"),
        }


def _clickhouse_cast(generator: Generator, node: exp.Cast) -> str:
    """A DateTime would lose the fraction; a cast between decimals cuts where DuckDB rounds."""
    to = node.args["to"]
    value = generator.sql(node, "this")
    if to.is_type(exp.DType.TIMESTAMP, exp.DType.TIMESTAMPNTZ):
        return f"toDateTime64({value}, 6, 'UTC')"
    if to.is_type(exp.DType.DECIMAL):
        scale = int(to.expressions[1].name) if len(to.expressions) > 1 else 0
        return f"round(CAST({value} AS {WIDE}), {scale})"
    if to.is_type(exp.DType.INT, exp.DType.BIGINT):
        # Of a CASE every branch may be computed, the logarithm of zero too.
        return f"accurateCastOrNull({value}, '{generator.sql(exp.DataType(this=to.this))}')"
    return generator.cast_sql(node)


def _clickhouse_number(generator: Generator, node: exp.Literal) -> str:
    """A literal with a point would be a double."""
    if not node.is_string and "." in node.name:
        decimals = len(node.name.partition(".")[2])
        return f"CAST('{node.name}' AS Decimal(38, {decimals}))"
    return generator.literal_sql(node)


def _clickhouse_arithmetic(operator: str) -> _Writer:
    """Whole numbers and decimals wrap around silently, unless they are wide enough not to."""

    def write(generator: Generator, node: exp.Expr) -> str:
        left, right = generator.sql(node, "this"), generator.sql(node, "expression")
        if node.find(exp.Div):
            return f"{left} {operator} {right}"
        wide = f"CAST({left} AS {WIDE}) {operator} CAST({right} AS {WIDE})"
        # Of 36 decimals a product has at most 18 that are not zero: the checker saw to it.
        return f"CAST({wide} AS {WIDE})"

    return write


def _call(name: str) -> _Writer:
    return lambda generator, node: f"{name}({generator.sql(node, 'this')})"


class PortableClickHouse(ClickHouse):
    """ClickHouse SQL with exact decimals, microseconds and letters beyond ASCII."""

    class Generator(ClickHouseGenerator):
        """Writes it."""

        TRANSFORMS = {  # noqa: RUF012 - as above
            **ClickHouseGenerator.TRANSFORMS,
            exp.Like: _like("LIKE"),
            exp.ILike: _like("ILIKE"),
            exp.Cast: _clickhouse_cast,
            exp.Literal: _clickhouse_number,
            exp.Mul: _clickhouse_arithmetic("*"),
            exp.Add: _clickhouse_arithmetic("+"),
            exp.Sub: _clickhouse_arithmetic("-"),
            exp.Lower: _call("lowerUTF8"),
            exp.Upper: _call("upperUTF8"),
            exp.Length: _call("lengthUTF8"),
        }
