"""The store: a DuckDB file of requests and the ledger of their files; a cache of the logs."""

import os
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from slo_report.arrow import to_frame
from slo_report.errors import DiskError, InputError, OtherLayoutError
from slo_report.quoting import quote_name, quote_text
from slo_report.slo_yaml.expressions import Kind
from slo_report.store_faults import failures_told, leave_no_log_behind, told
from slo_report.store_settings import settle

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
FIXED_COLUMNS = ("file_id", "duplicate", "source", "ts")

_LAYOUT = 2
"""Raised whenever the tables below change; a store of another layout is made anew."""
_SCHEMA = """
CREATE TABLE IF NOT EXISTS files (
    file_id INTEGER, source VARCHAR, name VARCHAR, size BIGINT, modified_ns BIGINT,
    sha256 VARCHAR, content_sha256 VARCHAR, reading_digest VARCHAR,
    state VARCHAR, reason VARCHAR, lines BIGINT, blank BIGINT, usable BIGINT,
    first_ts TIMESTAMP, last_ts TIMESTAMP, skipped_for VARCHAR, in_order BOOLEAN,
    deduplicated BOOLEAN);
CREATE TABLE IF NOT EXISTS layout (version INTEGER);
CREATE TABLE IF NOT EXISTS measured (folder VARCHAR, inputs VARCHAR);
CREATE TABLE IF NOT EXISTS quarantine (file_id INTEGER, line BIGINT, reason VARCHAR);
CREATE TABLE IF NOT EXISTS requests (
    file_id INTEGER, duplicate BOOLEAN, source VARCHAR, ts TIMESTAMP);
CREATE TABLE IF NOT EXISTS retention (dropped_before TIMESTAMP);
"""


@dataclass
class Store:
    """An open store: tables files, quarantine and requests behind one connection."""

    connection: duckdb.DuckDBPyConnection
    path: Path
    memory_limit: str | None = None
    threads: int | None = None
    _folders: tuple[Path, ...] | None = None
    """What it is confined to, None if it is not."""

    @property
    def work(self) -> Path:
        """A folder for temporary files; it is emptied when the store is opened and closed."""
        return work_folder(self.path)

    def to_polars(self, sql: str) -> pl.DataFrame:
        """Run one query and return its rows; counts and sums must be cast to BIGINT in it.

        Raises InputError where a sum has more digits than DuckDB can hold.
        """
        with failures_told(self.path):
            try:
                # A relation over the query itself would be parsed and planned twice.
                self.connection.execute(f"CREATE OR REPLACE TEMP TABLE answer AS {sql}")
                return to_frame(self.connection.table("answer"))
            except duckdb.OutOfRangeException as error:
                raise InputError(
                    "the month's values add up to more than 38 digits hold; let `valid:` leave "
                    "out what no value should be, or divide it"
                ) from error

    def rows(self, sql: str, params: object = None) -> list[tuple[Any, ...]]:
        """Run one statement and return all its rows as tuples.

        Raises DamagedStoreError, and DiskError where disk or memory do not suffice.
        """
        with failures_told(self.path):
            return self.connection.execute(sql, params).fetchall()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Keep all of what is done inside, or, on any exception, nothing of it.

        Raises DiskError where the store's files cannot be written.
        """
        self.revive()
        self.rows("BEGIN")
        try:
            yield
            self.rows("COMMIT")
        except BaseException:
            # A statement that failed has left the transaction open but useless; a failed COMMIT
            # or a broken store has left none to roll back.
            with suppress(duckdb.Error):
                self.connection.execute("ROLLBACK")
            raise

    def _settle(self) -> None:
        settle(self.rows, self.work, self.memory_limit, self.threads)

    def revive(self) -> None:
        """Open the database anew if a damaged log has brought it down.

        An internal error of DuckDB's, as some damaged Parquet files cause, makes every statement
        after it fail. What was committed stays; temporary tables are gone.
        """
        try:
            self.connection.execute("SELECT 1")
        except duckdb.FatalException as error:
            sentence = told(error, self.path)
            if sentence is not None:
                raise sentence from error
            self.connection.close()
            self.connection = _connect(self.path)
            self._settle()
            if self._folders is not None:
                self.confine(self._folders)

    def confine(self, folders: Iterable[Path] = ()) -> None:
        """Have DuckDB read files from `folders` and its own only, write nothing else, load nothing.

        Paths are compared as they are behind symbolic links. It cannot be undone, and after it no
        setting changes but the number of threads.
        """
        self._folders = tuple(folders)
        within = (self.work, *self._folders)
        allowed = sorted({f"{os.path.realpath(folder)}/" for folder in within})
        for statement in (
            f"SET allowed_directories = [{', '.join(map(quote_text, allowed))}]",
            "SET enable_external_access = false",
            "SET allowed_configs = ['threads']",
            "SET lock_configuration = true",
        ):
            self.rows(statement)

    def column_types(self) -> dict[str, str]:
        """Return the columns of `requests`, each with its type as DuckDB names it."""
        return dict(self.rows("SELECT name, type FROM pragma_table_info('requests')"))

    def match_columns(self, columns: Mapping[str, Kind]) -> None:
        """Give `requests` every column of `columns`; one whose type changed starts anew, empty."""
        present = self.column_types()
        for name, kind in columns.items():
            if name in FIXED_COLUMNS or present.get(name) == STORE_TYPES[kind]:
                continue
            quoted = quote_name(name)
            if name in present:
                # First, so that files are read again even if the type is changed back meanwhile.
                self.connection.execute("UPDATE files SET reading_digest = ''")
                self.connection.execute(f"ALTER TABLE requests DROP COLUMN {quoted}")
            # Ids hardly repeat: to look for what would compress them costs more than it saves.
            packing = " USING COMPRESSION uncompressed" if name == "request_id" else ""
            self.connection.execute(
                f"ALTER TABLE requests ADD COLUMN {quoted} {STORE_TYPES[kind]}{packing}"
            )


def work_folder(path: Path) -> Path:
    """Return the folder of a store's temporary files."""
    return path.with_name(f"{path.name}.work")


