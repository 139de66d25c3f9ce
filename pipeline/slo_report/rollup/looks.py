"""A second look at the events behind a few objectives: counted by slot of time and by key."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import polars as pl
from sqlglot import exp

from slo_report.rollup.calendar import SLOT_US, Calendar, Span
from slo_report.rollup.counts import NO_EVENTS, NO_KEY, Hits, count_hits
from slo_report.rollup.cuts import (
    ALL_EVENTS,
    Cut,
    has_any_key,
    holds,
    in_any_span,
    key_of,
    place_of_key,
)
from slo_report.rollup.engine import Engine
from slo_report.rollup.measures import Question, bad_among, column_of_events
from slo_report.rollup.together import ColumnKeys, count_together
from slo_report.slo_yaml.definition import Definition
from slo_report.slo_yaml.kinds import Kind

MOST_VALUES = 1000
"""A column with more values among bad events is taken for an identifier."""
MOST_KEYS = 100
"""Keys of a column that are looked at: those with most bad events."""
FEW_KEYS = 16
"""Told apart by comparing one by one, so that several columns are counted in one scan."""
SCOPES = ("endpoint", "customer", "replica")
"""Columns that are looked at however many values they have."""
_NAMES_OF_ONE = frozenset({"ts", "request_id", "path", "method", "route"})
"""Identifiers, and what an endpoint is made of."""
_LISTED = frozenset({Kind.TEXT, Kind.BOOLEAN})

BLANK = (None, "")
"""Keys that say nothing; always counted: an error code is known by being absent elsewhere."""

Columns = Mapping[str, Sequence[str | None]]
"""Column: the keys that are looked at."""


@dataclass(frozen=True, eq=False)
class Ask:
    """One objective's events in its window, but for those of `without`, that are in `cut`."""

    question: Question
    window: Span
    cut: Cut = ALL_EVENTS
    without: tuple[Cut, ...] = ()

    def events(self, hull: Span) -> tuple[exp.Expr, exp.Expr]:
        """Return the predicates of valid events and, among those, of good ones.

        `hull` is the time that is scanned.
        """
        parts = [self.question.measure.valid]
        if self.cut.conditions:
            parts.append(holds(self.cut))
        if self.window != hull:
            parts.append(in_any_span([self.window]))
        parts += [exp.Not(this=holds(cut)) for cut in self.without]
        return exp.and_(*parts), self.question.good or NO_EVENTS


@dataclass(frozen=True)
class Look:
    """What was counted: for each Ask, by its number, valid and bad events, never both 0."""

    by_slot: pl.DataFrame
    """ask, slot (since 1970), valid, bad."""
    by_key: pl.DataFrame
    """ask, column, key, valid, bad."""


def look(engine: Engine, asks: Sequence[Ask], columns: Columns, *, by_slot: bool = True) -> Look:
    """Return the counts of each Ask by slot and by the given keys of each column."""
    hull = _hull(asks)
    hits = Hits()
    numbers = [
        (hits.number_of(valid), hits.number_of(exp.and_(valid, good)))
        for valid, good in (ask.events(hull) for ask in asks)
    ]
    asked = pl.DataFrame(
        [(number, *pair) for number, pair in enumerate(numbers)],
        schema={"ask": pl.Int64, "valid_hit": pl.Int64, "good_hit": pl.Int64},
        orient="row",
    )
    whole = Calendar.of([hull])
    keys = [pl.DataFrame(schema=_BY_KEY)]
    for column, counted in _by_column(engine, hits, columns, whole):
        named = _valid_and_bad(counted, asked).with_columns(column=pl.lit(column))
        keys.append(named.select(_BY_KEY.keys()))
    slots = pl.DataFrame(schema=_BY_SLOT)
    if by_slot:
        every_slot = Calendar.every_slot(hull.from_us, hull.to_us)
        counted = count_hits(engine, hits, NO_KEY, every_slot)
        slots = _valid_and_bad(counted, asked).select(
            "ask", (pl.col("period") + every_slot.edges[0]).alias("slot"), "valid", "bad"
        )
    return Look(
        slots.sort("ask", "slot"),
        pl.concat(keys).sort("ask", "column", "key", maintain_order=True),
    )


