"""The usual line of an access log is read by quicker patterns, to the same parts."""

from itertools import product
from pathlib import Path
from random import Random

import duckdb
import pytest

from slo_report.load.formats.combined import COMBINED, LINE_PARTS, REQUEST_PARTS
from slo_report.load.formats.reading import LogText
from slo_report.load.preflight import preflight
from slo_report.slo_yaml.expressions import Kind
from slo_report.slo_yaml.log_definition import Field, LogFormat

STARTS = ("1.2.3.4 - -", "::1 x bob", "a - a b", "a - a [b", "a - [", "a -", "- - -")
TIMES = (" [01/Apr/2026:13:55:36 +0000] ", " [x] ", " [] ", " [a] [b] ", "[x] ")
REQUESTS = (
    "GET /a?b=1 HTTP/1.1", "GET /a", "GET /a b HTTP/1.0", "GET  /a HTTP/1.1", "G /a HTTP/1 HTTP/2",
    "-", "", r"\x16\x03", r"GET /\"x\" HTTP/1.1", 'GET /" HTTP/1.1', "get", "PRI * HTTP/2.0",
)  # fmt: skip
RESULTS = (" 200 5", " - -", " 200 -", " 99 5", " 2000 5", " 200 5x", " 200", " 404 0 ")
ENDS = (
    "", ' "-" "x"', ' "r" "x" 0.5', ' "r" "x" "10.0.0.1"', ' "r" "x" "" 12', ' "r" "x" "a" "b" -',
    " 0.25", " -", ' "r"', ' "r" "x" 0.5 1', ' "r" "x"  ', '  "r" "x"', ' "r" "\\"x"',
    ' "r" "x" 1.', ' "r" "x" "y"z', ' "r" "x"\t',
)  # fmt: skip
SOURCES = LINE_PARTS + REQUEST_PARTS
FIELDS = tuple(Field(source, source, Kind.TEXT) for source in SOURCES)


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_every_line_is_read_as_by_the_whole_pattern(tmp_path: Path, ending: str) -> None:
    every = list(product(STARTS, TIMES, ('"',), REQUESTS, ('"',), RESULTS, ENDS))
    lines = ["".join(parts) for parts in Random(1).sample(every, 6000)]
    path = tmp_path / "access.log"
    path.write_text("".join(line + ending for line in lines), newline="")
    facts = preflight(path, LogFormat.COMBINED, 1 << 20)
    text = LogText(path, facts, FIELDS, 1 << 20)
    relation = COMBINED.clean_sql(text)
    assert relation is not None
    rows = duckdb.execute(f"SELECT * FROM ({relation.sql})", {"file": [str(path)]}).fetchall()
    careful = list(COMBINED.careful((f"{line}{ending}".encode() for line in lines), text))
    quick = [None if row[-2] else list(row[:-2]) for row in rows]
    assert quick == [list(line.values) or None for line in careful if line is not None]
    assert 500 < sum(row is not None for row in quick) < 5500
