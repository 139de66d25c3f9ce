"""The head of the report: the engineering review's own few lines."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from slo_report.judge.verdicts import Verdict
from slo_report.report.document import Report
from slo_report.report.parts.row import ObjectiveRow
from slo_report.report.texts import NO_DATA, NOT_IN_USE
from slo_report.slo_yaml.definition import RESERVED
from slo_report.wording import counted

SIGNS: dict[Verdict, str] = {"met": "✓", "missed": "✗", "no_data": "–", "not_in_use": "–"}
WORDS: dict[Verdict, str] = {
    "met": "met", "missed": "missed", "no_data": NO_DATA, "not_in_use": NOT_IN_USE,
}  # fmt: skip

FROM_THE_LOGS = "From the logs"
"""What stands between the team's notes and what was found."""
MOST_LINES = 8
"""Committed objectives up to which each has a line of its own."""


@dataclass(frozen=True)
class SloSummary:
    """The committed objectives of one SLO, counted."""

    slo: str
    title: str
    verdict: Verdict
    text: str
    """25 of 27 met."""
    missed: list[ObjectiveRow]
    rows: list[ObjectiveRow]


def head_lines(
    month_text: str,
    status_text: str,
    objectives: Sequence[ObjectiveRow],
    slo_titles: Mapping[str, str],
) -> list[str]:
    """Return the head's lines, the title first; informational objectives take no part."""
    rows = committed(objectives)
    lines = [f"{month_text} SLO report {status_text}".rstrip()]
    if is_grouped(rows):
        for summary in summaries(rows, slo_titles):
            lines += _summary_lines(summary)
    else:
        lines += [objective_line(row) for row in rows]
    return lines + budget_lines(rows)


def committed(objectives: Sequence[ObjectiveRow]) -> list[ObjectiveRow]:
    """Return the objectives that can fail the month."""
    return [row for row in objectives if not row.informational]


def is_broken_promise(row: ObjectiveRow) -> bool:
    """Tell whether a row of a customer says that what was promised to them alone was not kept."""
    return row.verdict == "missed" and (row.contract_target or row.slo == RESERVED)


def promises_text(report: Report) -> str:
    """Return whom promises were broken to: `2 promises to Acme Corp broken`, "" for nobody."""
    broken = [row.scope["customer"] for row in report.customers if is_broken_promise(row)]
    if not broken:
        return ""
    whom = list(dict.fromkeys(report.customer_titles.get(name, name) for name in broken))
    to = whom[0] if len(whom) == 1 else f"{len(whom)} customers"
    return f"{counted(len(broken), 'promise')} to {to} broken"


def is_grouped(rows: Sequence[ObjectiveRow]) -> bool:
    """Tell whether there are too many committed objectives for a line each."""
    return len(rows) > MOST_LINES


def objective_line(row: ObjectiveRow) -> str:
    """Return one objective as the review prints it: - TTFT p99: 4.8s (target < 5s) ✓."""
    figure = row.text if row.verdict in ("met", "missed") else WORDS[row.verdict]
    return f"- {row.title}: {figure} (target {row.target.text}) {SIGNS[row.verdict]}"


def summaries(rows: Sequence[ObjectiveRow], slo_titles: Mapping[str, str]) -> list[SloSummary]:
    """Return one summary per SLO, in the order of slo.yaml."""
    by_slo: dict[str, list[ObjectiveRow]] = {}
    for row in rows:
        by_slo.setdefault(row.slo, []).append(row)
    return [_summary(slo, slo_titles.get(slo, slo), group) for slo, group in by_slo.items()]


def budget_lines(rows: Sequence[ObjectiveRow]) -> list[str]:
    """Return one line if all budgets agree, else one per SLO, worst first and by name."""
    spent = [row for row in rows if row.budget is not None and row.valid]
    if not spent:
        return []
    if len({_used_text(row) for row in spent}) == 1:
        return [f"- Error budget: {_used_text(spent[0])}"]
    worst: dict[str, ObjectiveRow] = {}
    for row in spent:
        if row.slo not in worst or budget_rank(row) > budget_rank(worst[row.slo]):
            worst[row.slo] = row
    ranked = sorted(worst.values(), key=budget_rank, reverse=True)
    return [f"- Error budget of {row.title}: {_used_text(row)}" for row in ranked]


def budget_rank(row: ObjectiveRow) -> float:
    """Return how far a budget is used, for sorting; one that allows nothing is all or none."""
    if row.budget is None:
        return -1.0
    if row.budget.used is None:
        return float("inf") if row.budget.used_events else 0.0
    return row.budget.used


def _used_text(row: ObjectiveRow) -> str:
    if row.budget is None or row.budget.used is None:
        # A target of 100% allows no bad event: there is no share to name.
        return "exhausted" if row.bad else "untouched"
    return f"{row.budget.text} used"


def _summary(slo: str, title: str, rows: list[ObjectiveRow]) -> SloSummary:
    in_use = [row for row in rows if row.verdict != "not_in_use"]
    missed = [row for row in in_use if row.verdict == "missed"]
    unknown = sum(row.verdict == "no_data" for row in in_use)
    met = len(in_use) - len(missed) - unknown
    if not in_use:
        return SloSummary(slo, title, "not_in_use", NOT_IN_USE, [], rows)
    if not met and not missed:
        return SloSummary(slo, title, "no_data", NO_DATA, [], rows)
    verdict: Verdict = "missed" if missed else "no_data" if unknown else "met"
    text = f"{met} of {len(in_use)} met" + (f", {unknown} without data" if unknown else "")
    return SloSummary(slo, title, verdict, text, missed, rows)


def _summary_lines(summary: SloSummary) -> list[str]:
    if len(summary.rows) == 1:
        return [objective_line(summary.rows[0])]
    first = f"- {summary.title}: {summary.text} {SIGNS[summary.verdict]}"
    return [first] + [f"  {objective_line(row)}" for row in summary.missed]
