"""A running month carried on: exact, never before now, and by the traffic rather than the clock."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slo_report.judge.outlook import exhausted_on, exhausted_since, month_traffic
from slo_report.months import HOUR_US, Month

APRIL = Month("2026-04", ZoneInfo("UTC"))
BERLIN = Month("2026-03", ZoneInfo("Europe/Berlin"))
HOURS = 720
START = datetime(2026, 4, 1, tzinfo=UTC)


def us(moment: datetime) -> int:
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def steady(hours: int, an_hour: int = 10) -> dict[int, int]:
    return dict.fromkeys(range(hours), an_hour)


traffics = st.dictionaries(st.integers(0, HOURS - 1), st.integers(0, 1000), max_size=60)
nows = st.integers(0, HOURS * 3600 - 1).map(lambda seconds: START + timedelta(seconds=seconds))
useds = st.fractions(0, 50, max_denominator=10_000)


def test_steady_traffic_is_as_far_as_the_clock() -> None:
    traffic = month_traffic(steady(240), APRIL, START + timedelta(hours=240))
    assert (traffic.share_seen, traffic.by) == (Fraction(1, 3), "hour of the week")


def test_in_the_first_week_the_time_that_is_left_decides() -> None:
    traffic = month_traffic(steady(48), APRIL, START + timedelta(hours=48))
    assert (traffic.share_seen, traffic.by) == (Fraction(48, HOURS), "time")


def test_days_of_the_week_come_as_they_did() -> None:
    """April 2026 begins on a Wednesday: after two weeks, of 16 days to come 4 are weekend days."""
    seen = {
        hour: 10 for hour in range(336) if (START + timedelta(hours=hour)).weekday() < 5
    }  # fmt: skip
    traffic = month_traffic(seen, APRIL, START + timedelta(hours=336))
    assert traffic.share_seen == Fraction(10, 22)


def test_a_log_that_ends_before_now_is_not_taken_for_silence() -> None:
    traffic = month_traffic(steady(240), APRIL, START + timedelta(hours=300))
    assert traffic.until_us == us(START + timedelta(hours=240))
    assert traffic.share_seen == Fraction(1, 3)


def test_the_whole_months_budget_is_gone_when_its_share_of_the_requests_has_come() -> None:
    """Twice what the traffic allows: gone at half of the month's requests."""
    traffic = month_traffic(steady(240), APRIL, START + timedelta(hours=240))
    assert exhausted_on(Fraction(2), traffic) == us(START + timedelta(hours=360))


def test_what_is_gone_already_is_not_foreseen() -> None:
    traffic = month_traffic(steady(240), APRIL, START + timedelta(hours=240))
    assert exhausted_on(Fraction(3), traffic) is None


@pytest.mark.parametrize("used", [None, Fraction(0), Fraction(99, 100), Fraction(1)])
def test_a_budget_that_lasts_is_never_exhausted(used: Fraction | None) -> None:
    traffic = month_traffic(steady(240), APRIL, START + timedelta(hours=240))
    assert exhausted_on(used, traffic) is None


@given(traffics, nows, useds)
def test_nothing_is_foreseen_before_now_or_after_the_month(
    seen: dict[int, int], now: datetime, used: Fraction
) -> None:
    so_far = {hour: n for hour, n in seen.items() if START + timedelta(hours=hour) <= now}
    traffic = month_traffic(so_far, APRIL, now)
    assert 0 <= traffic.share_seen <= 1
    on = exhausted_on(used, traffic)
    if on is not None:
        assert us(now) <= on <= APRIL.to_us
        assert used > 1


@given(traffics, nows, useds)
def test_at_that_instant_so_many_requests_have_come(
    seen: dict[int, int], now: datetime, used: Fraction
) -> None:
    """An independent sum: whole hours before it, and the hour's part at an even pace."""
    so_far = {hour: n for hour, n in seen.items() if START + timedelta(hours=hour) <= now}
    traffic = month_traffic(so_far, APRIL, now)
    on = exhausted_on(used, traffic)
    if on is None or on == us(now):
        return
    come, before, start = Fraction(0), Fraction(0), APRIL.from_us
    for end, upto in traffic.hours:
        part = min(max(Fraction(on - start, end - start), Fraction(0)), Fraction(1))
        come += (upto - before) * part
        before, start = upto, end
    one_us = max((b - a for (_, a), (_, b) in zip(traffic.hours, traffic.hours[1:], strict=False)))
    assert 0 <= come - traffic.whole / used <= one_us / HOUR_US


@given(
    st.lists(
        st.tuples(st.integers(0, 400), st.integers(1, 50)), max_size=30, unique_by=lambda p: p[0]
    ),
    st.fractions(0, 500, max_denominator=100),
)
def test_exhausted_since_the_first_hour_by_which_the_bad_reached_what_is_allowed(
    bad_by_hour: list[tuple[int, int]], allowed: Fraction
) -> None:
    now_us = us(START + timedelta(hours=401))
    since = exhausted_since(bad_by_hour, allowed, APRIL, now_us)
    by_end = [
        (hour, sum(bad for h, bad in bad_by_hour if h <= hour)) for hour in range(401)
    ]  # fmt: skip
    reached = [hour for hour, bad in by_end if bad and bad >= allowed]
    assert since == (APRIL.from_us + (reached[0] + 1) * HOUR_US if reached else None)


def test_a_clock_change_leaves_the_hours_of_the_week_on_the_reports_clock() -> None:
    start = datetime(2026, 3, 1, tzinfo=ZoneInfo("Europe/Berlin"))
    seen = {
        hour: 7
        for hour in range(14 * 24)
        if (start.astimezone(UTC) + timedelta(hours=hour)).astimezone(start.tzinfo).hour == 9
    }
    traffic = month_traffic(seen, BERLIN, start + timedelta(days=14))
    assert len(traffic.hours) == 743
    assert traffic.whole == 31 * 7
