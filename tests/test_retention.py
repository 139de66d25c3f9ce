"""Raw requests leave the store in time; what was published stays, and nothing is read again."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from slo_report.errors import InputError
from slo_report.load_new import load_new
from slo_report.months import Month
from slo_report.rebuild import rebuild
from slo_report.report.document import Report
from slo_report.slo_yaml.build import load_definition
from slo_report.store import open_store
from tests.conftest import run_program
from tests.measuring import measure_month
from tests.shop import DEFINITION, late_lines, ledger_of, lines, open_shop, report_of, tree

RETENTION = DEFINITION + "retention: 2 months\n"
MONTHS = {"2026-02": 28, "2026-03": 31, "2026-04": 30, "2026-05": 31}


@pytest.fixture(autouse=True)
def no_charts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("slo_report.report.files.draw_charts", lambda _: [])


def first_days_after(month: str) -> datetime:
    return datetime(int(month[:4]), int(month[5:]) + 1, 2, 6, tzinfo=UTC)


def open_for_months(folder: Path, definition: str = RETENTION) -> Path:
    """Make a shop whose requests of four months lie in one file each."""
    logs = {f"log-{month}": lines(month, days) for month, days in MONTHS.items()}
    return open_shop(folder, definition, **logs)


def stored_months(config: Path) -> list[str]:
    with open_store(config.parent / "slo.duckdb") as store:
        rows = store.rows("SELECT DISTINCT strftime(ts, '%Y-%m') AS m FROM requests ORDER BY m")
    return [month for (month,) in rows]


def test_requests_of_months_not_kept_are_dropped_after_a_run(tmp_path: Path) -> None:
    config = open_for_months(tmp_path)
    report_of(config, "2026-05", first_days_after("2026-05"))
    assert stored_months(config) == ["2026-04", "2026-05"]
    again = load_new(load_definition(config), lambda _: None)
    assert (len(again.known), again.loaded) == (4, []), "their records stay"


def test_what_was_published_stands_and_a_dropped_month_is_not_judged_again(
    tmp_path: Path,
) -> None:
    config = open_for_months(tmp_path)
    report_of(config, "2026-02", first_days_after("2026-02"))
    report_of(config, "2026-05", first_days_after("2026-05"))
    reports = tree(tmp_path / "reports")
    with pytest.raises(InputError, match=r"requests of 2026-02 were dropped \(retention: 2 months"):
        report_of(config, "2026-02")
    (tmp_path / "late.jsonl").write_text(late_lines(9, 500).replace("-04-", "-02-"), "utf-8")
    with pytest.raises(InputError, match=r"its published report stands \(2026-02/report.html\)"):
        report_of(config, "2026-02")
    with pytest.raises(InputError, match="it was never published"):
        report_of(config, "2026-03")
    assert tree(tmp_path / "reports") == reports


@pytest.mark.long
def test_the_months_kept_are_the_same_as_before(tmp_path: Path) -> None:
    config = open_for_months(tmp_path)
    for month in ("2026-04", "2026-05"):
        report_of(config, month, first_days_after("2026-05"))
    reports = tree(tmp_path / "reports")
    for month in ("2026-04", "2026-05"):
        done = report_of(config, month, first_days_after("2026-05"))
        assert not done.is_new
        ledger = ledger_of(done)
        assert ledger.lines == ledger.loaded + ledger.outside_period + ledger.duplicates
    assert tree(tmp_path / "reports") == reports


@pytest.mark.long
def test_requests_that_a_long_window_of_a_kept_month_needs_stay(tmp_path: Path) -> None:
    rolling = RETENTION.replace("target: 99.9%", "target: 99.9%, window: 30d")
    config = open_for_months(tmp_path, rolling)
    report_of(config, "2026-05", first_days_after("2026-05"))
    assert stored_months(config) == ["2026-03", "2026-04", "2026-05"]
    assert report_of(config, "2026-04", first_days_after("2026-05")).report.status == "final"


def test_requests_that_alerts_and_other_readings_of_a_kept_month_look_back_to_stay(
    tmp_path: Path,
) -> None:
    alerts = "burn_rate_alerts: [{window: 3d, burn_rate: 2, severity: page}]\n"
    last_hours = range(24 * 31 - 3, 24 * 31)
    config = open_shop(
        tmp_path,
        RETENTION.replace("2 months", "1 month") + alerts,
        january=lines("2026-01", 31),
        february=lines("2026-02", 28),
        march=lines("2026-03", 31, failing=last_hours),
        april=lines("2026-04", 30),
    )

    def told(month: str, now: datetime) -> Report:
        definition = load_definition(config)
        asked = Month(month, definition.timezone)
        return measure_month(definition, asked, reports=tmp_path / "other", now=now)

    for month in ("2026-02", "2026-04"):
        now = first_days_after(month)
        before = told(month, now)
        assert report_of(config, month, now).report.status == "final"
        after = told(month, now)
        assert after.burn_rate_alerts == before.burn_rate_alerts
        assert after.other_readings == before.other_readings
    assert after.burn_rate_alerts, "it rang for the end of March"


@pytest.mark.long
def test_a_duplicate_stays_one_when_its_original_is_old(tmp_path: Path) -> None:
    config = open_for_months(tmp_path)
    twin = '{"time": "2026-04-09T00:00:00Z", "status": 500, "id": "2026-02-0-page"}\n'
    (tmp_path / "twin.jsonl").write_text(twin, encoding="utf-8")
    first = report_of(config, "2026-04", first_days_after("2026-05"))
    assert ledger_of(first).loaded == 1440
    (tmp_path / "late.jsonl").write_text(late_lines(5, 200), encoding="utf-8")
    report_of(config, "2026-05", first_days_after("2026-05"))
    again = report_of(config, "2026-04", first_days_after("2026-05"))
    assert (ledger_of(again).loaded, again.report.edition) == (1445, 2)
    done = run_program("rebuild", "--config", config)
    assert done.stdout.endswith(", as before\n"), done.stderr


def test_without_retention_and_rebuilt_a_dropped_month_is_measured_as_the_error_says(
    tmp_path: Path,
) -> None:
    config = open_for_months(tmp_path)
    now = first_days_after("2026-05")
    report_of(config, "2026-05", now)
    with pytest.raises(InputError, match="take `retention:` out and run `slo-report rebuild`"):
        report_of(config, "2026-02", now)
    config.write_text(DEFINITION, encoding="utf-8")
    with pytest.raises(
        InputError, match=r"by an earlier `retention:`.*measure it, run `slo-report"
    ):
        report_of(config, "2026-02", now)
    rebuilt = rebuild(load_definition(config), lambda _: None)
    assert (rebuilt.is_same, rebuilt.contents.dropped_before) == (False, None)
    done = report_of(config, "2026-02", now)
    assert (done.report.status, ledger_of(done).loaded) == ("final", 2 * 24 * 28)
    config.write_text(RETENTION, encoding="utf-8")
    report_of(config, "2026-05", now)
    assert stored_months(config) == ["2026-04", "2026-05"]


@pytest.mark.long
def test_rebuild_drops_what_was_dropped(tmp_path: Path) -> None:
    config = open_for_months(tmp_path)
    report_of(config, "2026-05", first_days_after("2026-05"))
    done = run_program("rebuild", "--config", config)
    assert done.stdout.endswith(", as before\n"), done.stderr
    assert stored_months(config) == ["2026-04", "2026-05"]
    with pytest.raises(InputError, match="requests of 2026-02 were dropped"):
        report_of(config, "2026-02")


def test_months_that_one_run_reports_are_all_measured_before_any_is_dropped(tmp_path: Path) -> None:
    config = open_for_months(tmp_path)
    asked = ["--month", "2026-05", "--since", "2026-02", "--as-of", "2026-06-02T06:00:00"]
    done = run_program(*asked, "--config", config)
    assert done.returncode == 0, done.stderr
    made = sorted(path.name for path in (tmp_path / "reports").glob("2026-*"))
    assert made == ["2026-02", "2026-03", "2026-04", "2026-05"]
    assert stored_months(config) == ["2026-04", "2026-05"]
