"""What the month's alerts would have told: episodes, rules that cannot ring, a comparison."""

from typing import Literal

from pydantic import Field

from slo_report.report.parts.part import Part


class Episode(Part):
    """A stretch in which an alert rang."""

    objective: str
    title: str
    """The objective's."""
    from_: str = Field(alias="from")
    to: str | None
    """Null where it rang at the month's end, or still rings."""
    duration_text: str
    peak: float | None


class BurnRateEpisode(Episode):
    """A burn-rate rule that rang for an objective."""

    severity: str
    window: str
    """1h, 24h, 3d."""
    short_window: str | None
    burn_rate: float
    peak_text: str
    budget_used_at_start: float | None
    """Share of the month's budget that was gone when it rang; null where nothing is allowed."""
    budget_used_by_end: float | None
    used_at_start_text: str
    used_by_end_text: str
    cost: float | None
    """Share of the month's budget that went from `first_bad` to the end."""
    cost_text: str
    page: bool
    """True for a rule that wakes somebody, false for a ticket."""
    noise: bool
    """A page for less than 1% of the budget."""
    already_ringing: bool
    """It rang at the month's first step, for what had happened before."""
    first_bad: str
    """The first bad request of what set it off."""
    detection_s: float | None
    """Seconds from `first_bad` to `from`; null where it was already ringing."""
    detection_text: str


class ThresholdEpisode(Episode):
    """A threshold alert that rang on one objective."""

    name: str
    condition: str
    """p95 > 400ms over 5m, for 10m."""
    peak_text: str


class UnreachableRule(Part):
    """A burn-rate rule that an objective can never make ring."""

    objective: str
    title: str
    severity: str
    window: str
    short_window: str | None
    burn_rate: float
    highest: float
    """The burn rate with every request bad: 1 / (1 - target)."""
    highest_text: str


class RuleSet(Part):
    """What a set of burn-rate rules told of one objective."""

    objective: str
    title: str
    rules: Literal["configured", "SRE workbook"]
    pages: int
    tickets: int
    noise: int
    detection_s: float | None
    """Median seconds from the first bad request to the page."""
    detection_text: str
    budget_used_at_first_page: float | None
    used_at_first_page_text: str
    incidents: int
    """Incidents of either set that cost 1% of the budget or more."""
    missed: int


class WatchedRate(Part):
    """A burn rate that rings."""

    severity: str
    burn_rate: float


class BurnRates(Part):
    """The burn rate of an objective over one rule's window, through the month."""

    objective: str
    window: str
    rules: list[WatchedRate]
    """The rules that look at this window."""
    step_s: int
    highest: list[float | None]
    """The highest reading in each step since the month's start; null without valid events."""
