"""The store in ClickHouse: requests and the ledger of their files, in four tables of a database.

Files are read on this machine, heap by heap, by the reader that DuckDB has, and their rows go up
once. clickhouse_ledger says which of them count.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlglot import exp

from slo_report.engines.clickhouse import ClickHouseEngine, Connection
from slo_report.engines.clickhouse_ledger import (
    finish,
    forget_readings,
    fresh_id,
    known_files,
    sweep,
)
from slo_report.engines.dialects import portable
from slo_report.engines.files import FileFacts, settled, table_of
from slo_report.engines.reading import HeapStore, heaps, read_heap
from slo_report.load.discover import discover
from slo_report.load.examine import reading_digest
from slo_report.quoting import quote_text
from slo_report.slo_yaml.definition import Definition
from slo_report.slo_yaml.kinds import Kind

_HEAP_BYTES = 1 << 30
"""Of so many bytes of logs the rows lie on this machine's disk at a time."""
TYPES = {
    Kind.TEXT: "Nullable(String)",
    Kind.INTEGER: "Nullable(Int64)",
    Kind.NUMBER: "Nullable(Decimal(38, 18))",
    Kind.DOUBLE: "Nullable(Float64)",
    Kind.BOOLEAN: "Nullable(Bool)",
    Kind.DURATION: "Nullable(Int64)",
    Kind.TIMESTAMP: "DateTime64(6, 'UTC')",
}
_SCHEMA = (
    "CREATE TABLE IF NOT EXISTS slo_files (load_id Int64, file_id Int64, source String, "
    "name String, size Int64, modified_ns Int64, sha256 String, content_sha256 String, "
    "reading_digest String, state String, reason Nullable(String), lines Int64, blank Int64, "
    "usable Nullable(Int64)) "
    "ENGINE = MergeTree ORDER BY (load_id, file_id)",
    "CREATE TABLE IF NOT EXISTS slo_quarantine (file_id Int64, line Int64, reason String) "
    "ENGINE = MergeTree ORDER BY (file_id, line)",
    "CREATE TABLE IF NOT EXISTS slo_duplicates (load_id Int64, file_id Int64, line Int64) "
    "ENGINE = MergeTree ORDER BY (load_id, file_id, line)",
    "CREATE TABLE IF NOT EXISTS slo_requests (file_id Int64, line Int64, "
    "ts DateTime64(6, 'UTC')) ENGINE = MergeTree PARTITION BY toYYYYMM(ts) ORDER BY ts",
)


def over_files(
    connection: Connection, definition: Definition, progress: Callable[[str], None]
) -> ClickHouseEngine:
    """Bring the tables up to date with the log files, and return the engine over them."""
    for statement in _SCHEMA:
        connection.command(statement)
    columns = _match_columns(connection, definition)
    last, known = known_files(connection)
    load_id = fresh_id(connection)
    files = settled(_read_new(connection, definition, known, load_id, columns, progress))
    if files != settled(known):
        finish(connection, files, load_id, has_ids="request_id" in definition.columns)
        last = load_id
    sweep(connection, last)
    return ClickHouseEngine(
        connection, definition.columns, _relations(last, columns), table_of(files)
    )


def _match_columns(connection: Connection, definition: Definition) -> list[str]:
    """Give slo_requests every column; one whose type changed starts anew, empty."""
    found = connection.query(
        "SELECT name, type FROM system.columns "
        "WHERE database = currentDatabase() AND table = 'slo_requests'"
    )
    present = dict(found.iter_rows())
    wanted = {name: TYPES[kind] for name, kind in definition.columns.items() if name != "ts"}
    retyped = [name for name, kind in wanted.items() if present.get(name, kind) != kind]
    if retyped:
        forget_readings(connection)
    for name in retyped:
        connection.command(f"ALTER TABLE slo_requests DROP COLUMN {_quoted(name)}")
    for name in [name for name in wanted if name in retyped or name not in present]:
        connection.command(f"ALTER TABLE slo_requests ADD COLUMN {_quoted(name)} {wanted[name]}")
    return ["ts", *wanted]


def _read_new(
    connection: Connection,
    definition: Definition,
    known: Sequence[FileFacts],
    first_id: int,
    columns: Sequence[str],
    progress: Callable[[str], None],
) -> list[FileFacts]:
    """Read what is new or changed, send its rows up, and return the facts of all files.

    Files that are gone stay, but for those whose content lies there under another name.
    """
    present, _ = discover(definition)
    unchanged = {
        (file.source, file.name, file.size, file.modified_ns, file.reading_digest): file
        for file in known
        # What kept a file from being read may be gone, and its time would not tell.
        if file.content_sha256
    }
    facts, new = list[FileFacts](), []
    for file in present:
        reading = reading_digest(definition, file)
        there = (file.log.name, file.name, file.size, file.modified_ns, reading)
        if there in unchanged:
            facts.append(unchanged[there])
        else:
            new.append(file)
    ids = {file.content: file.file_id for file in known if file.state != "refused"}
    for heap in heaps(new, _HEAP_BYTES):
        with read_heap(definition, heap, first_id=first_id) as read:
            fresh = [
                fact for fact in read.facts if fact.state == "loaded" and fact.content not in ids
            ]
            if fresh:
                _send(connection, read, [fact.file_id for fact in fresh], columns)
            ids |= {fact.content: fact.file_id for fact in fresh}
            for fact in read.facts:
                facts.append(replace(fact, file_id=ids.get(fact.content, fact.file_id)))
                progress(f"{fact.name}: {fact.state}" + (f", {fact.reason}" * bool(fact.reason)))
    there_now = {(file.source, file.name) for file in facts} | {file.content for file in facts}
    gone = [
        file
        for file in known
        if file.state == "loaded"
        and (file.source, file.name) not in there_now
        and file.content not in there_now
        # What lies there and is no log any more does not count.
        and not (definition.path.parent / file.name).is_file()
    ]
    return facts + gone


def _send(
    connection: Connection, read: HeapStore, file_ids: Sequence[int], columns: Sequence[str]
) -> None:
    """Put the rows and quarantined lines of the files into the tables."""
    wanted = f"file_id IN ({', '.join(map(str, file_ids))})"
    tables = (
        ("slo_requests", ["file_id", "line", *columns], read.requests_sql(columns)),
        ("slo_quarantine", ["file_id", "line", "reason"], read.quarantine_sql()),
    )
    with TemporaryDirectory(prefix="slo-report-") as folder:
        path = Path(folder) / "rows.parquet"
        for table, names, select in tables:
            rows = f"SELECT * FROM ({select}) WHERE {wanted}"
            read.store.rows(f"COPY ({rows}) TO {quote_text(str(path))} (FORMAT parquet)")
            connection.insert(table, names, path)


def _relations(load_id: int, columns: Sequence[str]) -> dict[str, str]:
    """Return the SELECT of requests and quarantine as one load left them."""
    kept = f"SELECT file_id FROM slo_files WHERE load_id = {load_id} AND state = 'loaded'"
    later = f"SELECT file_id, line FROM slo_duplicates WHERE load_id = {load_id}"
    names = ", ".join(_quoted(name) for name in columns)
    return {
        "requests": f"SELECT file_id, {names}, (file_id, line) IN ({later}) AS duplicate "
        f"FROM slo_requests WHERE file_id IN ({kept})",
        "quarantine": f"SELECT file_id, line, reason FROM slo_quarantine WHERE file_id IN ({kept})",
    }


def _quoted(name: str) -> str:
    return exp.to_identifier(name, quoted=True).sql(dialect=portable("clickhouse"))
