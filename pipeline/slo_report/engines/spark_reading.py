"""What runs on Spark's workers: our own reader, one log file after the other.

The functions here are sent by name, so a worker needs this very version of slo-report.
"""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from slo_report import __version__
from slo_report.engines.reading import Heap, HeapStore, read_heap
from slo_report.errors import SloReportError
from slo_report.quoting import quote_name, quote_text
from slo_report.slo_yaml.definition import Definition
from slo_report.store import STORE_TYPES

if TYPE_CHECKING:
    import pyarrow as pa

FAILED, FACTS, QUARANTINED, REQUEST = range(4)
"""What a row that comes from a worker is; its `text` is why, the facts as JSON, or the reason."""
_ROWS_A_BATCH = 65_536


@dataclass(frozen=True)
class FileReading:
    """The work of one partition: it takes heaps of files and gives their rows."""

    definition: Definition
    columns: tuple[str, ...]
    """Of a request, in the order in which they are given as c0, c1, ..."""
    version: str

    def __call__(self, batches: "Iterator[pa.RecordBatch]") -> "Iterator[pa.RecordBatch]":
        """Yield part, file_id, line, text and the columns for every heap (as JSON) in `batches`."""
        for batch in batches:
            for row in batch.to_pylist():
                number, files = json.loads(row["heap"])
                yield from self._read(Heap(number, tuple((log, name) for log, name in files)))

    def _read(self, heap: Heap) -> "Iterator[pa.RecordBatch]":
        try:
            if self.version != __version__:
                raise SloReportError(
                    f"the workers have slo-report {__version__}, this is {self.version}; "
                    "install the same on both"
                )
            with read_heap(self.definition, heap) as read:
                rows = read.store.connection.execute(self._rows_sql(read))
                yield from rows.to_arrow_reader(_ROWS_A_BATCH) or ()
        except SloReportError as error:
            import duckdb

            told = duckdb.connect().execute(self._lone_row(FAILED, str(error)))
            yield from told.to_arrow_reader(1) or ()

    def _rows_sql(self, read: HeapStore) -> str:
        """Return the query of all that is known of a heap."""
        facts = [self._lone_row(FACTS, json.dumps(asdict(file))) for file in read.facts]
        none = ", NULL" * len(self.columns)
        columns = ", ".join(quote_name(name) for name in self.columns)
        return " UNION ALL ".join(
            [
                *facts,
                f"SELECT {QUARANTINED}, file_id, line, reason{none} FROM ({read.quarantine_sql()})",
                f"SELECT {REQUEST}, file_id, line, NULL, {columns} "
                f"FROM ({read.requests_sql(self.columns)})",
            ]
        )

    def _lone_row(self, part: int, text: str) -> str:
        columns = "".join(
            f", CAST(NULL AS {STORE_TYPES[self.definition.columns[name]]}) AS c{index}"
            for index, name in enumerate(self.columns)
        )
        return (
            f"SELECT CAST({part} AS INTEGER) AS part, CAST(NULL AS BIGINT) AS file_id, "
            f"CAST(NULL AS BIGINT) AS line, {quote_text(text)} AS text{columns}"
        )
