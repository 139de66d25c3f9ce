"""Fields of a log recognised by their names; what a name leaves open is marked CHECK."""

import json
import re
from collections.abc import Mapping, Sequence

from slo_report.init.sample import Sample
from slo_report.slo_yaml.log_definition import LogFormat

CHECK = "# check this"

# Well-known names, the likelier ones first; compared in lower case without punctuation.
NAMES: Mapping[str, tuple[str, ...]] = {
    "ts": (
        *("ts", "timestamp", "time", "datetime", "starttime", "startedat", "eventtime"),
        *("timelocal", "timeiso8601", "date"),
    ),
    "request_id": ("requestid", "reqid", "xrequestid"),
    "method": ("method", "httpmethod", "requestmethod", "verb"),
    "route": ("route", "httproute", "routetemplate", "urltemplate"),
    "path": ("path", "uri", "requesturi", "requestpath", "urlpath", "httppath", "httptarget"),
    "status": (
        *("status", "statuscode", "httpstatus", "httpstatuscode", "responsestatus"),
        *("responsecode", "downstreamstatus", "elbstatuscode"),
    ),
    "duration": tuple(
        name + unit
        for unit in ("ms", "us", "ns", "s", "millis", "micros", "nanos", "seconds", "")
        for name in ("duration", "latency", "elapsed", "responsetime", "requesttime", "took")
    ),
    "customer": ("customer", "customerid", "tenant", "tenantid", "account", "accountid", "orgid"),
    "replica": ("replica", "pod", "instance"),
}
UNITS = {"us": "us", "micros": "us", "ns": "ns", "nanos": "ns", "seconds": "s"}

_OFFSET_TIME = re.compile(
    r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d([.,]\d+)?([Zz]|[+-]\d\d(:?\d\d)?)", re.ASCII
)
_BARE_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?", re.ASCII)
_CLF_TIME = re.compile(r"\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}", re.ASCII)
_EPOCHS = {10: "epoch_s", 13: "epoch_ms", 16: "epoch_us", 19: "epoch_ns"}


def recognised_fields(sample: Sample) -> list[tuple[str, str]]:
    """Return (column, what stands behind it in `fields:`) for each field that was recognised."""
    if sample.format is LogFormat.COMBINED:
        times = [str(time) for time in sample.values.get("request_time", ())]
        # nginx writes 0.004; Apache's %D is whole microseconds, its %T whole seconds.
        if any("." in time for time in times) or not times:
            return []
        return [("duration", f"{{from: request_time, unit: us}}  {CHECK}: us (%D) or s (%T)")]
    found: list[tuple[str, str]] = []
    for column, names in NAMES.items():
        source = _source(sample, column, names)
        if source is not None:
            found.append((column, _mapped(column, source, sample.values[source])))
        elif column == "ts":
            found.append(
                ("ts", f"time                    {CHECK}: name the field that has the time")
            )
    return found


def _source(sample: Sample, column: str, names: Sequence[str]) -> str | None:
    """Return the log's own name of a column, the whole name first, then its last part."""
    for whole in (True, False):
        plain: dict[str, str] = {}
        for name in sample.values:
            compared = name if whole else name.rsplit(".", 1)[-1]
            plain.setdefault(re.sub(r"[\W_]", "", compared.lower()), name)
        for known in names:
            source = plain.get(known)
            if source is not None and _fits(column, sample.values[source]):
                return source
    return None


def _fits(column: str, values: Sequence[object]) -> bool:
    """Tell whether values of the log can be what a name promises."""
    texts = [str(value) for value in values]
    if column == "status":
        return all(re.fullmatch(r"[1-5]\d\d", text) for text in texts)
    if column == "duration":
        return all(re.fullmatch(r"\d+(\.\d+)?", text) for text in texts)
    if column == "request_id":  # two requests with one id would be duplicates
        return len(set(texts)) == len(texts)
    return not any(isinstance(value, bool) for value in values)


def _mapped(column: str, source: str, values: Sequence[object]) -> str:
    name = json.dumps(source, ensure_ascii=False)
    if re.fullmatch(r"[A-Za-z_][\w.]*", source, re.ASCII) and source.lower() not in ("null", "y"):
        name = source
    if column == "duration":
        unit = next(
            (
                unit
                for end, unit in UNITS.items()
                if re.search(rf"[_.]{end}$|{end.title()}$", source)
            ),
            "s" if re.search(r"(_s|\brequest_time)$", source) else "ms",
        )
        return f"{{from: {name}, unit: {unit}}}  {CHECK}: ns, us, ms or s"
    if column == "ts" and values and isinstance(values[0], (str, int, float)):
        return _mapped_time(name, str(values[0]))
    return name


def _mapped_time(name: str, value: str) -> str:
    if _BARE_TIME.fullmatch(value):
        return f"{{from: {name}, format: iso, timezone: UTC}}  {CHECK}: the zone of the log's times"
    if _CLF_TIME.fullmatch(value):
        return f'{{from: {name}, format: "%d/%b/%Y:%H:%M:%S %z"}}'
    if re.fullmatch(r"\d+(\.\d+)?", value, re.ASCII):
        epoch = _EPOCHS.get(len(value.partition(".")[0]), "epoch_s")
        return f"{{from: {name}, format: {epoch}}}  {CHECK}: epoch_s, _ms, _us or _ns"
    return name if _OFFSET_TIME.fullmatch(value) else f"{name}  {CHECK}: its times are no RFC 3339"
