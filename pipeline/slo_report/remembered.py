"""What a month was last measured from: where nothing of it has changed, it is not measured again.

This lies in the store, which is a cache: if it is lost, the month is measured once more.
"""

import hashlib
from collections.abc import Callable
from pathlib import Path

from slo_report import __version__
from slo_report.editions.publish import Published, standing
from slo_report.months import Month
from slo_report.published_reports import read_notes
from slo_report.slo_yaml.definition import Definition
from slo_report.store import Store

_FILES = """
SELECT source, name, sha256, content_sha256, reading_digest, state, reason, lines, blank, usable,
  skipped_for
FROM files ORDER BY ALL
"""


def unless_as_measured(
    store: Store,
    definition: Definition,
    month: Month,
    reports: Path,
    measure: Callable[[], Published],
    *,
    mode: int,
) -> Published:
    """Return the report that stands if it was made of the same as now, else what `measure` gives.

    What a finished month is made of is remembered; a running one is measured each time.
    """
    folder, inputs = reports / month.text, _inputs_of(store, definition, month, reports)
    if _is_as_measured(store, folder, inputs):
        stands = standing(folder, mode)
        if stands is not None:
            return stands
    done = measure()
    if done.report.status != "provisional":
        _remember(store, folder, inputs)
    return done


def _inputs_of(store: Store, definition: Definition, month: Month, reports: Path) -> str:
    """Return a digest of all that a finished month's report is made of."""
    before = {
        path.parent.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(reports.glob("*/report.json"))
        if path.parent.name < month.text
    }
    notes = read_notes(definition.notes, month.text)
    definition_of = (definition.sha256, definition.customer_reports)
    made_of = (__version__, definition_of, month.text, notes, before, store.rows(_FILES))
    return hashlib.sha256(repr(made_of).encode("utf-8", "surrogatepass")).hexdigest()


def _is_as_measured(store: Store, folder: Path, inputs: str) -> bool:
    return store.rows(
        "SELECT 1 FROM measured WHERE folder = $1 AND inputs = $2", [_name(folder), inputs]
    ) == [(1,)]


def _remember(store: Store, folder: Path, inputs: str) -> None:
    with store.transaction():
        store.rows("DELETE FROM measured WHERE folder = $1", [_name(folder)])
        store.rows("INSERT INTO measured VALUES ($1, $2)", [_name(folder), inputs])


def _name(folder: Path) -> str:
    return str(folder.resolve()).encode("utf-8", "backslashreplace").decode("utf-8")
