"""The pattern: each objective beside the months before, as their own reports have it."""

from collections.abc import Sequence

from slo_report.compose.past import PastMonth, PastReport, PastRow
from slo_report.compose.same_measure import AsMeasured
from slo_report.judge.verdicts import Verdict
from slo_report.months import MONTH_NAMES, Month
from slo_report.report.document import Status
from slo_report.report.parts.history import (
    History,
    HistoryCell,
    HistoryMonth,
    MonthState,
    ObjectiveHistory,
)
from slo_report.report.parts.row import ObjectiveRow, TargetText

NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
           "eleven", "twelve")  # fmt: skip
ORDINALS = ("", "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth",
            "ninth", "tenth", "eleventh", "twelfth")  # fmt: skip


def history(
    month: Month,
    status: Status,
    edition: int,
    rows: Sequence[ObjectiveRow],
    now: AsMeasured,
    past: Sequence[PastMonth],
) -> History:
    """Return this month's objectives over the months; no old figure is judged again."""
    months = [_past_month(before, now) for before in past]
    months.append(HistoryMonth(
        month=month.text, month_text=short_title(month), state=status, edition=edition,
        config_sha256=now.config_sha256, config_changed=False,
    ))  # fmt: skip
    return History(
        months=months,
        objectives=[_objective(row, month.text, now, past) for row in rows],
    )


def repeated_misses(found: History) -> dict[str, str]:
    """Return the pattern of each committed objective that was missed before, too, by its id."""
    return {
        item.objective: item.pattern
        for item in found.objectives
        if item.pattern is not None and item.missed > 1 and not item.informational
    }


def short_title(month: Month) -> str:
    """Return `Apr 2026`."""
    return f"{MONTH_NAMES[int(month.text[5:]) - 1][:3]} {month.text[:4]}"


def _past_month(before: PastMonth, now: AsMeasured) -> HistoryMonth:
    report, title = before.report, short_title(before.month)
    if report is None:
        state: MonthState = "unreadable" if before.unreadable else "no_report"
        return HistoryMonth(month=before.month.text, month_text=title, state=state)
    sha256 = report.provenance.config_sha256
    return HistoryMonth(
        month=report.month, month_text=title, state=report.status, edition=report.edition,
        config_sha256=sha256, config_changed=sha256 != now.config_sha256,
    )  # fmt: skip


def _objective(
    row: ObjectiveRow, month: str, now: AsMeasured, past: Sequence[PastMonth]
) -> ObjectiveHistory:
    cells: list[HistoryCell | None] = []
    verdicts: list[Verdict | None] = []
    for before in past:
        old = None if before.report is None else _same_objective(before.report, row.id)
        if old is None or before.counted is None or before.report is None:
            cells.append(None)
            verdicts.append(None)
            continue
        cells.append(_past_cell(row, old, before.month.text, now, before.counted))
        # What is not final was not measured whole: it is shown and not counted.
        verdicts.append(old.verdict if before.report.status == "final" else None)
    cells.append(_this_cell(row, month))
    verdicts.append(row.verdict)
    return ObjectiveHistory(
        objective=row.id, title=row.title, informational=row.informational, cells=cells,
        judged=sum(verdict in ("met", "missed") for verdict in verdicts),
        missed=verdicts.count("missed"), pattern=miss_pattern(verdicts),
    )  # fmt: skip


def miss_pattern(verdicts: Sequence[Verdict | None]) -> str | None:
    """Return how often the last of the months was missed before: "third miss in four months".

    The months are counted from the first miss on, all of them where there was none before; None
    where the last was no miss or stands alone.
    """
    if not verdicts or verdicts[-1] != "missed":
        return None
    known = [place for place, verdict in enumerate(verdicts) if verdict in ("met", "missed")]
    misses = [place for place in known if verdicts[place] == "missed"]
    first = misses[0] if len(misses) > 1 else known[0]
    months = len(verdicts) - first
    if months == 1:
        return None
    unknown = sum(verdict not in ("met", "missed") for verdict in verdicts[first:])
    text = f"{ORDINALS[len(misses)]} miss in {NUMBERS[months]} months"
    if len(misses) == months:
        text = f"{ORDINALS[months]} miss in a row"
    return f"{text} ({NUMBERS[unknown]} of them without a verdict)" if unknown else text


def _same_objective(report: PastReport, objective: str) -> PastRow | None:
    return next((row for row in report.objectives if row.id == objective), None)


def _past_cell(
    row: ObjectiveRow, old: PastRow, month: str, now: AsMeasured, then: AsMeasured
) -> HistoryCell:
    budget = old.budget
    return HistoryCell(
        month=month,
        value=old.value,
        text=old.text,
        verdict=old.verdict,
        target=TargetText(**old.target.model_dump()),
        valid=old.valid,
        good=old.good,
        budget_used=None if budget is None else budget.used,
        budget_text=None if budget is None else budget.text,
        target_changed=(old.target.op, old.target.value, old.target.unit)
        != (row.target.op, row.target.value, row.target.unit),
        definition_changed=not now.defined_alike(then, row.slo, row.id),
        reading_changed=not now.read_alike(then, row.id),
    )


def _this_cell(row: ObjectiveRow, month: str) -> HistoryCell:
    return HistoryCell(
        month=month,
        value=row.value,
        text=row.text,
        verdict=row.verdict,
        target=row.target,
        valid=row.valid,
        good=row.good,
        budget_used=None if row.budget is None else row.budget.used,
        budget_text=None if row.budget is None else row.budget.text,
        target_changed=False,
        definition_changed=False,
    )
