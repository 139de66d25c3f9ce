"""Customers against their own promises: a row each, a panel for each of up to three objectives."""

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from slo_report.report.charts.chart import Chart
from slo_report.report.charts.panels import (
    DAYS_IN,
    HEADING_IN,
    Grid,
    linear_axis,
    new_panels,
    right_of,
    set_heading,
    set_marks,
    set_names,
    widest_in,
)
from slo_report.report.charts.svg import (
    BLUE,
    GRID,
    INK,
    MUTED,
    SURFACE,
    VERMILLION,
    label,
    sentence,
    short_label,
    to_svg,
)
from slo_report.report.document import Report
from slo_report.report.parts.row import ObjectiveRow
from slo_report.report.tables import worst_first
from slo_report.wording import counted, out_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

NOBODY = "(no customer)"
"""The row of requests that name no customer; in the picture, but not counted as one."""
MOST_CUSTOMERS = 20
MOST_PANELS = 3
LONGEST_FIGURE = 24
ROW_IN = 0.25

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
    names = [label(name, 24) for name, _ in shown]
    texts = [_figure_text(row) for _, own in shown for row in own.values() if row.id in objectives]
    grid = Grid(
        1, [widest_in(names) + 0.12, *[0.12] * (len(objectives) - 1)], ROW_IN * len(shown),
        right=widest_in(texts, weight="bold") + 0.1, top=HEADING_IN + 0.1,
        bottom=DAYS_IN + (0.25 if others else 0),
    )  # fmt: skip
    figure, panels = new_panels(grid, len(objectives))
    for axes, objective in zip(panels, objectives, strict=True):
        _panel(axes, [own.get(objective) for _, own in shown], titles.get(objective, objective))
    set_names(panels[0], names)
    if others:
        figure.text(0.01, 0.01, _others_text(others), color=MUTED, va="bottom")
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


def _worst(customer: _Customer) -> tuple[int, bool, float, float, int]:
    return min(worst_first(row) for row in customer[1].values())


def _panel(axes: "Axes", rows: Sequence[ObjectiveRow | None], title: str) -> None:
    present = [(y, row) for y, row in enumerate(rows) if row is not None and row.value is not None]
    low, high = _limits([row for _, row in present])
    room = (high - low) or 1.0
    axes.set_xlim(low - room * 0.05, high + room * 0.05)
    axes.set_ylim(len(rows) - 0.5, -0.5)
    _dots(axes, present, low, high)
    at_right = right_of(axes, 2)
    for y, row in present:
        missed = row.verdict == "missed"
        axes.text(1, y, _figure_text(row), transform=at_right, va="center_baseline", fontsize=8,
                  color=INK if missed else MUTED,
                  fontweight="bold" if missed else "normal")  # fmt: skip
    set_heading(axes, short_label(title, 30), size=9.5)
    if present:
        set_marks(axes, linear_axis(low, high, present[0][1].target.unit, 4).marks)


def _figure_text(row: ObjectiveRow) -> str:
    text = label(row.text, LONGEST_FIGURE)
    return f"✗ {text}" if row.verdict == "missed" else text


def _limits(rows: Sequence[ObjectiveRow]) -> tuple[float, float]:
    """Return the axis: one far-off customer must not press all others into a point."""
    if not rows:
        return 0.0, 1.0
    values = [row.value for row in rows if row.value is not None]
    targets = [_target(row) for row in rows]
    if rows[0].target.unit == "ratio":
        least = min(targets)
        # Eight budgets below the loosest promise is far enough to look bad.
        return max(min([*values, least]), least - 8 * max(1 - least, 0.0005)), max([*values, 1.0])
    return min([0.0, *values]), min(max([*values, *targets]), 4 * max(targets))


def _target(row: ObjectiveRow) -> float:
    return float(Decimal(row.target.value))


def _dots(axes: "Axes", rows: Sequence[tuple[int, ObjectiveRow]], low: float, high: float) -> None:
    """Draw each figure as a dot on a stem that begins at its own target."""
    from matplotlib.collections import LineCollection  # matplotlib is loaded late

    places = {y: min(max(row.value or 0.0, low), high) for y, row in rows}
    stems = [((places[y], y), (_target(row), y)) for y, row in rows]
    colours = [VERMILLION if row.verdict == "missed" else GRID for _, row in rows]
    axes.add_collection(LineCollection(stems, colors=colours, linewidths=1.4), autolim=False)
    axes.plot([_target(row) for _, row in rows], list(places), linestyle="none", marker="|",
              markersize=11, markeredgewidth=1.8, color=INK)  # fmt: skip
    for missed in (False, True):
        for few in (False, True):
            group = [
                y for y, row in rows
                if (row.verdict == "missed") == missed and row.few_events == few
            ]  # fmt: skip
            colour = VERMILLION if missed else BLUE
            axes.plot(
                [places[y] for y in group], group, linestyle="none", color=colour,
                marker="X" if missed else "o", markersize=7 if missed else 6,
                markerfacecolor=SURFACE if few else colour,
            )  # fmt: skip


def _others_text(others: Sequence[_Customer]) -> str:
    missing = sum(_misses(customer) > 0 for customer in others)
    number = counted(len(others), "other")
    return f"{number}, {missing} with a miss" if missing else f"{number} met"


def _alt(customers: Sequence[_Customer]) -> str:
    missing = [customer for customer in customers if _misses(customer)]
    known = [customer for customer in customers if customer[0] != NOBODY] or customers
    of = out_of(sum(_misses(customer) > 0 for customer in known), len(known), "customer")
    text = f"{of} missed a target"
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
