"""One file, one transaction: its rows, its quarantined lines and its record, or none of them."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from slo_report.load.discover import ChangedError, LogFile, check_unchanged
from slo_report.load.doubtful import MisplacedError
from slo_report.load.formats.reading import LogText, Reader, RefusedError, Relation
from slo_report.load.preflight import Preflight
from slo_report.load.record import (
    Record,
    forget_duplicates,
    insert_records,
    remove,
)
from slo_report.load.rows import quick_rows_sql, request_columns, stored_columns
from slo_report.load.settle import Stored, has_doubts, settle
from slo_report.load.stage import UNREADABLE, NotCleanError, Stage
from slo_report.load.ways import Attempt, Way, readable, text_of, ways_of
from slo_report.slo_yaml.definition import Definition
from slo_report.store import Store


class _InDoubtError(Exception):
    """Lines are in doubt, and only where rows lie in their order can they be found."""


@dataclass(frozen=True)
class Loader:
    """Loads files of one definition into one store."""

    store: Store
    definition: Definition
    folder: Path
    """For temporary files."""

    def load(
        self, record: Record, replaces: Sequence[int], attempt: Attempt = Attempt.NONE
    ) -> None:
        """Put a file's lines into the store in place of the records `replaces`.

        Raises RefusedError if it cannot be used as a whole, ChangedError if it was written to.
        """
        with self._reviving(), readable(record.file.path, self.folder) as path:
            reader, text = text_of(record.file, path, record.facts)
            for way in ways_of(reader, text, record, attempt):
                try:
                    with self._threads(many=way.threaded), self.store.transaction():
                        remove(self.store, replaces)
                        rows = self._insert(way.relation, text, record)
                        self._finish(reader, text, record, way, rows)
                except (NotCleanError, MisplacedError, _InDoubtError, *UNREADABLE):
                    continue
                self.sweep()
                return
            self._load_careful(reader, text, record, replaces)

    def load_ahead(self, record: Record, examined: Callable[[], Preflight | None]) -> Attempt:
        """Load a large file while it is still being examined.

        The record's facts are a guess. `examined` is called once the rows are in; it returns the
        facts, or None if the file is not to be loaded like this.
        """
        try:
            reader, text = text_of(record.file, record.file.path, record.facts)
            relation = reader.clean_sql(text)
            if relation is None:
                return Attempt.NONE
            with self._reviving(), self.store.transaction():
                rows = self._insert(relation, text, record)
                facts = examined()
                if facts is None:
                    raise _UnwantedError
                text = replace(text, facts=facts)
                if facts.open_end or reader.clean_sql(text) != relation:
                    raise NotCleanError
                way = Way(relation, threaded=True)
                self._finish(reader, text, replace(record, facts=facts), way, rows)
        except (_UnwantedError, ChangedError, RefusedError, FileNotFoundError):
            return Attempt.NOT_NOW
        except _InDoubtError:
            return Attempt.IN_DOUBT
        except (NotCleanError, MisplacedError, *UNREADABLE):
            return Attempt.UNREADABLE
        return Attempt.DONE

    def write_record(self, record: Record, replaces: Sequence[int]) -> None:
        """Record a file that gives no rows: skipped or refused."""
        with self.store.transaction():
            remove(self.store, replaces)
            insert_records(self.store, [record])

    def hand_over(
        self, file_id: int, file: LogFile, facts: Preflight | None, replaces: Sequence[int]
    ) -> None:
        """Put the record of equal content under this file's name, size and time."""
        with self.store.transaction():
            remove(self.store, replaces)
            self.store.rows(
                "UPDATE files SET name = $2, size = $3, modified_ns = $4, "
                "sha256 = coalesce($5, sha256) WHERE file_id = $1",
                [file_id, file.name, file.size, file.modified_ns, facts and facts.sha256],
            )
            forget_duplicates(self.store)

    def sweep(self) -> None:
        """Delete the rows that stand in the places of quarantined lines.

        Within the transaction that inserted them it would have COMMIT write all the others again.
        """
        self.store.rows("DELETE FROM requests WHERE ts IS NULL")

    def _insert(self, relation: Relation, text: LogText, record: Record) -> int:
        [(rows,)] = self.store.rows(
            f"INSERT INTO requests ({request_columns(self.definition)}) "
            "SELECT $file_id, false, $source, * EXCLUDE (file_name) "
            f"FROM ({quick_rows_sql(relation, text.fields, self.definition)})",
            {
                "file": [str(text.path)],
                "file_id": record.file_id,
                "source": record.file.log.name,
            },
        )
        return int(rows)

    def _finish(self, reader: Reader, text: LogText, record: Record, way: Way, rows: int) -> None:
        """Account for every line of a file whose rows are in, and write its record.

        A line in doubt takes its place among the rows, without a time, until it is judged.
        """
        lines, blank = rows, 0
        if record.file.has_lines:
            lines = text.facts.lines - reader.header_lines(text)
            blank = lines - rows
        if blank < 0 or (blank and not reader.by_blocks):
            raise NotCleanError
        if way.threaded and has_doubts(self.store, record.file_id):
            raise _InDoubtError
        stage = Stage(self.store, self.definition, self.folder)
        settle(stage, reader, text, Stored(record.file_id, rows, blank), lenient=way.lenient)
        record = replace(record, lines=lines, blank=blank, in_order=not way.threaded)
        insert_records(self.store, [record])
        check_unchanged(record.file)

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
            with self._reviving():
                yield
        finally:
            self.store.rows(f"SET threads = {threads:d}")

    @contextmanager
    def _reviving(self) -> Iterator[None]:
        """Leave a store that works, even if a file inside has brought it down."""
        try:
            yield
        finally:
            self.store.revive()

    def _load_careful(
        self, reader: Reader, text: LogText, record: Record, replaces: Sequence[int]
    ) -> None:
        self.store.revive()
        try:
            counted = Stage(self.store, self.definition, self.folder).fill(reader, text)
        except UNREADABLE as error:
            raise RefusedError("cannot be read as what it is") from error
        if reader.by_blocks and counted.lines != text.facts.lines:
            raise RefusedError(f"has {text.facts.lines} lines, but {counted.lines} could be read")
        with self.store.transaction():
            remove(self.store, replaces)
            columns = ", ".join(stored_columns(self.definition))
            [(usable,)] = self.store.rows(
                f"INSERT INTO requests ({request_columns(self.definition)}) "
                f"SELECT $1, false, $2, ts, {columns} FROM staged WHERE reason IS NULL",
                [record.file_id, record.file.log.name],
            )
            [(bad,)] = self.store.rows(
                "INSERT INTO quarantine SELECT $1, line, reason FROM staged "
                "WHERE reason IS NOT NULL ORDER BY line",
                [record.file_id],
            )
            if counted.lines != usable + bad + counted.blank:
                raise RefusedError("has lines that do not add up")
            record = replace(record, lines=counted.lines, blank=counted.blank)
            insert_records(self.store, [record])
            check_unchanged(record.file)
        self.store.rows("DROP TABLE staged")


class _UnwantedError(Exception):
    """The file is whole, but its rows are not to be kept."""
