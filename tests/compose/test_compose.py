"""The report value says when a month lacks data, what changed, and whom it failed."""

from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from slo_report.compose.change import with_change
from slo_report.compose.data import completeness
from slo_report.compose.notable import Findings, notable
from slo_report.compose.report import policy_now
from slo_report.compose.rows import Frame
from slo_report.errors import InputError
from slo_report.judge.coverage import CoverageFigures, GapFigure
from slo_report.judge.ledger import LedgerFigures, LedgerFile
from slo_report.months import Month
from slo_report.published_reports import read_notes, read_report
from slo_report.report.files import report_json
from slo_report.report.parts.attribution import AttributedKey, Shift
from slo_report.rollup.windows import Windows
from slo_report.slo_yaml.definition import Limits, PolicyState
from tests.report.build import incident, percentile_row, ratio_row, target
from tests.report.samples import september


def shift(objective: str) -> Shift:
    text = "left its target on Apr 8 and was back within it on Apr 23"
    return Shift(
        objective=objective, from_="2026-04-08", to="2026-04-22", days=15, missed=14, outside=2,
        text=text,
    )  # fmt: skip


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
    rows = with_change(september().objectives, read_report(tmp_path / "2026-03"))
    assert {row.change.delta_text for row in rows if row.change} == {"unchanged"}


@pytest.mark.parametrize("text", ["", "{", '{"schema": "slo-report/9"}', "[]"])
def test_a_report_that_cannot_be_read_withholds_nothing(tmp_path: Path, text: str) -> None:
    (tmp_path / "2026-03").mkdir()
    (tmp_path / "2026-03" / "report.json").write_text(text, encoding="utf-8")
    assert read_report(tmp_path / "2026-03") is None
    assert with_change(september().objectives, None) == september().objectives


def test_a_miss_is_told_with_what_was_allowed_and_a_promise_by_the_customers_name() -> None:
    turn = percentile_row("turn.p99", "Turn p99", target("<", "60", "s"), "78", 10_000)
    acme = ratio_row(
        "availability", "Availability", target(">=", "0.999"), 95, 100,
        scope={"customer": "acme"}, contract_target=True,
    )  # fmt: skip
    miss, broken = notable(
        None, [turn], [acme], [], Findings(customer_titles={"acme": "Acme Corp"})
    )
    assert miss.text == (
        "Turn p99 was missed: 78s (target < 60s); 250 of 10,000 requests were beyond it, "
        "where 100 may. Nothing in the logs marks it out, neither a time nor any key. "
        "Open: find the cause, or ask whether the target is right."
    )
    assert miss.is_open
    assert (miss.about, broken.about) == ("Turn p99", "The promise to Acme Corp")
    assert broken.text == (
        "The promise to Acme Corp was broken: Availability 95.00% (target 99.9%); "
        "5 of 100 requests failed, where none may."
    )


def test_a_repeated_miss_is_told_beside_the_miss() -> None:
    turn = percentile_row("turn.p99", "Turn p99", target("<", "60", "s"), "78", 10_000)
    pattern = {"turn.p99": "third miss in four months"}
    (miss,) = notable(None, [turn], [], [], Findings(patterns=pattern))
    assert "where 100 may. It is the third miss in four months. " in miss.text


def test_a_miss_that_the_teams_notes_name_is_no_open_action_item() -> None:
    turn = percentile_row("turn.p99", "Turn p99", target("<", "60", "s"), "78", 10_000)
    by_hand, miss = notable("**turn p99**: see PM-7.", [turn], [], [], Findings())
    assert by_hand.by_hand
    assert not miss.is_open


def test_an_incident_is_told_with_its_share_and_the_month_without_it() -> None:
    turn = percentile_row("turn.p99", "Turn p99", target("<", "60", "s"), "78", 10_000)
    (miss,) = notable(None, [turn], [], [], Findings([incident("turn.p99")], [shift("turn.p99")]))
    assert miss.incidents == (1,)
    assert miss.text.endswith(
        "Its daily p99 left its target on Apr 8 and was back within it on Apr 23: beyond it on "
        "14 of the 15 days between, and on 2 other days. 200 of the 250 slow requests (80%) came "
        "with release 1.43.0 (Apr 8 to Apr 22), at 9.2 times the rate of the others, failing with "
        "error_code oom. Without them, 50 of 9,800 would be beyond it, and the target would be met "
        "(incident 1)."
    )


def test_a_met_objective_that_burned_half_its_budget_is_told_too() -> None:
    row = ratio_row("availability", "Availability", target(">=", "0.999"), 9_992, 10_000)
    found = incident("availability", bad=6, without={"used": 0.2, "text": "20% used, met"})
    (burned,) = notable(None, [row], [], [], Findings([found]))
    assert burned.text.startswith("Availability was met with 80% of its error budget used.")
    assert "Without them, 20% of the budget would be used (incident 1)." in burned.text


def test_a_budget_that_is_all_gone_is_told_though_nothing_marks_the_bad_requests_out() -> None:
    row = ratio_row("availability", "Availability", target(">=", "0.999"), 999, 1_000)
    (burned,) = notable(None, [row], [], [], Findings())
    assert burned.text == (
        "Availability was met with 100% of its error budget used: 99.90% (target 99.9%); "
        "1 of 1,000 requests failed, where 1 may."
    )
    almost = ratio_row("availability", "Availability", target(">=", "0.999"), 1_999, 2_000)
    assert notable(None, [almost], [], [], Findings()) == []


def test_what_all_of_a_few_bad_requests_share_is_told_and_stays_open() -> None:
    row = percentile_row("spend.max", "Spend max", target("<=", "0.10", "USD"), "0.104", 2_000)
    row = row.model_copy(update={"bad": 1, "good": 1_999})
    shared = [
        AttributedKey(
            objective="spend.max", by=by, key=key, bad=1, valid=valid, share_of_bad=1.0,
            share_of_valid=valid / row.valid, lift=None, budget_used=None,
        )
        for by, key, valid in (("model", "m-7", 40), ("day", "2026-04-23", 86), ("x", "y", 2_000))
    ]  # fmt: skip
    (miss,) = notable(None, [row], [], [], Findings(attribution=shared))
    assert miss.text.endswith(
        "What is known of it: Apr 23, model m-7. Open: find out what happened."
    )


def test_informational_misses_are_not_notable() -> None:
    cost = ratio_row("cost", "Cost", target(">=", "0.9"), 1, 100, informational=True)
    assert notable(None, [cost], [], [], Findings()) == []


def test_the_notes_of_the_team_come_first(tmp_path: Path) -> None:
    (tmp_path / "2026-04.md").write_text("It was **us**.\n", encoding="utf-8")
    notes = read_notes(tmp_path, "2026-04")
    found = notable(notes, [], [], [], Findings())
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
