"""A real Spark, through Spark Connect, gives every roll-up row by row, and the same report."""

import os
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from slo_report.engines import spark
from slo_report.engines.spark_session import TOKEN_VARIABLE, connected
from slo_report.errors import DefinitionError, EngineError, InputError
from tests.engines.cases import CASES, by_duckdb, prepared, with_table, write_table
from tests.engines.recording import measured

pytest.importorskip("pyspark", reason="make test-spark installs it")
pytestmark = pytest.mark.spark

if TYPE_CHECKING:
    from pyspark.sql.connect.session import SparkSession

TOKEN = "a-token-of-the-tests"


@pytest.fixture(scope="session")
def address() -> Iterator[str]:
    """A Spark Connect server on this machine; its workers are processes of their own."""
    if running := os.environ.get("SLO_REPORT_TEST_SPARK"):
        yield running
        return
    from pyspark.sql import SparkSession

    os.environ |= {
        "SPARK_CONNECT_AUTHENTICATE_TOKEN": TOKEN,
        "PYSPARK_PYTHON": sys.executable,
        # Java compiles well what runs long: of a server of minutes that was half of its time.
        "JDK_JAVA_OPTIONS": "-XX:TieredStopAtLevel=1",
    }
    os.environ[TOKEN_VARIABLE] = TOKEN
    server = (
        SparkSession.builder.remote("local[2]")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.shuffle.partitions", "2")
        # Little data, long queries: compiling them would take nearly all the time.
        .config("spark.sql.codegen.wholeStage", "false")
        .config("spark.sql.codegen.factoryMode", "NO_CODEGEN")
        # Without code, looking up a shared part costs more than computing it again.
        .config("spark.sql.subexpressionElimination.enabled", "false")
        .config("spark.sql.adaptive.enabled", "false")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.host", "127.0.0.1")
        .getOrCreate()
    )
    # Else the first session that ends would stop the server.
    local = os.environ.pop("SPARK_LOCAL_REMOTE")
    yield "sc://localhost"
    os.environ["SPARK_LOCAL_REMOTE"] = local
    server.stop()


@pytest.fixture
def session(address: str) -> "Iterator[SparkSession]":
    with connected(address) as session:
        yield session


@pytest.mark.parametrize("name", [name for name in CASES if name != "generated"])
def test_spark_counts_what_duckdb_counts(session: "SparkSession", name: str) -> None:
    definition, month = prepared(name)
    mine = measured(spark.over_files(session, definition), definition, month, definition.reports)
    reference = by_duckdb(name)
    assert [query for query, _ in mine.answers] == [query for query, _ in reference.answers]
    for (query, rows), (_, expected) in zip(mine.answers, reference.answers, strict=True):
        assert (query, rows) == (query, expected)
    assert mine.json == reference.json
    print(f"{name}: {len(mine.answers)} roll-ups, {mine.rows:,} rows equal")


def test_a_table_that_is_there_counts_like_its_rows_in_parquet(session: "SparkSession") -> None:
    definition, month, parquet = write_table()
    session.read.parquet(str(parquet)).createOrReplaceTempView("lake")
    engine = spark.over_tables(session, with_table(definition, "lake"))
    mine = measured(engine, definition, month, definition.reports)
    reference = by_duckdb("edges_parquet")
    # A table has another name, no digest and no order of its lines; all else is the same.
    assert mine.answers[3:] == reference.answers[3:]
    assert mine.quarantined == reference.quarantined


def test_nothing_of_a_report_stays_on_the_server(address: str) -> None:
    from pyspark import SparkContext

    server = SparkContext._active_spark_context
    if server is None:
        pytest.skip("what a server elsewhere holds is not seen from here")
    definition, _, parquet = write_table()
    held = server._jsc.getPersistentRDDs
    before = held().size()
    with connected(address) as session:
        session.read.parquet(str(parquet)).createOrReplaceTempView("lake")
        spark.over_tables(session, with_table(definition, "lake"))
        assert held().size() == before + 2
    assert held().size() == before


def test_a_table_that_is_not_there_is_told_in_a_sentence(session: "SparkSession") -> None:
    definition, _, _ = write_table()
    with pytest.raises(EngineError, match=r"TABLE_OR_VIEW_NOT_FOUND.*nowhere"):
        spark.over_tables(session, with_table(definition, "nowhere"))


def test_a_required_column_that_the_table_lacks_is_told(session: "SparkSession") -> None:
    definition, _, _ = write_table()
    session.sql("SELECT 1 AS status").createOrReplaceTempView("thin")
    with pytest.raises(DefinitionError, match="table thin has no column `time`"):
        spark.over_tables(session, with_table(definition, "thin"))


def test_no_file_is_told_before_any_work(session: "SparkSession") -> None:
    definition, _, _ = write_table()
    with pytest.raises(InputError, match="no log file found"):
        spark.over_files(session, with_table(definition, "lake"))
