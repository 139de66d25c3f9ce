"""Windows are runs of whole periods, whatever overlaps and whatever the clock does."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from slo_report.errors import DefinitionError
from slo_report.months import DAY_US, HOUR_US, Month
from slo_report.rollup.calendar import SLOT_US, Calendar, Span
from slo_report.rollup.windows import Windows
from slo_report.slo_yaml.definition import Slo, Window


def slo(window: Window) -> Slo:
    return Slo("s", "S", None, None, None, None, None, "ratio", window, False, False, ())


def test_overlapping_spans_share_periods_and_none_cuts_a_period() -> None:
    hour = HOUR_US
    spans = [Span("a", 0, 3 * hour), Span("b", 2 * hour, 5 * hour), Span("c", 2 * hour, 3 * hour)]
    calendar = Calendar.of(spans)
    found = calendar.periods_of(spans).rows()
    assert found == [("a", 0), ("a", 1), ("b", 1), ("b", 2), ("c", 1)]
    lengths = [(row["to_slot"] - row["from_slot"]) * SLOT_US for row in calendar.periods]
    assert lengths == [2 * hour, hour, 2 * hour]


def test_a_span_that_does_not_begin_on_a_slot_is_refused() -> None:
    with pytest.raises(DefinitionError, match="use timezone: UTC"):
        Calendar.of([Span("a", 1, SLOT_US)])


def test_thirty_days_that_end_with_the_month_are_720_hours_across_a_clock_change() -> None:
    march = Month("2026-03", ZoneInfo("Europe/Berlin"))
    windows = Windows.of(march, datetime(2026, 6, 1, tzinfo=UTC))
    judged = windows.judged(slo(Window("days", 30)))
    assert judged.to_us == march.to_us
    assert judged.to_us - judged.from_us == 30 * DAY_US
    # It ends in summer time and begins in winter time, so not at midnight.
    assert march.local(judged.from_us).hour == 23


def test_a_rolling_window_is_read_at_the_end_of_each_local_day() -> None:
    april = Month("2026-04", ZoneInfo("UTC"))
    windows = Windows.of(april, datetime(2026, 6, 1, tzinfo=UTC))
    readings = windows.readings(slo(Window("days", 30)))
    assert len(readings) == 30
    assert readings[-1] == windows.judged(slo(Window("days", 30)))


def test_of_a_running_month_the_days_begun_are_read() -> None:
    april = Month("2026-04", ZoneInfo("UTC"))
    windows = Windows.of(april, datetime(2026, 4, 10, 12, tzinfo=UTC))
    assert [span.name for span in windows.day_spans][-1] == "2026-04-10"
    assert windows.judged(slo(Window("days", 7))).to_us == april.days[9].to_us


def test_periods_of_one_length_are_numbered_by_the_time_alone() -> None:
    assert Calendar.every_slot(HOUR_US, 2 * HOUR_US).even_slots == 1
    assert Calendar.of([Span("a", 0, HOUR_US), Span("b", HOUR_US, 2 * HOUR_US)]).even_slots == 12
    assert Calendar.of([Span("a", 0, SLOT_US), Span("b", 0, HOUR_US)]).even_slots is None


def test_a_window_of_seven_minutes_is_a_run_of_slots_of_one() -> None:
    minute = SLOT_US // 5
    span = Span("a", SLOT_US - 7 * minute, SLOT_US)
    calendar = Calendar.every_slot(-HOUR_US, HOUR_US, minute)
    assert len(calendar.periods_of([span])) == 7
    assert calendar.to_us - calendar.from_us == 2 * HOUR_US
