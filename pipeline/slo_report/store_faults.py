"""What is wrong when DuckDB cannot open, read or write the store, told by DuckDB's own words."""

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from slo_report.errors import DamagedStoreError, DiskError, LockedError, SloReportError

log = logging.getLogger("slo_report")

_HOLDER = re.compile(r"Conflicting lock is held in (?P<program>.*?) ?\(PID (?P<pid>\d+)\)")
_MEMORY_SIGNS = ("max_temp_directory_size", "Out of Memory Error")
_DISK_SIGNS = (
    "No space left on device",
    "File too large",
    "Could not write",
    "Input/output error",
    "Disk quota exceeded",
    "fsync failed",
)
_BROUGHT_DOWN = "because of a previous fatal error"
"""By an internal error that a log has caused, unless a sign of the disk's or of damage stands in it
too. The store can be opened anew (`Store.revive`)."""
_DAMAGE_SIGNS = (
    "Corrupt database file",
    "Corrupt WAL file",
    "Failure while replaying WAL",
    "not a valid DuckDB database",
    "Could not read enough bytes",
    "database file with version number",
)


@contextmanager
def failures_told(store: Path) -> Iterator[None]:
    """Turn what DuckDB raises inside into the program's own errors, where it is of the store."""
    try:
        yield
    except duckdb.Error as error:
        sentence = told(error, store)
        if sentence is None:
            raise
        raise sentence from error


def told(error: duckdb.Error, store: Path) -> SloReportError | None:
    """Return what befell the store as a sentence, None where it is another kind of error.

    A full disk comes before damage: a checkpoint that met it names both.
    """
    if isinstance(error, (duckdb.DataError, duckdb.ProgrammingError)):
        return None  # of what is in a file; they quote it, so their words prove nothing
    text = str(error)
    held = _HOLDER.search(text)
    sentence: SloReportError | None = None
    if held is not None:
        program = Path(held["program"]).name or "another program"
        sentence = LockedError(
            f"{store.name} is open in {program} (process {held['pid']}); close it there"
        )
    elif any(sign in text for sign in _MEMORY_SIGNS):
        sentence = DiskError(_too_little_room(text))
    elif any(sign in text for sign in _DISK_SIGNS):
        sentence = DiskError(f"The store {store.name} cannot be written: {_first_line(text)}")
    elif any(sign in text for sign in _DAMAGE_SIGNS) and not _is_of_another_file(text, store):
        sentence = DamagedStoreError(f"The store {store.name} is damaged: {_first_line(text)}")
    elif (isinstance(error, duckdb.FatalException) and _BROUGHT_DOWN not in text) or (
        isinstance(error, duckdb.IOException) and store.name in text
    ):
        sentence = DiskError(f"disk or I/O error: {_first_line(text)}")
    return sentence


def move_aside(store: Path) -> Path:
    """Rename a store that cannot be used and its write-ahead log, and return its new name.

    The log goes first: beside a new store it would be played into it. The two keep names that
    belong together, so that somebody can still look into them.
    """
    aside = free_name(store, "damaged")
    for name, new in ((_wal(store), _wal(aside)), (store, aside)):
        if name.exists():
            name.rename(new)
    return aside


def leave_no_log_behind(store: Path) -> None:
    """Move a write-ahead log without a store aside; a new store would take it for its own."""
    if not store.exists() and _wal(store).exists():
        aside = move_aside(store)
        log.warning("%s had no store beside it; it is now %s", _wal(store).name, _wal(aside).name)


def _wal(store: Path) -> Path:
    return store.with_name(f"{store.name}.wal")


def _is_of_another_file(text: str, store: Path) -> bool:
    """Tell whether the error names a file that is not the store's: a log cut while it was read."""
    return '"' in text and store.name not in text


def free_name(store: Path, what: str) -> Path:
    """Return a name beside the store's that nothing has yet: slo.duckdb.damaged-1."""
    number = 1
    while True:
        name = store.with_name(f"{store.name}.{what}-{number}")
        if not name.exists() and not _wal(name).exists():
            return name
        number += 1


def _too_little_room(text: str) -> str:
    if "max_temp_directory_size" in text:
        return (
            "The disk beside the store has too little room for what does not fit into memory "
            "(DuckDB's max_temp_directory_size): free some, or raise memory_limit in slo.yaml"
        )
    return "The memory does not suffice: raise memory_limit in slo.yaml, or lower threads"


def _first_line(text: str) -> str:
    return text.split("\n", maxsplit=1)[0]
