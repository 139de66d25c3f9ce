"""The program agrees with the independent reference on every generated month."""

import json
import tempfile
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from slo_report.months import parse_month
from slo_report.report.files import report_json
from slo_report.slo_yaml.build import load_definition
from tests.measuring import measure_month
from tests.reference.comparison import differences
from tests.reference.expected_report import ExpectedReport, expected_report
from tests.reference.features import features_of
from tests.reference.generated_month import Case, generate

SEEDS = range(24)
SHORT = 1
"""Seeds that every run tries; the others are part of the long suite."""
SHOWN_DIFFERENCES = 25


def measured(config: Path, month: str, out: Path) -> dict[str, Any]:
    """Measure a month and return the document of report.json."""
    definition = load_definition(config)
    now = datetime(2100, 1, 1, tzinfo=UTC)
    report = measure_month(
        definition,
        parse_month(month, definition.timezone, now),
        reports=out,
        now=now,
    )
    document: dict[str, Any] = json.loads(report_json(report))
    return document


@cache
def generated(seed: int) -> tuple[Case, ExpectedReport]:
    case = generate(seed)
    with tempfile.TemporaryDirectory() as folder:
        case.write(Path(folder))
        return case, expected_report(Path(folder), case.definition)


@pytest.mark.parametrize(
    "seed",
    [
        pytest.param(seed, id=f"seed{seed}", marks=[] if seed < SHORT else pytest.mark.long)
        for seed in SEEDS
    ],
)
def test_program_says_what_the_reference_says(seed: int, tmp_path: Path) -> None:
    case, expected = generated(seed)
    config = case.write(tmp_path)
    document = measured(config, case.definition.month, tmp_path / "reports")
    found = differences(document, expected, case.definition)
    shown = "\n".join(f"seed {seed}: {line}" for line in found[:SHOWN_DIFFERENCES])
    assert not found, f"{len(found)} differences in {case.definition.month}:\n{shown}"


REQUIRED_FEATURES = {
    *(f"month of {days} days" for days in (28, 29, 30, 31)),
    *(f"zone {zone}" for zone in ("UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata")),
    *(f"zone {zone}" for zone in ("Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Chatham")),
    *(f"window {window}" for window in ("month", "30d", "7d", "day")),
    *(f"statistic {name}" for name in ("ratio", "p50", "p90", "p95", "p99", "p99.9", "max")),
    "statistic sum_ratio",
    *(f"each {what}" for what in ("endpoint", "customer", "region", "cached", "list", "title")),
    *(f"fleet: {verdict}" for verdict in ("met", "missed", "no_data", "not_in_use")),
    *(f"{column}: NULL key" for column in ("customer", "replica", "region", "cached")),
    *(f"breakdown {name}" for name in ("endpoint", "customer", "replica", "region", "default")),
    *(f"fleet: ratio {op} exactly on the target" for op in (">=", ">")),
    *(f"fleet: p99 {op} exactly on the target" for op in ("<", "<=")),
    *(f"exclusion by {what}" for what in ("predicate", "time", "predicate time")),
    *("exclusion limited", "exclusion for all"),
    *("exclusion with offset", "exclusion in report zone"),
    *("excluded by Upstream", "excluded by Move", "excluded by Gast & Wartung"),
    *("customer: one request", "customer: contract ratio", "customer: contract p99"),
    *("reserved met", "reserved missed", "target by month"),
    *("fleet: informational", "fleet: few events", "fleet: ratio without a budget"),
    *("fleet: budget of a percentile", "fleet: budget used up exactly and met"),
    *("fleet: budget healthy", "fleet: budget slow down", "fleet: budget exhausted"),
    "fleet: budget healthy, nothing allowed",
    "fleet: budget exhausted, nothing allowed",
    *("fleet: some days met", "fleet: a worse reading within the month"),
    *("status final", "status incomplete", "gap", "traffic mondays", "traffic late"),
    *("1 files", "2 files", "3 files", "gzip", "CRLF", "BOM", "no newline at the end"),
    *("copied file", "files without a usable line", "file of another month", "blank lines"),
    "duplicate of a request of the month before",
    *("duplicates", "duplicates of another month", "file with nothing but duplicates"),
    *("start of request logged", "end of request logged", "templates", "routes"),
    *("durations in ms", "durations in s"),
    *(f"reason {reason}" for reason in ("json", "not_object", "encoding", "duplicate_key")),
    *(f"reason {reason}" for reason in ("missing:ts", "missing:status", "type:ts")),
    *(f"reason {reason}" for reason in ("type:duration", "range:duration", "type:customer")),
}


@pytest.mark.long
def test_the_generated_months_have_every_feature_between_them() -> None:
    features = set().union(*(features_of(*generated(seed)) for seed in SEEDS))
    assert not REQUIRED_FEATURES - features
