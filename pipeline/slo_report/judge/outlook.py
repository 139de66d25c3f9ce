"""A running month carried on: how much of its traffic is over, and when a budget will be gone.

What a budget allows grows with the traffic, so time alone does not tell when it is used up: the
requests still to come are taken from the pattern of the weeks seen. All of it is exact.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from itertools import accumulate
from math import ceil
from typing import Literal

from slo_report.judge.coverage import hour_of_week
from slo_report.months import HOUR_US, Month, us_of

HOURS_OF_WEEK = 168
"""From so many hours on, each hour of the week was seen at least once."""

By = Literal["hour of the week", "time"]


@dataclass(frozen=True)
class Traffic:
    """The requests of a month, hour by hour: seen up to `until_us`, expected from there on."""

    month: Month
    now_us: int
    until_us: int
    """The end of the last hour with requests, at most now."""
    by: By
    hours: tuple[tuple[int, Fraction], ...]
    """Each hour's end (us since 1970 UTC) and the requests of the month up to it, rising."""

    @property
    def whole(self) -> Fraction:
        """The requests expected of the whole month."""
        return self.hours[-1][1] if self.hours else Fraction(0)

    @property
    def share_seen(self) -> Fraction:
        """Share of the month's expected requests that came by `until_us`."""
        seen = next((upto for end, upto in self.hours if end >= self.until_us), self.whole)
        return seen / self.whole if self.whole else Fraction(0)

    def instant_of(self, share: Fraction) -> int:
        """Return when that share of the month's requests will have come; never before now."""
        goal = share * self.whole
        place = bisect_left(self.hours, goal, key=lambda hour: hour[1])
        end_us, upto = self.hours[min(place, len(self.hours) - 1)]
        start_us, before = self.hours[place - 1] if place else (self.month.from_us, Fraction(0))
        part = (goal - before) / (upto - before) if upto > before else Fraction(1)
        return max(self.now_us, start_us + ceil(part * (end_us - start_us)))


def month_traffic(requests_by_hour: Mapping[int, int], month: Month, now: datetime) -> Traffic:
    """Return the traffic of a month from its requests by hour (steps since the month's start)."""
    now_us = us_of(now)
    ends = [
        min(start + HOUR_US, month.to_us) for start in range(month.from_us, month.to_us, HOUR_US)
    ]
    seen_hours = max((hour + 1 for hour, count in requests_by_hour.items() if count), default=0)
    until_us = min(ends[seen_hours - 1] if seen_hours else month.from_us, now_us)
    seen = [requests_by_hour.get(hour, 0) for hour in range(seen_hours)]
    by: By = "hour of the week" if seen_hours >= HOURS_OF_WEEK else "time"
    expected = (
        _by_hour_of_week(month, seen, ends) if by == "hour of the week" else _by_time(seen, ends)
    )
    counts = [Fraction(count) for count in seen] + expected
    return Traffic(month, now_us, until_us, by, tuple(zip(ends, accumulate(counts), strict=True)))


def exhausted_since(
    bad_by_hour: Sequence[tuple[int, int]], allowed: Fraction, month: Month, now_us: int
) -> int | None:
    """Return the end of the first hour by which the bad events reached `allowed`, None if never.

    Where nothing is allowed, the first bad event does.
    """
    total = 0
    for hour, bad in sorted(bad_by_hour):
        total += bad
        if total and total >= allowed:
            return min(month.from_us + (hour + 1) * HOUR_US, month.to_us, now_us)
    return None


def exhausted_on(used: Fraction | None, traffic: Traffic) -> int | None:
    """Return when the whole month's budget is gone if the share of bad events stays what it is.

    `used` is of what the traffic so far allows. The month's budget is that divided by the share of
    requests seen, so it is gone when 1 / used of the month's requests have come. None: not within
    the month, or gone already.
    """
    if used is None or used <= 1 or used * traffic.share_seen >= 1:
        return None
    return traffic.instant_of(1 / used)


def _by_hour_of_week(month: Month, seen: Sequence[int], ends: Sequence[int]) -> list[Fraction]:
    """Return the mean of the same hour of the week, on the report's clock, for each hour to come.

    An hour that a clock change made rare takes the mean of all.
    """
    weekly: dict[tuple[int, int], list[int]] = defaultdict(list)
    for hour, count in enumerate(seen):
        weekly[hour_of_week(month, hour)].append(count)
    means = {place: Fraction(sum(counts), len(counts)) for place, counts in weekly.items()}
    mean = Fraction(sum(seen), len(seen))
    return [means.get(hour_of_week(month, hour), mean) for hour in range(len(seen), len(ends))]


def _by_time(seen: Sequence[int], ends: Sequence[int]) -> list[Fraction]:
    mean = Fraction(sum(seen), len(seen)) if seen else Fraction(0)
    return [mean] * (len(ends) - len(seen))
