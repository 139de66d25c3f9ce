"""Counts of yes-or-no questions, by span of time and key of a breakdown. A key is text, or null."""

from collections.abc import Iterable, Iterator, Mapping

import polars as pl
from sqlglot import exp

from slo_report.rollup.calendar import Calendar, Span
from slo_report.rollup.engine import Blanks, Engine
from slo_report.rollup.measures import Question
from slo_report.rollup.queries import all_of

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
        self.made_of: list[frozenset[int]] = []
        """For each predicate the numbers of the conditions that it joins with AND."""
        self.conditions: list[exp.Expr] = []
        self._numbers: dict[int, int] = {}
        self._by_conditions: dict[frozenset[int], int] = {}
        self._condition_by_text: dict[str, int] = {}
        self._kept: list[exp.Expr] = []

    def number_of(self, tree: exp.Expr) -> int:
        """Return the number of a predicate."""
        if id(tree) not in self._numbers:
            made_of = frozenset(map(self._number_of_condition, _conditions(tree)))
            number = self._by_conditions.setdefault(made_of, len(self.trees))
            self._numbers[id(tree)] = number
            # Kept even if another says the same, so that its id stays its own.
            self._kept.append(tree)
            if number == len(self.trees):
                self.trees.append(tree)
                self.made_of.append(made_of)
        return self._numbers[id(tree)]

    def _number_of_condition(self, condition: exp.Expr) -> int:
        text = condition.sql(dialect="duckdb")
        number = self._condition_by_text.setdefault(text, len(self.conditions))
        if number == len(self.conditions):
            self.conditions.append(condition)
        return number

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
    scans = count_in_scans(engine, "count_events", hits, calendar, {"key": key, "among": among})
    frames = [scan.select(_COUNTED.keys()).cast({"period": pl.Int64}) for scan in scans]
    return pl.concat([pl.DataFrame(schema=_COUNTED), *frames])


def count_in_scans(
    engine: Engine, name: str, hits: Hits, calendar: Calendar, blanks: Blanks
) -> Iterator[pl.DataFrame]:
    """Yield what query `name` counts, a scan at a time: its own columns, hit, hits (never 0).

    `blanks` are those that are not about the predicates.
    """
    for start in range(0, len(hits.made_of), HITS_A_SCAN):
        asked = hits.made_of[start : start + HITS_A_SCAN]
        used = sorted(frozenset().union(*asked))
        place = {condition: number for number, condition in enumerate(used)}
        predicates = {
            "condition": [hits.conditions[number] for number in used],
            "hit": [_all_hold(place[number] for number in sorted(each)) for each in asked],
        }
        wide = engine.run(name, calendar, {**blanks, **predicates})
        counts = pl.selectors.starts_with("hits_")
        long = wide.unpivot(counts, index=~counts, variable_name="hit", value_name="hits")
        number = pl.col("hit").str.strip_prefix("hits_").cast(pl.Int64) + start
        yield long.filter(pl.col("hits") > 0).with_columns(number)


def _conditions(tree: exp.Expr) -> Iterator[exp.Expr]:
    """Yield what a predicate joins with AND; nothing where it holds for every event."""
    inner = tree.unnest()
    if isinstance(inner, exp.And):
        yield from _conditions(inner.this)
        yield from _conditions(inner.expression)
    elif not (isinstance(inner, exp.Boolean) and inner.this):
        yield inner


def _all_hold(conditions: Iterable[int]) -> exp.Expr:
    return all_of(*(exp.column(f"holds_{number}", table="looked") for number in conditions))


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
