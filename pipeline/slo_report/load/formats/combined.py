"""Access logs of nginx and Apache: combined or common.

Behind the user agent may come other texts in quotes, and at the end a request time.
"""

import re
from collections.abc import Iterable, Iterator

from slo_report.load.formats.reading import (
    Line,
    LogText,
    Reader,
    Relation,
    decoded_lines,
)
from slo_report.quoting import quote_text
from slo_report.slo_yaml.definition import Field
from slo_report.slo_yaml.expressions import Kind

_TEXT = r'(?:[^"\\]|\\.)*'
_QUOTED = f'"({_TEXT})"'
# Both DuckDB and Python run these two, so they keep to what both understand alike.
_LINE = (
    r"([^ ]+) [^ ]+ (.+?) \[([^\]]+)\] "
    + _QUOTED
    + r" ([0-9]{3}|-) ([0-9]+|-)"
    # The format `main` of nginx's own configuration has "$http_x_forwarded_for" at its end.
    + rf'(?: {_QUOTED} {_QUOTED}(?: "{_TEXT}")*)?'
    + r"(?: ([0-9]+(?:\.[0-9]+)?|-))?[ \t\r]*"
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
_REQUEST_PARTS = ("request_method", "request_uri")
LINE = re.compile(_LINE, re.ASCII)
"""A whole line, without its line feed; its groups are those of `LINE_PARTS`."""
_REQUEST_RE = re.compile(_REQUEST, re.ASCII)
_NO_DELIMITER = r"'\x01'"

SOURCES = LINE_PARTS + _REQUEST_PARTS
FIELDS = (
    Field("ts", "time_local", Kind.TIMESTAMP, time_format="%d/%b/%Y:%H:%M:%S %z"),
    Field("method", "request_method", Kind.TEXT),
    Field("path", "request_uri", Kind.TEXT),
    Field("status", "status", Kind.INTEGER),
    Field("duration", "request_time", Kind.DURATION, unit="s"),
)
"""What an access log gives without being told."""


def clean_sql(text: LogText) -> Relation | None:
    """Return the relation over parameter $file; a line of another form is in doubt."""
    if text.facts.long_line or not text.facts.plain_lines:
        return None
    values = ", ".join(
        f"{_part_sql(field.source)} AS v{index}" for index, field in enumerate(text.fields)
    )
    names = ", ".join(quote_text(name) for name in LINE_PARTS)
    request_names = ", ".join(quote_text(name) for name in _REQUEST_PARTS)
    sql = (
        f"SELECT {values}, part.status IS NULL OR part.status = '' AS formless, file_name FROM ("
        f"SELECT file_name, part, regexp_extract(part.request, {quote_text(f'^(?:{_REQUEST})$')}, "
        f"[{request_names}]) AS of_request FROM ("
        f"SELECT filename AS file_name, "
        f"regexp_extract(line, {quote_text(f'^(?:{_LINE})$')}, [{names}]) AS part "
        f"FROM read_csv($file, columns = {{'line': 'VARCHAR'}}, header = false, "
        f"auto_detect = false, delim = {_NO_DELIMITER}, quote = '', escape = '', "
        f"strict_mode = false, max_line_size = {text.max_line_bytes + 2}, "
        f"hive_partitioning = false, compression = {quote_text(text.facts.packing.value)})))"
    )
    return Relation(sql, ("formless",))


def _part_sql(source: str) -> str:
    if source in _REQUEST_PARTS:
        return f"nullif(of_request.{source}, '')"
    if source in LINE_PARTS:
        return f"nullif(nullif(part.{source}, ''), '-')"
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
            parts.update(zip(_REQUEST_PARTS, request.groups(), strict=True))
        yield Line(number, None, None, [_present(parts.get(source)) for source in sources])


def _present(part: str | None) -> str | None:
    return None if part in ("", "-", None) else part


COMBINED = Reader(clean_sql=clean_sql, careful=careful, by_blocks=True, fields=FIELDS)
