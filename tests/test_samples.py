"""The samples' reports say what a second computation, in plain Python, finds in the same logs."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from data_samples.codex import totals as codex
from data_samples.judge import Result
from data_samples.ledger import Event, LogFile, in_month, month_ledger, read
from data_samples.september import totals as september
from tests.conftest import SAMPLES

HEAD = """\
April 2026 SLO report
- Availability: 99.62% (target 99.5%) ✓
- TTFT p99: 4.8s (target < 5s) ✓
- Turn p99: 78s (target < 60s) ✗
- Error budget: 76% used
"""


def report(folder: Path, sample: str, month: str) -> dict[str, Any]:
    text = (folder / sample / month / "report.json").read_text(encoding="utf-8")
    document: dict[str, Any] = json.loads(text)
    return document


@pytest.fixture(scope="module")
def september_files() -> list[LogFile]:
    return read(SAMPLES / "september" / "logs", {"requests-*.jsonl.gz": september.request})


@pytest.fixture(scope="module")
def codex_files() -> list[LogFile]:
    logs = {"access-*.jsonl.gz": codex.access, "ai-calls-*.jsonl.gz": codex.ai_call}
    return read(SAMPLES / "codex" / "logs", logs)


def events(files: Iterable[LogFile]) -> list[Event]:
    return [event for file in files for event in file.events]


def verdicts(results: Iterable[Result]) -> dict[str, tuple[str, int, int | None]]:
    return {r.objective: (r.verdict.strip("*"), r.valid, r.good) for r in results}


def reported(rows: Iterable[dict[str, Any]]) -> dict[str, tuple[str, int, int | None]]:
    return {row["id"]: (row["verdict"], row["valid"], row["good"]) for row in rows}


def test_the_markdown_begins_with_the_engineering_reviews_own_lines(sample_reports: Path) -> None:
    text = (sample_reports / "september" / "2026-04" / "report.md").read_text(encoding="utf-8")
    assert text.startswith(HEAD + "\nNotable: ")


@pytest.mark.parametrize("month", ["2026-01", "2026-02", "2026-03", "2026-04"])
def test_september_is_judged_as_in_plain_python(
    sample_reports: Path, september_files: list[LogFile], month: str
) -> None:
    expected = verdicts(september.objectives(in_month(events(september_files), month)))
    assert reported(report(sample_reports, "september", month)["objectives"]) == expected


@pytest.mark.parametrize("month", ["2026-03", "2026-04"])
def test_codex_is_judged_as_in_plain_python(
    sample_reports: Path, codex_files: list[LogFile], month: str
) -> None:
    expected = verdicts(codex.objectives(events(codex_files), month))
    assert reported(report(sample_reports, "codex", month)["objectives"]) == expected


def test_customers_of_september_are_judged_as_in_plain_python(
    sample_reports: Path, september_files: list[LogFile]
) -> None:
    found = {
        (row["scope"]["customer"], row["id"]): (row["verdict"], row["valid"], row["good"])
        for row in report(sample_reports, "september", "2026-04")["customers"]
    }
    april = in_month(events(september_files), "2026-04")
    for customer, result in september.customers(april):
        judged = (result.verdict.strip("*"), result.valid, result.good)
        assert found[customer, result.objective] == judged, (customer, result.objective)


@pytest.mark.parametrize(
    ("sample", "month"),
    [
        ("september", "2026-03"),
        ("september", "2026-04"),
        ("codex", "2026-03"),
        ("codex", "2026-04"),
    ],
)
def test_every_line_is_accounted_for_as_in_plain_python(
    sample_reports: Path,
    september_files: list[LogFile],
    codex_files: list[LogFile],
    sample: str,
    month: str,
) -> None:
    files = september_files if sample == "september" else codex_files
    ledger = report(sample_reports, sample, month)["ledger"]
    expected = dict(month_ledger(files, month))
    reasons = ledger.pop("reasons")
    assert {name: expected.get(name, 0) for name in reasons} == reasons
    counts = {name: count for name, count in ledger.items() if isinstance(count, int)}
    assert counts == {name: expected.get(name, 0) for name in counts}
    parts = ("loaded", "quarantined", "duplicates", "outside_period", "blank")
    assert sum(ledger[part] for part in parts) == ledger["lines"]


def test_every_row_of_every_table_of_codex_is_judged(sample_reports: Path) -> None:
    rows = report(sample_reports, "codex", "2026-04")["objectives"]
    assert len(rows) == 6 + 27 + 4 + 12 + 6 + 1 + 1
    assert {row["verdict"] for row in rows} == {"met", "missed"}


def test_april_says_what_burned_september_and_since_when(sample_reports: Path) -> None:
    found = report(sample_reports, "september", "2026-04")
    turn, availability = found["incidents"][:2]
    assert (turn["objective"], turn["marks"]) == (
        "turn.p99",
        [{"by": "context_step", "key": "compaction"}, {"by": "release", "key": "1.43.0"}],
    )
    assert (turn["from"][:10], turn["to"][:10]) == ("2026-04-08", "2026-04-22")
    assert turn["without"]["verdict"] == "met"
    assert availability["marks"] == [{"by": "release", "key": "1.43.1"}]
    assert (availability["bad"], availability["when"]) == (53, "Apr 16, 13:05 to 13:45")
    assert {mark["key"] for mark in availability["symptoms"]} == {"500", "startup_config"}
    shift = next(shift for shift in found["shifts"] if shift["objective"] == "turn.p99")
    assert (shift["from"], shift["to"]) == ("2026-04-08", "2026-04-22")
    notes, miss = found["notable"][:2]
    assert notes["by_hand"]
    assert "PM-2026-04-22" in notes["text"]
    assert "context_step compaction and release 1.43.0 (Apr 8 to Apr 22)" in miss["text"]
    assert not miss["is_open"]


def test_it_took_both_the_compaction_and_the_release_as_in_plain_python(
    sample_reports: Path, september_files: list[LogFile]
) -> None:
    april = in_month(events(september_files), "2026-04")
    turns = {(release, step): (slow, n) for release, step, n, slow in september.slow_turns(april)}
    turn = report(sample_reports, "september", "2026-04")["incidents"][0]
    assert (turn["bad"], turn["valid"]) == turns["1.43.0", "compaction"]
    elsewhere = [counts for (r, s), counts in turns.items() if s == "compaction" and r != "1.43.0"]
    otherwise = [counts for (r, s), counts in turns.items() if s != "compaction" and r == "1.43.0"]
    assert [(mark["bad"], mark["valid"]) for mark in turn["alone"]] == [
        tuple(map(sum, zip(*counts, strict=True))) for counts in (elsewhere, otherwise)
    ]


def test_april_says_what_burned_codex_and_what_nothing_explains(sample_reports: Path) -> None:
    found = report(sample_reports, "codex", "2026-04")
    marks = {row["objective"]: [m["key"] for m in row["marks"]] for row in found["incidents"]}
    assert marks == {
        "ai_success[logos]": ["logos-6"],
        "availability[GET /v1/healthz]": ["codex-2"],
    }
    still_open = [item["objective"] for item in found["notable"] if item["is_open"]]
    assert still_open == ["latency.p95[POST /v1/render/page,cold]", "ai_spend.max"]
