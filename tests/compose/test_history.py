"""The pattern is read from the reports that were published, whatever lies in their folder."""

import json
import logging
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from slo_report.compose.history import history, miss_pattern, repeated_misses
from slo_report.compose.same_measure import AsMeasured
from slo_report.compose.what_if import what_if
from slo_report.judge.verdicts import Verdict
from slo_report.months import Month
from slo_report.published_reports import past_months
from slo_report.report.document import Report
from slo_report.report.files import render, report_json
from slo_report.report.over_months import is_marked
from slo_report.report.parts.data import ExclusionCount
from slo_report.report.parts.history import History, ObjectiveHistory
from slo_report.report.parts.row import ObjectiveRow
from slo_report.report.parts.what_if import WhatIf
from tests.report import samples
from tests.report.build import ratio_row, target

APRIL = Month("2026-04", ZoneInfo("UTC"))


def availability(good: int, goal: str = "0.995") -> ObjectiveRow:
    return ratio_row("availability", "Availability", target(">=", goal), good, 1000)


def publish(folder: Path, month: str, row: ObjectiveRow, **more: object) -> dict[str, Any]:
    """Write a month's report.json as a run would have."""
    report = samples.report([row], None, month=month, **more)
    document: dict[str, Any] = json.loads(report_json(report))
    write(folder, month, json.dumps(document))
    return document


def write(folder: Path, month: str, text: str) -> None:
    (folder / month).mkdir(exist_ok=True)
    (folder / month / "report.json").write_text(text, encoding="utf-8")


def april(row: ObjectiveRow, **more: object) -> tuple[Report, AsMeasured]:
    report = samples.report([row], None, **more)
    readings = {row.id: row.reading for row in report.objectives}
    counted = AsMeasured.of(
        report.definitions, report.exclusions, report.provenance.config_sha256, readings
    )
    return report, counted


def pattern(folder: Path, row: ObjectiveRow, **more: object) -> History:
    report, counted = april(row, **more)
    return history(APRIL, "final", 1, report.objectives, counted, past_months(folder, APRIL))


def tried(folder: Path, row: ObjectiveRow, **more: object) -> WhatIf:
    report, counted = april(row, **more)
    (item,) = what_if(report.objectives, [], "final", counted, past_months(folder, APRIL), ())
    return item


def only(found: History) -> ObjectiveHistory:
    (item,) = found.objectives
    return item


def test_a_month_without_a_report_stays_blank(tmp_path: Path) -> None:
    publish(tmp_path, "2026-01", availability(999))
    publish(tmp_path, "2026-03", availability(990))
    found = pattern(tmp_path, availability(980))
    assert [month.month for month in found.months][::11] == ["2025-05", "2026-04"]
    assert [month.state for month in found.months[-4:]] == ["final", "no_report", "final", "final"]
    texts = [cell and (cell.text, cell.verdict) for cell in only(found).cells[-4:]]
    assert texts == [
        ("99.90%", "met"), None, ("99.00%", "missed"), ("98.00%", "missed"),
    ]  # fmt: skip
    assert (only(found).judged, only(found).missed) == (3, 2)
    assert only(found).pattern == "second miss in a row"


def test_months_after_this_one_and_this_ones_older_report_are_never_looked_at(
    tmp_path: Path,
) -> None:
    before = pattern(tmp_path, availability(999))
    for month in ("2026-04", "2026-05", "2027-04", "2025-04"):
        publish(tmp_path, month, availability(0))
    assert pattern(tmp_path, availability(999)) == before


