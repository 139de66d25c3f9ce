"""The stretches of time that a month's report reads."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from slo_report.months import DAY_US, Day, Month, us_of
from slo_report.rollup.calendar import Span
from slo_report.slo_yaml.definition import Slo


@dataclass(frozen=True)
class Windows:
    """The stretches of time that a month's report reads, in the report's zone."""

    month: Month
    days: tuple[Day, ...]
    """The month's local days so far."""

    @classmethod
    def of(cls, month: Month, now: datetime) -> "Windows":
        """Return the windows of a month; of a running month only the days that have begun."""
        now_us = us_of(now)
        begun = tuple(day for day in month.days if day.from_us <= now_us)
        return cls(month, begun or month.days)

    @property
    def span(self) -> Span:
        """The month itself."""
        return Span("month", self.month.from_us, self.month.to_us)

    @cached_property
    def day_spans(self) -> list[Span]:
        """One span a local day, named by its date."""
        return [Span(day.date.isoformat(), day.from_us, day.to_us) for day in self.days]

    def judged(self, slo: Slo) -> Span:
        """Return the span that the SLO's counts are read over."""
        if slo.window.days is None:
            return self.span
        return self._reading(slo.window.days, self.days[-1])

    def readings(self, slo: Slo) -> list[Span]:
        """Return a rolling window's reading at the end of each local day, none for the others."""
        if slo.window.days is None:
            return []
        return [self._reading(slo.window.days, day) for day in self.days]

    @staticmethod
    def _reading(days: int, last: Day) -> Span:
        return Span(f"{days}d to {last.date.isoformat()}", last.to_us - days * DAY_US, last.to_us)
