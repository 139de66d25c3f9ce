"""A text is counted and searched alike, however it is cut into pieces."""

import pytest

from slo_report.load.scan import Scan
from slo_report.load.unpack import PIECE_BYTES
from slo_report.slo_yaml.log_definition import LogFormat

LINE = b'{"status":200}\n'


def scanned(text: bytes, piece_bytes: int) -> Scan:
    scan = Scan(LogFormat.JSONL, PIECE_BYTES, r",[ \t\r]*[}\]]", r'"status":[^0-9]', decimals=False)
    for start in range(0, len(text), piece_bytes):
        scan.add(text[start : start + piece_bytes])
    scan.finish()
    return scan


@pytest.mark.parametrize("piece_bytes", [1, 7, 4096, PIECE_BYTES])
@pytest.mark.parametrize("end", [b"", b'{"status":', b"\r\n", b"\n\n"])
def test_lines_are_counted_alike(piece_bytes: int, end: bytes) -> None:
    lines = 1000 if piece_bytes < 4096 else 200_000
    scan = scanned(LINE * lines + end, piece_bytes)
    assert (scan.lines, scan.open_end) == (lines + len(end.splitlines()), end[-1:] == b":")
    assert scan.plain


@pytest.mark.parametrize("piece_bytes", [1, 7, 40])
@pytest.mark.parametrize(
    ("line", "trap", "odd"),
    [
        (LINE, False, False),
        (b'{"status":200,}\n', True, False),
        (b'{"status":"200"}\n', False, True),
        (b'{"status":"200",}', True, True),
    ],
)
def test_what_stands_across_pieces_is_found(
    line: bytes, trap: bool, odd: bool, piece_bytes: int
) -> None:
    scan = scanned(LINE * 3 + line, piece_bytes)
    assert (scan.trap, scan.odd_value) == (trap, odd)
