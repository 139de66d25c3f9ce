"""The report's order: which parts it has, and which tables and charts stand in each."""

from collections.abc import Sequence
from dataclasses import dataclass

from slo_report.report.alerts import alert_lead, alert_tables
from slo_report.report.burned import burned_lead, burned_tables
from slo_report.report.cards import Card, cards, verdict_sentence
from slo_report.report.charts.chart import Chart
from slo_report.report.document import Report
from slo_report.report.editions import edition_tables
from slo_report.report.head import (
    committed,
    is_grouped,
    promises_text,
)
from slo_report.report.measured import appendix_parts, data_tables
from slo_report.report.outlook_section import outlook_lead, outlook_table
from slo_report.report.over_months import (
    months_table,
    pattern_lead,
    what_if_lead,
    what_if_tables,
)
from slo_report.report.parts.row import ObjectiveRow
from slo_report.report.tables import (
    Table,
    breakdown_table,
    budget_table,
    detail_table,
    left_out_note,
    named_rows,
    objectives_table,
)
from slo_report.report.what_now import beside_the_policy, open_items, policy_because


@dataclass(frozen=True)
class Section:
    """A part of the report under its own heading."""

    key: str
    title: str
    lead: Sequence[str] = ()
    charts: Sequence[Chart] = ()
    tables: Sequence[Table] = ()
    parts: Sequence["Section"] = ()
    folded: bool = False
    charts_last: bool = False


@dataclass(frozen=True)
class Page:
    """Everything that is printed, in order."""

    report: Report
    cards: Sequence[Card]
    sections: Sequence[Section]
    verdict_sentence: str
    policy_because: str
    """Why the policy is in its state, in words to stand behind it; "" without a policy."""
    beside_policy: str = ""
    open_items: Sequence[str] = ()


def build_page(report: Report, charts: Sequence[Chart]) -> Page:
    """Return the report's parts in the order they are read."""
    rows = committed(report.objectives)
    sections = [
        Section("edition", "What this edition changed", tables=edition_tables(report)),
        _outlook(report),
        _objectives(rows, charts),
        _budget(rows, charts),
        _burned(report, charts),
        _alerts(report, charts),
        *_slos(report, rows, charts),
        *_over_months(report, charts),
        *_breakdowns(report, charts),
        _informational(report, charts),
        Section("data", "Data", tables=data_tables(report), lead=report.warnings),
        _appendix(report),
    ]
    filled = [s for s in sections if s.charts or s.tables or s.parts or s.lead]
    broken = promises_text(report)
    sentence = verdict_sentence(rows) + (f" {broken}." if broken else "")
    return Page(
        report,
        cards(report),
        filled,
        sentence,
        policy_because(report),
        beside_the_policy(report),
        open_items(report),
    )


def _outlook(report: Report) -> Section:
    title = "Budget outlook"
    if report.outlook is None or not report.outlook.budgets:
        return Section("outlook", title)
    lead = [outlook_lead(report.outlook)]
    return Section("outlook", title, lead, tables=[outlook_table(report.outlook)])


def _objectives(rows: Sequence[ObjectiveRow], charts: Sequence[Chart]) -> Section:
    caption = "Every committed objective"
    if is_grouped(rows) and any(row.verdict == "missed" for row in rows):
        # Among many the few that were missed would have to be looked for.
        caption += ", the missed ones first"
        rows = sorted(rows, key=lambda row: row.verdict != "missed")
    tables = [objectives_table(caption, rows)] if rows else []
    drawn = [chart for chart in charts if chart.section == "objectives"]
    return Section("objectives", "Every objective", charts=drawn, tables=tables, charts_last=True)


def _budget(rows: Sequence[ObjectiveRow], charts: Sequence[Chart]) -> Section:
    table = budget_table(rows)
    own = [chart for chart in charts if chart.section == "budget"]
    return Section("budget", "The error budget over the month", charts=own,
                   tables=[table] if table else [])  # fmt: skip


