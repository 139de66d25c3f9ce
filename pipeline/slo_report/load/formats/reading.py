"""What the formats share: the values they give, and how text is cut into lines."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from slo_report.load.json_sample import Held
from slo_report.load.preflight import Preflight
from slo_report.load.unpack import Packing, packed_pieces, unpacked_pieces
from slo_report.slo_yaml.log_definition import Field

BYTE_ORDER_MARK = b"\xef\xbb\xbf"

Values = Mapping[str, Sequence[object]]
"""Values found under each name."""


REQUIRED = ("ts", "status")
"""Columns that a line must have; their reasons go before those of others."""


def reason_rank(column: str) -> int:
    """Return where a column's reason stands among those of one line: of equals the first counts."""
    return REQUIRED.index(column) if column in REQUIRED else len(REQUIRED)


class RefusedError(Exception):
    """The file as a whole cannot be used; the text is the reason."""


class Line(NamedTuple):
    """One line of a log as a format read it: blank lines never get this far."""

    number: int
    reason: str | None
    """Why the line is unusable by its structure."""
    wrong: str | None
    """The first column whose value has a type that no text can show, such as an array."""
    values: Sequence[str | None]
    """One text per field, in the order of the fields; empty with a reason."""


@dataclass(frozen=True)
class LogText:
    """A file that passed preflight, and what is wanted from it."""

    path: Path
    """Readable by DuckDB: its name has no wildcards."""
    facts: Preflight
    fields: tuple[Field, ...]
    max_line_bytes: int


@dataclass(frozen=True)
class Relation:
    """Rows that DuckDB reads by itself, and when their texts may not tell what the file says."""

    sql: str
    """A query over parameter $file: file_name, v0, v1, ... (one text per field), and what `doubts`
    speak of."""
    doubts: tuple[str, ...] = ()
    """Conditions under which only the careful way can judge a row."""
    doubts_unless_plain: tuple[str, ...] = ()
    """Likewise; none of them can hold in a row all of whose values are written plainly."""
    numbers: tuple[tuple[int, str], ...] = ()
    """The fields that are no texts but numbers, with the SQL that would make texts of them."""


@dataclass(frozen=True)
class Reader:
    """The ways of reading one format."""

    clean_sql: Callable[[LogText], Relation | None]
    """The relation of the whole file; None where only the careful way will do."""
    careful: Callable[[Iterable[bytes], LogText], Iterator[Line | None]]
    """Lines in order from physical lines; None for a blank one."""
    by_blocks: bool
    """Lines can be read independently of each other, so a bad one costs only its neighbourhood."""
    trap: Callable[[Path, Packing, Sequence[Field]], str] = lambda *_: ""
    """The pattern, for Python and for Rust, of what `clean_sql` would let pass; "" for none."""
    numbered_sql: Callable[[LogText], str] | None = None
    """A relation that is careful and has `line`, in place of `careful`."""
    lenient_sql: Callable[[LogText], Relation | None] = lambda _: None
    """Like `clean_sql`, but a line that is none gives a row of NULLs; it may miss `repeated`."""
    repeated: Callable[[LogText], Callable[[bytes], bool]] = lambda _: lambda _line: False
    """What tells a line in which `lenient_sql` may have overlooked something."""
    header_lines: Callable[[LogText], int] = lambda _: 0
    """Physical lines at the start that are no records."""
    sample: Callable[[Iterable[bytes], Sequence[Field]], tuple[Held, ...]] | None = None
    """How the fields are best read, from the first lines; None where that is always the same."""
    first_values: Callable[[Path, Sequence[str]], Values | None] = lambda *_: None
    """For a first look: what the first lines have under each name, None where they are of another
    format. One that is no text reads the file instead."""
    adapt: Callable[[LogText], tuple[Field, ...]] = lambda text: text.fields
    """The fields as this very file has them."""


def physical_lines(path: Path, packing: Packing) -> Iterator[bytes]:
    """Yield the unpacked lines with their line feeds; only a line feed ends a line."""
    rest: list[bytes] = []
    for piece in unpacked_pieces(packed_pieces(path), packing):
        begin = 0
        while (end := piece.find(b"\n", begin)) >= 0:
            rest.append(piece[begin : end + 1])
            yield b"".join(rest) if len(rest) > 1 else rest[0]
            rest.clear()
            begin = end + 1
        if begin < len(piece):
            rest.append(piece[begin:])
    if rest:
        yield b"".join(rest)


def blocks(path: Path, packing: Packing, block_bytes: int) -> Iterator[bytes]:
    """Yield the unpacked text in blocks of about `block_bytes` that end with whole lines."""
    rest: list[bytes] = []
    waiting = 0
    for piece in unpacked_pieces(packed_pieces(path), packing):
        cut = piece.rfind(b"\n") + 1 if waiting + len(piece) >= block_bytes else 0
        if cut:
            yield b"".join([*rest, piece[:cut]])
            rest, waiting = [], 0
        rest.append(piece[cut:])
        waiting += len(piece) - cut
    if waiting:
        yield b"".join(rest)


def decoded_lines(
    lines: Iterable[bytes], max_line_bytes: int
) -> Iterator[tuple[int, str | None, str] | None]:
    """Give each line's number, the reason why it is no text if it is none, and the text.

    `None` stands for a blank line; a byte order mark is no part of the first.
    """
    for number, line in enumerate(lines, 1):
        content = line.removeprefix(BYTE_ORDER_MARK) if number == 1 else line
        if content.strip():
            reason, text = decoded(content, max_line_bytes)
            yield number, reason, text
        else:
            yield None


def decoded(line: bytes, max_line_bytes: int) -> tuple[str | None, str]:
    """Return (reason, text): a line as text without its ending, or why it is none."""
    content = line.removesuffix(b"\n").removesuffix(b"\r")
    if len(content) > max_line_bytes:
        return "line_too_long", ""
    try:
        return None, content.decode("utf-8")
    except UnicodeDecodeError:
        return "encoding", ""
