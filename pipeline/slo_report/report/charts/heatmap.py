"""Each day of each endpoint or objective: kept, missed, few requests or none."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from slo_report.report.charts.chart import Chart
from slo_report.report.charts.days import (
    day_number,
    days_of,
    days_table,
    mark_days,
    whole_series,
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
    drawing,
    label,
    new_figure,
    sentence,
    to_svg,
)
from slo_report.report.document import DailySeries, DayPoint, Report
from slo_report.report.texts import format_count

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.path import Path

MOST_ROWS = 40
ROW_IN = 0.235

_Line = tuple[str, DailySeries, Decimal | None]


def draw(report: Report) -> list[Chart]:
    """Return the heatmap; by endpoint where days are known by endpoint, else by objective."""
    lines, what = _by_endpoint(report), "endpoint"
    if not lines:
        lines, what = _by_objective(report), "objective"
    if not lines:
        return []
    lines.sort(key=lambda line: -_missed(line[1]))
    shown, title = lines[:MOST_ROWS], f"Every day of every {what}"
    alt = sentence(_alt(lines, what))
    with drawing():
        figure, (axes,) = new_figure(1.15 + ROW_IN * len(shown))
        _cells(axes, report, shown)
        if len(lines) > len(shown):
            axes.set_xlabel(f"{len(lines) - len(shown)} more {what}s in report.json", loc="right")
        svg = to_svg(figure, "compliance", title, alt)
    header, rows = days_table([(name, series) for name, series, _ in shown])
    section = "endpoints" if what == "endpoint" else "objectives"
    return [Chart("compliance", title, alt, svg, header, rows, section)]


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
        lines.append((name, series, Decimal(row.target.value) if row and share else None))
    return lines if len({series.scope["endpoint"] for _, series, _ in lines}) > 1 else []


def _by_objective(report: Report) -> list[_Line]:
    return [
        (row.title, series, Decimal(row.target.value) if row.statistic == "ratio" else None)
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


def _cells(axes: "Axes", report: Report, lines: Sequence[_Line]) -> None:
    days = days_of(report)
    kinds: dict[str, list[tuple[int, int]]] = {kind: [] for kind in _FILLS}
    for y, (_, series, target) in enumerate(lines):
        points = {day_number(point.on): point for point in series.days}
        for day in range(1, days + 1):
            kinds[_kind(points.get(day), target)].append((day, y))
    _fill(axes, kinds)
    _signs(axes, kinds, len(lines))
    axes.set_xlim(0.4, days + 0.6)
    axes.set_ylim(len(lines) - 0.4, -0.6)
    axes.set_yticks(range(len(lines)))
    axes.set_yticklabels([label(name) for name, _, _ in lines], color=INK)
    axes.grid(visible=False)
    axes.spines["bottom"].set_visible(False)
    axes.tick_params(axis="x", length=0)
    mark_days(axes, report)
    _legend(axes)


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
            axes.add_patch(PathPatch(
                _squares(cells), facecolor=_FILLS[kind], edgecolor=edge, hatch=hatch, linewidth=0
            ))  # fmt: skip


def _squares(cells: Iterable[tuple[int, int]], w: float = 0.44, h: float = 0.40) -> "Path":
    """Return all cells of a kind as one path: 1,200 of their own would be 200 kB."""
    from matplotlib.path import Path  # as above

    corners = [
        corner
        for x, y in cells
        for corner in ((x - w, y - h), (x + w, y - h), (x + w, y + h), (x - w, y + h), (x, y))
    ]
    codes = [Path.MOVETO, Path.LINETO, Path.LINETO, Path.LINETO, Path.CLOSEPOLY]
    return Path(corners, codes * (len(corners) // 5))


def _signs(axes: "Axes", kinds: dict[str, list[tuple[int, int]]], rows: int) -> None:
    """Mark what colour alone must not say."""
    from matplotlib.patches import PathPatch  # matplotlib is loaded late

    # A row's height in widths of a day, so that the signs are as high as wide.
    ratio = (0.4 + ROW_IN * rows) / rows / 0.245
    for kind, colour in (("missed", SURFACE), ("missed-few", INK)):
        if kinds[kind]:
            crosses = _crosses(kinds[kind], 0.14, 0.14 / ratio)
            axes.add_patch(PathPatch(crosses, fill=False, edgecolor=colour, linewidth=1.3))
    if kinds["met-few"]:
        dots = _squares(kinds["met-few"], 0.06, 0.06 / ratio)
        axes.add_patch(PathPatch(dots, facecolor=MUTED, edgecolor="none"))


def _crosses(cells: Iterable[tuple[int, int]], w: float, h: float) -> "Path":
    from matplotlib.path import Path  # as above

    ends = [
        end
        for x, y in cells
        for end in ((x - w, y - h), (x + w, y + h), (x - w, y + h), (x + w, y - h))
    ]
    return Path(ends, [Path.MOVETO, Path.LINETO] * (len(ends) // 2))


def _legend(axes: "Axes") -> None:
    from matplotlib.patches import Patch  # matplotlib is loaded late

    handles = [
        Patch(facecolor=_FILLS[kind], edgecolor=_hatch(kind)[1], hatch=_hatch(kind)[0], label=word)
        for kind, word in _WORDS.items()
    ]
    axes.legend(handles=handles, loc="lower left", bbox_to_anchor=(0, 1), ncols=5, frameon=False,
                handlelength=1.2, handleheight=1, borderaxespad=0.2, columnspacing=1.6)  # fmt: skip


def _alt(lines: Sequence[_Line], what: str) -> str:
    points = [point for _, series, _ in lines for point in series.days]
    judged = sum(point.verdict in ("met", "missed") for point in points)
    missed = sum(point.verdict == "missed" for point in points)
    number = format_count(len(lines))
    text = (
        f"Days of {number} {what}{'' if len(lines) == 1 else 's'}: "
        f"{format_count(missed)} of {format_count(judged)} days with requests missed the target"
    )
    name, worst, _ = lines[0]
    return f"{text}; most in {label(name)}, {_missed(worst)}." if missed else f"{text}."
