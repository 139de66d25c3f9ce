"""Which hours of the month have requests, and which lack requests that were due."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction
from statistics import median
from zoneinfo import ZoneInfo

from .months import EPOCH, HOUR_US, Span

DUE_REQUESTS = 20
"""A run of empty hours is a gap where so many requests were due in it."""
EDGE_HOURS = 24
"""Before the first and after the last request, a longer run is judged by the mean."""


@dataclass(frozen=True)
class Coverage:
    """``coverage`` in report.json; gaps as half-open spans."""

    hours: int
    hours_with_data: int
    gaps: list[Span]

    def missing_hours(self) -> Fraction:
        """Return the length of all gaps together."""
        return sum((Fraction(end - start, HOUR_US) for start, end in self.gaps), Fraction(0))


def month_coverage(instants_us: list[int], month: Span, zone: ZoneInfo) -> Coverage:
    """Count the hours of the month and find its gaps."""
    start_us, end_us = month
    hours = -(-(end_us - start_us) // HOUR_US)  # a last half hour is a step too
    counts = [0] * hours
    for instant in instants_us:
        counts[(instant - start_us) // HOUR_US] += 1
    due = _due_by_hour(counts, start_us, zone)
    gaps = []
    for first, last in _empty_runs(counts):
        length = last - first
        at_an_edge = first == 0 or last == hours
        if at_an_edge and length > EDGE_HOURS:
            expected = _mean_per_hour(instants_us) * length
        else:
            expected = sum(due[first:last], Fraction(0))
        if expected >= DUE_REQUESTS:
            gaps.append((start_us + first * HOUR_US, min(start_us + last * HOUR_US, end_us)))
    return Coverage(hours, sum(1 for count in counts if count), gaps)


def _due_by_hour(counts: list[int], start_us: int, zone: ZoneInfo) -> list[Fraction]:
    """Return for each hour the median of the same local hour of the other weeks."""
    alike: dict[tuple[int, int], list[int]] = defaultdict(list)
    slots = []
    for hour in range(len(counts)):
        local = (EPOCH + timedelta(microseconds=start_us + hour * HOUR_US)).astimezone(zone)
        slots.append((local.weekday(), local.hour))
        alike[slots[-1]].append(hour)
    due = []
    for hour, slot in enumerate(slots):
        others = [Fraction(counts[other]) for other in alike[slot] if other != hour]
        due.append(median(others) if others else Fraction(0))
    return due


def _empty_runs(counts: list[int]) -> list[tuple[int, int]]:
    runs = []
    first = 0
    for hour, count in enumerate([*counts, 1]):
        if count:
            if hour > first:
                runs.append((first, hour))
            first = hour + 1
    return runs


def _mean_per_hour(instants_us: list[int]) -> Fraction:
    between_us = max(instants_us) - min(instants_us)
    return Fraction(len(instants_us) * HOUR_US, between_us)
