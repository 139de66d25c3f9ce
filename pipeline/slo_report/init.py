"""`slo-report init`: a commented slo.yaml to start from, its fields proposed from a log.

Fields are recognised by their names alone, so what a name leaves open (a unit, a zone) is marked
`# check this` and told.
"""

import csv
import json
import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path

from slo_report.deliver import write_whole
from slo_report.errors import DefinitionError, DiskError, InputError
from slo_report.load.formats.combined import LINE, LINE_PARTS
from slo_report.load.unpack import DamagedError, packed_pieces, packing_of, unpacked_pieces

HEAD_BYTES = 256 << 10
HEAD_LINES = 200
OTHERS = 30
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

_LIKE_COMBINED = re.compile(r'\S+ \S+ .+? \[[^\]]+\] "(?:[^"\\]|\\.)*" (?:\d{3}|-) (?:\d+|-)')
_OFFSET_TIME = re.compile(
    r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d([.,]\d+)?([Zz]|[+-]\d\d(:?\d\d)?)", re.ASCII
)
_BARE_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?", re.ASCII)
_CLF_TIME = re.compile(r"\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}", re.ASCII)
_EPOCHS = {10: "epoch_s", 13: "epoch_ms", 16: "epoch_us", 19: "epoch_ns"}


@dataclass(frozen=True)
class Sample:
    """The first requests of a log: its format, and the values found under each name."""

    format: str
    values: Mapping[str, Sequence[object]] = field(default_factory=dict)


def write_definition(path: Path, log: Path | None, *, force: bool) -> list[str]:
    """Write a slo.yaml and return what its writer has to look at.

    Raises DefinitionError where there is one already and `force` is not given.
    """
    if not force and (path.exists() or path.is_symlink()):
        raise DefinitionError(f"{path} is there already; write over it with --force")
    text, doubts = definition_text(path, log)
    try:
        write_whole(path, text.encode())
    except OSError as error:
        raise DiskError(f"cannot write {path}: {error.strerror}") from error
    return doubts


def definition_text(path: Path, log: Path | None) -> tuple[str, list[str]]:
    """Return the text of a slo.yaml at `path`, and what in it is a guess."""
    if log is None:
        sample, pattern = Sample("combined"), "access.log*"
    else:
        sample, pattern = read_sample(log), _pattern(path, log)
        if sample.format == "combined" and pattern.endswith(".log"):
            pattern += "*"
    fields = _fields(sample)
    known = {column for column, _ in fields} | (
        {"ts", "method", "path", "status"} if sample.format == "combined" else set()
    )
    lines = [
        "# What is promised, for slo-report. Each key: docs/configuration/README.md.",
        "service: my service             # the name in the head of the report",
        "timezone: UTC                   # months and days are cut in this zone: Europe/Berlin",
        "",
        "logs:",
        f"  - path: {json.dumps(pattern, ensure_ascii=False)}",
        f"    format: {sample.format}",
        *_field_lines(fields),
        *_other_lines(sample, fields),
        "",
        "slos:",
        *_slo_lines(known),
    ]
    doubts = [
        f"{path.name}:{number}: {line[line.index(CHECK) + 2 :]}"
        for number, line in enumerate(lines, start=1)
        if CHECK in line
    ]
    return "\n".join(lines) + "\n", doubts


def read_sample(log: Path) -> Sample:
    """Return what the first lines of a log say; InputError where they say nothing."""
    try:
        head = _head(log)
    except OSError as error:
        raise InputError(f"{log} cannot be read: {error.strerror}") from error
    except DamagedError as error:
        raise InputError(f"{log}: {error}") from error
    if head.startswith(b"PAR1"):
        return Sample("parquet", _parquet_values(log))
    text = head.decode("utf-8-sig", errors="replace")
    # The last line may be cut; the only one is taken as it is.
    lines = [line for line in text.splitlines() if line.strip()][:HEAD_LINES]
    if not lines:
        raise InputError(f"{log} is empty; name a log with some requests in it")
    for form, values in (
        ("jsonl", _json_values(lines)),
        ("combined", _combined_values(lines)),
        ("csv", _csv_values(lines)),
    ):
        if values is not None:
            return Sample(form, values)
    if any(map(_LIKE_COMBINED.match, lines)):
        raise InputError(
            f"{log}: its lines begin as those of an access log do, but have more behind the user "
            "agent than texts in quotes and one request time; write them in nginx's format "
            "`combined`, with $request_time at the end if you like, or as JSON"
        )
    raise InputError(
        f"{log}: its first lines are no JSON objects, no CSV with a header and no access log"
    )


