"""The program on one page: logs in, report out, one line a stage."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import NamedTuple

from slo_report.compose.report import Surroundings, compose_report
from slo_report.customer_reports import CustomerReport, customer_reports
from slo_report.deliver import PRIVATE_MODE, File
from slo_report.editions.index import write_index
from slo_report.editions.publish import Published, add_to, edition_folder, publish
from slo_report.editions.sources import Logs
from slo_report.errors import InputError
from slo_report.judge.attribution import attribute
from slo_report.judge.ledger import LedgerFigures, ledger, nothing_usable
from slo_report.load.discover import still_asked_for
from slo_report.lock import run_lock
from slo_report.months import Month
from slo_report.published_reports import past_months, read_notes, read_report
from slo_report.remembered import unless_as_measured
from slo_report.replay import replay_alerts
from slo_report.report.document import Report
from slo_report.report.files import render
from slo_report.retention import drop_requests
from slo_report.rollup.engine import Engine
from slo_report.rollup.roll_up import RollUp, roll_up
from slo_report.rollup.windows import Windows
from slo_report.slo_yaml.definition import Definition
from slo_report.store import Store
from slo_report.use_engine import use_engine


class Measured(NamedTuple):
    """A month's report value, and the counts behind it."""

    report: Report
    rolled: RollUp
    lines: LedgerFigures


def run_month(
    definition: Definition,
    month: Month,
    *,
    reports: Path,
    now: datetime,
    progress: Callable[[str], None],
    keep_requests: bool = False,
) -> Published:
    """Load what is new, measure the month, and publish its report under `reports`.

    With `keep_requests` retention drops nothing yet: other months are measured after this one.
    Raises InputError where the month has no usable line.
    """
    run = MonthlyRun(definition, month, reports, now, progress)
    with run_lock(definition.store):
        done = use_engine(
            definition, month, run.publish, reports=reports, now=now, progress=progress
        )
        if not keep_requests:
            drop_requests(definition, now)
        write_index(reports, run.mode)
    return done


@dataclass(frozen=True)
class MonthlyRun:
    """One month of one definition, measured as of one instant."""

    definition: Definition
    month: Month
    reports: Path
    """Where the months' folders lie."""
    now: datetime
    progress: Callable[[str], None]

    @property
    def mode(self) -> int:
        """Permission bits of the files written."""
        return PRIVATE_MODE if self.definition.mode is None else self.definition.mode

    def publish(self, engine: Engine, store: Store | None) -> Published:
        """Publish the month's report, unless one stands that was made of the same."""
        if store is None:
            return self._publish(self.measure(engine), engine)
        return unless_as_measured(
            store,
            self.definition,
            self.month,
            self.reports,
            lambda: self._publish(self.measure(engine), engine),
            mode=self.mode,
        )

    def measure(self, engine: Engine) -> Measured:
        """Return the month's report value; the months before are read from their reports."""
        self.progress(f"measuring {self.month.text}")
        lines = ledger(engine, self.month)
        if not lines.total("loaded"):
            raise InputError(nothing_usable(lines, self.definition.logs, self.month))
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

    def _publish(self, measured: Measured, engine: Engine) -> Published:
        folder, logs = self.reports / self.month.text, partial(still_asked_for, self.definition)

        def files_of(report: Report) -> Iterator[File]:
            self.progress("rendering")
            yield from render(report).items()
            for made in self._of_customers(engine, measured.rolled, report):
                yield from ((f"{made.folder}/{name}", text) for name, text in made.files.items())

        done = publish(
            folder, measured.report, files_of, Logs(measured.lines.digests, logs), mode=self.mode
        )
        if done.is_new or measured.report.status == "provisional":
            return done
        # Customers whose reports were not asked for when the edition was made.
        edition = edition_folder(folder, done.report.edition)
        missing = self._of_customers(engine, measured.rolled, done.report, edition)
        added = ((made.folder, made.files.items()) for made in missing)
        return add_to(folder, done, added, self.mode)

    def _of_customers(
        self, engine: Engine, rolled: RollUp, report: Report, there: Path | None = None
    ) -> Iterator[CustomerReport]:
        return customer_reports(
            engine, self.definition, rolled, report,
            reports=self.reports, now=self.now, progress=self.progress, there=there,
        )  # fmt: skip
