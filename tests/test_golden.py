"""The samples' April reports read as they were last accepted; `make bless` accepts a change."""

import os
from pathlib import Path

import pytest

from slo_report import __version__

GOLDEN = Path(__file__).parent / "golden"


@pytest.mark.parametrize("sample", ["september", "codex"])
def test_the_report_reads_as_it_was_accepted(sample_reports: Path, sample: str) -> None:
    text = (sample_reports / sample / "2026-04" / "report.md").read_text(encoding="utf-8")
    text = text.replace(f"slo-report {__version__},", "slo-report VERSION,")
    golden = GOLDEN / sample / "report.md"
    if os.environ.get("BLESS"):
        golden.parent.mkdir(parents=True, exist_ok=True)
        golden.write_text(text, encoding="utf-8")
    assert text == golden.read_text(encoding="utf-8"), "if this is meant: make bless, and look"
