"""`logs:` into values: which files, of which format, and how a line becomes a row."""

import re
from collections.abc import Sequence
from decimal import Decimal
from zoneinfo import ZoneInfo

from slo_report.slo_yaml.kinds import NUMERIC, Kind, did_you_mean, with_article
from slo_report.slo_yaml.log_definition import Field, Log, LogFormat, format_of
from slo_report.slo_yaml.raw import RawField, RawLog
from slo_report.slo_yaml.reading import byte_count, read
from slo_report.slo_yaml.source import Document, Path
from slo_report.slo_yaml.tokens import MICROSECONDS

RESERVED = {
    "ts": Kind.TIMESTAMP,
    "status": Kind.INTEGER,
    "duration": Kind.DURATION,
    **dict.fromkeys(("method", "path", "route", "customer", "replica", "request_id"), Kind.TEXT),
}
_TIME_FORMATS = ("iso", "epoch_s", "epoch_ms", "epoch_us", "epoch_ns")


def read_logs(document: Document, raws: Sequence[RawLog]) -> tuple[Log, ...]:
    """Return the kinds of log, each with its fields in their order."""
    names: set[str] = set()
    logs = []
    for index, raw in enumerate(raws):
        path = ("logs", index)
        if raw.name in names:
            document.wrong((*path, "name"), f"`name`: a second log `{raw.name}`; name it otherwise")
        names.add(raw.name)
        forms = _formats(document, path, raw)
        fields = _fields(document, (*path, "fields"), raw)
        log_format = forms[0] if len(forms) == 1 else None
        if log_format is not None:
            _refuse_unknown_sources(document, (*path, "fields"), fields, log_format)
            fields = log_format.mapped(fields)
        every = [form.mapped(fields) for form in forms] or [fields]
        if not all(any(field.column == "ts" for field in mapped) for mapped in every):
            document.wrong(path, "`fields` maps no `ts`; add ts: time, the time of the request")
        max_line = read(document, (*path, "max_line"), byte_count, raw.max_line or "1 MiB")
        paths, ignore = tuple(raw.path), tuple(raw.ignore)
        _refuse_none_and_both(document, path, raw)
        logs.append(
            Log(raw.name, paths, ignore, log_format, fields, max_line or 1 << 20, raw.table)
        )
    return tuple(logs)


def _refuse_none_and_both(document: Document, path: Path, raw: RawLog) -> None:
    for index, pattern in enumerate(raw.path):
        if re.match(r"[A-Za-z][\w+.\-]*://", pattern):
            document.wrong(
                (*path, "path", index),
                f"`path`: `{pattern}` is no file; logs are files of this machine, or of Spark's"
                " workers: mount the store, or copy them with its own sync command",
            )
    if raw.table is None and not raw.path:
        document.wrong(path, "`path` is missing in `logs`; write path: logs/*.jsonl")
    if raw.table is not None and raw.path:
        document.wrong(path, "`path` beside `table`; a log is files or a table, take one out")
    if raw.table is not None and not re.fullmatch(r"\w+(\.\w+){0,2}", raw.table):
        document.wrong(
            (*path, "table"), f"`{raw.table}` is no table; write its name, such as logs.requests"
        )


def _formats(document: Document, path: Path, raw: RawLog) -> list[LogFormat]:
    """Return the formats that the files can have, in the order of their patterns."""
    if raw.format is not None:
        return [raw.format]
    by_pattern = {pattern: format_of(pattern) for pattern in raw.path}
    for pattern, form in by_pattern.items():
        if form is None:
            *most, last = LogFormat
            document.wrong(
                path,
                f"`format` is missing, and the ending of `{pattern}` does not tell it;"
                f" write format: {', '.join(most)} or {last}",
            )
            break
    return list(dict.fromkeys(form for form in by_pattern.values() if form is not None))


def _refuse_unknown_sources(
    document: Document, path: Path, fields: Sequence[Field], form: LogFormat
) -> None:
    sources = form.traits.sources
    for field in fields:
        if sources and field.source not in sources:
            document.wrong(
                (*path, field.column),
                f"unknown field `{field.source}` of {form}; {did_you_mean(field.source, sources)}",
            )


def _fields(document: Document, path: Path, raw: RawLog) -> tuple[Field, ...]:
    return tuple(
        _field(document, (*path, column), column, field) for column, field in raw.fields.items()
    )


