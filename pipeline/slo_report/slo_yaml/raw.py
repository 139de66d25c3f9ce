"""The keys of slo.yaml as typed models: the shape of the file, before its meaning.

Every scalar is the text as written; `read_document` gives them. The JSON Schema for editors is
generated from these models.
"""

import re
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from slo_report.slo_yaml.shapes import (
    CHOICES,
    PERCENTILE_PATTERN,
    PERCENTILES,
    AFormat,
    AnyText,
    Boolean,
    Integer,
    Months,
    Text,
    Texts,
    as_engine,
    as_source,
    as_target,
    gathered,
)


class RawPart(BaseModel):
    """A mapping of slo.yaml with known keys."""

    model_config = ConfigDict(extra="forbid", populate_by_name=False, frozen=True)


class RawField(RawPart):
    """How a column is read, where more than the name of its source is to be said."""

    from_: Text = Field(alias="from", description="the log's own field")
    unit: Literal["ns", "us", "ms", "s"] | None = None
    type: Literal["text", "integer", "number", "boolean"] | None = None
    default: AnyText | None = Field(None, description="stands in where the line has no value")
    signed: Boolean = False
    max: Text | None = Field(None, description="the longest duration that is believed: 48 h")
    format: Text | None = Field(None, description="of ts: iso, epoch_s ... or a strptime pattern")
    timezone: Text | None = None
    is_: Literal["start", "end"] | None = Field(None, alias="is")


AField = Annotated[RawField, BeforeValidator(as_source, json_schema_input_type=Text | RawField)]


class RawLog(RawPart):
    """One kind of log."""

    name: Text = "requests"
    path: Texts = []
    table: Text | None = None
    ignore: Texts = []
    format: AFormat | None = None
    fields: dict[str, AField] = {}
    max_line: Text | None = None


class RawTarget(RawPart):
    """A target with what else holds for its objective."""

    target: Months
    informational: Boolean | None = None
    budget: Boolean | None = None


ATarget = Annotated[
    RawTarget, BeforeValidator(as_target, json_schema_input_type=Months | RawTarget)
]


class RawTargets(RawPart):
    """The targets of an SLO or of one row of its `each`."""

    title: Text | None = None
    target: ATarget | None = None
    max: ATarget | None = None
    percentiles: dict[str, ATarget] = Field({}, alias=PERCENTILES)
    informational: Boolean | None = None
    optional: Boolean | None = None
    budget: Boolean | None = None

    @model_validator(mode="before")
    @classmethod
    def _gather_percentiles(cls, data: Any) -> Any:
        return gathered(data, PERCENTILES, PERCENTILE_PATTERN)


class RawRow(RawTargets):
    """One row of `each`."""

    choices: dict[str, Texts] = Field({}, alias=CHOICES)

    @model_validator(mode="before")
    @classmethod
    def _gather_choices(cls, data: Any) -> Any:
        own = {field.alias or name for name, field in RawTargets.model_fields.items()}
        names = "|".join(re.escape(name) for name in own)
        return gathered(data, CHOICES, rf"(?!({names}|{PERCENTILE_PATTERN})$).*")


class RawSlo(RawTargets):
    """One SLO."""

    id: Text
    valid: Text | None = None
    good: Text | None = None
    value: Text | None = None
    sum: Text | None = None
    over: Text | None = None
    unit: Text | None = None
    window: Text = "month"
    each: Annotated[list[RawRow], Field(min_length=1)] | None = None


class RawExclusion(RawPart):
    """Requests that SLOs do not count."""

    reason: Text
    where: Text | None = None
    from_: Text | None = Field(None, alias="from")
    to: Text | None = None
    slos: Texts | None = None


class RawPromisedTargets(RawPart):
    """The targets of one SLO that a customer was promised."""

    target: Months | None = None
    max: Months | None = None
    percentiles: dict[str, Months] = Field({}, alias=PERCENTILES)

    @model_validator(mode="before")
    @classmethod
    def _gather_percentiles(cls, data: Any) -> Any:
        return gathered(data, PERCENTILES, PERCENTILE_PATTERN)


class RawCustomerEmail(RawPart):
    """Where a customer's own report is mailed to."""

    to: Texts


class RawCustomer(RawPart):
    """What one customer was promised."""

    title: Text | None = None
    contract: Text | None = None
    slos: dict[str, RawPromisedTargets] = {}
    reserved: Texts = []
    email: RawCustomerEmail | None = None


class RawPolicyState(RawPart):
    """What a team does from a share of used error budget on."""

    state: Text
    from_: Text = Field(alias="from")
    actions: Texts = []


class RawBurnRateAlert(RawPart):
    """A burn rate that rings."""

    window: Text
    burn_rate: Text
    severity: Text
    short_window: Text | None = None


class RawThresholdAlert(RawPart):
    """A figure beyond a threshold that rings."""

    name: Text
    slo: Text
    statistic: Text | None = None
    above: Text | None = None
    bad_ratio: Text | None = None
    below: Literal["target"] | None = None
    over: Text
    for_: Text | None = Field(None, alias="for")
    valid: Text | None = None


class RawLimits(RawPart):
    """How much may be missing before a month is called incomplete."""

    quarantined: Text = "1%"
    missing_time: Text = "5%"


class RawEmail(RawPart):
    """Who gets the report by mail."""

    from_: Text = Field(alias="from")
    to: Annotated[Texts, Field(min_length=1)]
    smtp: Text
    error_to: Text | None = None


class RawEngine(RawPart):
    """An engine that is somewhere else, and where."""

    spark: Text | None = None
    clickhouse: Text | None = None


AnEngine = Annotated[
    RawEngine,
    BeforeValidator(as_engine, json_schema_input_type=Literal["duckdb"] | RawEngine),
]


class RawDefinition(RawPart):
    """A whole slo.yaml."""

    service: Text
    timezone: Text = "UTC"
    store: Text = "slo.duckdb"
    reports: Text = "reports/"
    notes: Text | None = None
    logs: Annotated[list[RawLog], Field(min_length=1)]
    endpoints: list[Text] = []
    exclusions: list[RawExclusion] = []
    slos: Annotated[list[RawSlo], Field(min_length=1)]
    customers: dict[str, RawCustomer] = {}
    customer_reports: Literal["named", "all"] = "named"
    breakdowns: list[Text] | None = None
    breakdown_rows: Integer = 1000
    error_budget_policy: Annotated[list[RawPolicyState], Field(min_length=1)] | None = None
    burn_rate_alerts: list[RawBurnRateAlert] = []
    threshold_alerts: list[RawThresholdAlert] = []
    limits: RawLimits = RawLimits()
    email: RawEmail | None = None
    healthcheck: Text | None = None
    retention: Text | None = None
    mode: Text | None = None
    memory_limit: Text | None = None
    threads: Integer | None = None
    engine: AnEngine = RawEngine()
