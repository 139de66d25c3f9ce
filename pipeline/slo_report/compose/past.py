"""The months before, as their published reports tell them.

Only what the pattern needs is taken, so that a report of a version with other parts is still one.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat

from slo_report.compose.same_measure import AsMeasured
from slo_report.judge.verdicts import Verdict
from slo_report.months import Month
from slo_report.report.document import Status

MONTHS = 12
"""How far the pattern reaches, this month among them."""

_Count = Annotated[int, Field(ge=0, lt=2**63)]


class _Read(BaseModel):
    """A part of an old report; keys that this version does not know are passed over."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class PastTarget(_Read):
    """See `TargetText`."""

    op: Literal[">=", ">", "<=", "<"]
    value: Annotated[str, Field(pattern=r"^-?\d{1,40}(\.\d{1,40})?$")]
    unit: str
    text: str


class PastBudget(_Read):
    """See `Budget`."""

    used: FiniteFloat | None
    text: str


class PastPeriods(_Read):
    """See `Periods`."""

    total: int | None = None


class PastRow(_Read):
    """See `ObjectiveRow`."""

    id: str
    slo: str
    statistic: str
    scope: dict[str, str]
    target: PastTarget
    value: FiniteFloat | None
    text: str
    verdict: Verdict
    valid: _Count
    good: _Count | None
    budget: PastBudget | None = None
    periods: PastPeriods | None = None
    reading: str | None = None


class PastDefinition(_Read):
    """See `DefinitionText`."""

    slo: str
    lines: list[str]


class PastExclusion(_Read):
    """See `ExclusionCount`."""

    reason: str
    rule: str
    is_dated: bool = False


class PastProvenance(_Read):
    """See `Provenance`."""

    config_sha256: str


class PastReport(_Read):
    """One month as it was published."""

    schema_: Literal["slo-report/1"] = Field(alias="schema")
    month: str
    status: Status
    edition: int
    objectives: list[PastRow]
    endpoints: list[PastRow]
    definitions: list[PastDefinition]
    exclusions: list[PastExclusion]
    provenance: PastProvenance


@dataclass(frozen=True)
class PastMonth:
    """A month before this one, with its report where one can be read."""

    month: Month
    report: PastReport | None
    unreadable: bool = False

    @cached_property
    def counted(self) -> AsMeasured | None:
        """How it counted; None without a report."""
        if self.report is None:
            return None
        return AsMeasured.of(
            self.report.definitions,
            self.report.exclusions,
            self.report.provenance.config_sha256,
            {row.id: row.reading for row in self.report.objectives},
        )
