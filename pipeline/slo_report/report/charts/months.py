"""The grid of months: each objective in each month, its number in the cell."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from slo_report.report.charts.chart import Chart
from slo_report.report.charts.panels import (
    WIDTH_IN,
    Grid,
    new_panels,
    set_names,
    widest_in,
    width_in,
)
from slo_report.report.charts.svg import (
    INK,
    MET_FILL,
    MISSED_FEW_FILL,
    MUTED,
    NONE_FILL,
    label,
    sentence,
    short_label,
    to_svg,
)
from slo_report.report.document import Report
from slo_report.report.over_months import STATES, is_marked, shown_months
from slo_report.report.parts.history import HistoryCell, HistoryMonth, ObjectiveHistory
from slo_report.wording import counted, format_count

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_ROWS = 40
ROW_IN = 0.27
TOP_IN = 0.56
"""The legend and the months' names."""
WIDEST_CELL_IN = 1.5
CELL_CUT = 14
_NUMBER_PT = 8.0

_FILLS = {"met": MET_FILL, "missed": MISSED_FEW_FILL, "none": "none"}
_WORDS = {"met": "✓ met", "missed": "✗ missed", "none": "no report or no data"}

Months = Sequence[tuple[int, HistoryMonth]]


def draw(report: Report) -> list[Chart]:
    """Return the grid of the committed objectives, from the first month that has a report on."""
    history = report.history
    if history is None or len(shown_months(history)) == 1:
        return []
    months = shown_months(history)
    lines = [item for item in history.objectives if not item.informational and item.judged]
    if not lines:
        return []
    lines.sort(key=lambda line: (line.cells[-1] is None or line.cells[-1].verdict != "missed",
                                 -line.missed))  # fmt: skip
    shown = lines[:MOST_ROWS]
    title, alt = "Every month of every objective", sentence(_alt(lines, months))
    svg = to_svg(_drawn(shown, months, len(lines) - len(shown)), "months", title, alt)
    header = ["Objective", *(month.month_text for _, month in months)]
    rows = [[line.title, *(_figure(line.cells[at]) for at, _ in months)] for line in lines]
    return [Chart("months", title, alt, svg, header, rows[:200], "pattern", len(rows[200:]))]


def _drawn(shown: Sequence[ObjectiveHistory], months: Months, more: int) -> "Figure":
    names = [short_label(line.title, 40) for line in shown]
    left, height = widest_in(names) + 0.12, ROW_IN * len(shown) + 0.06
    # Few months stay narrow cells: the eye compares neighbours, and names stand near them.
    right = max(0.1, WIDTH_IN - left - WIDEST_CELL_IN * len(months))
    grid = Grid(1, [left], height, right=right, top=TOP_IN, bottom=0.3 if more else 0.06)
    figure, (axes,) = new_panels(grid, 1)
    axes.set_xlim(-0.5, len(months) - 0.5)
    axes.set_ylim(len(shown) - 0.4, -0.6)
    cell_in = grid.width / len(months)
    _cells(axes, shown, months, cell_in)
    _months(axes, months, cell_in)
    set_names(axes, names)
    notes = ["* other target, definition or reading"] if _has_mark(shown, months) else []
    notes += ["dashed: not final, not counted"] if _some_are_partial(months) else []
    _legend(figure, figure.get_figheight() - 0.16, notes)
    if more:
        figure.text(0.1, 0.08, f"{counted(more, 'more objective')} in report.json", color=MUTED,
                    transform=figure.dpi_scale_trans)  # fmt: skip
    return figure


def _cells(axes: "Axes", shown: Sequence[ObjectiveHistory], months: Months, cell_in: float) -> None:
    from matplotlib.patches import Rectangle  # matplotlib is loaded late

    for y, line in enumerate(shown):
        for x, (at, month) in enumerate(months):
            cell = line.cells[at]
            kind = _kind(cell)
            hatch, edge = ("////", NONE_FILL) if kind == "none" else (None, "none")
            axes.add_artist(Rectangle(
                (x - 0.48, y - 0.43), 0.96, 0.86, facecolor=_FILLS[kind], edgecolor=edge,
                hatch=hatch, linewidth=0,
            ))  # fmt: skip
            text = _drawn_text(cell, kind, cell_in)
            if STATES[month.state] and at != months[-1][0] and kind != "none":
                axes.add_artist(Rectangle(
                    (x - 0.46, y - 0.39), 0.92, 0.78, fill=False, edgecolor=MUTED, linewidth=0.8,
                    linestyle=(0, (3, 2)),
                ))  # fmt: skip
            axes.text(x, y, text, ha="center", va="center_baseline", fontsize=_NUMBER_PT,
                      color=INK if kind != "none" else MUTED)  # fmt: skip


def _drawn_text(cell: HistoryCell | None, kind: str, cell_in: float) -> str:
    if cell is None or kind == "none":
        return ""
    sign = "✓" if kind == "met" else "✗"
    text = f"{sign} {label(cell.text, CELL_CUT)}{is_marked(cell)}"
    # Rather a sign alone than a number that runs into its neighbour.
    return text if width_in(text, _NUMBER_PT) < cell_in * 0.94 else f"{sign}{is_marked(cell)}"


def _months(axes: "Axes", months: Months, cell_in: float) -> None:
    for x, (_, month) in enumerate(months):
        name = month.month_text
        if width_in(name) > cell_in * 0.94:
            name = name.split(" ")[0]
        axes.text(x, -0.72, name, ha="center", va="bottom", color=MUTED)


def _legend(figure: "Figure", up: float, notes: Sequence[str]) -> None:
    from matplotlib.patches import Rectangle  # matplotlib is loaded late

    inches, at = figure.dpi_scale_trans, 0.1
    for kind, word in _WORDS.items():
        hatch, edge = ("////", NONE_FILL) if kind == "none" else (None, "none")
        figure.add_artist(Rectangle(
            (at, up - 0.02), 0.13, 0.11, facecolor=_FILLS[kind], edgecolor=edge, hatch=hatch,
            linewidth=0, transform=inches,
        ))  # fmt: skip
        figure.text(at + 0.2, up, word, transform=inches)
        at += width_in(word) + 0.46
    for note in notes:
        figure.text(at, up, note, transform=inches)
        at += width_in(note) + 0.26


def _kind(cell: HistoryCell | None) -> str:
    return cell.verdict if cell is not None and cell.verdict in ("met", "missed") else "none"


def _figure(cell: HistoryCell | None) -> str:
    return "" if cell is None else f"{cell.text}{is_marked(cell)}"


def _some_are_partial(months: Months) -> bool:
    return any(STATES[month.state] for _, month in months[:-1])


def _has_mark(shown: Sequence[ObjectiveHistory], months: Months) -> bool:
    cells = [line.cells[at] for line in shown for at, _ in months]
    return any(cell is not None and is_marked(cell) for cell in cells)


def _alt(lines: Sequence[ObjectiveHistory], months: Months) -> str:
    judged, missed = sum(line.judged for line in lines), sum(line.missed for line in lines)
    first, last = months[0][1].month_text, months[-1][1].month_text
    text = (
        f"Months of {counted(len(lines), 'objective')} from {first} to {last}: "
        f"{format_count(missed)} of {format_count(judged)} missed the target"
    )
    worst = max(lines, key=lambda line: line.missed)
    return f"{text}; most in {label(worst.title)}, {worst.missed}." if missed else f"{text}."
