"""Was the log there at all: hours with data, and the gaps where requests were due."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from itertools import groupby
from math import ceil
from statistics import median

from slo_report.months import HOUR_US, Month, us_of

DUE_REQUESTS = 20
"""A run of empty hours is a gap only if at least this many requests were due in it."""
LONG_EDGE_HOURS = 24
"""Before the first and after the last request, beyond this the mean of the time between decides."""


@dataclass(frozen=True)
class GapFigure:
    """Whole hours without any request, from hour `first` to before hour `end` of the month."""

    first: int
    end: int
    due: Fraction
    """Requests that were due in it."""


@dataclass(frozen=True)
class CoverageFigures:
    """Steps of 3600 s of the month (of a running month: so far)."""

    hours: int
    hours_with_data: int
    gaps: tuple[GapFigure, ...]

    @property
    def missing_hours(self) -> int:
        """Hours inside gaps."""
        return sum(gap.end - gap.first for gap in self.gaps)

    @property
    def missing_share(self) -> Fraction:
        """Share of the hours that are missing."""
        return Fraction(self.missing_hours, self.hours) if self.hours else Fraction(0)

    @property
    def due(self) -> int:
        """Requests that were due in all gaps, rounded up."""
        return ceil(sum((gap.due for gap in self.gaps), Fraction(0)))


def coverage(requests_by_hour: dict[int, int], month: Month, now: datetime) -> CoverageFigures:
    """Return the coverage of a month from its requests by hour (steps since the month's start)."""
    end_us = min(month.to_us, us_of(now))
    hours = max(0, -(-(end_us - month.from_us) // HOUR_US))
    counts = [requests_by_hour.get(hour, 0) for hour in range(hours)]
    places = [hour_of_week(month, hour) for hour in range(hours)]
    due = _due_by_hour(counts, places)
    return CoverageFigures(hours, sum(count > 0 for count in counts), _gaps(counts, due))


def hour_of_week(month: Month, hour: int) -> tuple[int, int]:
    """Return weekday and hour on the report's clock: people keep their hours when clocks change."""
    local = month.local(month.from_us + hour * HOUR_US)
    return local.weekday(), local.hour


def _due_by_hour(counts: Sequence[int], places: Sequence[tuple[int, int]]) -> list[Fraction]:
    """Return how many requests were due in each hour without any, 0 in the others."""
    weekly: dict[tuple[int, int], list[int]] = defaultdict(list)
    for place, count in zip(places, counts, strict=True):
        weekly[place].append(count)
    with_data = [hour for hour, count in enumerate(counts) if count]
    if not with_data:
        return [Fraction(0)] * len(counts)
    first, last = with_data[0], with_data[-1]
    mean = Fraction(sum(counts), last - first + 1)
    due = []
    for hour, count in enumerate(counts):
        edge = first if hour < first else len(counts) - 1 - last if hour > last else 0
        if count:
            due.append(Fraction(0))
        elif edge >= LONG_EDGE_HOURS:
            due.append(mean)
        else:
            due.append(_usual(weekly[places[hour]]))
    return due


def _usual(counts: Sequence[int]) -> Fraction:
    """Return the median of the other weeks, given all weeks of an hour of which one is empty."""
    others = sorted(counts)[1:]
    return Fraction(median(others)) if others else Fraction(0)


def _gaps(counts: Sequence[int], due: Sequence[Fraction]) -> tuple[GapFigure, ...]:
    """Return the runs of empty hours in which enough requests were due."""
    gaps = []
    for empty, run in groupby(range(len(counts)), key=lambda hour: counts[hour] == 0):
        hours = list(run)
        total = sum((due[hour] for hour in hours), Fraction(0))
        if empty and total >= DUE_REQUESTS:
            gaps.append(GapFigure(hours[0], hours[-1] + 1, total))
    return tuple(gaps)
