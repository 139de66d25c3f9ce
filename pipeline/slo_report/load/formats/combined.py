"""Access logs of nginx and Apache: combined or common.

Behind the user agent may come other texts in quotes, and at the end a request time.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from slo_report.load.formats.reading import (
    Line,
    LogText,
    Reader,
    Relation,
    Values,
    decoded_lines,
)
from slo_report.quoting import quote_text

_TEXT = r'(?:[^"\\]|\\.)*'
_QUOTED = f'"({_TEXT})"'
_TIME = r"([0-9]+(?:\.[0-9]+)?|-)"
# Both DuckDB and Python run these two, so they keep to what both understand alike.
_LINE = (
    r"([^ ]+) [^ ]+ (.+?) \[([^\]]+)\] "
    + _QUOTED
    + r" ([0-9]{3}|-) ([0-9]+|-)"
    # The format `main` of nginx's own configuration has "$http_x_forwarded_for" at its end.
    + rf'(?: {_QUOTED} {_QUOTED}(?: "{_TEXT}")*)?'
    + rf"(?: {_TIME})?[ \t\r]*"
)
_REQUEST = r"([A-Za-z][A-Za-z_-]*) ([^ ].*?)(?: HTTP/[0-9.]+)?"
LINE_PARTS = (
    "remote_addr",
    "remote_user",
    "time_local",
    "request",
    "status",
    "body_bytes_sent",
    "http_referer",
    "http_user_agent",
    "request_time",
)
REQUEST_PARTS = ("request_method", "request_uri")
LINE = re.compile(_LINE, re.ASCII)
"""A whole line, without its line feed; its groups are those of `LINE_PARTS`."""
_REQUEST_RE = re.compile(_REQUEST, re.ASCII)
_NO_DELIMITER = r"'\x01'"


def clean_sql(text: LogText) -> Relation | None:
    """Return the relation over parameter $file; a line of another form is in doubt."""
    if text.facts.long_line or not text.facts.plain_lines:
        return None
    lines = (
        f"SELECT filename AS file_name, line, {_extract('line', _MIDDLE)} AS middle "
        f"FROM read_csv($file, columns = {{'line': 'VARCHAR'}}, header = false, "
        f"auto_detect = false, delim = {_NO_DELIMITER}, quote = '', escape = '', "
        f"strict_mode = false, max_line_size = {text.max_line_bytes + 2}, "
        f"hive_partitioning = false, compression = {quote_text(text.facts.packing.value)})"
    )
    ended = f"SELECT *, {_extract('middle.rest', _ENDING)} AS ending FROM ({lines})"
    usual = (
        "SELECT *, coalesce(middle.status <> '' "
        f"AND (middle.rest = '' OR ending.mark <> ''), false) AS usual FROM ({ended})"
    )
    parted = (
        f"SELECT *, {_extract('line', _START)} AS start, {_extract('line', _SIZE)} AS size, "
        f"{_extract('middle.rest', _TEXTS)} AS texts, "
        f"CASE WHEN NOT usual THEN {_extract('line', _WHOLE)} END AS whole FROM ({usual})"
    )
    parts = ", ".join(
        f"CASE WHEN usual THEN {usual} ELSE whole.{name} END AS {name}"
        for name, usual in _USUAL_PARTS.items()
    )
    requests = f"SELECT file_name, {parts}, usual, whole.status AS form FROM ({parted})"
    split = f"SELECT *, {_extract('request', _USUAL_REQUEST)} AS usual_request FROM ({requests})"
    whole_request = (
        "SELECT *, CASE WHEN usual_request.request_method = '' "
        f"THEN {_extract('request', _WHOLE_REQUEST)} END AS whole_request FROM ({split})"
    )
    values = ", ".join(
        f"{_value_sql(field.source)} AS v{index}" for index, field in enumerate(text.fields)
    )
    formless = "NOT usual AND coalesce(form, '') = ''"
    sql = f"SELECT {values}, {formless} AS formless, file_name FROM ({whole_request})"
    return Relation(sql, ("formless",))


class _Groups(NamedTuple):
    """A pattern and the names of its groups."""

    pattern: str
    names: Sequence[str]


def _extract(text: str, groups: _Groups) -> str:
    names = ", ".join(map(quote_text, groups.names))
    return f"regexp_extract({text}, {quote_text(groups.pattern)}, [{names}])"


# RE2 takes a text in one pass, and a fifth of the time, where a pattern has no more than four
# groups and each byte leaves no choice. So the usual line is read by such patterns, each of which
# finds what _LINE finds, or nothing; any other line is read by _LINE itself.
_PLAIN_TEXT = r'[^"\\]*'
_START = _Groups(r"^([^ ]+) [^ ]+ ([^ ]+) \[", ("remote_addr", "remote_user"))
_MIDDLE = _Groups(
    rf'^[^ ]+ [^ ]+ [^ ]+ \[([^\]]+)\] "({_PLAIN_TEXT})" ([0-9]{{3}}|-) (?:[0-9]+|-)'
    r"((?:[^0-9].*)?)$",
    ("time_local", "request", "status", "rest"),
)
_SIZE = _Groups(rf'^[^"]*"{_PLAIN_TEXT}" (?:[0-9]{{3}}|-) ([0-9]+|-)', ("bytes",))
_TEXTS = _Groups(rf'^ "({_PLAIN_TEXT})" "({_PLAIN_TEXT})"', ("http_referer", "http_user_agent"))
_ENDING = _Groups(
    rf'^( )"{_PLAIN_TEXT}" "{_PLAIN_TEXT}"'
    rf'(?: (?:"{_PLAIN_TEXT}"(?: {_TIME})?|{_TIME}))?$',
    ("mark", "time_behind_text", "time"),
)
_WHOLE = _Groups(f"^(?:{_LINE})$", LINE_PARTS)
_USUAL_REQUEST = _Groups(r"^([A-Za-z][A-Za-z_-]*) ([^ ]+) HTTP/[0-9.]+$", REQUEST_PARTS)
_WHOLE_REQUEST = _Groups(f"^(?:{_REQUEST})$", REQUEST_PARTS)
_USUAL_PARTS = {
    "remote_addr": "start.remote_addr",
    "remote_user": "start.remote_user",
    "time_local": "middle.time_local",
    "request": "middle.request",
    "status": "middle.status",
    "body_bytes_sent": "size.bytes",
    "http_referer": "texts.http_referer",
    "http_user_agent": "texts.http_user_agent",
    "request_time": "coalesce(nullif(ending.time_behind_text, ''), ending.time)",
}
"""Where each part of a usual line is found."""


def _value_sql(source: str) -> str:
    if source in REQUEST_PARTS:
        usual = f"nullif(usual_request.{source}, '')"
        return f"coalesce({usual}, nullif(whole_request.{source}, ''))"
    if source in LINE_PARTS:
        return f"nullif(nullif({source}, ''), '-')"
    return "NULL::VARCHAR"


def careful(lines: Iterable[bytes], text: LogText) -> Iterator[Line | None]:
    """Judge each line by itself; `None` for a blank one."""
    sources = [field.source for field in text.fields]
    for line in decoded_lines(lines, text.max_line_bytes):
        if line is None:
            yield None
            continue
        number, reason, content = line
        found = None if reason else LINE.fullmatch(content)
        if found is None:
            yield Line(number, reason or "format", None, ())
            continue
        parts = dict(zip(LINE_PARTS, found.groups(), strict=True))
        request = _REQUEST_RE.fullmatch(parts["request"] or "")
        if request is not None:
            parts.update(zip(REQUEST_PARTS, request.groups(), strict=True))
        yield Line(number, None, None, [_present(parts.get(source)) for source in sources])


def _present(part: str | None) -> str | None:
    return None if part in ("", "-", None) else part


def first_values(_path: Path, lines: Sequence[str]) -> Values | None:
    """Return the request times of the lines, None where no line is one of an access log."""
    found = [match for line in lines if (match := LINE.fullmatch(line)) is not None]
    if not found:
        return None
    times = [match[LINE_PARTS.index("request_time") + 1] for match in found]
    return {"request_time": [time for time in times if time not in (None, "-")]}


COMBINED = Reader(clean_sql=clean_sql, careful=careful, by_blocks=True, first_values=first_values)