@contextmanager
def open_store(
    path: Path, *, memory_limit: str | None = None, threads: int | None = None
) -> Iterator[Store]:
    """Open the store at `path`, made with its schema if there is none, and close it at the end.

    Raises LockedError if another program has it open, DamagedStoreError if it is no usable
    database (OtherLayoutError if it is another version's), DiskError if its files cannot be made.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        leave_no_log_behind(path)
        _clear(path)
        if not path.exists():
            _create(path)
        work_folder(path).mkdir(mode=0o700)
    except OSError as error:
        raise DiskError(f"The store {path.name} cannot be made: {error}") from error
    store = Store(_connect(path), path, memory_limit, threads)
    try:
        store._settle()
        for statement in _SCHEMA.strip().split(";\n"):
            store.rows(statement)
        _check_layout(store)
        yield store
    finally:
        store.connection.close()
        shutil.rmtree(work_folder(path), ignore_errors=True)


def _check_layout(store: Store) -> None:
    """Raise OtherLayoutError for a store that another version made otherwise: it is a cache."""
    found = store.rows("SELECT version FROM layout")
    if not found and not store.rows("SELECT 1 FROM files LIMIT 1"):
        store.rows("INSERT INTO layout VALUES ($1)", [_LAYOUT])
    elif found != [(_LAYOUT,)]:
        raise OtherLayoutError(f"The store {store.path.name} was made by another version")


def _connect(path: Path) -> duckdb.DuckDBPyConnection:
    """Connect; the open itself must not fetch an extension, hence these two settings here."""
    with failures_told(path):
        return duckdb.connect(
            str(path),
            config={"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"},
        )


def _clear(path: Path) -> None:
    """Remove what a run that was killed left: temporary files, and a store not yet finished."""
    shutil.rmtree(work_folder(path), ignore_errors=True)
    for left in path.parent.glob(f"{_escaped(path.name)}.new-*"):
        left.unlink()


def _escaped(name: str) -> str:
    """Return a file name as a pattern that matches it alone."""
    return re.sub(r"([*?[])", r"[\1]", name)


def _create(path: Path) -> None:
    """Make a new store under another name: a crash while creating leaves an unopenable file."""
    aside = path.with_name(f"{path.name}.new-{os.getpid()}")
    connection = _connect(aside)
    try:
        with failures_told(path):
            connection.execute(_SCHEMA)
            connection.execute("CHECKPOINT")
    finally:
        connection.close()
    # It holds requests as they were logged: nobody but its owner reads it.
    aside.chmod(0o600)
    with aside.open("rb") as made:
        os.fsync(made.fileno())
    aside.rename(path)
