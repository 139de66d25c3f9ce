"""The keys that slo.yaml knows, by the mapping in which they stand."""

from collections.abc import Iterator
from typing import Any, get_args

from pydantic import BaseModel

from slo_report.slo_yaml.raw import RawDefinition
from slo_report.slo_yaml.shapes import CHOICES, PERCENTILES
from slo_report.slo_yaml.source import Path


def models(
    model: type[BaseModel] = RawDefinition, at: Path = ()
) -> Iterator[tuple[Path, set[str]]]:
    """Yield each mapping of the language: where it stands (* for any) and its keys."""
    yield at, {field.alias or name for name, field in model.model_fields.items()}
    for name, field in model.model_fields.items():
        key = field.alias or name
        for nested, is_many in _nested(field.annotation):
            yield from models(nested, (*at, key, "*") if is_many else (*at, key))


def is_at(path: Path, place: Path) -> bool:
    """Tell whether a path leads to a place, in which * stands for any key."""
    return len(path) == len(place) and all(
        part in ("*", own) for part, own in zip(place, path, strict=True)
    )


def known_keys(path: Path) -> set[str]:
    """Return the keys that may stand where the last key of `path` stands."""
    parent = path[:-1]
    for at, keys in models():
        if is_at(parent, at):
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
