"""Many small files in one transaction: planning a query costs more than reading such a file."""

from collections.abc import Sequence

from slo_report.load.discover import ChangedError, check_unchanged
from slo_report.load.formats.reading import Relation
from slo_report.load.record import Record, insert_records
from slo_report.load.rows import quick_rows_sql, request_columns
from slo_report.load.stage import UNREADABLE, NotCleanError
from slo_report.load.ways import text_of
from slo_report.slo_yaml.definition import Definition
from slo_report.store import Store


def load_together(
    store: Store, definition: Definition, records: Sequence[Record], relation: Relation
) -> list[Record]:
    """Load small files that one relation reads, all or none; return those that are unclean."""
    unclean: list[Record] = []
    try:
        with store.transaction():
            _insert(store, definition, records, relation)
            unclean = _miscounted(store, records)
            if unclean:
                raise NotCleanError
            insert_records(store, records)
            for record in records:
                check_unchanged(record.file)
    except NotCleanError:
        return unclean
    except UNREADABLE as error:
        return [record for record in records if _names(error, record)] or list(records)
    except ChangedError:
        return list(records)
    finally:
        store.revive()
    return []


def _insert(
    store: Store, definition: Definition, records: Sequence[Record], relation: Relation
) -> None:
    first = records[0]
    _, text = text_of(first.file, first.file.path, first.facts)
    store.rows(
        f"INSERT INTO requests ({request_columns(definition)}) "
        "SELECT file_id, false, source, lines.* EXCLUDE (file_name) "
        f"FROM ({quick_rows_sql(relation, text.fields, definition)}) AS lines "
        "JOIN (SELECT unnest($file) AS file_name, unnest($file_ids) AS file_id, "
        "unnest($sources) AS source) AS files USING (file_name)",
        {
            "sources": [record.file.log.name for record in records],
            "file": [str(record.file.path) for record in records],
            "file_ids": [record.file_id for record in records],
        },
    )


def _miscounted(store: Store, records: Sequence[Record]) -> list[Record]:
    """Return the files that did not give one certain row for each line."""
    counted = store.rows(
        "SELECT file_id, count(*), count(ts) FROM requests "
        "WHERE file_id BETWEEN $1 AND $2 GROUP BY ALL",
        [records[0].file_id, records[-1].file_id],
    )
    found = {file_id: (rows, usable) for file_id, rows, usable in counted}
    return [
        record
        for record in records
        if found.get(record.file_id, (0, 0)) != (record.lines, record.lines)
    ]


def _names(error: Exception, record: Record) -> bool:
    """Tell whether DuckDB's message is about this file."""
    return any(f"{record.file.path}{end}" in str(error) for end in ('"', "\n"))
