"""The gate answers by the budgets of the month so far: go on, stop, or undecidable."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from tests.conftest import run_program

SLO_YAML = """\
service: shop
logs:
  - {path: "*.jsonl", fields: {ts: ts, status: status, path: path, duration: {from: ms, unit: ms}}}
"""
AVAILABILITY = "  - {id: availability, title: Availability, good: status < 500, target: 99%}\n"
LATENCY = "  - {id: latency, title: Latency, value: duration, p99: < 100 ms}\n"
START = datetime(2026, 4, 1, tzinfo=UTC)
AS_OF = "2026-04-11T00:00:00"


def shop(
    folder: Path, bad: Sequence[int], slos: str = AVAILABILITY, more: str = "", an_hour: int = 5
) -> Path:
    """Write slo.yaml and a log of ten days, five requests an hour, those at `bad` failed."""
    (folder / "slo.yaml").write_text(f"{SLO_YAML}slos:\n{slos}{more}", "utf-8")
    number, lines = 240 * an_hour, []
    for i in range(number):
        at = START + i * timedelta(hours=1) / an_hour
        status = 500 if i in bad else 200
        lines.append({"ts": at.isoformat(), "status": status, "path": "/x", "ms": 200})
    text = "".join(json.dumps(line) + "\n" for line in lines)
    (folder / "log.jsonl").write_text(text, "utf-8")
    return folder


def gate(folder: Path, *options: str, as_of: str = AS_OF) -> CompletedProcess[str]:
    return run_program("gate", "--config", folder / "slo.yaml", "--as-of", as_of, *options)


@pytest.mark.parametrize(
    ("bad", "state", "status"),
    [
        (5, "healthy", 0),
        pytest.param(6, "slow down", 0, marks=pytest.mark.long),
        pytest.param(11, "slow down", 0, marks=pytest.mark.long),
        (12, "exhausted", 5),
    ],
)
def test_the_policy_answers_by_the_month_to_date(
    tmp_path: Path, bad: int, state: str, status: int
) -> None:
    """1,200 requests at 99%: twelve may be bad."""
    done = gate(shop(tmp_path, range(bad)))
    assert done.stdout.startswith(f"{state}: shop, 2026-04 to 2026-04-11T00:00:00+00:00\n- ")
    assert done.returncode == status
    assert bool(done.stderr) == bool(status)


@pytest.mark.long
def test_the_answer_as_json_has_actions_budgets_and_outlook(tmp_path: Path) -> None:
    """Twice what is allowed in a third of the month: the month's budget goes at its half."""
    done = gate(shop(tmp_path, range(0, 1200, 50)), "--json", "--quiet")
    answer = json.loads(done.stdout)
    assert (answer["schema"], answer["decision"], answer["state"]) == (
        "slo-report/gate/1", "stop", "exhausted",
    )  # fmt: skip
    assert answer["objective"] == "availability"
    assert len(answer["actions"]) == 3
    assert answer["budgets"][0]["used"] == 2.0
    budget = answer["outlook"]["budgets"][0]
    assert (budget["used_text"], budget["used_of_month_text"]) == ("200%", "67%")
    assert budget["exhausted_on"] == "2026-04-16T00:00:00+00:00"
    assert budget["exhausted_since"] == "2026-04-05T15:00:00+00:00"


@pytest.mark.long
def test_requests_after_the_present_time_have_not_come_yet(tmp_path: Path) -> None:
    folder = shop(tmp_path, range(600, 700))
    assert gate(folder, as_of="2026-04-05T00:00:00").returncode == 0
    assert gate(folder).returncode == 5


@pytest.mark.long
def test_with_a_target_of_100_percent_the_first_bad_request_stops(tmp_path: Path) -> None:
    slos = AVAILABILITY.replace("99%", "100%")
    assert gate(shop(tmp_path, [], slos)).returncode == 0
    done = gate(shop(tmp_path, [70], slos))
    assert done.returncode == 5
    assert "Nothing is allowed; exhausted since Apr 1, 15:00." in done.stdout


@pytest.mark.long
@pytest.mark.parametrize("mark", ["informational: true", "optional: true, valid: path = '/none'"])
def test_informational_and_unused_objectives_never_gate(tmp_path: Path, mark: str) -> None:
    second = f"  - {{id: second, good: status < 300, target: 99.99%, {mark}}}\n"
    slos = AVAILABILITY.replace("99%", "90%") + second
    done = gate(shop(tmp_path, range(60), slos), "--json")
    assert done.returncode == 0
    assert [budget["objective"] for budget in json.loads(done.stdout)["budgets"]] == [
        "availability"
    ]


@pytest.mark.long
def test_a_missed_percentile_is_told_and_does_not_gate(tmp_path: Path) -> None:
    done = gate(shop(tmp_path, [], AVAILABILITY + LATENCY))
    assert done.returncode == 0
    assert "Latency p99: 200ms (target < 100ms) missed so far; it has no budget" in done.stdout


@pytest.mark.long
def test_a_percentile_with_a_budget_gates(tmp_path: Path) -> None:
    slos = LATENCY.replace("p99: < 100 ms", "p99: {target: < 100 ms, budget: true}")
    done = gate(shop(tmp_path, [], slos))
    assert (done.returncode, done.stdout.split(":")[0]) == (5, "exhausted")


