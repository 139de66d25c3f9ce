"""Parquet: columns that have types already; a row is a line."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

import duckdb

from slo_report.load.formats.reading import Line, LogText, Reader, RefusedError, Relation
from slo_report.load.timestamps import NATIVE
from slo_report.slo_yaml.definition import Field
from slo_report.slo_yaml.expressions import Kind
from slo_report.store import quote_name, quote_text

_REQUIRED = ("ts", "status")
_WHOLE = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT")
_WHOLE_TYPES = frozenset(_WHOLE) | {f"U{name}" for name in _WHOLE}
_FLOAT_TYPES = frozenset({"FLOAT", "DOUBLE"})


def clean_sql(text: LogText) -> Relation:
    """Return the relation over parameter $file, in doubt where a type can never fit."""
    values = ", ".join(f"v{index}" for index in range(len(text.fields)))
    return Relation(
        f"SELECT {values}, wrong IS NOT NULL AS misfit, file_name FROM ({numbered_sql(text)})",
        ("misfit",),
    )


def numbered_sql(text: LogText) -> str:
    """Return the relation with `line`, the number of the row from 1, and `wrong`."""
    types = _types(text)
    values: list[str] = []
    wrong: list[str] = []
    for index, field in enumerate(text.fields):
        access = _access(field, types)
        if access is None:
            values.append(f"NULL::VARCHAR AS v{index}")
            continue
        as_text = _as_text(access, _type_of(access, text), field.kind)
        if as_text is None:
            wrong.append(f"WHEN {access} IS NOT NULL THEN {quote_text(field.column)}")
            as_text = "NULL::VARCHAR"
        values.append(f"{as_text} AS v{index}")
    first_wrong = f"CASE {' '.join(wrong)} END" if wrong else "NULL::VARCHAR"
    return (
        f"SELECT file_row_number + 1 AS line, NULL::VARCHAR AS structural, "
        f"{first_wrong} AS wrong, {', '.join(values)}, filename AS file_name FROM {_SCAN}"
    )


_SCAN = "read_parquet($file, file_row_number = true, hive_partitioning = false)"


def _describe(text: LogText, select: str) -> dict[str, str]:
    """Return the name and type of each column of `select` over the file."""
    with duckdb.connect() as connection:
        try:
            rows = connection.execute(
                f"DESCRIBE SELECT {select} FROM {_SCAN}", {"file": [str(text.path)]}
            ).fetchall()
        except duckdb.Error as error:
            raise RefusedError("is a damaged Parquet file") from error
    return {str(row[0]): str(row[1]) for row in rows}


def _types(text: LogText) -> dict[str, str]:
    return _describe(text, "*")


def _type_of(access: str, text: LogText) -> str:
    return next(iter(_describe(text, f"{access} AS value").values()))


def _access(field: Field, types: dict[str, str]) -> str | None:
    """Return the SQL of a field's column: its whole name, else through structs by the dots."""
    if field.source in types:
        return quote_name(field.source)
    head, *inner = field.source.split(".")
    if inner and types.get(head, "").startswith("STRUCT") and all(inner):
        return ".".join(quote_name(part) for part in (head, *inner))
    if field.column in _REQUIRED:
        raise RefusedError(f"has no column {field.source}")
    return None


def _as_text(access: str, type_: str, kind: Kind) -> str | None:
    """Return the value as the text that a line would have had, None if its type never fits."""
    text: str | None = f"{access}::VARCHAR"
    if type_.startswith("TIMESTAMP"):
        text = f"CAST({access} AS TIMESTAMP)" if kind is Kind.TIMESTAMP else None
    elif type_ == "BOOLEAN":
        text = text if kind is Kind.BOOLEAN else None
    elif type_ in _FLOAT_TYPES:
        # Large and small ones print with an exponent; as a decimal they don't.
        decimal = f"TRY_CAST({text} AS DECIMAL(38,18))::VARCHAR"
        text = f"CASE WHEN contains({text}, 'e') THEN coalesce({decimal}, {text}) ELSE {text} END"
    elif type_ not in _WHOLE_TYPES and not type_.startswith(("VARCHAR", "ENUM", "DECIMAL")):
        text = None
    # VARCHAR[] and other lists begin with the name of what they hold.
    return None if type_.endswith("]") else text


def adapt(text: LogText) -> tuple[Field, ...]:
    """Return the fields, those whose column holds timestamps marked so."""
    types = _types(text)
    return tuple(
        replace(field, time_format=NATIVE)
        if field.kind is Kind.TIMESTAMP and _holds_timestamps(field, types, text)
        else field
        for field in text.fields
    )


def _holds_timestamps(field: Field, types: dict[str, str], text: LogText) -> bool:
    access = _access(field, types)
    return access is not None and _type_of(access, text).startswith("TIMESTAMP")


def careful(_lines: Iterable[bytes], _text: LogText) -> Iterator[Line | None]:
    """Never asked: the numbered relation is as careful as it gets."""
    raise TypeError("rows of Parquet are numbered, never judged line by line")


PARQUET = Reader(
    clean_sql=clean_sql, careful=careful, by_blocks=False, numbered_sql=numbered_sql, adapt=adapt
)
