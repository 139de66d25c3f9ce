"""What an engine gave to each query of a report, so that two engines can be held side by side."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl

from slo_report.months import parse_month
from slo_report.report.files import report_json
from slo_report.rollup.calendar import Calendar
from slo_report.rollup.engine import Blanks, Engine
from slo_report.run import MonthlyRun
from slo_report.slo_yaml.definition import Definition

NOW = datetime(2100, 1, 1, tzinfo=UTC)
_EXACT = ("value", "numerator", "denominator")


@dataclass
class Recording:
    """An engine that keeps every frame it passes on."""

    engine: Engine
    answers: list[tuple[str, pl.DataFrame]] = field(default_factory=list)

    def run(
        self,
        name: str,
        calendar: Calendar | None,
        blanks: Blanks,
        wanted: pl.DataFrame | None = None,
    ) -> pl.DataFrame:
        frame = self.engine.run(name, calendar, blanks, wanted)
        self.answers.append((name, frame))
        return frame

    def files(self) -> pl.DataFrame:
        frame = self.engine.files()
        self.answers.append(("files", frame))
        return frame


@dataclass(frozen=True)
class Measured:
    """A report and the roll-ups behind it."""

    json: str
    answers: list[tuple[str, list[tuple[Any, ...]]]]

    @property
    def rows(self) -> int:
        return sum(len(rows) for _, rows in self.answers)

    @property
    def quarantined(self) -> set[tuple[str, int]]:
        """Reasons and how many rows have them, wherever these are."""
        return {(reason, lines) for reason, lines, *_ in dict(self.answers)["quarantine_reasons"]}


def measured(engine: Engine, definition: Definition, month: str, reports: Path) -> Measured:
    recording = Recording(engine)
    asked = parse_month(month, definition.timezone, NOW)
    run = MonthlyRun(definition, asked, reports, NOW, lambda _text: None)
    report = run.measure(recording).report
    return Measured(
        report_json(report), [(name, _comparable(frame)) for name, frame in recording.answers]
    )


def _comparable(frame: pl.DataFrame) -> list[tuple[Any, ...]]:
    """Return the rows sorted; ids of files differ by engine, and numbers of one value are equal."""
    columns = [
        pl.col(name).cast(pl.String).str.replace(r"(\.\d*?)0+$", "$1").str.strip_suffix(".")
        if name in _EXACT
        else pl.col(name)
        for name in frame.columns
        if name != "file_id"
    ]
    return sorted(frame.select(columns).rows(), key=repr)
