"""One objective: its figure, its budget, and what is said beside it."""

from typing import Literal

from slo_report.judge.verdicts import Verdict
from slo_report.report.parts.part import Part, Scope, Span


class TargetText(Part):
    """A target, exact and as printed."""

    op: Literal[">=", ">", "<=", "<"]
    value: str
    """Decimal string; ratios as fractions ("0.995"), times in seconds ("5")."""
    unit: str
    text: str
    """As printed behind the word target: "99.5%", "< 5s"."""


class Budget(Part):
    """An error budget: what it allowed and what is gone of it."""

    allowed: float
    used_events: int
    used: float | None
    """Share of the budget that is gone; null where nothing is allowed."""
    text: str
    """Used, as printed: "76%", "n/a"."""
    state: str
    minutes: float
    minutes_used: float | None


class Reading(Part):
    """A value on a day."""

    value: float | None
    text: str
    on: str
    """Local date, 2026-04-17."""


class Periods(Part):
    """Days of a `window: day`, or the worst reading of a rolling window."""

    met: int | None = None
    total: int | None = None
    worst: float | None = None
    worst_text: str | None = None
    worst_on: str | None = None
    month_value: float | None = None
    month_text: str | None = None
    worst_reading: Reading | None = None


class Seen(Part):
    """The same figure with nothing excluded: what the customer saw."""

    value: float | None
    text: str
    verdict: Verdict
    valid: int
    good: int | None
    bad: int | None


class Unmeasured(Part):
    """The share of good events if every unmeasured line had been bad, or good."""

    lines: int
    low: float
    low_text: str
    high: float
    high_text: str
    verdict_holds: bool
    """True where the verdict would be the same either way."""


class Change(Part):
    """The same objective in the month before."""

    month: str
    value: float | None
    text: str
    verdict: Verdict
    delta_text: str
    """"+0.12 points", "-0.4s", "unchanged"."""


class ObjectiveRow(Part):
    """One objective, for everyone or for one value of a breakdown."""

    id: str
    slo: str
    title: str
    """"Availability", "TTFT p99", "Latency p95 POST /v1/probe, warm"."""
    statistic: str
    scope: Scope
    target: TargetText
    value: float | None
    text: str
    verdict: Verdict
    informational: bool
    optional: bool
    contract_target: bool = False
    valid: int
    good: int | None
    bad: int | None
    needed_good: int | None = None
    """Least number of good events that meets the target (for a percentile, ceil(q n))."""
    interval: tuple[float, float] | None = None
    interval_text: str | None = None
    few_events: bool = False
    budget: Budget | None = None
    periods: Periods | None = None
    month_value: float | None = None
    """The month's own value of a `window: day`; the same as in `periods`, where it stands too."""
    worst_reading: Reading | None = None
    """The worst reading of a rolling window; the same as in `periods`."""
    window: Span
    window_text: str
    """"April 2026", "30 days to Apr 30", "each day of April 2026"."""
    as_seen: Seen | None = None
    unmeasured: Unmeasured | None = None
    change: Change | None = None
    reading: str | None = None
    """Digest of how its requests are read from the logs; of everyone's objectives only."""


class LeftOut(Part):
    """How many rows of a breakdown the report does not list."""

    column: str
    objective: str
    rows: int
