"""Single lines of a file that DuckDB has read: those it was in doubt of, fetched to be judged."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from slo_report.load.formats.reading import LogText, Reader, blocks

_BLOCK_BYTES = 8 << 20


class Fetched(NamedTuple):
    """A line and where it stands."""

    row: int
    """How many rows come before it: blank lines give none."""
    number: int
    """Of the line as the quarantine counts it, from 1."""
    line: bytes


class MisplacedError(Exception):
    """Rows and lines do not correspond."""


def fetch(
    text: LogText, reader: Reader, rows: Sequence[int], blank: int, *, lenient: bool
) -> Iterator[Fetched]:
    """Yield the lines of `rows` (ascending, the first row is 0), in order.

    After a lenient reading also those in which it may have overlooked something.
    """
    header = reader.header_lines(text)
    suspicious = reader.repeated(text) if lenient else None
    waiting = iter(rows)
    wanted = next(waiting, None)
    at = -header
    seen_blank = 0
    for block in blocks(text.path, text.facts.packing, _BLOCK_BYTES):
        count = block.count(b"\n") + (not block.endswith(b"\n"))
        if suspicious is None and not blank and (wanted is None or wanted >= at + count):
            at += count
            continue
        lines = block.split(b"\n")
        del lines[count:]
        for line in lines:
            if blank and at >= 0 and not line.strip():
                seen_blank += 1
                continue
            if at == wanted:
                wanted = next(waiting, None)
            elif suspicious is None or not suspicious(line):
                at += 1
                continue
            yield Fetched(at, at + seen_blank + 1, line + b"\n")
            at += 1
    if wanted is not None or seen_blank != blank:
        raise MisplacedError


def leading_lines(text: LogText, reader: Reader, first_row: int) -> list[bytes]:
    """Return what must come before fetched lines so that none is taken for the file's start."""
    header = reader.header_lines(text)
    if not header:
        return [b"\n"] if first_row else []
    block = next(blocks(text.path, text.facts.packing, _BLOCK_BYTES))
    return [line + b"\n" for line in block.split(b"\n")[:header]]
