"""The program on one page: logs in, report out, one line a stage."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from slo_report.compose.change import previous_report
from slo_report.compose.notable import read_notes
from slo_report.compose.past import past_months
from slo_report.compose.report import Surroundings, compose_report
from slo_report.deliver import write_report, write_whole
from slo_report.errors import InputError
from slo_report.judge.ledger import ledger
from slo_report.load.load import LoadResult, load_logs
from slo_report.lock import run_lock
from slo_report.months import Month
from slo_report.replay import replay_alerts
from slo_report.report.document import Report
from slo_report.report.files import MonthEntry, month_entry, render, render_index
from slo_report.rollup.engine import DuckDbEngine
from slo_report.rollup.measures import Windows
from slo_report.rollup.roll_up import roll_up
from slo_report.slo_yaml.definition import Definition
from slo_report.store import Store, open_store

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Outcome:
    """What a run made."""

    report: Report
    files: list[Path]


def run_month(
    definition: Definition, month: Month, *, reports: Path, now: datetime, progress: Progress
) -> Outcome:
    """Load what is new, measure the month, and write its report under `reports`.

    Raises InputError where the month has no usable line.
    """
    report = measure_month(definition, month, reports=reports, now=now, progress=progress)
    progress("rendering")
    files = write_report(reports / month.text, render(report))
    write_whole(reports / "index.html", render_index(published(reports)))
    return Outcome(report, files)


def measure_month(
    definition: Definition, month: Month, *, reports: Path, now: datetime, progress: Progress
) -> Report:
    """Load what is new and return the month's report value; `reports` holds the months before."""
    with held_store(definition) as store:
        load_logs(store, definition, progress)
        progress(f"measuring {month.text}")
        lines = ledger(store, month)
        if not lines.total("loaded"):
            raise InputError(_nothing(definition, month, lines.refused))
        engine = DuckDbEngine(store)
        rolled = roll_up(engine, definition, Windows.of(month, now))
        replay = replay_alerts(engine, definition, month, now)
    around = Surroundings(
        now=now,
        notes=read_notes(definition.notes, month.text),
        previous=previous_report(reports, month.previous.text),
        past=past_months(reports, month),
    )
    return compose_report(definition, rolled, replay, lines, around)


def load_new(definition: Definition, progress: Progress) -> LoadResult:
    """Load what is new and stop."""
    with held_store(definition) as store:
        return load_logs(store, definition, progress)


@contextmanager
def held_store(definition: Definition) -> Iterator[Store]:
    """Open the store with the run's lock held."""
    with (
        run_lock(definition.store),
        open_store(
            definition.store, memory_limit=definition.memory_limit, threads=definition.threads
        ) as store,
    ):
        yield store


def published(reports: Path) -> list[MonthEntry]:
    """Return a line for each report that lies in the folder, oldest month first."""
    months = sorted(path.parent.name for path in reports.glob("*/report.json"))
    found = [previous_report(reports, month) for month in months]
    return [month_entry(report) for report in found if report is not None]


def _nothing(definition: Definition, month: Month, refused: tuple[tuple[str, str], ...]) -> str:
    patterns = ", ".join(pattern for log in definition.logs for pattern in log.paths)
    reasons = "".join(f"\n  refused {name}: {reason}" for name, reason in refused)
    return f"no usable line in {month.text} (looked in {patterns}); no report is made{reasons}"
