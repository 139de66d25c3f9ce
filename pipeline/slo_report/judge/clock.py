"""The slots of a window by the hour that the report's clock shows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

import polars as pl

from slo_report.judge.counts import Counts
from slo_report.judge.stretches import HOURS_A_DAY
from slo_report.months import Month
from slo_report.rollup.calendar import SLOT_US, Span
from slo_report.rollup.cuts import DailyHours


@dataclass(frozen=True)
class Clock:
    """The slots of a window, by the hour that the report's clock shows."""

    month: Month
    window: Span

    @cached_property
    def start_of_slot(self) -> dict[int, datetime]:
        """Slot (since 1970): when it begins on the report's clock."""
        slots = range(self.window.from_us // SLOT_US, -(-self.window.to_us // SLOT_US))
        return {slot: self.month.local(slot * SLOT_US) for slot in slots}

    @cached_property
    def hour_of_slot(self) -> dict[int, int]:
        """Slot (since 1970): 0 to 23."""
        return {slot: start.hour for slot, start in self.start_of_slot.items()}

    @property
    def slots(self) -> int:
        """How many slots the window has."""
        return len(self.hour_of_slot)

    def daily(self, first: int, count: int) -> DailyHours:
        """Return the hours of the window that `count` hours of each day from `first` on are."""
        wanted = {(first + hour) % HOURS_A_DAY for hour in range(count)}
        spans: list[Span] = []
        for slot, hour in self.hour_of_slot.items():
            if hour in wanted:
                start, end = slot * SLOT_US, (slot + 1) * SLOT_US
                if spans and spans[-1].to_us == start:
                    start = spans.pop().from_us
                spans.append(Span("hours", start, end))
        return DailyHours(first, count, tuple(spans))


def by_hour_of_day(slots: pl.DataFrame, clock: Clock) -> list[Counts]:
    """Return the counts of each hour of the day, 0 to 23, on the report's clock."""
    hours: Mapping[int, int] = clock.hour_of_slot
    summed = (
        slots.with_columns(hour=pl.col("slot").replace_strict(hours, return_dtype=pl.Int64))
        .group_by("hour")
        .agg(pl.col("valid").sum(), pl.col("bad").sum())
    )
    counted = {hour: Counts(valid, bad) for hour, valid, bad in summed.iter_rows()}
    return [counted.get(hour, Counts(0, 0)) for hour in range(HOURS_A_DAY)]
