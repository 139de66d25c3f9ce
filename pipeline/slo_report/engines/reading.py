"""Log files read by DuckDB's loader in a store of its own, wherever this code runs.

So that a line becomes the same row, or is quarantined for the same reason, whichever engine counts
it afterwards: the reading is the same code.
"""

import glob
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from slo_report.engines.files import COLUMNS, FileFacts, settled
from slo_report.errors import InputError
from slo_report.load.discover import LogFile
from slo_report.load.load import load_logs
from slo_report.load.result import LoadedFile, loaded_file
from slo_report.quoting import quote_name
from slo_report.slo_yaml.definition import Definition
from slo_report.store import Store, open_store

_HEAP_BYTES = 64 << 20
"""Of smaller files several are read at a time: starting costs more than reading them."""
_IDS_A_HEAP = 1_000_000


@dataclass(frozen=True)
class Heap:
    """Files that are read together: (source, name) of each."""

    number: int
    files: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class HeapStore:
    """A heap that was read, in a store that lasts as long as the block."""

    store: Store
    first_id: int
    """What ids of files begin behind, so that those of other heaps are others."""
    facts: tuple[FileFacts, ...]

    def quarantine_sql(self) -> str:
        """Return the query of file_id, line, reason."""
        return f"SELECT {self._file_id()}, line, reason FROM quarantine"

    def requests_sql(self, columns: Sequence[str]) -> str:
        """Return the query of file_id, line (the order of the file's rows) and the columns."""
        names = ", ".join(quote_name(name) for name in columns)
        return f"SELECT {self._file_id()}, rowid + 1 AS line, {names} FROM requests"

    def loaded(self, fact: FileFacts) -> LoadedFile:
        """Return what became of the lines of one of the files."""
        return loaded_file(self.store, fact.file_id - self.first_id, fact.name)

    def _file_id(self) -> str:
        return f"CAST(file_id + {self.first_id} AS BIGINT) AS file_id"


def heaps(files: Iterable[LogFile], heap_bytes: int = _HEAP_BYTES) -> list[Heap]:
    """Return the files in heaps of about `heap_bytes`, numbered from 0; a larger file is alone."""
    found: list[list[tuple[str, str]]] = []
    room = 0
    for file in files:
        if not found or file.size > room:
            found.append([])
            room = heap_bytes
        found[-1].append((file.log.name, file.name))
        room -= file.size
    return [Heap(number, tuple(named)) for number, named in enumerate(found)]


def reading_part(definition: Definition) -> Definition:
    """Return the definition with only that in it which decides how lines are read."""
    return replace(
        definition,
        path=definition.path.absolute(),
        exclusions=(),
        slos=(),
        customers=(),
        policy=(),
        burn_rate_alerts=(),
        threshold_alerts=(),
        email=None,
        warnings=(),
        healthcheck=None,
    )


@contextmanager
def read_heap(definition: Definition, heap: Heap, *, first_id: int = 0) -> Iterator[HeapStore]:
    """Read the files of a heap, named relative to slo.yaml.

    Raises InputError if one does not lie where slo.yaml says, seen from here.
    """
    logs = tuple(
        replace(log, paths=tuple(glob.escape(name) for name in names), ignore=())
        for log in definition.logs
        if (names := [name for source, name in heap.files if source == log.name])
    )
    first_id += heap.number * _IDS_A_HEAP
    with (
        TemporaryDirectory(prefix="slo-report-") as folder,
        open_store(
            Path(folder) / "heap.duckdb",
            memory_limit=definition.memory_limit,
            threads=definition.threads,
        ) as store,
    ):
        load_logs(store, replace(definition, logs=logs), lambda _text: None)
        rows = store.to_polars(f"SELECT {', '.join(COLUMNS)} FROM files").to_dicts()
        missing = sorted(set(heap.files) - {(row["source"], row["name"]) for row in rows})
        if missing:
            raise InputError(
                f"{missing[0][1]} is not where slo.yaml says, seen from the machine that reads it; "
                "put the logs where every worker has them under the same path"
            )
        facts = [FileFacts(**{**row, "file_id": row["file_id"] + first_id}) for row in rows]
        yield HeapStore(store, first_id, tuple(settled(facts)))
