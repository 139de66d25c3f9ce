"""Every question again for each value of a column, for the values with most events."""

from collections.abc import Callable, Iterable, Sequence

import polars as pl
from sqlglot import exp

from slo_report.rollup.calendar import Calendar
from slo_report.rollup.counts import COUNTS, EVERYTHING, Hits, count_hits, of_questions
from slo_report.rollup.cuts import has_any_key, key_of
from slo_report.rollup.engine import Engine
from slo_report.rollup.measures import Question
from slo_report.rollup.scoped import Scoped, measure_values, spans_of
from slo_report.rollup.windows import Windows
from slo_report.slo_yaml.definition import Definition

DAILY_BY_COLUMN = "endpoint"
"""The breakdown whose ratios the report also shows day by day."""


def break_down(
    engine: Engine,
    definition: Definition,
    asked: Iterable[Question],
    column: str,
    windows: Windows,
) -> Scoped:
    """Return the counts by a column, of the keys with most valid events in each question.

    First every key is counted over whole windows, then the kept ones alone by day and by value.
    """
    open_questions = [
        question
        for question in asked
        if column not in question.measure.row.choices
        and (question.customer is None or column == "customer")
    ]
    key = key_of(column)
    counts = _counts(engine, open_questions, key, windows)
    promised = [promise.customer for promise in definition.customers]
    kept, left_out = most_events(counts, definition.breakdown_rows, always=promised)
    keys = kept["key"].unique().sort()
    if len(keys) == 0:
        return Scoped(tuple(open_questions), left_out=left_out)
    among = has_any_key(key, keys) if left_out else EVERYTHING

    def daily(question: Question) -> bool:
        return is_shown_daily(question, column)

    in_periods = [q for q in open_questions if daily(q) or q.measure.slo.window.kind != "month"]
    finer = _counts(engine, in_periods, key, windows, among=among, daily=daily)
    # A key that one question keeps may be left out by another.
    finer = finer.join(kept, on=["question", "key"], how="semi", nulls_equal=True)
    values = measure_values(engine, open_questions, key, windows, among=among, daily=False)
    return Scoped(
        tuple(open_questions),
        pl.concat([kept, finer]).unique(["question", "key", "span"], maintain_order=True),
        values.sums,
        values.percentiles,
        left_out,
    )


def is_shown_daily(question: Question, column: str) -> bool:
    """Tell whether the report also shows a breakdown of the question day by day."""
    return column == DAILY_BY_COLUMN and question.objective.statistic == "ratio"


def _counts(
    engine: Engine,
    asked: Sequence[Question],
    key: exp.Expr,
    windows: Windows,
    *,
    among: exp.Expr = EVERYTHING,
    daily: Callable[[Question], bool] | None = None,
) -> pl.DataFrame:
    """Return the counts over each question's window; with `daily` also over its periods."""
    wanted = {
        question: spans_of(question, windows, daily=daily(question))
        if daily is not None
        else [windows.judged(question.measure.slo)]
        for question in asked
    }
    if not wanted:
        return pl.DataFrame(schema=COUNTS)
    calendar = Calendar.of({span for spans in wanted.values() for span in spans})
    hits = Hits()
    hits.ask(asked)
    return of_questions(count_hits(engine, hits, key, calendar, among), hits, wanted, calendar)


def most_events(
    counts: pl.DataFrame, rows: int, *, always: Sequence[str] = ()
) -> tuple[pl.DataFrame, dict[str, int]]:
    """Return the rows of the keys with most valid events, and how many each question leaves out.

    `rows` is how many a question keeps; the keys of `always` are never left out.
    """
    place = pl.col("valid").rank("ordinal", descending=True).over("question")
    ordered = counts.sort("question", "key").with_columns(place=place)
    named = pl.col("key").is_in(list(always)).fill_null(value=False)
    kept = (pl.col("place") <= rows) | named
    dropped = ordered.filter(~kept).group_by("question").len().sort("question")
    return ordered.filter(kept).drop("place"), dict(dropped.iter_rows())
