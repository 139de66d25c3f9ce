"""The roll-up of a month: every count that its report needs, from one store, as small frames."""

from dataclasses import dataclass

import polars as pl
from sqlglot import exp

from slo_report.months import HOUR_US, Month
from slo_report.rollup.breakdown import break_down
from slo_report.rollup.calendar import Calendar, Span
from slo_report.rollup.counts import EVERYTHING, NO_KEY, Hits, count_hits, of_questions
from slo_report.rollup.engine import Engine
from slo_report.rollup.extras import ExtraQuestions, Extras
from slo_report.rollup.measures import Question, measures, measures_as_seen, questions
from slo_report.rollup.readings import (
    OtherWindow,
    ReadOtherwise,
    count_moved,
    moved_requests,
    other_windows,
)
from slo_report.rollup.reserved import reserved_questions
from slo_report.rollup.scoped import Scoped, measure_values, spans_of
from slo_report.rollup.windows import Windows
from slo_report.slo_yaml.definition import Definition


@dataclass(frozen=True)
class RollUp:
    """All counts of a month."""

    windows: Windows
    whole: Scoped
    as_seen: Scoped
    by_column: dict[str, Scoped]
    hourly: pl.DataFrame
    """hour (step of 3600 s since the month's start), requests."""
    hourly_bad: pl.DataFrame
    """question, hour, bad: for the questions with a budget."""
    extras: Extras
    read_otherwise: ReadOtherwise


def roll_up(engine: Engine, definition: Definition, windows: Windows) -> RollUp:
    """Return every count of the month; nothing but integers and exact decimals comes back."""
    month = windows.month.text
    measured = measures(definition)
    asked = questions(definition, measured, month)
    everyone = [question for question in asked if question.customer is None]
    moved = moved_requests(definition, everyone)
    elsewhere = other_windows(everyone, windows)
    everyone += reserved_questions(definition)
    seen = questions(definition, measures_as_seen(definition), month)
    extras = ExtraQuestions.of(definition, measured)
    scan = scan_whole(engine, everyone, seen, elsewhere, extras, windows)
    values = measure_values(engine, everyone, NO_KEY, windows, daily=True)
    values_seen = measure_values(engine, seen, NO_KEY, windows, daily=False)
    return RollUp(
        windows,
        whole=Scoped(
            tuple(everyone),
            scan.of({q: spans_of(q, windows, daily=True) for q in everyone}),
            values.sums,
            values.percentiles,
        ),
        as_seen=Scoped(
            tuple(seen),
            scan.of({q: spans_of(q, windows, daily=False) for q in seen}),
            values_seen.sums,
            values_seen.percentiles,
        ),
        by_column={
            column: break_down(engine, definition, asked, column, windows)
            for column in definition.breakdowns
        },
        hourly=scan.requests_by_hour(windows.month),
        hourly_bad=scan.bad_by_hour(everyone, windows.month),
        extras=extras.counted(scan.hits, scan.events_of, windows),
        read_otherwise=ReadOtherwise(
            tuple(moved),
            tuple(elsewhere),
            pl.concat(
                [
                    scan.of({item.asked: [item.span] for item in elsewhere}),
                    count_moved(engine, moved, windows),
                ]
            ),
        ),
    )


@dataclass(frozen=True)
class WholeScan:
    """The one scan that answers every yes-or-no question about the whole, hour by hour."""

    hits: Hits
    counted: pl.DataFrame
    calendar: Calendar

    def of(self, wanted: dict[Question, list[Span]]) -> pl.DataFrame:
        """Return question, key, span, valid, good."""
        return of_questions(self.counted, self.hits, wanted, self.calendar)

    def events_of(self, span: Span) -> dict[int, int]:
        """Return how many events of a span each predicate hit."""
        inside = self.counted.join(self.calendar.periods_of([span]), on="period")
        return dict(inside.group_by("hit").agg(pl.col("hits").sum()).iter_rows())

    def requests_by_hour(self, month: Month) -> pl.DataFrame:
        """Return hour, requests."""
        everything = self.hits.number_of(_ANY_REQUEST)
        by_hour = self.counted.filter(pl.col("hit") == everything).join(
            self.calendar.periods_of(hours_of(month)), on="period"
        )
        return (
            by_hour.group_by(pl.col("span").cast(pl.Int64).alias("hour"))
            .agg(requests=pl.col("hits").sum())
            .sort("hour")
        )

    def bad_by_hour(self, asked: list[Question], month: Month) -> pl.DataFrame:
        """Return question, hour, bad: for the questions with a budget."""
        hours = hours_of(month)
        budgeted = {q: hours for q in asked if q.objective.has_budget and q.good is not None}
        return (
            self.of(budgeted)
            .select(
                "question",
                pl.col("span").cast(pl.Int64).alias("hour"),
                bad=pl.col("valid") - pl.col("good"),
            )
            .filter(pl.col("bad") > 0)
            .sort("question", "hour")
        )


def hours_of(month: Month) -> list[Span]:
    """Return the steps of 3600 s since the month's start, named by their number."""
    starts = range(month.from_us, month.to_us, HOUR_US)
    return [
        Span(str(number), start, min(start + HOUR_US, month.to_us))
        for number, start in enumerate(starts)
    ]


_ANY_REQUEST: exp.Expr = exp.true()


def scan_whole(
    engine: Engine,
    everyone: list[Question],
    seen: list[Question],
    elsewhere: list[OtherWindow],
    extras: ExtraQuestions,
    windows: Windows,
    *,
    key: exp.Expr = NO_KEY,
    among: exp.Expr = EVERYTHING,
) -> WholeScan:
    """Return the counts of every question by hour, and by `key` where one is given."""
    hits = Hits()
    hits.ask(everyone)
    hits.ask(seen)
    hits.ask(item.asked for item in elsewhere)
    hits.number_of(_ANY_REQUEST)
    extras.ask(hits)
    read = {span for q in everyone for span in spans_of(q, windows, daily=True)}
    read |= {item.span for item in elsewhere}
    calendar = Calendar.of([windows.span, *hours_of(windows.month), *read])
    return WholeScan(hits, count_hits(engine, hits, key, calendar, among), calendar)