def _field(document: Document, path: Path, column: str, raw: RawField) -> Field:
    kind = _kind(document, path, column, raw)
    if raw.signed and kind not in (Kind.INTEGER, Kind.NUMBER):
        document.wrong(path, "`signed` is for integers and numbers; take it out")
    if raw.max is not None and kind is not Kind.DURATION:
        document.wrong(path, "`max` is for durations; take it out, or give the column a `unit`")
    if kind is not Kind.TIMESTAMP and (raw.format or raw.timezone or raw.is_):
        document.wrong(path, "`format`, `timezone` and `is` are for ts; take them out")
    max_us = read(document, (*path, "max"), _longest_us, raw.max or "24 h")
    return Field(
        column,
        raw.from_,
        kind,
        unit=raw.unit if kind is Kind.DURATION else None,
        default=_default(document, path, kind, raw, max_us or 1),
        signed=raw.signed,
        max_us=max_us or 1,
        time_format=_time_format(document, path, raw) if kind is Kind.TIMESTAMP else None,
        time_zone=raw.timezone,
        time_is_end=raw.is_ == "end",
    )


def _kind(document: Document, path: Path, column: str, raw: RawField) -> Kind:
    if column in ("source", "endpoint"):
        right = "name the log in `name:`" if column == "source" else "map method and path"
        document.wrong(path, f"`{column}` is made by slo-report; {right}")
    elif not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]{0,62}", column):
        document.wrong(path, f"`{column}` is no column name; use letters, digits and _")
    reserved = RESERVED.get(column)
    if raw.unit is not None and raw.type is not None:
        document.wrong(path, f"`{column}` has a unit and a type; a unit alone makes a duration")
    stated = Kind.DURATION if raw.unit else Kind(raw.type or "text")
    if reserved is None:
        return stated
    if reserved is Kind.DURATION and raw.unit is None:
        document.wrong(path, "`duration` has no unit; write {from: " + raw.from_ + ", unit: ms}")
    elif (raw.unit or raw.type) and stated is not reserved:
        document.wrong(path, f"`{column}` is always {reserved}; take out its unit or type")
    return reserved


def _default(document: Document, path: Path, kind: Kind, raw: RawField, max_us: int) -> str | None:
    patterns = {
        Kind.INTEGER: r"-?\d{1,18}",
        Kind.NUMBER: r"-?\d{1,18}(\.\d{1,18})?",
        Kind.DURATION: r"-?\d{1,18}(\.\d{1,18})?",
        Kind.BOOLEAN: "true|false",
        Kind.TEXT: r"(?s).*",
    }
    default = raw.default
    if default is None:
        return None
    if kind is Kind.TIMESTAMP:
        document.wrong(path, "`default` of ts; a request without a time is no request: take it out")
    elif not re.fullmatch(patterns[kind], default):
        right = "true or false" if kind is Kind.BOOLEAN else "a plain number"
        document.wrong(
            path, f"`default`: `{default}` does not fit {with_article(kind)}; write {right}"
        )
    elif kind in NUMERIC | {Kind.DURATION} and (
        wrong := _not_believed(Decimal(default), str(path[-1]), raw, max_us)
    ):
        document.wrong(
            path, f"`default`: `{default}` {wrong}: each line it fills would be quarantined"
        )
    return default


def _not_believed(default: Decimal, column: str, raw: RawField, max_us: int) -> str | None:
    """Return why a line with such a number would be quarantined, None where it would not."""
    if column == "status" and not 100 <= default <= 599:
        return "is no status; write one from 100 to 599"
    if default < 0 and not raw.signed:
        return "is negative; write 0 or more" + ("" if raw.unit else ", or add signed: true")
    if raw.unit and default * MICROSECONDS[raw.unit] > max_us:
        return f"is longer than {raw.max or '24 h'}; write less, or a longer `max`"
    return None


def _time_format(document: Document, path: Path, raw: RawField) -> str | None:
    if raw.timezone is not None:
        read(document, (*path, "timezone"), zone, raw.timezone)
    if raw.format is None:
        return "iso" if raw.timezone else None
    if "%" not in raw.format and raw.format not in _TIME_FORMATS:
        document.wrong(
            (*path, "format"),
            f"`format`: `{raw.format}` is no form of time; write one of"
            f" {', '.join(_TIME_FORMATS)} or a pattern such as %Y-%m-%d %H:%M:%S",
        )
    return raw.format


def zone(name: str) -> ZoneInfo:
    """Return a time zone by its IANA name."""
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, KeyError) as error:
        raise ValueError(f"`{name}` is no time zone; write an IANA name: Europe/Berlin") from error


def _longest_us(text: str) -> int:
    shape = re.fullmatch(r"(\d{1,9})\s*(\w+)", text)
    if shape is None or shape[2] not in MICROSECONDS or not int(shape[1]):
        raise ValueError(f"`{text}` is no duration; write 48 h")
    return max(1, int(Decimal(shape[1]) * MICROSECONDS[shape[2]]))
