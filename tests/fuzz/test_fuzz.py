"""However a line or a pack is mangled: no crash, every line accounted for, as the judge says."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fuzz.judge import judge_combined, judge_csv, judge_jsonl
from tests.fuzz.lines import NAMES
from tests.fuzz.session import fuzz

_SECONDS = float(os.environ.get("FUZZ_SECONDS", "30"))


@pytest.mark.soak
def test_mutated_lines_and_packs_are_judged_as_by_plain_python(tmp_path: Path) -> None:
    """FUZZ_SECONDS=600 for the full run, SEED for other files."""
    tally = fuzz(tmp_path, _SECONDS, int(os.environ.get("SEED", "1")), print)
    assert tally.files
    assert not tally.findings, "\n".join(tally.findings.values())


@pytest.mark.soak
def test_no_damaged_parquet_kills_its_reader(tmp_path: Path) -> None:
    count = str(int(_SECONDS * 2))
    done = subprocess.run(
        [sys.executable, "-m", "tests.fuzz.parquet_child", tmp_path, "1", count],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "VIOLATION" not in done.stdout, done.stdout[-2000:]


def test_the_judge_of_json_lines_knows_good_from_bad() -> None:
    judged = judge_jsonl(
        b'{"ts":"2026-04-01T00:00:00Z","status":200,"ms":1.5}\n\n{\n[]\n{"status":200}\n\xff\n'
    )
    assert (judged.lines, judged.blank) == (6, 1)
    assert judged.rows == [(1775001600000000, None, 200, 1500, None, None, None, False)]
    assert judged.bad == [(3, "json"), (4, "not_object"), (5, "missing:ts"), (6, "encoding")]


def test_the_judge_of_csv_knows_where_a_record_ends() -> None:
    judged = judge_csv(
        b'h\n2026-04-01T00:00:00Z,x,200,1,"a\nb",,,\n2026-04-01T00:00:00Z,x,200,1,"a,,,\n', NAMES
    )
    assert [row[4] for row in judged.rows] == ["a\nb"]
    assert judged.bad == [(2, "format")]


def test_the_judge_of_access_logs_takes_the_duration_off() -> None:
    judged = judge_combined(
        b'1.2.3.4 - - [01/Apr/2026:00:00:01 +0000] "GET /a?b HTTP/1.1" 200 5 "-" "x" 0.5\n'
    )
    assert judged.rows == [(1775001600500000, "x", 200, 500_000, None, "GET", "/a")]


def test_the_judge_of_access_logs_passes_over_texts_behind_the_user_agent() -> None:
    line = '1.2.3.4 - - [01/Apr/2026:00:00:01 +0000] "" 200 5 "-" "x" "10.0.0.1" "" 0.5\n'
    assert [row[1:4] for row in judge_combined(line.encode()).rows] == [("x", 200, 500_000)]
