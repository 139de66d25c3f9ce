"""What a line of a log is worth, by the definition of the language and the standard library alone.

The columns are those of `lines.py`. Nothing of the program is imported: a mistake of the loaders
cannot be made here by the same hand.
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal, localcontext

MAX_LINE_BYTES = 4096
MAX_DEPTH = 128
LONGEST_US = 24 * 3600 * 10**6
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Value = str | int | bool | Decimal | None
Row = tuple[Value, ...]


class NumberText(str):
    """A JSON number as its line writes it; a str of another type is a JSON string."""

    __slots__ = ()


class BareWord(str):
    """NaN or an infinity: DuckDB and Python read them, and no column takes them."""

    __slots__ = ()


class UnusableError(Exception):
    """A line cannot be used; the message is the ledger's reason."""


@dataclass
class Judged:
    """A whole text: the usable rows in order, what is wrong with the others, and the counts."""

    lines: int
    blank: int
    rows: list[Row]
    bad: list[tuple[int, str]]


def judge_jsonl(content: bytes) -> Judged:
    """Judge JSON lines: ts, request_id, status, duration, customer, tokens, cost, ai."""
    judged = Judged(0, 0, [], [])
    for number, line in _lines(content):
        judged.lines = number
        if not line.strip():
            judged.blank += 1
            continue
        try:
            judged.rows.append(_json_row(_decoded(line)))
        except UnusableError as reason:
            judged.bad.append((number, str(reason)))
    return judged


def judge_combined(content: bytes) -> Judged:
    """Judge access logs: ts (the start), request_id, status, duration, customer, method, path."""
    judged = Judged(0, 0, [], [])
    for number, line in _lines(content, mark=True):
        judged.lines = number
        if not line.strip():
            judged.blank += 1
            continue
        try:
            judged.rows.append(_hit(_decoded(line)))
        except UnusableError as reason:
            judged.bad.append((number, str(reason)))
    return judged


def judge_csv(content: bytes, names: Sequence[str]) -> Judged:
    """Judge CSV records under a header of one line; a line is a record, numbered from 1."""
    judged = Judged(0, 0, [], [])
    lines = [line for _, line in _lines(content)][1:]
    at = 0
    while at < len(lines):
        line = lines[at]
        judged.lines += 1
        at += 1
        if not line.strip():
            judged.blank += 1
            continue
        try:
            text = _decoded(line)
            if "\0" in text:
                raise UnusableError("format")
            values, more = _csv_record(lines, at - 1)
            if len(values) != len(names):
                raise UnusableError("format")
            at += more
            judged.rows.append(_row(dict(zip(names, values, strict=True))))
        except UnusableError as reason:
            judged.bad.append((judged.lines, str(reason)))
    return judged


def _lines(content: bytes, *, mark: bool = True) -> Iterator[tuple[int, bytes]]:
    if mark:
        begun = bool(content)
        content = content.removeprefix(b"\xef\xbb\xbf")
        if begun and not content:
            yield 1, b""
            return
    physical = content.split(b"\n")
    ended = physical.pop() if physical[-1] == b"" else None
    last = len(physical)
    for number, line in enumerate(physical, 1):
        yield number, line if ended is None and number == last else line + b"\n"


def _decoded(line: bytes) -> str:
    whole = line.removesuffix(b"\n").removesuffix(b"\r")
    if len(whole) > MAX_LINE_BYTES:
        raise UnusableError("line_too_long")
    try:
        return whole.decode()
    except UnicodeDecodeError:
        raise UnusableError("encoding") from None


# JSON


def _json_row(text: str) -> Row:
    if _depth(text) > MAX_DEPTH:
        raise UnusableError("too_deep")
    document = _parsed(text.strip(" \t\r\n\v\f"))
    if not isinstance(document, list):
        raise UnusableError("not_object")
    found = {
        name: _look_up(document, name)
        for name in ("ts", "request_id", "status", "ms", "customer", "usage.tokens", "cost")
    }
    found["ai.enabled"] = _look_up(document, "ai.enabled")
    return _row(found)


class Pairs(list[tuple[str, object]]):
    """A JSON object; lists are tuples here."""


def _parsed(text: str) -> object:
    def words(match: re.Match[str]) -> str:
        return match[0] if match[0][0] == '"' else "NaN"

    # Case aside, these are what readers of JSON take for numbers.
    text = re.sub(r'"(?:[^"\\]|\\.)*"|-?\b(?:nan|inf|infinity)\b', words, text, flags=re.I | re.S)
    try:
        document: object = json.loads(
            text,
            parse_int=NumberText,
            parse_float=NumberText,
            parse_constant=BareWord,
            object_pairs_hook=Pairs,
        )
    except (ValueError, RecursionError):
        raise UnusableError("json") from None
    if not _is_text(document):
        raise UnusableError("json")
    return document if isinstance(document, Pairs) else None


