"""What else a definition could be read to count: only the requests that another reading moves.

Most requests count alike by every reading. So a scan of its own looks at the others alone (they
failed, were refused, or are left out by `valid`), and counts what each reading adds or takes away.
A percentile's verdict is one of a count, so no reading needs its values.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

import polars as pl
from sqlglot import exp

from slo_report.months import DAY_US, day_text
from slo_report.rollup.calendar import Calendar, Span
from slo_report.rollup.counts import COUNTS, NO_KEY, Hits, count_hits, of_questions
from slo_report.rollup.engine import Engine
from slo_report.rollup.measures import Measure, Question, column_of_events, over_events, question
from slo_report.rollup.windows import Windows
from slo_report.slo_yaml.definition import Definition
from slo_report.slo_yaml.expressions import Kind

ReadingKind = Literal["with_every_outcome", "without_4xx", "without_429", "without_failed"]

MONTH_DAYS = 30
"""The rolling window that a calendar month is often taken for."""

_STATUS = column_of_events("status")
_CALLERS = exp.Between(this=_STATUS, low=exp.Literal.number(400), high=exp.Literal.number(499))
_LIMITED = exp.EQ(this=_STATUS, expression=exp.Literal.number(429))
_FAILED = exp.GTE(this=_STATUS, expression=exp.Literal.number(500))


@dataclass(frozen=True, eq=False)
class Moved:
    """The requests that a reading of an objective counts otherwise than the objective does."""

    kind: ReadingKind
    own: Question
    asked: Question
    """Valid are the moved requests, good those of them that meet the target."""
    among: exp.Expr
    """Holds for all moved requests and few others."""


@dataclass(frozen=True, eq=False)
class OtherWindow:
    """An objective over another window."""

    own: Question
    span: Span
    text: str

    @cached_property
    def asked(self) -> Question:
        """The objective's own question; of another name, for it is asked over its own span too."""
        return replace(self.own, id=f"{self.own.id} over {self.span.name}")


@dataclass(frozen=True)
class ReadOtherwise:
    """What the other readings of a month count."""

    moved: tuple[Moved, ...]
    windows: tuple[OtherWindow, ...]
    counts: pl.DataFrame
    """question (as `asked`), key, span, valid, good; none where nothing is valid."""


def moved_requests(definition: Definition, asked: Iterable[Question]) -> list[Moved]:
    """Return what the other readings move, for the questions of everyone that have good events.

    A `window: day` is judged by its days, so that the month's counts would say nothing of it.
    """
    outcome = outcome_columns(definition)
    has_status = "status" in definition.columns
    return [
        moved
        for own in asked
        if own.good is not None and own.measure.slo.window.kind != "day"
        for moved in _moved(own, outcome, has_status=has_status)
    ]


def other_windows(asked: Iterable[Question], windows: Windows) -> list[OtherWindow]:
    """Return the month for a rolling window, and 30 days for a month, where they differ."""
    last = windows.days[-1]
    from_us = last.to_us - MONTH_DAYS * DAY_US
    rolling = Span(f"{MONTH_DAYS}d to {last.date.isoformat()}", from_us, last.to_us)
    rolling_text = f"over the {MONTH_DAYS} x 24 h to the end of {day_text(last.date)}"
    month_text = f"over the calendar month, {windows.month.title}"
    found = []
    for own in asked:
        window, judged = own.measure.slo.window, windows.judged(own.measure.slo)
        other, text = (
            (rolling, rolling_text) if window.kind == "month" else (windows.span, month_text)
        )
        is_same = (other.from_us, other.to_us) == (judged.from_us, judged.to_us)
        if own.good is not None and window.kind != "day" and not is_same:
            found.append(OtherWindow(own, other, text))
    return found


def count_moved(engine: Engine, moved: Sequence[Moved], windows: Windows) -> pl.DataFrame:
    """Return question, key, span, valid, good of the moved requests, over each one's window."""
    wanted = {item.asked: [windows.judged(item.own.measure.slo)] for item in moved}
    if not wanted:
        return pl.DataFrame(schema=COUNTS)
    calendar = Calendar.of({span for spans in wanted.values() for span in spans})
    hits = Hits()
    hits.ask(wanted)
    distinct = {item.among.sql(dialect="duckdb"): item.among for item in moved}
    among = exp.paren(exp.or_(*distinct.values()))
    return of_questions(count_hits(engine, hits, NO_KEY, calendar, among), hits, wanted, calendar)


def outcome_columns(definition: Definition) -> frozenset[str]:
    """Return the columns that tell how a request ended: those that some `good` reads."""
    read = {column for slo in definition.slos if slo.good for column in slo.good.columns}
    return frozenset(read | {"status"})


def _moved(own: Question, outcome: frozenset[str], *, has_status: bool) -> Iterator[Moved]:
    measure = own.measure
    ended = _conditions(measure, outcome)
    if ended.on_outcome:
        left_out = exp.Not(this=_true(exp.and_(*ended.on_outcome)))
        valid = exp.and_(measure.besides_valid, *ended.others, left_out)
        yield _of("with_every_outcome", own, valid, left_out)
    if has_status:
        for kind, condition in _by_status(measure):
            yield _of(kind, own, exp.and_(measure.valid, condition), condition)


def _by_status(measure: Measure) -> Iterator[tuple[ReadingKind, exp.Expr]]:
    slo = measure.slo
    if slo.value is not None and slo.value.kind is Kind.DURATION:
        yield "without_failed", _FAILED
    elif slo.good is not None and "status" in slo.good.columns:
        yield "without_4xx", _CALLERS
        yield "without_429", _LIMITED


@dataclass(frozen=True)
class _Conditions:
    """The conditions that `valid` joins by `and`."""

    on_outcome: list[exp.Expr]
    others: list[exp.Expr]


def _conditions(measure: Measure, outcome: frozenset[str]) -> _Conditions:
    """Part the conditions on how a request ended from the others.

    `x is not null` is no such condition: what has no outcome of a kind is no event of that kind.
    """
    found = _Conditions([], [])
    if measure.slo.valid is not None:
        tree = measure.slo.valid.tree.unnest()
        for part in tree.flatten() if isinstance(tree, exp.And) else [tree]:
            reads = {column.name for column in part.find_all(exp.Column)}
            is_outcome = bool(reads & outcome) and not _is_null_check(part)
            (found.on_outcome if is_outcome else found.others).append(over_events(part))
    return found


def _is_null_check(tree: exp.Expr) -> bool:
    inner = tree.unnest()
    return isinstance(inner.this.unnest() if isinstance(inner, exp.Not) else inner, exp.Is)


def _true(tree: exp.Expr) -> exp.Expr:
    """Return the predicate as TRUE or FALSE: NULL is not valid."""
    return exp.Coalesce(this=tree, expressions=[exp.false()])


def _of(kind: ReadingKind, own: Question, valid: exp.Expr, among: exp.Expr) -> Moved:
    asked = question(replace(own.measure, valid=valid), own.objective, own.target)
    return Moved(kind, own, replace(asked, id=f"{own.id} {kind}"), among)
