"""Log lines of a generated month: good ones in every spelling, bad ones of every kind."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from random import Random
from typing import Literal

from .generated_requests import Draft
from .log_values import duration_us
from .months import EPOCH


@dataclass(frozen=True)
class LineForm:
    """What all lines of a case have in common."""

    duration_unit: Literal["ms", "s"]
    ts_is_end: bool


def write_line(rng: Random, form: LineForm, draft: Draft, request_id: str | None) -> bytes:
    """Write one request as a JSON object, its keys in any order, its numbers quoted or not."""
    return _object(rng, line_fields(rng, form, draft, request_id)).encode()


def line_fields(
    rng: Random, form: LineForm, draft: Draft, request_id: str | None
) -> dict[str, str]:
    """Return the fields of a line as JSON texts."""
    logged_us, duration = draft.ts_us, draft.duration_text
    if form.ts_is_end and duration is not None:
        logged_us += duration_us(duration, "ms")
    fields = {"time": json.dumps(write_instant(rng, logged_us)), **draft.fields}
    if request_id is not None:
        fields["id"] = request_id
    if duration is not None:
        in_seconds = form.duration_unit == "s"
        fields["took"] = f"{Decimal(duration) / 1000:f}" if in_seconds else duration
    for name in ("took", "status", "cost", "skew"):
        if name in fields and fields[name] != "null" and rng.random() < 0.1:
            fields[name] = f'"{fields[name]}"'
    if fields.get("customer") == '"7"' and rng.random() < 0.5:
        fields["customer"] = "7"  # a number in a text column is the text of the number
    return fields


def write_instant(rng: Random, instant_us: int) -> str:
    """Write an instant in some RFC 3339 form; digits past the microsecond are to be cut."""
    minutes = rng.choice((0, 0, 60, -300, 330, 345, -210))
    zone = UTC if minutes == 0 else timezone(timedelta(minutes=minutes))
    local = (EPOCH + timedelta(microseconds=instant_us)).astimezone(zone)
    return f"{_clock(rng, local)}{_offset(rng, minutes)}"


def _clock(rng: Random, local: datetime) -> str:
    text = local.strftime(f"%Y-%m-%d{rng.choice('TTt ')}%H:%M:%S")
    if local.microsecond == 0 and rng.random() < 0.5:
        return text
    past_microseconds = rng.choice(("", "", "9", "501", "999999"))
    return f"{text}.{local.microsecond:06}{past_microseconds}"


def _offset(rng: Random, minutes: int) -> str:
    if minutes == 0:
        return rng.choice(("Z", "z", "+00:00", "+0000"))
    sign = "-" if minutes < 0 else "+"
    colon = rng.choice((":", ""))
    return f"{sign}{abs(minutes) // 60:02}{colon}{abs(minutes) % 60:02}"


BAD_FIELDS = {
    "type:ts": ("time", '"yesterday"'),
    "missing:ts": ("time", "null"),
    "missing:status": ("status", "null"),
    "range:status": ("status", "700"),
    "type:status": ("status", '"OK"'),
    "type:duration": ("took", '"12 ms"'),
    "range:duration": ("took", "86400001000"),
    "type:customer": ("customer", '{"name": "acme"}'),
    "type:cached": ("flags", '{"cached": "yes"}'),
    "type:tokens_in": ("usage", '{"in": 10.5, "out": 1}'),
    "range:tokens_in": ("usage", '{"in": -1, "out": 1}'),
    "range:tokens_out": ("usage", '{"in": 1, "out": 9223372036854775808}'),
    "range:cost": ("cost", "-0.01"),
    "type:cost": ("cost", "true"),
}
"""Reason to a field and the value that spoils it."""
BAD_FORMS = ("json", "not_object", "encoding", "duplicate_key")


def write_bad_line(rng: Random, form: LineForm, draft: Draft, reason: str) -> bytes:
    """Spoil one thing of a good line, so that the ledger has one reason to give."""
    fields = line_fields(rng, form, draft, None)
    if reason in BAD_FIELDS:
        name, value = BAD_FIELDS[reason]
        return _object(rng, fields | {name: value}).encode()
    text = _object(rng, fields)
    if reason == "json":
        return text[: len(text) // 2].encode()
    if reason == "not_object":
        return f"[{text}]".encode()
    if reason == "encoding":
        return text.encode().removesuffix(b"}") + b', "note": "\xff\xfe"}'
    return f'{text.removesuffix("}")}, "method": "GET"}}'.encode()


def _object(rng: Random, fields: dict[str, str]) -> str:
    names = list(fields)
    rng.shuffle(names)
    pairs = [f"{json.dumps(name)}:{rng.choice(('', ' '))}{fields[name]}" for name in names]
    return "{" + rng.choice((",", ", ")).join(pairs) + "}"
