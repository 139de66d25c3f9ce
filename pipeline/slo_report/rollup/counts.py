"""Counts of yes-or-no questions, by span of time and key of a breakdown. A key is text, or null."""

from collections.abc import Iterable, Mapping

import polars as pl
from sqlglot import exp

from slo_report.rollup.calendar import Calendar, Span
from slo_report.rollup.engine import Engine
from slo_report.rollup.measures import Question

NO_KEY: exp.Expr = exp.cast(exp.null(), exp.DataType.Type.VARCHAR)
"""The key of the whole: one row a period."""

EVERYTHING: exp.Expr = exp.true()
"""Limits a scan to all events."""

NO_EVENTS: exp.Expr = exp.false()
"""Holds for no event."""

HITS_A_SCAN = 200
"""Keeps one statement at a size that every engine plans quickly."""

COUNTS = {
    "question": pl.String,
    "key": pl.String,
    "span": pl.String,
    "valid": pl.Int64,
    "good": pl.Int64,
}
"""Columns of what `of_questions` returns."""


class Hits:
    """Predicates that one scan counts, numbered as they are asked, each once."""

    def __init__(self) -> None:
        self.trees: list[exp.Expr] = []
        self._numbers: dict[int, int] = {}
        self._by_text: dict[str, int] = {}
        self._kept: list[exp.Expr] = []

    def number_of(self, tree: exp.Expr) -> int:
        """Return the number of a predicate."""
        if id(tree) not in self._numbers:
            number = self._by_text.setdefault(tree.sql(dialect="duckdb"), len(self._by_text))
            self._numbers[id(tree)] = number
            # Kept even if another says the same, so that its id stays its own.
            self._kept.append(tree)
            if number == len(self.trees):
                self.trees.append(tree)
        return self._numbers[id(tree)]

    def ask(self, questions: Iterable[Question]) -> None:
        """Ask which events are valid for each question, and which are good."""
        for question in questions:
            self.number_of(question.measure.valid)
            self.number_of(question.good_events)


def count_hits(
    engine: Engine,
    hits: Hits,
    key: exp.Expr,
    calendar: Calendar,
    among: exp.Expr = EVERYTHING,
) -> pl.DataFrame:
    """Return period, key, hit (the number of a predicate), hits (events, never 0)."""
    frames = [pl.DataFrame(schema=_COUNTED)]
    for start in range(0, len(hits.trees), HITS_A_SCAN):
        asked = hits.trees[start : start + HITS_A_SCAN]
        wide = engine.run("count_events", calendar, {"key": key, "hit": asked, "among": among})
        long = wide.unpivot(index=["period", "key"], variable_name="hit", value_name="hits")
        number = pl.col("hit").str.strip_prefix("hits_").cast(pl.Int64) + start
        frames.append(
            long.filter(pl.col("hits") > 0).with_columns(pl.col("period").cast(pl.Int64), number)
        )
    return pl.concat(frames)


_COUNTED = {"period": pl.Int64, "key": pl.String, "hit": pl.Int64, "hits": pl.Int64}


def of_questions(
    counted: pl.DataFrame,
    hits: Hits,
    wanted: Mapping[Question, Iterable[Span]],
    calendar: Calendar,
) -> pl.DataFrame:
    """Return question (id), key, span, valid, good: events, for spans with any valid event.

    `counted` is what `count_hits` found of `hits` over `calendar`; `good` is 0 for a question
    without good events.
    """
    asked = pl.DataFrame(
        [
            (
                question.id,
                hits.number_of(question.measure.valid),
                hits.number_of(question.good_events),
                span.name,
            )
            for question, spans in wanted.items()
            for span in spans
        ],
        schema={
            "question": pl.String,
            "valid_hit": pl.Int64,
            "good_hit": pl.Int64,
            "span": pl.String,
        },
        orient="row",
    )
    periods = calendar.periods_of({span for spans in wanted.values() for span in spans})
    valid = _of_hits(counted, asked, periods, "valid")
    good = _of_hits(counted, asked, periods, "good")
    return (
        asked.join(valid, on=["valid_hit", "span"])
        .join(good, on=["good_hit", "key", "span"], how="left", nulls_equal=True)
        .with_columns(pl.col("good").fill_null(0))
        .select(COUNTS.keys())
        .sort("question", "key", "span")
    )


def _of_hits(
    counted: pl.DataFrame, asked: pl.DataFrame, periods: pl.DataFrame, name: str
) -> pl.DataFrame:
    """Return <name>_hit, key, span and <name>: the hits of the asked predicates and spans."""
    hit = f"{name}_hit"
    return (
        asked.select(hit, "span")
        .unique()
        .join(periods, on="span")
        .join(counted.rename({"hit": hit, "hits": name}), on=[hit, "period"])
        .group_by(hit, "key", "span")
        .agg(pl.col(name).sum())
    )
