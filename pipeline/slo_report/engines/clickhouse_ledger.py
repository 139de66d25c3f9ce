"""Which rows in ClickHouse count: the last list of files says it, and what it does not name goes.

A load counts from the moment its list is written, in one insert at the end. Every load has ids that
none had before it, so that rows which a killed one left, or which arrive after it, are not seen.
"""

import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

from slo_report.engines.clickhouse import Connection
from slo_report.engines.files import COLUMNS, FileFacts

_NONE = "none"
"""The state of the one entry in a list without files."""


def known_files(connection: Connection) -> tuple[int, list[FileFacts]]:
    """Return the number of the load that counts, 0 for none, and its files."""
    listed = connection.query(
        f"SELECT load_id, {', '.join(COLUMNS)} FROM slo_files "
        "WHERE load_id = (SELECT max(load_id) FROM slo_files)"
    )
    files = [FileFacts(**row) for row in listed.select(COLUMNS).to_dicts()]
    load_id = max(listed.get_column("load_id").to_list(), default=0)
    return load_id, [file for file in files if file.state != _NONE]


def fresh_id(connection: Connection) -> int:
    """Return a number for a load, and to count its files from, that is above all there are.

    By the clock, since what is not there may yet arrive: a heap is not read within the millisecond
    that its ids take. By the tables, since a clock may be set back.
    """
    used = connection.query(
        "SELECT max(id) AS id FROM (SELECT max(file_id) AS id FROM slo_requests "
        "UNION ALL SELECT max(file_id) FROM slo_quarantine "
        "UNION ALL SELECT max(load_id) FROM slo_duplicates "
        "UNION ALL SELECT max(greatest(load_id, file_id)) FROM slo_files)"
    ).item()
    return max(time.time_ns(), (used or 0) + 1)


def finish(
    connection: Connection, files: Sequence[FileFacts], load_id: int, *, has_ids: bool
) -> None:
    """Mark duplicates, then let the load count."""
    none = FileFacts(load_id, "", "", 0, 0, "", "", "", _NONE, None, 0, 0, None)
    with TemporaryDirectory(prefix="slo-report-") as folder:
        path = Path(folder) / "files.parquet"
        rows = [{"load_id": load_id, **asdict(file)} for file in files or [none]]
        frame = pl.DataFrame(rows, schema_overrides={"reason": pl.String}, infer_schema_length=None)
        frame.select("load_id", *COLUMNS).write_parquet(path)
        connection.command("CREATE OR REPLACE TEMPORARY TABLE slo_loading AS slo_files")
        connection.insert("slo_loading", ["load_id", *COLUMNS], path)
        if has_ids:
            connection.command(_DUPLICATES)
        connection.insert("slo_files", ["load_id", *COLUMNS], path)


def forget_readings(connection: Connection) -> None:
    """Let every file that is there be read again, whatever slo.yaml the next load has."""
    connection.command(
        "ALTER TABLE slo_files UPDATE reading_digest = '' WHERE true SETTINGS mutations_sync = 1"
    )


def sweep(connection: Connection, load_id: int) -> None:
    """Delete what the load that counts does not name: replaced, or of a load that was killed.

    By ids, not by a subquery: a deletion may wait, and would ask a list that is gone by then.
    """
    unnamed = f"file_id NOT IN (SELECT file_id FROM slo_files WHERE load_id = {load_id})"
    for table, column, where in (
        ("slo_requests", "file_id", unnamed),
        ("slo_quarantine", "file_id", unnamed),
        ("slo_duplicates", "load_id", f"load_id <> {load_id}"),
        ("slo_files", "load_id", f"load_id <> {load_id}"),
    ):
        found = connection.query(f"SELECT DISTINCT {column} FROM {table} WHERE {where}")
        if ids := ", ".join(map(str, found.to_series())):
            connection.command(f"ALTER TABLE {table} DELETE WHERE {column} IN ({ids})")


_IN_LOAD = "FROM slo_requests AS r JOIN slo_loading AS f ON f.file_id = r.file_id"
# The earliest by time stays, then by file, log and line, as in the store of DuckDB.
_DUPLICATES = f"""
INSERT INTO slo_duplicates (load_id, file_id, line)
SELECT load_id, file_id, line FROM (
  SELECT f.load_id AS load_id, r.file_id AS file_id, r.line AS line, row_number() OVER (
    PARTITION BY r.request_id ORDER BY r.ts, f.name, f.source, r.line) AS place
  {_IN_LOAD}
  WHERE f.state = 'loaded' AND r.request_id IS NOT NULL AND r.request_id IN (
    SELECT r.request_id {_IN_LOAD}
    WHERE f.state = 'loaded' AND r.request_id IS NOT NULL
    GROUP BY r.request_id HAVING count(*) > 1))
WHERE place > 1
"""
