"""A burn-rate rule rings from the step that reaches it to the first that no longer does."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from slo_report.judge.burn_rate import (
    WORKBOOK,
    BurnEpisode,
    burn_rates_by_hour,
    episodes,
    is_page,
    is_reachable,
)
from slo_report.judge.steps import STEP_US
from slo_report.slo_yaml.alert_definition import BurnRateAlert
from slo_report.slo_yaml.targets import Target
from tests.judge.replayed import HOUR, Slots, burn_of, in_steps, rule
from tests.judge.test_compliance import question

HOURS_OF_30_DAYS = 720


def rung(found: list[BurnEpisode]) -> list[tuple[int, int | None]]:
    """Return from and to of each episode, in steps since the month's start."""
    return [in_steps(e.from_us, e.to_us) for e in found]


def quiet(steps: int, valid: int = 10) -> Slots:
    return dict.fromkeys(range(steps), (valid, 0))


def test_it_rings_from_the_step_after_the_outage_until_the_window_has_forgotten_it() -> None:
    # 20 of the 120 requests of an hour, 16.7%, are 1.7 times the 10% that the target allows.
    burn = burn_of({**quiet(100), 40: (10, 10), 41: (10, 10)})
    assert rung(episodes(burn, [rule("1.5")])) == [(42, 53)]


@given(
    st.integers(1, 10**9).flatmap(lambda valid: st.tuples(st.just(valid), st.integers(1, valid))),
    st.integers(1, 10**6 - 1).map(lambda millionths: Decimal(millionths).scaleb(-6)),
)
def test_a_burn_rate_that_equals_the_threshold_rings_and_a_hair_less_does_not(
    counts: tuple[int, int], target: Decimal
) -> None:
    valid, bad = counts
    exact = Fraction(bad, valid) / (1 - Fraction(target))
    # The threshold as a decimal of nine places at most, as slo.yaml has it, and just above it.
    at_most = Decimal(exact.numerator * 10**9 // exact.denominator).scaleb(-9)
    assume(at_most > 0)
    burn = burn_of({3: (valid, bad)}, target=str(target))
    assert rung(episodes(burn, [rule(str(at_most))])) == [(4, 16)]
    assert not episodes(burn, [rule(str(at_most + Decimal("1e-9")))])


@given(st.integers(1, 500), st.integers(1, 8), st.sampled_from(["0.5", "0.75", "0.9", "0.99"]))
def test_a_tie_that_no_float_gets_right_rings(times: int, tenths: int, target: str) -> None:
    rate = Decimal(tenths) / 10
    bad = times * int(rate * (1 - Decimal(target)) * 1000)
    burn = burn_of({0: (times * 1000, bad)}, target=target)
    assert rung(episodes(burn, [rule(str(rate))])) == [(1, 13)]


def test_a_window_without_events_does_not_ring() -> None:
    burn = burn_of({0: (10, 10), 30: (10, 0)})
    assert rung(episodes(burn, [rule("1", steps=1)])) == [(1, 2)]


def test_what_happened_before_the_month_rings_at_its_first_step() -> None:
    [episode] = episodes(burn_of({-1: (10, 10), **quiet(50)}), [rule("1")])
    assert rung([episode]) == [(0, 10)]
    assert episode.carried_in
    assert episode.detection_us is None
    assert (episode.used_at_start, episode.used_by_end, episode.cost) == (Fraction(0),) * 3
    assert not episode.is_noise


def test_what_rings_at_the_end_has_no_end() -> None:
    [episode] = episodes(burn_of({**quiet(23), 23: (10, 10)}, steps=25), [rule("0.5")])
    assert rung([episode]) == [(24, None)]
    assert episode.used_by_end == Fraction(10, 24)


def test_a_short_window_ends_the_alarm_when_the_outage_ends() -> None:
    slots = {**quiet(100), **dict.fromkeys(range(40, 46), (10, 10))}
    alone, both = rule("2"), rule("2", short=1)
    assert rung(episodes(burn_of(slots), [alone])) == [(43, 56)]
    assert rung(episodes(burn_of(slots), [both])) == [(43, 47)]


def test_an_episode_says_what_was_gone_and_what_it_cost() -> None:
    # 1,000 requests allow 100 bad ones: 10 went at night, 30 in the outage, 20 before it rang.
    slots = {**quiet(100), 10: (10, 10), 60: (10, 10), 61: (10, 10), 62: (10, 10)}
    [episode] = episodes(burn_of(slots), [rule("1.5")])
    assert rung([episode]) == [(62, 74)]
    assert episode.used_at_start == Fraction(30, 100)
    assert episode.used_by_end == Fraction(40, 100)
    assert episode.cost == Fraction(30, 100)
    assert episode.detection_us == 2 * STEP_US
    assert episode.peak == Fraction(30, 120) / Fraction(1, 10)


@pytest.mark.parametrize(("bad", "noise"), [(9, True), (10, False)])
def test_a_page_for_less_than_a_hundredth_of_the_budget_is_noise(bad: int, noise: bool) -> None:
    burn = burn_of({0: (10, bad), 100: (9990, 0)})
    found = episodes(burn, [rule("6", steps=1), rule("5", steps=1)])
    assert [(e.is_page, e.is_noise) for e in found] == [(True, noise), (False, False)]


def test_with_a_target_of_100_percent_the_first_bad_event_rings() -> None:
    [episode] = episodes(burn_of({**quiet(40), 20: (10, 1)}, target="1"), [rule("14")])
    assert rung([episode]) == [(21, 33)]
    assert (episode.peak, episode.used_at_start, episode.cost) == (None, None, None)


def test_a_severity_says_whether_it_wakes_somebody_else_the_rate_does() -> None:
    rules = [rule("1", severity="page-me"), rule("14", severity="Ticket"), rule("6"), rule("5.9")]
    assert [is_page(one) for one in rules] == [True, False, True, False]


def test_three_times_forty_percent_can_never_be_reached() -> None:
    sixty = question("ratio", Target(">=", Decimal("0.6"), "ratio"))
    assert not is_reachable(rule("3"), sixty)
    assert is_reachable(rule("2.5"), sixty)
    everything = burn_of(dict.fromkeys(range(50), (10, 10)), target="0.6")
    assert not episodes(everything, [rule("3")])
    assert episodes(everything, [rule("2.5")])


@pytest.mark.parametrize(
    ("alert", "hours", "percent"),
    [*zip(WORKBOOK, (1, 6, 24, 72), (2, 5, 10, 10), strict=True)],
)
def test_the_workbooks_rules_ring_at_its_shares_of_a_30_day_budget(
    alert: BurnRateAlert, hours: int, percent: int
) -> None:
    assert alert.window_s == hours * 3600
    assert alert.short_window_s == alert.window_s // 12
    assert Fraction(alert.burn_rate) * hours / HOURS_OF_30_DAYS == Fraction(percent, 100)
    # Burning at just that rate, it rings when the long window is full of it, and for one step.
    end = hours * HOUR
    slots = dict.fromkeys(range(-72 * HOUR, end + 2), (1000, 0))
    slots |= dict.fromkeys(range(end), (1000, int(alert.burn_rate * 10)))
    burn = burn_of(slots, target="0.99", steps=end + 2)
    assert rung(episodes(burn, [alert])) == [(end, end + 1)]


def test_the_hours_of_the_picture_show_their_highest_rate() -> None:
    burn = burn_of({0: (10, 0), 5: (10, 1), 30: (10, 10)}, steps=4 * HOUR)
    assert burn_rates_by_hour(burn, 300) == [pytest.approx(1.0), None, pytest.approx(10.0), None]
