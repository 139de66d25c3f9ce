"""Lines in doubt of a file whose rows are stored: each is judged by itself, in its place."""

from collections.abc import Sequence
from typing import NamedTuple

from slo_report.load.doubtful import fetch
from slo_report.load.formats.reading import LogText, Reader, RefusedError
from slo_report.load.rows import stored_columns
from slo_report.load.stage import NotCleanError, Stage
from slo_report.store import Store


class Stored(NamedTuple):
    """The rows of a file, in the order of its lines."""

    file_id: int
    rows: int
    blank: int
    """Lines that gave no row."""


def has_doubts(store: Store, file_id: int) -> bool:
    """Tell whether a row of the file has no time yet."""
    return bool(
        store.rows("SELECT 1 FROM requests WHERE file_id = $1 AND ts IS NULL LIMIT 1", [file_id])
    )


def settle(stage: Stage, reader: Reader, text: LogText, stored: Stored, *, lenient: bool) -> None:
    """Judge the lines in doubt: their rows are filled in, or they are quarantined.

    Raises NotCleanError where rows and lines cannot be told to correspond.
    """
    store = stage.store
    found = store.rows(
        "SELECT min(rowid), max(rowid) - min(rowid) + 1, "
        "list(rowid ORDER BY rowid) FILTER (ts IS NULL) FROM requests WHERE file_id = $1",
        [stored.file_id],
    )
    [(first, places, no_time)] = found
    if stored.rows and places != stored.rows:
        raise NotCleanError
    in_doubt = [row - first for row in no_time or []]
    if text.facts.open_end and stored.rows and stored.rows - 1 not in in_doubt[-1:]:
        # DuckDB may mend a last line that was cut.
        in_doubt.append(stored.rows - 1)
    if reader.numbered_sql is not None and in_doubt:
        raise NotCleanError
    if not (in_doubt or stored.blank or lenient):
        return
    judged = stage.judge(reader, text, fetch(text, reader, in_doubt, stored.blank, lenient=lenient))
    if not judged:
        return
    _fill_in(stage, [(first + row, number) for row, number in judged])
    [(bad,)] = store.rows(
        "INSERT INTO quarantine SELECT $1, line, reason FROM staged "
        "WHERE reason IS NOT NULL ORDER BY line",
        [stored.file_id],
    )
    [(usable,)] = store.rows("SELECT count(ts) FROM requests WHERE file_id = $1", [stored.file_id])
    if usable + bad != stored.rows:
        raise RefusedError("has lines that do not add up")


def _fill_in(stage: Stage, judged: Sequence[tuple[int, int]]) -> None:
    """Put what `staged` says of lines into their places in `requests`: (place, line) each."""
    columns = ["ts", *stored_columns(stage.definition)]
    settings = [
        f"{name} = CASE WHEN staged.reason IS NULL THEN staged.{name} END" for name in columns
    ]
    stage.store.rows(
        f"UPDATE requests SET {', '.join(settings)} "
        "FROM staged JOIN (SELECT unnest($lines) AS line, unnest($places) AS place) AS places "
        "USING (line) WHERE requests.rowid = places.place",
        {"lines": [line for _, line in judged], "places": [place for place, _ in judged]},
    )
