"""The scalars of slo.yaml, and the short forms that stand for longer ones."""

import re
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, WithJsonSchema

from slo_report.slo_yaml.log_definition import LogFormat

PERCENTILES = "(percentiles)"
"""Where the models keep p50, p99.9 and the like; nobody writes this key."""
CHOICES = "(choices)"
"""Where a row of `each` keeps the columns that choose its requests."""
PERCENTILE_PATTERN = r"p\d+(\.\d+)?"
MONTH_PATTERN = r"\d{4}-(0[1-9]|1[0-2])"

_SCALAR: dict[str, Any] = {"type": ["string", "number", "boolean"]}
_SCALARS: dict[str, Any] = {"type": "array", "items": _SCALAR}


def _boolean(value: object) -> object:
    if value in ("true", "false"):
        return value == "true"
    raise ValueError(f"found {shown(value)}; true or false is right")


def _integer(value: object) -> object:
    if isinstance(value, str) and re.fullmatch(r"\d{1,18}", value):
        return int(value)
    raise ValueError(f"found {shown(value)}; a whole number is right")


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


def as_source(value: object) -> object:
    """Return the long form of `column: source`."""
    return {"from": value} if isinstance(value, str) else value


def _by_month(value: object) -> object:
    return {"": value} if isinstance(value, str) else value


def as_target(value: object) -> object:
    """Return the long form of `target: 99.5%` and of targets by month."""
    by_month = isinstance(value, dict) and any(re.match(r"\d", key) for key in value)
    return {"target": value} if isinstance(value, str) or by_month else value


def as_engine(value: object) -> object:
    """Return the long form of `engine: duckdb`, which names no other place."""
    if isinstance(value, str) and value != "duckdb":
        raise ValueError(
            f"found `{value}`; duckdb, {{spark: sc://...}} or {{clickhouse: http://...}} is right"
        )
    return {} if isinstance(value, str) else value


def shown(value: object) -> str:
    """Return what was found, for a message."""
    if value is None:
        return "nothing"
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    text = str(value)
    return f"`{text if len(text) <= 60 else text[:57] + '...'}`"


Text = Annotated[str, Field(min_length=1), WithJsonSchema(_SCALAR)]
AnyText = Annotated[str, WithJsonSchema(_SCALAR)]
Boolean = Annotated[bool, BeforeValidator(_boolean), WithJsonSchema({"type": "boolean"})]
Integer = Annotated[int, BeforeValidator(_integer), WithJsonSchema({"type": "integer"})]
AFormat = Annotated[LogFormat, WithJsonSchema({"enum": list(LogFormat), "type": "string"})]
Texts = Annotated[
    list[Text], BeforeValidator(_listed), WithJsonSchema({"anyOf": [_SCALAR, _SCALARS]})
]
Months = Annotated[
    dict[str, Text],
    BeforeValidator(_by_month),
    WithJsonSchema(
        {
            "anyOf": [
                _SCALAR,
                {
                    "type": "object",
                    "patternProperties": {f"^{MONTH_PATTERN}$": _SCALAR},
                    "additionalProperties": False,
                },
            ]
        }
    ),
]


def gathered(data: Any, into: str, pattern: str) -> Any:
    """Return the mapping with all keys that match moved below the key `into`."""
    if not isinstance(data, dict):
        return data
    chosen = {key: value for key, value in data.items() if re.fullmatch(pattern, key)}
    chosen.pop(PERCENTILES, None)
    rest = {key: value for key, value in data.items() if key not in chosen}
    return {**rest, into: chosen} if chosen else rest
