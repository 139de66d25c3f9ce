"""Each objective beside the month before, read from that month's own report.json."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path

from pydantic import ValidationError

from slo_report.report.document import Report
from slo_report.report.parts.row import Change, ObjectiveRow
from slo_report.report.texts import format_amount, format_duration_s


def previous_report(reports: Path, month: str) -> Report | None:
    """Return the report of `month` as it was published, None where there is none to read."""
    return report_in(reports / month)


def report_in(folder: Path) -> Report | None:
    """Return the report that lies in a folder, None where there is none to read."""
    path = folder / "report.json"
    if not path.is_file():
        return None
    try:
        return Report.model_validate_json(path.read_bytes())
    except (ValidationError, OSError):
        # A report of another version or a damaged one is no reason to withhold this month's.
        return None


def with_change(rows: Sequence[ObjectiveRow], previous: Report | None) -> list[ObjectiveRow]:
    """Return the rows, each with the same objective of the month before where it was measured."""
    if previous is None:
        return list(rows)
    before: Mapping[str, ObjectiveRow] = {row.id: row for row in previous.objectives}
    return [
        row.model_copy(update={"change": _change(row, before[row.id], previous.month)})
        if row.id in before and before[row.id].target.unit == row.target.unit
        else row
        for row in rows
    ]


def _change(row: ObjectiveRow, before: ObjectiveRow, month: str) -> Change:
    return Change(
        month=month,
        value=before.value,
        text=before.text,
        verdict=before.verdict,
        delta_text=_delta(row, before),
    )


def _delta(row: ObjectiveRow, before: ObjectiveRow) -> str:
    if row.value is None or before.value is None:
        return "–"
    delta = Fraction(repr(row.value)) - Fraction(repr(before.value))
    if delta == 0:
        return "unchanged"
    sign, size = "+" if delta > 0 else "−", abs(delta)
    match row.target.unit:
        case "ratio":
            return f"{sign}{format_amount(size * 100, up=True, decimals=2)} points"
        case "s":
            return f"{sign}{format_duration_s(size)}"
        case unit:
            return f"{sign}{format_amount(size, up=True, decimals=4)} {unit}".rstrip()
