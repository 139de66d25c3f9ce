"""Each day of each endpoint or objective: kept, missed, few requests or none."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from slo_report.judge.verdicts import Verdict
from slo_report.report.charts.chart import Chart
from slo_report.report.charts.days import (
    day_marks,
    day_number,
    days_of,
    days_table,
    whole_series,
)
from slo_report.report.charts.panels import (
    DAYS_IN,
    WIDTH_IN,
    Grid,
    new_panels,
    set_marks,
    set_names,
    widest_in,
    width_in,
)
from slo_report.report.charts.svg import (
    FEW_FILL,
    INK,
    MET_FILL,
    MISSED_FEW_FILL,
    MUTED,
    NONE_FILL,
    SURFACE,
    VERMILLION,
    label,
    sentence,
    short_label,
    to_svg,
)
from slo_report.report.document import Report
from slo_report.report.parts.days import DailySeries, DayPoint
from slo_report.wording import counted, out_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.path import Path

MOST_ROWS = 40
ROW_IN = 0.235
LEGEND_IN = 0.36


@dataclass(frozen=True)
class _Line:
    name: str
    series: DailySeries
    target: Decimal | None
    """Of a share; nothing for percentiles."""
    verdict: Verdict
    """Of the month."""


def draw(report: Report) -> list[Chart]:
    """Return the days of every objective, and those of every endpoint where there are several."""
    charts = [
        _chart(report, "compliance", "objective", _by_objective(report)),
        _chart(report, "endpoints", "endpoint", _by_endpoint(report)),
    ]
    return [chart for chart in charts if chart is not None]


def _chart(report: Report, file: str, what: str, lines: list[_Line]) -> Chart | None:
    if not lines:
        return None
    lines = sorted(lines, key=lambda line: (line.verdict != "missed", -_missed(line.series)))
    shown, title = lines[:MOST_ROWS], f"Every day of every {what}"
    alt = sentence(_alt(lines, what))
    names = [short_label(line.name, 48) for line in shown]
    more = len(lines) - len(shown)
    left, height = widest_in(names) + 0.12, ROW_IN * len(shown) + 0.06
    grid = Grid(1, [left], height, top=LEGEND_IN, bottom=0.5 if more else DAYS_IN)
    figure, (axes,) = new_panels(grid, 1)
    _cells(axes, report, shown, grid)
    set_names(axes, names)
    _legend(figure, left, figure.get_figheight() - 0.22)
    if more:
        others = f"{counted(more, f'more {what}')} in report.json"
        figure.text(WIDTH_IN - 0.1, 0.05, others, color=MUTED, ha="right",
                    transform=figure.dpi_scale_trans)  # fmt: skip
    svg = to_svg(figure, file, title, alt)
    header, rows = days_table([(line.name, line.series) for line in shown])
    return Chart(file, title, alt, svg, header, rows, f"{what}s")


def _by_endpoint(report: Report) -> list[_Line]:
    rows = {(row.id, row.scope.get("endpoint")): row for row in report.endpoints}
    titles = {row.id: row.title for row in report.objectives if not row.informational}
    several = len({series.objective for series in report.daily if _is_endpoint(series)}) > 1
    lines: list[_Line] = []
    for series in report.daily:
        if not _is_endpoint(series) or series.objective not in titles:
            continue
        endpoint = series.scope["endpoint"]
        row = rows.get((series.objective, endpoint))
        name = f"{endpoint}, {titles[series.objective]}" if several else endpoint
        share = row is not None and row.statistic == "ratio"
        goal = Decimal(row.target.value) if row and share else None
        lines.append(_Line(name, series, goal, row.verdict if row else "no_data"))
    return lines if len({line.series.scope["endpoint"] for line in lines}) > 1 else []


def _by_objective(report: Report) -> list[_Line]:
    return [
        _Line(
            row.title,
            series,
            Decimal(row.target.value) if row.statistic == "ratio" else None,
            row.verdict,
        )
        for row, series in whole_series(report)
        if not row.informational and row.verdict != "not_in_use"
    ]


def _is_endpoint(series: DailySeries) -> bool:
    return set(series.scope) == {"endpoint"}


def _missed(series: DailySeries) -> int:
    return sum(point.verdict == "missed" for point in series.days)


def _is_few(point: DayPoint, target: Decimal | None) -> bool:
    """Tell whether a single bad request would miss the day."""
    return target is not None and 0 < point.valid * (1 - Fraction(target)) < 1


def _cells(axes: "Axes", report: Report, lines: Sequence[_Line], grid: Grid) -> None:
    days = days_of(report)
    kinds: dict[str, list[tuple[int, int]]] = {kind: [] for kind in _FILLS}
    for y, line in enumerate(lines):
        points = {day_number(point.on): point for point in line.series.days}
        for day in range(1, days + 1):
            kinds[_kind(points.get(day), line.target)].append((day, y))
    _fill(axes, kinds)
    # How much higher than wide a cell is, so that the signs are as high as wide.
    _signs(axes, kinds, grid.height / (len(lines) + 0.2) / (grid.width / (days + 0.2)))
    axes.set_xlim(0.4, days + 0.6)
    axes.set_ylim(len(lines) - 0.4, -0.6)
    set_marks(axes, day_marks(report), ticks=False)


def _kind(point: DayPoint | None, target: Decimal | None) -> str:
    if point is None or point.verdict not in ("met", "missed"):
        return "none"
    few = "-few" if _is_few(point, target) else ""
    return f"{point.verdict}{few}"


_FILLS = {
    "met": MET_FILL, "met-few": FEW_FILL, "missed": VERMILLION, "missed-few": MISSED_FEW_FILL,
    "none": "none",
}  # fmt: skip
_WORDS = {
    "met": "met", "met-few": "met, few requests", "missed": "× missed",
    "missed-few": "× missed, few requests", "none": "no requests",
}  # fmt: skip


def _hatch(kind: str) -> tuple[str | None, str]:
    """Return the hatch and its colour: a day without requests is nothing, and never green."""
    return ("////", NONE_FILL) if kind == "none" else (None, "none")


def _fill(axes: "Axes", kinds: dict[str, list[tuple[int, int]]]) -> None:
    from matplotlib.patches import PathPatch  # matplotlib is loaded late

    for kind, cells in kinds.items():
        if cells:
            hatch, edge = _hatch(kind)
            axes.add_artist(PathPatch(
                _squares(cells), facecolor=_FILLS[kind], edgecolor=edge, hatch=hatch, linewidth=0
            ))  # fmt: skip


def _squares(cells: Iterable[tuple[float, float]], w: float = 0.44, h: float = 0.40) -> "Path":
    """Return all cells of a kind as one path: 1,200 of their own would be 200 kB."""
    from matplotlib.path import Path  # as above

    corners = [
        corner
        for x, y in cells
        for corner in ((x - w, y - h), (x + w, y - h), (x + w, y + h), (x - w, y + h), (x, y))
    ]
    codes = [Path.MOVETO, Path.LINETO, Path.LINETO, Path.LINETO, Path.CLOSEPOLY]
    return Path(corners, codes * (len(corners) // 5))


def _signs(axes: "Axes", kinds: dict[str, list[tuple[int, int]]], ratio: float) -> None:
    """Mark what colour alone must not say."""
    from matplotlib.patches import PathPatch  # matplotlib is loaded late

    for kind, colour in (("missed", SURFACE), ("missed-few", INK)):
        if kinds[kind]:
            w = 0.16 * min(1.0, ratio)
            crosses = _crosses(kinds[kind], w, w / ratio)
            axes.add_artist(PathPatch(crosses, fill=False, edgecolor=colour, linewidth=1.3))
    if kinds["met-few"]:
        w = 0.06 * min(1.0, ratio)
        dots = _squares(kinds["met-few"], w, w / ratio)
        axes.add_artist(PathPatch(dots, facecolor=MUTED, edgecolor="none"))


def _crosses(cells: Iterable[tuple[int, int]], w: float, h: float) -> "Path":
    from matplotlib.path import Path  # as above

    ends = [
        end
        for x, y in cells
        for end in ((x - w, y - h), (x + w, y + h), (x - w, y + h), (x + w, y - h))
    ]
    return Path(ends, [Path.MOVETO, Path.LINETO] * (len(ends) // 2))


def _legend(figure: "Figure", left: float, up: float) -> None:
    """Explain the fills in a row, from so many inches on."""
    from matplotlib.patches import PathPatch  # matplotlib is loaded late

    inches = figure.dpi_scale_trans
    texts = {kind: width_in(word) for kind, word in _WORDS.items()}
    # Long names leave less room beside them; the row still ends within the figure.
    left = min(left, WIDTH_IN - sum(texts.values()) - 0.46 * len(texts))
    for kind, word in _WORDS.items():
        hatch, edge = _hatch(kind)
        square = _squares([(left + 0.06, up + 0.04)], 0.06, 0.055)
        figure.add_artist(PathPatch(
            square, facecolor=_FILLS[kind], edgecolor=edge, hatch=hatch, linewidth=0,
            transform=inches,
        ))  # fmt: skip
        figure.text(left + 0.2, up, word, transform=inches)
        left += texts[kind] + 0.46


def _alt(lines: Sequence[_Line], what: str) -> str:
    points = [point for line in lines for point in line.series.days]
    judged = sum(point.verdict in ("met", "missed") for point in points)
    missed = sum(point.verdict == "missed" for point in points)
    text = (
        f"Days of {counted(len(lines), what)}: "
        f"{out_of(missed, judged, 'day')} with requests missed the target"
    )
    worst = max(lines, key=lambda line: _missed(line.series))
    most = f"; most in {label(worst.name)}, {_missed(worst.series)}"
    return f"{text}{most if missed else ''}."
