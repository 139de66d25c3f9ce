"""Writing a definition as the text of slo.yaml."""

import json
import re
from collections.abc import Iterable, Mapping

from .definition import Column, Customer, Definition, EachRow, Exclusion, Slo, Statistic
from .expressions import Value
from .rows import as_written
from .targets import TargetSpec

PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_/ .%-]*")
"""What needs no quotes, not even inside {...}; 007 is one of them, and stays a text."""


def write_slo_yaml(definition: Definition, logs: list[str]) -> str:
    """Return slo.yaml, each setting in the form that language.md shows."""
    lines = ["service: generated", f"timezone: {definition.timezone}"]
    if definition.quarantined_limit is not None:
        lines.append(f"limits: {{quarantined: {definition.quarantined_limit}}}")
    lines += ["logs:", f"  - path: {_list(logs)}", "    format: jsonl", "    fields:"]
    lines += [f"      {column.name}: {_field(column)}" for column in definition.columns]
    if definition.templates is not None:
        lines += ["endpoints:", *(f"  - {template}" for template in definition.templates)]
    if definition.exclusions:
        lines.append("exclusions:")
        for rule in definition.exclusions:
            lines += _item(_exclusion(rule), "  ")
    lines.append("slos:")
    for slo in definition.slos:
        lines += _item(_slo(slo), "  ")
    if definition.customers:
        lines.append("customers:")
        for customer in definition.customers:
            lines += [f"  {_text(customer.name)}:", *_customer(customer)]
    if definition.breakdowns is not None:
        lines.append(f"breakdowns: {_list(definition.breakdowns)}")
    return "\n".join(lines) + "\n"


def _slo(slo: Slo) -> dict[str, str]:
    settings = {"id": slo.id}
    for key in ("valid", "good", "value", "sum", "over"):
        expression = getattr(slo, key)
        if expression is not None:
            settings[key] = _quoted(expression.sql)
    if slo.unit is not None:
        settings["unit"] = slo.unit
    if slo.window != "month":
        settings["window"] = slo.window
    if not slo.budget:
        settings["budget"] = "false"
    if slo.informational:
        settings["informational"] = "true"
    if slo.optional:
        settings["optional"] = "true"
    if slo.has_each:
        settings["each"] = "\n" + "\n".join(f"      - {_each(row)}" for row in slo.rows)
        return settings
    return settings | _targets(slo.rows[0].targets)


def _each(row: EachRow) -> str:
    settings = {} if row.title is None else {"title": _text(row.title)}
    for column, values in row.choices.items():
        single = len(values) == 1
        settings[column] = _value(values[0]) if single else f"[{', '.join(map(_value, values))}]"
    return _mapping(settings | _targets(row.targets))


def _targets(targets: Mapping[Statistic, TargetSpec]) -> dict[str, str]:
    names = {"ratio": "target", "sum_ratio": "target"}
    return {names.get(name, name): _target(spec) for name, spec in targets.items()}


def _target(spec: TargetSpec) -> str:
    if spec.texts[0][0]:
        return _mapping({month: _limit(text) for month, text in spec.texts})
    if not (spec.informational or spec.budget):
        return _limit(spec.texts[0][1])
    settings = {"target": _limit(spec.texts[0][1])}
    if spec.informational:
        settings["informational"] = "true"
    if spec.budget:
        settings["budget"] = "true"
    return _mapping(settings)


def _limit(text: str) -> str:
    """Quote a target where YAML would take its ">" for something else."""
    return _quoted(text) if text.startswith(">") else text


def _exclusion(rule: Exclusion) -> dict[str, str]:
    settings = {"reason": _text(rule.reason)}
    if rule.where is not None:
        settings["where"] = _quoted(rule.where.sql)
    if rule.since is not None and rule.until is not None:
        settings |= {"from": rule.since, "to": rule.until}
    if rule.slos is not None:
        settings["slos"] = _list(rule.slos)
    return settings


def _customer(customer: Customer) -> list[str]:
    lines = [f"    title: {_text(customer.name + ' Inc')}"]
    if customer.targets:
        lines.append("    slos:")
        for slo, targets in customer.targets.items():
            lines.append(f"      {slo}: {_mapping(_targets(targets))}")
    if customer.reserved:
        lines.append(f"    reserved: {_list(customer.reserved)}")
    return lines


def _field(column: Column) -> str:
    settings = {"from": column.source}
    if column.is_end:
        settings["is"] = "end"
    if column.type in ("ns", "us", "ms", "s"):
        settings["unit"] = column.type
    elif column.type != "text" and column.name != "status":  # a status is an integer anyway
        settings["type"] = column.type
    if column.default is not None:
        plain = column.type != "text"
        settings["default"] = column.default if plain else _quoted(column.default)
    if column.signed:
        settings["signed"] = "true"
    return column.source if len(settings) == 1 else _mapping(settings)


def _item(settings: dict[str, str], indent: str) -> list[str]:
    lines = [f"{indent}  {key}: {text}".replace(": \n", ":\n") for key, text in settings.items()]
    lines[0] = f"{indent}- {lines[0].lstrip()}"
    return lines


def _mapping(settings: Mapping[str, str]) -> str:
    return "{" + ", ".join(f"{key}: {text}" for key, text in settings.items()) + "}"


def _list(texts: Iterable[str]) -> str:
    return "[" + ", ".join(map(_text, texts)) + "]"


def _value(value: Value) -> str:
    return _text(value) if isinstance(value, str) else as_written(value)


def _text(text: str) -> str:
    return text if PLAIN.fullmatch(text) else _quoted(text)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
