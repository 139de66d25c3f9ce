"""A case of the corpus: files, how slo.yaml reads them, and the ledger that each must give."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TypeAlias

Content: TypeAlias = bytes | Callable[[], bytes]
"""Large contents, and those that DuckDB makes, are made when they are needed."""

FIELDS: Mapping[str, object] = MappingProxyType(
    {
        "ts": "ts",
        "request_id": "id",
        "status": "status",
        "duration": {"from": "ms", "unit": "ms"},
        "customer": "customer",
        "tokens": {"from": "usage.tokens", "type": "integer"},
        "cost": {"from": "cost", "type": "number"},
        "ai": {"from": "ai", "type": "boolean"},
    }
)
OK = b'{"ts":"2026-04-01T00:00:00Z","status":200,"ms":1.5,"customer":"acme"}'
CSV_HEADER = b"ts,id,status,ms,customer,cost\n"
CSV_OK = b"2026-04-01T00:00:00Z,,200,1.5,acme,"
HIT = b'1.2.3.4 - - [12/Apr/2026:13:55:36 +0200] "GET /a?b=1 HTTP/1.1" 200 5 "-" "curl"'
GOOD = {"jsonl": OK, "csv": CSV_OK, "combined": HIT}


@dataclass(frozen=True)
class Ledger:
    """What a file counts in April 2026; `lines` is the sum of the others."""

    loaded: int = 0
    bad: Mapping[int, str] = field(default_factory=dict)
    """Number of the quarantined line: its reason."""
    duplicates: int = 0
    outside: int = 0
    blank: int = 0

    @property
    def lines(self) -> int:
        """Every line ends in one of the counts."""
        return self.loaded + len(self.bad) + self.duplicates + self.outside + self.blank


@dataclass(frozen=True)
class Refused:
    """The whole file, with a reason that says this."""

    why: str


@dataclass(frozen=True)
class Skipped:
    """The content is that of another file of the case."""

    twin: str


Fate: TypeAlias = Ledger | Refused | Skipped


@dataclass(frozen=True)
class Case:
    """Files of one log, and what becomes of each."""

    name: str
    files: Mapping[str | bytes, Content]
    fates: Mapping[str | bytes, Fate]
    form: str = "jsonl"
    fields: Mapping[str, object] = field(default_factory=lambda: FIELDS)
    max_line: str | None = None
    stored: Mapping[str, object] = field(default_factory=dict)
    """Column: what the store has of it in one request of the file."""
    stored_at: int = 0
    """Which of its requests that is, from 0."""

    def log(self, name: str) -> dict[str, object]:
        """Return the entry of `logs:` for the case's files in the folder `name`."""
        entry: dict[str, object] = {"name": name, "path": f"{name}/*", "format": self.form}
        if self.form != "combined":
            entry["fields"] = {**self.fields}
        elif self.fields is not FIELDS:
            entry["fields"] = dict(self.fields)
        return entry | ({"max_line": self.max_line} if self.max_line else {})


@dataclass(frozen=True)
class Line:
    """One line that costs itself, or nothing: by itself, and between three good ones."""

    name: str
    line: Content
    reason: str | None = None
    form: str = "jsonl"
    fields: Mapping[str, object] = field(default_factory=lambda: FIELDS)
    good: bytes | None = None
    """What good lines look like, where the case's fields differ."""
    outside: bool = False
    """It is usable, in another month."""
    blank: bool = False
    max_line: str | None = None
    header: bytes = CSV_HEADER
    stored: Mapping[str, object] = field(default_factory=dict)

    def case(self, before: int = 2, after: int = 1) -> Case:
        """Return a file of the line with so many good ones before and after it."""
        header = self.header if self.form == "csv" else b""
        file = "access.log" if self.form == "combined" else f"a.{self.form}"
        return Case(
            self.name,
            {file: lambda: header + self.between(self.content(), before, after)},
            {file: self.fate(before, after)},
            self.form,
            self.fields,
            self.max_line,
            self.stored,
            before,
        )

    def between(self, line: bytes, before: int, after: int) -> bytes:
        """Return the line with good ones before and after it."""
        return (self.good_line + b"\n") * before + line + b"\n" + (self.good_line + b"\n") * after

    @property
    def good_line(self) -> bytes:
        """A line that is loaded."""
        return self.good or GOOD[self.form]

    def fate(self, before: int, after: int) -> Ledger:
        """Return what a file of good lines with this one in it comes to."""
        bad = {before + 1: self.reason} if self.reason else {}
        usable = not (self.reason or self.outside or self.blank)
        return Ledger(before + after + usable, bad, 0, int(self.outside), int(self.blank))

    def content(self) -> bytes:
        """Return the line's bytes."""
        return self.line if isinstance(self.line, bytes) else self.line()


def one(name: str, file: str | bytes, content: Content, fate: Fate, **more: object) -> Case:
    """Return a case of one file."""
    return Case(name, {file: content}, {file: fate}, **more)  # type: ignore[arg-type]


def with_(**values: str) -> bytes:
    """Return a good line with JSON texts put in place of, or beside, its values."""
    fields = {"ts": '"2026-04-01T00:00:00Z"', "status": "200", **values}
    return ("{" + ",".join(f'"{key}":{value}' for key, value in fields.items()) + "}").encode()


def mapped(**fields: object) -> Mapping[str, object]:
    """Return the fields with some of them otherwise."""
    return {**FIELDS, **fields}


def request(ts: str, request_id: object = None, **more: object) -> bytes:
    """Return a whole line, with its line feed, of a request at a time with an id."""
    return json.dumps({"ts": ts, "status": 200, "id": request_id, **more}).encode() + b"\n"
