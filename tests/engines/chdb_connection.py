"""ClickHouse in process: the same SQL through chdb instead of a server."""

import io
from pathlib import Path

import polars as pl
from chdb import session

from slo_report.engines.clickhouse import SETTINGS


class ChdbConnection:
    """A `Connection` to a database of its own."""

    def __init__(self) -> None:
        self.session = session.Session()
        # Deletions are waited for, so that a test sees what is left.
        for name, value in {**SETTINGS, "mutations_sync": 1}.items():
            self.session.query(f"SET {name} = {value}")

    def use(self, database: str) -> None:
        """Let unqualified names be those of a database, made if there is none."""
        self.session.query(f"CREATE DATABASE IF NOT EXISTS {database}")
        self.session.query(f"USE {database}")

    def query(self, sql: str) -> pl.DataFrame:
        """See `Connection.query`."""
        parquet = self.session.query(sql, "Parquet").bytes()
        return pl.read_parquet(io.BytesIO(parquet))

    def command(self, sql: str) -> None:
        """See `Connection.command`."""
        self.session.query(sql)

    def insert(self, table: str, columns: list[str], parquet: Path) -> None:
        """See `Connection.insert`."""
        names = ", ".join(f'"{name}"' for name in columns)
        self.session.query(
            f"INSERT INTO {table} ({names}) SELECT {names} FROM file('{parquet}', 'Parquet')"
        )
