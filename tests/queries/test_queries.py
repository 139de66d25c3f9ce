"""Each query gives the rows it promises: folders of given events and expected rows."""

import csv
import json
from pathlib import Path
from typing import Any

import duckdb
import pytest
from sqlglot import exp

from slo_report.rollup.measures import timestamp
from slo_report.rollup.queries import filled, query

CASES = sorted(path for path in (Path(__file__).parent / "cases").glob("*/*") if path.is_dir())
QUERIES = sorted(path.stem for path in (Path(__file__).parents[2] / "queries").glob("*.sql"))

BOUNDS = {
    "from_ts": timestamp(0).sql(dialect="duckdb"),
    "to_ts": timestamp(4_000_000_000_000_000).sql(dialect="duckdb"),
}
ALLOWED = {
    exp.Abs, exp.And, exp.Case, exp.Cast, exp.Count, exp.Floor, exp.If, exp.Ln, exp.Max, exp.Min,
    exp.Neg, exp.Or, exp.Sum,
}  # fmt: skip
"""What is equal on every engine; anything else needs a proof of parity first."""


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.parent.name}/{case.name}")
def test_query_gives_the_expected_rows(case: Path) -> None:
    connection, blanks = _given(case)
    sql = filled(case.parent.name, blanks)
    rows = connection.execute(sql).fetchall()
    with (case / "expected.csv").open(newline="") as file:
        header, *expected = list(csv.reader(file))
    assert [column[0] for column in connection.execute(sql).description or []] == header
    texts = [["" if value is None else str(value) for value in row] for row in rows]
    assert sorted(texts) == sorted(expected)


GROUPED = ("period", "key", "measure")


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.parent.name}/{case.name}")
def test_items_of_one_value_need_not_be_grouped_by(case: Path) -> None:
    with (case / "expected.csv").open(newline="") as file:
        header, *expected = list(csv.reader(file))
    alike = {
        name: f"'{expected[0][number]}'" if expected[0][number] else "NULL"
        for number, name in enumerate(header)
        if name in GROUPED and len({row[number] for row in expected}) == 1
    }
    connection, blanks = _given(case)
    rows = connection.execute(filled(case.parent.name, blanks, constant=alike)).fetchall()
    texts = [["" if value is None else str(value) for value in row] for row in rows]
    assert sorted(texts) == sorted(expected)


@pytest.mark.parametrize("name", QUERIES)
def test_query_opens_with_its_grain(name: str) -> None:
    text = (Path(__file__).parents[2] / "queries" / f"{name}.sql").read_text()
    assert text.startswith(("-- One row per ", "-- The bucket of a measured value"))


@pytest.mark.parametrize("name", QUERIES)
def test_query_uses_only_what_every_engine_computes_alike(name: str) -> None:
    used = {type(node) for node in query(name).find_all(exp.Func)}
    assert used <= ALLOWED


@pytest.mark.parametrize("name", QUERIES)
def test_query_has_a_case_of_its_own(name: str) -> None:
    tried = {case.parent.name for case in CASES}
    assert name in tried or name == "bucket_of_value"


def _given(case: Path) -> tuple[duckdb.DuckDBPyConnection, dict[str, Any]]:
    """Return a database with the case's tables, and what fills the query's blanks."""
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    for table in sorted(case.glob("*.csv")):
        if table.name != "expected.csv":
            _load(connection, table)
    blanks = {
        "among": "TRUE",
        "bucket": query("bucket_of_value").selects[0].this.sql(dialect="duckdb"),
        **BOUNDS,
        **json.loads((case / "blanks.json").read_text()),
    }
    return connection, blanks


def _load(connection: duckdb.DuckDBPyConnection, table: Path) -> None:
    connection.execute(
        f"CREATE TABLE {table.stem} AS SELECT * FROM read_csv($file, nullstr='NULL')",
        {"file": str(table)},
    )
