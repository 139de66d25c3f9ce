"""The month in steps of five minutes, and what lay in the window before each of them."""

from dataclasses import dataclass
from datetime import datetime

import polars as pl

from slo_report.months import Month, us_of
from slo_report.rollup.slots import SlotCounts

STEP_US = 300_000_000
"""Alerts are looked at every five minutes."""


def steps_of(month: Month, now: datetime) -> range:
    """Return the instants at which alerts are looked at: of a running month those until now."""
    now_us = us_of(now)
    return range(month.from_us, min(month.to_us, now_us + 1), STEP_US)


@dataclass(frozen=True)
class Totals:
    """The running totals of one question at the edges of slots: two integers an edge."""

    from_us: int
    slot_us: int
    running: pl.DataFrame
    """valid, bad: all before the edge; the first row is the calendar's beginning."""

    def at(self, instant_us: int) -> tuple[int, int]:
        """Return the valid and bad events from the calendar's beginning to an edge."""
        valid, bad = self.running.row(self.slot(instant_us))
        return valid, bad

    def between(self, from_us: int, to_us: int) -> tuple[int, int]:
        """Return the valid and bad events of [from_us, to_us)."""
        (valid, bad), (valid_before, bad_before) = self.at(to_us), self.at(from_us)
        return valid - valid_before, bad - bad_before

    def over(self, steps: range, window_us: int) -> pl.DataFrame:
        """Return valid, bad of [t - window, t): one row a step t."""
        upto, before = self._at(steps, 0), self._at(steps, window_us)
        return upto.select(pl.col("valid") - before["valid"], pl.col("bad") - before["bad"])

    def by_slot(self, from_us: int, to_us: int) -> pl.DataFrame:
        """Return slot, valid, bad of each slot in [from_us, to_us)."""
        first, end = self.slot(from_us), self.slot(to_us)
        inside = self.running.slice(first, end - first + 1).select(pl.all().diff()).tail(-1)
        return inside.with_row_index("slot", first)

    def slot(self, instant_us: int) -> int:
        """Return the number of the slot that begins at an instant."""
        return (instant_us - self.from_us) // self.slot_us

    def slot_us_at(self, slot: int) -> int:
        """Return the instant at which a slot begins."""
        return self.from_us + slot * self.slot_us

    def _at(self, steps: range, before_us: int) -> pl.DataFrame:
        first = self.slot(steps.start - before_us)
        return self.running.slice(first).gather_every(STEP_US // self.slot_us).head(len(steps))


def totals(counted: SlotCounts) -> dict[str, Totals]:
    """Return the running totals of every question that has any valid event."""
    calendar = counted.calendar
    every = pl.DataFrame({"slot": pl.int_range(len(calendar.edges) - 1, eager=True)})
    nothing = pl.DataFrame({"valid": [0], "bad": [0]}, schema=dict.fromkeys(_BOTH, pl.Int128))
    found = {}
    for (question,), rows in counted.counts.partition_by("question", as_dict=True).items():
        dense = every.join(rows, on="slot", how="left", maintain_order="left")
        running = dense.select(pl.col(*_BOTH).fill_null(0).cum_sum())
        found[str(question)] = Totals(
            calendar.from_us, calendar.slot_us, pl.concat([nothing, running])
        )
    return found


_BOTH = ("valid", "bad")