@pytest.mark.parametrize(
    "text",
    [
        "", "{", "[]", "null", '{"schema": "slo-report/9"}', "[" * 100_000, "\x00",
        '{"schema": "slo-report/1", "month": "2026-03"}',
    ],
)  # fmt: skip
def test_a_report_that_cannot_be_read_is_passed_over_with_a_word(
    tmp_path: Path, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    publish(tmp_path, "2026-02", availability(990))
    write(tmp_path, "2026-03", text)
    logger = logging.getLogger("slo_report")
    logger.addHandler(caplog.handler)
    try:
        found = pattern(tmp_path, availability(999))
    finally:
        logger.removeHandler(caplog.handler)
    assert [month.state for month in found.months[-3:]] == ["final", "unreadable", "final"]
    assert "the history is without 2026-03" in caplog.text


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("month",), "2026-02"), (("objectives", 0, "value"), 1e999),
        (("objectives", 0, "target", "value"), "1E+999999999"),
        (("objectives", 0, "target", "value"), "99%"), (("objectives", 0, "verdict"), "fine"),
        (("objectives", 0, "valid"), -1), (("objectives", 0, "valid"), 10**40),
    ],
)  # fmt: skip
def test_figures_that_cannot_be_are_no_history(
    tmp_path: Path, path: tuple[str | int, ...], value: object
) -> None:
    document: Any = publish(tmp_path, "2026-03", availability(990))
    place = document
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    write(tmp_path, "2026-03", json.dumps(document))
    assert pattern(tmp_path, availability(999)).months[-2].state == "unreadable"


def test_a_report_of_a_version_with_other_parts_is_still_read(tmp_path: Path) -> None:
    document = publish(tmp_path, "2026-03", availability(990))
    document |= {"later": 1, "history": "of another shape", "daily": None}
    document["objectives"][0] |= {"later": 1}
    del document["notable"]
    write(tmp_path, "2026-03", json.dumps(document))
    assert only(pattern(tmp_path, availability(999))).missed == 1


def test_another_target_is_marked_and_the_old_verdict_stays(tmp_path: Path) -> None:
    publish(tmp_path, "2026-03", availability(992, "0.99"))
    item = only(pattern(tmp_path, availability(992)))
    old, now = item.cells[-2:]
    assert old is not None
    assert now is not None
    assert (old.verdict, old.target.value, old.target_changed) == ("met", "0.99", True)
    assert (now.verdict, now.target_changed, old.definition_changed) == ("missed", False, False)
    assert item.pattern == "first miss in two months"


def rule(reason: str, text: str, *, is_dated: bool = False) -> ExclusionCount:
    return ExclusionCount(reason=reason, excluded=1, rule=text, is_dated=is_dated)


@pytest.mark.parametrize(
    ("lines", "rules", "changed"),
    [
        (["good: status < 500"], [], False),
        (["good: status < 500", "target of availability: 99%"], [], False),
        (["good: status < 500", "not counted: Migration"],
         [rule("Migration", "from 2026-03-01T00:00:00", is_dated=True)], False),
        (["good: status < 500", "requests of availability[Other]: endpoint = GET /"], [], False),
        (["good: status < 400"], [], True),
        (["good: status < 500", "window: 30 days"], [], True),
        (["good: status < 500", "not counted: Bots"], [rule("Bots", "customer = 'k6'")], True),
    ],
)  # fmt: skip
def test_another_definition_is_marked_and_never_tried_under_other_targets(
    tmp_path: Path, lines: list[str], rules: list[ExclusionCount], changed: bool
) -> None:
    plain = {"slo": "availability", "title": "Availability"}
    publish(
        tmp_path, "2026-03", availability(990), definitions=[{**plain, "lines": lines}],
        exclusions=rules,
    )  # fmt: skip
    now = {"definitions": [{**plain, "lines": ["good: status < 500"]}]}
    cell = only(pattern(tmp_path, availability(999), **now)).cells[-2]
    assert cell is not None
    assert cell.definition_changed is changed
    assert cell.text == "99.00%"
    assert tried(tmp_path, availability(999), **now).months == (1 if changed else 2)


@pytest.mark.parametrize(
    ("then", "now", "changed"),
    [("a", "a", False), ("a", "b", True), (None, "b", False), ("a", None, False)],
)
def test_logs_that_were_read_otherwise_are_marked_where_that_is_known(
    tmp_path: Path, then: str | None, now: str | None, changed: bool
) -> None:
    publish(tmp_path, "2026-03", availability(990).model_copy(update={"reading": then}))
    row = availability(999).model_copy(update={"reading": now})
    cell = only(pattern(tmp_path, row)).cells[-2]
    assert cell is not None
    assert (cell.reading_changed, cell.definition_changed) == (changed, False)
    assert (cell.text, cell.verdict) == ("99.00%", "missed")
    assert is_marked(cell) == ("*" if changed else "")
    assert tried(tmp_path, row).months == (1 if changed else 2)


