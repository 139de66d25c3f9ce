"""Parquet: columns that have types already; a row is a line."""

from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import duckdb

from slo_report.errors import InputError
from slo_report.load.formats.reading import (
    REQUIRED,
    Line,
    LogText,
    Reader,
    RefusedError,
    Relation,
    Values,
    reason_rank,
)
from slo_report.load.printed import printed_sql
from slo_report.load.timestamps import NATIVE, local_sql, whole_us_sql
from slo_report.quoting import quote_name, quote_text
from slo_report.slo_yaml.kinds import NUMERIC, Kind
from slo_report.slo_yaml.log_definition import Field, LogFormat

_WHOLE = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT")
_WHOLE_TYPES = frozenset(_WHOLE) | {f"U{name}" for name in _WHOLE}
_FLOAT_TYPES = frozenset({"FLOAT", "DOUBLE"})


def clean_sql(text: LogText) -> Relation:
    """Return the relation over parameter $file, in doubt where a type can never fit."""
    columns = _columns(text)
    numbers = {
        index: column
        for index, (field, column) in enumerate(zip(text.fields, columns, strict=True))
        if column is not None and _is_number(field, column)
    }
    values = ", ".join(f"v{index}" for index in range(len(text.fields)))
    rows = _numbered(text.fields, columns, frozenset(numbers))
    return Relation(
        f"SELECT {values}, wrong IS NOT NULL AS misfit, file_name FROM ({rows})",
        ("misfit",),
        numbers=tuple(
            (index, str(_as_text(_Column(f"v{index}", column.type), text.fields[index])))
            for index, column in numbers.items()
        ),
    )


def numbered_sql(text: LogText) -> str:
    """Return the relation with `line`, the number of the row from 1, and `wrong`."""
    return _numbered(text.fields, _columns(text), frozenset())


def _numbered(
    fields: Sequence[Field], columns: "Sequence[_Column | None]", numbers: Set[int]
) -> str:
    """Return the relation; `numbers` are the fields that are left as the numbers they are."""
    values: list[str] = []
    wrong: list[tuple[int, str]] = []
    for index, (field, column) in enumerate(zip(fields, columns, strict=True)):
        if column is None:
            values.append(f"NULL::VARCHAR AS v{index}")
            continue
        if index in numbers:
            values.append(f"{column.access} AS v{index}")
            continue
        as_text = _as_text(column, field)
        if as_text is None:
            branch = f"WHEN {column.access} IS NOT NULL THEN {quote_text(field.column)}"
            wrong.append((reason_rank(field.column), branch))
            as_text = "NULL::VARCHAR"
        values.append(f"{as_text} AS v{index}")
    branches = [branch for _, branch in sorted(wrong, key=lambda ranked: ranked[0])]
    first_wrong = f"CASE {' '.join(branches)} END" if branches else "NULL::VARCHAR"
    return (
        f"SELECT file_row_number + 1 AS line, NULL::VARCHAR AS structural, "
        f"{first_wrong} AS wrong, {', '.join(values)}, filename AS file_name FROM {_SCAN}"
    )


_SCAN = "read_parquet($file, file_row_number = true, hive_partitioning = false)"


class _Column(NamedTuple):
    """Where a field stands in this file."""

    access: str
    """SQL: a column, or a key inside structs."""
    type: str
    """DuckDB's name of its type."""


def _columns(text: LogText) -> list[_Column | None]:
    """Return each field's column, None for one that this file does not have."""
    with duckdb.connect() as connection:

        def describe(select: str) -> dict[str, str]:
            rows = connection.execute(
                f"DESCRIBE SELECT {select} FROM {_SCAN}", {"file": [str(text.path)]}
            ).fetchall()
            return {str(row[0]): str(row[1]) for row in rows}

        try:
            types = describe("*")
        except duckdb.Error as error:
            raise RefusedError("is a damaged Parquet file") from error

        def inside(source: str) -> _Column | None:
            """Return a key that the dots reach through structs."""
            parts = source.split(".")
            if len(parts) == 1 or not types.get(parts[0], "").startswith("STRUCT"):
                return None
            access = ".".join(quote_name(part) for part in parts)
            try:
                return _Column(access, describe(f"{access} AS value")["value"])
            except (duckdb.BinderException, duckdb.ParserException):
                return None

        columns: list[_Column | None] = []
        for field in text.fields:
            whole = types.get(field.source)
            column = inside(field.source) if whole is None else None
            if whole is not None:
                column = _Column(quote_name(field.source), whole)
            if column is None and field.column in REQUIRED:
                raise RefusedError(f"has no column {field.source}")
            columns.append(column)
        return columns


