"""Panels of a chart, placed and labelled by ourselves.

An Axis of matplotlib lays its ticks out again for every question about its size, and constrained
layout asks often: that took nine tenths of the time a report needs. Labels here are plain texts,
measured once, and the margins follow from them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING

from slo_report.report.charts.svg import GRID, INK, MUTED
from slo_report.report.texts import format_exact

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.transforms import Transform

WIDTH_IN = 9.2
LEAST_PANEL_IN = 0.5
"""What is left to a panel beside names and figures of any length."""
TEXT_PT = 8.5
HEADING_IN = 0.2
"""What a panel's title takes above it."""
DAYS_IN = 0.28
"""What the dates take below a panel."""

_POINTS_OF_INCH = 72
_PAD_IN = 0.07

Mark = tuple[float, str]
"""A place on an axis and its label."""


@dataclass(frozen=True)
class ValueAxis:
    """The vertical axis of a panel: its ends and its marks."""

    low: float
    high: float
    marks: Sequence[Mark]
    is_log: bool = False

    @property
    def width_in(self) -> float:
        """The room that its labels take at the left of a panel."""
        return widest_in([text for _, text in self.marks]) + _PAD_IN


@dataclass(frozen=True)
class Grid:
    """How panels stand on a figure; all lengths in inches."""

    rows: int
    lefts: Sequence[float]
    """Room at the left of each column."""
    height: float
    """Of one panel, without its labels."""
    right: float = 0.1
    top: float = 0.1
    bottom: float = DAYS_IN

    @property
    def width(self) -> float:
        """The width of one panel."""
        columns = len(self.lefts)
        room = (WIDTH_IN - sum(self.lefts) - columns * self.right) / columns
        return max(room, LEAST_PANEL_IN)


def new_panels(grid: Grid, count: int) -> "tuple[Figure, list[Axes]]":
    """Return a figure of the page's width and its panels, row by row, without any axis."""
    from matplotlib.figure import Figure  # 0.4 s that --help need not pay

    line = grid.top + grid.height + grid.bottom
    high = line * grid.rows
    figure = Figure(figsize=(WIDTH_IN, high), facecolor="none")
    panels = []
    for place in range(count):
        row, column = divmod(place, len(grid.lefts))
        left = sum(grid.lefts[: column + 1]) + column * (grid.width + grid.right)
        bottom = high - row * line - grid.top - grid.height
        panels.append(figure.add_axes((
            left / WIDTH_IN, bottom / high, grid.width / WIDTH_IN, grid.height / high
        )))  # fmt: skip
        panels[-1].set_axis_off()
        panels[-1].set_autoscale_on(False)
    return figure, panels


def columns_in(widths: Sequence[float], columns: int) -> list[float]:
    """Return the widest of each column, where panels are placed row by row."""
    return [max(widths[column::columns]) for column in range(columns)]


@lru_cache(maxsize=4096)
def width_in(text: str, size: float = TEXT_PT, weight: str = "normal") -> float:
    """Return how wide a text is drawn."""
    from matplotlib.font_manager import FontProperties  # loaded late, as above
    from matplotlib.textpath import text_to_path

    font = FontProperties(family="DejaVu Sans", size=size, weight=weight)
    width, _, _ = text_to_path.get_text_width_height_descent(text, font, ismath=False)
    return float(width) / _POINTS_OF_INCH


def widest_in(texts: Sequence[str], size: float = TEXT_PT, weight: str = "normal") -> float:
    """Return how wide the widest of the texts is drawn."""
    return max((width_in(text, size, weight) for text in texts), default=0.0)


def linear_axis(low: float, high: float, unit: str, most: int) -> ValueAxis:
    """Return an axis with at most so many round steps."""
    from matplotlib.ticker import MaxNLocator  # loaded late, as above

    locator = MaxNLocator(most, steps=[1, 2, 2.5, 5, 10])
    places = [float(at) for at in locator.tick_values(low, high)]
    return ValueAxis(low, high, [(at, _text(at, unit)) for at in places if low <= at <= high])


