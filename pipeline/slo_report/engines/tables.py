"""Tables that are already there: their columns become those of a request, or a row has a reason.

The SQL is the same for every engine but for the few words that `Words` holds. Columns have types
here, so there is nothing to parse; a column whose type cannot be taken exactly is refused.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from slo_report.errors import DefinitionError
from slo_report.load.endpoints import PARAMETER
from slo_report.slo_yaml.definition import OTHER_ENDPOINT, Definition
from slo_report.slo_yaml.kinds import Kind
from slo_report.slo_yaml.log_definition import EndpointTemplate, Field, Log

REQUIRED = ("ts", "status")
_UNITS_A_SECOND = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}


class Held(StrEnum):
    """What a column of a table holds, whatever the engine calls it."""

    TEXT = "text"
    WHOLE = "whole numbers"
    DECIMAL = "decimals"
    BOOLEAN = "booleans"
    TIME = "instants"


@dataclass(frozen=True)
class Words:
    """How an engine says what the engines say differently."""

    types: Mapping[Kind, str]
    instant: str
    """Of a column `{0}` as UTC to the microsecond."""
    before: str
    """The instant `{0}` less `{1}` microseconds."""
    matches: str
    """Whether `{0}` matches the pattern `{1}`."""
    name_quote: str

    def name(self, name: str) -> str:
        """Return a column's name, quoted."""
        quote = self.name_quote
        return f"{quote}{name.replace(quote, quote * 2)}{quote}"

    @staticmethod
    def text(text: str) -> str:
        """Return a text as a literal; both engines read backslashes in it as escapes."""
        return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


_FITTING = {
    Kind.TEXT: {Held.TEXT, Held.WHOLE},
    Kind.INTEGER: {Held.WHOLE},
    Kind.NUMBER: {Held.WHOLE, Held.DECIMAL},
    Kind.DURATION: {Held.WHOLE, Held.DECIMAL},
    Kind.BOOLEAN: {Held.BOOLEAN},
    Kind.TIMESTAMP: {Held.TIME},
}


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
    values = [_value(field, log, held, words) for field in fields]
    taken = ", ".join(
        f"{_with_default(field, words)} AS v{index}" for index, field in enumerate(fields)
    )
    typed = ", ".join(f"{value.format(f'v{n}')} AS t{n}" for n, value in enumerate(values))
    reasons = " ".join(_reasons(fields))
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
            + rows_sql(definition, log, table_name(log, words), describe(str(log.table)), words)
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


def table_name(log: Log, words: Words) -> str:
    """Return the name of a log's table as SQL, its parts quoted."""
    return ".".join(words.name(part) for part in str(log.table).split("."))


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


def _is_there(field: Field, log: Log, held: Mapping[str, tuple[str, Held | None]]) -> bool:
    if field.source in held:
        return True
    if field.column in REQUIRED or field.default is not None:
        raise DefinitionError(
            f"table {log.table} has no column `{field.source}` (for {field.column}); "
            f"it has {', '.join(sorted(held))}"
        )
    return False


def _value(
    field: Field, log: Log, held: Mapping[str, tuple[str, Held | None]], words: Words
) -> str:
    """Return the SQL of the column's value, `{0}` in it for what the table has."""
    name, what = held[field.source]
    fitting = _FITTING[field.kind] - ({Held.DECIMAL} if field.unit == "ns" else set())
    if what not in fitting:
        raise DefinitionError(
            f"column `{field.source}` of table {log.table} is {name}, and {field.column} is a "
            f"{field.kind}; give it in a view as {' or '.join(sorted(fitting))}"
        )
    match field.kind:
        case Kind.TIMESTAMP:
            return words.instant
        case Kind.DURATION:
            return _microseconds(field, what)
        case Kind.BOOLEAN:
            return "{0}"
        case _:
            return f"CAST({{0}} AS {words.types[field.kind]})"


def _microseconds(field: Field, what: Held | None) -> str:
    """Return whole microseconds, rounded half up; NULL for what is beyond `max`."""
    units = _UNITS_A_SECOND[field.unit or "us"]
    limit = field.max_us * units // 1_000_000
    if units > 1_000_000:
        scaled = _DIVIDED
    elif what is Held.WHOLE:
        scaled = f"abs({{0}}) * {1_000_000 // units}"
    else:
        # 30 digits: with the million they are multiplied by, 38 hold the product.
        exact = "CAST(abs({0}) AS DECIMAL(30, 18))"
        scaled = f"FLOOR({exact} * {1_000_000 // units} + CAST('0.5' AS DECIMAL(2, 1)))"
    signed = f"CASE WHEN {{0}} < 0 THEN -CAST({scaled} AS BIGINT) ELSE CAST({scaled} AS BIGINT) END"
    return f"CASE WHEN abs({{0}}) <= {limit} THEN {signed} END"


# Not by a division, which is a double: what is left over is taken off first.
_DIVIDED = "(abs({0}) + 500 - (abs({0}) + 500) % 1000) / 1000"


def _with_default(field: Field, words: Words) -> str:
    source = words.name(field.source)
    if field.default is None:
        return source
    if field.kind in (Kind.INTEGER, Kind.NUMBER, Kind.DURATION):
        if not re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", field.default):
            raise DefinitionError(f"the default of {field.column} is no number: {field.default}")
        return f"coalesce({source}, {field.default})"
    if field.kind is Kind.BOOLEAN:
        return f"coalesce({source}, {'true' if field.default.lower() == 'true' else 'false'})"
    return f"coalesce({source}, {words.text(field.default)})"


def _reasons(fields: Sequence[Field]) -> list[str]:
    """Return the branches of the first failing reason: ts and status, then as declared."""
    order = sorted(
        enumerate(fields),
        key=lambda item: REQUIRED.index(item[1].column) if item[1].column in REQUIRED else 9,
    )
    return [branch for index, field in order for branch in _reason(index, field)]


def _reason(index: int, field: Field) -> list[str]:
    taken, value = f"v{index}", f"t{index}"
    limits = []
    branches = []
    if field.column in REQUIRED:
        branches.append(f"WHEN {taken} IS NULL THEN 'missing:{field.column}'")
    if field.column == "status":
        limits.append(f"{value} NOT BETWEEN 100 AND 599")
    if field.kind is Kind.TIMESTAMP:
        limits.append(f"EXTRACT(YEAR FROM {value}) NOT BETWEEN 1970 AND 2200")
    if field.kind is Kind.DURATION:
        limits.append(f"{taken} IS NOT NULL AND {value} IS NULL")
    if field.kind in (Kind.INTEGER, Kind.NUMBER, Kind.DURATION) and not field.signed:
        limits.append(f"{taken} < 0")
    return branches + [f"WHEN {limit} THEN 'range:{field.column}'" for limit in limits]


def _columns(definition: Definition, log: Log, fields: Sequence[Field], words: Words) -> str:
    """Return ts, source and every column of a request; NULL for those this log does not have."""
    values = {field.column: f"t{index}" for index, field in enumerate(fields)}
    if "path" in values:
        values["path"] = f"substring_index({values['path']}, '?', 1)"
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
