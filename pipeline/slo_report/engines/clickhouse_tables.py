"""Tables that ClickHouse has already; nothing is created there but what the session alone sees."""

import re

from slo_report.engines.clickhouse import ClickHouseEngine, Connection
from slo_report.engines.clickhouse_store import TYPES
from slo_report.engines.files import tables_as_files
from slo_report.engines.table_values import Held, Words
from slo_report.engines.tables import TableRows
from slo_report.slo_yaml.definition import Definition

WORDS = Words(
    types=TYPES,
    instant="toDateTime64({0}, 6, 'UTC')",
    before="addMicroseconds({0}, -({1}))",
    matches="match({0}, {1})",
    name_quote='"',
)
_HELD = (
    (r"(LowCardinality\()?(Nullable\()?(String|FixedString|Enum)", Held.TEXT),
    (r"(LowCardinality\()?(Nullable\()?(U?Int(8|16|32)|Int64)\b", Held.WHOLE),
    # Of more than 38 digits some would not be told from others: a cast wraps around.
    (r"(Nullable\()?Decimal\(([1-9]|[12]\d|3[0-8]),", Held.DECIMAL),
    (r"(Nullable\()?Bool\b", Held.BOOLEAN),
    (r"(Nullable\()?DateTime", Held.TIME),
)


def over_tables(connection: Connection, definition: Definition) -> ClickHouseEngine:
    """Return the engine over tables that are there already.

    Raises EngineError, and DefinitionError where a table does not fit slo.yaml.
    """
    rows = TableRows.of(definition, WORDS, lambda table: _described(connection, table))
    counted = connection.query(
        f"WITH table_rows AS ({rows.relations['table_rows']}) "
        "SELECT file_id, count(*) AS lines, count(*) - count(reason) AS usable "
        "FROM table_rows GROUP BY file_id"
    )
    known = {number: (lines, usable) for number, lines, usable in counted.rows()}
    counts = [
        (str(log.table), *known.get(number, (0, 0)))
        for number, log in enumerate(definition.logs, 1)
    ]
    return ClickHouseEngine(connection, definition.columns, rows.relations, tables_as_files(counts))


def _described(connection: Connection, table: str) -> dict[str, tuple[str, Held | None]]:
    quoted = ".".join(map(WORDS.name, table.split(".")))
    found = connection.query(f"DESCRIBE TABLE {quoted}").select("name", "type")
    return {name: (kind, _held(kind)) for name, kind in found.iter_rows()}


def _held(name: str) -> Held | None:
    return next((held for pattern, held in _HELD if re.match(pattern, name)), None)
