"""The program on one page: logs in, report out, one line a stage."""

from collections.abc import Callable
from datetime import datetime
from fnmatch import fnmatchcase
from os.path import normpath
from pathlib import Path
from typing import NamedTuple

from slo_report.compose.change import previous_report
from slo_report.compose.notable import read_notes
from slo_report.compose.past import past_months
from slo_report.compose.report import Surroundings, compose_report
from slo_report.deliver import PRIVATE_MODE, write_if_new
from slo_report.editions.publish import Published, publish
from slo_report.errors import InputError
from slo_report.judge.ledger import LedgerFigures, ledger
from slo_report.load.load import LoadResult, load_logs
from slo_report.lock import run_lock
from slo_report.months import Month
from slo_report.replay import Replay, replay_alerts
from slo_report.report.document import Report
from slo_report.report.files import MonthEntry, month_entry, render, render_index
from slo_report.retention import drop_requests, refuse_dropped
from slo_report.rollup.engine import DuckDbEngine
from slo_report.rollup.measures import Windows
from slo_report.rollup.roll_up import RollUp, roll_up
from slo_report.slo_yaml.definition import Definition
from slo_report.store import Store
from slo_report.use_store import use_store

Progress = Callable[[str], None]


class _Counts(NamedTuple):
    """What leaves the store: counts, and what alerts would have told."""

    lines: LedgerFigures
    rolled: RollUp
    replay: Replay


def run_month(
    definition: Definition, month: Month, *, reports: Path, now: datetime, progress: Progress
) -> Published:
    """Load what is new, measure the month, and publish its report under `reports`.

    Raises InputError where the month has no usable line.
    """
    mode = PRIVATE_MODE if definition.mode is None else definition.mode
    with run_lock(definition.store):
        report = _measured(definition, month, reports, now, progress)
        progress("rendering")
        done = publish(
            reports / month.text, report, render,
            mode=mode, is_ignored=lambda name: _is_ignored(definition, name),
        )  # fmt: skip
        write_if_new(reports / "index.html", render_index(published(reports)), mode)
        if definition.retention_months is not None:
            use_store(definition, lambda store: drop_requests(store, definition, now))
    return done


def measure_month(
    definition: Definition, month: Month, *, reports: Path, now: datetime, progress: Progress
) -> Report:
    """Load what is new and return the month's report value; `reports` holds the months before."""
    with run_lock(definition.store):
        return _measured(definition, month, reports, now, progress)


def load_new(definition: Definition, progress: Progress) -> LoadResult:
    """Load what is new and stop."""
    with run_lock(definition.store):
        return use_store(definition, lambda store: load_logs(store, definition, progress))


def published(reports: Path) -> list[MonthEntry]:
    """Return a line for each report that lies in the folder, oldest month first."""
    months = sorted(path.parent.name for path in reports.glob("*/report.json"))
    found = [previous_report(reports, month) for month in months]
    return [month_entry(report) for report in found if report is not None]


def _measured(
    definition: Definition, month: Month, reports: Path, now: datetime, progress: Progress
) -> Report:
    def counted(store: Store) -> _Counts:
        load_logs(store, definition, progress)
        refuse_dropped(store, definition, month, reports)
        progress(f"measuring {month.text}")
        lines = ledger(store, month)
        if not lines.total("loaded"):
            raise InputError(_nothing(definition, month, lines.refused))
        engine = DuckDbEngine(store)
        rolled = roll_up(engine, definition, Windows.of(month, now))
        return _Counts(lines, rolled, replay_alerts(engine, definition, month, now))

    counts = use_store(definition, counted)
    around = Surroundings(
        now=now,
        notes=read_notes(definition.notes, month.text),
        previous=previous_report(reports, month.previous.text),
        past=past_months(reports, month),
    )
    return compose_report(definition, counts.rolled, counts.replay, counts.lines, around)


def _is_ignored(definition: Definition, name: str) -> bool:
    """Tell whether `ignore:` names a file, also one that is no longer there."""
    patterns = [normpath(pattern) for log in definition.logs for pattern in log.ignore]
    return any(fnmatchcase(normpath(name), pattern) for pattern in patterns)


def _nothing(definition: Definition, month: Month, refused: tuple[tuple[str, str], ...]) -> str:
    patterns = ", ".join(pattern for log in definition.logs for pattern in log.paths)
    reasons = "".join(f"\n  refused {name}: {reason}" for name, reason in refused)
    return f"no usable line in {month.text} (looked in {patterns}); no report is made{reasons}"
