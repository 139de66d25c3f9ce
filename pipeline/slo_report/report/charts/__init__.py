"""The charts of a report. A new one is a module with `draw` and a line in CHARTS."""

from collections.abc import Callable

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
from slo_report.report.charts.svg import drawing
from slo_report.report.document import Report

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
