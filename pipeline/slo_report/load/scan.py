"""What the pieces of an unpacked text have in them, counted and searched without touching lines."""

import re

import polars as pl

from slo_report.load.printed import LONG_NUMBER, print_as_written
from slo_report.load.unpack import PIECE_BYTES
from slo_report.slo_yaml.log_definition import LogFormat

_FOREIGN_HEADS = (
    (b"\x1f\x8b", "is packed twice"),
    (b"\x28\xb5\x2f\xfd", "is packed twice"),
    (b"PK\x03\x04", "is a zip archive"),
    (b"\xfd7zXZ\x00", "is an xz file"),
    (b"BZh", "is a bzip2 file"),
    (b"PAR1", "is a Parquet file"),
    (b"\xff\xfe", "is UTF-16 or UTF-32"),
    (b"\xfe\xff", "is UTF-16 or UTF-32"),
    (b"\x00\x00\xfe\xff", "is UTF-16 or UTF-32"),
)
_NUL_BLOCK_BYTES = 4096
_FEW_LINES = 200_000
_SHORT_BYTES = 2000
"""To hand fewer to Rust costs more than it saves."""
_SEAM_BYTES = 2
"""How far to either side of two pieces' border is looked."""


def has_trap(text: bytes, trap: str) -> bool:
    """Tell whether the pattern, of ASCII, occurs; by Rust's engine, few bytes by Python's."""
    if not trap:
        return False
    if len(text) < _SHORT_BYTES:
        return re.search(trap.encode(), text) is not None
    return bool(_as_letters(text).str.contains(trap)[0])


def _line_feeds(piece: bytes) -> int:
    """Count them; in a large piece by NumPy, a third of the time that bytes.count takes."""
    if len(piece) < PIECE_BYTES:
        return piece.count(b"\n")
    import numpy as np  # 0.1 s that small files need not pay

    return int(np.count_nonzero(np.frombuffer(piece, np.uint8) == ord("\n")))


def _either(*patterns: str) -> str:
    return "|".join(filter(None, patterns))


def _as_letters(text: bytes) -> pl.Series:
    try:
        return pl.Series([text], dtype=pl.Binary).cast(pl.String)
    except pl.exceptions.PolarsError:
        return pl.Series([text.decode("utf-8", "replace")])


class Scan:
    """Counts over the unpacked pieces, without touching single lines."""

    def __init__(
        self,
        form: LogFormat,
        max_line_bytes: int,
        trap: str,
        odd: str,
        *,
        decimals: bool,
    ) -> None:
        """See `preflight` for the patterns and `decimals`."""
        self.trap = self.odd_value = self.long_line = False
        self.long_decimal = not decimals
        self.refusal = ""
        # Inside one piece no line is longer than the piece; only those across pieces are measured.
        self.piece_bytes = min(PIECE_BYTES, max(max_line_bytes, _NUL_BLOCK_BYTES))
        self._form = form
        self._max_line_bytes = max_line_bytes
        self._trap_pattern = trap
        self._odd = odd
        self._open_line = b""
        self._feeds = self._open_bytes = self._returns = self._paired_returns = 0
        self._between_braces = 0
        self._has_mark = self._has_nul = False
        self._last = b""

    @property
    def lines(self) -> int:
        """Physical lines so far."""
        return self._feeds + (1 if self._open_bytes else 0)

    @property
    def open_end(self) -> bool:
        """The last line has no line feed."""
        return self._open_bytes > 0

    @property
    def braced(self) -> bool:
        """The lines of a small text stand in braces, if the format has them so."""
        if not self._form.traits.in_braces or self._feeds > _FEW_LINES:
            return True
        return self._between_braces >= self._feeds - (0 if self.open_end else 1)

    @property
    def plain(self) -> bool:
        """No carriage return but before a line feed, no byte order mark, no NUL byte."""
        return not (self._has_mark or self._has_nul) and self._returns == self._paired_returns

    def add(self, piece: bytes) -> None:
        """Take the next piece of the text into account."""
        if not self._last:
            self._look_at_head(piece)
        seam = self._last + piece[:_SEAM_BYTES]
        self._last = piece[-_SEAM_BYTES:]
        if not self._form.has_lines:
            return
        feeds = _line_feeds(piece)
        self._feeds += feeds
        self._measure(piece, feeds)
        tail = len(seam) - len(piece[:_SEAM_BYTES])
        across = seam[max(0, tail - 2) : tail + 2]
        if self._form.traits.in_braces and self._feeds <= _FEW_LINES:
            self._between_braces += piece.count(b"}\n{") + across.count(b"}\n{")
        self._has_nul = self._has_nul or b"\0" in piece
        if b"\r" in piece:
            self._returns += piece.count(b"\r")
            self._paired_returns += piece.count(b"\r\n")
        if piece.startswith(b"\n") and seam[:tail].endswith(b"\r"):
            self._paired_returns += 1
        self._look_for_traps(piece)

    def _measure(self, piece: bytes, feeds: int) -> None:
        first = piece.find(b"\n") if feeds else len(piece)
        across = self._open_bytes + first
        inside_may_be_long = len(piece) > self._max_line_bytes + 1
        if across > self._max_line_bytes or inside_may_be_long:
            self.long_line = True
        self._open_bytes = len(piece) - 1 - piece.rfind(b"\n") if feeds else across

    def finish(self) -> None:
        """Look at the last line, which may have no end."""
        self._look_for_traps(b"\n")

    def _look_for_traps(self, piece: bytes) -> None:
        """Look at the line that goes on from the piece before, then at the whole lines."""
        if not self._trap_pattern or self.trap or self.long_line:
            # A line too long is reason enough for the careful way.
            return
        first, last = piece.find(b"\n") + 1, piece.rfind(b"\n") + 1
        self._open_line += piece[:first] if first else piece
        if first:
            self._look_at_lines(self._open_line)
            if first < last:
                self._look_at_lines(piece[first:last])
            self._open_line = piece[last:]

    def _look_at_lines(self, text: bytes) -> None:
        odd = "" if self.odd_value else self._odd
        long_number = "" if self.long_decimal else LONG_NUMBER
        # One pass for all costs as much as one for the first.
        if not has_trap(text, _either(self._trap_pattern, odd, long_number)):
            return
        if has_trap(text, _either(self._trap_pattern, odd)):
            self.trap = self.trap or has_trap(text, self._trap_pattern)
            self.odd_value = self.odd_value or has_trap(text, odd)
        if long_number:
            self.long_decimal = not print_as_written(_as_letters(text))

    def _look_at_head(self, piece: bytes) -> None:
        if not self._form.has_lines:
            if not piece.startswith(self._form.traits.magic):
                self.refusal = f"is no {self._form.capitalize()} file"
            return
        for head, what in _FOREIGN_HEADS:
            if piece.startswith(head):
                self.refusal = what
                return
        if _mostly_nul(piece[:_NUL_BLOCK_BYTES]):
            self.refusal = "is binary, not text"
        if piece.startswith(b"\xef\xbb\xbf"):
            self._has_mark = True


def _mostly_nul(block: bytes) -> bool:
    """Tell text with a stray NUL byte, which costs its line only, from UTF-16 and binary data."""
    return block.count(b"\0") * 10 > len(block)
