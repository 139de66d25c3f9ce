"""How fast each error budget burned, against the rates that ring."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from slo_report.report.alerts import instant_text, times_text
from slo_report.report.charts.chart import Chart
from slo_report.report.charts.days import day_marks, days_of, days_since_start
from slo_report.report.charts.panels import (
    HEADING_IN,
    Grid,
    Mark,
    ValueAxis,
    columns_in,
    new_panels,
    right_of,
    set_heading,
    set_marks,
    set_values,
    widest_in,
)
from slo_report.report.charts.svg import (
    MUTED,
    SERIES,
    label,
    sentence,
    short_label,
    to_svg,
)
from slo_report.report.document import Report
from slo_report.report.parts.alerts import BurnRateEpisode, BurnRates
from slo_report.report.texts import exact, format_amount
from slo_report.wording import counted, plural

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_PANELS = 6
LOW = 0.5
"""Where the axis begins: below the even burn nothing has to be seen."""
_STRIP = 0.05
"""The height of a bar of episodes, as a share of the panel; one row a window."""
_LEAST_DAYS = 0.12
"""Five minutes of a month would be no bar at all."""
_LABEL, _LABEL_SMALL = 0.05, 0.09
"""The height of a label, as a share of the panel."""
_DAY_S = 86_400
_MARKS = (1, 3, 10, 30, 100, 300, 1000, 3000, 10_000)


@dataclass(frozen=True)
class _Burn:
    """One objective: its rates by window, and the episodes of its rules."""

    title: str
    rates: Sequence[BurnRates]
    episodes: Sequence[BurnRateEpisode]


def draw(report: Report) -> list[Chart]:
    """Return one chart: a panel per budget that an alert watches, the most often rung first."""
    burns = _burns(report)
    shown = burns[:MOST_PANELS]
    if not shown:
        return []
    title = sentence("Burn rate over the month, and when it would have rung")
    alt = sentence(" ".join(_alt(burn) for burn in shown) + _more(len(burns) - len(shown)))
    columns = 1 if len(shown) == 1 else 2
    axes_of = [_axis(burn) for burn in shown]
    lefts = columns_in([axis.width_in for axis in axes_of], columns)
    height = 2.9 if columns == 1 else 1.7
    labels = [_rule_label(rule.burn_rate, rates.window)
              for burn in shown for rates in burn.rates for rule in rates.rules]  # fmt: skip
    room = widest_in(labels, 8, "bold") + 0.1
    top = HEADING_IN + 0.15 if columns > 1 else 0.25
    grid = Grid(-(-len(shown) // columns), lefts, height=height, right=room, top=top)
    figure, panels = new_panels(grid, len(shown))
    for axes, axis, burn in zip(panels, axes_of, shown, strict=True):
        set_values(axes, axis)
        _panel(axes, report, burn, small=columns > 1)
    svg = to_svg(figure, "burn-rate", title, alt)
    header, rows = _table(report, shown)
    return [Chart("burn-rate", title, alt, svg, header, rows, "alerts")]


def _burns(report: Report) -> list[_Burn]:
    by_objective: dict[str, list[BurnRates]] = {}
    for rates in report.burn_rates or []:
        by_objective.setdefault(rates.objective, []).append(rates)
    titles = {row.id: row.title for row in report.objectives}
    burns = [
        _Burn(
            titles.get(objective, objective),
            rates,
            [e for e in report.burn_rate_alerts or [] if e.objective == objective],
        )
        for objective, rates in by_objective.items()
    ]
    return sorted(burns, key=lambda burn: len(burn.episodes), reverse=True)


def _axis(burn: _Burn) -> ValueAxis:
    rates = [rate for rates in burn.rates for rate in rates.highest if rate is not None]
    thresholds = [rule.burn_rate for rates in burn.rates for rule in rates.rules]
    # The bars of the episodes stand above the highest rate.
    high = max([*rates, *thresholds, 1.0]) * 1.25
    marks: list[Mark] = [(at, _rate_text(at)) for at in _MARKS if LOW <= at <= high]
    return ValueAxis(LOW, high * (high / LOW) ** 0.12, marks, is_log=True)


def _panel(axes: "Axes", report: Report, burn: _Burn, *, small: bool) -> None:
    days = days_of(report)
    axes.set_xlim(0, days)
    if small:
        set_heading(axes, short_label(burn.title, 36))
    axes.plot([0, days], [1, 1], color=MUTED, linewidth=1)
    for number, rates in enumerate(burn.rates):
        colour = SERIES[number % len(SERIES)]
        _line(axes, rates, colour, width=0.9 + 0.5 * number, hours=4 if small else 1)
        for rule in rates.rules:
            axes.plot([0, days], [rule.burn_rate] * 2, color=colour, linewidth=1.1,
                      linestyle=(0, (5, 3)))  # fmt: skip
        for episode in burn.episodes:
            if episode.window == rates.window:
                _shade(axes, report, episode, colour, row=number)
    _name_thresholds(axes, burn, _LABEL_SMALL if small else _LABEL)
    set_marks(axes, day_marks(report, first=0, short=small))


def _name_thresholds(axes: "Axes", burn: _Burn, room: float) -> None:
    """Name each threshold at the right, one above the other where they lie close."""
    low, high = axes.get_ylim()
    least, below = (high / low) ** room, 0.0
    named = sorted(
        (rule.burn_rate, rates.window, SERIES[number % len(SERIES)])
        for number, rates in enumerate(burn.rates)
        for rule in rates.rules
    )
    for rate, window, colour in named:
        below = max(rate, below * least)
        axes.text(1, below, _rule_label(rate, window), transform=right_of(axes, 4), color=colour,
                  va="center_baseline", fontsize=8, fontweight="bold")  # fmt: skip


def _line(axes: "Axes", rates: BurnRates, colour: str, *, width: float, hours: int) -> None:
    """Draw the highest rate of each hour, or of several in a small panel; no traffic is a gap."""
    at, heights = [], []
    for start in range(0, len(rates.highest), hours):
        known = [rate for rate in rates.highest[start : start + hours] if rate is not None]
        at.append(start * rates.step_s / _DAY_S)
        heights.append(max(LOW / 2, *known) if known else float("nan"))
    axes.step(at, heights, where="post", color=colour, linewidth=width)


def _shade(axes: "Axes", report: Report, episode: BurnRateEpisode, colour: str, row: int) -> None:
    """Shade the time in which a rule rang, with a bar at the top in the row of its window."""
    days = days_of(report)
    start = days_since_start(report, episode.from_)
    end = days_since_start(report, episode.to) if episode.to else days
    end = min(days, max(end, start + _LEAST_DAYS))
    axes.axvspan(start, end, color=colour, alpha=0.13, linewidth=0)
    top = 1 - row * _STRIP
    axes.axvspan(start, end, ymin=top - _STRIP * 0.75, ymax=top, color=colour, linewidth=0)


def _rate_text(rate: float) -> str:
    return f"{format_amount(exact(rate), up=True)}x"


def _rule_label(rate: float, window: str) -> str:
    return label(f"{_rate_text(rate)} in {window}")


def _alt(burn: _Burn) -> str:
    """Say how fast the budget burned at most and what rang, with the first time."""
    parts = []
    for rates in burn.rates:
        known = [rate for rate in rates.highest if rate is not None]
        if known:
            parts.append(f"{_rate_text(max(known))} over {rates.window}")
    text = f"Burn rate of {burn.title}: at most {', '.join(parts) or 'unknown'}"
    if not burn.episodes:
        return f"{text}; no rule rang."
    worst = max(burn.episodes, key=lambda episode: episode.peak or 0)
    times = times_text(len(burn.episodes))
    return f"{text}; rules rang {times}, worst on {instant_text(worst.from_)} ({worst.peak_text})."


def _more(count: int) -> str:
    are = plural(count, "is", "are")
    return f" {counted(count, 'more budget')} {are} watched." if count else ""


def _table(report: Report, burns: Sequence[_Burn]) -> tuple[list[str], list[list[str]]]:
    """Return the highest burn rate of each local day, one column a budget and window."""
    columns = [(burn, rates) for burn in burns for rates in burn.rates]
    header = ["Day", *(f"{burn.title}: highest over {rates.window}" for burn, rates in columns)]
    by_day: dict[str, list[int]] = {}
    for hour in range(max((len(rates.highest) for _, rates in columns), default=0)):
        by_day.setdefault(_date(report, hour), []).append(hour)
    rows = [
        [date, *(_highest(rates.highest[hours[0] : hours[-1] + 1]) for _, rates in columns)]
        for date, hours in by_day.items()
    ]
    return header, rows


def _date(report: Report, hour: int) -> str:
    """Return the local date of an hour, counted from the month's start."""
    start = datetime.fromisoformat(report.window.from_) + timedelta(hours=hour)
    return start.astimezone(ZoneInfo(report.timezone)).date().isoformat()


def _highest(rates: Sequence[float | None]) -> str:
    known = [rate for rate in rates if rate is not None]
    return _rate_text(max(known)) if known else ""
