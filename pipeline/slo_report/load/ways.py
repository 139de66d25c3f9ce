"""The ways of having DuckDB read a whole file, fastest first."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from enum import Enum, auto
from pathlib import Path
from typing import NamedTuple

from slo_report.load.discover import LogFile
from slo_report.load.formats import READERS
from slo_report.load.formats.reading import LogText, Reader, Relation, physical_lines
from slo_report.load.json_sample import Held
from slo_report.load.preflight import Preflight
from slo_report.load.record import Record
from slo_report.load.unpack import DamagedError, packing_of

MANY_BYTES = 16 << 20
"""Of less DuckDB makes no use of several threads."""


class Attempt(Enum):
    """What came of reading a file before it was known to be clean."""

    NONE = auto()
    DONE = auto()
    NOT_NOW = auto()
    """Clean or not, it was not wanted."""
    IN_DOUBT = auto()
    """DuckDB reads it, but not every line for certain."""
    UNREADABLE = auto()


class Way(NamedTuple):
    """One way of having DuckDB read a whole file."""

    relation: Relation
    lenient: bool = False
    threaded: bool = False


def is_plain_name(path: Path) -> bool:
    """Tell whether DuckDB can take the name: UTF-8, without the wildcards that it would follow."""
    name = str(path)
    return (
        not set(name) & set("*?[]")
        and name.isprintable()
        and name.encode("utf-8", "replace").decode() == name
    )


@contextmanager
def readable(path: Path, folder: Path) -> Iterator[Path]:
    """Give a file a name that DuckDB can take; `folder` is for a link to it."""
    if is_plain_name(path):
        yield path
        return
    link = folder / "file"
    link.unlink(missing_ok=True)
    link.symlink_to(path.resolve())
    try:
        yield link
    finally:
        link.unlink()


def reader_of(file: LogFile) -> Reader:
    """Return what reads the file, whose name or log must tell its format."""
    assert file.format is not None
    return READERS[file.format]


def sample_of(file: LogFile) -> tuple[Held, ...]:
    """Return how the fields are best read, by the first lines; () where that is always the same.

    Raises OSError if the file cannot be read.
    """
    reader = reader_of(file)
    if reader.sample is None:
        return ()
    lines = physical_lines(file.path, packing_of(file.path))
    try:
        return reader.sample(lines, file.fields)
    except DamagedError:
        return reader.sample((), file.fields)


def text_of(file: LogFile, path: Path, facts: Preflight) -> tuple[Reader, LogText]:
    """Return what reads a file, and the file as it is read, its fields as it has them.

    Raises RefusedError where a needed column is missing.
    """
    reader = reader_of(file)
    text = LogText(path, facts, file.fields, file.log.max_line_bytes)
    return reader, replace(text, fields=reader.adapt(text))


def ways_of(reader: Reader, text: LogText, record: Record, attempt: Attempt) -> Iterator[Way]:
    """Yield the ways of reading the file, fastest first, but for those that were tried."""
    large = record.file.size >= MANY_BYTES
    lenient = reader.lenient_sql(text)
    # A small file with a line that is cut or blank is read leniently without trying it strictly.
    hopeless = lenient is not None and not large and not text.facts.braced
    # What failed was perhaps only the reading of values as of one type.
    failed = attempt is Attempt.UNREADABLE and not text.facts.odd_value
    clean = None if hopeless or failed else reader.clean_sql(text)
    if clean is not None:
        ordered = text.facts.open_end or attempt is Attempt.IN_DOUBT
        if large and not ordered:
            yield Way(clean, threaded=True)
        yield Way(clean)
    if lenient is not None:
        yield Way(lenient, lenient=True)
