"""The store in ClickHouse: requests and the ledger of their files, in four tables of a database.

Files are read on this machine, heap by heap, by the reader that DuckDB has, and their rows go up
once. clickhouse_ledger says which of them count.
"""

from collections.abc import Callable, Container, Iterable, Sequence
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
from slo_report.engines.files import FileFacts, outcome, settled, table_of
from slo_report.engines.reading import HeapStore, heaps, read_heap
from slo_report.load.discover import LogFile, discover
from slo_report.load.examine import reading_digest
from slo_report.load.result import LoadedFile, LoadResult
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
    engine, _ = load_files(connection, definition, progress)
    return engine


def load_files(
    connection: Connection, definition: Definition, progress: Callable[[str], None]
) -> tuple[ClickHouseEngine, LoadResult]:
    """Bring the tables up to date with the log files; return what that took as well."""
    for statement in _SCHEMA:
        connection.command(statement)
    columns = _match_columns(connection, definition)
    last, known = known_files(connection)
    load_id = fresh_id(connection)
    present, irregular = discover(definition)
    facts, new = _read_new(connection, definition, known, present, load_id, columns, progress)
    there = {(file.log.name, file.name) for file in present}
    gone, taken_out = _not_there(definition, known, facts, there)
    files = settled(facts + gone)
    if files != settled(known):
        finish(connection, files, load_id, has_ids="request_id" in definition.columns)
        last = load_id
    sweep(connection, last)
    result = replace(outcome(known, files, new, there), irregular=irregular, taken_out=taken_out)
    _tell(result, progress)
    relations = _relations(last, columns)
    return ClickHouseEngine(connection, definition.columns, relations, table_of(files)), result


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
    present: Sequence[LogFile],
    first_id: int,
    columns: Sequence[str],
    progress: Callable[[str], None],
) -> tuple[list[FileFacts], dict[int, LoadedFile]]:
    """Read what is new or changed and send its rows up.

    Return the facts of all files that are there, and by its id each whose rows were sent.
    """
    before = {(file.source, file.name): file for file in known}
    facts, unread = list[FileFacts](), []
    for file in present:
        there = before.get((file.log.name, file.name))
        if there is not None and _is_as_it_was(file, there, definition):
            facts.append(there)
        else:
            unread.append(file)
    ids = {file.content: file.file_id for file in known if file.state != "refused"}
    new = dict[int, LoadedFile]()
    for heap in heaps(unread, _HEAP_BYTES):
        with read_heap(definition, heap, first_id=first_id) as read:
            fresh = [
                fact for fact in read.facts if fact.state == "loaded" and fact.content not in ids
            ]
            if fresh:
                _send(connection, read, [fact.file_id for fact in fresh], columns)
            ids |= {fact.content: fact.file_id for fact in fresh}
            new |= {fact.file_id: read.loaded(fact) for fact in fresh}
            for fact in read.facts:
                if fact.state == "refused":
                    facts.append(_refused(fact, before.get((fact.source, fact.name)), progress))
                    continue
                facts.append(replace(fact, file_id=ids[fact.content]))
                if fact in fresh:
                    progress(new[fact.file_id].said)
    return facts, new


def _is_as_it_was(file: LogFile, known: FileFacts, definition: Definition) -> bool:
    """Tell whether a file need not be read again."""
    # What kept a file from being read may be gone, and its time would not tell.
    return (
        (known.size, known.modified_ns) == (file.size, file.modified_ns)
        and known.content_sha256 != ""
        and known.reading_digest == reading_digest(definition, file)
    )


def _refused(
    fact: FileFacts, known: FileFacts | None, progress: Callable[[str], None]
) -> FileFacts:
    """Return the facts of a refused file: those on record if it was refused for the same before."""
    if known is not None and known == replace(fact, file_id=known.file_id):
        return known
    progress(f"{fact.name}: refused, {fact.reason}")
    return fact


def _not_there(
    definition: Definition,
    known: Iterable[FileFacts],
    facts: Iterable[FileFacts],
    there: Container[tuple[str, str]],
) -> tuple[list[FileFacts], list[str]]:
    """Return the files that are gone and stay, and the names of those that count no more.

    What is gone stays, but for what lies there under another name; what lies there and is no log
    any more does not.
    """
    contents = {file.content for file in facts}
    folder = definition.path.parent
    elsewhere = [file for file in known if (file.source, file.name) not in there]
    taken_out = [
        file for file in elsewhere if file.state == "refused" or (folder / file.name).is_file()
    ]
    gone = [
        file
        for file in elsewhere
        if file.state == "loaded" and file.content not in contents and file not in taken_out
    ]
    return gone, [file.name for file in taken_out]


def _tell(result: LoadResult, progress: Callable[[str], None]) -> None:
    """Say of files in a word what was not said when they were read."""
    for name in result.skipped:
        progress(f"{name}: same content as another file, skipped")
    for name in result.irregular:
        progress(f"{name}: no regular file, left out")
    for name in result.taken_out:
        progress(f"{name}: no path: of slo.yaml matches it any more, taken out")


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
