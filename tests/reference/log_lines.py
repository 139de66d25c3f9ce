"""From the bytes of log files to requests, and where every other line went."""

import gzip
import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from .definition import Definition
from .expressions import Value
from .log_values import NumberText, UnusableError, read_instant, read_value


@dataclass(frozen=True)
class Request:
    """One usable line."""

    ts_us: int
    file: str
    line: int
    columns: dict[str, Value]


@dataclass
class LogFile:
    """One file: its usable lines, and counts of the others."""

    name: str
    lines: int = 0
    blank: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    requests: list[Request] = field(default_factory=list)


def read_logs(folder: Path, definition: Definition) -> tuple[list[LogFile], list[str]]:
    """Read every file in order of name; return the files, and the names of skipped copies."""
    files: list[LogFile] = []
    seen: set[bytes] = set()
    skipped: list[str] = []
    for path in sorted((folder / "logs").iterdir()):
        content = path.read_bytes()
        if path.suffix == ".gz":
            content = gzip.decompress(content)
        name = f"logs/{path.name}"
        if content in seen:
            skipped.append(name)
            continue
        seen.add(content)
        files.append(_read_file(name, content, definition))
    return files, skipped


def _read_file(name: str, content: bytes, definition: Definition) -> LogFile:
    file = LogFile(name)
    physical = content.removeprefix(b"\xef\xbb\xbf").split(b"\n")
    if physical[-1] == b"":  # what follows the last newline is no line
        physical.pop()
    file.lines = len(physical)
    for number, line in enumerate(physical, start=1):
        if not line.strip():
            file.blank += 1
            continue
        try:
            file.requests.append(_read_line(line, name, number, definition))
        except UnusableError as reason:
            file.reasons[str(reason)] += 1
    return file


def _read_line(line: bytes, file: str, number: int, definition: Definition) -> Request:
    document = _read_object(line, {column.source for column in definition.columns})
    columns: dict[str, Value] = {"source": "requests"}
    ts_us, is_end = 0, False
    for column in definition.columns:
        raw = _look_up(document, column.source)
        if column.name in ("ts", "status") and raw is None:
            raise UnusableError(f"missing:{column.name}")
        if column.name == "ts":
            ts_us, is_end = read_instant(raw), column.is_end
        else:
            columns[column.name] = read_value(raw, column)
    if is_end:  # the start is the end less the duration; without one, the end
        duration = columns["duration"]
        assert duration is None or isinstance(duration, int)
        ts_us -= duration or 0
    columns["endpoint"] = endpoint_of(columns, definition)
    return Request(ts_us, file, number, columns)


def _read_object(line: bytes, mapped: set[str]) -> dict[str, object]:
    def unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
        names = Counter(name for name, _ in pairs)
        if any(count > 1 and name in mapped for name, count in names.items()):
            raise UnusableError("duplicate_key")
        return dict(pairs)

    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError:
        raise UnusableError("encoding") from None
    try:
        document = json.loads(
            text, parse_int=NumberText, parse_float=NumberText, object_pairs_hook=unique
        )
    except ValueError:
        raise UnusableError("json") from None
    if not isinstance(document, dict):
        raise UnusableError("not_object")
    return document


def _look_up(document: dict[str, object], source: str) -> object:
    """Follow the dots of a source into objects, unless a key of that very name exists."""
    if source in document:
        return document[source]
    value: object = document
    for key in source.split("."):
        value = value.get(key) if isinstance(value, dict) else None
    return value


def endpoint_of(columns: dict[str, Value], definition: Definition) -> str:
    """Name a request's endpoint: METHOD and route, or the first template that matches."""
    method = columns["method"]
    if definition.templates is None:
        return f"{method} {columns['route']}"
    path = str(columns["path"]).split("?")[0].split("/")
    for template in definition.templates:
        wanted_method, wanted_path = template.split(" ")
        wanted = wanted_path.split("/")
        if method == wanted_method and len(wanted) == len(path):
            pairs = zip(wanted, path, strict=True)
            if all(want == have or (want.startswith("{") and have) for want, have in pairs):
                return template
    return "(other)"
