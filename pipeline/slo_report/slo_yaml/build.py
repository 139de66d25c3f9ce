"""From slo.yaml to a `Definition`: read, checked against the models, and given its meaning."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path as FilePath
from zoneinfo import ZoneInfo

from slo_report.errors import DefinitionError
from slo_report.slo_yaml.alerts import read_burn_rate_alerts, read_policy, read_threshold_alerts
from slo_report.slo_yaml.customers import read_customers, unknown_slo
from slo_report.slo_yaml.definition import Definition, Email, Exclusion, Limits, Slo
from slo_report.slo_yaml.digest import digest
from slo_report.slo_yaml.document import validated
from slo_report.slo_yaml.endpoints import columns_of, read_endpoints
from slo_report.slo_yaml.engines import read_engine
from slo_report.slo_yaml.kinds import Kind, did_you_mean
from slo_report.slo_yaml.logs import read_logs, zone
from slo_report.slo_yaml.parse import read_document
from slo_report.slo_yaml.raw import RawDefinition, RawEmail, RawExclusion, RawLimits
from slo_report.slo_yaml.reading import address, condition, instant_us, read
from slo_report.slo_yaml.slo_rows import Scene
from slo_report.slo_yaml.slos import improbable_percentiles, read_slos
from slo_report.slo_yaml.source import Document
from slo_report.slo_yaml.targets import parse_percentage

UTC_ZONE = ZoneInfo("UTC")
_BREAKDOWN_KINDS = (Kind.TEXT, Kind.INTEGER, Kind.BOOLEAN)


def load_definition(path: FilePath) -> Definition:
    """Return what a slo.yaml means; DefinitionError names every mistake in it with its line."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise DefinitionError(
            f"{path}: there is no such file; write one, or name it with --config"
        ) from error
    except UnicodeDecodeError as error:
        raise DefinitionError(f"{path.name}:1: not UTF-8; save the file as UTF-8 text") from error
    except OSError as error:
        raise DefinitionError(f"{path}: {error.strerror}; name a file that can be read") from error
    document = read_document(text, path.name)
    definition = _definition(document, validated(document), path)
    document.refuse()
    return replace(definition, sha256=digest(definition))


def _definition(document: Document, raw: RawDefinition, path: FilePath) -> Definition:
    timezone = read(document, ("timezone",), zone, raw.timezone) or UTC_ZONE
    logs = read_logs(document, raw.logs)
    endpoints = read_endpoints(document, raw.endpoints)
    columns = columns_of(document, logs, bool(raw.endpoints))
    sources = tuple(log.name for log in logs)
    sound = len(endpoints) == len(raw.endpoints)
    scene = Scene(columns, tuple(t.text for t in endpoints if sound), sources)
    slos = read_slos(document, raw.slos, scene)
    customers, looser = read_customers(document, raw.customers, slos, columns)
    burn_rate_alerts, unreachable = read_burn_rate_alerts(document, raw.burn_rate_alerts, slos)
    folder = path.parent
    return Definition(
        path=path,
        service=raw.service,
        timezone=timezone,
        store=folder / raw.store,
        reports=folder / raw.reports,
        notes=_notes(document, folder / raw.notes) if raw.notes else None,
        logs=logs,
        endpoints=endpoints,
        columns=columns,
        exclusions=_exclusions(document, raw.exclusions, slos, columns, timezone),
        slos=slos,
        customers=customers,
        customer_reports=raw.customer_reports,
        policy=read_policy(document, raw.error_budget_policy),
        burn_rate_alerts=burn_rate_alerts,
        threshold_alerts=read_threshold_alerts(document, raw.threshold_alerts, slos, columns),
        breakdowns=_breakdowns(document, raw.breakdowns, columns),
        breakdown_rows=_at_least_one(document, "breakdown_rows", raw.breakdown_rows),
        limits=_limits(document, raw.limits),
        email=_email(document, raw.email) if raw.email else None,
        memory_limit=_optional(document, "memory_limit", raw.memory_limit, _memory),
        threads=_at_least_one(document, "threads", raw.threads)
        if raw.threads is not None
        else None,
        sha256="",
        warnings=tuple(
            sorted(
                [*improbable_percentiles(document, raw.slos), *looser, *unreachable],
                key=lambda concern: concern.line,
            )
        ),
        healthcheck=_optional(document, "healthcheck", raw.healthcheck, _web_address),
        retention_months=_months(document, raw.retention),
        mode=_mode(document, raw.mode),
        engine=read_engine(document, raw.engine, logs, keeps_all=raw.retention is None),
    )


def _notes(document: Document, notes: FilePath) -> FilePath:
    if notes.is_file():
        document.wrong(
            ("notes",), f"`notes`: `{notes.name}` is a file; name the folder of 2026-07.md"
        )
    return notes


