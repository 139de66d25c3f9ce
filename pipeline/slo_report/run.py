"""The program on one page: logs in, report out, one line a stage."""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import NamedTuple

from slo_report.compose.report import Surroundings, compose_report
from slo_report.customer_reports import CustomerReport, customer_reports
from slo_report.deliver import PRIVATE_MODE, File, write_if_new
from slo_report.editions.publish import Published, add_to, edition_folder, publish, standing
from slo_report.editions.sources import Logs
from slo_report.engines.choice import open_elsewhere
from slo_report.errors import InputError
from slo_report.judge.attribution import attribute
from slo_report.judge.ledger import LedgerFigures, ledger
from slo_report.load.discover import still_asked_for
from slo_report.load.load import load_logs
from slo_report.lock import run_lock
from slo_report.months import Month
from slo_report.published_reports import past_months, read_months, read_notes, read_report
from slo_report.remembered import inputs_of, is_as_measured, remember
from slo_report.replay import replay_alerts
from slo_report.report.document import Report
from slo_report.report.files import MonthEntry, month_entry, render, render_index
from slo_report.retention import drop_requests, refuse_dropped
from slo_report.rollup.engine import DuckDbEngine, Engine
from slo_report.rollup.roll_up import RollUp, roll_up
from slo_report.rollup.windows import Windows
from slo_report.slo_yaml.definition import Definition
from slo_report.store import Store
from slo_report.use_store import use_store
from slo_report.wording import counted

_log = logging.getLogger("slo_report")
Progress = Callable[[str], None]


class Measured(NamedTuple):
    """A month's report value, and the counts behind it."""

    report: Report
    rolled: RollUp
    lines: LedgerFigures


