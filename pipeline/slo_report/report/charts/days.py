"""The days of the month as the charts see them."""

from calendar import monthrange
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from slo_report.months import MONTH_NAMES, day_text
from slo_report.report.charts.panels import Mark
from slo_report.report.document import Report
from slo_report.report.parts.days import DailySeries
from slo_report.report.parts.row import ObjectiveRow

_SECONDS_OF_DAY = 86_400


def days_of(report: Report) -> int:
    """Return how many days the report's month has."""
    year, month = _year_month(report)
    return monthrange(year, month)[1]


def day_number(on: str) -> int:
    """Return the day of the month of a local date."""
    return int(on[8:10])


def axis_day(report: Report, day: int) -> str:
    """Return a day as an axis has it: Apr 30."""
    return day_text(date(*_year_month(report), day))


def prose_day(report: Report, day: int) -> str:
    """Return a day as prose has it: April 30."""
    return f"{MONTH_NAMES[_year_month(report)[1] - 1]} {day}"


def panel_title(report: Report, row: ObjectiveRow) -> str:
    """Return what tells a panel from its neighbours: its title less its SLO's, or nothing."""
    titles = [definition.title for definition in report.definitions if definition.slo == row.slo]
    rest = row.title.removeprefix(titles[0]) if titles else row.title
    # The dashed line of a percentile names its statistic itself.
    return rest.replace(f" {row.statistic}", "", 1).lstrip(" :")


def date_until(at: str) -> str:
    """Return the local date that an instant ends: midnight still belongs to the day before."""
    return (datetime.fromisoformat(at) - timedelta(microseconds=1)).date().isoformat()


def days_since_start(report: Report, at: str) -> float:
    """Return where an instant lies on the month's axis."""
    start = datetime.fromisoformat(report.window.from_)
    return (datetime.fromisoformat(at) - start).total_seconds() / _SECONDS_OF_DAY


def day_marks(report: Report, *, first: float = 1, short: bool = False) -> list[Mark]:
    """Return the few dates that the day axis names; `first` is where the 1st lies."""
    days = days_of(report)
    marked = [1, 15, days] if short else [1, 8, 15, 22, days]
    return [(day - 1 + first, axis_day(report, day)) for day in marked]


def whole_series(report: Report) -> list[tuple[ObjectiveRow, DailySeries]]:
    """Return the objectives that have daily figures, with them, in the report's order."""
    found = {(series.objective, _key(series.scope)): series for series in report.daily}
    pairs = [(row, found.get((row.id, _key(row.scope)))) for row in report.objectives]
    return [(row, series) for row, series in pairs if series is not None and series.days]


def days_table(
    named: Sequence[tuple[str, DailySeries]],
) -> tuple[list[str], list[list[str]]]:
    """Return the header and rows of a table of days, one column a series."""
    dates = sorted({point.on for _, series in named for point in series.days})
    texts = [{point.on: point.text for point in series.days} for _, series in named]
    rows = [[date, *(column.get(date, "") for column in texts)] for date in dates]
    return ["Day", *(title for title, _ in named)], rows


def _key(scope: dict[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(scope.items()))


def _year_month(report: Report) -> tuple[int, int]:
    year, month = report.month.split("-")
    return int(year), int(month)
