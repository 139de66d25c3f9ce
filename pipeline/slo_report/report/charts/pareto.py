"""What ate the budget: for each looked-at objective its incidents, and what no incident holds."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from slo_report.report.charts.chart import Chart
from slo_report.report.charts.panels import (
    DAYS_IN,
    Grid,
    linear_axis,
    new_panels,
    right_of,
    set_marks,
    widest_in,
)
from slo_report.report.charts.svg import (
    GRID,
    INK,
    MUTED,
    VERMILLION,
    label,
    sentence,
    short_label,
    to_svg,
)
from slo_report.report.document import Report
from slo_report.report.parts.row import ObjectiveRow
from slo_report.report.texts import exact, format_ratio
from slo_report.wording import counted, format_count

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_OBJECTIVES = 6
ROW_IN = 0.27
MOST_LABEL = 48
"""Characters beside a bar; the table of incidents has the dates that have no room."""
_TITLE_IN = 9
_NOT_IN_ONE = "in no incident"


@dataclass(frozen=True)
class _Bar:
    name: str
    bad: int
    share: float
    upto: float
    """Share of the bad requests by the end of this bar."""
    is_incident: bool


def draw(report: Report) -> list[Chart]:
    """Return one chart: a group of bars for each objective that has an incident."""
    groups = _groups(report)
    if not groups:
        return []
    shown = groups[:MOST_OBJECTIVES]
    title = "What ate the budget: the incidents among the bad requests"
    alt = sentence(_alt(shown))
    names = [short_label(bar.name, MOST_LABEL) for _, bars in shown for bar in bars]
    texts = [_text(bar) for _, bars in shown for bar in bars]
    lines = sum(len(bars) + 1 for _, bars in shown)
    grid = Grid(
        1, [widest_in(names) + 0.15], ROW_IN * lines, right=widest_in(texts) + 0.12, bottom=DAYS_IN
    )
    figure, (axes,) = new_panels(grid, 1)
    axes.set_xlim(0, 1)
    axes.set_ylim(lines - 0.5, -0.6)
    set_marks(axes, linear_axis(0, 1, "ratio", 4).marks)
    y = 0
    for row, bars in shown:
        _group(axes, row, bars, y)
        y += len(bars) + 1
    svg = to_svg(figure, "pareto", title, alt)
    header = ["What", "Objective", "Bad requests", "Share", "With those above"]
    rows = [
        [bar.name, row.title, format_count(bar.bad), _share(bar.share), _share(bar.upto)]
        for row, bars in shown
        for bar in bars
    ]
    return [Chart("pareto", title, alt, svg, header, rows, "burned", more=len(groups) - len(shown))]


def _groups(report: Report) -> list[tuple[ObjectiveRow, list[_Bar]]]:
    rows = {row.id: row for row in report.objectives}
    everyones = [incident for incident in report.incidents if not incident.scope]
    order = dict.fromkeys(incident.objective for incident in everyones)
    return [(rows[id_], _bars(report, rows[id_])) for id_ in order if id_ in rows]


def _bars(report: Report, row: ObjectiveRow) -> list[_Bar]:
    own = [i for i in report.incidents if i.objective == row.id and not i.scope]
    own.sort(key=lambda incident: (-incident.bad, incident.number))
    total, upto, bars = row.bad or 1, 0, []
    for incident in own:
        upto += incident.bad
        name = f"{incident.number}: {incident.title}"
        if len(name) + len(incident.when) + 2 <= MOST_LABEL:
            name += f", {incident.when}"
        bars.append(_Bar(name, incident.bad, incident.bad / total, upto / total, is_incident=True))
    if rest := total - upto:
        bars.append(_Bar(_NOT_IN_ONE, rest, rest / total, 1.0, is_incident=False))
    return bars


def _group(axes: "Axes", row: ObjectiveRow, bars: Sequence[_Bar], top: int) -> None:
    heading = f"{short_label(row.title, 60)}: {counted(row.bad or 0, 'bad request')}"
    axes.text(0, top, heading, va="center_baseline", color=INK, fontsize=_TITLE_IN,
              fontweight="bold")  # fmt: skip
    at_left, at_right = right_of(axes, -4), right_of(axes, 4)
    before = 0.0
    for y, bar in enumerate(bars, start=top + 1):
        colour = VERMILLION if bar.is_incident else GRID
        # Each bar begins where the one above ended, so that their ends are the running total.
        axes.barh(y, bar.share, left=before, height=0.62, color=colour, linewidth=0)
        before = bar.upto
        axes.text(0, y, short_label(bar.name, MOST_LABEL), transform=at_left, ha="right",
                  va="center_baseline", color=INK if bar.is_incident else MUTED)  # fmt: skip
        axes.text(1, y, _text(bar), transform=at_right, va="center_baseline",
                  color=INK if bar.is_incident else MUTED)  # fmt: skip


def _text(bar: _Bar) -> str:
    return f"{format_count(bar.bad)} ({_share(bar.share)})"


def _share(share: float) -> str:
    return format_ratio(exact(share)).partition(".")[0] + "%" if share < 1 else "100%"


def _alt(groups: Sequence[tuple[ObjectiveRow, list[_Bar]]]) -> str:
    parts = []
    for row, bars in groups:
        told = ", ".join(
            f"{label(bar.name, 80)} has {format_count(bar.bad)} ({_share(bar.share)})"
            for bar in bars
        )
        parts.append(f"Of {counted(row.bad or 0, 'bad request')} of {row.title}, {told}")
    return ". ".join(parts) + "."
