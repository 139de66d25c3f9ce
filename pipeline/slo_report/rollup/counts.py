"""Counts, sums and percentiles of questions, by span of time and key of a breakdown.

Each function runs a query of `queries/` and adds its periods up to spans. Frames that come out have
one row per question (or measure), key and span; a key is text, or null.
"""

from collections.abc import Iterable, Sequence
from fractions import Fraction

import polars as pl
from sqlglot import exp

from slo_report.rollup.calendar import Calendar, Span
from slo_report.rollup.engine import Engine
from slo_report.rollup.families import Family
from slo_report.rollup.measures import Question

NO_KEY: exp.Expr = exp.cast(exp.null(), exp.DataType.Type.VARCHAR)
"""The key of the whole: one row a period."""

EVERYTHING: exp.Expr = exp.true()
"""Limits a scan to all events."""

QUESTIONS_PER_SCAN = 200
"""Keeps one statement at a size that every engine plans quickly."""


def count_hits(
    engine: Engine,
    hits: Sequence[exp.Expr],
    key: exp.Expr,
    calendar: Calendar,
    among: exp.Expr = EVERYTHING,
) -> pl.DataFrame:
    """Return period, key, hit (its index in `hits`), hits (events that answer yes, never 0)."""
    frames = []
    for start in range(0, len(hits), QUESTIONS_PER_SCAN):
        asked = hits[start : start + QUESTIONS_PER_SCAN]
        wide = engine.run("count_events", calendar, {"key": key, "hit": asked, "among": among})
        long = wide.unpivot(index=["period", "key"], variable_name="hit", value_name="hits")
        number = pl.col("hit").str.strip_prefix("hits_").cast(pl.Int64) + start
        frames.append(long.filter(pl.col("hits") > 0).with_columns(hit=number))
    return pl.concat(frames) if frames else pl.DataFrame(schema=_HIT_SCHEMA)


_HIT_SCHEMA = {"period": pl.Int64, "key": pl.String, "hit": pl.Int64, "hits": pl.Int64}


def count_questions(
    engine: Engine,
    questions: Sequence[Question],
    key: exp.Expr,
    calendar: Calendar,
    spans: Sequence[Span],
    among: exp.Expr = EVERYTHING,
) -> pl.DataFrame:
    """Return question (id), key, span, valid, good: events, for spans with any valid event.

    `good` is 0 for a question without good events.
    """
    hits = _Hits()
    asked = [
        {
            "question": question.id,
            "valid_hit": hits.number_of(question.measure.valid),
            "good_hit": hits.number_of(question.good_events),
        }
        for question in questions
    ]
    by_span = (
        count_hits(engine, hits.trees, key, calendar, among)
        .join(calendar.periods_of(spans), on="period")
        .group_by("hit", "key", "span")
        .agg(pl.col("hits").sum())
    )
    valid = by_span.rename({"hit": "valid_hit", "hits": "valid"})
    good = by_span.rename({"hit": "good_hit", "hits": "good"})
    schema = {"question": pl.String, "valid_hit": pl.Int64, "good_hit": pl.Int64}
    return (
        pl.DataFrame(asked, schema=schema)
        .join(valid, on="valid_hit")
        .join(good, on=["good_hit", "key", "span"], how="left", nulls_equal=True)
        .select("question", "key", "span", "valid", pl.col("good").fill_null(0))
        .sort("question", "key", "span")
    )


def sum_values(
    engine: Engine,
    family: Family,
    key: exp.Expr,
    calendar: Calendar,
    spans: Sequence[Span],
    among: exp.Expr = EVERYTHING,
) -> pl.DataFrame:
    """Return measure, key, span, valid, numerator, denominator (exact) of ratios of sums."""
    blanks = {
        "key": key,
        "among": among,
        "measure": family.numbers,
        "numerator": _part(family.first.numerator),
        "denominator": _part(family.first.denominator),
    }
    frame = (
        engine.run("sum_values", calendar, blanks)
        .join(calendar.periods_of(spans), on="period")
        .group_by("measure", "key", "span")
        .agg(
            pl.col("hits").sum().alias("valid"),
            pl.col("numerator").sum(),
            pl.col("denominator").sum(),
        )
    )
    return _named(frame, family).sort("measure", "key", "span")


