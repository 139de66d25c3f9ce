"""Bring the store up to date with the log files."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from slo_report.load.ahead import Ahead
from slo_report.load.discover import ChangedError, LogFile, discover, is_as_found
from slo_report.load.duplicates import mark_duplicates
from slo_report.load.examine import UNREADABLE_FACTS, examine, reading_digest
from slo_report.load.formats.reading import RefusedError
from slo_report.load.loader import Loader
from slo_report.load.plan import (
    Action,
    Keep,
    Known,
    Load,
    Present,
    Refuse,
    Rename,
    Skip,
    is_unchanged,
    plan,
)
from slo_report.load.preflight import Preflight
from slo_report.load.record import Record, remove
from slo_report.load.result import LoadResult
from slo_report.load.tally import Key, Tally
from slo_report.load.ways import Attempt
from slo_report.slo_yaml.definition import Definition
from slo_report.store import Store

_log = logging.getLogger("slo_report")

_GONE = "was removed while it was read"
_CHANGED = "changed while it was read"


def load_logs(store: Store, definition: Definition, progress: Callable[[str], None]) -> LoadResult:
    """Load the log files that are new or changed; `progress` is told each file in a word."""
    files, irregular = discover(definition)
    store.match_columns(definition.columns)
    with TemporaryDirectory(dir=store.work) as folder:
        tally = Tally(store, progress)
        _Run(store, definition, Path(folder), files, tally).work()
    for name in irregular:
        _log.warning("%s is no regular file and is left out", name)
    return tally.result(irregular)


class _Run:
    """One load: what is known, what was found, and what came of it."""

    def __init__(
        self,
        store: Store,
        definition: Definition,
        folder: Path,
        files: list[LogFile],
        tally: Tally,
    ) -> None:
        self._store = store
        self._definition = definition
        self._tally = tally
        self._loader = Loader(store, definition, folder)
        self._loader.sweep()
        self._files = {(file.log.name, file.name): file for file in files}
        self._reading = _readings(definition, self._files)
        self._facts: dict[Key, Preflight] = {}
        self._known = _known_files(store)
        self._refusals = dict(
            store.rows("SELECT file_id, reason FROM files WHERE state = 'refused'")
        )
        self._ids = count(max((known.file_id for known in self._known), default=0) + 1)
        self._attempts: dict[Key, Attempt] = {}

    def work(self) -> None:
        """Load what is new for certain, carry out the plan for the rest, then mark duplicates."""
        self._load_ahead()
        records = {(known.source, known.name): known for known in self._known}
        present = [self._present(key, records.get(key)) for key in self._files]
        for action in plan(self._known, present):
            self._carry_out(action)
        self._take_out()
        if "request_id" in self._definition.columns:
            self._mark_duplicates()

    def _take_out(self) -> None:
        """Forget files that lie there but are no logs any more, and refused ones that are gone.

        What was loaded of a file that is gone stays.
        """
        folder = self._definition.path.parent
        left = [
            known
            for known in _known_files(self._store)
            if (known.source, known.name) not in self._files
            and (known.state == "refused" or (folder / known.name).is_file())
        ]
        with self._store.transaction():
            remove(self._store, [known.file_id for known in left])
        for known in left:
            self._tally.taken_out(known.name)

    def _load_ahead(self) -> None:
        names = {(known.source, known.name) for known in self._known}
        ahead = Ahead(
            self._loader,
            examine=lambda file: self._examine((file.log.name, file.name)),
            reading=lambda file: self._reading[file.log.name, file.name],
            contents={(known.source, known.content, known.reading) for known in self._known},
            ids=self._ids,
        )
        ahead.load(file for key, file in self._files.items() if key not in names)
        self._known = _known_files(self._store)
        self._attempts = ahead.attempts
        file_ids = {(known.source, known.name): known.file_id for known in self._known}
        for file in ahead.loaded:
            key = (file.log.name, file.name)
            self._tally.loaded(key, file_ids[key])

    def _mark_duplicates(self) -> None:
        """Mark them; where the order of a file's lines decides, read that file again in order.

        One that cannot be read again as it was keeps its rows: the next run reads what it is then.
        """
        ties = mark_duplicates(self._store)
        for tie in ties:
            key = (tie.source, tie.name)
            if key not in self._files:
                continue
            self._attempts[key] = Attempt.IN_DOUBT
            refusal = self._read(key, (tie.file_id,))
            if refusal and refusal not in (_GONE, _CHANGED):
                self._refuse(key, (tie.file_id,), refusal)
        if ties:
            mark_duplicates(self._store, ties_stay=True)

    def _present(self, key: Key, known: Known | None) -> Present:
        """Return a file's identity: from the store if it is unchanged, else from its bytes."""
        file, reading = self._files[key], self._reading[key]
        if known is not None and is_unchanged(known, *key, file.size, file.modified_ns):
            if known.state != "refused":
                return Present(*key, file.size, file.modified_ns, reading, known.content)
            # What kept it from being read may be gone, and its time would not tell.
            if known.reading == reading and known.content != UNREADABLE_FACTS.content_sha256:
                refusal = self._refusals[known.file_id]
                return Present(*key, file.size, file.modified_ns, reading, known.content, refusal)
        facts = self._examine(key)
        content, refusal = facts.content_sha256, facts.refusal
        return Present(*key, file.size, file.modified_ns, reading, content, refusal)

    def _examine(self, key: Key) -> Preflight:
        if key not in self._facts:
            self._facts[key] = examine(self._files[key])
        return self._facts[key]

    def _carry_out(self, action: Action) -> None:
        key = (action.file.source, action.file.name)
        match action:
            case Keep() if action.file.refusal:
                self._tally.still_refused(key, action.file.refusal)
            case Keep():
                if not self._tally.is_loaded(key):
                    self._tally.known(key)
            case Rename():
                facts = self._facts.get(key)
                self._loader.hand_over(action.file_id, self._files[key], facts, action.replaces)
                self._tally.known(key)
            case Skip():
                self._write(key, action.replaces, "skipped", skipped_for=action.skipped_for)
                self._tally.skipped(key, action.skipped_for)
            case Refuse():
                self._refuse(key, action.replaces, action.file.refusal)
            case Load():
                refusal = self._read(key, action.replaces)
                if refusal is not None:
                    self._refuse(key, action.replaces, refusal)

    def _record(self, key: Key, state: str) -> Record:
        facts = self._examine(key)
        return Record(next(self._ids), self._files[key], facts, self._reading[key], state)

    def _write(
        self,
        key: Key,
        replaces: Sequence[int],
        state: str,
        *,
        reason: str | None = None,
        skipped_for: str | None = None,
    ) -> None:
        record = self._record(key, state)
        lines = record.facts.lines
        record = replace(record, reason=reason, skipped_for=skipped_for, lines=lines)
        self._loader.write_record(record, replaces)

    def _refuse(self, key: Key, replaces: Sequence[int], reason: str) -> None:
        if reason == _CHANGED:
            # Time 0 is never that of a file: the next run reads it anew.
            self._files[key] = replace(self._files[key], modified_ns=0)
        self._write(key, replaces, "refused", reason=reason)
        self._tally.refused(key, reason)

    def _read(self, key: Key, replaces: Sequence[int], *, again: bool = False) -> str | None:
        """Load a file in place of what it replaces; return why it cannot be used, None if it is."""
        record = self._record(key, "loaded")
        if record.facts.refusal:
            return record.facts.refusal
        try:
            self._loader.load(record, replaces, self._attempts.get(key, Attempt.NONE))
        except RefusedError as refusal:
            # What was written to while it was read is often no whole file either.
            if is_as_found(record.file):
                return str(refusal)
        except (ChangedError, FileNotFoundError):
            pass
        else:
            self._tally.loaded(key, record.file_id)
            return None
        if not record.file.path.is_file():
            return _GONE
        if again:
            return _CHANGED
        status = record.file.path.stat()
        self._files[key] = replace(record.file, size=status.st_size, modified_ns=status.st_mtime_ns)
        del self._facts[key]
        return self._read(key, replaces, again=True)


def _readings(definition: Definition, files: Mapping[Key, LogFile]) -> dict[Key, str]:
    """Return how each file is read; that is one for all files of a log and format."""
    one_of_each = {(id(file.log), file.format): file for file in files.values()}
    digests = {each: reading_digest(definition, file) for each, file in one_of_each.items()}
    return {key: digests[id(file.log), file.format] for key, file in files.items()}


def _known_files(store: Store) -> list[Known]:
    rows = store.rows(
        "SELECT file_id, source, name, size, modified_ns, content_sha256, reading_digest, "
        "state, skipped_for FROM files ORDER BY file_id"
    )
    return [Known(*row) for row in rows]
