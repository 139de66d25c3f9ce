"""The store: a DuckDB file of requests and the ledger of their files; a cache of the logs."""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from slo_report.arrow import to_frame
from slo_report.errors import DiskError
from slo_report.slo_yaml.expressions import Kind

# Read-only facts about how a request's columns are kept.
STORE_TYPES: Mapping[Kind, str] = {
    Kind.TEXT: "VARCHAR",
    Kind.INTEGER: "BIGINT",
    Kind.NUMBER: "DECIMAL(38,18)",
    Kind.DOUBLE: "DOUBLE",
    Kind.BOOLEAN: "BOOLEAN",
    Kind.DURATION: "BIGINT",
    Kind.TIMESTAMP: "TIMESTAMP",
}
_DISK_SIGNS = ("No space left on device", "File too large", "Could not write", "Input/output error")
FIXED_COLUMNS = ("file_id", "duplicate", "source", "ts")

_SCHEMA = """
CREATE TABLE IF NOT EXISTS files (
    file_id INTEGER, source VARCHAR, name VARCHAR, size BIGINT, modified_ns BIGINT,
    sha256 VARCHAR, content_sha256 VARCHAR, reading_digest VARCHAR,
    state VARCHAR, reason VARCHAR, lines BIGINT, blank BIGINT, usable BIGINT,
    first_ts TIMESTAMP, last_ts TIMESTAMP, skipped_for VARCHAR, in_order BOOLEAN,
    deduplicated BOOLEAN);
CREATE TABLE IF NOT EXISTS quarantine (file_id INTEGER, line BIGINT, reason VARCHAR);
CREATE TABLE IF NOT EXISTS requests (
    file_id INTEGER, duplicate BOOLEAN, source VARCHAR, ts TIMESTAMP);
"""


@dataclass(frozen=True)
class Store:
    """An open store: tables files, quarantine and requests behind one connection."""

    connection: duckdb.DuckDBPyConnection
    path: Path

    def to_polars(self, sql: str, params: object = None) -> pl.DataFrame:
        """Run one query and return its rows; counts and sums must be cast to BIGINT in it."""
        relation = self.connection.sql(sql, params=params)
        return to_frame(relation)

    def rows(self, sql: str, params: object = None) -> list[tuple[Any, ...]]:
        """Run one statement and return all its rows as tuples."""
        return self.connection.execute(sql, params).fetchall()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Keep all of what is done inside, or, on any exception, nothing of it.

        Raises DiskError where the store's files cannot be written.
        """
        self.connection.execute("BEGIN")
        try:
            yield
            self.connection.execute("COMMIT")
        except BaseException as error:
            # A statement that failed has left the transaction open but useless; a failed COMMIT
            # or a broken store has left none to roll back.
            with suppress(duckdb.Error):
                self.connection.execute("ROLLBACK")
            if isinstance(error, duckdb.Error) and _is_about_disk(error):
                raise DiskError(f"The store {self.path.name} cannot be written: {error}") from error
            raise

    def match_columns(self, columns: Mapping[str, Kind]) -> None:
        """Give `requests` every column of `columns`; one whose type changed starts anew, empty."""
        present = {
            str(name): str(kind)
            for name, kind in self.rows(
                "SELECT column_name, data_type FROM duckdb_columns() "
                "WHERE table_name = 'requests' AND NOT internal"
            )
        }
        for name, kind in columns.items():
            if name in FIXED_COLUMNS or present.get(name) == STORE_TYPES[kind]:
                continue
            quoted = quote_name(name)
            if name in present:
                self.connection.execute(f"ALTER TABLE requests DROP COLUMN {quoted}")
            # Ids hardly repeat: to look for what would compress them costs more than it saves.
            packing = " USING COMPRESSION uncompressed" if name == "request_id" else ""
            self.connection.execute(
                f"ALTER TABLE requests ADD COLUMN {quoted} {STORE_TYPES[kind]}{packing}"
            )


def _is_about_disk(error: duckdb.Error) -> bool:
    """Tell errors of reading and writing files from those of what is in them."""
    if isinstance(error, duckdb.IOException):
        return True
    # At COMMIT and CHECKPOINT the disk's error comes as one of another class.
    return any(sign in str(error) for sign in _DISK_SIGNS)


def quote_name(name: str) -> str:
    """Return a column name as SQL."""
    return '"' + name.replace('"', '""') + '"'


def quote_text(text: str) -> str:
    """Return a text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


@contextmanager
def open_store(
    path: Path,
    *,
    memory_limit: str | None = None,
    threads: int | None = None,
    temp_directory: Path | None = None,
) -> Iterator[Store]:
    """Open the store at `path`, made with its schema if there is none, and close it at the end."""
    if not path.exists():
        _create(path)
    connection = _connect(path)
    try:
        _settle(connection, memory_limit, threads, temp_directory)
        connection.execute(_SCHEMA)
        yield Store(connection, path)
    finally:
        connection.close()


def _connect(path: Path) -> duckdb.DuckDBPyConnection:
    """Connect; the open itself must not fetch an extension, hence these two settings here."""
    try:
        return duckdb.connect(
            str(path),
            config={"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"},
        )
    except duckdb.IOException as error:
        raise DiskError(f"The store {path.name} cannot be opened: {error}") from error


def _create(path: Path) -> None:
    """Make a new store under another name: a crash while creating leaves an unopenable file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f"{path.name}.new-{os.getpid()}")
    aside.unlink(missing_ok=True)
    connection = _connect(aside)
    try:
        connection.execute(_SCHEMA)
        connection.execute("CHECKPOINT")
    finally:
        connection.close()
    with aside.open("rb") as made:
        os.fsync(made.fileno())
    aside.rename(path)


def _settle(
    connection: duckdb.DuckDBPyConnection,
    memory_limit: str | None,
    threads: int | None,
    temp_directory: Path | None,
) -> None:
    """Set what every query relies on: UTC, nothing on standard output, nothing from the network."""
    settings: Sequence[tuple[str, str]] = (
        # The progress bar goes to standard output and would break --json.
        ("enable_progress_bar", "false"),
        ("TimeZone", "'UTC'"),
        ("allow_community_extensions", "false"),
        ("python_enable_replacements", "false"),
        # Rows of a file stay in the order of its lines: duplicates are decided by it.
        ("preserve_insertion_order", "true"),
        # The cache goes by name, size and time: a file written anew at once may be read as it was.
        ("enable_external_file_cache", "false"),
    )
    for name, value in settings:
        connection.execute(f"SET {name} = {value}")
    if memory_limit is not None:
        connection.execute(f"SET memory_limit = {quote_text(memory_limit)}")
    if threads is not None:
        connection.execute(f"SET threads = {threads:d}")
    if temp_directory is not None:
        connection.execute(f"SET temp_directory = {quote_text(str(temp_directory))}")
