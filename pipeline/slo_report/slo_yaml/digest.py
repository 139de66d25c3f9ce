"""The digest of what a slo.yaml means, so that a comment or another layout makes no edition."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from decimal import Decimal
from enum import Enum
from typing import Any
from zoneinfo import ZoneInfo

from slo_report.slo_yaml.definition import Definition
from slo_report.slo_yaml.expressions import Expression
from slo_report.slo_yaml.targets import decimal_text

WITHOUT_MEANING = frozenset(
    {
        *("path", "store", "reports", "notes", "sha256", "warnings", "customer_reports"),
        *("email", "email_to", "healthcheck", "retention_months", "mode"),
        *("engine", "memory_limit", "threads"),
    }
)
"""What changes where or how a report is made, and no figure in it."""


def digest(definition: Definition) -> str:
    """Return the SHA-256 of the canonical form."""
    text = json.dumps(canonical(definition), ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def canonical(value: Any) -> Any:
    """Return a value of the definition as JSON has it, without what has no meaning."""
    match value:
        case Expression():
            plain: Any = value.tree.sql(dialect="duckdb", identify=True)
        case Mapping():
            plain = [[key, canonical(part)] for key, part in value.items()]
        case tuple():
            plain = [canonical(part) for part in value]
        case Decimal():
            plain = decimal_text(value)
        case ZoneInfo():
            plain = value.key
        case Enum():
            plain = value.value
        case _ if is_dataclass(value):
            names = [field.name for field in fields(value) if field.name not in WITHOUT_MEANING]
            plain = {name: canonical(getattr(value, name)) for name in names}
        case _:
            plain = value
    return plain
