"""The roll-up of a month: every count that its report needs, from one store, as small frames."""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeVar

import polars as pl
from sqlglot import exp

from slo_report.months import HOUR_US
from slo_report.rollup.calendar import Calendar, Span
from slo_report.rollup.counts import (
    EVERYTHING,
    NO_KEY,
    count_hits,
    count_questions,
    percentiles,
    sum_values,
)
from slo_report.rollup.engine import Engine
from slo_report.rollup.extras import Extras, count_extras
from slo_report.rollup.families import Family, families
from slo_report.rollup.measures import (
    Question,
    Windows,
    column_of_events,
    measures,
    measures_as_seen,
    questions,
)
from slo_report.rollup.queries import is_null
from slo_report.rollup.reserved import reserved_questions
from slo_report.slo_yaml.definition import Definition

DAILY_BY_COLUMN = "endpoint"
"""The breakdown that the report also shows day by day."""


@dataclass(frozen=True)
class Scoped:
    """What was counted for the whole, or for each value of one column."""

    questions: tuple[Question, ...]
    counts: pl.DataFrame
    """question, key, span, valid, good."""
    sums: pl.DataFrame
    """measure, key, span, valid, numerator, denominator."""
    percentiles: pl.DataFrame
    """measure, key, span, quantile, value (exact text in the store's unit)."""
    left_out: dict[str, int]
    """Question: how many keys with valid events are not among the rows."""


@dataclass(frozen=True)
class RollUp:
    """All counts of a month."""

    windows: Windows
    whole: Scoped
    as_seen: Scoped
    by_column: dict[str, Scoped]
    hourly: pl.DataFrame
    """hour (step of 3600 s since the month's start), requests."""
    hourly_bad: pl.DataFrame
    """question, hour, bad: for the questions with a budget."""
    extras: Extras


def roll_up(engine: Engine, definition: Definition, windows: Windows) -> RollUp:
    """Return every count of the month; nothing but integers and exact decimals comes back."""
    month = windows.month.text
    measured = measures(definition)
    asked = questions(definition, measured, month)
    everyone = [question for question in asked if question.customer is None]
    seen = questions(definition, measures_as_seen(definition), month)
    return RollUp(
        windows,
        whole=_scoped(engine, everyone + reserved_questions(definition), NO_KEY, windows),
        as_seen=_scoped(engine, seen, NO_KEY, windows, daily=False),
        by_column={
            column: _breakdown(engine, definition, asked, column, windows)
            for column in definition.breakdowns
        },
        hourly=_hourly(engine, [exp.true()], windows).select("hour", requests="hits"),
        hourly_bad=_hourly_bad(engine, everyone, windows),
        extras=count_extras(engine, definition, measured, windows),
    )


def _breakdown(
    engine: Engine,
    definition: Definition,
    asked: Iterable[Question],
    column: str,
    windows: Windows,
) -> Scoped:
    """Return the counts by a column, of the keys with most valid events in each question."""
    open_questions = [
        question
        for question in asked
        if column not in question.measure.row.choices
        and (question.customer is None or column == "customer")
    ]
    key = exp.cast(column_of_events(column), exp.DataType.Type.VARCHAR)
    judged = _judged_spans(open_questions, windows)
    counts = count_questions(engine, open_questions, key, Calendar.of(judged), judged)
    counts = _in_own_span(counts, open_questions, windows)
    kept, left_out = _most_events(counts, definition)
    keys = kept["key"].unique().sort()
    if len(keys) == 0:
        return Scoped(tuple(open_questions), kept, _NO_SUMS, _NO_PERCENTILES, left_out)
    among = _among(key, keys)
    in_periods = [q for q in open_questions if q.measure.slo.window.kind != "month"]
    whole_months = [q for q in open_questions if q not in in_periods]
    finer = _scoped(engine, in_periods, key, windows, among=among)
    coarse = _scoped(engine, whole_months, key, windows, among=among, daily=False, counts=False)
    by_day = _by_day(engine, whole_months, key, windows, among) if column == DAILY_BY_COLUMN else []
    return Scoped(
        tuple(open_questions),
        pl.concat([kept, finer.counts, *by_day]).unique(
            ["question", "key", "span"], maintain_order=True
        ),
        pl.concat([coarse.sums, finer.sums]),
        pl.concat([coarse.percentiles, finer.percentiles]),
        left_out,
    )


def _by_day(
    engine: Engine,
    asked: Sequence[Question],
    key: exp.Expr,
    windows: Windows,
    among: exp.Expr,
) -> list[pl.DataFrame]:
    """Return the counts of the ratios day by day: what the report shows of a column's days."""
    ratios = [question for question in asked if question.objective.statistic == "ratio"]
    days = windows.day_spans
    return [count_questions(engine, ratios, key, Calendar.of(days), days, among)]


