"""Objectives that every day is judged by: the day's value against the floor."""

from decimal import Decimal
from typing import TYPE_CHECKING

from slo_report.report.charts.chart import Chart
from slo_report.report.charts.days import (
    day_number,
    day_text,
    days_of,
    days_table,
    mark_days,
    whole_series,
)
from slo_report.report.charts.svg import (
    BLUE,
    GRID,
    INK,
    MUTED,
    VERMILLION,
    drawing,
    file_name,
    label,
    new_figure,
    sentence,
    to_svg,
)
from slo_report.report.document import DailySeries, ObjectiveRow, Report
from slo_report.report.texts import format_exact

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_PANELS = 6


def draw(report: Report) -> list[Chart]:
    """Return a chart per SLO whose window is a day."""
    by_slo: dict[str, list[tuple[ObjectiveRow, DailySeries]]] = {}
    for row, series in whole_series(report):
        by_day = row.periods is not None and row.periods.total
        if by_day and row.statistic in ("ratio", "sum_ratio"):
            by_slo.setdefault(row.slo, []).append((row, series))
    taken: set[str] = set()
    return [
        _chart(report, slo, lines, file_name("each-day", slo, taken))
        for slo, lines in by_slo.items()
    ]


def _chart(
    report: Report, slo: str, lines: list[tuple[ObjectiveRow, DailySeries]], name: str
) -> Chart:
    shown = lines[:MOST_PANELS]
    alt = sentence(". ".join(_alt(report, *line) for line in shown) + ".")
    titles = {definition.slo: definition.title for definition in report.definitions}
    title = sentence(f"{titles.get(slo, slo)}, each day against its target")
    with drawing():
        figure, panels = new_figure(0.4 + 2.2 * len(shown), len(shown), 1)
        for axes, (row, series) in zip(panels, shown, strict=True):
            _panel(axes, report, row, series)
            if len(shown) > 1:
                axes.set_title(label(row.title, 60))
        svg = to_svg(figure, name, title, alt)
    header, rows = days_table([(row.title, series) for row, series in shown])
    committed = any(not row.informational for row, _ in lines)
    section = f"slo:{slo}" if committed else "informational"
    return Chart(name, title, alt, svg, header, rows, section)


def _panel(axes: "Axes", report: Report, row: ObjectiveRow, series: DailySeries) -> None:
    days, target = days_of(report), float(Decimal(row.target.value))
    measured = [point for point in series.days if point.value is not None]
    values = [point.value for point in measured if point.value is not None]
    worst = min(measured, key=lambda point: point.value or 0, default=None)
    for point in series.days:
        if point.value is not None:
            missed = point.verdict == "missed"
            x, colour = day_number(point.on), VERMILLION if missed else BLUE
            axes.plot([x, x], [target, point.value], color=colour if missed else GRID, linewidth=2)
            axes.plot([x], [point.value], marker="X" if missed else "o", color=colour,
                      markersize=7 if missed else 5)  # fmt: skip
            if missed and point is worst:
                axes.annotate(point.text, (x, point.value), (0, -13), color=INK, ha="center",
                              textcoords="offset points", fontsize=7.5)  # fmt: skip
    axes.axhline(target, color=MUTED, linewidth=1.2, linestyle=(0, (5, 3)))
    axes.annotate(row.target.text, (days + 0.8, target), (0, 2), color=INK,
                  textcoords="offset points", va="bottom", fontsize=8)  # fmt: skip
    low, high = min([target, *values]), max([target, *values])
    room = (high - low) or 0.1
    axes.set_ylim(low - room * 0.3, high + room * 0.12)
    axes.set_xlim(0.4, days + 2.6)
    _mark_shares(axes, row.target.unit)
    mark_days(axes, report)


def _mark_shares(axes: "Axes", unit: str) -> None:
    from matplotlib.ticker import FuncFormatter, MaxNLocator  # loaded late

    def text(value: float, _place: int) -> str:
        return format_exact(Decimal(f"{value:.6g}"), unit)

    axes.yaxis.set_major_locator(MaxNLocator(4))
    axes.yaxis.set_major_formatter(FuncFormatter(text))


def _alt(report: Report, row: ObjectiveRow, series: DailySeries) -> str:
    judged = [point for point in series.days if point.verdict in ("met", "missed")]
    missed = [point for point in judged if point.verdict == "missed"]
    text = f"{row.title}: {len(judged) - len(missed)} of {len(judged)} days met the target"
    text += f" of {row.target.text}"
    if row.periods and row.periods.worst_on and row.periods.worst_text:
        when = day_text(report, day_number(row.periods.worst_on), whole=True)
        text += f"; the worst was {when} with {row.periods.worst_text}"
    return text
