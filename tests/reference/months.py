"""Instants as integers of microseconds since 1970 UTC; months and days cut in a zone."""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
HOUR_US = 3600 * 10**6
Span = tuple[int, int]
"""Half-open: the first microsecond inside, the first one after."""


def instant_us(moment: datetime) -> int:
    """Return an aware datetime as microseconds, without a float on the way."""
    return (moment.astimezone(UTC) - EPOCH) // timedelta(microseconds=1)


def local_midnight_us(day: date, zone: ZoneInfo) -> int:
    """Return when a local day begins."""
    return instant_us(datetime(day.year, day.month, day.day, tzinfo=zone))


def days_of_month(month: str) -> list[date]:
    """Return the dates of a month written "2026-04"."""
    first = date.fromisoformat(f"{month}-01")
    days = [first + timedelta(days=n) for n in range(31)]
    return [day for day in days if day.month == first.month]


@lru_cache
def day_spans(month: str, zone: ZoneInfo) -> list[tuple[date, Span]]:
    """Return each local day of the month with its span; 23, 24, 25 h or half an hour between."""
    return [
        (day, (local_midnight_us(day, zone), local_midnight_us(day + timedelta(days=1), zone)))
        for day in days_of_month(month)
    ]


def month_span(month: str, zone: ZoneInfo) -> Span:
    """Return the month's span."""
    days = day_spans(month, zone)
    return days[0][1][0], days[-1][1][1]


def window_days(window: str) -> int | None:
    """Return n of an ``nd`` window, None for ``month`` and ``day``."""
    return int(window[:-1]) if window[:-1].isdigit() else None


def span_ending(end_us: int, days: int) -> Span:
    """Return the n x 24 h that end at an instant: elapsed time, whatever the clocks did."""
    return end_us - days * 24 * HOUR_US, end_us


def local_us(text: str, zone: ZoneInfo, *, last: bool = False) -> int:
    """Read a time of slo.yaml; without an offset it is in the report's zone.

    Of an hour that comes twice it is in the first, or in the last.
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo:
        return instant_us(moment)
    first, second = (instant_us(moment.replace(tzinfo=zone, fold=fold)) for fold in (0, 1))
    return max(first, second) if last else first
