"""A quiet night is no gap; a silent afternoon is."""

from datetime import UTC, datetime
from fractions import Fraction
from zoneinfo import ZoneInfo

from slo_report.judge.coverage import coverage
from slo_report.months import Month

APRIL = Month("2026-04", ZoneInfo("UTC"))
LATER = datetime(2026, 6, 1, tzinfo=UTC)
EVERY_HOUR = dict.fromkeys(range(720), 100)


def test_a_full_month_has_no_gap() -> None:
    found = coverage(EVERY_HOUR, APRIL, LATER)
    assert (found.hours, found.hours_with_data, found.gaps) == (720, 720, ())


def test_hours_without_requests_where_many_were_due_are_a_gap() -> None:
    found = coverage({h: n for h, n in EVERY_HOUR.items() if not 100 <= h < 103}, APRIL, LATER)
    assert [(gap.first, gap.end, int(gap.due)) for gap in found.gaps] == [(100, 103, 300)]
    assert found.missing_share == Fraction(3, 720)


def test_nights_that_are_always_thin_are_no_gaps() -> None:
    office = {hour: 500 for hour in range(720) if 8 <= hour % 24 < 18}
    assert coverage(office, APRIL, LATER).gaps == ()


def test_with_19_due_there_is_no_gap_and_with_20_there_is() -> None:
    for usual, gaps in ((19, 0), (20, 1)):
        thin = {hour: usual for hour in range(720) if hour != 400}
        assert len(coverage(thin, APRIL, LATER).gaps) == gaps


def test_a_thin_service_misses_requests_when_enough_hours_are_empty() -> None:
    thin = {hour: 5 for hour in range(720) if not 400 <= hour < 404}
    assert [(gap.first, gap.end, int(gap.due)) for gap in coverage(thin, APRIL, LATER).gaps] == [
        (400, 404, 20)
    ]


def test_the_hour_of_the_week_is_that_of_the_reports_clock() -> None:
    berlin = Month("2026-03", ZoneInfo("Europe/Berlin"))
    # Office hours in Berlin begin an hour earlier in UTC from the 29th on.
    office = {
        hour: 500
        for hour in range(743)
        if 8 <= berlin.local(berlin.from_us + hour * 3_600_000_000).hour < 18
    }
    assert coverage(office, berlin, LATER).gaps == ()


def test_a_log_that_begins_late_misses_the_days_before() -> None:
    late = dict.fromkeys(range(100, 720), 50)
    found = coverage(late, APRIL, LATER)
    assert [(gap.first, gap.end) for gap in found.gaps] == [(0, 100)]
    assert found.due == 5000


def test_the_edges_of_a_month_may_be_quiet_for_a_day() -> None:
    # The other weeks tell what was due before the first request, unless there are none.
    early = dict.fromkeys(range(20, 720), 50)
    week = dict.fromkeys(range(20, 168), 50)
    assert [(g.first, g.end) for g in coverage(early, APRIL, LATER).gaps] == [(0, 20)]
    assert [(g.first, g.end) for g in coverage(week, APRIL, LATER).gaps] == [(168, 720)]


def test_a_running_month_is_covered_so_far() -> None:
    now = datetime(2026, 4, 3, 12, 30, tzinfo=UTC)
    found = coverage(dict.fromkeys(range(61), 10), APRIL, now)
    assert (found.hours, found.hours_with_data, found.gaps) == (61, 61, ())


def test_no_request_at_all_is_no_figure_to_measure_gaps_by() -> None:
    assert coverage({}, APRIL, LATER).hours_with_data == 0
