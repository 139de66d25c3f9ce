"""The first requests of a log, of whatever format it is."""

import re
from dataclasses import dataclass, field
from pathlib import Path

from slo_report.errors import InputError
from slo_report.load.formats import READERS
from slo_report.load.formats.reading import Values
from slo_report.load.unpack import DamagedError, packed_pieces, packing_of, unpacked_pieces
from slo_report.slo_yaml.log_definition import LogFormat

HEAD_BYTES = 256 << 10
HEAD_LINES = 200

_LIKE_COMBINED = re.compile(r'\S+ \S+ .+? \[[^\]]+\] "(?:[^"\\]|\\.)*" (?:\d{3}|-) (?:\d+|-)')


@dataclass(frozen=True)
class Sample:
    """The first requests of a log: its format, and the values found under each name."""

    format: LogFormat
    values: Values = field(default_factory=dict)


def read_sample(log: Path) -> Sample:
    """Return what the first lines of a log say; InputError where they say nothing."""
    try:
        head = _head(log)
    except OSError as error:
        raise InputError(f"{log} cannot be read: {error.strerror}") from error
    except DamagedError as error:
        raise InputError(f"{log}: {error}") from error
    text = head.decode("utf-8-sig", errors="replace")
    # The last line may be cut; the only one is taken as it is.
    lines = [line for line in text.splitlines() if line.strip()][:HEAD_LINES]
    if not lines:
        raise InputError(f"{log} is empty; name a log with some requests in it")
    for form, reader in READERS.items():
        values = reader.first_values(log, lines)
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
