"""One run at a time: a lock of our own beside the store, gone with the process that held it."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from slo_report.errors import DiskError, LockedError


@contextmanager
def run_lock(store: Path) -> Iterator[None]:
    """Hold the lock of a store for the whole run.

    DuckDB's own lock is lost when anything in the process opens and closes the file, so it is not
    enough. Raises LockedError, naming the process that holds it.
    """
    path = store.with_name(f"{store.name}.lock")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("a+", encoding="ascii")
    except OSError as error:
        raise DiskError(f"cannot lock {store.name}: {error}") from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            file.seek(0)
            holder = file.read().strip() or "unknown"
            raise LockedError(f"another run (process {holder}) holds {store.name}") from error
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield
