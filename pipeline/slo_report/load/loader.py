"""One file, one transaction: its rows, its quarantined lines and its record, or none of them."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from slo_report.load.discover import LogFile
from slo_report.load.formats import READERS
from slo_report.load.formats.reading import LogText, Reader, RefusedError
from slo_report.load.preflight import Preflight
from slo_report.load.rows import stored_columns
from slo_report.load.stage import UNREADABLE, NotCleanError, Stage, clean_rows_sql
from slo_report.slo_yaml.definition import Definition, Field, LogFormat
from slo_report.store import Store


class ChangedError(Exception):
    """The file was written to while it was read."""


@dataclass(frozen=True)
class Record:
    """A row of `files`, but for what the stored rows say themselves."""

    file_id: int
    file: LogFile
    facts: Preflight
    reading_digest: str
    state: str
    reason: str | None = None
    lines: int = 0
    blank: int = 0
    skipped_for: str | None = None


def mapped_fields(file: LogFile) -> tuple[Field, ...]:
    """Return the fields of a file's log, with those that its format gives unasked."""
    own = file.log.fields
    declared = {field.column for field in own}
    given = READERS[file.format].fields if file.format is not None else ()
    return own + tuple(field for field in given if field.column not in declared)


@dataclass(frozen=True)
class Loader:
    """Loads single files of one definition into one store."""

    store: Store
    definition: Definition
    folder: Path
    """For temporary files."""

    def load(self, record: Record, replaces: Sequence[int]) -> None:
        """Put a file's lines into the store in place of the records `replaces`.

        Raises RefusedError if it cannot be used as a whole, ChangedError if it was written to.
        """
        file = record.file
        assert file.format is not None
        reader = READERS[file.format]
        with _readable(file.path, self.folder) as path:
            text = LogText(path, record.facts, mapped_fields(file), file.log.max_line_bytes)
            text = replace(text, fields=reader.adapt(text))
            if not self._load_clean(reader, text, record, replaces):
                self._load_careful(reader, text, record, replaces)

    def write_record(self, record: Record, replaces: Sequence[int]) -> None:
        """Record a file that gives no rows: skipped or refused."""
        with self.store.transaction():
            self._remove(replaces)
            self._insert_record(record)

    def hand_over(
        self, file_id: int, file: LogFile, facts: Preflight | None, replaces: Sequence[int]
    ) -> None:
        """Put the record of equal content under this file's name, size and time."""
        with self.store.transaction():
            self._remove(replaces)
            self.store.rows(
                "UPDATE files SET name = $2, size = $3, modified_ns = $4, "
                "sha256 = coalesce($5, sha256) WHERE file_id = $1",
                [file_id, file.name, file.size, file.modified_ns, facts and facts.sha256],
            )

    def _load_clean(
        self, reader: Reader, text: LogText, record: Record, replaces: Sequence[int]
    ) -> bool:
        """Load a file that DuckDB reads by itself; False, with nothing done, if it cannot."""
        relation = reader.clean_sql(text)
        if relation is None:
            return False
        try:
            with self.store.transaction():
                self._remove(replaces)
                [(rows,)] = self.store.rows(
                    f"INSERT INTO requests ({self._columns()}) "
                    f"SELECT $file_id, false, $source, * "
                    f"FROM ({clean_rows_sql(relation, text, self.definition)})",
                    {
                        "file": [str(text.path)],
                        "file_id": record.file_id,
                        "source": record.file.log.name,
                    },
                )
                expected = text.facts.lines - reader.header_lines(text)
                if record.file.format is not LogFormat.PARQUET and rows != expected:
                    raise NotCleanError
                self._insert_record(replace(record, lines=rows))
                _check_unchanged(record.file)
        except (NotCleanError, *UNREADABLE):
            return False
        return True

    def _load_careful(
        self, reader: Reader, text: LogText, record: Record, replaces: Sequence[int]
    ) -> None:
        try:
            counted = Stage(self.store, self.definition, self.folder).fill(reader, text)
        except UNREADABLE as error:
            raise RefusedError("cannot be read as what it is") from error
        if reader.by_blocks and counted.lines != text.facts.lines:
            raise RefusedError(f"has {text.facts.lines} lines, of which {counted.lines} were read")
        with self.store.transaction():
            self._remove(replaces)
            columns = ", ".join(stored_columns(self.definition))
            [(usable,)] = self.store.rows(
                f"INSERT INTO requests ({self._columns()}) SELECT $1, false, $2, ts, {columns} "
                "FROM staged WHERE reason IS NULL",
                [record.file_id, record.file.log.name],
            )
            [(bad,)] = self.store.rows(
                "INSERT INTO quarantine SELECT $1, line, reason FROM staged "
                "WHERE reason IS NOT NULL ORDER BY line",
                [record.file_id],
            )
            if counted.lines != usable + bad + counted.blank:
                raise RefusedError("has lines that do not add up")
            self._insert_record(replace(record, lines=counted.lines, blank=counted.blank))
            _check_unchanged(record.file)
        self.store.rows("DROP TABLE staged")

    def _columns(self) -> str:
        return ", ".join(["file_id, duplicate, source, ts", *stored_columns(self.definition)])

    def _remove(self, file_ids: Sequence[int]) -> None:
        for table in ("requests", "quarantine", "files"):
            if file_ids:
                self.store.rows(
                    f"DELETE FROM {table} WHERE file_id IN (SELECT unnest($1))", [list(file_ids)]
                )

    def _insert_record(self, record: Record) -> None:
        file, facts = record.file, record.facts
        self.store.rows(
            "INSERT INTO files SELECT $file_id, $source, $name, $size, $modified_ns, $sha256, "
            "$content_sha256, $reading_digest, $state, $reason, $lines, $blank, count(*), "
            "min(ts), max(ts), $skipped_for FROM requests WHERE file_id = $file_id",
            {
                "file_id": record.file_id,
                "source": file.log.name,
                "name": file.name,
                "size": file.size,
                "modified_ns": file.modified_ns,
                "sha256": facts.sha256,
                "content_sha256": facts.content_sha256,
                "reading_digest": record.reading_digest,
                "state": record.state,
                "reason": record.reason,
                "lines": record.lines,
                "blank": record.blank,
                "skipped_for": record.skipped_for,
            },
        )


def _check_unchanged(file: LogFile) -> None:
    """Raise ChangedError unless the file is as it was when it was found."""
    now = file.path.stat()
    if (now.st_size, now.st_mtime_ns) != (file.size, file.modified_ns):
        raise ChangedError


@contextmanager
def _readable(path: Path, folder: Path) -> Iterator[Path]:
    """Give a file a name without wildcards, which DuckDB would follow."""
    if not set(str(path)) & set("*?[]"):
        yield path
        return
    link = folder / "file"
    link.unlink(missing_ok=True)
    link.symlink_to(path.resolve())
    try:
        yield link
    finally:
        link.unlink()
