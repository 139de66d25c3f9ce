"""What slo.yaml says, as values: the generator fills them in, the reference computes from them."""

from dataclasses import dataclass, field
from typing import Literal

from .expressions import Expression, Value
from .targets import TargetSpec

Statistic = str
"""As in report.json: "ratio", "p50", "p99.9", "max", "sum_ratio"."""
ColumnType = Literal["text", "integer", "number", "boolean", "ns", "us", "ms", "s"]
"""A unit of time stands for a duration: an integer of microseconds in the end."""


@dataclass(frozen=True)
class Column:
    """One entry of ``fields:``."""

    name: str
    source: str
    type: ColumnType = "text"
    default: str | None = None
    signed: bool = False
    is_end: bool = False


@dataclass(frozen=True)
class EachRow:
    """One row of ``each:``, or the only row of an SLO without it (nothing chosen)."""

    targets: dict[Statistic, TargetSpec]
    choices: dict[str, tuple[Value, ...]] = field(default_factory=dict)
    """Column to the values it may have; more than one are written as a list."""
    title: str | None = None


@dataclass(frozen=True)
class Slo:
    """One entry of ``slos:``; either good, or value, or sum and over is set."""

    id: str
    rows: tuple[EachRow, ...]
    valid: Expression | None = None
    good: Expression | None = None
    value: Expression | None = None
    sum: Expression | None = None
    over: Expression | None = None
    unit: str | None = None
    """The SLO's own unit; None where the value is a duration or a ratio."""
    window: str = "month"
    budget: bool = True
    """False where ``budget: false`` is written."""
    informational: bool = False
    optional: bool = False

    @property
    def has_each(self) -> bool:
        """Say whether the SLO is written with ``each:``."""
        return bool(self.rows[0].choices)


@dataclass(frozen=True)
class Exclusion:
    """One rule of ``exclusions:``; times as written, without offset in the report's zone."""

    reason: str
    where: Expression | None = None
    since: str | None = None
    until: str | None = None
    slos: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Customer:
    """One entry of ``customers:``."""

    name: str
    targets: dict[str, dict[Statistic, TargetSpec]]
    """SLO to the statistics whose target is replaced."""
    reserved: tuple[str, ...] = ()


@dataclass(frozen=True)
class Definition:
    """A whole slo.yaml and the month that is asked for."""

    month: str
    timezone: str
    columns: tuple[Column, ...]
    templates: tuple[str, ...] | None
    """``endpoints:``, or None where METHOD and route are the endpoint."""
    slos: tuple[Slo, ...]
    exclusions: tuple[Exclusion, ...] = ()
    customers: tuple[Customer, ...] = ()
    breakdowns: tuple[str, ...] | None = None
    """None where the default stands: endpoint and customer."""
    quarantined_limit: str | None = None
    """A percentage, or None for the default of 1%."""

    def column_type(self, name: str) -> ColumnType:
        """Return the type of a column; what is not mapped (endpoint, source) is text."""
        return next((c.type for c in self.columns if c.name == name), "text")
