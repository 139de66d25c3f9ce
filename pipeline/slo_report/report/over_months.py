"""Tables of the pattern over the months, and of the promises under other targets."""

from collections.abc import Callable, Sequence
from decimal import Decimal

from slo_report.report.document import Report
from slo_report.report.head import WORDS
from slo_report.report.parts.history import History, HistoryCell, HistoryMonth
from slo_report.report.parts.other_readings import OtherReading
from slo_report.report.parts.what_if import Candidate, WhatIf
from slo_report.report.tables import MOST_OBJECTIVES, MOST_ROWS, Column, Table, text_table
from slo_report.report.texts import NO_DATA, NOT_IN_USE
from slo_report.wording import counted, plural

MARK = "*"
STATES = {
    "final": "", "provisional": " (provisional)", "incomplete": " (incomplete)",
    "no_report": "", "unreadable": "",
}  # fmt: skip
NO_REPORT = "no report"
CHANGED_NOTE = (
    f"{MARK} measured by another definition, from logs read otherwise, or judged against another "
    "target, than this month's; the figure and its verdict are those of that month's report."
)
TOO_EARLY = "too early to say"
LEAST_NEAR_NINES = Decimal("0.95")
NINES = ("99%", "99.5%", "99.9%", "99.95%")


def shown_months(history: History) -> list[tuple[int, HistoryMonth]]:
    """Return the months from the first one with a report on, with their places."""
    reported = [i for i, month in enumerate(history.months) if month.state != "no_report"]
    return list(enumerate(history.months))[reported[0] :]


def pattern_lead(report: Report) -> list[str]:
    """Return a sentence for each committed objective that was missed, and on what is lacking."""
    if report.history is None or len(shown_months(report.history)) < 2:
        return []
    lead = [
        f"{item.title}: {item.pattern}."
        for item in report.history.objectives
        if item.pattern is not None and not item.informational
    ]
    states = [month for _, month in shown_months(report.history)]
    unread = [month.month_text for month in states if month.state == "unreadable"]
    if unread:
        lead.append(f"A report lies there but could not be read: {', '.join(unread)}.")
    partial = [m.month_text for m in states[:-1] if STATES[m.state]]
    if partial:
        lead.append(f"Shown, but not counted since not final: {', '.join(partial)}.")
    return lead


def months_table(report: Report) -> list[Table]:
    """Return the grid of objectives and months as a table; none before the second month."""
    history = report.history
    if history is None or len(shown_months(history)) < 2:
        return []
    months = shown_months(history)
    columns = [
        Column("Objective"),
        *(Column(f"{month.month_text}{STATES[month.state]}", "number") for _, month in months),
        Column("Missed", "number"),
    ]
    rows = [
        [
            item.title,
            *(_cell(item.cells[place], month) for place, month in months),
            f"{item.missed} of {item.judged}",
        ]
        for item in history.objectives
        if any(cell is not None and cell.verdict != "not_in_use" for cell in item.cells)
    ]
    changed = any(MARK in cell for row in rows for cell in row[1:])
    caption = f"Every objective since {months[0][1].month_text}"
    return [
        Table(
            caption,
            columns,
            rows[:MOST_OBJECTIVES],
            len(rows[MOST_OBJECTIVES:]),
            notes=[CHANGED_NOTE] if changed else [],
        )
    ]


def _cell(cell: HistoryCell | None, month: HistoryMonth) -> str:
    if cell is None:
        return NO_REPORT if month.state in ("no_report", "unreadable") else ""
    if cell.text in (NO_DATA, NOT_IN_USE):
        return cell.text
    return f"{cell.text}{is_marked(cell)} {WORDS[cell.verdict]}"


def is_marked(cell: HistoryCell) -> str:
    """Return the mark of a figure that does not compare with this month's, or nothing."""
    changed = cell.target_changed or cell.definition_changed or cell.reading_changed
    return MARK if changed else ""


def what_if_lead(report: Report) -> list[str]:
    """Say how targets are called, and which are not yet."""
    if not report.what_if:
        return []
    early = [item for item in report.what_if if not item.scope and item.call == TOO_EARLY]
    lead = [
        "Easy: every month would also have met the next stricter target.",
        "Out of reach: more than half of the months missed it. Achievable: all others.",
        "Only final months that were read and measured like this one count.",
    ]
    if early:
        have = plural(len(early), "has", "have")
        few = f"{counted(len(early), 'objective')} {have} fewer than three such months"
        lead.append(f"Too early to say: {few}.")
    return lead


def what_if_tables(report: Report) -> list[Table]:
    """Return what each target is called and the figures under others; endpoints folded away."""
    items = report.what_if or []
    whole = [item for item in items if not item.scope]
    by_endpoint = [item for item in items if item.scope]
    return [*_calls(whole), *_under_others(whole, ""), *_under_others(by_endpoint, ", by endpoint")]


