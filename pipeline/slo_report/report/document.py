"""The one report value: what Markdown, HTML, JSON, charts and mail all read.

Its JSON form is report.json (schema slo-report/1). Every figure in it is finished: renderers
place values, they compute none. Known keys are always there, null where they do not apply.
"""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from slo_report.judge.verdicts import Verdict

Status = Literal["final", "provisional", "incomplete"]
Scope = dict[str, str]
"""Column: value. A NULL key is "(no customer)"; empty where the row is the whole."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class TargetText(_Part):
    """A target, exact and as printed."""

    op: Literal[">=", ">", "<=", "<"]
    value: str
    """Decimal string; ratios as fractions ("0.995"), times in seconds ("5")."""
    unit: str
    text: str
    """As printed behind the word target: "99.5%", "< 5s"."""


class Budget(_Part):
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


class Reading(_Part):
    """A value on a day."""

    value: float | None
    text: str
    on: str
    """Local date, 2026-04-17."""


class Periods(_Part):
    """Days of a `window: day`, or the worst reading of a rolling window."""

    met: int | None = None
    total: int | None = None
    worst: float | None = None
    worst_text: str | None = None
    worst_on: str | None = None
    month_value: float | None = None
    month_text: str | None = None
    worst_reading: Reading | None = None


class Seen(_Part):
    """The same figure with nothing excluded: what the customer saw."""

    value: float | None
    text: str
    verdict: Verdict
    valid: int
    good: int | None
    bad: int | None


class Unmeasured(_Part):
    """The share of good events if every unmeasured line had been bad, or good."""

    lines: int
    low: float
    low_text: str
    high: float
    high_text: str
    verdict_holds: bool
    """True where the verdict would be the same either way."""


class Change(_Part):
    """The same objective in the month before."""

    month: str
    value: float | None
    text: str
    verdict: Verdict
    delta_text: str
    """"+0.12 points", "-0.4s", "unchanged"."""


class Span(_Part):
    """From, to: half-open, in ISO 8601 with the offset of the report's zone."""

    from_: str = Field(alias="from")
    to: str


class ObjectiveRow(_Part):
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


class LeftOut(_Part):
    """How many rows of a breakdown the report does not list."""

    column: str
    objective: str
    rows: int


class DayPoint(_Part):
    """One day of one objective."""

    on: str
    valid: int
    good: int | None
    value: float | None
    text: str
    verdict: Verdict


class DailySeries(_Part):
    """One objective, day by day of the month in the report's zone."""

    objective: str
    scope: Scope
    days: list[DayPoint]


class BudgetPoint(_Part):
    """How far a budget was used by an instant."""

    at: str
    bad: int
    """Bad events since the month's start."""
    used: float
    """Share of the month's budget gone by then."""


class BurnDown(_Part):
    """One error budget over the month."""

    objective: str
    points: list[BudgetPoint]


class Gap(Span):
    """Whole hours without any request, although some were due."""

    hours: int
    due: int
    """Requests that were due in it, rounded up."""


class Coverage(_Part):
    """The hours of the month and those that are missing."""

    hours: int
    hours_with_data: int
    gaps: list[Gap]
    missing_hours: int
    missing_text: str


class Refused(_Part):
    """A file that was not read, and why."""

    file: str
    reason: str


class Ledger(_Part):
    """Where every line of the logs went."""

    files: int
    lines: int
    loaded: int
    quarantined: int
    duplicates: int
    outside_period: int
    blank: int
    reasons: dict[str, int]
    refused: list[Refused]
    skipped: list[str]


class ExclusionCount(_Part):
    """An exclusion and how many requests it took out."""

    reason: str
    excluded: int
    rule: str
    """The rule as written: predicate, times, the SLOs it is limited to."""


class SourceFile(_Part):
    """A file that was read."""

    name: str
    sha256: str
    lines: int


class Provenance(_Part):
    """What the figures were made from, and by which version."""

    version: str
    config_sha256: str
    files: list[SourceFile]


class PolicyNow(_Part):
    """What the error budget policy asks for, by the budget that is furthest used."""

    state: str
    objective: str
    used_text: str
    actions: list[str]


class DefinitionText(_Part):
    """One SLO as it was measured, for the appendix."""

    slo: str
    title: str
    lines: list[str]
    """"valid: status < 500", "window: calendar month in UTC", ..."""
    null_valid: int | None = None
    """Requests for which `valid` was neither true nor false."""
    null_good: int | None = None


class Notable(_Part):
    """One thing worth saying, in a sentence; Markdown where a person wrote it."""

    text: str
    objective: str | None = None
    by_hand: bool = False


class Report(_Part):
    """The month, finished."""

    schema_: Literal["slo-report/1"] = Field("slo-report/1", alias="schema")
    service: str
    month: str
    month_text: str
    """April 2026."""
    timezone: str
    window: Span
    status: Status
    status_text: str
    """"", "(INCOMPLETE)" or "(provisional, to Apr 24)"."""
    status_reasons: list[str]
    """Why it is incomplete or provisional, in sentences."""
    edition: int
    head: list[str]
    """The engineering review's lines, the title first."""
    notable: list[Notable]
    policy: PolicyNow | None
    objectives: list[ObjectiveRow]
    endpoints: list[ObjectiveRow]
    customers: list[ObjectiveRow]
    replicas: list[ObjectiveRow]
    breakdowns: dict[str, list[ObjectiveRow]]
    left_out: list[LeftOut]
    daily: list[DailySeries]
    burn_down: list[BurnDown]
    customer_titles: dict[str, str]
    burn_rate_alerts: list[dict[str, object]] | None = None
    threshold_alerts: list[dict[str, object]] | None = None
    incidents: list[dict[str, object]] | None = None
    attribution: list[dict[str, object]] | None = None
    history: list[dict[str, object]] | None = None
    what_if: list[dict[str, object]] | None = None
    outlook: dict[str, object] | None = None
    other_readings: list[dict[str, object]] | None = None
    coverage: Coverage
    ledger: Ledger
    exclusions: list[ExclusionCount]
    definitions: list[DefinitionText]
    warnings: list[str]
    provenance: Provenance
