"""What is told of each culprit: from when to when, how its requests failed, whether it took all."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from slo_report.judge.counts import Counts
from slo_report.judge.culprits import Culprit, Search
from slo_report.judge.portions import sum_of, total_of
from slo_report.rollup.calendar import Span
from slo_report.rollup.cuts import KeyIs
from slo_report.rollup.engine import Engine
from slo_report.rollup.looks import Ask, Columns, Look, look, slot_span
from slo_report.slo_yaml.definition import RESERVED

Symptoms = tuple[tuple[str, str], ...]
"""Columns and keys."""


@dataclass(frozen=True)
class Incident:
    """A culprit with the time between its first and its last bad event."""

    culprit: Culprit
    extent: Span
    """To the slot of five minutes."""
    symptoms: Symptoms
    """The status and error code of (nearly) all its bad events."""
    alone: tuple[tuple[KeyIs, Counts], ...] = ()
    """Where two keys mark it out: the events that have one of them without the other."""


def incidents_of(
    engine: Engine,
    searches: Sequence[Search],
    columns: Columns,
    culprits: dict[str, list[Culprit]],
    first: Look,
) -> dict[str, tuple[Incident, ...]]:
    """Return what is told of the culprits of each question; `first` is the look at all events."""
    found: dict[str, tuple[Incident, ...]] = {search.question.id: () for search in searches}
    pairs = [
        (place, culprit)
        for place, search in enumerate(searches)
        for culprit in culprits[search.question.id]
    ]
    if not pairs:
        return found
    outcomes = {
        column: listed
        for column, listed in columns.items()
        if any(column not in search.marks for search in searches)
    }
    asks = [_ask(searches[place], culprit, culprits) for place, culprit in pairs]
    seen = look(engine, asks, outcomes)
    for number, (place, culprit) in enumerate(pairs):
        search = searches[place]
        telling = outcomes.keys() - search.marks.keys()
        if search.question.objective.slo == RESERVED:
            telling = set()  # who was served where is no failure that a status could tell
        usual = _of_good_events(first, place)
        incident = Incident(
            culprit,
            _extent(seen, number),
            tuple(told for told in _symptoms(seen, number, culprit, telling) if told not in usual),
            _alone(first, place, culprit),
        )
        found[search.question.id] = (*found[search.question.id], incident)
    return found


def _ask(search: Search, culprit: Culprit, culprits: dict[str, list[Culprit]]) -> Ask:
    """Return what counts a culprit's events, those of earlier ones set aside."""
    own = culprits[search.question.id]
    earlier = tuple(other.cut for other in own[: own.index(culprit)])
    return Ask(search.question, search.clock.window, culprit.cut, earlier)


def _extent(seen: Look, number: int) -> Span:
    bad = seen.by_slot.filter((pl.col("ask") == number) & (pl.col("bad") > 0))
    return slot_span("incident", bad.item(0, "slot"), bad.item(-1, "slot") + 1)


def _symptoms(seen: Look, number: int, culprit: Culprit, columns: set[str]) -> Symptoms:
    """Return how nine tenths of the bad events failed, by the columns that tell it."""
    keys = seen.by_key.filter(
        (pl.col("ask") == number)
        & pl.col("column").is_in(sorted(columns))
        & (10 * pl.col("bad") >= 9 * culprit.counts.bad)
        & (2 * pl.col("bad") > pl.col("valid"))
        & pl.col("key").is_not_null()
        & ~pl.col("key").is_in(["", "true", "false"])
    )
    return tuple(keys.select("column", "key").sort("column").iter_rows())


def _of_good_events(first: Look, number: int) -> set[tuple[str, str]]:
    """Return columns and keys that a tenth of the good events have: no failure is told by them."""
    good = total_of(first, number).good
    often = 10 * (pl.col("valid") - pl.col("bad")) >= good
    keys = first.by_key.filter((pl.col("ask") == number) & often)
    return set(keys.select("column", "key").iter_rows()) if good else set()


def _alone(first: Look, number: int, culprit: Culprit) -> tuple[tuple[KeyIs, Counts], ...]:
    """Return the events of each of two keys without the other; none where more chooses them.

    Only of a culprit that was looked for among all events, since `first` counts all.
    """
    cut = culprit.cut
    if len(cut.keys) != 2 or cut.conditions != 2 or culprit.whole != total_of(first, number):
        return ()
    keys = first.by_key.filter(pl.col("ask") == number)
    return tuple((one, sum_of(keys.filter(_is_key(one))) - culprit.counts) for one in cut.keys)


def _is_key(condition: KeyIs) -> pl.Expr:
    return (pl.col("column") == condition.column) & pl.col("key").eq_missing(condition.key)
