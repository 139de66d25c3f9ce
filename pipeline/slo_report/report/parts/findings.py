"""What happened and what to do about it."""

from slo_report.report.parts.part import Part


class PolicyNow(Part):
    """What the error budget policy asks for, by the budget that is furthest used."""

    state: str
    objective: str
    used_text: str
    actions: list[str]


class Notable(Part):
    """One thing worth saying, in a sentence; Markdown where a person wrote it."""

    text: str
    objective: str | None = None
    by_hand: bool = False
    incidents: tuple[int, ...] = ()
    """Numbers of the incidents that it tells of."""
    is_open: bool = False
    """True for an open action item: a miss that nothing found explains."""
    about: str = ""
    """What it begins with, printed strongly: the objective, or whose promise was broken."""
    to_do: str = ""
    """Of an open item: "find out what happened"."""
