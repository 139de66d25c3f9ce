"""CSV: a header that names the columns, then records; quotes may hold line breaks."""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO
from itertools import chain, islice
from pathlib import Path

from slo_report.load.formats.reading import (
    REQUIRED,
    Line,
    LogText,
    Reader,
    RefusedError,
    Relation,
    Values,
    decoded,
    physical_lines,
)
from slo_report.load.unpack import DamagedError, Packing
from slo_report.quoting import quote_text
from slo_report.slo_yaml.log_definition import Field

_FIELD = re.compile(r'"((?:[^"]|"")*)"|([^",\r\n]*)')
_OTHER_SIGNS = {";": "semicolons", "\t": "tabs", "|": "bars"}
_NAMES_TOLD = 10
_LONGEST_TOLD = 80
_LINES_OF_ONE_RECORD = 1000
"""A quote that closes no sooner was never meant to open."""
_VALUE_AND_COMMA = r'(?:[^",\n]*|"(?:[^"]|"")*"),'
_MOST_COUNTED = 500
"""Engines of regular expressions are slow with, or refuse, what is to occur much more often."""


def trap(path: Path, packing: Packing, _fields: Sequence[Field]) -> str:
    """Return a pattern of every record that has more values than the header has names.

    DuckDB lets those pass that are empty and not quoted.
    """
    try:
        names, _ = _header(path, packing)
    except (RefusedError, DamagedError):
        return ""
    return (
        rf"(?m:^)(?:{_VALUE_AND_COMMA}){{{len(names)}}}"
        if len(names) < _MOST_COUNTED
        else r",\r?\n"
    )


def clean_sql(text: LogText) -> Relation | None:
    """Return the relation over parameter $file.

    A stray quote swallows line breaks: where there are as many rows as lines, none has.
    """
    names, lines = _header(text.path, text.facts.packing)
    places = _places(names, text.fields)
    facts = text.facts
    odd = facts.trap or facts.long_line or not facts.plain_lines
    if odd or lines > 1 or len(names) < 2:
        return None
    columns = ", ".join(f"'c{index}': 'VARCHAR'" for index in range(len(names)))
    values = [
        f"NULL::VARCHAR AS v{index}" if place is None else f"c{place} AS v{index}"
        for index, place in enumerate(places)
    ]
    # DuckDB lets a quote inside an unquoted value pass.
    quoted = " OR ".join(
        f"coalesce(contains(c{index}, chr(34)), false)" for index in range(len(names))
    )
    sql = (
        f"SELECT {', '.join(values)}, {quoted} AS quoted, filename AS file_name "
        f"FROM read_csv($file, "
        f"columns = {{{columns}}}, header = true, auto_detect = false, delim = ',', "
        f"quote = '\"', escape = '\"', strict_mode = true, null_padding = false, "
        f"allow_quoted_nulls = false, max_line_size = {text.max_line_bytes + 2}, "
        f"hive_partitioning = false, compression = {quote_text(text.facts.packing.value)})"
    )
    return Relation(sql, ("quoted",))


def careful(lines: Iterable[bytes], text: LogText) -> Iterator[Line | None]:
    """Judge each record by itself, numbered from 1 after the header; `None` for a blank line."""
    names, header_lines = _header(text.path, text.facts.packing)
    places = _places(names, text.fields)
    waiting: Iterator[bytes] = islice(iter(lines), header_lines, None)
    number = 0
    while (line := next(waiting, None)) is not None:
        number += 1
        if not line.strip():
            yield None
            continue
        reason, content = decoded(line, text.max_line_bytes)
        if reason or "\0" in content:
            yield Line(number, reason or "format", None, ())
            continue
        record, taken = _record(line, waiting, text.max_line_bytes)
        if record is None or len(record) != len(names):
            # The quote that never closes costs its own line only: the others are read again.
            waiting = chain(taken, waiting)
            yield Line(number, "format", None, ())
            continue
        values = [None if place is None else record[place] for place in places]
        yield Line(number, None, None, values)