def _is_text(document: object) -> bool:
    """Tell whether no string holds half of a surrogate pair."""
    if isinstance(document, str):
        return not any("\ud800" <= letter <= "\udfff" for letter in document)
    if isinstance(document, Pairs):
        return all(_is_text(key) and _is_text(value) for key, value in document)
    return all(map(_is_text, document)) if isinstance(document, list) else True


def _depth(text: str) -> int:
    depth = deepest = 0
    in_string = escaped = False
    for letter in text:
        if in_string:
            if escaped:
                escaped = False
            elif letter == "\\":
                escaped = True
            elif letter == '"':
                in_string = False
        elif letter == '"':
            in_string = True
        elif letter in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif letter in "]}":
            depth -= 1
    return deepest


def _look_up(document: list[tuple[str, object]], source: str) -> object:
    """Return the value of a key of that very name, else of the objects that its dots lead into."""
    for key in (source, source.split(".", maxsplit=1)[0]):
        values = [value for name, value in document if name == key]
        if len(values) > 1:
            raise UnusableError("duplicate_key")
        if values and key == source:
            return values[0]
        if values and isinstance(values[0], Pairs):
            return _look_up(values[0], source.partition(".")[2])
    return None


# CSV


def _csv_record(lines: Sequence[bytes], start: int) -> tuple[list[str | None], int]:
    """Return the values of the record that starts at a line, and how many more lines it takes."""
    text = lines[start]
    more = 0
    while text.count(b'"') % 2:
        more += 1
        if start + more >= len(lines) or more > 1000:
            raise UnusableError("format")
        text += lines[start + more]
        if len(text) > MAX_LINE_BYTES:
            raise UnusableError("format")
    try:
        return _csv_values(_decoded(text)), more
    except UnusableError:
        raise UnusableError("format") from None


def _csv_values(text: str) -> list[str | None]:
    values: list[str | None] = []
    at = 0
    while True:
        if text[at : at + 1] == '"':
            end = at + 1
            while text[end : end + 1] != '"' or text[end + 1 : end + 2] == '"':
                if end >= len(text):
                    raise UnusableError("format")
                end += 2 if text[end] == '"' else 1
            values.append(text[at + 1 : end].replace('""', '"'))
            at = end + 1
        else:
            end = at
            while end < len(text) and text[end] not in ',"\r\n':
                end += 1
            values.append(text[at:end] or None)
            at = end
        if at >= len(text):
            return values
        if text[at] != ",":
            raise UnusableError("format")
        at += 1


# Access logs

_HIT = re.compile(
    r"(?P<addr>[^ ]+) [^ ]+ (?P<user>.+?) \[(?P<time>[^]]+)\] "
    r'"(?P<request>(?:\\.|[^"\\])*)" (?P<status>\d\d\d|-) (?:\d+|-)'
    r'(?: "(?:\\.|[^"\\])*" "(?P<agent>(?:\\.|[^"\\])*)"(?: "(?:\\.|[^"\\])*")*)?'
    r"(?: (?P<took>\d+(?:\.\d+)?|-))?[ \t\r]*",
    re.ASCII,
)
_TIME = re.compile(
    r"(\d\d)/([A-Z][a-z][a-z])/(\d{4}):(\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d)", re.A
)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class UndecidedError(Exception):
    """The language leaves open what such a line is."""


def _hit(text: str) -> Row:
    found = _HIT.fullmatch(text)
    if found is None:
        raise UnusableError("format")
    parts = {name: None if part in ("", "-") else part for name, part in found.groupdict().items()}
    if parts["time"] is None:
        raise UnusableError("missing:ts")
    end = _hit_time(parts["time"])
    if parts["status"] is None:
        raise UnusableError("missing:status")
    status = _integer(parts["status"], "status")
    duration = None if parts["took"] is None else _duration(parts["took"], 10**6)
    method = path = None
    request = re.fullmatch(
        r"([A-Za-z][A-Za-z_-]*) ([^ ].*?)(?: HTTP/[0-9.]+)?", parts["request"] or "", re.ASCII
    )
    if request is not None:
        method, path = request[1], request[2].split("?")[0]
        if request[2] == "-":
            path = None
    return (end - (duration or 0), parts["agent"], status, duration, parts["user"], method, path)


def _hit_time(text: str) -> int:
    found = _TIME.fullmatch(text)
    if found is None:
        raise UndecidedError
    day, month, *rest = found.groups()
    if month not in _MONTHS:
        raise UnusableError("type:ts")
    year, hour, minute, second = map(int, rest[:4])
    offset = timedelta(hours=int(rest[5]), minutes=int(rest[6]))
    if offset > timedelta(hours=14) or int(rest[6]) > 59:
        raise UndecidedError
    try:
        local = datetime(year, _MONTHS.index(month) + 1, int(day), hour, minute, second, tzinfo=UTC)
        instant = local - offset if rest[4] == "+" else local + offset
    except (ValueError, OverflowError):
        raise UnusableError("type:ts") from None
    if not 1970 <= instant.year <= 2200:
        raise UnusableError("range:ts")
    return (instant - _EPOCH) // timedelta(microseconds=1)


