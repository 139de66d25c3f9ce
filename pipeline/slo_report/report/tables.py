"""The report's tables: finished cells, the same for Markdown and for the page."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from slo_report.months import day_text
from slo_report.report.document import Report
from slo_report.report.head import WORDS, budget_rank
from slo_report.report.parts.row import ObjectiveRow
from slo_report.report.texts import exact, format_amount
from slo_report.wording import format_count, plural

MOST_ROWS = 50
"""Rows of one table that are printed; report.json has them all."""
MOST_OBJECTIVES = 200
ROWS_NAMED_SHORT = 4
"""Rows from which on a table under an SLO's heading leaves the SLO's title out."""

Kind = Literal["text", "number", "verdict"]


@dataclass(frozen=True)
class Column:
    """A table's column: how it is headed and what stands in it."""

    label: str
    kind: Kind = "text"


@dataclass(frozen=True)
class Table:
    """A table to be placed; the cells of a verdict column hold the verdict's key."""

    caption: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[str]]
    more: int = 0
    """Rows left out here, to be found in report.json."""
    folded: bool = False
    notes: Sequence[str] = field(default=())


@dataclass(frozen=True)
class _Source:
    column: Column
    read: Callable[[ObjectiveRow], str]


def _is_few(row: ObjectiveRow) -> bool:
    # A target of 100% allows nothing at any size: that isn't for want of requests.
    return row.few_events and row.valid > 0 and row.target.value != "1"


def _requests(row: ObjectiveRow) -> str:
    return format_count(row.valid) + (" (few)" if _is_few(row) else "")


def _needed(row: ObjectiveRow) -> str:
    return "" if row.needed_good is None else format_count(row.needed_good)


def _bad(row: ObjectiveRow) -> str:
    return "" if row.bad is None else format_count(row.bad)


def _good(row: ObjectiveRow) -> str:
    return "" if row.good is None else format_count(row.good)


def _seen(row: ObjectiveRow) -> str:
    # Said only where it differs: most objectives exclude nothing.
    seen = row.as_seen
    if seen is None or seen.text == row.text:
        return ""
    if row.periods is not None and row.periods.total is not None:
        return ""  # it is the whole month's, and no reading of the worst day
    return seen.text if seen.verdict == row.verdict else f"{seen.text} ({WORDS[seen.verdict]})"


def _worst_reading(row: ObjectiveRow) -> str:
    reading = row.worst_reading
    return "" if reading is None else f"{reading.text} on {day_text(reading.on)}"


def _days_met(row: ObjectiveRow) -> str:
    periods = row.periods
    return f"{periods.met} of {periods.total}" if periods is not None and periods.total else ""


def _worst_day(row: ObjectiveRow) -> str:
    periods = row.periods
    # Its figure is the measured one.
    return "" if periods is None or periods.worst_on is None else day_text(periods.worst_on)


def _whole_month(row: ObjectiveRow) -> str:
    return "" if row.periods is None else row.periods.month_text or ""


def _change(row: ObjectiveRow) -> str:
    return "" if row.change is None else row.change.delta_text


def budget_text(row: ObjectiveRow) -> str:
    """Return how far an objective's budget is used: 76%, exhausted, untouched; or nothing."""
    if row.budget is None or not row.valid:
        return ""
    if row.budget.used is None:
        # A target of 100% allows no bad event: there is no share to name.
        return "exhausted" if row.budget.used_events else "untouched"
    return row.budget.text


def _target(row: ObjectiveRow) -> str:
    return row.target.text + (" (contract)" if row.contract_target else "")


_OBJECTIVE = _Source(Column("Objective"), lambda row: row.title)
_MEASURED = _Source(Column("Measured", "number"), lambda row: row.text)
_TARGET = _Source(Column("Target", "number"), _target)
_VERDICT = _Source(Column("Verdict", "verdict"), lambda row: row.verdict)
_BUDGET = _Source(Column("Budget used", "number"), budget_text)
_REQUESTS = _Source(Column("Requests", "number"), _requests)
_BAD = _Source(Column("Bad", "number"), _bad)

OVERVIEW = (
    _OBJECTIVE, _MEASURED, _TARGET, _VERDICT, _BUDGET, _REQUESTS, _BAD,
    _Source(Column("Since last month", "number"), _change),
)  # fmt: skip
DETAIL = (
    _OBJECTIVE, _MEASURED, _TARGET, _VERDICT, _REQUESTS,
    _Source(Column("Good", "number"), _good),
    _Source(Column("Good needed", "number"), _needed),
    _Source(Column("95% interval", "number"), lambda row: row.interval_text or ""),
    _Source(Column("Nothing excluded", "number"), _seen),
    _Source(Column("Days met", "number"), _days_met),
    _Source(Column("Worst day", "number"), _worst_day),
    _Source(Column("Whole month", "number"), _whole_month),
    _Source(Column("Worst reading", "number"), _worst_reading),
    _Source(Column("Window"), lambda row: row.window_text),
)  # fmt: skip
BREAKDOWN = (_OBJECTIVE, _MEASURED, _TARGET, _VERDICT, _BUDGET, _REQUESTS, _BAD)

