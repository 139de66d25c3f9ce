"""The SQL of a row of `requests`: from the texts that a format gives to typed columns."""

from collections.abc import Sequence

from slo_report.load.convert import REQUIRED, reason_sql, value_sql
from slo_report.load.endpoints import cut_query, endpoint_sql
from slo_report.slo_yaml.definition import Definition, Field
from slo_report.store import FIXED_COLUMNS, STORE_TYPES, quote_name, quote_text


def stored_columns(definition: Definition) -> list[str]:
    """Return the columns of a request, quoted, beside file_id, duplicate, source and ts."""
    return [quote_name(name) for name in definition.columns if name not in FIXED_COLUMNS]


def row_sql(relation: str, fields: Sequence[Field], definition: Definition) -> str:
    """Return a query with `line`, `unsure`, `reason` (of the first bad field), ts and columns.

    `relation` has line, structural, wrong, unsure and one text per field: v0, v1, ...
    """
    texts = [
        f"v{index}"
        if field.default is None
        else f"coalesce(v{index}, {quote_text(field.default)}) AS v{index}"
        for index, field in enumerate(fields)
    ]
    values = [f"{value_sql(field, f'v{index}')} AS t{index}" for index, field in enumerate(fields)]
    given = "line, structural, wrong, unsure"
    return (
        f"SELECT line, unsure, {_reason(fields)} AS reason, {_columns(fields, definition)} FROM ("
        f"SELECT *, {', '.join(values)} FROM ("
        f"SELECT {given}, {', '.join(texts)} FROM ({relation})))"
    )


def _reason(fields: Sequence[Field]) -> str:
    """Return the first failing reason: structure, then ts and status, then as declared."""
    order = sorted(
        enumerate(fields),
        key=lambda item: REQUIRED.index(item[1].column) if item[1].column in REQUIRED else 9,
    )
    branches = [reason_sql(field, f"v{index}", f"t{index}") for index, field in order]
    return f"CASE WHEN structural IS NOT NULL THEN structural {' '.join(branches)} END"


def _columns(fields: Sequence[Field], definition: Definition) -> str:
    """Return ts and every stored column; NULL for those that this log does not have."""
    values = {field.column: f"t{index}" for index, field in enumerate(fields)}
    if "path" in values:
        values["path"] = cut_query(values["path"])
    values["endpoint"] = endpoint_sql(
        definition.endpoints, values.get("method"), values.get("path"), values.get("route")
    )
    columns = [f"{_start(fields, values)} AS ts"]
    for name, kind in definition.columns.items():
        if name not in FIXED_COLUMNS:
            value = values.get(name, "NULL")
            columns.append(f"CAST({value} AS {STORE_TYPES[kind]}) AS {quote_name(name)}")
    return ", ".join(columns)


def _start(fields: Sequence[Field], values: dict[str, str]) -> str:
    """Return the request's start; where the log has only its end, the end less the duration."""
    ts = values["ts"]
    is_end = next(field.time_is_end for field in fields if field.column == "ts")
    if not is_end or "duration" not in values:
        return ts
    return f"{ts} - to_microseconds(coalesce({values['duration']}, 0))"
