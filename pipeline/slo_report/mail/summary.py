"""What a mail says of a report: an extract of the page, small enough for any mail program."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from slo_report.judge.verdicts import Verdict
from slo_report.report.cards import Card
from slo_report.report.charts.chart import Chart
from slo_report.report.document import Report
from slo_report.report.head import SIGNS, WORDS, committed, promises_text
from slo_report.report.page import Page, Section, build_page
from slo_report.report.parts.findings import Notable
from slo_report.report.tables import Table

MOST_CHARTS = 4
MOST_ROWS = 25

_LEFT_OUT = frozenset({"Bad", "Since last month"})
"""Columns that a mail of 600 pixels has no room for."""

WIDE_ONLY = frozenset({"Budget used", "Requests"})
"""Columns that a telephone has no room for, and hides."""


@dataclass(frozen=True)
class Summary:
    """What one mail says, in order, no list of it longer than `most`."""

    report: Report
    page: Page
    charts: Sequence[Chart]
    tables: Sequence[Table]
    """Every committed objective, then what was missed in each breakdown."""
    data: Sequence[Table]
    """Where every hour and every line went."""
    cards: Sequence[Card]
    notable: Sequence[Notable]
    reasons: Sequence[str]
    actions: Sequence[str]
    open_items: Sequence[str]
    attached: Sequence[str]
    """Names of the files that go with it."""


def summarize(
    report: Report, charts: Sequence[Chart], attached: Sequence[str], most: int = MOST_ROWS
) -> Summary:
    """Return what the mail says; `charts` are those that it shows."""
    page = build_page(report, ())
    sections = {section.key: section for section in page.sections}
    broken_down = [
        table
        for section in page.sections
        if section.key in ("endpoints", "customers") or section.key.startswith("by-")
        for table in section.tables
        if not table.folded
    ]
    objectives = sections["objectives"].tables if "objectives" in sections else ()
    return Summary(
        report,
        page,
        charts,
        [_narrow(_cut(table, most)) for table in (*objectives, *broken_down)],
        [_cut(table, most) for table in _data(sections.get("data"))],
        page.cards[:most],
        report.notable[:most],
        report.status_reasons[:most],
        report.policy.actions[:most] if report.policy else (),
        page.open_items[:most],
        attached,
    )


def chosen_charts(report: Report, charts: Sequence[Chart]) -> list[Chart]:
    """Return the charts that say most: budgets, the days at a glance, what was missed."""
    missed = {f"slo:{row.slo}" for row in committed(report.objectives) if row.verdict == "missed"}
    order = ["budget", "objectives", *sorted(missed)]
    wanted = [chart for chart in charts if chart.section in order]
    return sorted(wanted, key=lambda chart: order.index(chart.section))[:MOST_CHARTS]


def subject(report: Report) -> str:
    """Return the verdict in a line: SLO report April 2026: 1 of 3 missed."""
    title = f"SLO report {report.month_text} {report.status_text}".rstrip()
    if report.edition > 1:
        title += f", edition {report.edition}"
    broken = promises_text(report)
    return f"{title}: {_verdict(report)}" + (f"; {broken}" if broken else "")


def verdict_text(verdict: Verdict) -> str:
    """Return a sign with its word: a sign or a colour alone may not be seen."""
    return f"{SIGNS[verdict]} {WORDS[verdict]}"


def _verdict(report: Report) -> str:
    verdicts = [row.verdict for row in committed(report.objectives)]
    counts = {verdict: verdicts.count(verdict) for verdict in WORDS}
    in_use = len(verdicts) - counts["not_in_use"]
    if not verdicts:
        return "no committed objective"
    if not in_use:
        return "no objective in use"
    if counts["no_data"] == in_use:
        return "no data"
    if counts["met"] == in_use:
        return f"all {in_use} met" if in_use > 1 else "met"
    which: Verdict = "missed" if counts["missed"] else "met"
    text = f"{counts[which]} of {in_use} {which}"
    return f"{text}, {counts['no_data']} without data" if counts["no_data"] else text


def _data(section: Section | None) -> list[Table]:
    """Return the tables of a name and a count; the others are in the report itself."""
    return [table for table in section.tables if len(table.columns) == 2] if section else []


def _cut(table: Table, most: int) -> Table:
    left_out = len(table.rows[most:])
    return replace(table, rows=table.rows[:most], more=table.more + left_out)


def _narrow(table: Table) -> Table:
    kept = [i for i, column in enumerate(table.columns) if column.label not in _LEFT_OUT]
    columns = [table.columns[i] for i in kept]
    return replace(table, columns=columns, rows=[[row[i] for i in kept] for row in table.rows])
