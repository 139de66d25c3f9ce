"""One file, one transaction: its rows, its quarantined lines and its record, or none of them."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb

from slo_report.load.discover import LogFile
from slo_report.load.doubtful import MisplacedError, fetch
from slo_report.load.formats import READERS
from slo_report.load.formats.reading import LogText, Reader, RefusedError, Relation
from slo_report.load.preflight import Preflight
from slo_report.load.rows import quick_rows_sql, stored_columns
from slo_report.load.stage import UNREADABLE, NotCleanError, Stage
from slo_report.slo_yaml.definition import Definition, Field, LogFormat
from slo_report.store import Store

_MANY_BYTES = 16 << 20
"""Of less DuckDB makes no use of several threads."""


class ChangedError(Exception):
    """The file was written to while it was read."""


class _OrderNeededError(Exception):
    """Lines are in doubt, and only where rows lie in their order can they be found."""


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
            for way, lenient in ((reader.clean_sql, False), (reader.lenient_sql, True)):
                relation = way(text)
                if relation is None:
                    continue
                in_order = lenient or text.facts.open_end or file.size < _MANY_BYTES
                for threaded in (False,) if in_order else (True, False):
                    try:
                        if self._load_quickly(
                            reader,
                            text,
                            relation,
                            record,
                            replaces,
                            lenient=lenient,
                            threaded=threaded,
                        ):
                            return
                    except _OrderNeededError:
                        continue
                    break
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

    def _load_quickly(
        self,
        reader: Reader,
        text: LogText,
        relation: Relation,
        record: Record,
        replaces: Sequence[int],
        *,
        lenient: bool,
        threaded: bool,
    ) -> bool:
        """Load a file that DuckDB reads by itself; False, with nothing done, if it cannot.

        A line in doubt takes its place among the rows, without a time, until it is judged.
        """
        try:
            # Deleting from what the open transaction inserted would have COMMIT write it all again.
            # So rows go in first, as those of no file yet: `purge` knows them by that.
            with self._threads(many=threaded), self.store.transaction():
                [(rows,)] = self.store.rows(
                    f"INSERT INTO requests ({self._columns()}) "
                    f"SELECT $file_id, false, $source, * "
                    f"FROM ({quick_rows_sql(relation, text.fields, self.definition)})",
                    {
                        "file": [str(text.path)],
                        "file_id": record.file_id,
                        "source": record.file.log.name,
                    },
                )
            lines, blank = rows, 0
            if record.file.format is not LogFormat.PARQUET:
                lines = text.facts.lines - reader.header_lines(text)
                blank = lines - rows
            if blank < 0 or (blank and not reader.by_blocks):
                raise NotCleanError
            with self.store.transaction():
                self._remove(replaces)
                if threaded and self._has_doubts(record.file_id):
                    raise _OrderNeededError
                self._settle_doubts(reader, text, record.file_id, rows, blank, lenient=lenient)
                self._insert_record(replace(record, lines=lines, blank=blank))
                _check_unchanged(record.file)
        except (NotCleanError, MisplacedError, *UNREADABLE):
            self.purge()
            return False
        except BaseException:
            with suppress(duckdb.Error):
                self.purge()
            raise
        return True

    @contextmanager
    def _threads(self, *, many: bool) -> Iterator[None]:
        """Have DuckDB keep the order of lines, unless `many` threads are worth more.

        With several threads DuckDB 2.0.0 may put the last lines of a JSON file first.
        """
        if many:
            yield
            return
        [(threads,)] = self.store.rows("SELECT current_setting('threads')")
        self.store.rows("SET threads = 1")
        try:
            yield
        finally:
            self.store.rows(f"SET threads = {threads:d}")

    def purge(self) -> None:
        """Delete rows that were inserted for a file that never got its record."""
        orphans = self.store.rows(
            "SELECT DISTINCT file_id FROM requests ANTI JOIN files USING (file_id)"
        )
        if orphans:
            with self.store.transaction():
                self._remove([file_id for (file_id,) in orphans])

    def _has_doubts(self, file_id: int) -> bool:
        return bool(
            self.store.rows(
                "SELECT 1 FROM requests WHERE file_id = $1 AND ts IS NULL LIMIT 1", [file_id]
            )
        )

    def _settle_doubts(
        self, reader: Reader, text: LogText, file_id: int, rows: int, blank: int, *, lenient: bool
    ) -> None:
        """Judge the lines in doubt: their rows are filled in, or deleted and quarantined."""
        found = self.store.rows(
            "SELECT min(rowid), max(rowid) - min(rowid) + 1, "
            "list(rowid ORDER BY rowid) FILTER (ts IS NULL) FROM requests WHERE file_id = $1",
            [file_id],
        )
        [(first, places, in_doubt)] = found
        if rows and places != rows:
            raise NotCleanError
        in_doubt = [row - first for row in in_doubt or []]
        if text.facts.open_end and rows and rows - 1 not in in_doubt[-1:]:
            # DuckDB may mend a last line that was cut.
            in_doubt.append(rows - 1)
        if reader.numbered_sql is not None and in_doubt:
            raise NotCleanError
        if not (in_doubt or blank or lenient):
            return
        fetched = fetch(text, reader, in_doubt, blank, lenient=lenient)
        stage = Stage(self.store, self.definition, self.folder)
        judged = stage.judge(reader, text, fetched)
        if not judged:
            return
        relation = "(SELECT unnest($lines) AS line, unnest($places) AS place)"
        params = {
            "lines": [number for _, number in judged],
            "places": [first + row for row, _ in judged],
        }
        self._fill_in(relation, params)
        self.store.rows(
            f"DELETE FROM requests WHERE rowid IN (SELECT place FROM {relation} AS places "
            "JOIN staged USING (line) WHERE reason IS NOT NULL)",
            params,
        )
        [(bad,)] = self.store.rows(
            "INSERT INTO quarantine SELECT $1, line, reason FROM staged "
            "WHERE reason IS NOT NULL ORDER BY line",
            [file_id],
        )
        [(usable,)] = self.store.rows(
            "SELECT count(ts) FROM requests WHERE file_id = $1", [file_id]
        )
        if usable + bad != rows:
            raise RefusedError("has lines that do not add up")

    def _fill_in(self, relation: str, params: dict[str, list[int]]) -> None:
        """Put the usable rows of `staged` into their places in `requests`."""
        columns = ["ts", *stored_columns(self.definition)]
        self.store.rows(
            f"UPDATE requests SET {', '.join(f'{name} = staged.{name}' for name in columns)} "
            f"FROM staged JOIN {relation} AS places USING (line) "
            "WHERE staged.reason IS NULL AND requests.rowid = places.place",
            params,
        )

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
