"""How each error budget went down over the month."""

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from slo_report.report.charts.chart import Chart
from slo_report.report.charts.days import (
    date_until,
    day_marks,
    day_number,
    days_of,
    days_since_start,
    panel_title,
    prose_day,
)
from slo_report.report.charts.panels import (
    HEADING_IN,
    Grid,
    ValueAxis,
    beside,
    columns_in,
    linear_axis,
    new_panels,
    set_heading,
    set_marks,
    set_values,
    width_in,
)
from slo_report.report.charts.svg import BLUE, INK, MUTED, VERMILLION, sentence, short_label, to_svg
from slo_report.report.document import Report
from slo_report.report.head import budget_rank
from slo_report.report.parts.days import BurnDown
from slo_report.report.parts.row import ObjectiveRow
from slo_report.wording import counted, format_count, plural

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_PANELS = 9
_GAP_IN = 0.2
"""Around what is written beside the last day."""

_Spent = tuple[ObjectiveRow, BurnDown]


def draw(report: Report) -> list[Chart]:
    """Return one chart: a panel per budget, the one that is furthest used first."""
    spent = _spent(report)
    if not spent:
        return []
    shown = spent[:MOST_PANELS]
    whose = f" of {shown[0][0].title}" if len(spent) == 1 else ""
    title = sentence(f"Error budget{whose}: what was left, day by day")
    alt = sentence(_alt(report, shown, len(spent) - len(shown)))
    columns = min(3, len(shown))
    small = columns > 1
    marked = [_axis(burn) for _, burn in shown]
    lefts = columns_in([axis.width_in for axis in marked], columns)
    lines = -(-len(shown) // columns)
    grid = (Grid(lines, lefts, height=1.55, right=0.2, top=HEADING_IN + 0.15) if small
            else Grid(1, lefts, height=2.7))  # fmt: skip
    figure, panels = new_panels(grid, len(shown))
    for axes, axis, (row, burn) in zip(panels, marked, shown, strict=True):
        set_values(axes, axis)
        _panel(axes, report, row, burn, grid.width, small=small)
    svg = to_svg(figure, "burn-down", title, alt)
    header, rows = _table(report, shown)
    return [Chart("burn-down", title, alt, svg, header, rows, "budget")]


def _spent(report: Report) -> list[_Spent]:
    burns = {burn.objective: burn for burn in report.burn_down if burn.points}
    pairs = [(row, burns[row.id]) for row in report.objectives if row.id in burns and row.budget]
    return sorted(pairs, key=lambda pair: budget_rank(pair[0]), reverse=True)


def _axis(burn: BurnDown) -> ValueAxis:
    least = min(1 - point.used for point in burn.points)
    # A budget overdrawn a hundredfold would press the month flat: the label says how far it went.
    return linear_axis(max(-1.5, min(-0.08, least * 1.1)), 1.06, "ratio", 5)


def _panel(
    axes: "Axes", report: Report, row: ObjectiveRow, burn: BurnDown, width: float, *, small: bool
) -> None:
    days = days_of(report)
    size = 9 if small else 11
    # What is left is written behind the last day.
    beside_in = width_in(left_text(row), size, "bold") + _GAP_IN
    end = days * max(1.3 if small else 1.12, width / max(width - beside_in, width / 3))
    lowest = max(1 - burn.points[-1].used, axes.get_ylim()[0])
    at = [0.0, *(days_since_start(report, point.at) for point in burn.points)]
    left = [1.0, *(1 - point.used for point in burn.points)]
    gone = left[-1] <= 0
    colour = VERMILLION if gone else BLUE
    axes.plot([0, days], [1, 0], color=MUTED, linewidth=1, linestyle=(0, (4, 3)))
    axes.plot([0, end], [0, 0], color=INK, linewidth=1)
    axes.fill_between(at, left, 0, step="post", color=colour, alpha=0.12, linewidth=0)
    axes.step(at, left, where="post", color=colour, linewidth=2)
    axes.plot(
        [at[-1]], [lowest], marker="X" if gone else "o", color=colour, markersize=6, clip_on=False
    )
    axes.set_xlim(0, end)
    if small:
        set_heading(axes, short_label(panel_title(report, row) or row.title, 36))
    axes.text(
        at[-1], max(left[-1], -1.4), left_text(row), transform=beside(axes, 7, 0), va="center",
        color=INK, fontweight="bold", fontsize=size,
    )  # fmt: skip
    set_marks(axes, day_marks(report, first=0, short=small))
    if not small:
        axes.text(days * 0.01, 0.03, "dashed: an even burn", color=MUTED, va="bottom")


def left_text(row: ObjectiveRow) -> str:
    """Return what is left of a budget, from the used share as it is printed elsewhere."""
    if row.budget is None or row.budget.used is None:
        return ""
    left = 100 - Decimal(row.budget.text.rstrip("%").replace(",", ""))
    return f"{left}% left" if left >= 0 else f"{-left}% over"


def _alt(report: Report, spent: Sequence[_Spent], more: int) -> str:
    parts = []
    for row, burn in spent:
        day, bad = _steepest(burn)
        used = row.budget.text if row.budget else ""
        last = prose_day(report, day_number(date_until(burn.points[-1].at)))
        text = f"Error budget of {row.title}: {used} used by {last}"
        if bad:
            when = prose_day(report, day_number(day))
            text += f"; it fell most on {when}, with {counted(bad, 'bad request')}"
        parts.append(text)
    others = f"{counted(more, 'more budget')} {plural(more, 'is', 'are')}"
    return ". ".join(parts) + (f". {others} less used." if more else ".")


def _steepest(burn: BurnDown) -> tuple[str, int]:
    """Return the day that cost most, and its bad events."""
    per_day: Counter[str] = Counter()
    before = 0
    for point in burn.points:
        per_day[date_until(point.at)] += point.bad - before
        before = point.bad
    return max(sorted(per_day.items()), key=lambda item: item[1])


def _bad_by_day(report: Report, burn: BurnDown) -> dict[str, int]:
    """Return the bad events by the end of each day: the last point of a day has them all."""
    first = report.window.from_[:10]
    by_day = {date_until(point.at): point.bad for point in burn.points}
    # A point at the month's very start belongs to the day before it.
    return {day: bad for day, bad in by_day.items() if day >= first}


def _table(report: Report, spent: Sequence[_Spent]) -> tuple[list[str], list[list[str]]]:
    header = ["Day", *(f"{row.title}: bad requests so far" for row, _ in spent)]
    by_day = [_bad_by_day(report, burn) for _, burn in spent]
    dates = sorted({date for days in by_day for date in days})
    rows = [
        [date, *(format_count(days[date]) if date in days else "" for days in by_day)]
        for date in dates
    ]
    return header, rows