def _by_column(
    engine: Engine, hits: Hits, columns: Columns, whole: Calendar
) -> Iterator[tuple[str, pl.DataFrame]]:
    """Yield, for each column, period, key, hit and hits of the keys that are looked at."""
    coded = [
        ColumnKeys(column, place_of_key(key_of(column), listed), len(listed) + 1)
        for column, listed in columns.items()
        if len(listed) <= FEW_KEYS
    ]
    together = count_together(engine, hits, coded, whole)
    for column, listed in columns.items():
        if column in together:
            named = pl.DataFrame({"named": listed}, schema={"named": pl.String}).with_row_index(
                "key"
            )
            yield (
                column,
                together[column]
                .join(named.cast({"key": pl.Int64}), on="key")
                .select(
                    pl.lit(0, pl.Int64).alias("period"), pl.col("named").alias("key"), "hit", "hits"
                ),
            )
        else:
            key = key_of(column)
            yield column, count_hits(engine, hits, key, whole, has_any_key(key, listed))


def columns_with_bad_events(
    engine: Engine, definition: Definition, asks: Sequence[Ask]
) -> dict[str, list[str | None]]:
    """Return the columns that can mark events out, each with its keys of most bad events.

    Text and yes-or-no columns and the status; not those with a value for (nearly) every event.
    """
    silent = _NAMES_OF_ONE | ({"source"} if len(definition.logs) == 1 else set())
    names = [
        name
        for name, kind in definition.columns.items()
        if (kind in _LISTED or name == "status") and name not in silent
    ]
    hull = _hull(asks)
    hits = Hits()
    for valid, good in (ask.events(hull) for ask in asks):
        hits.number_of(bad_among(valid, good))
    any_bad = exp.paren(exp.or_(*hits.trees))
    whole = Calendar.of([hull])
    values = engine.run(
        "distinct_values",
        whole,
        {"column": [column_of_events(name) for name in names], "among": any_bad},
    )
    distinct = values.row(0)[1:] if len(values) else ()
    worth = [
        ColumnKeys(name, key_of(name), count + 1)
        for name, count in zip(names, distinct, strict=False)
        if count and (count <= MOST_VALUES or name in SCOPES)
    ]
    together = count_together(engine, hits, worth, whole, any_bad)
    return {
        each.column: _most_bad(together[each.column])
        for each in worth
        if each.column in SCOPES or not _is_identifier(together[each.column])
    }


_BY_KEY = {
    "ask": pl.Int64,
    "column": pl.String,
    "key": pl.String,
    "valid": pl.Int64,
    "bad": pl.Int64,
}
_BY_SLOT = {"ask": pl.Int64, "slot": pl.Int64, "valid": pl.Int64, "bad": pl.Int64}


def _hull(asks: Iterable[Ask]) -> Span:
    windows = [ask.window for ask in asks]
    return Span(
        windows[0].name,
        min(window.from_us for window in windows),
        max(window.to_us for window in windows),
    )


def _valid_and_bad(counted: pl.DataFrame, asked: pl.DataFrame) -> pl.DataFrame:
    """Return ask, period, key, valid, bad."""
    valid = asked.join(counted, left_on="valid_hit", right_on="hit").rename({"hits": "valid"})
    good = asked.join(counted, left_on="good_hit", right_on="hit").rename({"hits": "good"})
    place = ["ask", "period", "key"]
    return (
        valid.select(*place, "valid")
        .join(good.select(*place, "good"), on=place, how="left", nulls_equal=True)
        .with_columns(bad=pl.col("valid") - pl.col("good").fill_null(0))
    )


def _is_identifier(bad: pl.DataFrame) -> bool:
    """Tell whether the column has about as many values as there are bad events."""
    per_key = (
        bad.filter(pl.col("key").is_not_null())
        .group_by("hit")
        .agg(keys=pl.len(), events=pl.col("hits").sum())
    )
    return per_key.filter(2 * pl.col("keys") <= pl.col("events")).is_empty() and len(per_key) > 0


def _most_bad(bad: pl.DataFrame) -> list[str | None]:
    """Return, for each question, the keys with most bad events, and those that say nothing."""
    place = pl.col("hits").rank("ordinal", descending=True).over("hit")
    ordered = bad.sort("hit", "key").with_columns(place=place)
    kept = ordered.filter(pl.col("place") <= MOST_KEYS).get_column("key").drop_nulls().unique()
    return [*BLANK, *sorted(key for key in kept if key not in BLANK)]


def slot_span(name: str, from_slot: int, to_slot: int) -> Span:
    """Return the span of a run of slots."""
    return Span(name, from_slot * SLOT_US, to_slot * SLOT_US)
