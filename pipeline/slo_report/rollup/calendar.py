"""Time cut into periods so that every window is a run of whole periods.

A period is a stretch of time inside which no window begins or ends. The SQL counts by period;
any number of windows, overlapping or not, are then sums over the same counts.
"""

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

import polars as pl

from slo_report.errors import DefinitionError

SLOT_US = 300_000_000
"""Five minutes: the finest step of burn-rate windows, and a divisor of every zone's offset."""


@dataclass(frozen=True)
class Span:
    """A named window [from_us, to_us)."""

    name: str
    from_us: int
    to_us: int


@dataclass(frozen=True)
class Calendar:
    """Sorted slot numbers at which a new period begins; the last one ends the calendar."""

    edges: tuple[int, ...]
    slot_us: int = SLOT_US
    """Length of a slot; a minute where an alert's window is no multiple of five."""

    @classmethod
    def of(cls, spans: Iterable[Span], slot_us: int = SLOT_US) -> "Calendar":
        """Return the coarsest calendar in which each of `spans` is a run of whole periods."""
        instants = {edge for span in spans for edge in (span.from_us, span.to_us)}
        return cls(tuple(sorted(slot_of(instant, slot_us) for instant in instants)), slot_us)

    @classmethod
    def every_slot(cls, from_us: int, to_us: int, slot_us: int = SLOT_US) -> "Calendar":
        """Return the calendar of single slots between two instants."""
        return cls(tuple(range(slot_of(from_us, slot_us), slot_of(to_us, slot_us) + 1)), slot_us)

    @property
    def even_slots(self) -> int | None:
        """The slots of each period where all have as many: its number follows from the time."""
        lengths = {end - start for start, end in pairwise(self.edges)}
        return lengths.pop() if len(lengths) == 1 else None

    @property
    def from_us(self) -> int:
        """The first microsecond of the calendar."""
        return self.edges[0] * self.slot_us

    @property
    def to_us(self) -> int:
        """The first microsecond after it."""
        return self.edges[-1] * self.slot_us

    @property
    def periods(self) -> list[dict[str, int]]:
        """One row a period: its number and its slots, [from_slot, to_slot)."""
        return [
            {"period": number, "from_slot": start, "to_slot": end}
            for number, (start, end) in enumerate(pairwise(self.edges))
        ]

    def periods_of(self, spans: Iterable[Span]) -> pl.DataFrame:
        """Return one row per span and period inside it: columns span, period."""
        rows = [
            (span.name, period)
            for span in spans
            for period in range(
                bisect_left(self.edges, slot_of(span.from_us, self.slot_us)),
                bisect_left(self.edges, slot_of(span.to_us, self.slot_us)),
            )
        ]
        return pl.DataFrame(rows, schema={"span": pl.String, "period": pl.Int64}, orient="row")


def slot_of(instant_us: int, slot_us: int = SLOT_US) -> int:
    """Return the slot that begins at an instant."""
    slot, rest = divmod(instant_us, slot_us)
    if rest:
        raise DefinitionError(
            "the zone's clock was off from UTC by a part of five minutes in this month; "
            "use timezone: UTC for it"
        )
    return slot
