"""Which tables and cards a report's parts hold."""

from fractions import Fraction

from slo_report.report.cards import cards
from slo_report.report.page import build_page
from slo_report.report.parts.row import Change, ObjectiveRow, Reading
from slo_report.report.tables import Table, budget_table, detail_table, objectives_table
from tests.report import samples
from tests.report.build import day_periods, percentile_row, ratio_row, target


def column(table: Table, label: str) -> list[str]:
    place = [item.label for item in table.columns].index(label)
    return [row[place] for row in table.rows]


def labels(table: Table) -> list[str]:
    return [item.label for item in table.columns]


def overview(rows: list[ObjectiveRow]) -> Table:
    return build_page(samples.report(rows), []).sections[0].tables[0]


def test_among_many_objectives_the_missed_ones_stand_first_and_the_rest_in_order() -> None:
    goal = target(">=", "0.9")
    rows = [ratio_row(f"a[{n}]", f"A: {n}", goal, 80 if n in (4, 7) else 95, 100) for n in range(9)]
    table = overview(rows)
    assert column(table, "Objective") == [f"A: {n}" for n in (4, 7, 0, 1, 2, 3, 5, 6, 8)]
    assert table.caption == "Every committed objective, the missed ones first"


def test_few_objectives_keep_the_order_of_the_head() -> None:
    table = overview(samples.september().objectives[:3])
    assert column(table, "Objective") == ["Availability", "TTFT p99", "Turn p99"]


def test_a_change_since_last_month_has_a_column_only_where_there_is_one() -> None:
    goal = target(">=", "0.9")
    change = Change(month="2026-03", value=0.96, text="96.00%", verdict="met",
                    delta_text="−1 points")  # fmt: skip
    plain, changed = (
        ratio_row("a", "A", goal, 95, 100),
        ratio_row("b", "B", goal, 95, 100, change=change),
    )
    assert "Since last month" not in labels(objectives_table("", [plain]))
    assert column(objectives_table("", [plain, changed]), "Since last month") == ["", "−1 points"]


def test_a_card_names_what_was_missed_without_its_slos_title() -> None:
    goal = target(">=", "0.9")
    rows = [ratio_row(f"ai[{n}]", f"AI: {n}", goal, 80 if n == 1 else 95, 100) for n in range(9)]
    card = cards(samples.report(rows, titles={"ai": "AI"}))[0]
    assert card.missed == ["1: 80.00% (target 90%)"]


def test_what_the_customer_saw_is_shown_where_it_differs_and_that_it_flips_the_verdict() -> None:
    row = samples.september().objectives[0]
    assert column(detail_table("Availability", [row]), "Nothing excluded") == ["99.31% (missed)"]
    assert "Nothing excluded" not in labels(
        detail_table("TTFT", samples.september().objectives[1:2])
    )


def test_days_and_rolling_windows_say_their_worst() -> None:
    goal = target(">=", "0.6")
    by_day = ratio_row("c", "C", goal, 55, 100, window_text="each day of April 2026",
                       periods=day_periods(28, 30, "54.80%", "2026-04-08", "71.92%"))  # fmt: skip
    reading = Reading(value=0.61, text="61.00%", on="2026-04-20")
    rolling = ratio_row("r", "R", goal, 70, 100, window_text="30 days to Apr 30",
                        worst_reading=reading)  # fmt: skip
    table = detail_table("C", [by_day, rolling])
    assert column(table, "Days met") == ["28 of 30", ""]
    assert column(table, "Worst day") == ["Apr 8", ""]
    assert column(table, "Whole month") == ["71.92%", ""]
    assert column(table, "Worst reading") == ["", "61.00% on Apr 20"]
    assert column(table, "Window") == ["each day of April 2026", "30 days to Apr 30"]


def test_what_all_rows_of_a_part_share_is_said_once() -> None:
    goal = target("<", "1", "s")
    rows = [percentile_row(f"l.p99[{n}]", f"L p99: {n}", goal, "0.5", 9) for n in range(4)]
    table = detail_table("L", rows)
    assert table.caption == "L in detail, April 2026"
    assert "Window" not in labels(table)
    assert column(table, "Objective") == ["p99: 0", "p99: 1", "p99: 2", "p99: 3"]


def test_a_target_of_a_hundred_percent_has_no_share_of_a_budget() -> None:
    goal = target(">=", "1")
    rows = [ratio_row("a", "A", goal, 9, 9), ratio_row("b", "B", goal, 8, 9)]
    assert column(objectives_table("", rows), "Budget used") == ["untouched", "exhausted"]


def test_the_range_of_what_was_not_measured_stands_beside_the_share_measured() -> None:
    page = build_page(samples.september(), [])
    data = next(section for section in page.sections if section.key == "data")
    table = data.tables[-1]
    row = samples.september().objectives[0]
    share = Fraction(row.good or 0, row.valid)
    assert column(table, "Good, as measured") == [f"{int(share * 10_000) / 100:.2f}%"]
    assert column(table, "Had all been bad") == ["99.35%"]
    assert column(table, "Verdict") == ["could change"]


def test_a_budget_of_which_nothing_was_asked_is_not_called_healthy() -> None:
    asked, unasked = (
        ratio_row(name, name, target(">=", "0.9"), valid, valid)
        for name, valid in (("asked", 100), ("unasked", 0))
    )
    table = budget_table([asked, unasked])
    assert table is not None
    assert column(table, "Objective") == ["asked"]
    assert budget_table([unasked]) is None
