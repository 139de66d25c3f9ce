"""Notable: what happened in the month, in sentences; the team's own notes first."""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

from slo_report.errors import InputError
from slo_report.months import day_text
from slo_report.report.parts.days import DailySeries
from slo_report.report.parts.findings import Notable
from slo_report.report.parts.row import ObjectiveRow
from slo_report.report.texts import format_count
from slo_report.rollup.reserved import RESERVED

LONGEST_NOTES = 100_000


def notable(
    notes: str | None,
    objectives: Sequence[ObjectiveRow],
    customers: Sequence[ObjectiveRow],
    customer_titles: Mapping[str, str],
    daily: Sequence[DailySeries],
    *,
    incomplete: bool = False,
) -> list[Notable]:
    """Return the notes of the team, then one sentence per missed promise."""
    found = [Notable(text=notes, by_hand=True)] if notes else []
    by_objective = {series.objective: series for series in daily if not series.scope}
    missed = [row for row in objectives if row.verdict == "missed" and not row.informational]
    found += [
        Notable(text=_miss(row, by_objective.get(row.id)), objective=row.id) for row in missed
    ]
    broken = [
        row
        for row in customers
        if (row.contract_target or row.slo == RESERVED) and row.verdict == "missed"
    ]
    found += [
        Notable(text=_broken_promise(row, customer_titles), objective=row.id) for row in broken
    ]
    if incomplete and not found:
        found.append(Notable(text="By what was measured no promise was broken; much was not."))
    return found


def read_notes(folder: Path | None, month: str) -> str | None:
    """Return the team's notes of the month, Markdown as written; None where there are none."""
    if folder is None:
        return None
    path = folder / f"{month}.md"
    if not path.is_file():
        return None
    try:
        return path.read_text(encoding="utf-8-sig")[:LONGEST_NOTES].strip() or None
    except UnicodeDecodeError as error:
        raise InputError(f"notes {path.name}: not UTF-8; save it as UTF-8 text") from error


def _miss(row: ObjectiveRow, series: DailySeries | None) -> str:
    return f"{row.title} missed its target: {_against(row)}.{_days(row, series)}"


def _broken_promise(row: ObjectiveRow, titles: Mapping[str, str]) -> str:
    customer = row.scope.get("customer", "")
    return (
        f"The promise to {titles.get(customer, customer)} was broken: {row.title} {_against(row)}."
    )


def _against(row: ObjectiveRow) -> str:
    """Return `78s against < 60s; 423 of 24,914 requests were beyond it, where 249 may be`."""
    text = f"{row.text} against {row.target.text}"
    if row.bad is None or row.needed_good is None:
        return text
    verb = "failed it" if row.statistic == "ratio" else "were beyond it"
    may = row.valid - row.needed_good
    where = f"where {format_count(may)} may" if may else "where none may"
    return f"{text}; {format_count(row.bad)} of {format_count(row.valid)} requests {verb}, {where}"


def _days(row: ObjectiveRow, series: DailySeries | None) -> str:
    """Return on which days it was missed, as one stretch or as a number of days."""
    if series is None:
        return ""
    missed = [point.on for point in series.days if point.verdict == "missed"]
    if not missed:
        return ""
    if row.periods is not None and row.periods.total is not None:
        days = f"{len(missed)} of {row.periods.total} days"
    elif len(missed) == 1:
        return f" Of single days only {_day(missed[0])} was beyond it."
    else:
        days = f"{len(missed)} single days"
    return f" It was missed on {days}, from {_day(missed[0])} to {_day(missed[-1])}."


def _day(on: str) -> str:
    return day_text(date.fromisoformat(on))
