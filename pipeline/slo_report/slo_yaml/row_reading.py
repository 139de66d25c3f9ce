"""The digest of how the requests of an SLO's row are read: what decides its figures from outside.

Fields, units and defaults of the columns that it looks at, the logs they come from, the endpoint
templates that name its requests. What concerns other columns or other endpoints leaves it as it
is: else each new endpoint would make all months before it incomparable.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import MISSING, fields
from typing import Any

from sqlglot import exp

from slo_report.slo_yaml.definition import Definition, Slo, SloRow
from slo_report.slo_yaml.digest import canonical
from slo_report.slo_yaml.expressions import Expression
from slo_report.slo_yaml.log_definition import EndpointTemplate, Field, Log

_OF_EVERY_REQUEST = frozenset({"ts", "request_id"})
"""The month a request belongs to, and whether it was seen before."""
_NAMING = frozenset({"method", "path", "route"})
"""What an endpoint is made of."""
_DEFAULT_MAX_LINE = next(f.default for f in fields(Log) if f.name == "max_line_bytes")


def reading_of(definition: Definition, slo: Slo, row: SloRow) -> str:
    """Return the SHA-256 of how the row's requests are read."""
    expressions = list(_expressions(definition, slo))
    columns = {*row.choices}.union(*(expression.columns for expression in expressions))
    templates = []
    if "endpoint" in columns:
        templates = _templates(definition, row, expressions)
        columns |= _NAMING
    logs = [_log(log, columns) for log in _logs(definition, slo, row, columns)]
    reading = {"logs": sorted(logs, key=json.dumps), "endpoints": templates}
    return hashlib.sha256(json.dumps(reading, ensure_ascii=True).encode()).hexdigest()


def _expressions(definition: Definition, slo: Slo) -> Iterator[Expression]:
    """Yield what is asked of a request; not by rules of a stretch of time, which pass."""
    always = [
        rule.where
        for rule in definition.exclusions
        if rule.applies_to(slo.id) and rule.from_us is None and rule.to_us is None
    ]
    for expression in (slo.valid, slo.good, slo.value, slo.sum, slo.over, *always):
        if expression is not None:
            yield expression


def _logs(definition: Definition, slo: Slo, row: SloRow, columns: set[str]) -> list[Log]:
    """Return the logs whose requests the row may count."""
    named = set(row.choices.get("source", ())) or _sources(slo)
    return [
        log
        for log in definition.logs
        if (named is None or log.name in named)
        and (columns <= {"source"} or columns & {field.column for field in log.all_fields})
    ]


def _sources(slo: Slo) -> set[str] | None:
    """Return the logs that `valid` asks for by name; None where it asks for none."""
    if slo.valid is None:
        return None
    tree = slo.valid.tree
    for part in tree.flatten() if isinstance(tree, exp.And) else [tree]:
        condition = part.unnest()
        asked = condition.this
        is_equal = isinstance(condition, (exp.EQ, exp.In))
        if is_equal and isinstance(asked, exp.Column) and asked.name == "source":
            return _texts(asked)
    return None


def _log(log: Log, columns: set[str]) -> list[Any]:
    wanted = columns | _OF_EVERY_REQUEST
    if any(field.time_is_end for field in log.all_fields):
        wanted |= {"duration"}  # the start is the end less that
    read = sorted(
        (_without_defaults(field) for field in log.all_fields if field.column in wanted),
        key=json.dumps,
    )
    name = log.name if "source" in columns else ""
    long = [] if log.max_line_bytes == _DEFAULT_MAX_LINE else [log.max_line_bytes]
    return [name, canonical(log.format), read, long]


def _without_defaults(field: Field) -> dict[str, Any]:
    """Return a field's keys; one that a later version adds must not change the digest of today."""
    kept = {}
    for key in fields(field):
        value = getattr(field, key.name)
        if key.default is MISSING or value != key.default:
            kept[key.name] = canonical(value)
    return kept


def _templates(definition: Definition, row: SloRow, expressions: list[Expression]) -> list[str]:
    """Return, in order, the templates that decide which requests the row's endpoints have."""
    named = set(row.choices.get("endpoint", ()))
    for expression in expressions:
        for column in expression.tree.find_all(exp.Column):
            if column.name == "endpoint":
                texts = _texts(column)
                if texts is None:
                    return [template.text for template in definition.endpoints]
                named |= texts
    return [
        template.text
        for place, template in enumerate(definition.endpoints)
        if any(
            _may_take(template, later)
            for later in definition.endpoints[place:]
            if later.text in named
        )
    ]


def _may_take(earlier: EndpointTemplate, later: EndpointTemplate) -> bool:
    """Tell whether a path could match both; the first match wins."""
    ours, theirs = earlier.path.split("/"), later.path.split("/")
    return (earlier.method, len(ours)) == (later.method, len(theirs)) and all(
        one == other or "{" in one + other for one, other in zip(ours, theirs, strict=True)
    )


def _texts(column: exp.Column) -> set[str] | None:
    """Return the texts that a column is compared with; None where it is asked anything else."""
    asked = column.parent
    if isinstance(asked, (exp.EQ, exp.NEQ)):
        others = [asked.expression if asked.this is column else asked.this]
    elif isinstance(asked, exp.In) and asked.this is column:
        others = list(asked.expressions)
    else:
        return None
    if not all(isinstance(other, exp.Literal) and other.is_string for other in others):
        return None
    return {other.name for other in others}
