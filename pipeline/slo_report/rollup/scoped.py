"""What is counted in one scope: for the whole, or for each value of one column."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

import polars as pl
from sqlglot import exp

from slo_report.rollup.calendar import Calendar, Span
from slo_report.rollup.counts import COUNTS, EVERYTHING
from slo_report.rollup.engine import Engine
from slo_report.rollup.families import Family, families
from slo_report.rollup.measures import Question
from slo_report.rollup.values import PERCENTILES, SUMS, percentiles, sum_values
from slo_report.rollup.windows import Windows
from slo_report.slo_yaml.definition import Slo


@dataclass(frozen=True)
class Scoped:
    """The counts, sums and percentiles of the questions of one scope."""

    questions: tuple[Question, ...]
    counts: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=COUNTS))
    """question, key, span, valid, good."""
    sums: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=SUMS))
    """measure, key, span, valid, numerator, denominator."""
    percentiles: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=PERCENTILES))
    """measure, key, span, quantile, value (exact text in the store's unit)."""
    left_out: dict[str, int] = field(default_factory=dict)
    """Question: how many keys with valid events are not among the rows."""


@dataclass(frozen=True)
class Values:
    """Sums and percentiles, as in `Scoped`."""

    sums: pl.DataFrame
    percentiles: pl.DataFrame


def measure_values(
    engine: Engine,
    asked: Sequence[Question],
    key: exp.Expr,
    windows: Windows,
    *,
    among: exp.Expr = EVERYTHING,
    daily: bool,
) -> Values:
    """Return the values that the questions are about, over their windows and readings.

    With `daily` also day by day; a `window: day` is read by day in any case.
    """
    sums, ranks = [pl.DataFrame(schema=SUMS)], [pl.DataFrame(schema=PERCENTILES)]
    for family in families(dict.fromkeys(question.measure for question in asked)):
        slos = {measure.slo.id: measure.slo for measure in family.measures}
        spans = _spans(slos.values(), windows, daily=daily)
        calendar = Calendar.of(spans)
        if family.first.numerator is not None:
            sums.append(sum_values(engine, family, key, calendar, spans, among))
        if quantiles := _quantiles(asked, family):
            ranks.append(percentiles(engine, family, quantiles, key, calendar, spans, among))
    return Values(pl.concat(sums), pl.concat(ranks))


def spans_of(question: Question, windows: Windows, *, daily: bool) -> list[Span]:
    """Return the spans that a question is read over."""
    return _spans([question.measure.slo], windows, daily=daily)


def _spans(slos: Iterable[Slo], windows: Windows, *, daily: bool) -> list[Span]:
    spans: dict[Span, None] = {}
    for slo in slos:
        days = windows.day_spans if daily or slo.window.kind == "day" else []
        spans |= dict.fromkeys([windows.judged(slo), *windows.readings(slo), *days])
    return list(spans)


def _quantiles(asked: Iterable[Question], family: Family) -> list[Fraction]:
    found = {
        Fraction(question.objective.quantile)
        for question in asked
        if question.measure in family.measures and question.objective.quantile is not None
    }
    return sorted(found)
