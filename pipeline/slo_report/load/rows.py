"""The SQL of a row of `requests`: from the texts that a format gives to typed columns."""

from collections.abc import Mapping, Sequence

from slo_report.load.convert import is_sound_sql, is_usable_sql, reason_sql, value_sql
from slo_report.load.endpoints import cut_query, endpoint_sql
from slo_report.load.formats.reading import REQUIRED, Relation, reason_rank
from slo_report.load.quick import OF_NUMBER, OF_TEXT
from slo_report.quoting import quote_name, quote_text
from slo_report.slo_yaml.definition import Definition
from slo_report.slo_yaml.expressions import Kind
from slo_report.slo_yaml.log_definition import Field
from slo_report.store import FIXED_COLUMNS, STORE_TYPES


def stored_columns(definition: Definition) -> list[str]:
    """Return the columns of a request, quoted, beside file_id, duplicate, source and ts."""
    return [quote_name(name) for name in definition.columns if name not in FIXED_COLUMNS]


def request_columns(definition: Definition) -> str:
    """Return all columns of a request, as they stand in an INSERT."""
    return ", ".join(["file_id, duplicate, source, ts", *stored_columns(definition)])


def careful_rows_sql(relation: str, fields: Sequence[Field], definition: Definition) -> str:
    """Return a query with `line`, `reason` (of the first bad field), ts and the stored columns.

    `relation` has line, structural, wrong and one text per field: v0, v1, ...
    """
    return (
        f"SELECT line, CASE WHEN structural IS NOT NULL THEN structural {_reasons(fields)} END "
        f"AS reason, {_columns(fields, definition)} FROM ({_typed(relation, fields, {})})"
    )


def quick_rows_sql(relation: Relation, fields: Sequence[Field], definition: Definition) -> str:
    """Return a query of file_name, ts (NULL where a line is in doubt or has a reason), the columns.

    Rows that are sound in every field are told by cheap means; only others take the long way.
    """
    numbers = dict(relation.numbers)
    sound, exact = list[str](), list[str]()
    for index, field in enumerate(fields):
        raw, value = f"v{index}", f"t{index}"
        text = numbers.get(index, raw)
        plain = f"p{index}" if OF_TEXT.cast(field, raw) else ""
        if condition := is_sound_sql(field, text, value, plain):
            # Without a text NULL, and cheaper than OR.
            sound.append(f"coalesce({condition}, {raw} IS NULL)")
        if condition := is_usable_sql(field, text, value):
            exact.append(f"({raw} IS NULL OR {condition})")
    present = [f"v{i} IS NOT NULL" for i, field in enumerate(fields) if field.column in REQUIRED]
    doubts = [f"WHEN {doubt} THEN false" for doubt in relation.doubts]
    late_doubts = [f"WHEN {doubt} THEN false" for doubt in relation.doubts_unless_plain]
    usable = (
        f"CASE {' '.join(doubts)} WHEN {' AND '.join([*present, *sound])} THEN true "
        f"{' '.join(late_doubts)} ELSE {' AND '.join([*present, *exact])} END"
    )
    columns = ", ".join(stored_columns(definition))
    return (
        f"SELECT file_name, CASE WHEN usable THEN ts END AS ts, {columns} FROM ("
        f"SELECT file_name, {usable} AS usable, {_columns(fields, definition)} "
        f"FROM ({_typed(relation.sql, fields, numbers)}))"
    )


def _typed(relation: str, fields: Sequence[Field], numbers: Mapping[int, str]) -> str:
    """Return the relation with its texts' defaults, p0, p1, ... (plain?) and the values t0, ...

    `numbers` has the text, as SQL, of the fields that are numbers already.
    """
    defaults = [
        f"coalesce(v{index}, {quote_text(field.default)}) AS v{index}"
        for index, field in enumerate(fields)
        if field.default is not None
    ]
    replaced = f" REPLACE ({', '.join(defaults)})" if defaults else ""
    casts, plain, values = list[str](), list[str](), list[str]()
    for index, field in enumerate(fields):
        raw, cast, branch = f"v{index}", f"n{index}", ""
        quick = OF_NUMBER if index in numbers else OF_TEXT
        if how := quick.cast(field, raw):
            casts.append(f"{how} AS {cast}")
            plain.append(f"{quick.is_plain(field, raw, cast)} AS p{index}")
            branch = f"WHEN p{index} THEN {quick.value(field, cast)}"
        value = value_sql(field, numbers.get(index, raw), branch)
        # Cut here and once: each template of an endpoint looks at the path.
        values.append(f"{cut_query(value) if field.column == 'path' else value} AS t{index}")
    return (
        f"SELECT {', '.join(['*', *values])} FROM (SELECT {', '.join(['*', *plain])} FROM ("
        f"SELECT {', '.join(['*', *casts])} FROM (SELECT *{replaced} FROM ({relation}))))"
    )


def _reasons(fields: Sequence[Field]) -> str:
    """Return the branches of the first failing reason: ts and status, then as declared."""
    order = sorted(
        enumerate(fields),
        key=lambda item: reason_rank(item[1].column),
    )
    branches = [reason_sql(field, f"v{index}", f"t{index}") for index, field in order]
    return " ".join(branches)


def _columns(fields: Sequence[Field], definition: Definition) -> str:
    """Return ts and every stored column; NULL for those that this log does not have."""
    values = {field.column: f"t{index}" for index, field in enumerate(fields)}
    values["endpoint"] = endpoint_sql(
        definition.endpoints, values.get("method"), values.get("path"), values.get("route")
    )
    columns = [f"{_start(fields, values)} AS ts"]
    for name, kind in definition.columns.items():
        if name not in FIXED_COLUMNS:
            value = values.get(name, "NULL")
            if name == "request_id" and kind is Kind.TEXT:
                # An id that is empty is none: nginx writes "" for a header that is not there.
                value = f"nullif({value}, '')"
            columns.append(f"CAST({value} AS {STORE_TYPES[kind]}) AS {quote_name(name)}")
    return ", ".join(columns)


def _start(fields: Sequence[Field], values: dict[str, str]) -> str:
    """Return the request's start; where the log has only its end, the end less the duration."""
    ts = values["ts"]
    is_end = next(field.time_is_end for field in fields if field.column == "ts")
    if not is_end or "duration" not in values:
        return ts
    return f"{ts} - to_microseconds(coalesce({values['duration']}, 0))"