@pytest.mark.long
def test_a_state_of_ones_own_stops_where_it_begins_at_the_whole_budget(tmp_path: Path) -> None:
    policy = """\
error_budget_policy:
  - {state: fine, from: 0%, actions: [Go.]}
  - {state: careful, from: 80%, actions: [Ask.]}
  - {state: frozen, from: 120%, actions: [Wait.]}
"""
    assert gate(shop(tmp_path, range(13), more=policy)).stdout.startswith("careful")
    assert gate(shop(tmp_path, range(13), more=policy)).returncode == 0
    assert gate(shop(tmp_path, range(15), more=policy)).returncode == 5


@pytest.mark.long
@pytest.mark.parametrize(
    ("slos", "spoilt", "reason"),
    [
        (LATENCY, "", "No committed objective with an error budget has any valid request."),
        (AVAILABILITY, "not json\n" * 50, "lines (4.00%) could not be used; the limit is 1%"),
        (AVAILABILITY, None, "Refused: refused.jsonl.gz."),
    ],
    ids=["no budget", "too much quarantined", "a refused file"],
)
def test_what_cannot_be_decided_is_not_decided(
    tmp_path: Path, slos: str, spoilt: str | None, reason: str
) -> None:
    folder = shop(tmp_path, range(50), slos)
    if spoilt is None:
        (folder / "refused.jsonl.gz").write_bytes(b"no gzip")
        (folder / "slo.yaml").write_text(
            (folder / "slo.yaml").read_text("utf-8").replace('"*.jsonl"', '"*.jsonl*"'), "utf-8"
        )
    else:
        (folder / "more.jsonl").write_text(spoilt, "utf-8")
    done = gate(folder)
    assert (done.returncode, done.stdout.split(":")[0]) == (3, "undecidable")
    assert reason.removesuffix("%") in done.stdout
    assert "Stop" not in done.stdout


@pytest.mark.long
def test_a_month_without_any_line_is_undecidable(tmp_path: Path) -> None:
    done = gate(shop(tmp_path, []), "--json", as_of="2026-06-01T00:00:00")
    answer = json.loads(done.stdout)
    assert (done.returncode, answer["state"]) == (3, "undecidable")
    assert answer["reasons"] == ["No usable line in 2026-06."]


@pytest.mark.long
def test_a_log_that_has_stopped_for_long_is_undecidable(tmp_path: Path) -> None:
    done = gate(shop(tmp_path, []), as_of="2026-04-15T00:00:00")
    assert done.returncode == 3
    assert "are missing" in done.stdout


@pytest.mark.long
def test_without_loading_the_answer_is_from_what_is_there(tmp_path: Path) -> None:
    folder = shop(tmp_path, [])
    assert gate(folder, "--no-load").returncode == 3
    assert gate(folder).returncode == 0
    shop(folder, range(100))
    assert gate(folder, "--no-load").returncode == 0
    assert gate(folder).returncode == 5


@pytest.mark.long
def test_a_month_that_is_over_is_answered_without_an_outlook(tmp_path: Path) -> None:
    # The rest of the month is missing, which these limits allow.
    folder = shop(tmp_path, range(12), more="limits: {missing_time: 100%}\n")
    done = gate(folder, "--month", "2026-04", "--json", as_of="2026-05-02T00:00:00")
    answer = json.loads(done.stdout)
    assert (done.returncode, answer["outlook"]) == (5, None)
    assert answer["at"] == "2026-05-01T00:00:00+00:00"


def test_a_month_whose_requests_were_dropped_is_not_answered(tmp_path: Path) -> None:
    """Of March stays what April's window of 7 days reads: too little for windows of 31 days."""
    slos = AVAILABILITY.replace("99%", "99%, window: 31d")
    config = shop(tmp_path, range(20), slos, "limits: {missing_time: 100%}\n") / "slo.yaml"
    april = (tmp_path / "log.jsonl").read_text("utf-8")
    (tmp_path / "march.jsonl").write_text(april.replace("-04-", "-03-"), "utf-8")
    in_may = "2026-05-02T06:00:00"
    for month in ("2026-03", "2026-04"):
        assert gate(tmp_path, "--month", month, as_of=in_may).returncode == 5
    whole = config.read_text("utf-8") + "retention: 1 month\n"
    config.write_text(whole.replace("31d", "7d"), "utf-8")
    assert run_program("--config", config, "--month", "2026-04", "--as-of", in_may).returncode == 0
    config.write_text(whole, "utf-8")
    for month, options in (("2026-03", []), ("2026-04", ["--no-load"]), ("2026-03", ["--json"])):
        done = gate(tmp_path, "--month", month, *options, as_of=in_may)
        assert (done.returncode, done.stdout) == (3, "")
        assert f"requests of {month} were dropped (retention: 1 month in" in done.stderr


@pytest.mark.long
def test_quiet_success_says_nothing(tmp_path: Path) -> None:
    done = gate(shop(tmp_path, []), "--quiet")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.long
def test_the_report_of_a_running_month_says_the_same(tmp_path: Path) -> None:
    folder = shop(tmp_path, range(0, 1200, 50))
    run_program("--config", folder / "slo.yaml", "--month", "current", "--as-of", AS_OF)
    report = json.loads((folder / "reports/2026-04/report.json").read_text("utf-8"))
    answer = json.loads(gate(folder, "--json").stdout)
    assert report["outlook"] == answer["outlook"]
    assert report["policy"]["state"] == answer["state"]
    page = (folder / "reports/2026-04/report.md").read_text("utf-8")
    assert "## Budget outlook" in page
    assert "at this rate the whole month's is on Apr 16, 00:00" in page