def _alerts(report: Report, charts: Sequence[Chart]) -> Section:
    drawn = [chart for chart in charts if chart.section == "alerts"]
    return Section("alerts", "Alerts", alert_lead(report), drawn, alert_tables(report))


def _burned(report: Report, charts: Sequence[Chart]) -> Section:
    own = [chart for chart in charts if chart.section == "burned"]
    lead, tables = burned_lead(report), burned_tables(report)
    return Section("burned", "What burned the budget", lead, charts=own, tables=tables)


def _slos(report: Report, rows: Sequence[ObjectiveRow], charts: Sequence[Chart]) -> list[Section]:
    """Return a part per SLO with a committed objective; its informational ones stand beside."""
    titles = {definition.slo: definition.title for definition in report.definitions}
    sections: list[Section] = []
    for slo in dict.fromkeys(row.slo for row in rows):
        own = [row for row in report.objectives if row.slo == slo]
        title = titles.get(slo, slo)
        table = detail_table(title, own)
        drawn = [chart for chart in charts if chart.section == f"slo:{slo}"]
        sections.append(Section(f"slo-{len(sections) + 1}", title, charts=drawn, tables=[table]))
    return sections


def _over_months(report: Report, charts: Sequence[Chart]) -> list[Section]:
    drawn = [chart for chart in charts if chart.section == "pattern"]
    return [
        Section("pattern", "The pattern", pattern_lead(report), drawn, months_table(report)),
        Section("what-if", "Is the promise right?", what_if_lead(report),
                tables=what_if_tables(report), folded=True),
    ]  # fmt: skip


def _breakdowns(report: Report, charts: Sequence[Chart]) -> list[Section]:
    endpoints = named_rows("endpoint", report.endpoints)
    sections = [
        Section("endpoints", "Endpoints", left_out_note(report, "endpoint"),
                [chart for chart in charts if chart.section == "endpoints"],
                _split("endpoint", "Endpoint", endpoints)),
        Section("customers", "Customers", left_out_note(report, "customer"),
                [chart for chart in charts if chart.section == "customers"],
                _split("customer", "Customer",
                       named_rows("customer", report.customers, report.customer_titles))),
    ]  # fmt: skip
    others = {"replica": report.replicas, **report.breakdowns}
    for number, (column, rows) in enumerate(others.items()):
        if rows:
            tables = _split(column, column.capitalize(), named_rows(column, rows))
            title = f"By {column}"
            lead = left_out_note(report, column)
            sections.append(Section(f"by-{number}", title, lead, tables=tables, folded=True))
    return sections


def _split(column: str, label: str, named: Sequence[tuple[str, ObjectiveRow]]) -> list[Table]:
    """Return the rows that were missed, and folded away those that were not."""
    judged = [pair for pair in named if not pair[1].informational]
    missed = [pair for pair in judged if pair[1].verdict == "missed"]
    others = [pair for pair in judged if pair[1].verdict != "missed"]
    tables = []
    if missed:
        tables.append(breakdown_table(f"Missed, by {column}, worst first", label, missed))
    if others:
        words = "met or without data" if any(r.verdict != "met" for _, r in others) else "met"
        caption = f"{words.capitalize()}, by {column}, least room first"
        tables.append(breakdown_table(caption, label, others, folded=True))
    return tables


def _informational(report: Report, charts: Sequence[Chart]) -> Section:
    rows = [row for row in report.objectives if row.informational]
    drawn = [chart for chart in charts if chart.section == "informational"]
    tables = [objectives_table("Informational objectives", rows),
              detail_table("Informational objectives", rows)]  # fmt: skip
    lead = ["Measured and judged, but no promise: these never fail the month."]
    if not rows:
        return Section("informational", "Informational objectives")
    return Section("informational", "Informational objectives", lead, drawn, tables)


def _appendix(report: Report) -> Section:
    parts = [
        Section(f"appendix-{number}", title, lead, tables=tables)
        for number, (title, lead, tables) in enumerate(appendix_parts(report))
    ]
    return Section("appendix", "Appendix: how it was measured", parts=parts, folded=True)
