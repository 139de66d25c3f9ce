"""The charts of a report. A new one is a module with `draw` and a line in CHARTS."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from slo_report.report.charts import (
    burn_down,
    burn_rate,
    customers,
    daily_floor,
    heatmap,
    months,
    pareto,
    percentiles,
)
from slo_report.report.charts.chart import Chart
from slo_report.report.charts.svg import drawing, to_png
from slo_report.report.document import Report

if TYPE_CHECKING:
    from matplotlib.figure import Figure

CHARTS: tuple[Callable[[Report], list[Chart]], ...] = (
    burn_down.draw,
    burn_rate.draw,
    heatmap.draw,
    pareto.draw,
    percentiles.draw,
    daily_floor.draw,
    months.draw,
    customers.draw,
)


def draw_charts(report: Report) -> list[Chart]:
    """Return every chart that the report has figures for."""
    with drawing():
        return [chart for draw in CHARTS for chart in draw(report)]


def draw_pictures(
    report: Report, choose: Callable[[Sequence[Chart]], Sequence[Chart]]
) -> list[tuple[Chart, bytes]]:
    """Return the charts that `choose` takes, each with its PNG from the figure of its SVG."""
    figures: dict[str, Figure] = {}
    with drawing(figures):
        drawn = [chart for draw in CHARTS for chart in draw(report)]
        return [(chart, to_png(figures[chart.name])) for chart in choose(drawn)]
