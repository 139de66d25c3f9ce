"""The first requests of a log, of whatever format it is."""

import csv
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path

from slo_report.errors import InputError
from slo_report.load.formats.combined import LINE, LINE_PARTS
from slo_report.load.unpack import DamagedError, packed_pieces, packing_of, unpacked_pieces

HEAD_BYTES = 256 << 10
HEAD_LINES = 200

_LIKE_COMBINED = re.compile(r'\S+ \S+ .+? \[[^\]]+\] "(?:[^"\\]|\\.)*" (?:\d{3}|-) (?:\d+|-)')


@dataclass(frozen=True)
class Sample:
    """The first requests of a log: its format, and the values found under each name."""

    format: str
    values: Mapping[str, Sequence[object]] = field(default_factory=dict)


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
