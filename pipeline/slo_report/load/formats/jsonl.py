"""JSON lines: one object a line."""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

from slo_report.load.formats.json_columns import (
    lenient_sql,
    repeated,
    strict_sql,
    trap_pattern,
)
from slo_report.load.formats.reading import (
    Line,
    LogText,
    Reader,
    Values,
    decoded_lines,
    reason_rank,
)
from slo_report.load.json_sample import held
from slo_report.slo_yaml.expressions import Kind
from slo_report.slo_yaml.log_definition import Field

_MAX_DEPTH = 128
_TEXT_OR_BRACKET = re.compile(r'"(?:[^"\\]|\\.)*"?|[\[{]|[\]}]', re.DOTALL)
# DuckDB takes these for numbers in any case; Python only as NaN and Infinity.
_TEXT_OR_NO_NUMBER = re.compile(r'"(?:[^"\\]|\\.)*"|-?\b(?:nan|inf(?:inity)?)\b', re.I | re.DOTALL)
_EXPONENT_CAP = 400
"""No column holds as many digits."""


class _Number(str):
    """A JSON number, as it is written."""

    __slots__ = ()


class _Object(list[tuple[str, Any]]):
    """A JSON object with all its keys, in order, repeated ones too."""

    __slots__ = ()


def careful(lines: Iterable[bytes], text: LogText) -> Iterator[Line | None]:
    """Judge each line by itself; `None` for a blank one."""
    getters = [_getter(field) for field in text.fields]
    for line in decoded_lines(lines, text.max_line_bytes):
        if line is None:
            yield None
            continue
        number, reason, content = line
        yield Line(number, reason, None, ()) if reason else _judge(number, content, getters)


def _judge(number: int, content: str, getters: Sequence["_Getter"]) -> Line:
    if content.count("[") + content.count("{") > _MAX_DEPTH and _depth(content) > _MAX_DEPTH:
        return Line(number, "too_deep", None, ())
    try:
        record = _parse(content)
    except (ValueError, RecursionError):
        return Line(number, "json", None, ())
    if not isinstance(record, _Object):
        return Line(number, "not_object", None, ())
    wrong: list[str] = []
    values: list[str | None] = []
    try:
        for getter in getters:
            value, fits = getter(record)
            values.append(value)
            if not fits:
                wrong.append(getter.keywords["field"].column)
    except _RepeatedKeyError:
        return Line(number, "duplicate_key", None, ())
    return Line(number, None, min(wrong, key=reason_rank, default=None), values)


def _parse(content: str) -> Any:
    """Parse strictly, but for NaN and infinity, which are no numbers wherever they are mapped."""
    stripped = content.strip(" \t\n\r\v\f")
    try:
        record = _DECODER.decode(stripped)
    except json.JSONDecodeError:
        record = _DECODER.decode(_TEXT_OR_NO_NUMBER.sub(_spelled_for_python, stripped))
    if "\\u" in content:
        # A lone surrogate is no text.
        json.dumps(record, ensure_ascii=False).encode("utf-8")
    return record


def _spelled_for_python(match: re.Match[str]) -> str:
    return match[0] if match[0].startswith('"') else "NaN"


_DECODER = json.JSONDecoder(
    object_pairs_hook=_Object, parse_float=_Number, parse_int=_Number, parse_constant=_Number
)


def first_values(_path: Path, lines: Sequence[str]) -> Values | None:
    """Return the plain values under each name, of the lines that are objects; None without any."""
    values: dict[str, list[object]] = {}
    for line in lines:
        try:
            found = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(found, dict):
            for name, value in _flat(found):
                values.setdefault(name, []).append(value)
    return values or None


def _flat(
    found: Mapping[str, object], prefix: str = "", depth: int = 0
) -> Iterator[tuple[str, object]]:
    """Yield the plain values of an object, those of objects in it under `outer.inner`."""
    for key, value in found.items():
        if isinstance(value, dict) and depth < 4:
            yield from _flat(value, f"{prefix}{key}.", depth + 1)
        elif value is not None and not isinstance(value, (dict, list)):
            yield prefix + key, value


def _depth(content: str) -> int:
    depth = deepest = 0
    for token in _TEXT_OR_BRACKET.finditer(content):
        if token[0] in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif token[0] in "]}":
            depth -= 1
    return deepest


class _RepeatedKeyError(Exception):
    """A mapped key stands twice in one object."""


_Getter = partial[tuple[str | None, bool]]


def _getter(field: Field) -> _Getter:
    textual = field.kind is Kind.TEXT
    return partial(_get, field=field, form=_as_written if textual else _as_plain)


def _get(
    record: _Object, *, field: Field, form: Callable[[_Number], str]
) -> tuple[str | None, bool]:
    """Return the field's text, and whether its JSON type can be one of the column."""
    value = _find(record, field.source)
    if value is None:
        return None, True
    if isinstance(value, _Number):
        return form(value), value not in ("NaN", "Infinity", "-Infinity")
    if isinstance(value, str):
        return value, True
    if isinstance(value, bool) and field.kind is Kind.BOOLEAN:
        return ("true" if value else "false"), True
    return None, False


def _find(record: _Object, source: str) -> Any:
    """Return the value of a key of that very name, else reach into objects at the first dots."""
    found = [value for key, value in record if key == source]
    if len(found) > 1:
        raise _RepeatedKeyError
    if found:
        return found[0]
    head, dot, rest = source.partition(".")
    if not dot:
        return None
    inner = [value for key, value in record if key == head]
    if len(inner) > 1:
        raise _RepeatedKeyError
    return _find(inner[0], rest) if inner and isinstance(inner[0], _Object) else None


def _as_written(number: _Number) -> str:
    return str(number)


def _as_plain(number: _Number) -> str:
    """Return the number without an exponent, which only a number, not a text, may have."""
    if "e" not in number and "E" not in number:
        return str(number)
    exact = Decimal(number)
    if exact.adjusted() >= _EXPONENT_CAP:
        # Beyond every range, whatever its digits; not worth writing out.
        return ("-" if exact < 0 else "") + "9" * _EXPONENT_CAP
    return format(exact, "f") if exact.adjusted() > -_EXPONENT_CAP else "0"


JSONL = Reader(
    clean_sql=strict_sql,
    careful=careful,
    by_blocks=True,
    trap=lambda _path, _packing, fields: trap_pattern(fields),
    lenient_sql=lenient_sql,
    repeated=repeated,
    sample=held,
    first_values=first_values,
)
