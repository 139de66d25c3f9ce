"""Each percentile day by day, against its target."""

from collections.abc import Sequence
from decimal import Decimal
from math import nan
from typing import TYPE_CHECKING

from slo_report.report.charts.chart import Chart
from slo_report.report.charts.days import (
    day_marks,
    day_number,
    days_of,
    days_table,
    panel_title,
    prose_day,
    whole_series,
)
from slo_report.report.charts.panels import (
    HEADING_IN,
    Grid,
    ValueAxis,
    beside,
    columns_in,
    linear_axis,
    log_axis,
    new_panels,
    set_heading,
    set_marks,
    set_values,
    widest_in,
)
from slo_report.report.charts.svg import (
    INK,
    SERIES,
    SURFACE,
    VERMILLION,
    file_name,
    sentence,
    short_label,
    to_svg,
)
from slo_report.report.document import Report
from slo_report.report.parts.days import DailySeries, DayPoint
from slo_report.report.parts.row import ObjectiveRow
from slo_report.wording import out_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_PANELS = 12
FEW_REQUESTS = 100
"""Below it a day's p99 is its slowest request."""
LOG_SPAN = 30
LABEL_PT = 8
LABEL_GAP = 0.6
MARKERS = ("o", "s", "D", "^")

_Line = tuple[ObjectiveRow, DailySeries]


def draw(report: Report) -> list[Chart]:
    """Return a chart per SLO with percentiles, a panel for each set of requests it chose."""
    by_slo: dict[str, list[_Line]] = {}
    for row, series in whole_series(report):
        drawn = row.statistic == "max" or row.statistic.startswith("p")
        if drawn and any(point.value is not None for point in series.days):
            by_slo.setdefault(row.slo, []).append((row, series))
    taken: set[str] = set()
    return [
        _chart(report, slo, lines, file_name("daily", slo, taken)) for slo, lines in by_slo.items()
    ]


