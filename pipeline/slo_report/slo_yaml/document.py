"""slo.yaml against its models: shape mistakes as sentences, and the JSON Schema for editors."""

from collections.abc import Iterator
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from slo_report.slo_yaml.kinds import did_you_mean
from slo_report.slo_yaml.raw import RawDefinition
from slo_report.slo_yaml.shapes import CHOICES, PERCENTILE_PATTERN, PERCENTILES, shown
from slo_report.slo_yaml.source import Document, Path

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
_RIGHT = {
    "string_type": "a text or number",
    "list_type": "a list such as [..., ...]",
    "dict_type": "a mapping such as {key: value}",
    "model_type": "a mapping such as {key: value}",
    "model_attributes_type": "a mapping such as {key: value}",
}


def validated(document: Document) -> RawDefinition:
    """Return the models of a document; what has a mistake is noted and left out.

    Mistakes that leave nothing to go on (no service, no sound log) are raised at once.
    """
    broken = _note(document)
    if any(path[0] in ("service", "logs") or path == ("slos",) for path in broken):
        document.refuse()
    values = document.values()
    for path in sorted(broken, key=lambda path: tuple(map(_sortable, path)), reverse=True):
        if path[0] == "slos" and isinstance(path[1], int) and isinstance(values["slos"], list):
            _keep_id(document, values["slos"][path[1]])
        document.remove(path)
        document.left_out.add(path)
    try:
        return RawDefinition.model_validate(document.values())
    except ValidationError:
        document.refuse()
        raise


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of slo.yaml, for editors."""
    schema = RawDefinition.model_json_schema(mode="validation")
    for part in [schema, *schema["$defs"].values()]:
        properties = part.get("properties", {})
        if percentiles := properties.pop(PERCENTILES, None):
            pattern = f"^{PERCENTILE_PATTERN}$"
            part["patternProperties"] = {pattern: percentiles["additionalProperties"]}
        if choices := properties.pop(CHOICES, None):
            part["additionalProperties"] = choices["additionalProperties"]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **schema,
        "title": "slo.yaml of slo-report",
    }


def models(
    model: type[BaseModel] = RawDefinition, at: Path = ()
) -> Iterator[tuple[Path, set[str]]]:
    """Yield each mapping of the language: where it stands (* for any) and its keys."""
    yield at, {field.alias or name for name, field in model.model_fields.items()}
    for name, field in model.model_fields.items():
        key = field.alias or name
        for nested, is_many in _nested(field.annotation):
            yield from models(nested, (*at, key, "*") if is_many else (*at, key))


def _note(document: Document) -> set[Path]:
    """Note every shape mistake; return what must be left out for the rest to be sound."""
    try:
        RawDefinition.model_validate(document.values())
    except ValidationError as error:
        details = error.errors(include_url=False)
        for detail in details:
            document.wrong(detail["loc"], _sentence(detail))
        return {_item(detail["loc"]) for detail in details}
    return set()


def _item(path: Path) -> Path:
    """Return the section, or its entry, that a mistake makes unsound."""
    sections = ("logs", "slos", "exclusions", "customers", "error_budget_policy")
    listed = path[0] in sections or str(path[0]).endswith("_alerts")
    return path[: 2 if listed else 1]


def _keep_id(document: Document, slo: object) -> None:
    if isinstance(slo, dict) and isinstance(slo.get("id"), str):
        document.unsound_slos.add(slo["id"])


def _sentence(detail: ErrorDetails) -> str:
    path, kind = detail["loc"], detail["type"]
    key = str(path[-1])
    if kind == "missing":
        return f"`{key}` is missing{_inside(path)}; write {_EXAMPLES.get(key, key + ': ...')}"
    if kind == "extra_forbidden":
        return f"unknown key `{key}`{_inside(path)}; {did_you_mean(key, _known_keys(path))}"
    if kind == "value_error":
        return f"`{_name(path)}`: {detail['ctx']['error']}"
    if kind in ("too_short", "string_too_short"):
        return f"`{_name(path)}` is empty; give it a value or take it out"
    right = _RIGHT.get(kind) or detail["ctx"]["expected"].replace("'", "")
    return f"`{_name(path)}`: found {shown(detail['input'])}; {right} is right"


def _inside(path: Path) -> str:
    parents = [str(part) for part in path[:-1] if isinstance(part, str)]
    parents = [part for part in parents if part not in (PERCENTILES, CHOICES)]
    return f" in `{'.'.join(parents)}`" if parents else ""


def _name(path: Path) -> str:
    names = [str(part) for part in path if isinstance(part, str)]
    return next((name for name in reversed(names) if name), "slo.yaml")


def _known_keys(path: Path) -> set[str]:
    parent = path[:-1]
    for at, keys in models():
        same = len(at) == len(parent) and all(
            part in ("*", own) for part, own in zip(at, parent, strict=True)
        )
        if same:
            return keys - {PERCENTILES, CHOICES}
    return set()


def _nested(annotation: Any, is_many: bool = False) -> Iterator[tuple[type[BaseModel], bool]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation, is_many
        return
    many = is_many or getattr(annotation, "__origin__", None) in (list, dict)
    for argument in get_args(annotation):
        if isinstance(argument, type) or get_args(argument):
            yield from _nested(argument, many)


def _sortable(part: str | int) -> tuple[int, str]:
    return (part, "") if isinstance(part, int) else (0, part)
