"""What burned the budget: whose the bad events were, and the incidents among them."""

from pydantic import Field

from slo_report.judge.verdicts import Verdict
from slo_report.report.parts.part import Part, Scope


class AttributedKey(Part):
    """The bad events of one objective that have one key; those of one `by` add up to all."""

    objective: str
    by: str
    """A column, day or hour (of the day, on the report's clock)."""
    key: str
    """The value as in the log; "(no customer)" where there is none, "(other)" for the rest."""
    others: int | None = None
    """Of "(other)": how many keys with bad events it stands for."""
    bad: int
    valid: int
    share_of_bad: float
    share_of_valid: float
    lift: float | None
    """The rate of bad events by the rest's rate; null where the rest has none or is empty."""
    budget_used: float | None
    """Share of the error budget; null where there is none."""


class Mark(Part):
    """A value of a column that the events of an incident have."""

    by: str
    key: str


class MarkAlone(Mark):
    """The events that have one of an incident's two marks without the other."""

    bad: int
    valid: int


class Without(Part):
    """The objective counted again with the incident's bad events removed from the log."""

    valid: int
    bad: int
    used: float | None
    """Share of the budget, recomputed; null where there is none."""
    text: str
    """"31% used", "45 of 24,536 bad, met"."""
    verdict: Verdict | None
    """Null where days are judged one by one, which these counts don't decide."""


class Incident(Part):
    """Bad events that belong together: more of them, for those requests, than chance brings."""

    number: int
    objective: str
    scope: Scope = Field(default_factory=dict)
    """{"customer": "acme"} where a promise to a customer was broken; empty for everyone's."""
    title: str
    """What marks it out: "release 1.43.1", or "all requests" of a stretch of time."""
    when: str
    """"Apr 16, 13:05 to 13:45"; with the hours of the day where they are part of it."""
    from_: str = Field(alias="from")
    to: str
    """From the first to the last bad event, to the slot of five minutes."""
    marks: list[Mark]
    hours: str | None = None
    """"01:00 to 05:00" where it came back at the same hours of many days."""
    is_time_bound: bool
    """True where its time, and not its keys alone, marks it out."""
    symptoms: list[Mark]
    """How (nearly) all of its bad events failed: status, error code."""
    alone: list[MarkAlone] = Field(default_factory=list)
    """Of an incident of two marks, what became of the events with only one: it took both."""
    bad: int
    valid: int
    share_of_bad: float
    share_text: str
    lift: float | None
    """Its rate of bad events by that of the others; null where they have none."""
    lift_text: str
    set_aside: list[int] = Field(default_factory=list)
    """The incidents found before it, whose events are not among the others."""
    chance_text: str
    """How often chance would bring about as much in any of the places looked at."""
    budget_used: float | None
    budget_text: str
    without: Without


class Shift(Part):
    """A run of days on which an objective's daily figure was beyond its target."""

    objective: str
    from_: str = Field(alias="from")
    """The first such day."""
    to: str
    """The last one."""
    days: int
    """Days with events from the first to the last."""
    missed: int
    """How many of them were beyond it."""
    outside: int
    """Days beyond it before or after."""
    text: str
    """"left its target on Apr 8 and was back on Apr 23"."""
