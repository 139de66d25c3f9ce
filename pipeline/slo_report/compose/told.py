"""An incident in sentences: who or when, how much of the bad requests, the month without it."""

from collections.abc import Mapping, Sequence

from slo_report.compose.attribution import mark_text
from slo_report.report.parts.attribution import Incident, Mark
from slo_report.report.parts.row import ObjectiveRow
from slo_report.slo_yaml.definition import RESERVED
from slo_report.wording import format_count, listed, plural

Titles = Mapping[str, str]
"""Customer: what they are called."""


def incident_text(row: ObjectiveRow, incident: Incident, titles: Titles) -> str:
    """Return the whole incident, its number last."""
    rate = f", at {incident.lift_text} the rate of the others" if incident.lift is not None else ""
    if rate and incident.set_aside:
        rate += f", {aside_text(incident)}"
    how = f", failing with {_marks(incident.symptoms, titles)}" if incident.symptoms else ""
    came = f"{_came(row, incident, titles)} ({incident.when}){rate}{how}."
    return " ".join(filter(None, [came, _alone(row, incident, titles), _without(row, incident)]))


def aside_text(incident: Incident) -> str:
    """Return `incident 4 aside`, `incidents 1 and 2 aside`: who is not among the others."""
    numbers = [str(number) for number in incident.set_aside]
    return f"{plural(len(numbers), 'incident', 'incidents')} {listed(numbers)} aside"


def part_text(row: ObjectiveRow, incident: Incident, titles: Titles) -> str:
    """Return how many of the bad requests are the incident's, and no more."""
    return f"{_came(row, incident, titles)} ({incident.when}; incident {incident.number})."


def was_bad(row: ObjectiveRow, count: int) -> str:
    """Return what bad requests did, so many of them: failed, was beyond it, were beyond it."""
    if row.slo == RESERVED:
        return "broke it"  # served well, but elsewhere or to others
    return "failed" if row.statistic == "ratio" else f"{plural(count, 'was', 'were')} beyond it"


def _came(row: ObjectiveRow, incident: Incident, titles: Titles) -> str:
    """Return `53 of the 95 bad requests (55%) came with release 1.43.1`."""
    kind = "bad" if row.statistic == "ratio" else "slow" if row.target.unit == "s" else "such"
    kind = "such" if row.slo == RESERVED else kind
    total = row.bad or incident.bad
    if incident.bad < total:
        who = f"{format_count(incident.bad)} of the {format_count(total)} {kind} requests"
        who += f" ({incident.share_text})"
    elif total == 1:
        who = f"The only {kind} request"
    else:
        who = f"{'Both' if total == 2 else f'All {format_count(total)}'} {kind} requests"
    if incident.marks:
        return f"{who} came with {_marks(incident.marks, titles)}"
    return f"{who} came {'at the same hours' if incident.hours else 'in one stretch'}"


def _alone(row: ObjectiveRow, incident: Incident, titles: Titles) -> str:
    """Return what became of requests with one of two marks only: whether it took both."""
    said = [
        f"with {mark_text(mark, titles)} alone, {_none_or(mark.bad)} of {format_count(mark.valid)} "
        f"{was_bad(row, mark.bad)}"
        for mark in incident.alone
        if mark.valid
    ]
    text = "; ".join(said)
    return f"{text[0].upper()}{text[1:]}." if text else ""


def _without(row: ObjectiveRow, incident: Incident) -> str:
    without = incident.without
    gone = plural(incident.bad, "Without it", "Without them")
    if incident.alone:
        gone = f"Without those {format_count(incident.bad)}"
    if without.used is not None:
        used = without.text.partition(",")[0].removesuffix(" used") if without.used else "none"
        left = f"{used} of the budget would be used"
    else:
        verb = "would have failed" if row.statistic == "ratio" else "would be beyond it"
        left = f"{_none_or(without.bad)} of {format_count(without.valid)} {verb}"
    if row.verdict == "missed" and without.verdict is not None:
        verb = "be met" if without.verdict == "met" else "still be missed"
        left += f", and the target would {verb}"
    return f"{gone}, {left} (incident {incident.number})."


def _marks(marks: Sequence[Mark], titles: Titles) -> str:
    return listed([mark_text(mark, titles) for mark in marks])


def _none_or(count: int) -> str:
    return format_count(count) if count else "none"
