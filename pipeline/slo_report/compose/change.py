"""Each objective beside the month before, by that month's own report."""

from collections.abc import Mapping, Sequence
from fractions import Fraction

from slo_report.report.document import Report
from slo_report.report.parts.row import Change, ObjectiveRow
from slo_report.report.texts import format_amount, format_duration_s


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
