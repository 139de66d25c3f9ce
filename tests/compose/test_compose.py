"""The report value says when a month lacks data, what changed, and whom it failed."""

from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from slo_report.compose.change import previous_report, with_change
from slo_report.compose.data import completeness
from slo_report.compose.notable import notable, read_notes
from slo_report.compose.report import policy_now
from slo_report.compose.rows import Frame
from slo_report.errors import InputError
from slo_report.judge.coverage import CoverageFigures, GapFigure
from slo_report.judge.ledger import LedgerFigures, LedgerFile
from slo_report.months import Month
from slo_report.report.files import report_json
from slo_report.rollup.measures import Windows
from slo_report.slo_yaml.definition import Limits, PolicyState
from tests.report.build import percentile_row, ratio_row, target
from tests.report.samples import september

APRIL = Month("2026-04", ZoneInfo("UTC"))
LATER = datetime(2026, 6, 1, tzinfo=UTC)
FULL = CoverageFigures(720, 720, ())


def ledger(quarantined: int, refused: tuple[tuple[str, str], ...] = ()) -> LedgerFigures:
    file = LedgerFile("a.jsonl", "0" * 64, 1000, 1000 - quarantined, quarantined, 0, 0, 0)
    return LedgerFigures((file,), {}, refused, ())


def status(now: datetime, lines: LedgerFigures, covered: CoverageFigures) -> tuple[str, str]:
    frame = Frame(Windows.of(APRIL, now), ())
    found = completeness(frame, now, Limits(), lines, covered)
    return found.status, found.text


def test_a_month_with_all_its_lines_is_final() -> None:
    assert status(LATER, ledger(10), FULL) == ("final", "")


@pytest.mark.parametrize(
    ("lines", "covered"),
    [
        (ledger(11), FULL),
        (ledger(0, (("b.gz", "checksum"),)), FULL),
        (ledger(0), CoverageFigures(720, 683, (GapFigure(0, 37, Fraction(3700)),))),
    ],
    ids=["more than 1% quarantined", "a refused file", "more than 5% of the hours missing"],
)
def test_a_month_that_lacks_data_is_incomplete(
    lines: LedgerFigures, covered: CoverageFigures
) -> None:
    assert status(LATER, lines, covered) == ("incomplete", "(INCOMPLETE)")


def test_a_running_month_is_provisional_whatever_it_lacks() -> None:
    now = datetime(2026, 4, 24, 9, tzinfo=UTC)
    assert status(now, ledger(900), FULL) == ("provisional", "(provisional, to Apr 24)")


def test_the_change_is_read_from_the_month_befores_own_report(tmp_path: Path) -> None:
    march = september().model_copy(update={"month": "2026-03"})
    (tmp_path / "2026-03").mkdir()
    (tmp_path / "2026-03" / "report.json").write_text(report_json(march), encoding="utf-8")
    rows = with_change(september().objectives, previous_report(tmp_path, "2026-03"))
    assert {row.change.delta_text for row in rows if row.change} == {"unchanged"}


@pytest.mark.parametrize("text", ["", "{", '{"schema": "slo-report/9"}', "[]"])
def test_a_report_that_cannot_be_read_withholds_nothing(tmp_path: Path, text: str) -> None:
    (tmp_path / "2026-03").mkdir()
    (tmp_path / "2026-03" / "report.json").write_text(text, encoding="utf-8")
    assert previous_report(tmp_path, "2026-03") is None
    assert with_change(september().objectives, None) == september().objectives


def test_a_miss_is_told_with_what_was_allowed_and_a_promise_by_the_customers_name() -> None:
    turn = percentile_row("turn.p99", "Turn p99", target("<", "60", "s"), "78", 10_000)
    acme = ratio_row(
        "availability", "Availability", target(">=", "0.999"), 95, 100,
        scope={"customer": "acme"}, contract_target=True,
    )  # fmt: skip
    miss, broken = notable(None, [turn], [acme], {"acme": "Acme Corp"}, [])
    assert miss.text == (
        "Turn p99 missed its target: 78s against < 60s; 250 of 10,000 requests were beyond it, "
        "where 100 may."
    )
    assert broken.text == (
        "The promise to Acme Corp was broken: Availability 95.00% against 99.9%; "
        "5 of 100 requests failed it, where none may."
    )


def test_informational_misses_are_not_notable() -> None:
    cost = ratio_row("cost", "Cost", target(">=", "0.9"), 1, 100, informational=True)
    assert notable(None, [cost], [], {}, []) == []


def test_the_notes_of_the_team_come_first(tmp_path: Path) -> None:
    (tmp_path / "2026-04.md").write_text("It was **us**.\n", encoding="utf-8")
    notes = read_notes(tmp_path, "2026-04")
    found = notable(notes, [], [], {}, [])
    assert [(item.text, item.by_hand) for item in found] == [("It was **us**.", True)]
    assert read_notes(tmp_path, "2026-05") is None


def test_notes_that_are_no_text_are_an_error_with_a_remedy(tmp_path: Path) -> None:
    (tmp_path / "2026-04.md").write_bytes(b"\xff\xfe")
    with pytest.raises(InputError, match="save it as UTF-8"):
        read_notes(tmp_path, "2026-04")


def test_the_policy_follows_the_budget_that_is_furthest_used() -> None:
    policy = tuple(
        PolicyState(state, target(">=", share).value, (f"do {state}",))
        for state, share in (("healthy", "0"), ("slow down", "0.5"), ("exhausted", "1"))
    )
    rows = [
        ratio_row("a", "A", target(">=", "0.9"), 99, 100),
        ratio_row("b", "B", target(">=", "0.9"), 94, 100),
        ratio_row("c", "C", target(">=", "0.9"), 1, 100, informational=True),
    ]
    now = policy_now(rows, policy)
    assert now is not None
    assert (now.objective, now.state, now.actions) == ("b", "slow down", ["do slow down"])
