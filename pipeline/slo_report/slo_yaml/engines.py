"""`engine:` into a value, and whether the logs are something that the engine can read."""

import re
from collections.abc import Sequence
from urllib.parse import urlsplit

from slo_report.slo_yaml.definition import EngineChoice
from slo_report.slo_yaml.log_definition import Log
from slo_report.slo_yaml.raw import RawEngine
from slo_report.slo_yaml.source import Document

_FORMS = {
    "spark": (r"sc://[^\s/@;]+(/;[^\s@]*)?/?", "sc://host:15002"),
    "clickhouse": (r"https?://[^\s/@]+(/\w+)?/?", "http://host:8123/database"),
}
_VARIABLES = {
    "spark": "SLO_REPORT_SPARK_TOKEN",
    "clickhouse": "SLO_REPORT_CLICKHOUSE_USER and SLO_REPORT_CLICKHOUSE_PASSWORD",
}


def read_engine(
    document: Document, raw: RawEngine, logs: Sequence[Log], *, keeps_all: bool
) -> EngineChoice:
    """Return the engine of slo.yaml; its mistakes, and those of `table:`, go to the document."""
    choice = _elsewhere(document, raw) if raw.model_fields_set else EngineChoice("duckdb")
    if choice.name != "duckdb" and not keeps_all:
        document.wrong(
            ("retention",),
            "`retention` is of the built-in store; let the engine forget by its own means",
        )
    tables = [log for log in logs if log.table is not None]
    if tables and choice.name == "duckdb":
        document.wrong(
            ("logs",), "`table` needs an engine that has tables; write engine: {spark: sc://...}"
        )
    if tables and len(tables) < len(logs):
        document.wrong(("logs",), "`logs` has tables and files; give each a slo.yaml of its own")
    return choice


def _elsewhere(document: Document, raw: RawEngine) -> EngineChoice:
    named = [(name, text) for name in _FORMS if (text := getattr(raw, name)) is not None]
    if len(named) != 1:
        document.wrong(
            ("engine",), "`engine` names one: duckdb, {spark: sc://...} or {clickhouse: http://...}"
        )
        return EngineChoice("duckdb")
    [(name, address)] = named
    form, example = _FORMS[name]
    if "@" in urlsplit(address).netloc or "token=" in address or "password=" in address:
        document.wrong(
            ("engine", name),
            f"`{name}` holds a secret; put it into the environment: {_VARIABLES[name]}",
        )
    elif not re.fullmatch(form, address):
        document.wrong(("engine", name), f"`{address}` is no address of {name}; write {example}")
    else:
        return EngineChoice("spark" if name == "spark" else "clickhouse", address)
    return EngineChoice("duckdb")
