"""Customers against their own promises: a row each, a panel for each of up to three objectives."""

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from slo_report.report.charts.chart import Chart
from slo_report.report.charts.svg import (
    BLUE,
    GRID,
    INK,
    MUTED,
    SURFACE,
    VERMILLION,
    drawing,
    label,
    new_figure,
    sentence,
    to_svg,
)
from slo_report.report.document import ObjectiveRow, Report
from slo_report.report.tables import worst_first
from slo_report.report.texts import format_count, format_exact

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_CUSTOMERS = 20
MOST_PANELS = 3

_Customer = tuple[str, dict[str, ObjectiveRow]]


def draw(report: Report) -> list[Chart]:
    """Return the dots of the customers, worst first."""
    judged = [
        row for row in report.customers
        if not row.informational and row.verdict in ("met", "missed") and row.value is not None
    ]  # fmt: skip
    objectives = _objectives(judged)
    customers = _customers(report, judged)
    if not customers:
        return []
    shown, others = customers[:MOST_CUSTOMERS], customers[MOST_CUSTOMERS:]
    title, alt = "Customers against their own targets", sentence(_alt(customers))
    titles = {row.id: row.title for row in report.objectives}
    with drawing():
        figure, panels = new_figure(1.0 + 0.26 * len(shown), 1, len(objectives))
        for place, (axes, objective) in enumerate(zip(panels, objectives, strict=True)):
            rows = [own.get(objective) for _, own in shown]
            _panel(axes, rows, titles.get(objective, objective))
            names = [label(name, 24) for name, _ in shown] if place == 0 else []
            axes.set_yticks(range(len(names)), names, color=INK)
        if others:
            figure.supxlabel(_others_text(others), fontsize=8.5, color=MUTED, x=0.01, ha="left")
        svg = to_svg(figure, "customers", title, alt)
    header, rows_ = _table(shown, objectives, titles)
    return [Chart("customers", title, alt, svg, header, rows_, "customers", more=len(others))]


def _objectives(rows: Sequence[ObjectiveRow]) -> list[str]:
    """Return the objectives that most customers missed, in the report's order."""
    order = list(dict.fromkeys(row.id for row in rows))
    missed = {key: sum(row.id == key and row.verdict == "missed" for row in rows) for key in order}
    chosen = set(sorted(order, key=lambda key: -missed[key])[:MOST_PANELS])
    return [key for key in order if key in chosen]


def _customers(report: Report, rows: Sequence[ObjectiveRow]) -> list[_Customer]:
    by_key: dict[str, dict[str, ObjectiveRow]] = {}
    for row in rows:
        by_key.setdefault(row.scope.get("customer", ""), {})[row.id] = row
    named = [(report.customer_titles.get(key, key), own) for key, own in by_key.items()]
    return sorted(named, key=lambda pair: (-_misses(pair), _worst(pair), pair[0]))


def _misses(customer: _Customer) -> int:
    return sum(row.verdict == "missed" for row in customer[1].values())


def _worst(customer: _Customer) -> tuple[int, float, float, int]:
    return min(worst_first(row) for row in customer[1].values())


def _panel(axes: "Axes", rows: Sequence[ObjectiveRow | None], title: str) -> None:
    present = [row for row in rows if row is not None]
    values = [row.value for row in present if row.value is not None]
    targets = [float(Decimal(row.target.value)) for row in present]
    low, high = _limits(values, targets, present)
    room = (high - low) or 1.0
    for y, row in enumerate(rows):
        if row is not None and row.value is not None:
            _dot(axes, y, row, min(max(row.value, low), high))
            missed = row.verdict == "missed"
            axes.annotate(
                f"✗ {row.text}" if missed else row.text, (1, y), (2, 0),
                xycoords=("axes fraction", "data"), textcoords="offset points",
                va="center", ha="left", color=INK if missed else MUTED, annotation_clip=False,
                fontweight="bold" if missed else "normal", fontsize=8,
            )  # fmt: skip
    axes.set_xlim(low - room * 0.05, high + room * 0.05)
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.set_yticks([])
    axes.grid(visible=False)
    axes.set_title(label(title, 30))
    if present:
        _mark_values(axes, present[0].target.unit)


def _limits(
    values: Sequence[float], targets: Sequence[float], rows: Sequence[ObjectiveRow]
) -> tuple[float, float]:
    """Return the axis: one far-off customer must not press all others into a point."""
    if not values:
        return 0.0, 1.0
    if rows[0].target.unit == "ratio":
        least = min(targets)
        # Eight budgets below the loosest promise is far enough to look bad.
        return max(min([*values, least]), least - 8 * max(1 - least, 0.0005)), max([*values, 1.0])
    return min([0.0, *values]), min(max([*values, *targets]), 4 * max(targets))


def _dot(axes: "Axes", y: int, row: ObjectiveRow, at: float) -> None:
    target = float(Decimal(row.target.value))
    missed = row.verdict == "missed"
    axes.plot([at, target], [y, y], color=VERMILLION if missed else GRID, linewidth=1.4)
    axes.plot([target], [y], marker="|", markersize=11, markeredgewidth=1.8, color=INK)
    colour = VERMILLION if missed else BLUE
    axes.plot([at], [y], marker="X" if missed else "o", markersize=7 if missed else 6, color=colour,
              markerfacecolor=SURFACE if row.few_events else colour)  # fmt: skip


def _mark_values(axes: "Axes", unit: str) -> None:
    from matplotlib.ticker import FuncFormatter, MaxNLocator  # loaded late

    def text(value: float, _place: int) -> str:
        if not value:
            return "0"
        return format_exact(Decimal(f"{value:.6g}"), unit)

    axes.xaxis.set_major_locator(MaxNLocator(3))
    axes.xaxis.set_major_formatter(FuncFormatter(text))


def _others_text(others: Sequence[_Customer]) -> str:
    missing = sum(_misses(customer) > 0 for customer in others)
    number = format_count(len(others))
    return f"{number} others, {missing} with a miss" if missing else f"{number} others met"


def _alt(customers: Sequence[_Customer]) -> str:
    missing = [customer for customer in customers if _misses(customer)]
    total = format_count(len(customers))
    text = f"{format_count(len(missing))} of {total} customers missed a target of their own"
    worst = [
        f"{label(name)}: {row.title} {row.text} (target {row.target.text})"
        for name, own in missing[:3] for row in own.values() if row.verdict == "missed"
    ]  # fmt: skip
    return f"{text}. {'; '.join(worst[:5])}." if worst else f"{text}."


def _table(
    shown: Sequence[_Customer], objectives: Sequence[str], titles: dict[str, str]
) -> tuple[list[str], list[list[str]]]:
    header = ["Customer"]
    for objective in objectives:
        header += [titles.get(objective, objective), "Target", "Verdict"]
    rows = []
    for name, own in shown:
        cells = [name]
        for objective in objectives:
            row = own.get(objective)
            cells += [row.text, row.target.text, row.verdict] if row else ["", "", ""]
        rows.append(cells)
    return header, rows
