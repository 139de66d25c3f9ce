"""Spark, through Spark Connect: its workers read the files, queries run where the rows are."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import polars as pl

from slo_report import __version__
from slo_report.engines.files import FileFacts, settled, table_of, tables_as_files
from slo_report.engines.reading import heaps, reading_part
from slo_report.engines.spark_reading import FACTS, FAILED, QUARANTINED, REQUEST, FileReading
from slo_report.engines.spark_session import answer, keep, settle, told_as_engine_error, upload
from slo_report.engines.table_values import Held, Words
from slo_report.engines.tables import TableRows, marked_duplicates
from slo_report.engines.transpiled import TranspiledEngine
from slo_report.errors import InputError
from slo_report.load.discover import LogFile, discover
from slo_report.slo_yaml.definition import Definition
from slo_report.slo_yaml.kinds import Kind

if TYPE_CHECKING:
    from pyspark.sql.connect.session import SparkSession

_TYPES = {
    Kind.TEXT: "STRING",
    Kind.INTEGER: "BIGINT",
    Kind.NUMBER: "DECIMAL(38,18)",
    Kind.DOUBLE: "DOUBLE",
    Kind.BOOLEAN: "BOOLEAN",
    Kind.DURATION: "BIGINT",
    Kind.TIMESTAMP: "TIMESTAMP_NTZ",
}
_WORKER_MEMORY = "1GB"
WORDS = Words(
    types=_TYPES,
    instant="CAST({0} AS TIMESTAMP_NTZ)",
    before="timestampadd(MICROSECOND, -({1}), {0})",
    matches="{0} RLIKE {1}",
    name_quote="`",
)
_HELD = {
    "string": Held.TEXT,
    **dict.fromkeys(("tinyint", "smallint", "int", "bigint"), Held.WHOLE),
    "decimal": Held.DECIMAL,
    "boolean": Held.BOOLEAN,
    **dict.fromkeys(("timestamp", "timestamp_ntz"), Held.TIME),
}


class SparkEngine(TranspiledEngine):
    """Queries in Spark SQL, over temporary views of one session."""

    dialect = "spark"

    def __init__(
        self, session: "SparkSession", columns: Mapping[str, Kind], files: pl.DataFrame
    ) -> None:
        super().__init__(columns)
        self._session = session
        self._files = files

    def over(self, events: str | None, query_sql: str) -> str:
        """Put `events` before the query; all else that it reads are views of the session."""
        return query_sql if events is None else f"WITH events AS ({events}) {query_sql}"

    def files(self) -> pl.DataFrame:
        """See `Engine.files`."""
        return self._files

    def rows(self, sql: str) -> pl.DataFrame:
        """See `TranspiledEngine.rows`."""
        return answer(self._session, sql)

    def upload(self, name: str, frame: pl.DataFrame) -> None:
        """See `TranspiledEngine.upload`."""
        upload(self._session, name, frame)

    def slot(self, slot_us: int) -> str:
        """See `TranspiledEngine.slot`."""
        return f"unix_micros(CAST(requests.ts AS TIMESTAMP)) DIV {slot_us}"


def over_files(session: "SparkSession", definition: Definition) -> SparkEngine:
    """Return the engine over the files of slo.yaml, read by the workers now.

    What was read stays on the workers, spilled to their disks, until the session is left.
    Raises EngineError, and InputError where a worker cannot read a file.
    """
    settle(session)
    files, _ = discover(definition)
    if not files:
        raise InputError("no log file found where slo.yaml looks for them")
    columns = tuple(name for name in definition.columns if name != "source")
    _read(session, definition, files, columns)
    known = settled(_facts(session))
    upload(
        session,
        "kept_files",
        pl.DataFrame(
            [(file.file_id, file.source, file.name) for file in known if file.state == "loaded"],
            schema={"file_id": pl.Int64, "source": pl.String, "name": pl.String},
            orient="row",
        ),
    )
    engine = SparkEngine(session, definition.columns, table_of(known))
    _make_views(session, engine, columns)
    return engine


def _read(
    session: "SparkSession",
    definition: Definition,
    files: list[LogFile],
    columns: tuple[str, ...],
) -> None:
    """Make the view `read_rows`: every file's facts, quarantined lines and requests."""
    asked = pl.DataFrame({"heap": [json.dumps([h.number, h.files]) for h in heaps(files)]})
    part = reading_part(definition)
    worker = replace(
        part, threads=part.threads or 1, memory_limit=part.memory_limit or _WORKER_MEMORY
    )
    types = [f"c{n} {_TYPES[definition.columns[name]]}" for n, name in enumerate(columns)]
    schema = ", ".join(["part INT", "file_id BIGINT", "line BIGINT", "text STRING", *types])
    with told_as_engine_error():
        # One partition a heap, so that as many are read at a time as there are cores.
        named = session.createDataFrame(asked.to_arrow()).repartition(len(asked))
        reading = FileReading(worker, columns, __version__)
        named.mapInArrow(reading, schema).createOrReplaceTempView("read_rows")
        keep(session, "read_rows")