def _head(log: Path) -> bytes:
    """Return the beginning of a file, unpacked."""
    head = b""
    for piece in unpacked_pieces(packed_pieces(log, HEAD_BYTES), packing_of(log)):
        head += piece
        if len(head) >= HEAD_BYTES:
            break
    return head[:HEAD_BYTES]


def _json_values(lines: Sequence[str]) -> dict[str, list[object]] | None:
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


def _combined_values(lines: Sequence[str]) -> dict[str, list[object]] | None:
    found = [match for line in lines if (match := LINE.fullmatch(line)) is not None]
    if not found:
        return None
    times = [match[LINE_PARTS.index("request_time") + 1] for match in found]
    return {"request_time": [time for time in times if time not in (None, "-")]}


def _csv_values(lines: Sequence[str]) -> dict[str, list[object]] | None:
    try:
        rows = list(csv.reader(StringIO("\n".join(lines))))
    except csv.Error:
        return None
    header = rows[0]
    named = all(re.fullmatch(r"[^\W\d][\w .@/()%#:-]*", name) for name in header)
    if len(header) < 2 or not named or len(set(header)) < len(header):
        return None
    whole = [row for row in rows[1:] if len(row) == len(header)]
    return {name: [row[at] for row in whole if row[at]] for at, name in enumerate(header)}


def _parquet_values(log: Path) -> dict[str, list[object]]:
    import duckdb

    connection = duckdb.connect(config={"autoinstall_known_extensions": "false"})
    try:
        # As text, since DuckDB hands over some types only through packages that are not ours.
        texts = "SELECT COLUMNS(*)::VARCHAR FROM read_parquet($1) LIMIT 20"
        cursor = connection.execute(texts, [str(log)])
        names = [column[0] for column in cursor.description or ()]
        rows = cursor.fetchall()
    except duckdb.Error as error:
        raise InputError(f"{log} is no Parquet file that can be read") from error
    finally:
        connection.close()
    return {name: [row[at] for row in rows if row[at] is not None] for at, name in enumerate(names)}


def _fields(sample: Sample) -> list[tuple[str, str]]:
    """Return (column, what stands behind it in `fields:`) for each field that was recognised."""
    if sample.format == "combined":
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


def _field_lines(fields: Sequence[tuple[str, str]]) -> list[str]:
    if not fields:
        return []
    return [
        "    fields:                     # column: the log's own field",
        *(f"      {column}: {mapped}" for column, mapped in fields),
    ]


def _other_lines(sample: Sample, fields: Sequence[tuple[str, str]]) -> list[str]:
    """Return a comment with the fields of the log that were not recognised."""
    used = " ".join(mapped for _, mapped in fields)
    names = [json.dumps(name) for name in sample.values]
    others = [
        name[1:-1] for name in names if not re.search(rf"(?<!\w){re.escape(name[1:-1])}\b", used)
    ]
    if not others:
        return []
    told = ", ".join(others[:OTHERS]) + (", ..." if len(others) > OTHERS else "")
    shown = textwrap.wrap(f"also in the log: {told}", 90, break_long_words=False)
    return [f"      # {line}" for line in shown]


def _slo_lines(known: set[str]) -> list[str]:
    lines = []
    if "status" in known:
        lines.append("  - {id: availability, good: status < 500, target: 99.9%}")
    if "duration" in known:
        lines.append("  - {id: latency, value: duration, p99: < 1 s}")
    if not lines:
        lines.append(
            "  - {id: availability, good: ts is not null, target: 99.9%}"
            f"  {CHECK}: say what a good request is"
        )
    elif "duration" not in known:
        lines.append(
            "  # - {id: latency, value: duration, p99: < 1 s}   # where the log has durations"
        )
    return lines


def _pattern(path: Path, log: Path) -> str:
    """Return how slo.yaml names the log: relative to itself where the log lies beneath it."""
    folder = path.parent.resolve()
    whole = log.resolve()
    try:
        named = whole.relative_to(folder).as_posix()
    except ValueError:
        named = whole.as_posix()
    return re.sub(r"([*?[])", r"[\1]", named)
