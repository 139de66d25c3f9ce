"""The one report value: what Markdown, HTML, JSON, charts and mail all read.

Its JSON form is report.json (schema slo-report/1). Every figure in it is finished: renderers
place values, they compute none. Known keys are always there, null where they do not apply.
"""

from typing import Literal

from pydantic import Field

from slo_report.report.parts.alerts import (
    BurnRateEpisode,
    BurnRates,
    RuleSet,
    ThresholdEpisode,
    UnreachableRule,
)
from slo_report.report.parts.attribution import AttributedKey, Incident, Shift
from slo_report.report.parts.customer import Customer
from slo_report.report.parts.data import (
    Coverage,
    DefinitionText,
    ExclusionCount,
    Ledger,
    Provenance,
)
from slo_report.report.parts.days import BurnDown, DailySeries
from slo_report.report.parts.editions import Changes, EditionEntry
from slo_report.report.parts.findings import Notable, PolicyNow
from slo_report.report.parts.history import History
from slo_report.report.parts.other_readings import OtherReading
from slo_report.report.parts.outlook import Outlook
from slo_report.report.parts.part import Part, Span
from slo_report.report.parts.row import LeftOut, ObjectiveRow
from slo_report.report.parts.what_if import WhatIf

Status = Literal["final", "provisional", "incomplete"]


class Report(Part):
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
    customer: Customer | None = None
    """Whose report it is; null for that of everyone."""
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
    burn_rate_alerts: list[BurnRateEpisode] | None = None
    threshold_alerts: list[ThresholdEpisode] | None = None
    unreachable_alerts: list[UnreachableRule] | None = None
    alert_comparison: list[RuleSet] | None = None
    burn_rates: list[BurnRates] | None = None
    incidents: list[Incident] = Field(default_factory=list)
    attribution: list[AttributedKey] = Field(default_factory=list)
    shifts: list[Shift] = Field(default_factory=list)
    history: History | None = None
    what_if: list[WhatIf] | None = None
    outlook: Outlook | None = None
    """Where the budgets are heading; null for a month that is over."""
    other_readings: list[OtherReading] | None = None
    coverage: Coverage | None
    ledger: Ledger | None
    """Null in a customer's report, as the coverage is: logs are everyone's."""
    exclusions: list[ExclusionCount]
    definitions: list[DefinitionText]
    warnings: list[str]
    editions: list[EditionEntry] = Field(default_factory=list)
    """All editions of a published month, the first one first; empty while it runs."""
    changes: Changes | None = None
    """What this edition changed; null for the first."""
    provenance: Provenance
