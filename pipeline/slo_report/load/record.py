"""The records of files: what the store knows of each, written with its rows or not at all."""

from collections.abc import Sequence
from dataclasses import dataclass

from slo_report.load.discover import LogFile
from slo_report.load.preflight import Preflight
from slo_report.store import Store

_COLUMNS = (
    "file_id, source, name, size, modified_ns, sha256, content_sha256, reading_digest, state, "
    "reason, lines, blank, skipped_for, in_order, deduplicated"
)


@dataclass(frozen=True)
class Record:
    """A row of `files`, but for what the stored rows say themselves."""

    file_id: int
    file: LogFile
    facts: Preflight
    reading_digest: str
    state: str
    reason: str | None = None
    lines: int = 0
    blank: int = 0
    skipped_for: str | None = None
    in_order: bool = False
    """Rows lie in the order of their lines; several threads store them otherwise."""


def insert_records(store: Store, records: Sequence[Record]) -> None:
    """Write records whose rows, if they have any, are in `requests`."""
    store.rows(
        f"INSERT INTO files ({_COLUMNS}, usable, first_ts, last_ts) "
        f"SELECT {_COLUMNS}, coalesce(usable, 0), first_ts, last_ts "
        "FROM (SELECT unnest($records, max_depth := 2)) "
        "LEFT JOIN (SELECT file_id, count(ts) AS usable, min(ts) AS first_ts, max(ts) AS last_ts "
        "FROM requests WHERE file_id >= $first GROUP BY file_id) USING (file_id)",
        {
            "records": [_row(record) for record in records],
            "first": min(record.file_id for record in records),
        },
    )


def remove(store: Store, file_ids: Sequence[int]) -> None:
    """Delete files with all that was read from them."""
    if not file_ids:
        return
    for table in ("requests", "quarantine", "files"):
        store.rows(f"DELETE FROM {table} WHERE file_id IN (SELECT unnest($1))", [list(file_ids)])
    forget_duplicates(store)


def forget_duplicates(store: Store) -> None:
    """Have all duplicates looked for anew: files have gone, or have other names."""
    store.rows("UPDATE files SET deduplicated = false WHERE deduplicated")


def _row(record: Record) -> dict[str, object]:
    file, facts = record.file, record.facts
    return {
        "file_id": record.file_id,
        "source": file.log.name,
        "name": file.name,
        "size": file.size,
        "modified_ns": file.modified_ns,
        "sha256": facts.sha256,
        "content_sha256": facts.content_sha256,
        "reading_digest": record.reading_digest,
        "state": record.state,
        "reason": record.reason,
        "lines": record.lines,
        "blank": record.blank,
        "skipped_for": record.skipped_for,
        "in_order": record.in_order,
        "deduplicated": record.state != "loaded",
    }
