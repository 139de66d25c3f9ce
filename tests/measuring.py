"""A month's report value, without publishing it."""

from datetime import datetime
from pathlib import Path

from slo_report.lock import run_lock
from slo_report.months import Month
from slo_report.report.document import Report
from slo_report.run import MonthlyRun
from slo_report.slo_yaml.definition import Definition
from slo_report.use_engine import use_engine


def measure_month(definition: Definition, month: Month, *, reports: Path, now: datetime) -> Report:
    """Load what is new and return the month's report value; `reports` holds the months before."""

    def progress(_text: str) -> None:
        pass

    run = MonthlyRun(definition, month, reports, now, progress)
    with run_lock(definition.store):
        return use_engine(
            definition,
            month,
            lambda engine, _: run.measure(engine).report,
            reports=reports,
            now=now,
            progress=progress,
        )