def log_axis(low: float, high: float, unit: str) -> ValueAxis:
    """Return an axis by powers of ten, with marks at one and three of each."""
    from matplotlib.ticker import LogLocator  # loaded late, as above

    places = [float(at) for at in LogLocator(10, (1, 3)).tick_values(low, high)]
    marks = [(at, _text(at, unit)) for at in places if low <= at <= high]
    return ValueAxis(low, high, marks, is_log=True)


def set_values(axes: "Axes", axis: ValueAxis) -> None:
    """Give a panel its vertical axis: a line across and a label at the left for each mark."""
    if axis.is_log:
        axes.set_yscale("log")
    axes.set_ylim(axis.low, axis.high)
    where = axes.get_yaxis_transform()
    _lines(axes, [((0, at), (1, at)) for at, _ in axis.marks], where)
    beside = _moved(axes, where, -4, 0)
    for at, text in axis.marks:
        axes.text(0, at, text, transform=beside, ha="right", va="center_baseline", color=MUTED)


def set_marks(axes: "Axes", marks: Sequence[Mark], *, ticks: bool = True) -> None:
    """Label a panel's horizontal axis."""
    where = axes.get_xaxis_transform()
    if ticks:
        _lines(axes, [((0, 0), (1, 0))], axes.transAxes)
        axes.plot(
            [at for at, _ in marks], [0] * len(marks), transform=where, linestyle="none", marker=3,
            markersize=3.5, color=GRID, markeredgewidth=0.8, clip_on=False,
        )  # fmt: skip
    below = _moved(axes, where, 0, -6)
    for at, text in marks:
        axes.text(at, 0, text, transform=below, ha="center", va="top", color=MUTED)


def set_names(axes: "Axes", names: Sequence[str]) -> None:
    """Name the rows of a panel, at its left."""
    beside = _moved(axes, axes.get_yaxis_transform(), -4, 0)
    for y, text in enumerate(names):
        axes.text(0, y, text, transform=beside, ha="right", va="center_baseline", color=INK)


def set_heading(axes: "Axes", text: str, size: float = 8) -> None:
    """Put a title above a panel."""
    above = _moved(axes, axes.transAxes, 0, 5)
    axes.text(0, 1, text, transform=above, va="baseline", color=INK, fontsize=size,
              fontweight="bold")  # fmt: skip


def beside(axes: "Axes", right_pt: float, up_pt: float) -> "Transform":
    """Return where a text stands that lies some points off a place in the panel."""
    return _moved(axes, axes.transData, right_pt, up_pt)


def right_of(axes: "Axes", right_pt: float) -> "Transform":
    """Return where a text stands at the right of a panel: x is 1, y a value."""
    return _moved(axes, axes.get_yaxis_transform(), right_pt, 0)


def _moved(axes: "Axes", where: "Transform", right_pt: float, up_pt: float) -> "Transform":
    from matplotlib.transforms import ScaledTranslation  # loaded late, as above

    right, up = right_pt / _POINTS_OF_INCH, up_pt / _POINTS_OF_INCH
    inches = axes.figure.dpi_scale_trans
    return where + ScaledTranslation(right, up, inches)


def _lines(
    axes: "Axes",
    ends: Sequence[tuple[tuple[float, float], tuple[float, float]]],
    where: "Transform",
) -> None:
    from matplotlib.collections import LineCollection  # loaded late, as above

    axes.add_collection(
        LineCollection(ends, colors=GRID, linewidths=0.7, transform=where, zorder=0.5),
        autolim=False,
    )


def _text(value: float, unit: str) -> str:
    # The axis' own numbers are round but for their last bits.
    number = Decimal(f"{value:.6g}")
    return format_exact(number, unit) if number or unit == "ratio" else "0"
