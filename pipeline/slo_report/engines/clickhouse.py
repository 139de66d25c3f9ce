"""ClickHouse: queries run where the rows are, over its HTTP interface."""

import io
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import polars as pl
from sqlglot import exp

from slo_report.engines.dialects import WIDE
from slo_report.engines.transpiled import TranspiledEngine
from slo_report.errors import DefinitionError, EngineError
from slo_report.slo_yaml.kinds import Kind

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client

USER_VARIABLE = "SLO_REPORT_CLICKHOUSE_USER"
PASSWORD_VARIABLE = "SLO_REPORT_CLICKHOUSE_PASSWORD"
SETTINGS: Mapping[str, int] = {
    # An alias must not stand in for a column of the same name.
    "prefer_column_name_to_alias": 1,
    "join_use_nulls": 1,
    "max_query_size": 16 << 20,
    "max_ast_elements": 1_000_000,
    "max_expanded_ast_elements": 1_000_000,
    "max_parser_depth": 10_000,
    # A clock that was wrong has its requests in any month; each month is a partition.
    "max_partitions_per_insert_block": 0,
}


class Connection:
    """A server, through clickhouse-connect; one session, so that temporary tables last."""

    def __init__(self, client: "Client") -> None:
        self._client = client

    def query(self, sql: str) -> pl.DataFrame:
        """Return the rows of a SELECT; raises EngineError with what the server says."""
        with told_as_engine_error():
            parquet = self._client.raw_query(sql, fmt="Parquet", settings=dict(SETTINGS))
        return pl.read_parquet(io.BytesIO(parquet))

    def command(self, sql: str) -> None:
        """Run a statement that gives no rows; raises EngineError with what the server says."""
        with told_as_engine_error():
            self._client.command(sql, settings=dict(SETTINGS))

    def insert(self, table: str, columns: list[str], parquet: Path) -> None:
        """Put the rows of a Parquet file into a table; raises EngineError.

        The server takes them by the million: where it fails, some may be there.
        """
        with told_as_engine_error(), parquet.open("rb") as rows:
            self._client.raw_insert(
                table,
                column_names=columns,
                insert_block=rows,
                settings=dict(SETTINGS),
                fmt="Parquet",
            )


@contextmanager
def connected(address: str) -> Iterator[Connection]:
    """Open a session at `address`, http(s)://host:port/database.

    User and password come from the environment. Raises EngineError if there is no server,
    DefinitionError without the package.
    """
    try:
        import clickhouse_connect
    except ImportError as error:
        raise DefinitionError(
            "engine: clickhouse needs a package that is not here (clickhouse-connect); "
            "pip install 'slo-report[clickhouse]'"
        ) from error
    parts = urlsplit(address)
    with told_as_engine_error():
        client = clickhouse_connect.get_client(
            host=parts.hostname,
            port=parts.port or (8443 if parts.scheme == "https" else 8123),
            secure=parts.scheme == "https",
            database=parts.path.strip("/") or "default",
            username=os.environ.get(USER_VARIABLE, "default"),
            password=os.environ.get(PASSWORD_VARIABLE, ""),
            client_name="slo-report",
        )
    try:
        yield Connection(client)
    finally:
        client.close()


@contextmanager
def told_as_engine_error() -> Iterator[None]:
    """Let what ClickHouse says come as one sentence."""
    from clickhouse_connect.driver.exceptions import ClickHouseError

    try:
        yield
    except ClickHouseError as error:
        first = str(error).strip().partition("\n")[0]
        raise EngineError(f"ClickHouse: {first[:500]}") from error


class ClickHouseEngine(TranspiledEngine):
    """Queries in the SQL of ClickHouse."""

    dialect = "clickhouse"

    def __init__(
        self,
        connection: Connection,
        columns: Mapping[str, Kind],
        relations: Mapping[str, str],
        files: pl.DataFrame,
    ) -> None:
        super().__init__(columns)
        self._connection = connection
        self._relations = relations
        self._files = files

    def over(self, events: str | None, query_sql: str) -> str:
        """Put the relations before the query, so that nothing is created to be read."""
        named = {**self._relations, **({"events": events} if events is not None else {})}
        return f"WITH {', '.join(f'{n} AS ({sql})' for n, sql in named.items())} {query_sql}"

    def files(self) -> pl.DataFrame:
        """See `Engine.files`."""
        return self._files

    def rows(self, sql: str) -> pl.DataFrame:
        """See `TranspiledEngine.rows`."""
        return self._connection.query(sql)

    def upload(self, name: str, frame: pl.DataFrame) -> None:
        """See `TranspiledEngine.upload`; the table is one of the session alone."""
        types = {pl.Int64: "Int64", pl.String: "Nullable(String)"}
        columns = ", ".join(f"{n} {types[type(t)]}" for n, t in frame.schema.items())
        self._connection.command(f"CREATE OR REPLACE TEMPORARY TABLE {name} ({columns})")
        with TemporaryDirectory(prefix="slo-report-") as folder:
            path = Path(folder) / "rows.parquet"
            frame.write_parquet(path)
            self._connection.insert(name, frame.columns, path)

    def slot(self, slot_us: int) -> str:
        """See `TranspiledEngine.slot`."""
        return f"intDiv(toUnixTimestamp64Micro(requests.ts), {slot_us})"

    def finished(self, sql: str, name: str) -> str:
        """Return sums in 38 digits again: they were added in 76, and fail if they do not fit."""
        if name != "sum_values":
            return sql
        narrow = ", ".join(
            f"CAST({part} AS Nullable(Decimal(38, 18))) AS {part}"
            for part in ("numerator", "denominator")
        )
        return f"SELECT * REPLACE ({narrow}) FROM ({sql}) AS summed"

    def outgoing(self, text: str, tree: exp.Expr, *, summed: bool) -> str:
        """Return what is added up in 76 digits, since it would wrap around, the rest in 38."""
        if summed:
            return f"CAST({text} AS {WIDE})"
        arithmetic = tree.find(exp.Mul, exp.Add, exp.Sub, exp.Cast) is not None
        if not arithmetic or tree.find(exp.Div) is not None:
            return text
        return f"CAST({text} AS Nullable(Decimal(38, 18)))"
