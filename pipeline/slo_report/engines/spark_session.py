"""A session of Spark Connect: opened and left as found, asked, told what every query relies on."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import polars as pl

from slo_report.errors import DefinitionError, EngineError

if TYPE_CHECKING:
    from pyspark.sql.connect.session import SparkSession

TOKEN_VARIABLE = "SLO_REPORT_SPARK_TOKEN"
_SETTINGS = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "true",
    # Else `FROM events WHERE (TRUE)` is a table called WHERE with a column called TRUE.
    "spark.sql.ansi.enforceReservedKeywords": "true",
    # A product keeps all its decimals, and fails where it does not fit, instead of losing some.
    "spark.sql.decimalOperations.allowPrecisionLoss": "false",
}
KEPT = ("read_rows", "requests", "quarantine")
"""The views that are computed once."""


@contextmanager
def connected(address: str) -> "Iterator[SparkSession]":
    """Open a session of its own on the Spark Connect server at `address`.

    Raises EngineError if there is none, DefinitionError without the package.
    """
    try:
        from pyspark.sql.connect.session import SparkSession
    except ImportError as error:
        raise DefinitionError(
            f"engine: spark needs a package that is not here ({error.name}); "
            "pip install 'slo-report[spark]'"
        ) from error
    if token := os.environ.get(TOKEN_VARIABLE):
        address = f"{address.rstrip('/')}{'' if '/;' in address else '/'};token={token}"
    with told_as_engine_error():
        session = SparkSession.builder.remote(address).create()
    answers = True
    try:
        yield session
    except EngineError:
        answers = False
        raise
    finally:
        if answers:
            _let_go(session)
        session.stop()


@contextmanager
def told_as_engine_error() -> Iterator[None]:
    """Let what Spark says come as one sentence."""
    from grpc import RpcError
    from pyspark.errors import PySparkException

    try:
        yield
    except (PySparkException, RpcError) as error:
        raise EngineError(f"Spark: {_first_line(str(error))}; see the log of its server") from error


def _first_line(text: str) -> str:
    """Return what a failure says, without the stack of the server."""
    details = re.search(r'details = "(.*)"', text)
    return (details[1] if details else text.strip().partition("\n")[0])[:500]


def answer(session: "SparkSession", sql: str) -> pl.DataFrame:
    """Return the rows of a SELECT.

    `session.sql(...).toArrow()` has the server analyse the text three times: to tell a query from
    a command, for its schema, and to run it. Analysing is most of what a roll-up costs Spark.
    """
    from pyspark.sql.connect.plan import SQL

    with told_as_engine_error():
        table, _, _ = session.client.to_table(SQL(sql).to_proto(session.client), {})
    return pl.DataFrame(table)


def upload(session: "SparkSession", name: str, frame: pl.DataFrame) -> None:
    """Make a small frame a temporary view."""
    with told_as_engine_error():
        session.createDataFrame(frame.to_arrow()).createOrReplaceTempView(name)


def settle(session: "SparkSession") -> None:
    """Set what every query relies on."""
    with told_as_engine_error():
        for name, value in _SETTINGS.items():
            session.conf.set(name, value)


def keep(session: "SparkSession", view: str) -> None:
    """Let the workers compute a view of `KEPT` once, and have it until the session is left."""
    session.sql(f"CACHE TABLE {view} OPTIONS ('storageLevel' 'MEMORY_AND_DISK')")


def _let_go(session: "SparkSession") -> None:
    """Free what was kept: a server that goes on would have it for as long as it runs."""
    with told_as_engine_error():
        for view in KEPT:
            session.sql(f"UNCACHE TABLE IF EXISTS {view}")
