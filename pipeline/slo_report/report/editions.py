"""The part of a report that says what its edition changed."""

from slo_report.report.document import Report
from slo_report.report.head import WORDS
from slo_report.report.parts.editions import FigureChange
from slo_report.report.tables import MOST_ROWS, Column, Table, text_table
from slo_report.wording import format_count

_KINDS = {
    "definition": "The definition changed",
    "late": "Log file that came late",
    "changed": "Log file that changed",
    "gone": "Log file that no longer counts",
    "refused": "Log file that cannot be used",
    "mended": "Log file that no longer is refused",
    "notes": "Notes that changed",
    "version": "Another version of the program",
    "requests": "Requests",
}
_NONE = "not there"


def edition_tables(report: Report) -> list[Table]:
    """Return what changed since the edition before and why; nothing for a first edition."""
    changes = report.changes
    if changes is None:
        return []
    why = [[_KINDS[reason.kind], reason.text] for reason in changes.reasons]
    tables = [text_table("Why there is another edition", ("What", "Which"), why)]
    columns = [
        Column("Figure"),
        Column(f"Edition {changes.since}", "number"),
        Column(f"Edition {report.edition}", "number"),
        Column("Verdict"),
        Column("Requests", "number"),
    ]
    rows = [_cells(figure) for figure in changes.figures]
    caption = f"What changed since edition {changes.since}, changed verdicts first"
    if rows:
        more = len(rows[MOST_ROWS:]) + changes.more
        tables.append(Table(caption, columns, rows[:MOST_ROWS], more))
    return tables


def _cells(figure: FigureChange) -> list[str]:
    of = ", ".join(figure.scope.values())
    return [
        f"{figure.title} ({of})" if of else figure.title,
        _NONE if figure.before is None else figure.before,
        _NONE if figure.now is None else figure.now,
        _verdict(figure),
        _requests(figure),
    ]


def _verdict(figure: FigureChange) -> str:
    before, now = (_word(verdict) for verdict in (figure.verdict_before, figure.verdict))
    if not before or not now:
        return now or before
    return f"still {now}" if before == now else f"{now}, was {before}"


def _word(verdict: str | None) -> str:
    return next((word for key, word in WORDS.items() if key == verdict), "")


def _requests(figure: FigureChange) -> str:
    if figure.valid_before == figure.valid:
        return "" if figure.valid is None else format_count(figure.valid)
    return " → ".join(
        format_count(valid) for valid in (figure.valid_before, figure.valid) if valid is not None
    )
