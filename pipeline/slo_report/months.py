"""Months and days as half-open stretches of time, cut in the report's zone.

All instants are integer microseconds since 1970 UTC; a day of a clock change has 23 or 25 hours.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from slo_report.errors import DefinitionError

HOUR_US = 3_600_000_000
DAY_US = 24 * HOUR_US
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Day:
    """One local day: [from_us, to_us)."""

    date: date
    from_us: int
    to_us: int


@dataclass(frozen=True)
class Month:
    """One calendar month in a zone: [from_us, to_us)."""

    text: str
    """2026-04."""
    zone: ZoneInfo

    @cached_property
    def days(self) -> tuple[Day, ...]:
        """The local days of the month, in order."""
        first = _first_day(self.text)
        days = []
        while first.strftime("%Y-%m") == self.text:
            following = first + timedelta(days=1)
            days.append(
                Day(first, _midnight_us(first, self.zone), _midnight_us(following, self.zone))
            )
            first = following
        return tuple(days)

    @property
    def from_us(self) -> int:
        """The first microsecond of the month."""
        return self.days[0].from_us

    @property
    def to_us(self) -> int:
        """The first microsecond after the month."""
        return self.days[-1].to_us

    @property
    def title(self) -> str:
        """April 2026, in English whatever the machine's locale is."""
        first = self.days[0].date
        return f"{MONTH_NAMES[first.month - 1]} {first.year}"

    @property
    def previous(self) -> "Month":
        """The month before."""
        return Month((self.days[0].date - timedelta(days=1)).strftime("%Y-%m"), self.zone)

    def since(self, first: "Month") -> list["Month"]:
        """Return the months from `first` to this one, oldest first; none if it is later."""
        months = [self]
        while months[-1].text > first.text:
            months.append(months[-1].previous)
        return months[::-1] if months[-1].text == first.text else []

    def local(self, instant_us: int) -> datetime:
        """Return the instant on the report's clock."""
        return instant_of(instant_us).astimezone(self.zone)


MONTH_NAMES = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def parse_month(text: str, zone: ZoneInfo, now: datetime, *, option: str = "--month") -> Month:
    """Return the month that `text` names: 2026-04, `last` (complete in the zone) or `current`.

    Raises DefinitionError, which names the option, for anything else.
    """
    here = now.astimezone(zone)
    if text == "current":
        return Month(here.strftime("%Y-%m"), zone)
    if text == "last":
        return Month(here.strftime("%Y-%m"), zone).previous
    if not re.fullmatch(r"(19[7-9]\d|2\d{3})-(0[1-9]|1[0-2])", text):
        raise DefinitionError(
            f"{option} {text!r} is no month; write it as 2026-04, or last, or current"
        )
    return Month(text, zone)


def day_text(day: date | str) -> str:
    """Return `Apr 17`, of a date or of its text 2026-04-17."""
    on = date.fromisoformat(day) if isinstance(day, str) else day
    return f"{MONTH_NAMES[on.month - 1][:3]} {on.day}"


def us_of(instant: datetime) -> int:
    """Return an instant as whole microseconds since 1970 UTC."""
    return (instant - _EPOCH) // timedelta(microseconds=1)


def instant_of(instant_us: int) -> datetime:
    """Return the instant, in UTC, of microseconds since 1970."""
    return _EPOCH + timedelta(microseconds=instant_us)


def _first_day(text: str) -> date:
    return date(int(text[:4]), int(text[5:]), 1)


def _midnight_us(day: date, zone: ZoneInfo) -> int:
    """Return the instant the local day begins.

    Where the clock skips midnight itself, the day begins at the first time that exists.
    """
    wall = datetime(day.year, day.month, day.day, tzinfo=zone)
    instant = wall.astimezone(UTC)
    if instant.astimezone(zone).date() < day or instant.astimezone(zone).hour > 0:
        instant = (datetime(day.year, day.month, day.day, tzinfo=zone, fold=1)).astimezone(UTC)
        before, after = instant - timedelta(hours=3), instant + timedelta(hours=3)
        while after - before > timedelta(microseconds=1):
            middle = before + (after - before) / 2
            before, after = (
                (before, middle) if middle.astimezone(zone).date() >= day else (middle, after)
            )
        instant = after
    return us_of(instant)