@dataclass(frozen=True)
class MonthlyRun:
    """One month of one definition, measured as of one instant."""

    definition: Definition
    month: Month
    reports: Path
    """Where the months' folders lie."""
    now: datetime
    progress: Progress
    keep_requests: bool = False
    """True where other months are measured after it: retention has to wait for them."""

    def publish(self) -> Published:
        """Load what is new, measure the month, and publish its report.

        Raises InputError where the month has no usable line.
        """
        with run_lock(self.definition.store):
            if self.definition.engine.name == "duckdb":
                done = use_store(self.definition, self._published, load=self.load)
                if self.definition.retention_months is not None and not self.keep_requests:
                    use_store(self.definition, self._drop_requests)
            else:
                with open_elsewhere(self.definition, self.now, self.progress) as engine:
                    done = self._measured_and_published(engine, self.folder)
            index = render_index(published(self.reports))
            write_if_new(self.reports / "index.html", index, self._mode)
        return done

    @property
    def folder(self) -> Path:
        """Where the month's report lies."""
        return self.reports / self.month.text

    def load(self, store: Store) -> None:
        """Load what is new into the store."""
        result = load_logs(store, self.definition, self.progress)
        if not result.found_any:
            patterns = ", ".join(pattern for log in self.definition.logs for pattern in log.paths)
            _log.warning("no log file found (looked for %s); what is loaded counts", patterns)

    def built_in(self, store: Store) -> Engine:
        """Return the engine over the store; of a dropped month it raises InputError."""
        refuse_dropped(store, self.definition, self.month, self.reports)
        return DuckDbEngine(store, until=self.now)

    def measure(self, engine: Engine) -> Measured:
        """Return the month's report value; the months before are read from their reports."""
        self.progress(f"measuring {self.month.text}")
        lines = ledger(engine, self.month)
        if not lines.total("loaded"):
            raise InputError(self._nothing(lines))
        rolled = roll_up(engine, self.definition, Windows.of(self.month, self.now))
        replay = replay_alerts(engine, self.definition, self.month, self.now)
        burned = attribute(engine, self.definition, rolled)
        around = Surroundings(
            now=self.now,
            notes=read_notes(self.definition.notes, self.month.text),
            previous=read_report(self.reports / self.month.previous.text),
            past=past_months(self.reports, self.month),
        )
        report = compose_report(self.definition, rolled, replay, lines, around, burned)
        return Measured(report, rolled, lines)

    def _published(self, store: Store) -> Published:
        engine, folder = self.built_in(store), self.folder
        inputs = inputs_of(store, self.definition, self.month, self.reports)
        if is_as_measured(store, folder, inputs):
            stands = standing(folder, self._mode)
            if stands is not None:
                return stands
        done = self._measured_and_published(engine, folder)
        if done.report.status != "provisional":
            remember(store, folder, inputs)
        return done

    def _measured_and_published(self, engine: Engine, folder: Path) -> Published:
        measured = self.measure(engine)

        def files_of(report: Report) -> Iterator[File]:
            self.progress("rendering")
            yield from render(report).items()
            for made in self._of_customers(engine, measured.rolled, report):
                yield from ((f"{made.folder}/{name}", text) for name, text in made.files.items())

        logs = Logs(measured.lines.digests, partial(still_asked_for, self.definition))
        done = publish(folder, measured.report, files_of, logs, mode=self._mode)
        if not done.is_new and measured.report.status != "provisional":
            there = edition_folder(folder, done.report.edition)
            missing = self._of_customers(engine, measured.rolled, done.report, there)
            added = ((made.folder, made.files.items()) for made in missing)
            done = add_to(folder, done, added, self._mode)
        return done

    def _of_customers(
        self, engine: Engine, rolled: RollUp, report: Report, there: Path | None = None
    ) -> Iterator[CustomerReport]:
        """Yield the customers' reports, but for those whose folders are `there`."""
        for made in customer_reports(
            engine,
            self.definition,
            rolled,
            report,
            reports=self.reports,
            now=self.now,
            is_there=lambda name: there is not None and (there / name).is_dir(),
        ):
            self.progress(f"rendering {made.folder}")
            yield made

    def _drop_requests(self, store: Store) -> None:
        drop_requests(store, self.definition, self.now)

    @property
    def _mode(self) -> int:
        return PRIVATE_MODE if self.definition.mode is None else self.definition.mode

    def _nothing(self, lines: LedgerFigures) -> str:
        logs = self.definition.logs
        patterns = ", ".join(name for log in logs for name in (*log.paths, log.table) if name)
        said = f"no usable line in {self.month.text} (looked in {patterns}); no report is made"
        if lines.unusable:
            bad = counted(lines.total("quarantined"), "line")
            said += f"\n  {bad} could not be used: {lines.unusable}"
        if lines.elsewhere is not None:
            first, last = (at.replace(tzinfo=UTC).isoformat()[:19] + "Z" for at in lines.elsewhere)
            said += f"\n  the requests of these logs came from {first} to {last}"
        return said + "".join(f"\n  refused {name}: {reason}" for name, reason in lines.refused)


def run_month(
    definition: Definition,
    month: Month,
    *,
    reports: Path,
    now: datetime,
    progress: Progress,
    keep_requests: bool = False,
) -> Published:
    """Load what is new, measure the month, and publish its report under `reports`.

    With `keep_requests` retention drops nothing yet.
    Raises InputError where the month has no usable line.
    """
    return MonthlyRun(definition, month, reports, now, progress, keep_requests).publish()


def measure_month(
    definition: Definition, month: Month, *, reports: Path, now: datetime, progress: Progress
) -> Report:
    """Load what is new and return the month's report value; `reports` holds the months before."""
    run = MonthlyRun(definition, month, reports, now, progress)

    def measured(store: Store) -> Report:
        return run.measure(run.built_in(store)).report

    with run_lock(definition.store):
        if definition.engine.name != "duckdb":
            with open_elsewhere(definition, now, progress) as engine:
                return run.measure(engine).report
        return use_store(definition, measured, load=run.load)


def published(reports: Path) -> list[MonthEntry]:
    """Return a line for each report that lies in the folder, oldest month first."""
    return [month_entry(report) for report in read_months(reports)]
