"""Where the error budgets of a month that still runs are heading."""

from typing import Literal

from slo_report.report.parts.part import Part


class BudgetOutlook(Part):
    """One error budget, by now and by the month's end."""

    objective: str
    title: str
    used: float | None
    """Bad requests / what the traffic so far allows; null where nothing is allowed."""
    used_text: str
    """As printed: "76%", "exhausted" or "untouched" where nothing is allowed."""
    state: str
    used_of_month: float | None
    """Bad requests / what the whole month's traffic is expected to allow; null for rolling windows,
    whose end is not the month's."""
    used_of_month_text: str | None
    exhausted_since: str | None
    """The end of the first hour by which the budget of the traffic so far was used up."""
    exhausted_on: str | None
    """When the whole month's budget will be used up at this rate; null for not in this month, and
    where it is used up already."""
    text: str
    """The same as a sentence."""


class Outlook(Part):
    """The month so far, carried on at the rate it had."""

    at: str
    """Now: nothing foreseen lies before it."""
    data_until: str
    """The end of the last hour with requests."""
    by: Literal["hour of the week", "time"]
    """What the requests still to come were taken from: the pattern of the weeks seen, or, in the
    month's first week, the time that is left."""
    share_of_requests: float
    """Share of the month's expected requests that has been seen."""
    share_of_requests_text: str
    budgets: list[BudgetOutlook]
