"""Bring the store up to date with the log files."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from slo_report.load.ahead import Ahead
from slo_report.load.discover import ChangedError, LogFile, discover
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
from slo_report.load.ways import Attempt
from slo_report.slo_yaml.definition import Definition
from slo_report.store import Store
from slo_report.wording import counted, reasons_told

_log = logging.getLogger("slo_report")


def load_logs(store: Store, definition: Definition, progress: Callable[[str], None]) -> LoadResult:
    """Load the log files that are new or changed; `progress` is told each file in a word."""
    files, irregular = discover(definition)
    store.match_columns(definition.columns)
    with TemporaryDirectory(dir=store.work) as folder:
        run = _Run(store, definition, Path(folder), files, progress)
        result = replace(run.work(), irregular=irregular)
    for name in irregular:
        _log.warning("%s is no regular file and is left out", name)
    return result


class _Run:
    """One load: what is known, what was found, and what came of it."""

    def __init__(
        self,
        store: Store,
        definition: Definition,
        folder: Path,
        files: list[LogFile],
        progress: Callable[[str], None],
    ) -> None:
        self._store = store
        self._definition = definition
        self._progress = progress
        self._loader = Loader(store, definition, folder)
        self._loader.sweep()
        self._files = {(file.log.name, file.name): file for file in files}
        self._reading = _readings(definition, self._files)
        self._facts: dict[tuple[str, str], Preflight] = {}
        self._known = _known_files(store)
        self._refusals = dict(
            store.rows("SELECT file_id, reason FROM files WHERE state = 'refused'")
        )
        self._ids = count(max((known.file_id for known in self._known), default=0) + 1)
        self._attempts: dict[tuple[str, str], Attempt] = {}
        self._ahead: set[tuple[str, str]] = set()
        self._result = LoadResult()

    def work(self) -> LoadResult:
        """Load what is new for certain, carry out the plan for the rest, then mark duplicates."""
        self._load_ahead()
        records = {(known.source, known.name): known for known in self._known}
        present = [self._present(key, records.get(key)) for key in self._files]
        for action in plan(self._known, present):
            self._carry_out(action)
        self._take_out()
        if "request_id" in self._definition.columns:
            self._mark_duplicates()
        return self._result

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
            self._result.taken_out.append(known.name)
            self._progress(f"{known.name}: no path: of slo.yaml matches it any more, taken out")

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
            self._ahead.add((file.log.name, file.name))
            self._count(file_ids[file.log.name, file.name], file.name)

    def _mark_duplicates(self) -> None:
        """Mark them; where the order of a file's lines decides, read that file again in order."""
        for tie in mark_duplicates(self._store):
            key = (tie.source, tie.name)
            if key in self._files:
                self._loader.load(self._record(key, "loaded"), (tie.file_id,), Attempt.IN_DOUBT)
        mark_duplicates(self._store)

    def _present(self, key: tuple[str, str], known: Known | None) -> Present:
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

    def _examine(self, key: tuple[str, str]) -> Preflight:
        if key not in self._facts:
            self._facts[key] = examine(self._files[key])
        return self._facts[key]

    def _carry_out(self, action: Action) -> None:
        name = action.file.name
        match action:
            case Keep() if action.file.refusal:
                self._result.refused.append((name, action.file.refusal))
            case Keep():
                if (action.file.source, name) not in self._ahead:
                    self._result.known.append(name)
            case Rename():
                self._rename(action)
            case Skip():
                self._write(action, "skipped", None, action.skipped_for)
                self._result.skipped.append(name)
                self._progress(f"{name}: same content as {action.skipped_for}, skipped")
            case Refuse():
                self._refuse(action, action.file.refusal)
            case Load():
                self._load(action)

    def _record(self, key: tuple[str, str], state: str) -> Record:
        facts = self._examine(key)
        return Record(next(self._ids), self._files[key], facts, self._reading[key], state)

    def _write(
        self, action: Skip | Load | Refuse, state: str, reason: str | None, twin: str | None
    ) -> None:
        record = replace(
            self._record((action.file.source, action.file.name), state),
            reason=reason,
            skipped_for=twin,
        )
        lines = record.facts.lines
        self._loader.write_record(replace(record, lines=lines), action.replaces)

    def _refuse(self, action: Load | Refuse, reason: str) -> None:
        self._write(action, "refused", reason, None)
        self._result.refused.append((action.file.name, reason))
        self._progress(f"{action.file.name}: refused, {reason}")

    def _rename(self, action: Rename) -> None:
        file = action.file
        facts = self._facts.get((file.source, file.name))
        self._loader.hand_over(
            action.file_id, self._files[file.source, file.name], facts, action.replaces
        )
        self._result.known.append(file.name)

    def _load(self, action: Load, *, again: bool = False) -> None:
        key = (action.file.source, action.file.name)
        record = self._record(key, "loaded")
        if record.facts.refusal:
            self._refuse(action, record.facts.refusal)
            return
        try:
            self._loader.load(record, action.replaces, self._attempts.get(key, Attempt.NONE))
        except RefusedError as refusal:
            self._refuse(action, str(refusal))
        except FileNotFoundError:
            self._refuse(action, "was removed while it was read")
        except ChangedError:
            if not self._files[key].path.is_file():
                self._refuse(action, "was removed while it was read")
                return
            if again:
                # Time 0 is never that of a file: the next run reads it anew.
                self._files[key] = replace(self._files[key], modified_ns=0)
                self._refuse(action, "changed while it was read")
                return
            status = self._files[key].path.stat()
            self._files[key] = replace(
                self._files[key], size=status.st_size, modified_ns=status.st_mtime_ns
            )
            del self._facts[key]
            self._load(action, again=True)
        else:
            self._count(record.file_id, action.file.name)

    def _count(self, file_id: int, name: str) -> None:
        [(lines, usable, blank)] = self._store.rows(
            "SELECT lines, usable, blank FROM files WHERE file_id = $1", [file_id]
        )
        bad = lines - usable - blank
        self._result.loaded.append(name)
        self._result = replace(
            self._result,
            lines=self._result.lines + lines,
            usable=self._result.usable + usable,
            blank=self._result.blank + blank,
            quarantined=self._result.quarantined + bad,
        )
        said = f"{name}: {counted(usable, 'request')}"
        if bad:
            reasons = self._store.rows(
                "SELECT reason, count(*) AS lines, min(line) FROM quarantine WHERE file_id = $1 "
                "GROUP BY reason",
                [file_id],
            )
            told = reasons_told([(why, lines, f"{name}:{first}") for why, lines, first in reasons])
            self._result.bad_lines.append(told)
            said += f", {bad:,} quarantined: {told}"
        self._progress(said)


def _readings(
    definition: Definition, files: Mapping[tuple[str, str], LogFile]
) -> dict[tuple[str, str], str]:
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
