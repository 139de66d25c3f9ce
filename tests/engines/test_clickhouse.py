"""ClickHouse over HTTP gives every roll-up row for row, and the same report.json."""

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest

from slo_report.engines import clickhouse, clickhouse_store, clickhouse_tables
from slo_report.engines.clickhouse import Connection
from slo_report.errors import DefinitionError, EngineError
from tests.engines.cases import CASES, by_duckdb, prepared, with_table, write_table
from tests.engines.recording import Measured, measured

pytest.importorskip("chdb", reason="make test-clickhouse installs it")
pytest.importorskip("clickhouse_connect", reason="make test-clickhouse installs it")
pytestmark = pytest.mark.clickhouse


@pytest.fixture(scope="session")
def connection() -> Iterator[Connection]:
    from tests.engines.chdb_server import served

    with served() as address, clickhouse.connected(f"{address}/default") as connection:
        yield connection


def use(connection: Connection, database: str) -> None:
    """Let unqualified names be those of a database, made if there is none."""
    connection.command(f"CREATE DATABASE IF NOT EXISTS {database}")
    connection.command(f"USE {database}")


def by_clickhouse(connection: Connection, name: str) -> Measured:
    use(connection, name)
    definition, month = prepared(name)
    engine = clickhouse_store.over_files(connection, definition, lambda _text: None)
    return measured(engine, definition, month, definition.reports)


@pytest.mark.parametrize("name", CASES)
def test_clickhouse_counts_what_duckdb_counts(connection: Connection, name: str) -> None:
    mine, reference = by_clickhouse(connection, name), by_duckdb(name)
    assert [query for query, _ in mine.answers] == [query for query, _ in reference.answers]
    for (query, rows), (_, expected) in zip(mine.answers, reference.answers, strict=True):
        assert (query, rows) == (query, expected)
    assert mine.json == reference.json
    print(f"{name}: {len(mine.answers)} roll-ups, {mine.rows:,} rows equal")


def test_a_second_load_reads_nothing_again(connection: Connection) -> None:
    by_clickhouse(connection, "edges")
    definition, _ = prepared("edges")
    told: list[str] = []
    clickhouse_store.over_files(connection, definition, told.append)
    assert told == []


def test_a_file_that_changed_replaces_its_rows(connection: Connection) -> None:
    by_clickhouse(connection, "edges")
    definition, _ = prepared("edges")
    path = definition.path.parent / "edges.jsonl"
    lines = path.read_bytes()
    path.write_bytes(lines + lines.splitlines(keepends=True)[1].replace(b'"r1"', b'"new"'))
    try:
        engine = clickhouse_store.over_files(connection, definition, lambda _text: None)
        [file] = engine.files().to_dicts()
        kept = connection.query("SELECT count(*) AS rows FROM slo_requests").item()
    finally:
        path.write_bytes(lines)
    assert (file["lines"], kept) == (lines.count(b"\n") + 1, lines.count(b"\n") + 1)


def test_a_table_that_is_there_counts_like_its_rows_in_parquet(connection: Connection) -> None:
    use(connection, "tables")
    definition, month, parquet = write_table()
    connection.command("DROP TABLE IF EXISTS lake")
    connection.command(
        f"CREATE TABLE lake ENGINE = MergeTree ORDER BY tuple() AS SELECT * FROM file('{parquet}')"
    )
    engine = clickhouse_tables.over_tables(connection, with_table(definition, "lake"))
    mine = measured(engine, definition, month, definition.reports)
    reference = by_duckdb("edges_parquet")
    # A table has another name, no digest and no order of its lines; all else is the same.
    assert mine.answers[3:] == reference.answers[3:]
    assert mine.quarantined == reference.quarantined


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("1.5", "Float64"),
        ("toUInt64(1)", "UInt64"),
        ("toDecimal256(1, 2)", "Decimal(76, 2)"),
        ("[1]", "Array(UInt8)"),
        ("'1'", "String"),
    ],
)
def test_a_column_that_cannot_be_read_exactly_is_refused(
    connection: Connection, value: str, kind: str
) -> None:
    use(connection, "odd")
    definition, _, _ = write_table()
    connection.command(
        f"CREATE OR REPLACE VIEW odd AS SELECT now() AS time, 200 AS status, {value} AS us2"
    )
    log = definition.logs[0]
    fields = tuple(
        replace(field, source="us2") if field.column == "duration" else field
        for field in log.fields
        if field.column in ("ts", "status", "duration")
    )
    odd = with_table(definition, "odd", fields)
    told = f"column `us2` of table odd is {re.escape(kind)}, and duration"
    with pytest.raises(DefinitionError, match=told):
        clickhouse_tables.over_tables(connection, odd)


def test_what_the_server_refuses_is_told_in_a_sentence(connection: Connection) -> None:
    with pytest.raises(EngineError, match=r"ClickHouse: .*nowhere"):
        connection.query("SELECT * FROM nowhere")


def test_a_server_that_is_not_there_is_told_in_a_sentence() -> None:
    with (
        pytest.raises(EngineError, match="ClickHouse: "),
        clickhouse.connected("http://127.0.0.1:9/slo"),
    ):
        pass
