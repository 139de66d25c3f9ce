"""Whose the bad events were: portions of them by column, day and hour that add up to all."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from slo_report.judge.clock import Clock, by_hour_of_day
from slo_report.judge.compliance import Key
from slo_report.judge.counts import Counts
from slo_report.rollup.looks import Columns, Look

MOST_LISTED = 30
"""Keys of a column that are listed one by one."""
REST = "(other)"
DAY, HOUR = "day", "hour"


@dataclass(frozen=True)
class Portion:
    """The events with one key; or those of all `others` keys that are not listed."""

    key: Key
    counts: Counts
    others: int | None = None


def portions(
    seen: Look, number: int, columns: Columns, clock: Clock
) -> dict[str, tuple[Portion, ...]]:
    """Return the portions of one Ask's events for each column, for days and for hours."""
    slots = seen.by_slot.filter(pl.col("ask") == number)
    keys = seen.by_key.filter(pl.col("ask") == number)
    total = sum_of(slots)
    found = {}
    for column in columns:
        rows = keys.filter(pl.col("column") == column).select("key", "valid", "bad")
        found[column] = _listed(
            [Portion(key, Counts(valid, bad)) for key, valid, bad in rows.iter_rows()], total
        )
    found[DAY] = _listed(_by_day(slots, clock), total)
    hours = enumerate(by_hour_of_day(slots, clock))
    found[HOUR] = _listed([Portion(f"{hour:02}:00", counts) for hour, counts in hours], total)
    return found


def _by_day(slots: pl.DataFrame, clock: Clock) -> list[Portion]:
    dates = {slot: start.date().isoformat() for slot, start in clock.start_of_slot.items()}
    summed = (
        slots.with_columns(day=pl.col("slot").replace_strict(dates, return_dtype=pl.String))
        .group_by("day")
        .agg(pl.col("valid").sum(), pl.col("bad").sum())
        .sort("day")
    )
    return [Portion(day, Counts(valid, bad)) for day, valid, bad in summed.iter_rows()]


def _listed(found: Sequence[Portion], total: Counts) -> tuple[Portion, ...]:
    """Return the portions with bad events, most first, and the rest of the total as one."""
    ranked = sorted(found, key=lambda portion: (-portion.counts.bad, portion.key or ""))
    shown = [portion for portion in ranked if portion.counts.bad][:MOST_LISTED]
    bad = sum(portion.counts.bad for portion in shown)
    if bad == total.bad:
        return tuple(shown)
    others = sum(portion.counts.bad > 0 for portion in ranked) - len(shown)
    valid = sum(portion.counts.valid for portion in shown)
    return (*shown, Portion(REST, total - Counts(valid, bad), others))


def sum_of(rows: pl.DataFrame) -> Counts:
    """Return the valid and bad events of rows."""
    return Counts(int(rows["valid"].sum()), int(rows["bad"].sum()))


def total_of(seen: Look, number: int) -> Counts:
    """Return all valid and bad events of the ask with that number."""
    return sum_of(seen.by_slot.filter(pl.col("ask") == number))