FEW_NOTE = "few: the whole budget is less than one request, so a single failure decides."


def objectives_table(
    caption: str,
    rows: Sequence[ObjectiveRow],
    sources: Sequence[_Source] = OVERVIEW,
    most: int = MOST_OBJECTIVES,
) -> Table:
    """Return one line per objective, in the report's order."""
    shown = rows[:most]
    cells = [[source.read(row) for source in sources] for row in shown]
    columns = [source.column for source in sources]
    notes = (FEW_NOTE,) if any(_is_few(row) for row in shown) else ()
    return without_empty(Table(caption, columns, cells, len(rows) - len(shown), notes=notes))


def detail_table(title: str, rows: Sequence[ObjectiveRow]) -> Table:
    """Return everything measured of one SLO, what all its rows share said once."""
    windows = {row.window_text for row in rows}
    shared = len(windows) == 1
    caption = f"{title} in detail" + (f", {windows.pop()}" if shared else "")
    table = objectives_table(caption, rows, DETAIL[:-1] if shared else DETAIL)
    if len(rows) < ROWS_NAMED_SHORT:
        return table
    # Under the SLO's own heading its title need not stand in every row.
    short = [row.title.removeprefix(title).lstrip(" :") or row.title for row in rows]
    cells = [[name, *cells[1:]] for name, cells in zip(short, table.rows, strict=False)]
    return replace(table, rows=cells)


def breakdown_table(
    caption: str, label: str, named: Sequence[tuple[str, ObjectiveRow]], *, folded: bool = False
) -> Table:
    """Return one line per value of a breakdown and objective, worst first."""
    ranked = sorted(named, key=lambda pair: worst_first(pair[1]))
    source = objectives_table(caption, [row for _, row in ranked], BREAKDOWN, MOST_ROWS)
    cells = [[key, *cells] for (key, _), cells in zip(ranked, source.rows, strict=False)]
    columns = [Column(label), *source.columns]
    return replace(source, columns=columns, rows=cells, folded=folded)


def worst_first(row: ObjectiveRow) -> tuple[int, bool, float, float, int]:
    """Return a sorting key: missed, then by budget and by share of bad requests; few come last."""
    order = ("missed", "met", "no_data", "not_in_use").index(row.verdict)
    bad_share = (row.bad or 0) / row.valid if row.valid else 0.0
    return (order, _is_few(row), -budget_rank(row), -bad_share, -row.valid)


def budget_table(rows: Sequence[ObjectiveRow]) -> Table | None:
    """Return what each error budget allowed and what is gone of it."""
    labels = (
        "Used", "Allowed bad requests", "Bad requests", "Minutes allowed", "Minutes used",
    )  # fmt: skip
    columns = [Column("Objective"), *(Column(label, "number") for label in labels), Column("State")]
    cells = []
    for row in rows:
        # Nothing asked is no healthy budget.
        if (budget := row.budget) is not None and row.valid:
            used = budget.minutes_used
            minutes = "n/a" if used is None else format_amount(exact(used), up=True)
            allowed = format_amount(exact(budget.allowed), up=False)
            of = format_amount(exact(budget.minutes), up=False)
            used_events = format_count(budget.used_events)
            cells.append([row.title, budget.text, allowed, used_events, of, minutes, budget.state])
    caption = "Error budgets of the month"
    return Table(caption, columns, cells[:MOST_ROWS], len(cells[MOST_ROWS:])) if cells else None


def named_rows(
    column: str, rows: Sequence[ObjectiveRow], titles: Mapping[str, str] | None = None
) -> list[tuple[str, ObjectiveRow]]:
    """Return each row of a breakdown with the name of the value it stands for."""
    keys = [row.scope.get(column, "") for row in rows]
    return [((titles or {}).get(key, key), row) for key, row in zip(keys, rows, strict=True)]


def left_out_note(report: Report, column: str) -> list[str]:
    """Say how many rows a breakdown had beyond those that were kept."""
    rows = max((item.rows for item in report.left_out if item.column == column), default=0)
    are = plural(rows, "is", "are")
    return [f"{format_count(rows)} more with fewer requests {are} not listed."] if rows else []


def pairs_table(caption: str, labels: tuple[str, str], rows: Mapping[str, str]) -> Table:
    """Return a table of a name and a figure."""
    columns = (Column(labels[0]), Column(labels[1], "number"))
    return _cut(Table(caption, columns, [list(pair) for pair in rows.items()]))


def text_table(caption: str, labels: Sequence[str], rows: Sequence[Sequence[str]]) -> Table:
    """Return a table of texts."""
    return _cut(Table(caption, [Column(label) for label in labels], rows))


def _cut(table: Table) -> Table:
    return replace(table, rows=table.rows[:MOST_ROWS], more=len(table.rows[MOST_ROWS:]))


def without_empty(table: Table) -> Table:
    """Leave out the columns that no row fills."""
    kept = [i for i in range(len(table.columns)) if any(row[i] for row in table.rows)]
    columns = [table.columns[i] for i in kept]
    return replace(table, columns=columns, rows=[[row[i] for i in kept] for row in table.rows])
