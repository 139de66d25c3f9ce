"""What `logs:` and `endpoints:` mean, as values, and what is known of each format of log.

A new format is three things: its row in `LogFormat`, with all that slo.yaml and the look over a
file's bytes ask of it; its module in `load/formats`, which reads it, named in `READERS` there; and
its tests. Nothing else asks which format it is.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from slo_report.slo_yaml.kinds import Kind


@dataclass(frozen=True)
class Field:
    """How one column is read from a line of the log."""

    column: str
    source: str
    """The log's own field; a dot reaches into objects."""
    kind: Kind
    unit: str | None = None
    """ns, us, ms or s for a duration; None otherwise."""
    default: str | None = None
    """Text that stands in where the line has no value."""
    signed: bool = False
    max_us: int = 24 * 3600 * 1_000_000
    """The longest duration that is believed, in microseconds."""
    time_format: str | None = None
    """For ts: None (RFC 3339), iso, epoch_s, epoch_ms, epoch_us, epoch_ns or a strptime pattern."""
    time_zone: str | None = None
    time_is_end: bool = False


@dataclass(frozen=True)
class Traits:
    """What is known of a format before any file of it is read."""

    endings: tuple[str, ...]
    """Of file names, without the dot; they tell the format where slo.yaml does not."""
    fields: tuple[Field, ...] = ()
    """What it gives without being told."""
    sources: tuple[str, ...] = ()
    """All fields that it can have; empty where each log has its own."""
    magic: bytes = b""
    """What every file begins with; empty for text, which is cut into lines and may be packed."""
    in_braces: bool = False
    """A line is one pair of braces with what is in it."""


_TIME_OF_COMBINED = "%d/%b/%Y:%H:%M:%S %z"


class LogFormat(StrEnum):
    """What the lines of a log are: one row a format."""

    traits: Traits

    def __new__(cls, name: str, traits: Traits) -> "LogFormat":
        """Make the member that slo.yaml calls `name`."""
        member = str.__new__(cls, name)
        member._value_ = name
        member.traits = traits
        return member

    JSONL = "jsonl", Traits(endings=("jsonl", "json", "ndjson"), in_braces=True)
    CSV = "csv", Traits(endings=("csv",))
    PARQUET = "parquet", Traits(endings=("parquet",), magic=b"PAR1")
    COMBINED = (
        "combined",
        Traits(
            endings=("log",),
            fields=(
                Field(
                    *("ts", "time_local", Kind.TIMESTAMP),
                    time_format=_TIME_OF_COMBINED,
                    time_is_end=True,
                ),
                Field("method", "request_method", Kind.TEXT),
                Field("path", "request_uri", Kind.TEXT),
                Field("status", "status", Kind.INTEGER),
                Field("duration", "request_time", Kind.DURATION, unit="s"),
            ),
            sources=(
                *("remote_addr", "remote_user", "time_local", "request_method", "request_uri"),
                *("status", "body_bytes_sent", "http_referer", "http_user_agent", "request_time"),
            ),
        ),
    )

    @property
    def has_lines(self) -> bool:
        """Tell text from what has rows of its own kind."""
        return not self.traits.magic

    def mapped(self, own: tuple[Field, ...]) -> tuple[Field, ...]:
        """Return the fields of a file of this format where slo.yaml maps `own`.

        Of a column that the format gives, `own` counts only if its source can be there.
        """
        given = {field.column: field for field in self.traits.fields}
        sources = self.traits.sources
        kept = {
            field.column: field
            for field in own
            if field.column not in given or not sources or field.source in sources
        }
        first = tuple(kept.pop(column, field) for column, field in given.items())
        return first + tuple(kept.values())


_BY_ENDING = {ending: form for form in LogFormat for ending in form.traits.endings}
_NAME = re.compile(
    rf"\.({'|'.join(_BY_ENDING)})(?:\.(?:gz|zst|zstd)|[.\-_\d*?]|\[[^]]*\])*\Z", re.IGNORECASE
)
"""An ending, then what packing, rotation and wildcards add to it."""


def format_of(name: str) -> LogFormat | None:
    """Tell the format by the ending of a file's name or of a pattern, None where it tells none.

    Packed and rotated names have the ending inside: access.log.2.gz, app.jsonl-20260401.
    """
    found = _NAME.search(name.rsplit("/", 1)[-1])
    return _BY_ENDING[found[1].lower()] if found else None


@dataclass(frozen=True)
class Log:
    """One kind of log: where its files are and how a line becomes a row."""

    name: str
    paths: tuple[str, ...]
    ignore: tuple[str, ...]
    format: LogFormat | None
    """None: by each file's ending; or the log is a table."""
    fields: tuple[Field, ...]
    """As slo.yaml maps them; with one format, those that it gives too."""
    max_line_bytes: int = 1 << 20
    table: str | None = None
    """The engine's own table that is read instead of files."""

    def fields_of(self, form: LogFormat) -> tuple[Field, ...]:
        """Return the fields of a file of this format."""
        return self.fields if self.format is not None else form.mapped(self.fields)

    @property
    def all_fields(self) -> tuple[Field, ...]:
        """The fields of every format that its files can have; a column may have several."""
        forms = dict.fromkeys(form for form in map(format_of, self.paths) if form is not None)
        if self.format is not None or not forms:
            return self.fields
        return tuple(dict.fromkeys(field for form in forms for field in self.fields_of(form)))


@dataclass(frozen=True)
class EndpointTemplate:
    """`GET /v1/documents/{id}`: the method and path that requests are named by."""

    text: str
    method: str
    path: str
