"""The careful way into the store: lines with a number and a fate each, gathered before they count.

A text is cut into blocks. DuckDB reads the clean ones by itself; a block with anything odd in it
is cut smaller and at last read line by line, so that one bad line never slows a whole file.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import chain, islice
from pathlib import Path

import duckdb
import polars as pl

from slo_report.load.doubtful import Fetched, leading_lines
from slo_report.load.formats.reading import (
    BYTE_ORDER_MARK,
    Line,
    LogText,
    Reader,
    blocks,
    physical_lines,
)
from slo_report.load.rows import careful_rows_sql, quick_rows_sql, stored_columns
from slo_report.load.scan import has_trap
from slo_report.load.unpack import Packing
from slo_report.slo_yaml.definition import Definition
from slo_report.store import Store

BLOCK_BYTES = 8 << 20
_SMALLEST_BLOCK_BYTES = 256 << 10
_SMALLER = 8
_BATCH_LINES = 50_000

UNREADABLE = (duckdb.Error,)
"""What DuckDB raises on a file that is not as it should be, of whatever class; the store turns
those about its own disk, its lock and its memory into others before they get here."""


class NotCleanError(Exception):
    """The fast way cannot answer for every line."""


@dataclass(frozen=True)
class Counted:
    """Lines that were read, and how many of them were blank."""

    lines: int
    blank: int


@dataclass(frozen=True)
class Stage:
    """The temporary table `staged`: line, reason, ts and the stored columns."""

    store: Store
    definition: Definition
    folder: Path
    """Where blocks lie while DuckDB reads them."""

    def fill(self, reader: Reader, text: LogText) -> Counted:
        """Put every line of the file into `staged`, in order, numbered where it has a reason."""
        self._create()
        if reader.numbered_sql is not None:
            return self._numbered(reader.numbered_sql(text), text)
        if not reader.by_blocks:
            lines = physical_lines(text.path, text.facts.packing)
            return self._line_by_line(reader.careful(lines, text), text, 0)
        counted = Counted(0, 0)
        for block in blocks(text.path, text.facts.packing, BLOCK_BYTES):
            more = self._block(reader, text, block, counted.lines)
            counted = Counted(counted.lines + more.lines, counted.blank + more.blank)
        return counted

    def judge(
        self, reader: Reader, text: LogText, fetched: Iterator[Fetched]
    ) -> list[tuple[int, int]]:
        """Put lines of the file into `staged`, each judged by itself; return (row, number) each."""
        self._create()
        judged: list[tuple[int, int]] = []
        while batch := list(islice(fetched, _BATCH_LINES)):
            leading = leading_lines(text, reader, batch[0].row)
            found = list(reader.careful(chain(leading, (one.line for one in batch)), text))
            found = found[len(found) - len(batch) :]
            lines = [
                line._replace(number=one.number)
                for line, one in zip(found, batch, strict=True)
                if line is not None
            ]
            if len(lines) != len(batch):
                raise NotCleanError
            self._insert_lines(lines, text, 0)
            judged += [(one.row, one.number) for one in batch]
        return judged

    def _create(self) -> None:
        self.store.rows(
            "CREATE OR REPLACE TEMP TABLE staged AS SELECT 0::BIGINT AS line, "
            f"''::VARCHAR AS reason, ts, {self._columns()} FROM requests LIMIT 0"
        )

    def _columns(self) -> str:
        return ", ".join(stored_columns(self.definition))

    def _numbered(self, relation: str, text: LogText) -> Counted:
        self._insert(relation, text, {"file": [str(text.path)]})
        [(lines,)] = self.store.rows("SELECT count(*) FROM staged")
        return Counted(int(lines), 0)

    def _insert(self, relation: str, text: LogText, params: dict[str, object]) -> None:
        self.store.rows(
            f"INSERT INTO staged SELECT line, reason, ts, {self._columns()} "
            f"FROM ({careful_rows_sql(relation, text.fields, self.definition)})",
            params,
        )

    def _block(self, reader: Reader, text: LogText, block: bytes, offset: int) -> Counted:
        """Stage one block: whole by DuckDB, else in smaller blocks, else line by line."""
        lines = block.count(b"\n") + (not block.endswith(b"\n"))
        if self._is_clean(reader, text, block, lines):
            return Counted(lines, 0)
        parts = list(_cut(block, len(block) // _SMALLER))
        # A very long line can leave nothing to cut.
        if len(block) <= _SMALLEST_BLOCK_BYTES or len(parts) == 1:
            careful = reader.careful(_split(block), text)
            return self._line_by_line(careful, text, offset)
        blank = done = 0
        for smaller in parts:
            counted = self._block(reader, text, smaller, offset + done)
            done += counted.lines
            blank += counted.blank
        return Counted(done, blank)

    def _is_clean(self, reader: Reader, text: LogText, block: bytes, lines: int) -> bool:
        """Try to stage a block by DuckDB alone; nothing of it is staged if that fails."""
        path = self.folder / "block"
        facts = replace(
            text.facts,
            packing=Packing.NONE,
            lines=lines,
            plain_lines=_is_plain(block),
            long_line=max(map(len, block.split(b"\n"))) > text.max_line_bytes,
            trap=has_trap(block, reader.trap(path, Packing.NONE, text.fields)),
            odd_value=True,
        )
        part = replace(text, path=path, facts=facts)
        path.write_bytes(block)
        relation = reader.clean_sql(part)
        if relation is None:
            return False
        try:
            with self.store.transaction():
                rows = self.store.rows(
                    f"INSERT INTO staged SELECT NULL, NULL, * EXCLUDE (file_name) "
                    f"FROM ({quick_rows_sql(relation, part.fields, self.definition)})",
                    {"file": [str(path)]},
                )
                in_doubt = self.store.rows(
                    "SELECT 1 FROM staged WHERE ts IS NULL AND reason IS NULL LIMIT 1"
                )
                if rows != [(lines,)] or in_doubt:
                    raise NotCleanError
        except (NotCleanError, *UNREADABLE):
            return False
        return True

    def _line_by_line(self, lines: Iterator[Line | None], text: LogText, offset: int) -> Counted:
        count = blank = 0
        while batch := list(islice(lines, _BATCH_LINES)):
            count += len(batch)
            found = [line for line in batch if line is not None]
            blank += len(batch) - len(found)
            if found:
                self._insert_lines(found, text, offset)
        return Counted(count, blank)

    def _insert_lines(self, lines: list[Line], text: LogText, offset: int) -> None:
        path = self.folder / "lines.parquet"
        columns: dict[str, pl.Series] = {
            "line": pl.Series([line.number + offset for line in lines], dtype=pl.Int64),
            "structural": pl.Series([line.reason for line in lines], dtype=pl.String),
            "wrong": pl.Series([line.wrong for line in lines], dtype=pl.String),
        }
        for index in range(len(text.fields)):
            texts = [line.values[index] if line.values else None for line in lines]
            columns[f"v{index}"] = pl.Series(texts, dtype=pl.String)
        pl.DataFrame(columns).write_parquet(path, compression="uncompressed")
        relation = "SELECT * FROM read_parquet($file, hive_partitioning = false)"
        self._insert(relation, text, {"file": [str(path)]})


def _split(block: bytes) -> Iterable[bytes]:
    """Return the lines of a block with their line feeds."""
    lines = block.split(b"\n")
    last = lines.pop()
    return [line + b"\n" for line in lines] + ([last] if last else [])


def _cut(block: bytes, size: int) -> Iterator[bytes]:
    """Yield a block in parts of at least `size` bytes that end with whole lines."""
    begin = 0
    while begin < len(block):
        end = block.find(b"\n", begin + size) + 1 or len(block)
        yield block[begin:end]
        begin = end


def _is_plain(block: bytes) -> bool:
    return (
        block.count(b"\r") == block.count(b"\r\n")
        and b"\0" not in block
        and not block.startswith(BYTE_ORDER_MARK)
    )
