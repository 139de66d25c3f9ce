"""Threshold alerts over a month: a percentile, a bad share or a target passed for long enough.

Each is a limit on a share of bad events, so that integers decide. A percentile q lies above a
limit where more than (1 - q) of the window's events do; a ratio is below its target where more than
(1 - target) are bad; and a ratio of sums likewise, with the denominator for the events.
"""

from dataclasses import dataclass, replace
from fractions import Fraction

import polars as pl

from slo_report.judge.ringing import Limit, Ringing, beyond, held, ringings, worst
from slo_report.judge.steps import STEP_US, Totals
from slo_report.rollup.alert_questions import Lane
from slo_report.slo_yaml.alert_definition import ThresholdAlert

SECOND_US = 1_000_000


@dataclass(frozen=True)
class ThresholdEpisode:
    """One threshold alert that rang on one row of its SLO."""

    lane: Lane
    from_us: int
    to_us: int | None
    """None where it rang at the month's end (or still rings)."""
    steps: range
    """The instants at which it rang."""
    peak: Fraction | None
    """The worst of the windows: the highest bad share, the lowest ratio, the highest percentile."""


def limit_of(lane: Lane) -> Limit:
    """Return the share of bad events beyond which the alert's condition holds."""
    if lane.rule.bad_ratio_above is not None:
        return Limit(Fraction(lane.rule.bad_ratio_above))
    if lane.rule.below_target:
        return Limit(1 - Fraction(lane.question.target.value))
    return Limit(1 - lane.quantile)


def held_steps(rule: ThresholdAlert) -> int:
    """Return how many steps the condition must have held before the one at which it rings."""
    return -(-rule.for_s * SECOND_US // STEP_US)


def look_back_us(rule: ThresholdAlert) -> int:
    """Return how far before the month the alert has to look to ring at its first step."""
    return rule.over_s * SECOND_US + held_steps(rule) * STEP_US


def threshold_episodes(lane: Lane, totals: Totals, month: range) -> list[ThresholdEpisode]:
    """Return every stretch in which the alert rang; peaks of percentiles are still unknown."""
    if not month:
        return []
    before = held_steps(lane.rule)
    steps = range(month.start - before * STEP_US, month.stop, STEP_US)
    windows = totals.over(steps, lane.rule.over_s * SECOND_US)
    rings = held(beyond(windows, limit_of(lane)), before).tail(len(month))
    within = windows.tail(len(month))
    return [_episode(lane, month, within, ringing) for ringing in ringings(rings)]


def with_peak(episode: ThresholdEpisode, percentiles: dict[int, Fraction]) -> ThresholdEpisode:
    """Return the episode of a percentile with the highest of its windows, by their end."""
    read = [percentiles[step] for step in episode.steps if step in percentiles]
    return replace(episode, peak=max(read, default=None))


def _episode(lane: Lane, month: range, windows: pl.DataFrame, ringing: Ringing) -> ThresholdEpisode:
    steps = month[ringing.first : ringing.end]
    to_us = None if ringing.end is None else month[ringing.end]
    counts = worst(ringing.of(windows))
    peak = None
    if counts is not None and lane.limit is None:
        bad_share = Fraction(counts[1], counts[0])
        peak = 1 - bad_share if lane.rule.below_target else bad_share
    return ThresholdEpisode(lane, steps.start, to_us, steps, peak)
