"""The Alerts part: what rang, what could not, and how another set of rules would have done."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from slo_report.months import day_text
from slo_report.report.document import Report
from slo_report.report.parts.alerts import (
    BurnRateEpisode,
    Episode,
    RuleSet,
    ThresholdEpisode,
    UnreachableRule,
)
from slo_report.report.tables import MOST_ROWS, Column, Table, without_empty
from slo_report.report.texts import exact, format_amount
from slo_report.wording import counted, format_count, plural

_Rows = Sequence[Sequence[str]]


def alert_lead(report: Report) -> list[str]:
    """Say what rang, in a sentence a kind of alert."""
    lines = []
    if report.burn_rate_alerts is not None:
        lines.append(_told(report.burn_rate_alerts))
    if report.threshold_alerts is not None:
        lines.append(_rang(report.threshold_alerts))
    return lines


def alert_tables(report: Report) -> list[Table]:
    """Return the episodes in order of time, noise by itself, then the comparison of rules."""
    tables = []
    worth = [episode for episode in report.burn_rate_alerts or [] if not episode.noise]
    noise = [episode for episode in report.burn_rate_alerts or [] if episode.noise]
    if worth:
        tables.append(_burn_rate_table("Burn-rate alerts that would have rung", worth))
    if noise:
        table = _burn_rate_table("Noise: pages for less than 1% of the month's budget", noise)
        tables.append(replace(table, folded=True))
    if report.threshold_alerts:
        tables.append(_threshold_table(report.threshold_alerts))
    if report.unreachable_alerts:
        tables.append(_unreachable_table(report.unreachable_alerts))
    if report.alert_comparison:
        tables.append(_comparison_table(report.alert_comparison))
    return tables


def rule_text(rule: BurnRateEpisode | UnreachableRule) -> str:
    """Return a rule as one says it: `Sev1: 14x over 1h and 5m`."""
    rate = format_amount(exact(rule.burn_rate), up=True)
    short = f" and {rule.short_window}" if rule.short_window else ""
    return f"{rule.severity}: {rate}x over {rule.window}{short}"


def instant_text(instant: str) -> str:
    """Return an instant of the report's zone: `Apr 16 13:15`."""
    local = datetime.fromisoformat(instant)
    return f"{day_text(local.date())} {local:%H:%M}"


def times_text(count: int) -> str:
    """Return how often: once, twice, 9 times."""
    return {1: "once", 2: "twice"}.get(count, f"{format_count(count)} times")


def _told(episodes: Sequence[BurnRateEpisode]) -> str:
    if not episodes:
        return "No burn-rate alert would have rung."
    pages = sum(episode.page for episode in episodes)
    noise = sum(episode.noise for episode in episodes)
    kinds = f"{counted(pages, 'page')}, {counted(len(episodes) - pages, 'ticket')}"
    text = f"The burn-rate alerts would have rung {times_text(len(episodes))}: {kinds}"
    if noise:
        which = "the page" if pages == 1 else f"{format_count(noise)} of the pages"
        text += f"; {which} {plural(noise, 'was', 'were')} noise"
    return f"{text}."


def _rang(episodes: Sequence[ThresholdEpisode]) -> str:
    if not episodes:
        return "No threshold alert would have rung."
    return f"The threshold alerts would have rung {times_text(len(episodes))}."


def _burn_rate_table(caption: str, episodes: Sequence[BurnRateEpisode]) -> Table:
    columns = [
        Column("Rang"), Column("For", "number"), Column("Objective"), Column("Alert"),
        Column("Peak burn rate", "number"), Column("After first bad request", "number"),
        Column("Budget used then", "number"), Column("By its end", "number"),
        Column("It cost", "number"), Column("Remark"),
    ]  # fmt: skip
    rows = [
        [instant_text(e.from_), e.duration_text, e.title, rule_text(e),
         e.peak_text, e.detection_text, e.used_at_start_text, e.used_by_end_text, e.cost_text,
         _remark(e)]
        for e in episodes[:MOST_ROWS]
    ]  # fmt: skip
    return _table(caption, columns, rows, len(episodes))


def _threshold_table(episodes: Sequence[ThresholdEpisode]) -> Table:
    columns = [
        Column("Rang"), Column("For", "number"), Column("Objective"), Column("Alert"),
        Column("Condition"), Column("At worst", "number"), Column("Remark"),
    ]  # fmt: skip
    rows = [
        [instant_text(e.from_), e.duration_text, e.title, e.name, e.condition, e.peak_text,
         _end_remark(e)]
        for e in episodes[:MOST_ROWS]
    ]  # fmt: skip
    return _table("Threshold alerts that would have rung", columns, rows, len(episodes))


def _unreachable_table(rules: Sequence[UnreachableRule]) -> Table:
    columns = [Column("Objective"), Column("Alert"), Column("With every request bad", "number")]
    rows = [[rule.title, rule_text(rule), rule.highest_text] for rule in rules[:MOST_ROWS]]
    caption = "Alerts that can never ring, whatever happens"
    return _table(caption, columns, rows, len(rules))


def _comparison_table(sets: Sequence[RuleSet]) -> Table:
    labels = ("Pages", "Noise among them", "Tickets", "First bad request to page (median)",
              "Budget used at first page", "Incidents missed")  # fmt: skip
    columns = [Column("Objective"), Column("Rules"), *(Column(label, "number") for label in labels)]
    rows = [
        [s.title, "as configured" if s.rules == "configured" else "SRE workbook",
         format_count(s.pages), format_count(s.noise), format_count(s.tickets), s.detection_text,
         s.used_at_first_page_text, f"{s.missed} of {s.incidents}"]
        for s in sets[:MOST_ROWS]
    ]  # fmt: skip
    caption = "The configured rules beside the multi-window rules of the SRE workbook"
    notes = (
        "SRE workbook: page at 14.4x over 1h and 5m, and at 6x over 6h and 30m; ticket at 3x over "
        "24h and 2h, and at 1x over 3d and 6h. An incident is what either set rang for and what "
        "cost 1% of the budget or more.",
    )
    return _table(caption, columns, rows, len(sets), notes)


def _table(
    caption: str, columns: Sequence[Column], rows: _Rows, of: int, notes: Sequence[str] = ()
) -> Table:
    return without_empty(Table(caption, columns, rows, of - len(rows), notes=notes))


def _remark(episode: BurnRateEpisode) -> str:
    before = "already ringing when the month began" if episode.already_ringing else ""
    return ", ".join(filter(None, [before, _end_remark(episode)]))


def _end_remark(episode: Episode) -> str:
    return "" if episode.to else "still ringing at the end"
