"""Percentiles, maxima and sums of values, by measure, span of time and key of a breakdown.

Each function runs queries of `queries/` and adds their periods up to spans. A key is text, or null.
"""

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction

import polars as pl
from sqlglot import exp

from slo_report.rollup.calendar import Calendar, Span
from slo_report.rollup.counts import EVERYTHING
from slo_report.rollup.engine import Engine
from slo_report.rollup.families import Family

PERCENTILES = dict.fromkeys(["measure", "key", "span", "quantile", "value"], pl.String)
"""Columns of what `percentiles` returns."""

SUMS = {
    "measure": pl.String,
    "key": pl.String,
    "span": pl.String,
    "valid": pl.Int64,
    "numerator": pl.String,
    "denominator": pl.String,
}
"""Columns of what `sum_values` returns; the sums are exact decimal texts."""


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
    return _named(frame, family, SUMS).sort("measure", "key", "span")


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
        return pl.DataFrame(schema=PERCENTILES)
    ranked = _rank_buckets(buckets, list(quantiles))
    wanted = ranked.join(of_spans, on="span").select("period", "key", "measure", "bucket")
    values = engine.run("values_in_buckets", calendar, blanks, wanted=wanted.unique())
    return _named(_value_at_rank(values.join(of_spans, on="period"), ranked), family, PERCENTILES)


_WHOLE = ["measure", "key", "span"]


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


def _named(
    frame: pl.DataFrame, family: Family, columns: Mapping[str, type[pl.DataType]]
) -> pl.DataFrame:
    """Return the frame with the names of its measures instead of their numbers."""
    names = pl.DataFrame(
        list(enumerate(measure.name for measure in family.measures)),
        schema={"measure": pl.Int64, "name": pl.String},
        orient="row",
    )
    numbered = frame.with_columns(pl.col("measure").cast(pl.Int64)).join(names, on="measure")
    named = numbered.drop("measure").rename({"name": "measure"})
    return named.select(pl.col(name).cast(kind) for name, kind in columns.items())


def _part(tree: exp.Expr | None) -> exp.Expr:
    if tree is None:
        raise TypeError("the measure has no such value")
    return tree
