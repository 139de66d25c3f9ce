"""Counts by the keys of several columns in one scan: by their combinations, then by each column."""

from collections.abc import Iterable, Iterator, Sequence
from math import prod
from typing import NamedTuple

import polars as pl
from sqlglot import exp

from slo_report.rollup.calendar import Calendar
from slo_report.rollup.counts import EVERYTHING, Hits, count_in_scans
from slo_report.rollup.engine import Blanks, Engine

MOST_COMBINATIONS = 250_000
"""Bounds the rows of one scan, and with them its memory."""


class ColumnKeys(NamedTuple):
    """What the events of a column are counted by."""

    column: str
    key: exp.Expr
    """Of an event."""
    most: int
    """How many different ones there can be, NULL among them."""


def count_together(
    engine: Engine,
    hits: Hits,
    columns: Iterable[ColumnKeys],
    calendar: Calendar,
    among: exp.Expr = EVERYTHING,
) -> dict[str, pl.DataFrame]:
    """Return, for each column, key, hit (the number of a predicate), hits (events, never 0).

    `calendar` has one period.
    """
    counted = {}
    for some in _packed(columns):
        blanks: Blanks = {
            "column": [each.key for each in some],
            "key": [exp.column(f"key_{number}", table="looked") for number in range(len(some))],
            "among": among,
        }
        scans = list(count_in_scans(engine, "count_by_columns", hits, calendar, blanks))
        for number, each in enumerate(some):
            counted[each.column] = pl.concat(
                scan.group_by("hit", pl.col(f"key_{number}").alias("key")).agg(pl.col("hits").sum())
                for scan in scans
            ).select("key", "hit", "hits")
    return counted


def _packed(columns: Iterable[ColumnKeys]) -> Iterator[Sequence[ColumnKeys]]:
    """Yield columns that are few enough to be counted in one scan, small ones first."""
    some: list[ColumnKeys] = []
    for each in sorted(columns, key=lambda one: one.most):
        if some and prod(one.most for one in [*some, each]) > MOST_COMBINATIONS:
            yield some
            some = []
        some.append(each)
    if some:
        yield some
