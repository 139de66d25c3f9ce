"""Nothing reaches an engine but what every engine computes alike.

The other tests of this folder prove it for what is allowed; anything new needs a proof first.
"""

from collections.abc import Sequence
from pathlib import Path

import polars as pl
import pytest
from sqlglot import exp

from slo_report.load.load import load_logs
from slo_report.rollup.calendar import Calendar
from slo_report.rollup.engine import Blanks, DuckDbEngine
from slo_report.rollup.queries import query
from slo_report.store import open_store
from tests.engines.cases import CASES, prepared
from tests.engines.recording import measured

QUERIES = sorted(path.stem for path in (Path(__file__).parents[2] / "queries").glob("*.sql"))
ALLOWED = {
    exp.Abs, exp.And, exp.Case, exp.Cast, exp.Ceil, exp.Coalesce, exp.Contains, exp.Count,
    exp.EndsWith, exp.Floor, exp.Greatest, exp.If, exp.Least, exp.Length, exp.Ln, exp.Lower,
    exp.Max, exp.Min, exp.Nullif, exp.Or, exp.StartsWith, exp.Sum, exp.TimestampTrunc, exp.Upper,
}  # fmt: skip
"""Functions, as sqlglot sees them."""
REFUSED_NODES = (exp.Window, exp.Anonymous, exp.WithinGroup, exp.Bracket)
CAST_TO = {
    exp.DType.BIGINT, exp.DType.INT, exp.DType.DOUBLE, exp.DType.DECIMAL, exp.DType.VARCHAR,
    exp.DType.TEXT, exp.DType.TIMESTAMP, exp.DType.TIMESTAMPNTZ,
}  # fmt: skip


def refused(tree: exp.Expr) -> list[str]:
    """Return what in a tree is outside of the allow-list."""
    functions = [node for node in tree.find_all(exp.Func) if type(node) not in ALLOWED]
    others = [node for kind in REFUSED_NODES for node in tree.find_all(kind)]
    casts = [
        node
        for node in tree.find_all(exp.Cast)
        if node.args["to"].this not in CAST_TO or _rounds_otherwise(node)
    ]
    return [node.sql(dialect="duckdb") for node in (*functions, *others, *casts)]


def _rounds_otherwise(cast: exp.Cast) -> bool:
    """To a whole number DuckDB rounds a double, the others cut it: only what is whole may be."""
    if cast.args["to"].this not in (exp.DType.BIGINT, exp.DType.INT):
        return False
    counted = cast.this.this if isinstance(cast.this, exp.Filter) else cast.this
    return not isinstance(counted, exp.Floor | exp.Ceil | exp.Count | exp.Sum | exp.Min | exp.Max)


@pytest.mark.parametrize("name", QUERIES)
def test_a_query_is_made_of_what_is_allowed(name: str) -> None:
    assert refused(query(name)) == []


@pytest.mark.parametrize("name", QUERIES)
def test_an_alias_is_no_column_of_a_request(name: str) -> None:
    """ClickHouse would let it stand in for the column everywhere."""
    fixed = {"ts", "source", "endpoint", "duplicate", "file_id"}
    for select in query(name).find_all(exp.Select):
        for item in select.expressions:
            same = isinstance(item, exp.Alias) and item.this.name == item.alias
            if isinstance(item, exp.Alias) and not same:
                assert item.alias not in fixed


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT quantile_cont(duration, 0.99) FROM events",
        "SELECT time_bucket(INTERVAL '5 minutes', ts) FROM events",
        "SELECT round(duration) FROM events",
        "SELECT CAST(duration / 2 AS BIGINT) FROM events",
        "SELECT approx_quantile(duration, 0.5) FROM events",
        "SELECT epoch_ms(ts) FROM events",
        "SELECT row_number() OVER (ORDER BY ts) FROM events",
    ],
)
def test_what_engines_compute_otherwise_is_refused(sql: str) -> None:
    from sqlglot import parse_one

    assert refused(parse_one(sql, read="duckdb"))


class Listening(DuckDbEngine):
    """Keeps every expression that a report asks with."""

    asked: list[exp.Expr]

    def run(
        self,
        name: str,
        calendar: Calendar | None,
        blanks: Blanks,
        wanted: pl.DataFrame | None = None,
    ) -> pl.DataFrame:
        for trees in blanks.values():
            self.asked += trees if isinstance(trees, Sequence) else [trees]
        return super().run(name, calendar, blanks, wanted)


@pytest.mark.long
@pytest.mark.parametrize(
    "name",
    CASES,
)
def test_every_expression_of_a_report_is_made_of_what_is_allowed(name: str, tmp_path: Path) -> None:
    definition, month = prepared(name)
    with open_store(tmp_path / "slo.duckdb") as store:
        load_logs(store, definition, lambda _text: None)
        engine = Listening(store)
        engine.asked = []
        measured(engine, definition, month, tmp_path)
    assert {text for tree in engine.asked for text in refused(tree)} == set()
    assert engine.asked
