"""What a log file is before it is loaded, and how its lines would be read."""

import hashlib
from dataclasses import replace

from slo_report.load.discover import LogFile
from slo_report.load.json_sample import digits_matter, odd_pattern
from slo_report.load.preflight import Preflight, preflight
from slo_report.load.unpack import Packing, packing_of
from slo_report.load.ways import reader_of, sample_of
from slo_report.slo_yaml.definition import Definition

_READING_VERSION = 2
"""Raised whenever the same lines would be read differently, so that files are read again."""
UNREADABLE_FACTS = Preflight("", "", Packing.NONE, 0, False, False, False, False)
"""Of a file that could not be looked into."""


def reading_digest(definition: Definition, file: LogFile) -> str:
    """Return a digest of all that decides what a line of the file becomes."""
    columns = [(name, str(kind)) for name, kind in definition.columns.items()]
    log = (file.format, file.fields, file.log.max_line_bytes)
    meaning = repr((_READING_VERSION, log, definition.endpoints, sorted(columns)))
    return hashlib.sha256(meaning.encode()).hexdigest()


def examine(file: LogFile) -> Preflight:
    """Examine a file; one that cannot be read or has no known format is refused."""
    if file.format is None:
        return replace(UNREADABLE_FACTS, refusal="has an ending that tells no format; say format:")
    fields = file.fields
    try:
        sample = sample_of(file)
        facts = preflight(
            file.path,
            file.format,
            file.log.max_line_bytes,
            reader_of(file).trap(file.path, packing_of(file.path), fields),
            odd_pattern(fields, sample) if sample else "",
            decimals=bool(sample) and digits_matter(fields, sample),
        )
        return replace(facts, held=sample)
    except OSError as error:
        return replace(UNREADABLE_FACTS, refusal=f"cannot be read: {error.strerror}")
