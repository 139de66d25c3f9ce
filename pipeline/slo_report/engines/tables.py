"""Tables that are already there: their columns become those of a request, or a row has a reason.

The SQL is the same for every engine but for the few words that `Words` holds.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from slo_report.engines.table_values import Held, Words, reasons_sql, value_sql
from slo_report.errors import DefinitionError
from slo_report.load.endpoints import PARAMETER
from slo_report.load.formats.reading import REQUIRED
from slo_report.slo_yaml.definition import OTHER_ENDPOINT, Definition
from slo_report.slo_yaml.kinds import Kind
from slo_report.slo_yaml.log_definition import EndpointTemplate, Field, Log


def rows_sql(
    definition: Definition,
    log: Log,
    table_sql: str,
    held: Mapping[str, tuple[str, Held | None]],
    words: Words,
) -> str:
    """Return the query of reason (NULL where a row is usable) and every column of a request.

    `held` says of each column of the table its type in the engine's words, and what that is.
    Raises DefinitionError where a field cannot be read from the table exactly.
    """
    fields = [field for field in log.fields if _is_there(field, log, held)]
    taken = ", ".join(f"{words.name(field.source)} AS v{n}" for n, field in enumerate(fields))
    values = [value_sql(field, log, held, words) for field in fields]
    typed = ", ".join(f"{value.format(f'v{n}')} AS t{n}" for n, value in enumerate(values))
    reasons = " ".join(reasons_sql(fields))
    return (
        f"SELECT CASE {reasons} END AS reason, {_columns(definition, log, fields, words)} FROM "
        f"(SELECT *, {typed} FROM (SELECT {taken} FROM {table_sql}) AS taken) AS typed"
    )


@dataclass(frozen=True)
class TableRows:
    """The relations of a definition whose logs are tables, as SELECTs in an order that works."""

    relations: Mapping[str, str]

    @classmethod
    def of(
        cls,
        definition: Definition,
        words: Words,
        describe: Callable[[str], Mapping[str, tuple[str, Held | None]]],
    ) -> "TableRows":
        """Return table_rows, quarantine and requests; `describe` gives a table's columns."""
        parts = [
            f"SELECT {number} AS file_id, rows.* FROM ("
            + rows_sql(definition, log, _table_name(log, words), describe(str(log.table)), words)
            + ") AS rows"
            for number, log in enumerate(definition.logs, 1)
        ]
        # Rows have no numbers here: of two at one instant any order will do, if it is always one.
        order = ", ".join(words.name(name) for name in definition.columns)
        usable = "(SELECT * FROM table_rows WHERE reason IS NULL) AS usable"
        return cls(
            {
                "table_rows": " UNION ALL ".join(parts),
                "quarantine": f"SELECT file_id, CAST(NULL AS {words.types[Kind.INTEGER]}) AS line, "
                "reason FROM table_rows WHERE reason IS NOT NULL",
                "requests": marked_duplicates(
                    usable, f"ts, {order}", has_ids="request_id" in definition.columns
                ),
            }
        )


def marked_duplicates(rows: str, order: str, *, has_ids: bool) -> str:
    """Return the rows with `duplicate`: of one request_id the first by `order` is none.

    Rows without an id take no part in the sort: they would all be one group.
    """
    if not has_ids:
        return f"SELECT *, false AS duplicate FROM {rows}"
    place = f"row_number() OVER (PARTITION BY request_id ORDER BY {order})"
    return (
        f"SELECT *, false AS duplicate FROM {rows} WHERE request_id IS NULL UNION ALL "
        f"SELECT *, {place} > 1 AS duplicate FROM {rows} WHERE request_id IS NOT NULL"
    )


def _table_name(log: Log, words: Words) -> str:
    """Return the name of a log's table as SQL, its parts quoted."""
    return ".".join(words.name(part) for part in str(log.table).split("."))


def _is_there(field: Field, log: Log, held: Mapping[str, tuple[str, Held | None]]) -> bool:
    if field.source in held:
        return True
    if field.column in REQUIRED or field.default is not None:
        raise DefinitionError(
            f"table {log.table} has no column `{field.source}` (for {field.column}); "
            f"it has {', '.join(sorted(held))}"
        )
    return False


def _columns(definition: Definition, log: Log, fields: Sequence[Field], words: Words) -> str:
    """Return ts, source and every column of a request; NULL for those this log does not have."""
    values = {field.column: f"t{index}" for index, field in enumerate(fields)}
    if "path" in values:
        values["path"] = f"substring_index({values['path']}, '?', 1)"
    if "request_id" in values:
        # An id that is empty is none, as in files.
        values["request_id"] = f"nullif({values['request_id']}, '')"
    values["endpoint"] = _endpoint(definition.endpoints, values, words)
    values["source"] = words.text(log.name)
    if log.fields[[f.column for f in log.fields].index("ts")].time_is_end and "duration" in values:
        values["ts"] = words.before.format(values["ts"], f"coalesce({values['duration']}, 0)")
    return ", ".join(
        f"CAST({values.get(name, 'NULL')} AS {words.types[kind]}) AS {words.name(name)}"
        if name not in ("ts", "source")
        else f"{values[name]} AS {words.name(name)}"
        for name, kind in definition.columns.items()
    )


def _endpoint(
    templates: Sequence[EndpointTemplate], values: Mapping[str, str], words: Words
) -> str:
    """Return the SQL of the endpoint, by the rules of load/endpoints.py."""
    method, path, route = (values.get(name) for name in ("method", "path", "route"))
    target = path or route
    if target is None:
        return "NULL"
    other = words.text(OTHER_ENDPOINT)
    if not templates:
        name = f"coalesce({', '.join(text for text in (route, path) if text is not None)})"
        named = f"concat({method}, ' ', {name})" if method is not None else name
        return f"coalesce({named}, {other})"
    whens = []
    for template in templates:
        literals = PARAMETER.split(template.path)
        pattern = "[^/]+".join(re.escape(literal) for literal in literals)
        matches = words.matches.format(target, words.text(rf"\A(?:{pattern})\z"))
        if len(literals) == 1:
            matches = f"{target} = {words.text(template.path)}"
        if method is not None:
            matches = f"{method} = {words.text(template.method)} AND {matches}"
        whens.append(f"WHEN {matches} THEN {words.text(template.text)}")
    return f"CASE {' '.join(whens)} ELSE {other} END"