def _is_number(field: Field, column: _Column) -> bool:
    """Tell whether the cheap way takes the column as it is; a FLOAT is what it prints as."""
    return (
        field.kind in NUMERIC | {Kind.DURATION}
        and field.default is None
        and column.type in _WHOLE_TYPES | {"DOUBLE"}
    )


def _as_text(column: _Column, field: Field) -> str | None:
    """Return the value as the text that a line would have had, None if its type never fits."""
    access, type_ = column
    kind = field.kind
    text = f"{access}::VARCHAR"
    # VARCHAR[] and other lists begin with the name of what they hold.
    fits = not type_.endswith("]")
    if type_.startswith("TIMESTAMP"):
        fits = fits and kind is Kind.TIMESTAMP
        text = f"CAST({access} AS TIMESTAMP)"
        if type_ == "TIMESTAMP_NS":
            # The cast would round the last nanoseconds of a month into the next one.
            text = f"make_timestamp({whole_us_sql(f'epoch_ns({access})')})"
        if field.time_zone is not None and not type_.endswith("WITH TIME ZONE"):
            text = local_sql(text, field.time_zone)
    elif type_ == "BOOLEAN":
        fits = kind is Kind.BOOLEAN
    elif type_ in _FLOAT_TYPES:
        # In a text column a large one keeps its digits: it is a name there, and no size.
        text = text if kind is Kind.TEXT else printed_sql(access)
    elif type_ not in _WHOLE_TYPES:
        fits = fits and type_.startswith(("VARCHAR", "ENUM", "DECIMAL", "UUID"))
    return text if fits else None


def adapt(text: LogText) -> tuple[Field, ...]:
    """Return the fields, those whose column holds timestamps marked so."""
    return tuple(
        replace(field, time_format=NATIVE)
        if field.kind is Kind.TIMESTAMP
        and column is not None
        and column.type.startswith("TIMESTAMP")
        else field
        for field, column in zip(text.fields, _columns(text), strict=True)
    )


def careful(_lines: Iterable[bytes], _text: LogText) -> Iterator[Line | None]:
    """Never asked: the numbered relation is as careful as it gets."""
    raise TypeError("rows of Parquet are numbered, never judged line by line")


def first_values(path: Path, _lines: Sequence[str]) -> Values | None:
    """Return the values of the first rows under each name, None where it is another format.

    Raises InputError if it cannot be read.
    """
    with path.open("rb") as file:
        if file.read(len(LogFormat.PARQUET.traits.magic)) != LogFormat.PARQUET.traits.magic:
            return None
    connection = duckdb.connect(config={"autoinstall_known_extensions": "false"})
    try:
        # As text, since DuckDB hands over some types only through packages that are not ours.
        texts = "SELECT COLUMNS(*)::VARCHAR FROM read_parquet($1) LIMIT 20"
        cursor = connection.execute(texts, [str(path)])
        names = [column[0] for column in cursor.description or ()]
        rows = cursor.fetchall()
    except duckdb.Error as error:
        raise InputError(f"{path} is no Parquet file that can be read") from error
    finally:
        connection.close()
    return {name: [row[at] for row in rows if row[at] is not None] for at, name in enumerate(names)}


PARQUET = Reader(
    clean_sql=clean_sql,
    careful=careful,
    by_blocks=False,
    numbered_sql=numbered_sql,
    adapt=adapt,
    first_values=first_values,
)
