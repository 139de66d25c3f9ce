"""The outlook as the report prints it: a sentence on the traffic, a line a budget."""

from datetime import datetime

from slo_report.months import day_text
from slo_report.report.parts.outlook import Outlook
from slo_report.report.tables import MOST_ROWS, Column, Table


def outlook_lead(outlook: Outlook) -> str:
    """Say how far the month's traffic is, and how that is known."""
    pattern = (
        "as in the weeks so far"
        if outlook.by == "hour of the week"
        else "as many an hour as so far"
    )
    until = datetime.fromisoformat(outlook.data_until)
    return (
        f"By {day_text(until.date())}, {until:%H:%M} about {outlook.share_of_requests_text} of the "
        f"month's requests had come, if the others come {pattern}."
    )


def outlook_table(outlook: Outlook) -> Table:
    """Return a line a budget, the one that is furthest used first."""
    columns = [
        Column("Objective"),
        Column("Used of the budget so far", "number"),
        Column("Used of the whole month's", "number"),
        Column("State"),
        Column("At this rate"),
    ]
    ranked = sorted(
        outlook.budgets,
        key=lambda budget: (budget.used_text != "exhausted", -(budget.used or 0.0)),
    )
    rows = [[b.title, b.used_text, b.used_of_month_text or "", b.state, b.text] for b in ranked]
    caption = "Error budgets by the month's end"
    return Table(caption, columns, rows[:MOST_ROWS], len(rows[MOST_ROWS:]))