def _facts(session: "SparkSession") -> list[FileFacts]:
    with told_as_engine_error():
        told = session.sql(
            f"SELECT part, text FROM read_rows WHERE part IN ({FAILED}, {FACTS})"
        ).collect()
    failures = sorted(text for part, text in told if part == FAILED)
    if failures:
        raise InputError(failures[0])
    return [FileFacts(**json.loads(text)) for _, text in told]


def _make_views(session: "SparkSession", engine: SparkEngine, columns: tuple[str, ...]) -> None:
    """Make the views requests and quarantine, computed once."""
    names = ", ".join(f"r.c{n} AS {engine.quoted(name)}" for n, name in enumerate(columns))
    rows = (
        f"SELECT r.file_id AS file_id, k.source AS source, k.name AS _file_name, r.line AS _line, "
        f"{names} FROM read_rows AS r JOIN kept_files AS k ON k.file_id = r.file_id "
        f"WHERE r.part = {REQUEST}"
    )
    with told_as_engine_error():
        session.sql(f"CREATE OR REPLACE TEMP VIEW kept_rows AS {rows}")
        session.sql(
            "CREATE OR REPLACE TEMP VIEW quarantine AS SELECT r.file_id, r.line, r.text AS reason "
            "FROM read_rows AS r JOIN kept_files AS k ON k.file_id = r.file_id "
            f"WHERE r.part = {QUARANTINED}"
        )
        marked = marked_duplicates(
            "kept_rows", "ts, _file_name, source, _line", has_ids="request_id" in columns
        )
        session.sql(f"CREATE OR REPLACE TEMP VIEW requests AS {marked}")
        keep(session, "requests")
        keep(session, "quarantine")
        session.sql("UNCACHE TABLE read_rows")


def over_tables(session: "SparkSession", definition: Definition) -> SparkEngine:
    """Return the engine over tables that are there already; nothing is written.

    Typed and marked rows are kept on the workers until the session is left.
    Raises EngineError, and DefinitionError where a table does not fit slo.yaml.
    """
    settle(session)
    rows = TableRows.of(definition, WORDS, lambda table: _described(session, table))
    with told_as_engine_error():
        for name, select in rows.relations.items():
            session.sql(f"CREATE OR REPLACE TEMP VIEW {name} AS {select}")
        keep(session, "requests")
        keep(session, "quarantine")
        usable, bad = (
            dict(session.sql(f"SELECT file_id, count(*) FROM {view} GROUP BY file_id").collect())
            for view in ("requests", "quarantine")
        )
    counts = [
        (str(log.table), usable.get(number, 0) + bad.get(number, 0), usable.get(number, 0))
        for number, log in enumerate(definition.logs, 1)
    ]
    return SparkEngine(session, definition.columns, tables_as_files(counts))


def _described(session: "SparkSession", table: str) -> dict[str, tuple[str, Held | None]]:
    with told_as_engine_error():
        schema = session.table(".".join(map(WORDS.name, table.split(".")))).schema
    return {
        field.name: (field.dataType.simpleString(), _held(field.dataType.simpleString()))
        for field in schema
    }


def _held(name: str) -> Held | None:
    return _HELD.get(name.partition("(")[0])
