"""Small texts of slo.yaml into values: each mistake is noted where it stands, and gives None."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

from slo_report.slo_yaml.expressions import Expression, parse_expression
from slo_report.slo_yaml.kinds import NUMERIC, Kind, UnknownColumnError, with_article
from slo_report.slo_yaml.source import Document, Path
from slo_report.slo_yaml.traps import uncut

Value = TypeVar("Value")

_SPAN_SECONDS = {"s": 1, "m": 60, "min": 60, "h": 3600, "d": 86400}
_BYTES = {"": 1, "B": 1, "KB": 1000, "KiB": 1 << 10, "MB": 10**6, "MiB": 1 << 20}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def read(document: Document, path: Path, parse: Callable[[str], Value], text: str) -> Value | None:
    """Return what `parse` makes of a text, None where it raised ValueError."""
    try:
        return parse(text)
    except ValueError as error:
        document.wrong(path, f"`{path[-1]}`: {error}")
        return None


def condition(
    document: Document, path: Path, text: str | None, columns: Mapping[str, Kind]
) -> Expression | None:
    """Return a checked expression that is true or not."""
    expression = _expression(document, path, text, columns)
    if expression is not None and expression.kind is not Kind.BOOLEAN:
        document.wrong(
            path,
            f"`{path[-1]}`: `{expression.text}` is {with_article(expression.kind)}, no condition;"
            " compare it with something",
        )
        return None
    return expression


def quantity(
    document: Document, path: Path, text: str | None, columns: Mapping[str, Kind]
) -> Expression | None:
    """Return a checked expression that is a number or a duration."""
    expression = _expression(document, path, text, columns)
    if expression is not None and expression.kind not in NUMERIC | {Kind.DURATION}:
        document.wrong(
            path,
            f"`{path[-1]}`: `{expression.text}` is {with_article(expression.kind)};"
            " a number or a duration is right",
        )
        return None
    return expression


def span_seconds(text: str) -> int:
    """Return the seconds of a span such as 5m, 1h or 30d."""
    shape = re.fullmatch(r"(\d{1,6})\s*(s|m|min|h|d)", text)
    if shape is None:
        raise ValueError(f"`{text}` is no span of time; write 5m, 1h or 30d")
    seconds = int(shape[1]) * _SPAN_SECONDS[shape[2]]
    if not 60 <= seconds <= 31 * 86400 or seconds % 60:
        raise ValueError(f"`{text}` is out of range; write whole minutes from 1m to 31d")
    return seconds


def byte_count(text: str) -> int:
    """Return the bytes of a size such as 1 MiB."""
    shape = re.fullmatch(r"(\d{1,12})\s*([KMG]i?B|B|)", text)
    if shape is None or shape[2] not in _BYTES:
        raise ValueError(f"`{text}` is no size; write 1 MiB")
    size = int(shape[1]) * _BYTES[shape[2]]
    if not 1024 <= size <= 1 << 30:
        raise ValueError(f"`{text}` is out of range; write a size from 1 KiB to 1024 MiB")
    return size


def instant_us(text: str, zone: ZoneInfo, *, last: bool = False) -> int:
    """Return microseconds since 1970 UTC; a time without offset is in `zone`.

    What a clock there shows twice is the first time, or the `last`, as which logs are read.
    """
    if not re.match(r"\d{4}-\d{2}-\d{2}", text):
        raise ValueError(f"`{text}` is no point in time; write 2026-04-12T02:00:00Z")
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"`{text}` is no point in time; write 2026-04-12T02:00:00Z") from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone)
    # Of a time that the clock leaves out, the second is the earlier one.
    second = moment.replace(fold=1) if last else moment
    return max(at - _EPOCH for at in (moment, second)) // timedelta(microseconds=1)


def address(text: str) -> str:
    """Return a mail address, with or without a name before it."""
    bare = re.fullmatch(r"(?:[^<>\r\n]*<)?([^\s<>@,]+@[^\s<>@,]+)>?", text)
    if bare is None or text.count("<") != text.count(">"):
        raise ValueError(f"`{text}` is no mail address; write team@example.org")
    return text


def _expression(
    document: Document, path: Path, text: str | None, columns: Mapping[str, Kind]
) -> Expression | None:
    if text is None:
        return None
    try:
        expression = parse_expression(text, columns)
    except UnknownColumnError as error:
        if document.knows_columns:
            document.wrong(path, f"`{path[-1]}`: {error}", _named(error))
    except ValueError as error:
        if document.doubtful_columns.intersection(re.findall(r"\w+", text)):
            return None
        message = f"`{path[-1]}`: {error}"
        whole = uncut(document.source(path))
        if "unbalanced quote" in message and whole:
            message += f"; write {whole}"
        document.wrong(path, message, _named(error))
    else:
        return None if expression.columns & document.doubtful_columns else expression
    return None


def _named(error: ValueError) -> str:
    """Return the part of an expression that a mistake names first."""
    named = re.search(r"`([^`]+)`", str(error))
    return named[1] if named else ""
