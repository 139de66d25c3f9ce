"""What a team promises, as values: the meaning of one slo.yaml.

`build` makes a `Definition` out of the file; everything after it reads only these types.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fnmatch import fnmatchcase
from os.path import normpath
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from slo_report.slo_yaml.alert_definition import BurnRateAlert, ThresholdAlert
from slo_report.slo_yaml.expressions import Expression
from slo_report.slo_yaml.kinds import Kind
from slo_report.slo_yaml.log_definition import EndpointTemplate, Log
from slo_report.slo_yaml.targets import Target

OTHER_ENDPOINT = "(other)"
RESERVED = "reserved"
"""Id of the objective of reserved capacity, and of the SLO it stands for; no other SLO has it."""


@dataclass(frozen=True)
class Window:
    """The stretch of time that an SLO is judged over."""

    kind: Literal["month", "days", "day"]
    days: int | None = None
    """n, for the n x 24 h that end with the month."""


@dataclass(frozen=True)
class TargetByMonth:
    """A target, or the several that came into force one after another."""

    changes: tuple[tuple[str, Target], ...]
    """(month from which it holds, "" for ever before; target), oldest first."""

    def in_month(self, month: str) -> Target | None:
        """Return the target in force in `month` ("2026-04"), None where none was yet."""
        in_force = [target for start, target in self.changes if start <= month]
        return in_force[-1] if in_force else None


@dataclass(frozen=True)
class Objective:
    """One statistic of one SLO row against one target."""

    id: str
    slo: str
    title: str
    statistic: str
    """ratio, sum_ratio, max, or a percentile such as p99 or p99.9."""
    target: TargetByMonth
    informational: bool
    optional: bool
    has_budget: bool

    @property
    def quantile(self) -> Decimal | None:
        """The share of values that a percentile leaves below or at it; 1 for max, else None."""
        if self.statistic == "max":
            return Decimal(1)
        if self.statistic.startswith("p"):
            return Decimal(self.statistic[1:]) / 100
        return None


@dataclass(frozen=True)
class SloRow:
    """The requests of one row of `each`, or all of them, and what is promised of them."""

    choices: Mapping[str, tuple[str, ...]]
    """Column: the values that choose a request, compared by their text. Empty: every request."""
    suffix: str
    """What the row adds to ids: "" or "[POST /v1/probe,warm]"."""
    title: str
    objectives: tuple[Objective, ...]


@dataclass(frozen=True)
class Slo:
    """An SLI, its window, and the objectives set on it."""

    id: str
    title: str
    valid: Expression | None
    good: Expression | None
    value: Expression | None
    sum: Expression | None
    over: Expression | None
    unit: str
    """Unit of values and targets: ratio, s, or the SLO's own (USD)."""
    window: Window
    informational: bool
    optional: bool
    rows: tuple[SloRow, ...]


@dataclass(frozen=True)
class Exclusion:
    """Requests that SLOs do not count, and why."""

    reason: str
    where: Expression | None
    from_us: int | None
    to_us: int | None
    """Half-open, microseconds since 1970 UTC."""
    slos: tuple[str, ...] | None
    """Ids it is limited to; None for all."""

    def applies_to(self, slo: str) -> bool:
        """Tell whether the rule takes requests out of `slo`."""
        return self.slos is None or slo in self.slos


BLANK_TITLE = "(blank)"
"""Stands for a customer whose name in the logs is nothing but white space."""


@dataclass(frozen=True)
class CustomerPromise:
    """What one customer was promised beyond everyone's targets."""

    customer: str
    title: str
    contract: str | None
    targets: Mapping[str, TargetByMonth]
    """Objective id: the target that replaces it in this customer's row."""
    reserved: tuple[str, ...]
    """Replicas that serve this customer and nobody else."""
    email_to: tuple[str, ...] = ()


@dataclass(frozen=True)
class PolicyState:
    """What a team does from a share of used error budget on."""

    state: str
    from_used: Decimal
    actions: tuple[str, ...]


@dataclass(frozen=True)
class Limits:
    """How much may be missing before a finished month is called incomplete."""

    quarantined: Decimal = Decimal("0.01")
    missing_time: Decimal = Decimal("0.05")


@dataclass(frozen=True)
class Email:
    """Who gets the report by mail, from whom and through what."""

    sender: str
    to: tuple[str, ...]
    smtp: str
    error_to: str | None = None
    """Who is told of a run that failed."""


@dataclass(frozen=True)
class EngineChoice:
    """Where the requests are counted."""

    name: Literal["duckdb", "spark", "clickhouse"]
    address: str = ""
    """Empty for DuckDB, which is built in."""


@dataclass(frozen=True)
class Concern:
    """Something that is allowed but probably not meant."""

    line: int
    text: str


@dataclass(frozen=True)
class Definition:
    """One slo.yaml, checked."""

    path: Path
    service: str
    timezone: ZoneInfo
    store: Path
    reports: Path
    notes: Path | None
    logs: tuple[Log, ...]
    endpoints: tuple[EndpointTemplate, ...]
    columns: Mapping[str, Kind]
    """Every column that a request can have: declared ones, source, and endpoint."""
    exclusions: tuple[Exclusion, ...]
    slos: tuple[Slo, ...]
    customers: tuple[CustomerPromise, ...]
    customer_reports: Literal["named", "all"]
    policy: tuple[PolicyState, ...]
    burn_rate_alerts: tuple[BurnRateAlert, ...]
    threshold_alerts: tuple[ThresholdAlert, ...]
    breakdowns: tuple[str, ...]
    breakdown_rows: int
    limits: Limits
    email: Email | None
    memory_limit: str | None
    threads: int | None
    sha256: str
    """Digest of the meaning: comments and layout do not change it."""
    warnings: tuple[Concern, ...]
    healthcheck: str | None = None
    """URL that is told of the start and the end of a run."""
    retention_months: int | None = None
    """How long raw requests stay in the store; None for ever."""
    mode: int | None = None
    """Permission bits of the files written; None: 0600, readable by their owner only."""
    engine: EngineChoice = EngineChoice("duckdb")

    def ignores(self, name: str) -> bool:
        """Tell whether `ignore:` names a file, also one that is no longer there."""
        patterns = [normpath(pattern) for log in self.logs for pattern in log.ignore]
        return any(fnmatchcase(normpath(name), pattern) for pattern in patterns)