def _exclusions(
    document: Document,
    raws: Sequence[RawExclusion],
    slos: Sequence[Slo],
    columns: Mapping[str, Kind],
    timezone: ZoneInfo,
) -> tuple[Exclusion, ...]:
    exclusions = []
    for index, raw in enumerate(raws):
        path = ("exclusions", index)
        if raw.where is None and raw.from_ is None and raw.to is None:
            document.wrong(path, "an exclusion of nothing; write `where`, or `from` and `to`")
        if (raw.from_ is None) != (raw.to is None):
            there, missing = ("from", "to") if raw.to is None else ("to", "from")
            document.wrong((*path, there), f"`{there}` without `{missing}`; write both")
        start, end = (
            read(document, (*path, key), partial(instant_us, zone=timezone, last=last), text)
            if text is not None
            else None
            for key, text, last in (("from", raw.from_, False), ("to", raw.to, True))
        )
        if start is not None and end is not None and start >= end:
            document.wrong((*path, "to"), f"`to` ({raw.to}) is not after `from` ({raw.from_})")
        for slo in raw.slos or ():
            if slo not in {known.id for known in slos}:
                unknown_slo(document, (*path, "slos"), slo, slos)
        where = condition(document, (*path, "where"), raw.where, columns)
        limited = None if raw.slos is None else tuple(raw.slos)
        exclusions.append(Exclusion(raw.reason, where, start, end, limited))
    return tuple(exclusions)


def _breakdowns(
    document: Document, raws: Sequence[str] | None, columns: Mapping[str, Kind]
) -> tuple[str, ...]:
    if raws is None:
        return tuple(column for column in ("endpoint", "customer") if column in columns)
    known = [column for column, kind in columns.items() if kind in _BREAKDOWN_KINDS]
    for index, column in enumerate(raws):
        path = ("breakdowns", index)
        if document.is_in_doubt(column, columns):
            continue
        if column not in columns:
            document.wrong(path, f"unknown column `{column}`; {did_you_mean(column, known)}")
        elif column not in known:
            document.wrong(
                path, f"`{column}` is a {columns[column]}; break down by texts, integers, booleans"
            )
        elif column in raws[:index]:
            document.wrong(path, f"`{column}` stands twice in `breakdowns`; take one out")
    return tuple(dict.fromkeys(raws))


def _limits(document: Document, raw: RawLimits) -> Limits:
    default = Limits()
    quarantined = read(document, ("limits", "quarantined"), parse_percentage, raw.quarantined)
    missing = read(document, ("limits", "missing_time"), parse_percentage, raw.missing_time)
    return Limits(
        default.quarantined if quarantined is None else quarantined,
        default.missing_time if missing is None else missing,
    )


def _email(document: Document, raw: RawEmail) -> Email:
    sender = read(document, ("email", "from"), address, raw.from_)
    to = [read(document, ("email", "to"), address, text) for text in raw.to]
    smtp = read(document, ("email", "smtp"), _smtp, raw.smtp)
    error_to = None
    if raw.error_to is not None:
        error_to = read(document, ("email", "error_to"), address, raw.error_to)
    return Email(sender or "", tuple(text for text in to if text), smtp or "", error_to)


def _smtp(text: str) -> str:
    if "@" in text:
        raise ValueError("it holds a name or password; take it out, they come from the environment")
    if not re.fullmatch(r"smtps?://[\w.\-]+(:\d{1,5})?|smtps?://\[[\da-fA-F:]+\](:\d{1,5})?", text):
        raise ValueError(f"`{text}` is no mail server; write smtp://mail.example.org:587")
    return text


def _web_address(text: str) -> str:
    if not re.fullmatch(r"https?://[^\s]+", text):
        raise ValueError(f"`{text}` is no address; write https://hc.example.org/ping/ID")
    return text


def _memory(text: str) -> str:
    if not re.fullmatch(r"[1-9]\d{0,6}(\.\d{1,3})?\s*([KMGT]i?B)", text):
        raise ValueError(f"`{text}` is no size; write 1 GB")
    return text


def _optional(
    document: Document, key: str, text: str | None, parse: Callable[[str], str]
) -> str | None:
    return None if text is None else read(document, (key,), parse, text)


def _months(document: Document, text: str | None) -> int | None:
    if text is None:
        return None
    shape = re.fullmatch(r"([1-9]\d{0,3})\s*months?", text)
    if shape is None:
        document.wrong(("retention",), f"`retention`: `{text}` is no time; write 13 months")
        return None
    return int(shape[1])


def _mode(document: Document, text: str | None) -> int | None:
    if text is None:
        return None
    if not re.fullmatch(r"0?[0-7]{3}", text) or int(text, 8) & 0o600 != 0o600:
        document.wrong(
            ("mode",), f"`mode`: `{text}` are no permissions of a file; write 0640 or 0600"
        )
        return None
    return int(text, 8)


def _at_least_one(document: Document, key: str, number: int) -> int:
    if number < 1:
        document.wrong((key,), f"`{key}`: found {number}; at least 1 is right")
    return number