def percentiles(
    engine: Engine,
    family: Family,
    quantiles: Iterable[Fraction],
    key: exp.Expr,
    calendar: Calendar,
    spans: Sequence[Span],
    among: exp.Expr = EVERYTHING,
) -> pl.DataFrame:
    """Return measure, key, span, quantile (text), value: the ceil(q n)-th smallest, nearest rank.

    `value` is exact decimal text in the store's unit. Two passes: the first counts log-spaced
    buckets and finds the one that holds each rank, the second counts distinct values inside those.
    """
    blanks = {
        "key": key,
        "among": among,
        "measure": family.numbers,
        "value": _part(family.first.value),
    }
    of_spans = calendar.periods_of(spans)
    buckets = engine.run("value_buckets", calendar, blanks).join(of_spans, on="period")
    if buckets.is_empty():
        return pl.DataFrame(schema=_PERCENTILE_SCHEMA)
    ranked = _rank_buckets(buckets, list(quantiles))
    wanted = ranked.join(of_spans, on="span").select("period", "key", "measure", "bucket")
    values = engine.run("values_in_buckets", calendar, blanks, wanted=wanted.unique())
    return _named(_value_at_rank(values.join(of_spans, on="period"), ranked), family)


_WHOLE = ["measure", "key", "span"]
_PERCENTILE_SCHEMA = dict.fromkeys([*_WHOLE, "quantile", "value"], pl.String)


def _rank_buckets(buckets: pl.DataFrame, quantiles: list[Fraction]) -> pl.DataFrame:
    """Return measure, key, span, quantile, bucket and rank: the rank inside that bucket."""
    cumulated = (
        buckets.group_by(*_WHOLE, "bucket")
        .agg(pl.col("hits").sum())
        .sort(*_WHOLE, "bucket")
        .with_columns(
            upto=pl.col("hits").cum_sum().over(_WHOLE), events=pl.col("hits").sum().over(_WHOLE)
        )
    )
    asked = pl.DataFrame(
        [(str(q), q.numerator, q.denominator) for q in quantiles],
        schema={"quantile": pl.String, "numerator": pl.Int128, "denominator": pl.Int128},
        orient="row",
    )
    rank = (pl.col("events") * pl.col("numerator") + pl.col("denominator") - 1) // pl.col(
        "denominator"
    )
    before = pl.col("upto") - pl.col("hits")
    return (
        cumulated.join(asked, how="cross")
        .with_columns(rank=rank.cast(pl.Int64))
        .filter(pl.col("upto") >= pl.col("rank"), before < pl.col("rank"))
        .select(*_WHOLE, "quantile", "bucket", rank=pl.col("rank") - before)
    )


def _value_at_rank(values: pl.DataFrame, ranked: pl.DataFrame) -> pl.DataFrame:
    place = [*_WHOLE, "bucket"]
    before = pl.col("upto") - pl.col("hits")
    return (
        values.group_by(*place, "value")
        .agg(pl.col("hits").sum())
        .sort(*place, "value")
        .with_columns(upto=pl.col("hits").cum_sum().over(place))
        .join(ranked, on=place, nulls_equal=True)
        .filter(pl.col("upto") >= pl.col("rank"), before < pl.col("rank"))
        .select(*_WHOLE, "quantile", pl.col("value").cast(pl.String))
        .sort(*_WHOLE, "quantile")
    )


def _named(frame: pl.DataFrame, family: Family) -> pl.DataFrame:
    """Return the frame with the names of its measures instead of their numbers."""
    names = pl.DataFrame(
        list(enumerate(measure.name for measure in family.measures)),
        schema={"measure": pl.Int64, "name": pl.String},
        orient="row",
    )
    numbered = frame.with_columns(pl.col("measure").cast(pl.Int64))
    return numbered.join(names, on="measure").drop("measure").rename({"name": "measure"})


def _part(tree: exp.Expr | None) -> exp.Expr:
    if tree is None:
        raise TypeError("the measure has no such value")
    return tree


class _Hits:
    """Predicates numbered as they are asked, the same predicate once."""

    def __init__(self) -> None:
        self.trees: list[exp.Expr] = []
        self._numbers: dict[int, int] = {}

    def number_of(self, tree: exp.Expr) -> int:
        if id(tree) not in self._numbers:
            self._numbers[id(tree)] = len(self.trees)
            self.trees.append(tree)
        return self._numbers[id(tree)]
