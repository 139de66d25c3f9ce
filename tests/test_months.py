"""Months are cut in the report's zone, half-open, to the microsecond."""

from datetime import UTC, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from slo_report.errors import DefinitionError
from slo_report.months import DAY_US, HOUR_US, Month, parse_month

NOW = datetime(2026, 11, 1, 3, 30, tzinfo=UTC)


def _us(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp()) * 1_000_000


def test_a_month_in_utc_begins_and_ends_at_midnight() -> None:
    month = Month("2026-04", ZoneInfo("UTC"))
    assert (month.from_us, month.to_us) == (
        _us("2026-04-01T00:00:00+00:00"),
        _us("2026-05-01T00:00:00+00:00"),
    )
    assert len(month.days) == 30


@pytest.mark.parametrize(
    ("zone", "text", "lengths"),
    [
        ("Europe/Berlin", "2026-03", {24: 30, 23: 1}),
        ("Europe/Berlin", "2026-10", {24: 30, 25: 1}),
        ("Australia/Lord_Howe", "2026-04", {24: 29, 24.5: 1}),
        ("Asia/Kolkata", "2026-02", {24: 28}),
        # Here the clock skips midnight itself: the day begins at 01:00.
        ("America/Asuncion", "2023-10", {24: 30, 23: 1}),
        ("Asia/Beirut", "2023-03", {24: 30, 23: 1}),
    ],
)
def test_days_of_a_clock_change_are_shorter_or_longer(
    zone: str, text: str, lengths: dict[float, int]
) -> None:
    days = Month(text, ZoneInfo(zone)).days
    found = [(day.to_us - day.from_us) / HOUR_US for day in days]
    assert {length: found.count(length) for length in set(found)} == lengths


def test_days_meet_without_gap_or_overlap() -> None:
    for zone in ("Africa/Cairo", "America/Havana", "Pacific/Apia", "America/Santiago"):
        for text in ("2011-12", "2023-04", "2024-09", "2024-11"):
            days = Month(text, ZoneInfo(zone)).days
            assert all(a.to_us == b.from_us for a, b in pairwise(days))


def test_a_skipped_day_is_empty() -> None:
    days = Month("2011-12", ZoneInfo("Pacific/Apia")).days
    assert [day.date.day for day in days if day.from_us == day.to_us] == [30]
    assert days[-1].to_us - days[0].from_us == 30 * DAY_US


def test_last_is_the_last_complete_month_in_the_zone() -> None:
    assert parse_month("last", ZoneInfo("UTC"), NOW).text == "2026-10"
    # In Honolulu it is still October, so September is the last that is complete.
    assert parse_month("last", ZoneInfo("Pacific/Honolulu"), NOW).text == "2026-09"
    assert parse_month("current", ZoneInfo("Pacific/Honolulu"), NOW).text == "2026-10"


@pytest.mark.parametrize("text", ["2026-13", "26-04", "2026-4", "april", "2026-04-01", ""])
def test_anything_else_is_refused_with_the_right_form(text: str) -> None:
    with pytest.raises(DefinitionError, match="write it as 2026-04"):
        parse_month(text, ZoneInfo("UTC"), NOW)


def test_titles_are_english_whatever_the_locale() -> None:
    assert Month("2026-04", ZoneInfo("UTC")).title == "April 2026"
