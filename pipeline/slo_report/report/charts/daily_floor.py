"""Objectives that every day is judged by: the day's value against the floor."""

from decimal import Decimal
from typing import TYPE_CHECKING

from slo_report.report.charts.chart import Chart
from slo_report.report.charts.days import (
    day_marks,
    day_number,
    days_of,
    days_table,
    prose_day,
    whole_series,
)
from slo_report.report.charts.panels import (
    HEADING_IN,
    Grid,
    ValueAxis,
    beside,
    linear_axis,
    new_panels,
    set_heading,
    set_marks,
    set_values,
)
from slo_report.report.charts.svg import (
    BLUE,
    GRID,
    INK,
    MUTED,
    VERMILLION,
    file_name,
    label,
    sentence,
    to_svg,
)
from slo_report.report.document import Report
from slo_report.report.parts.days import DailySeries
from slo_report.report.parts.row import ObjectiveRow
from slo_report.wording import out_of

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
    marked = [_axis(row, series) for row, series in shown]
    several = len(shown) > 1
    grid = Grid(len(shown), [max(axis.width_in for axis in marked)], height=2.0,
                top=HEADING_IN + 0.15 if several else 0.1)  # fmt: skip
    figure, panels = new_panels(grid, len(shown))
    for axes, axis, (row, series) in zip(panels, marked, shown, strict=True):
        set_values(axes, axis)
        _panel(axes, report, row, series)
        if several:
            set_heading(axes, label(row.title, 60), size=9.5)
    svg = to_svg(figure, name, title, alt)
    header, rows = days_table([(row.title, series) for row, series in shown])
    committed = any(not row.informational for row, _ in lines)
    section = f"slo:{slo}" if committed else "informational"
    return Chart(name, title, alt, svg, header, rows, section)


def _axis(row: ObjectiveRow, series: DailySeries) -> ValueAxis:
    values = [point.value for point in series.days if point.value is not None]
    values.append(float(Decimal(row.target.value)))
    low, high = min(values), max(values)
    room = (high - low) or 0.1
    return linear_axis(low - room * 0.3, high + room * 0.12, row.target.unit, 4)


def _panel(axes: "Axes", report: Report, row: ObjectiveRow, series: DailySeries) -> None:
    days, target = days_of(report), float(Decimal(row.target.value))
    axes.set_xlim(0.4, days + 2.6)
    for missed in (False, True):
        heights = {
            day_number(point.on): point.value
            for point in series.days
            if point.value is not None and (point.verdict == "missed") == missed
        }
        _stems(axes, heights, target, missed=missed)
    measured = [point for point in series.days if point.value is not None]
    worst = min(measured, key=lambda point: point.value or 0, default=None)
    if worst is not None and worst.verdict == "missed":
        axes.text(day_number(worst.on), worst.value or 0, worst.text, fontsize=7.5, color=INK,
                  transform=beside(axes, 0, -13), ha="center", va="baseline")  # fmt: skip
    axes.plot(axes.get_xlim(), [target, target], color=MUTED, linewidth=1.2, linestyle=(0, (5, 3)))
    axes.text(days + 0.8, target, row.target.text, transform=beside(axes, 0, 3), color=INK,
              va="baseline", fontsize=8)  # fmt: skip
    set_marks(axes, day_marks(report))


def _stems(axes: "Axes", heights: dict[int, float], target: float, *, missed: bool) -> None:
    from matplotlib.collections import LineCollection  # matplotlib is loaded late

    stems = [((day, target), (day, height)) for day, height in heights.items()]
    axes.add_collection(
        LineCollection(stems, colors=VERMILLION if missed else GRID, linewidths=2), autolim=False
    )
    colour, marker, size = (VERMILLION, "X", 7) if missed else (BLUE, "o", 5)
    axes.plot(list(heights), list(heights.values()), linestyle="none", marker=marker,
              color=colour, markersize=size)  # fmt: skip


def _alt(report: Report, row: ObjectiveRow, series: DailySeries) -> str:
    judged = [point for point in series.days if point.verdict in ("met", "missed")]
    missed = [point for point in judged if point.verdict == "missed"]
    met = out_of(len(judged) - len(missed), len(judged), "day")
    text = f"{row.title}: {met} met the target"
    text += f" of {row.target.text}"
    if row.periods and row.periods.worst_on and row.periods.worst_text:
        when = prose_day(report, day_number(row.periods.worst_on))
        text += f"; the worst was {when} with {row.periods.worst_text}"
    return text