def _scoped(
    engine: Engine,
    asked: Sequence[Question],
    key: exp.Expr,
    windows: Windows,
    *,
    among: exp.Expr = EVERYTHING,
    daily: bool = True,
    counts: bool = True,
) -> Scoped:
    """Return counts, sums and percentiles of questions over their windows, days and readings."""
    spans = _judged_spans(asked, windows)
    if daily:
        spans = _distinct([*spans, *windows.day_spans, *_readings(asked, windows), windows.span])
    if not asked:
        return Scoped((), _NO_COUNTS, _NO_SUMS, _NO_PERCENTILES, {})
    calendar = Calendar.of(spans)
    sums = [_NO_SUMS]
    ranks = [_NO_PERCENTILES]
    for family in families(_distinct(question.measure for question in asked)):
        read = frozenset[Span]().union(*(windows.read(m.slo) for m in family.measures))
        mine = [span for span in spans if span in read]
        if family.first.numerator is not None:
            frame = sum_values(engine, family, key, calendar, mine, among)
            sums.append(_like(frame, _NO_SUMS))
        if quantiles := _quantiles(asked, family):
            frame = percentiles(engine, family, quantiles, key, calendar, mine, among)
            ranks.append(_like(frame, _NO_PERCENTILES))
    return Scoped(
        tuple(asked),
        _where_read(count_questions(engine, asked, key, calendar, spans, among), asked, windows)
        if counts
        else _NO_COUNTS,
        pl.concat(sums),
        pl.concat(ranks),
        {},
    )


def _hourly(engine: Engine, hits: Sequence[exp.Expr], windows: Windows) -> pl.DataFrame:
    """Return hour, hit, hits over the steps of 3600 s of the month."""
    month = windows.month
    starts = range(month.from_us, month.to_us, HOUR_US)
    hours = [
        Span(str(n), start, min(start + HOUR_US, month.to_us)) for n, start in enumerate(starts)
    ]
    frame = count_hits(engine, hits, NO_KEY, Calendar.of(hours))
    return frame.select(pl.col("period").alias("hour"), "hit", "hits").sort("hit", "hour")


def _hourly_bad(engine: Engine, asked: Sequence[Question], windows: Windows) -> pl.DataFrame:
    budgeted = [q for q in asked if q.objective.has_budget and q.good is not None]
    bad = [
        exp.and_(
            q.measure.valid, exp.Not(this=exp.Coalesce(this=q.good, expressions=[exp.false()]))
        )
        for q in budgeted
    ]
    names = pl.DataFrame(
        [(number, question.id) for number, question in enumerate(budgeted)],
        schema={"hit": pl.Int64, "question": pl.String},
        orient="row",
    )
    return (
        _hourly(engine, bad, windows).join(names, on="hit").select("question", "hour", bad="hits")
    )


def _judged_spans(asked: Iterable[Question], windows: Windows) -> list[Span]:
    return _distinct(windows.judged(question.measure.slo) for question in asked)


def _readings(asked: Iterable[Question], windows: Windows) -> list[Span]:
    return [span for question in asked for span in windows.readings(question.measure.slo)]


def _where_read(counts: pl.DataFrame, asked: Sequence[Question], windows: Windows) -> pl.DataFrame:
    """Return the counts of the spans that each question is read over."""
    read = [
        (question.id, span.name)
        for question in asked
        for span in windows.read(question.measure.slo)
    ]
    schema = {"question": pl.String, "span": pl.String}
    pairs = pl.DataFrame(read, schema=schema, orient="row").unique()
    return counts.join(pairs, on=["question", "span"], maintain_order="left")


def _in_own_span(counts: pl.DataFrame, asked: Sequence[Question], windows: Windows) -> pl.DataFrame:
    own = pl.DataFrame(
        [(question.id, windows.judged(question.measure.slo).name) for question in asked],
        schema={"question": pl.String, "span": pl.String},
        orient="row",
    )
    return counts.join(own, on=["question", "span"])


def _most_events(
    counts: pl.DataFrame, definition: Definition
) -> tuple[pl.DataFrame, dict[str, int]]:
    """Return the rows of the keys with most valid events, and how many each question leaves out.

    A customer with a promise of their own is never left out.
    """
    promised = [promise.customer for promise in definition.customers]
    place = pl.col("valid").rank("ordinal", descending=True).over("question")
    ordered = counts.sort("question", "key").with_columns(place=place)
    kept = (pl.col("place") <= definition.breakdown_rows) | pl.col("key").is_in(promised).fill_null(
        value=False
    )
    dropped = ordered.filter(~kept).group_by("question").len().sort("question")
    return ordered.filter(kept).drop("place"), dict(dropped.iter_rows())


def _among(key: exp.Expr, keys: pl.Series) -> exp.Expr:
    texts = [exp.Literal.string(text) for text in keys.drop_nulls()]
    among: exp.Expr = exp.In(this=key.copy(), expressions=texts) if texts else exp.false()
    if keys.has_nulls():
        among = exp.or_(among, is_null(key.copy()))
    return exp.paren(among)


def _quantiles(asked: Iterable[Question], family: Family) -> list[Fraction]:
    found = {
        Fraction(question.objective.quantile)
        for question in asked
        if question.measure in family.measures and question.objective.quantile is not None
    }
    return sorted(found)


def _like(frame: pl.DataFrame, like: pl.DataFrame) -> pl.DataFrame:
    return frame.select(pl.col(name).cast(kind) for name, kind in like.schema.items())


T = TypeVar("T", bound=Hashable)


def _distinct(items: Iterable[T]) -> list[T]:
    return list(dict.fromkeys(items))


_NO_COUNTS = pl.DataFrame(
    schema={
        "question": pl.String,
        "key": pl.String,
        "span": pl.String,
        "valid": pl.Int64,
        "good": pl.Int64,
    }
)
_NO_SUMS = pl.DataFrame(
    schema={
        "measure": pl.String,
        "key": pl.String,
        "span": pl.String,
        "valid": pl.Int64,
        "numerator": pl.String,
        "denominator": pl.String,
    }
)
_NO_PERCENTILES = pl.DataFrame(
    schema={
        "measure": pl.String,
        "key": pl.String,
        "span": pl.String,
        "quantile": pl.String,
        "value": pl.String,
    }
)
