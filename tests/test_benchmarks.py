"""The benchmarks run, and what they compare is the same figure. No time is looked at."""

import csv
import json
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.big_month import MONTH, OBJECTIVES, Form, definition, log_path
from benchmarks.compare import peer_command
from benchmarks.profile import profile
from benchmarks.readme import README, with_section
from benchmarks.runs import bare_load, cold_job, generate, measured
from benchmarks.shapes import files
from benchmarks.sizes import TRY

SMALL = replace(TRY, compare_lines=2_000, files=40)


@pytest.fixture(scope="module", params=list(Form))
def month(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp(request.param)
    generate(folder, request.param, 20_000)
    cold_job(folder)
    return folder


def form_of(folder: Path) -> Form:
    return next(form for form in Form if log_path(folder, form).exists())


@pytest.mark.long
def test_seven_of_eight_objectives_are_met_in_each_format(month: Path) -> None:
    report = json.loads((month / "reports" / MONTH / "report.json").read_text())
    verdicts = [row["verdict"] for row in report["objectives"]]
    assert len(verdicts) == OBJECTIVES
    assert verdicts.count("met") == OBJECTIVES - 1
    ledger = report["ledger"]
    # An access log tells when requests ended: the first of them began in March.
    assert ledger["loaded"] + ledger["outside_period"] == ledger["lines"] == 20_000
    assert ledger["outside_period"] <= 1


@pytest.mark.long
@pytest.mark.parametrize("name", ["polars", "pandas", "chdb"])
def test_a_script_finds_the_availability_that_the_report_has(month: Path, name: str) -> None:
    form = form_of(month)
    command = peer_command(name, form, log_path(month, form))
    if command is None:
        pytest.skip(f"{name} is not installed: make bench-peers")
    measured(command, month / "peer.csv")
    with (month / "peer.csv").open(encoding="utf-8", newline="") as file:
        found = {row["endpoint"]: float(row["availability"]) for row in csv.DictReader(file)}
    report = json.loads((month / "reports" / MONTH / "report.json").read_text())
    expected = {
        row["scope"]["endpoint"]: row["good"] / row["valid"]
        for row in report["endpoints"]
        if row["id"] == "availability"
    }
    assert len(expected) == 10
    assert found == pytest.approx(expected)


@pytest.mark.long
def test_the_bare_load_reads_each_format(month: Path) -> None:
    assert bare_load(month, form_of(month)).peak_mib > 0


@pytest.mark.long
@pytest.mark.parametrize("form", list(Form))
def test_a_profile_names_the_stages_of_a_cold_job(form: Form) -> None:
    [section] = profile(replace(SMALL, forms=(form,)))
    for stage in ("preflight", "insert", "roll-up", "attribution", "charts", "publish"):
        assert stage in section.text


@pytest.mark.long
def test_a_month_of_many_files_is_measured() -> None:
    assert "slo-report, cold" in files(SMALL).text


@pytest.mark.parametrize("form", list(Form))
def test_objectives_are_eight(form: Form) -> None:
    text = definition(form, "x").split("slos:\n")[1]
    rows = [line for line in text.splitlines() if line.startswith("  - {id:")]
    assert len(rows) + text.count(", p99") == OBJECTIVES


def test_figures_replace_those_between_their_markers_and_nothing_else() -> None:
    readme = "a\n<!-- figures x -->\nold\n<!-- end x -->\nb\n"
    assert with_section(readme, "x", "new \\1\n") == readme.replace("old", "new \\1")
    with pytest.raises(SystemExit, match="figures y"):
        with_section(readme, "y", "new\n")


def test_readme_has_a_place_for_every_measurement() -> None:
    each_format = [f"{name}-{form}" for name in ("compare", "profile") for form in Form]
    for name in (*each_format, "growth", "daily", "files", "customers"):
        assert with_section(README.read_text(encoding="utf-8"), name, "")
