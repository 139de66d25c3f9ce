"""Windows that are read more than once: each day of the month, or a rolling window day by day."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from slo_report.judge.compliance import Figure, Figures, Key
from slo_report.rollup.calendar import Span
from slo_report.rollup.measures import Question
from slo_report.rollup.windows import Windows


@dataclass(frozen=True)
class PeriodFigures:
    """How the days of a `window: day` went, or the worst reading of a rolling window."""

    met: int | None = None
    total: int | None = None
    """Days with valid events."""
    worst: Fraction | None = None
    worst_on: str | None = None
    """Local date."""
    month: Figure | None = None
    worst_reading: Fraction | None = None
    worst_reading_on: str | None = None


def judged(
    figures: Figures, question: Question, key: Key, windows: Windows
) -> tuple[Figure, PeriodFigures | None]:
    """Return the figure that the verdict is about, and how its periods went.

    Of a `window: day` that is the worst day's value over the month's counts, met when every day
    with traffic is. A rolling window is judged by its reading at the month's end.
    """
    slo = question.measure.slo
    own = figures.at(question, key, windows.judged(slo).name)
    if slo.window.kind == "day":
        return _by_day(figures, question, key, windows, own)
    if slo.window.kind == "days":
        return own, _worst_reading(figures, question, key, windows.readings(slo))
    return own, None


def _by_day(
    figures: Figures, question: Question, key: Key, windows: Windows, month: Figure
) -> tuple[Figure, PeriodFigures]:
    days = [(span.name, figures.at(question, key, span.name)) for span in windows.day_spans]
    judged_days = [(name, day) for name, day in days if day.met is not None]
    if not judged_days:
        return month, PeriodFigures(met=0, total=0, month=month)
    worst_on, worst = _worst(question)(judged_days, key=lambda item: item[1].value)
    met = sum(day.met is True for _, day in judged_days)
    periods = PeriodFigures(met, len(judged_days), worst.value, worst_on, month)
    return replace(month, value=worst.value, met=met == len(judged_days)), periods


def _worst_reading(
    figures: Figures, question: Question, key: Key, readings: Sequence[Span]
) -> PeriodFigures:
    read = [(span.name, figures.at(question, key, span.name)) for span in readings]
    with_data = [(name, figure) for name, figure in read if figure.value is not None]
    if not with_data:
        return PeriodFigures()
    name, worst = _worst(question)(with_data, key=lambda item: item[1].value)
    return PeriodFigures(worst_reading=worst.value, worst_reading_on=name.rpartition(" ")[2])


def _worst(question: Question) -> Callable[..., tuple[str, Figure]]:
    """Return min where more is better, max where less is; the earliest of equals."""
    return min if question.target.op in (">", ">=") else max
