"""The first screen: the month in a sentence, and a card for each promise."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from slo_report.report.burned import why
from slo_report.report.document import Report
from slo_report.report.head import (
    WORDS,
    SloSummary,
    budget_rank,
    committed,
    is_grouped,
    summaries,
)
from slo_report.report.parts.row import ObjectiveRow
from slo_report.wording import out_of


@dataclass(frozen=True)
class Card:
    """One promise on the first screen."""

    title: str
    figure: str
    target: str
    verdict: str
    budget_text: str | None = None
    """76% used."""
    budget_bar: int | None = None
    """How much of the bar is filled, 0 to 100."""
    missed: Sequence[str] = ()
    """Where the card stands for several objectives, those that were missed."""
    why: str | None = None
    """What most of the bad requests belong to, where that was found."""


def verdict_sentence(rows: Sequence[ObjectiveRow]) -> str:
    """Return the month in a sentence: 2 of 3 objectives met, 1 missed."""
    counts = {verdict: sum(row.verdict == verdict for row in rows) for verdict in WORDS}
    in_use = len(rows) - counts["not_in_use"]
    if not in_use:
        return "No committed objective was in use."
    text = f"{out_of(counts['met'], in_use, 'committed objective')} met"
    for verdict in ("missed", "no_data"):
        if counts[verdict]:
            text += f", {counts[verdict]} {'without data' if verdict == 'no_data' else verdict}"
    unused = counts["not_in_use"]
    return f"{text}; {unused} not in use." if unused else f"{text}."


def cards(report: Report) -> list[Card]:
    """Return a card per committed objective, or one per SLO where there are many."""
    rows = committed(report.objectives)
    if not is_grouped(rows):
        return [replace(_card(row), why=why(report, [row])) for row in rows]
    titles = {definition.slo: definition.title for definition in report.definitions}
    return [
        replace(_slo_card(summary), why=why(report, summary.rows))
        for summary in summaries(rows, titles)
    ]


def _card(row: ObjectiveRow) -> Card:
    figure = row.text if row.verdict in ("met", "missed") else WORDS[row.verdict]
    has_budget = row.budget is not None and row.budget.used is not None
    text = f"{row.budget.text} used" if row.budget is not None and has_budget else None
    bar = _bar(row) if has_budget else None
    return Card(row.title, figure, row.target.text, row.verdict, text, bar)


def _slo_card(summary: SloSummary) -> Card:
    if len(summary.rows) == 1:
        return _card(summary.rows[0])
    worst = max(summary.rows, key=budget_rank)
    text = bar = None
    if worst.budget is not None and worst.budget.used is not None:
        text, bar = f"{worst.budget.text} used at worst", _bar(worst)
    missed = [
        f"{row.title.removeprefix(summary.title).lstrip(' :')}: "
        f"{row.text} (target {row.target.text})"
        for row in summary.missed
    ]
    return Card(summary.title, summary.text, "", summary.verdict, text, bar, missed)


def _bar(row: ObjectiveRow) -> int:
    return min(100, max(0, round(budget_rank(row) * 100)))
