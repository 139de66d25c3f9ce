"""Notable: what happened in the month, in sentences; the team's own notes first."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from slo_report.errors import InputError
from slo_report.months import day_text
from slo_report.report.document import DailySeries, Notable, ObjectiveRow
from slo_report.report.texts import format_count

MOST_CUSTOMERS_NAMED = 3
LONGEST_NOTES = 100_000


def notable(
    notes: str | None,
    objectives: Sequence[ObjectiveRow],
    customers: Sequence[ObjectiveRow],
    daily: Sequence[DailySeries],
) -> list[Notable]:
    """Return the notes of the team, then one sentence per missed promise."""
    found = [Notable(text=notes, by_hand=True)] if notes else []
    by_objective = {series.objective: series for series in daily if not series.scope}
    missed = [row for row in objectives if row.verdict == "missed" and not row.informational]
    found += [
        Notable(text=_miss(row, by_objective.get(row.id)), objective=row.id) for row in missed
    ]
    broken = [row for row in customers if row.contract_target and row.verdict == "missed"]
    found += [Notable(text=_broken_promise(row), objective=row.id) for row in broken]
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
    sentence = f"{row.title} missed: {row.text} against a target of {row.target.text}"
    if row.bad is not None and row.needed_good is not None:
        sentence += (
            f"; {format_count(row.bad)} of {format_count(row.valid)} requests were not good, "
            f"{format_count(row.valid - row.needed_good)} may be"
        )
    if row.periods is not None and row.periods.total is not None:
        sentence += f"; {row.periods.met} of {row.periods.total} days met it"
    return sentence + _stretch(series) + "."


def _stretch(series: DailySeries | None) -> str:
    """Return when the days were that missed, as one stretch or a count."""
    if series is None:
        return ""
    bad = [point.on for point in series.days if point.verdict == "missed"]
    if not bad:
        return ""
    first, last = (day_text(date.fromisoformat(on)) for on in (bad[0], bad[-1]))
    if len(bad) == 1:
        return f"; only {first} was beyond it on its own"
    return f"; {len(bad)} days were beyond it on their own, from {first} to {last}"


def _broken_promise(row: ObjectiveRow) -> str:
    customer = row.scope.get("customer", "")
    return (
        f"The promise to {customer} was broken: {row.title} {row.text} "
        f"against their {row.target.text}."
    )