def test_a_report_from_before_readings_were_kept_is_not_marked(tmp_path: Path) -> None:
    document = publish(tmp_path, "2026-03", availability(990))
    del document["objectives"][0]["reading"]
    write(tmp_path, "2026-03", json.dumps(document))
    row = availability(999).model_copy(update={"reading": "b"})
    cell = only(pattern(tmp_path, row)).cells[-2]
    assert cell is not None
    assert not cell.reading_changed


@pytest.mark.parametrize("status", ["incomplete", "provisional"])
def test_a_month_that_is_not_final_is_shown_and_not_counted(tmp_path: Path, status: str) -> None:
    publish(tmp_path, "2026-03", availability(10), status=status)
    found = pattern(tmp_path, availability(990))
    assert found.months[-2].state == status
    cell = only(found).cells[-2]
    assert cell is not None
    assert cell.text == "1.00%"
    assert (only(found).judged, only(found).missed, only(found).pattern) == (1, 1, None)
    assert tried(tmp_path, availability(990)).months == 1


def test_a_target_is_called_by_the_months_there_are(tmp_path: Path) -> None:
    for month, good in (("2026-01", 999), ("2026-02", 1000), ("2026-03", 999)):
        publish(tmp_path, month, availability(good))
    item = tried(tmp_path, availability(1000))
    assert (item.call, item.reason) == ("easy", "met in 4 of 4 months; 99.9% would be in 4")
    assert item.kept is not None
    assert item.kept.value == "0.999"
    last = item.candidates[-1]
    assert (last.target.text, last.verdict, last.months_met) == ("99.95%", "met", 2)


def test_a_repeated_miss_is_notable_and_a_first_one_is_not(tmp_path: Path) -> None:
    publish(tmp_path, "2026-02", availability(990))
    publish(tmp_path, "2026-03", availability(999))
    repeated = repeated_misses(pattern(tmp_path, availability(990)))
    assert repeated == {"availability": "second miss in three months"}
    publish(tmp_path, "2026-02", availability(999))
    assert repeated_misses(pattern(tmp_path, availability(990))) == {}


@pytest.mark.parametrize(
    ("verdicts", "said"),
    [
        ("x", None), ("..x", None), ("+", None), ("x+", None), ("", None),
        ("+x", "first miss in two months"), ("xx", "second miss in a row"),
        ("x+xx", "third miss in four months"), ("+++x", "first miss in four months"),
        ("x.x", "second miss in three months (one of them without a verdict)"),
        ("+xxxx", "fourth miss in a row"),
    ],
)  # fmt: skip
def test_a_miss_is_told_with_those_before_it(verdicts: str, said: str | None) -> None:
    kinds: dict[str, Verdict | None] = {"x": "missed", "+": "met", ".": None}
    assert miss_pattern([kinds[sign] for sign in verdicts]) == said


@pytest.mark.parametrize("text", samples.HOSTILE, ids=range(len(samples.HOSTILE)))
def test_texts_of_an_old_report_reach_no_page_as_markup(tmp_path: Path, text: str) -> None:
    document = publish(tmp_path, "2026-03", availability(990))
    document["objectives"][0] |= {"text": text}
    document["objectives"][0]["target"] |= {"text": text, "unit": text}
    write(tmp_path, "2026-03", json.dumps(document))
    found = pattern(tmp_path, availability(990))
    assert found.months[-2].state == "final"
    files = render(samples.report([availability(990)], history=found))
    page = files["report.html"].decode()
    assert "<script>alert" not in page
    assert "<img" not in page
    assert "\x1b" not in page
    assert len(page) < 200_000


def test_the_same_folder_gives_the_same_bytes(tmp_path: Path) -> None:
    publish(tmp_path, "2026-03", availability(990))
    one, two = (
        render(samples.report([availability(990)], history=pattern(tmp_path, availability(990))))
        for _ in range(2)
    )
    assert one == two
    assert "charts/months.svg" in one