def header_lines(text: LogText) -> int:
    """Return how many physical lines the header takes."""
    return _header(text.path, text.facts.packing)[1]


def _header(path: Path, packing: Packing) -> tuple[list[str], int]:
    """Return the header's names and how many physical lines it takes."""
    lines = physical_lines(path, packing)
    decoded_lines = (line.decode("utf-8-sig").replace("\0", "") for line in lines)
    try:
        rows = csv.reader(decoded_lines, strict=True)
        return next(rows), rows.line_num
    except StopIteration:
        raise RefusedError("has no header") from None
    except (csv.Error, UnicodeDecodeError):
        raise RefusedError("has a header that is no CSV") from None


def _places(names: Sequence[str], fields: Sequence[Field]) -> list[int | None]:
    """Return where each field stands, None for one that this file does not have."""
    places: list[int | None] = []
    for field in fields:
        count = names.count(field.source)
        if count > 1:
            raise RefusedError(f"has the column {field.source} twice in its header")
        if not count and field.column in REQUIRED:
            raise RefusedError(f"has no column {field.source} in its header; {_found(names)}")
        places.append(names.index(field.source) if count else None)
    return places


def _found(names: Sequence[str]) -> str:
    """Return what a header has, and what to do where other signs than commas cut it."""
    told = ", ".join(_told(name) for name in names[:_NAMES_TOLD]) or "no name"
    if len(names) > _NAMES_TOLD:
        told += f" and {len(names) - _NAMES_TOLD:,} more"
    for sign, word in _OTHER_SIGNS.items():
        if len(names) == 1 and sign in names[0]:
            told += f"; {word} cut it, but values are cut at commas: write the file with those"
    return f"it has: {told}"


def _told(name: str) -> str:
    """Return a name of the header on one line and of bearable length."""
    short = name if len(name) <= _LONGEST_TOLD else name[: _LONGEST_TOLD - 1] + "…"
    return f"`{short if short.isprintable() else repr(short)[1:-1]}`"


def _record(
    line: bytes, following: Iterator[bytes], max_bytes: int
) -> tuple[list[str | None] | None, list[bytes]]:
    """Return the record that starts with `line`, and the lines after it that were looked at.

    The lines after it belong to the record if there is one; the record is None if its quotes
    do not close.
    """
    text, taken = line, list[bytes]()
    while text.count(b'"') % 2:
        more = next(following, None)
        if more is None:
            return None, taken
        taken.append(more)
        text += more
        if len(text) > max_bytes or len(taken) > _LINES_OF_ONE_RECORD:
            return None, taken
    reason, content = decoded(text, max_bytes)
    return (None if reason else _split(content)), taken


def _split(content: str) -> list[str | None] | None:
    """Return the values of one record, None for an empty unquoted one; None for bad quoting."""
    values: list[str | None] = []
    at = 0
    while True:
        match = _FIELD.match(content, at)
        if match is None:  # pragma: no cover (the pattern matches the empty text)
            return None
        quoted, bare = match.groups()
        values.append(bare or None if quoted is None else quoted.replace('""', '"'))
        at = match.end()
        if at == len(content):
            return values
        if content[at] != ",":
            return None
        at += 1


def first_values(_path: Path, lines: Sequence[str]) -> Values | None:
    """Return the values under each name of a header; None where the first line is none."""
    try:
        rows = list(csv.reader(StringIO("\n".join(lines))))
    except csv.Error:
        return None
    header = rows[0]
    named = all(re.fullmatch(r"[^\W\d][\w .@/()%#:-]*", name) for name in header)
    if len(header) < 2 or not named or len(set(header)) < len(header):
        return None
    whole = [row for row in rows[1:] if len(row) == len(header)]
    return {name: [row[at] for row in whole if row[at]] for at, name in enumerate(header)}


CSV = Reader(
    clean_sql=clean_sql,
    careful=careful,
    by_blocks=False,
    trap=trap,
    header_lines=header_lines,
    first_values=first_values,
)
