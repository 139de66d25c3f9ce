"""When alerts ring, by looking at every five minutes of the month again: slow, and plain."""

from bisect import bisect_left
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from math import ceil

from .months import Span

STEP_US = 300 * 10**6
MINUTE_US = 60 * 10**6


@dataclass(frozen=True)
class Happened:
    """A valid event: when, whether it was good, what was measured of it."""

    ts_us: int
    good: bool
    value: Fraction = Fraction(0)
    divisor: Fraction = Fraction(0)


@dataclass(frozen=True)
class BurnRule:
    """One entry of ``burn_rate_alerts``."""

    minutes: int
    rate: Fraction
    short_minutes: int | None = None


@dataclass(frozen=True)
class Rang:
    """From the first step at which it rang to the first at which it no longer did."""

    from_us: int
    to_us: int | None


class Log:
    """Events in order of time."""

    def __init__(self, events: Iterable[Happened]) -> None:
        self._events = sorted(events, key=lambda event: event.ts_us)
        self._times = [event.ts_us for event in self._events]
        self._bad = [event.ts_us for event in self._events if not event.good]

    def within(self, from_us: int, to_us: int) -> list[Happened]:
        """Return the events of [from, to)."""
        first, end = bisect_left(self._times, from_us), bisect_left(self._times, to_us)
        return self._events[first:end]

    def counts(self, from_us: int, to_us: int) -> tuple[int, int]:
        """Return how many events [from, to) has, and how many of them are bad."""
        valid, bad = (
            bisect_left(times, to_us) - bisect_left(times, from_us)
            for times in (self._times, self._bad)
        )
        return valid, bad


def steps(month: Span, now_us: int) -> list[int]:
    """Return the instants at which alerts are looked at."""
    return [t for t in range(month[0], month[1], STEP_US) if t <= now_us]


def rings_by_step(at: list[int], rings: Callable[[int], bool]) -> list[Rang]:
    """Return the episodes of an alert that rings at some steps."""
    found: list[Rang] = []
    since: int | None = None
    for t in at:
        if rings(t):
            since = t if since is None else since
        elif since is not None:
            found.append(Rang(since, t))
            since = None
    return [*found, Rang(since, None)] if since is not None else found


def burn_episodes(log: Log, target: Fraction, rule: BurnRule, at: list[int]) -> list[Rang]:
    """Return when the burn rate had reached the threshold, over both windows."""
    windows = [n for n in (rule.minutes, rule.short_minutes) if n is not None]

    def rings(t: int) -> bool:
        rates = [burn_rate(log.counts(t - n * MINUTE_US, t), target) for n in windows]
        return all(rate is not None and rate >= rule.rate for rate in rates)

    return rings_by_step(at, rings)


def burn_rate(counts: tuple[int, int], target: Fraction) -> Fraction | None:
    """Return the share of bad events over the share that is allowed; None without events."""
    valid, bad = counts
    return Fraction(bad, valid) / (1 - target) if valid else None


def peak(log: Log, target: Fraction, rule: BurnRule, rang: Rang, at: list[int]) -> Fraction:
    """Return the highest burn rate over the long window while it rang."""
    rates = [
        burn_rate(log.counts(t - rule.minutes * MINUTE_US, t), target)
        for t in at
        if rang.from_us <= t and (rang.to_us is None or t < rang.to_us)
    ]
    return max(rate for rate in rates if rate is not None)


def budget_used(log: Log, target: Fraction, month: Span, from_us: int, to_us: int) -> Fraction:
    """Return the share of the month's budget that went in a stretch of the month."""
    allowed = (1 - target) * log.counts(*month)[0]
    return log.counts(max(from_us, month[0]), min(to_us, month[1]))[1] / allowed


def first_bad(log: Log, target: Fraction, rule: BurnRule, from_us: int, slot_us: int) -> int:
    """Return the first bad event of what set an alert off.

    Of all beginnings at a slot with a bad event, the one from which on the bad events exceed what
    the threshold lets pass by most; the earliest of equals.
    """
    best: tuple[Fraction, int] | None = None
    for start in range(from_us - rule.minutes * MINUTE_US, from_us, slot_us):
        bad = [e.ts_us for e in log.within(start, start + slot_us) if not e.good]
        if not bad:
            continue
        valid, since = log.counts(start, from_us)
        excess = since - rule.rate * (1 - target) * valid
        if best is None or excess > best[0]:
            best = (excess, bad[0])
    assert best is not None
    return best[1]


def threshold_episodes(at: list[int], minutes: int, holds: Callable[[int], bool]) -> list[Rang]:
    """Return when a condition held and had held for so long before, step by step."""
    remembered = cache(holds)

    def rings(t: int) -> bool:
        return all(remembered(t - n * STEP_US) for n in range(ceil(minutes / 5) + 1))

    return rings_by_step(at, rings)


def bad_share(events: list[Happened]) -> Fraction | None:
    """Return the share of bad events."""
    return Fraction(sum(not e.good for e in events), len(events)) if events else None


def good_share(events: list[Happened]) -> Fraction | None:
    """Return the share of good events."""
    return Fraction(sum(e.good for e in events), len(events)) if events else None


def ratio_of_sums(events: list[Happened]) -> Fraction | None:
    """Return the sum of values over the sum of divisors."""
    below = sum((e.divisor for e in events), Fraction(0))
    return sum((e.value for e in events), Fraction(0)) / below if below else None


def percentile(events: list[Happened], share: Fraction) -> Fraction | None:
    """Return the nearest rank's value."""
    return sorted(e.value for e in events)[ceil(share * len(events)) - 1] if events else None