def _calls(items: Sequence[WhatIf]) -> list[Table]:
    called = [item for item in items if item.call != TOO_EARLY]
    rows = [
        [_title(item), item.target.text, item.call, item.reason,
         item.kept.text if item.kept is not None else "none"]
        for item in called
    ]  # fmt: skip
    columns = [
        Column("Objective"), Column("Target", "number"), Column("Called"), Column("Because"),
        Column("Strictest tried that every month met", "number"),
    ]  # fmt: skip
    caption = "Each target, by its own history"
    table = Table(caption, columns, rows[:MOST_OBJECTIVES], len(rows[MOST_OBJECTIVES:]))
    return [table] if rows else []


def _under_others(items: Sequence[WhatIf], where: str) -> list[Table]:
    shares = [item for item in items if _is_share(item)]
    limits = [item for item in items if not _is_share(item)]
    tables = []
    if shares:
        labels = ["Next looser", "Next stricter", *NINES]
        caption = f"Under another target{where}: this month, months that met it, budget used"
        tables.append(_grid(caption, labels, shares, _share_cells, folded=bool(where)))
    if limits:
        labels = ["Half", "Three quarters", "1.25 times", "1.5 times", "Twice"]
        caption = f"Under another limit{where}: this month, months that met it"
        tables.append(_grid(caption, labels, limits, _limit_cells, folded=bool(where)))
    return tables


def _grid(
    caption: str,
    labels: Sequence[str],
    items: Sequence[WhatIf],
    cells_of: Callable[[WhatIf], list[str]],
    *,
    folded: bool,
) -> Table:
    """Return a line per objective, or, folded away, per endpoint and objective."""
    head = ["Endpoint", "Objective"] if folded else ["Objective"]
    columns = [*map(Column, head), Column("Target", "number")]
    # As texts, for they may then break: five of them beside each other are wide.
    columns += map(Column, labels)
    rows = []
    for item in items:
        names = [item.title, item.target.text, *cells_of(item)]
        rows.append([item.scope.get("endpoint", ""), *names] if folded else names)
    return Table(caption, columns, rows[:MOST_ROWS], len(rows[MOST_ROWS:]), folded=folded)


def _share_cells(item: WhatIf) -> list[str]:
    now = next(place for place, one in enumerate(item.candidates) if one.is_current)
    near = [
        _tried(item, item.candidates[place], named=True)
        if 0 <= place < len(item.candidates)
        else ""
        for place in (now - 1, now + 1)
    ]
    if Decimal(item.target.value) < LEAST_NEAR_NINES:
        # A floor of 80% is not tried against four nines on paper; report.json has them.
        return [*near, *("" for _ in NINES)]
    tried = {one.target.text.removeprefix("> "): one for one in item.candidates}
    return [*near, *(_tried(item, tried[n], named=False) if n in tried else "" for n in NINES)]


def _limit_cells(item: WhatIf) -> list[str]:
    # By size, as the columns are headed: loosest first is the other way round for a limit.
    ordered = sorted(item.candidates, key=lambda one: Decimal(one.target.value))
    return [_tried(item, one, named=True) for one in ordered if not one.is_current]


def _tried(item: WhatIf, one: Candidate, *, named: bool) -> str:
    """Return `99%: met, 3 of 4, 38%`."""
    parts = [WORDS[one.verdict]]
    if item.months:
        parts.append(f"{one.months_met} of {item.months}")
    if one.budget_text is not None and one.verdict in ("met", "missed"):
        parts.append(one.budget_text)
    text = ", ".join(parts)
    return f"{one.target.text}: {text}" if named else text


def _title(item: WhatIf) -> str:
    return f"{item.title} (informational)" if item.informational else item.title


def _is_share(item: WhatIf) -> bool:
    return item.target.unit == "ratio" and item.target.op in (">=", ">")


def other_readings_part(report: Report) -> list[tuple[str, list[str], list[Table]]]:
    """Return the appendix's word on the readings that would turn a verdict, with both figures."""
    readings = report.other_readings
    if not readings:
        return []
    turned = [reading for reading in readings if reading.flips]
    title = "Other readings"
    if not turned:
        return [(title, ["No other reading of the definitions would turn a verdict."], [])]
    lead = ["By another reading of its definition the verdict of these objectives would turn."]
    labels = ("Objective", "As reported", "By another reading")
    table = text_table("Other readings", labels, [_both(reading) for reading in turned])
    return [(title, lead, [table])]


def _both(reading: OtherReading) -> list[str]:
    return [
        reading.title,
        f"{reading.ruling}: {reading.reported_text}, {WORDS[reading.reported_verdict]}",
        f"{reading.reading}: {reading.text}, {WORDS[reading.verdict]}",
    ]
