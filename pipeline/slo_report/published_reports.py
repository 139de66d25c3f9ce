"""What is read beside the logs: the reports of other months as published, and the team's notes.

The store is only a cache: what was published is what lasts.
"""

import logging
from pathlib import Path

from pydantic import ValidationError

from slo_report.compose.past import MONTHS, PastMonth, PastReport
from slo_report.errors import InputError
from slo_report.months import Month
from slo_report.report.document import Report

log = logging.getLogger("slo_report")

LONGEST_NOTES = 100_000


def read_report(folder: Path) -> Report | None:
    """Return the report that lies in a month's or a customer's folder, None if none can be read."""
    path = folder / "report.json"
    if not path.is_file():
        return None
    try:
        return Report.model_validate_json(path.read_bytes())
    except (ValidationError, OSError):
        # A report of another version or a damaged one is no reason to withhold this month's.
        return None


def read_months(reports: Path) -> list[Report]:
    """Return each report that lies in the folder of months and can be read, oldest month first."""
    folders = sorted(path.parent for path in reports.glob("*/report.json"))
    found = [read_report(folder) for folder in folders]
    return [report for report in found if report is not None]


def past_months(reports: Path, month: Month) -> list[PastMonth]:
    """Return the eleven months before `month`, oldest first; later ones are never looked at.

    A report that cannot be read is passed over with a word in the log.
    """
    before: list[PastMonth] = []
    while len(before) < MONTHS - 1:
        month = month.previous
        before.insert(0, _past_month(reports / month.text / "report.json", month))
    return before


def read_notes(folder: Path | None, month: str) -> str | None:
    """Return the team's notes of the month, Markdown as written; None where there are none.

    Raises InputError for a file that is no UTF-8.
    """
    if folder is None:
        return None
    path = folder / f"{month}.md"
    if not path.is_file():
        return None
    try:
        return path.read_text(encoding="utf-8-sig")[:LONGEST_NOTES].strip() or None
    except UnicodeDecodeError as error:
        raise InputError(f"notes {path.name}: not UTF-8; save it as UTF-8 text") from error


def _past_month(path: Path, month: Month) -> PastMonth:
    if not path.is_file():
        return PastMonth(month, None)
    try:
        report = PastReport.model_validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        wrong = error.strerror if isinstance(error, OSError) else "not a report of this schema"
        return _passed_over(month, wrong or "unreadable")
    if report.month != month.text:
        return _passed_over(month, "it is the report of another month")
    return PastMonth(month, report)


def _passed_over(month: Month, why: str) -> PastMonth:
    log.warning(
        "the history is without %s: its report.json cannot be used (%s);"
        " `slo-report --month %s` makes it anew", month.text, why, month.text,
    )  # fmt: skip
    return PastMonth(month, None, unreadable=True)
