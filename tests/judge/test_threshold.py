"""A threshold alert rings when its condition has held for long enough."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from math import ceil

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from slo_report.judge.ringing import beyond
from slo_report.judge.steps import STEP_US
from slo_report.judge.threshold import limit_of, threshold_episodes
from slo_report.rollup.alert_questions import Lane
from slo_report.slo_yaml.alert_definition import ThresholdAlert
from slo_report.slo_yaml.targets import Target
from tests.judge.replayed import MONTH_US, Slots, in_steps, totals_of
from tests.judge.test_compliance import question

FAILING = ThresholdAlert("Failing", "slo", 300, 0, bad_ratio_above=Decimal("0.01"))
MONTH = range(MONTH_US, MONTH_US + 100 * STEP_US, STEP_US)


def lane(rule: ThresholdAlert, statistic: str = "ratio", target: str = "0.9") -> Lane:
    op = ">=" if statistic == "ratio" else "<"
    limit = None if rule.statistic is None else Fraction(2)
    return Lane(rule, question(statistic, Target(op, Decimal(target), "ratio")), limit)  # type: ignore[arg-type]


def rung(watched: Lane, slots: Slots) -> list[tuple[int, int | None]]:
    return [
        in_steps(e.from_us, e.to_us)
        for e in threshold_episodes(watched, totals_of(slots, 100), MONTH)
    ]


def test_a_bad_share_that_only_equals_the_limit_does_not_ring() -> None:
    assert rung(lane(FAILING), {10: (100, 1), 20: (100, 2)}) == [(21, 22)]


def test_for_ten_minutes_is_three_steps_in_a_row() -> None:
    held = lane(replace(FAILING, for_s=600))
    bad = dict.fromkeys(range(10, 14), (100, 50))
    # It holds at steps 11 to 14; ten minutes after the first of them it rings.
    assert rung(held, bad) == [(13, 15)]
    assert rung(held, {**bad, 12: (100, 0)}) == []


def test_a_step_without_traffic_ends_what_has_to_hold() -> None:
    held = lane(replace(FAILING, for_s=600))
    bad = {slot: (100, 50) for slot in range(10, 20) if slot != 14}
    assert rung(held, bad) == [(13, 15), (18, 21)]


def test_what_has_held_since_before_the_month_rings_at_its_first_step() -> None:
    held = lane(replace(FAILING, for_s=3600))
    assert rung(held, dict.fromkeys(range(-13, 2), (100, 50))) == [(0, 3)]
    assert rung(held, dict.fromkeys(range(-12, 2), (100, 50))) == [(1, 3)]


def test_a_ratio_on_its_target_is_not_below_it() -> None:
    dip = lane(ThresholdAlert("Dip", "slo", 300, 0, below_target=True))
    assert rung(dip, {10: (100, 10), 20: (100, 11)}) == [(21, 22)]


@given(
    st.lists(st.integers(0, 30), min_size=1, max_size=40),
    st.integers(0, 30),
    st.sampled_from(["p50", "p90", "p99", "p99.9", "max"]),
)
def test_counts_say_of_a_percentile_what_the_percentile_says(
    values: list[int], limit: int, statistic: str
) -> None:
    watched = lane(ThresholdAlert("Slow", "slo", 300, 0, statistic), statistic, "1")
    nearest_rank = sorted(values)[ceil(watched.quantile * len(values)) - 1]
    above = sum(value > limit for value in values)
    window = pl.DataFrame(
        {"valid": [len(values)], "bad": [above]}, schema={"valid": pl.Int128, "bad": pl.Int128}
    )
    assert beyond(window, limit_of(watched)).to_list() == [nearest_rank > limit]