def _chart(report: Report, slo: str, lines: Sequence[_Line], name: str) -> Chart:
    panels = _panels(report, lines)
    shown = panels[:MOST_PANELS]
    titles = {definition.slo: definition.title for definition in report.definitions}
    title = sentence(f"{titles.get(slo, slo)}, day by day")
    alt = sentence(_alt(report, lines))
    columns = min(3, len(shown))
    marked = [_axis(inside) for _, inside in shown]
    lefts = columns_in([axis.width_in for axis in marked], columns)
    high = -(-len(shown) // columns)
    grid = (Grid(high, lefts, height=1.6, top=HEADING_IN + 0.15) if columns > 1
            else Grid(1, lefts, height=2.7))  # fmt: skip
    figure, every = new_panels(grid, len(shown))
    for axes, axis, (heading, inside) in zip(every, marked, shown, strict=True):
        set_values(axes, axis)
        axes.set_xlim(0.5, _end(days_of(report), inside, grid.width))
        _panel(axes, report, heading, inside, small=columns > 1)
    svg = to_svg(figure, name, title, alt)
    drawn = [line for _, inside in shown for line in inside]
    header, rows = days_table([(row.title, series) for row, series in drawn])
    committed = any(not row.informational for row, _ in lines)
    section = f"slo:{slo}" if committed else "informational"
    return Chart(name, title, alt, svg, header, rows, section)


def _panels(report: Report, lines: Sequence[_Line]) -> list[tuple[str, list[_Line]]]:
    """Put the percentiles of the same requests into one panel, the missed ones first."""
    panels: dict[str, list[_Line]] = {}
    for row, series in lines:
        panels.setdefault(panel_title(report, row), []).append((row, series))
    return sorted(panels.items(), key=lambda item: -sum(r.verdict == "missed" for r, _ in item[1]))


def _axis(lines: Sequence[_Line]) -> ValueAxis:
    unit = lines[0][0].target.unit
    values = [p.value for _, series in lines for p in series.days if p.value is not None]
    values += [float(Decimal(row.target.value)) for row, _ in lines]
    low, high = min(values), max(values)
    if low > 0 and high > LOG_SPAN * low:
        # Some of the height stays free at either end; above stands the highest target's label.
        room = (high / low) ** 0.05
        return log_axis(low / room, high * room**2, unit)
    low = min(0.0, low)
    return linear_axis(low, high + ((high - low) or 1.0) * 0.05, unit, 8)


def _end(days: int, lines: Sequence[_Line], width: float) -> float:
    """Return where the day axis ends, so that the targets' labels have their room behind it."""
    taken = min(0.6, (widest_in([_target(row) for row, _ in lines], LABEL_PT) + 0.06) / width)
    return (days + LABEL_GAP - 0.5 * taken) / (1 - taken)


def _target(row: ObjectiveRow) -> str:
    return f"{row.statistic} {row.target.text}"


def _panel(
    axes: "Axes", report: Report, heading: str, lines: Sequence[_Line], *, small: bool
) -> None:
    days = days_of(report)
    for place, (row, series) in enumerate(lines):
        _line(axes, row, series, place % len(SERIES), days, small=small)
    if small:
        set_heading(axes, short_label(heading, 36))
    set_marks(axes, day_marks(report, short=small))


def _line(
    axes: "Axes", row: ObjectiveRow, series: DailySeries, place: int, days: int, *, small: bool
) -> None:
    colour, marker = SERIES[place], MARKERS[place]
    points = {day_number(point.on): point for point in series.days}
    values = [points[d].value if d in points else None for d in range(1, days + 1)]
    heights = [nan if value is None else value for value in values]
    axes.plot(range(1, days + 1), heights, color=colour, linewidth=1.4, alpha=0.75)
    goal = float(Decimal(row.target.value))
    ends = axes.get_xlim()
    axes.plot(ends, [goal, goal], color=colour, linewidth=1.1, linestyle=(0, (5, 3)))
    met = [point for point in series.days if point.verdict == "met"]
    if small:
        # In a small panel the line says enough, but for days that stand alone or have few requests.
        met = [p for p in met if p.valid < FEW_REQUESTS or _is_alone(day_number(p.on), values)]
    _dots(axes, met, colour, marker)
    missed = [point for point in series.days if point.verdict == "missed"]
    _dots(axes, missed, VERMILLION, "X", 5 if small else 7)
    axes.text(days + LABEL_GAP, goal, _target(row), transform=beside(axes, 0, 3), color=INK,
              va="baseline", fontsize=LABEL_PT)  # fmt: skip


def _is_alone(day: int, values: Sequence[float | None]) -> bool:
    """Tell whether no line reaches a day from its neighbours."""
    neighbours = (*values[max(0, day - 2) : day - 1], *values[day : day + 1])
    return all(value is None for value in neighbours)


def _dots(
    axes: "Axes", points: Sequence[DayPoint], colour: str, marker: str, size: int = 4
) -> None:
    """Draw a day's value, hollow where a few requests decide it."""
    for few in (False, True):
        chosen = [
            (day_number(point.on), point.value)
            for point in points
            if point.value is not None and (point.valid < FEW_REQUESTS) == few
        ]
        if chosen:
            x, y = zip(*chosen, strict=True)
            axes.plot(x, y, linestyle="none", marker=marker, markersize=size,
                      color=colour, markeredgewidth=1,
                      markerfacecolor=SURFACE if few else colour)  # fmt: skip


def _alt(report: Report, lines: Sequence[_Line]) -> str:
    parts = []
    for row, series in lines[:MOST_PANELS]:
        days = [point for point in series.days if point.value is not None]
        missed = sum(point.verdict == "missed" for point in days)
        text = f"{row.title}: {row.text} over the month, target {row.target.text}"
        if days:
            worst = max(days, key=lambda point: point.value or 0)
            when = prose_day(report, day_number(worst.on))
            above = out_of(missed, len(days), "day")
            text += f"; above it on {above}, highest on {when}: {worst.text}"
        parts.append(text)
    more = len(lines) - len(parts)
    return ". ".join(parts) + (f". {more} more in the table." if more else ".")
