"""Definitions for the tests of load, made without a slo.yaml."""

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

from slo_report.slo_yaml.definition import Definition, Limits
from slo_report.slo_yaml.expressions import Kind
from slo_report.slo_yaml.log_definition import EndpointTemplate, Field, Log, LogFormat

TS = Field("ts", "ts", Kind.TIMESTAMP)
STATUS = Field("status", "status", Kind.INTEGER)
FIELDS = (
    TS,
    Field("request_id", "request_id", Kind.TEXT),
    STATUS,
    Field("duration", "ms", Kind.DURATION, unit="ms"),
    Field("customer", "customer", Kind.TEXT),
    Field("tokens", "usage.tokens", Kind.INTEGER),
    Field("cost", "cost", Kind.NUMBER),
    Field("ai", "ai.enabled", Kind.BOOLEAN, default="false"),
)


def log(
    *paths: str,
    fields: Sequence[Field] = FIELDS,
    form: LogFormat | None = LogFormat.JSONL,
    name: str = "requests",
    ignore: tuple[str, ...] = (),
    max_line_bytes: int = 1 << 20,
) -> Log:
    """Return one log."""
    return Log(name, paths, ignore, form, tuple(fields), max_line_bytes)


def definition(
    folder: Path, *logs: Log, endpoints: Sequence[str] = (), extra: Sequence[Field] = ()
) -> Definition:
    """Return a definition with no SLOs whose slo.yaml would lie in `folder`."""
    columns = {field.column: field.kind for one in logs for field in one.fields}
    columns |= {field.column: field.kind for field in extra}
    columns |= {"source": Kind.TEXT, "ts": Kind.TIMESTAMP}
    if {"path", "route"} & set(columns):
        columns["endpoint"] = Kind.TEXT
    templates = [EndpointTemplate(text, *text.split(" ", 1)) for text in endpoints]
    return Definition(
        path=folder / "slo.yaml",
        service="test",
        timezone=ZoneInfo("UTC"),
        store=folder / "slo.duckdb",
        reports=folder / "reports",
        notes=None,
        logs=logs,
        endpoints=tuple(templates),
        columns=columns,
        exclusions=(),
        slos=(),
        customers=(),
        customer_reports="named",
        policy=(),
        burn_rate_alerts=(),
        threshold_alerts=(),
        breakdowns=(),
        breakdown_rows=1000,
        limits=Limits(Decimal("0.01"), Decimal("0.05")),
        email=None,
        memory_limit=None,
        threads=None,
        sha256="",
        warnings=(),
    )