# Values


def _row(found: dict[str, object]) -> Row:
    """Return the typed row; the first thing wrong counts, ts and status before the others."""
    ts = _instant(found["ts"])
    status = _required(found["status"], "status")
    return (
        ts,
        _text(found["request_id"], "request_id"),
        _integer(status, "status"),
        *_others(found),
    )


def _others(found: dict[str, object]) -> Iterator[Value]:
    raw = found["ms"]
    yield None if raw is None else _duration(raw, 1000)
    yield _text(found["customer"], "customer")
    raw = found["usage.tokens"]
    yield None if raw is None else _integer(raw, "tokens")
    yield _number(found["cost"])
    yield _boolean(found["ai.enabled"])


def _required(raw: object, column: str) -> object:
    if raw is None:
        raise UnusableError(f"missing:{column}")
    return raw


def _plain(raw: object, column: str, pattern: str) -> str:
    """Return a number without exponent; a string must be a plain decimal already."""
    if not isinstance(raw, str) or isinstance(raw, BareWord):
        raise UnusableError(f"type:{column}")
    text = str(raw)
    if isinstance(raw, NumberText) and ("e" in raw or "E" in raw):
        exact = Decimal(text)
        if exact and not -400 < exact.adjusted() < 400:
            text = ("-" if exact < 0 else "") + ("9" * 400 if exact.adjusted() > 0 else "0")
        else:
            text = format(exact, "f")
    if not re.fullmatch(pattern, text, re.ASCII):
        raise UnusableError(f"type:{column}")
    return text


def _in_range(holds: bool, column: str) -> None:
    if not holds:
        raise UnusableError(f"range:{column}")


def _is_negative(text: str) -> bool:
    return text.startswith("-") and any(digit in text for digit in "123456789")


def _integer(raw: object, column: str) -> int:
    text = _plain(raw, column, r"-?\d+(\.0+)?")
    value = int(text.split(".")[0]) if len(text) < 4000 else 2**63
    _in_range(not _is_negative(text) and value < 2**63, column)
    if column == "status":
        _in_range(100 <= value <= 599, column)
    return value


def _rounded(text: str, places: int) -> Decimal:
    with localcontext(prec=5000):
        return Decimal(text).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


def _number(raw: object) -> Value:
    if raw is None:
        return None
    text = _plain(raw, "cost", r"-?\d+(\.\d+)?")
    value = _rounded(text, 18)
    _in_range(not _is_negative(text) and value < 10**20, "cost")
    return value


def _duration(raw: object, us: int) -> int:
    text = _plain(raw, "duration", r"-?\d+(\.\d+)?")
    with localcontext(prec=5000):
        value = int(_rounded(str(Decimal(text) * us), 0)) if len(text) < 500 else 0
    _in_range(not _is_negative(text) and value <= LONGEST_US, "duration")
    return value


def _text(raw: object, column: str) -> Value:
    if raw is None:
        return None
    if not isinstance(raw, str) or isinstance(raw, BareWord):
        raise UnusableError(f"type:{column}")
    return str(raw)


def _boolean(raw: object) -> Value:
    if raw is None:
        return False  # the default of the column
    if isinstance(raw, bool):
        return raw
    if isinstance(raw, str) and type(raw) is str and raw.lower() in ("true", "false"):
        return raw.lower() == "true"
    raise UnusableError("type:ai")


_RFC_3339 = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.(\d+))?"
    r"(?:[Zz]|([+-])([01]\d|2[0-3]):?([0-5]\d))",
    re.ASCII,
)


def _instant(raw: object) -> int:
    _required(raw, "ts")
    found = _RFC_3339.fullmatch(raw) if isinstance(raw, str) and type(raw) is not BareWord else None
    if found is None:
        raise UnusableError("type:ts")
    day, hour, minute, second, digits, sign, hours, minutes = found.groups()
    offset = timedelta(hours=int(hours or 0), minutes=int(minutes or 0))
    try:
        year, month, date = map(int, day.split("-"))
        local = datetime(year, month, date, int(hour), int(minute), int(second), tzinfo=UTC)
        instant = local + offset if sign == "-" else local - offset
    except (ValueError, OverflowError):
        raise UnusableError("range:ts") from None
    us = (instant - _EPOCH) // timedelta(microseconds=1) + int(((digits or "") + "000000")[:6])
    _in_range(1970 <= instant.year <= 2200, "ts")
    return us
