"""What burned the budget: a second look at the objectives that were missed or are half-burned."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import polars as pl
from sqlglot import exp

from slo_report.judge.budget import error_budget
from slo_report.judge.clock import Clock
from slo_report.judge.compliance import Figures
from slo_report.judge.counts import Counts
from slo_report.judge.culprits import Search, find_culprits
from slo_report.judge.incidents import Incident, incidents_of
from slo_report.judge.periods import judged
from slo_report.judge.portions import Portion, portions, sum_of, total_of
from slo_report.rollup.calendar import Span
from slo_report.rollup.cuts import Cut, KeyIs, holds
from slo_report.rollup.engine import Engine
from slo_report.rollup.looks import (
    BLANK,
    SCOPES,
    Ask,
    Columns,
    Look,
    columns_with_bad_events,
    look,
)
from slo_report.rollup.measures import Question
from slo_report.rollup.roll_up import RollUp
from slo_report.rollup.scoped import Scoped
from slo_report.rollup.windows import Windows
from slo_report.slo_yaml.definition import Definition

MOST_PROMISES = 20
"""Broken promises that are looked into: each costs as much as an objective."""
LOOKED_AT_FROM = 2
"""One in so many parts of the budget used is reason to look: half."""


@dataclass(frozen=True)
class Burned:
    """One objective: its events, whose they were, and what stands out among them."""

    question: Question
    window: Span
    counts: Counts
    by: dict[str, tuple[Portion, ...]]
    """Column, day or hour: portions that add up to `counts`, most bad events first."""
    incidents: tuple[Incident, ...]

    @property
    def met(self) -> bool:
        """Tell whether the counts meet the target."""
        return self.counts.good >= self.question.needed_good(self.counts.valid)


def attribute(engine: Engine, definition: Definition, rolled: RollUp) -> tuple[Burned, ...]:
    """Return what burned, for each objective that was missed or has used half of its budget.

    So also for each broken promise to a customer, among what was promised to them alone. An
    objective without good events (a ratio of sums) has no bad ones to attribute.
    """
    asked = [*worth_a_look(definition, rolled), *broken_promises(rolled)]
    return look_into(engine, definition, rolled.windows, asked)


def look_into(
    engine: Engine, definition: Definition, windows: Windows, asked: Sequence[Question]
) -> tuple[Burned, ...]:
    """Return what burned for the given objectives, each over the window it is judged over."""
    if not asked:
        return ()
    asks = [Ask(question, windows.judged(question.measure.slo)) for question in asked]
    columns = columns_with_bad_events(engine, definition, asks)
    first = look(engine, asks, columns)
    clocks = {ask.window: Clock(windows.month, ask.window) for ask in asks}
    searches = [
        Search(ask.question, clocks[ask.window], _marks(ask, first, number))
        for number, ask in enumerate(asks)
    ]
    marks = {
        column: listed
        for column, listed in columns.items()
        if any(search.marks.get(column) for search in searches)
    }
    culprits = find_culprits(searches, first, lambda wanted: look(engine, wanted, marks))
    incidents = incidents_of(engine, searches, columns, culprits, first)
    return tuple(
        Burned(
            search.question,
            search.clock.window,
            total_of(first, number),
            portions(first, number, columns, search.clock),
            incidents[search.question.id],
        )
        for number, search in enumerate(searches)
    )


def worth_a_look(definition: Definition, rolled: RollUp) -> list[Question]:
    """Return everyone's questions that were missed or have used half of their budget."""
    figures = Figures.of(rolled.whole)
    found = []
    for question in rolled.whole.questions:
        if question.customer is not None or question.good is None:
            continue
        figure, _ = judged(figures, question, None, rolled.windows)
        budget = error_budget(question, figure, 0, definition.policy)
        half = budget is not None and LOOKED_AT_FROM * budget.used_events >= budget.allowed
        if figure.bad and (figure.met is False or half):
            found.append(question)
    return found


def broken_promises(rolled: RollUp) -> list[Question]:
    """Return the contracts that were broken, those with most bad events first.

    Each is asked of the customer's own requests alone; reserved capacity, of all on its replicas.
    """
    broken = []
    for scoped in (rolled.whole, rolled.by_column.get("customer", Scoped(()))):
        figures = Figures.of(scoped)
        for question in scoped.questions:
            if question.customer is None or question.good is None:
                continue
            is_own = scoped is not rolled.whole
            key = question.customer if is_own else None
            figure, _ = judged(figures, question, key, rolled.windows)
            if figure.bad and figure.met is False:
                broken.append((figure.bad, _of_customer(question) if is_own else question))
    broken.sort(key=lambda pair: (-pair[0], pair[1].id))
    return [question for _, question in broken[:MOST_PROMISES]]


def _of_customer(question: Question) -> Question:
    """Return the question asked of its customer's events alone."""
    own = Cut((KeyIs("customer", question.customer),))
    valid = exp.and_(question.measure.valid, holds(own))
    return replace(question, measure=replace(question.measure, valid=valid))


def _marks(ask: Ask, first: Look, number: int) -> Columns:
    """Return the keys that may tell a cause; how a request failed is none, nor is a blank."""
    good = ask.question.measure.slo.good
    judged_by = set() if good is None else {c.name for c in good.tree.find_all(exp.Column)}
    keys = first.by_key.filter(pl.col("ask") == number)
    total = total_of(first, number)
    found = {}
    for (column,), rows in keys.group_by("column", maintain_order=True):
        is_scope = column in SCOPES
        if not is_scope and (column in ("status", *judged_by) or _tells_failure(rows, total)):
            continue
        listed = rows.filter((pl.col("bad") > 0) & (pl.col("valid") < total.valid))
        named = [key for key in listed["key"].to_list() if is_scope or key not in BLANK]
        found[str(column)] = named
    return found


def _tells_failure(keys: pl.DataFrame, total: Counts) -> bool:
    """Tell whether a column has a value where a request failed, and hardly any elsewhere.

    Or whether it says yes or no, and that is nothing else than whether the request failed.
    """
    blank = pl.col("key").is_null() | pl.col("key").is_in([k for k in BLANK if k is not None])
    without, named = (sum_of(keys.filter(rows)) for rows in (blank, ~blank))
    if 10 * without.good >= 9 * total.good and 2 * named.bad > named.valid:
        return True
    yes_or_no = keys.filter(pl.col("key").is_in(["true", "false"]) | blank).height == keys.height
    mostly_bad = sum_of(keys.filter(2 * pl.col("bad") > pl.col("valid")))
    return yes_or_no and 10 * mostly_bad.bad >= 9 * total.bad
