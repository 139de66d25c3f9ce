"""The store made anew from the logs, and compared with the one that it replaces."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from slo_report.errors import DamagedStoreError, DiskError, InputError
from slo_report.load.load import load_logs
from slo_report.lock import run_lock
from slo_report.quoting import quote_name
from slo_report.retention import drop_before, dropped_before
from slo_report.slo_yaml.definition import Definition
from slo_report.store import FIXED_COLUMNS, Store
from slo_report.store_faults import free_name, move_aside
from slo_report.use_store import open_confined, use_store

# Sums of hashes: whatever order rows and files came in, and no two rows cancel each other out.
_REQUESTS = """
SELECT count(*), sum(CAST(hash(files.source, files.name, duplicate, ts{columns}) AS HUGEINT))
FROM requests JOIN files USING (file_id)
"""
_QUARANTINE = """
SELECT count(*), sum(CAST(hash(files.source, files.name, line, quarantine.reason) AS HUGEINT))
FROM quarantine JOIN files USING (file_id)
"""
_FILES = """
SELECT count(*), sum(CAST(hash(
    source, name, content_sha256, state, reason, lines, blank, usable, first_ts, last_ts,
    skipped_for) AS HUGEINT))
FROM files
"""


@dataclass(frozen=True)
class Contents:
    """What a store holds, told so that two stores can be compared."""

    files: int
    requests: int
    digest: str
    dropped_before: datetime | None


@dataclass(frozen=True)
class Rebuilt:
    """What a rebuild made of the logs."""

    contents: Contents
    is_same: bool | None
    """As the store that was replaced; None where there was none to compare with."""
    kept: Path | None
    """The old store, where it was not the same or not readable."""
    refused: list[tuple[str, str]]
    """Files that cannot be used, and why."""


def rebuild(definition: Definition, progress: Callable[[str], None]) -> Rebuilt:
    """Make a new store from all logs and put it in the old one's place, if that is there.

    The old one stays under another name where it held anything else: requests of logs that have
    gone since. What retention had dropped is dropped again, unless slo.yaml has none any more.
    """
    store = definition.store
    with run_lock(store):
        old, kept = _old(definition)
        refused: list[tuple[str, str]] = []
        # A name of its own: what ends in `.new-` is cleared away when the store is opened.
        aside = store.with_name(f"{store.name}.rebuilt")
        for left in (aside, aside.with_name(f"{aside.name}.wal")):
            left.unlink(missing_ok=True)
        new = use_store(
            replace(definition, store=aside),
            lambda made: _filled(made, definition, old, refused, progress),
        )
        is_same = None if old is None else old.digest == new.digest
        try:
            if is_same is False:
                kept = free_name(store, "replaced")
                store.rename(kept)
            aside.replace(store)
        except OSError as error:
            raise DiskError(f"cannot put the new store in place: {error}") from error
    return Rebuilt(new, is_same, kept, refused)


def contents(store: Store, definition: Definition) -> Contents:
    """Return how many files and requests a store holds, and the digest of all its rows."""
    kept = set(store.column_types()) & set(definition.columns)
    columns = sorted(kept - set(FIXED_COLUMNS))
    named = "".join(f", requests.{quote_name(column)}" for column in columns)
    [requests] = store.rows(_REQUESTS.format(columns=named))
    [quarantine] = store.rows(_QUARANTINE)
    [files] = store.rows(_FILES)
    text = repr((columns, requests, quarantine, files))
    return Contents(
        files=int(files[0]),
        requests=int(requests[0]),
        digest=hashlib.sha256(text.encode()).hexdigest(),
        dropped_before=dropped_before(store),
    )


def _filled(
    store: Store,
    definition: Definition,
    old: Contents | None,
    refused: list[tuple[str, str]],
    progress: Callable[[str], None],
) -> Contents:
    """Fill a new store and return what it holds; files that cannot be used go to `refused`."""
    result = load_logs(store, definition, progress)
    if not result.found_any and old is not None and old.files:
        raise InputError("no log file found; the store stays as it is")
    refused.extend(result.refused)
    has_retention = definition.retention_months is not None
    if has_retention and old is not None and old.dropped_before is not None:
        drop_before(store, old.dropped_before)
    return contents(store, definition)


def _old(definition: Definition) -> tuple[Contents | None, Path | None]:
    """Return what the present store holds; one that cannot be read is moved aside."""
    if not definition.store.exists():
        return None, None
    try:
        with open_confined(definition) as store:
            return contents(store, definition), None
    except DamagedStoreError:
        return None, move_aside(definition.store)
