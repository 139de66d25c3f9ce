"""Mistakes in the shape of slo.yaml as sentences: what was found, and what would be right."""

from pydantic_core import ErrorDetails

from slo_report.slo_yaml.keys import is_at, known_keys
from slo_report.slo_yaml.kinds import did_you_mean
from slo_report.slo_yaml.shapes import CHOICES, PERCENTILES, shown
from slo_report.slo_yaml.source import Path

_EXAMPLES = {
    "service": "service: shop",
    "logs": 'logs: [{path: "access.log*", format: combined}]',
    "slos": "slos: [{id: availability, good: status < 500, target: 99.9%}]",
    "path": "path: logs/*.jsonl",
    "from": "from: ...",
    "id": "id: availability",
    "reason": "reason: Announced maintenance",
    "target": "target: 99.5%",
    "state": "state: slow down",
    "window": "window: 1h",
    "burn_rate": "burn_rate: 14",
    "severity": "severity: Sev1",
    "name": "name: Slow",
    "slo": "slo: availability",
    "over": "over: 5m",
    "to": "to: [team@example.org]",
    "smtp": "smtp: smtp://mail.example.org:587",
}
_MAPPINGS = {
    ("logs", "*"): "{path: logs/*.jsonl}",
    ("logs", "*", "fields"): "{ts: time, status: status}",
    ("logs", "*", "fields", "*"): "{from: took, unit: ms}",
    ("exclusions", "*"): "{reason: Announced maintenance, where: status = 503}",
    ("slos", "*"): "{id: availability, good: status < 500, target: 99.9%}",
    ("slos", "*", "each", "*"): "{endpoint: GET /, target: 99.5%}",
    ("customers",): "{acme: {slos: {availability: {target: 99.9%}}}}",
    ("customers", "*"): "{slos: {availability: {target: 99.9%}}}",
    ("customers", "*", "slos"): "{availability: {target: 99.9%}}",
    ("customers", "*", "slos", "*"): "{target: 99.9%}",
    ("customers", "*", "email"): "{to: [team@example.org]}",
    ("error_budget_policy", "*"): "{state: slow down, from: 50%}",
    ("burn_rate_alerts", "*"): "{window: 1h, burn_rate: 14, severity: Sev1}",
    ("threshold_alerts", "*"): "{name: Slow, slo: availability, below: target, over: 5m}",
    ("limits",): "{quarantined: 1%, missing_time: 5%}",
    ("email",): "{from: slo@example.org, to: [team@example.org], smtp: smtp://mail.example.org}",
}
"""What a mapping looks like, by where it stands (* for any)."""
_MAPPING_TYPES = ("dict_type", "model_type", "model_attributes_type")


def sentence_of(detail: ErrorDetails) -> str:
    """Return the sentence for one mistake that a model found."""
    path, kind = detail["loc"], detail["type"]
    key = str(path[-1])
    if kind == "missing":
        return f"`{key}` is missing{_inside(path)}; write {_EXAMPLES.get(key, key + ': ...')}"
    if kind == "extra_forbidden":
        return f"unknown key `{key}`{_inside(path)}; {did_you_mean(key, known_keys(path))}"
    if kind == "value_error":
        return f"`{_name(path)}`: {detail['ctx']['error']}"
    if kind in ("too_short", "string_too_short"):
        return f"`{_name(path)}` is empty; give it a value or take it out"
    right = _right(path, kind, detail["input"]) or detail["ctx"]["expected"].replace("'", "")
    return f"`{_name(path)}`: found {shown(detail['input'])}; {right} is right"


def _right(path: Path, kind: str, found: object) -> str | None:
    """Return what would be right where a text, list or mapping was wanted, None for others."""
    if kind in _MAPPING_TYPES and (target := _target(path)):
        if isinstance(found, list) and len(found) == 1 and isinstance(found[0], str):
            return found[0]
        return target
    if kind in _MAPPING_TYPES:
        return f"a mapping such as {_mapping(path, found)}"
    if kind == "list_type" and path == ("logs",):
        return f"a list such as [{_mapping(('logs', 0), found)}]"
    if kind == "list_type":
        return f"a list such as [{found if isinstance(found, str) else '..., ...'}]"
    return "a text or number" if kind == "string_type" else None


def _target(path: Path) -> str | None:
    """Return a target as it stands under its key, None where none is wanted."""
    if path[-1] == "target":
        return "99.5%"
    return "< 5 s" if path[-1] == "max" or PERCENTILES in path else None


def _mapping(path: Path, found: object) -> str:
    """Return a mapping for its place, with the text that was found in it where that has a place."""
    place = next((place for place in _MAPPINGS if is_at(path, place)), None)
    if place is None:
        return "{key: value}"
    text = found if isinstance(found, str) else None
    if text and place == ("logs", "*"):
        return f'{{path: "{text}"}}'
    if text and place == ("customers", "*", "slos", "*"):
        return f"{{{'target' if text.endswith('%') else 'p99'}: {text}}}"
    return _MAPPINGS[place]


def _inside(path: Path) -> str:
    parents = [str(part) for part in path[:-1] if isinstance(part, str)]
    parents = [part for part in parents if part not in (PERCENTILES, CHOICES)]
    return f" in `{'.'.join(parents)}`" if parents else ""


def _name(path: Path) -> str:
    names = [str(part) for part in path if isinstance(part, str)]
    return next((name for name in reversed(names) if name), "slo.yaml")
