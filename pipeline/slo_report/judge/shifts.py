"""When a daily figure left its target and came back."""

from collections.abc import Sequence
from dataclasses import dataclass

from slo_report.judge.counts import Counts
from slo_report.judge.evidence import evidence, price_of_stretch

LEAST_DAYS = 3
"""Fewer days beyond a target are single bad days."""


@dataclass(frozen=True)
class ShiftFigures:
    """Places [first, end) in a series of days."""

    first: int
    end: int
    missed: int
    outside: int
    """Days beyond the target that are not among them."""


def longest_shift(met: Sequence[bool], events: Sequence[Counts]) -> ShiftFigures | None:
    """Return the run of days with the greatest surplus of missed ones; None if there is none.

    A day that was met inside it ends it only if the days after it don't make up for it. No shift
    is what begins with the month's first day and ends with its last: nothing changed then; nor
    what holds less than two thirds of the days that were missed; nor what chance brings about: the
    days' `events` must tell the run from the others. (Where most days are missed by chance, a run
    that leaves a day or two out is always found.)
    """
    best, first, surplus = (0, 0, 0), 0, 0
    for place, is_met in enumerate(met):
        surplus += -1 if is_met else 1
        if surplus <= 0:
            first, surplus = place + 1, 0
        elif surplus > best[0]:
            best = (surplus, first, place + 1)
    _, first, end = best
    missed = sum(not day for day in met[first:end])
    outside = sum(not day for day in met) - missed
    if missed < LEAST_DAYS or (first == 0 and end == len(met)) or missed < 2 * outside:
        return None
    inside, whole = _sum(events[first:end]), _sum(events)
    if evidence(inside, whole) <= price_of_stretch(end - first, len(met)):
        return None
    return ShiftFigures(first, end, missed, outside)


def _sum(days: Sequence[Counts]) -> Counts:
    return Counts(sum(day.valid for day in days), sum(day.bad for day in days))
