"""Notable: what happened in the month, in sentences; the team's own notes first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from slo_report.compose.attribution import mark_text
from slo_report.compose.told import incident_text, part_text, was_bad
from slo_report.judge.portions import DAY, HOUR
from slo_report.months import day_text
from slo_report.report.head import is_broken_promise
from slo_report.report.parts.attribution import AttributedKey, Incident, Mark, Shift
from slo_report.report.parts.days import DailySeries
from slo_report.report.parts.findings import Notable
from slo_report.report.parts.row import ObjectiveRow
from slo_report.rollup.looks import SCOPES
from slo_report.wording import counted, format_count, out_of

FEW = 5
"""Bad events that are told one by one rather than counted."""
MOST_SHARED = 4
FIND_OUT = "find out what happened"
FIND_THE_CAUSE = "find the cause, or ask whether the target is right"


@dataclass(frozen=True)
class Findings:
    """What the second look found, to be told in sentences."""

    incidents: list[Incident] = field(default_factory=list)
    shifts: list[Shift] = field(default_factory=list)
    attribution: list[AttributedKey] = field(default_factory=list)
    customer_titles: Mapping[str, str] = field(default_factory=dict)
    patterns: Mapping[str, str] = field(default_factory=dict)
    """Objective that was missed before too: "third miss in four months"."""
    looked: bool = True
    """False where nobody looked for causes, so that none is missing."""

    def incidents_of(self, row: ObjectiveRow) -> list[Incident]:
        """Return the incidents of an objective, or of a promise to a customer."""
        return [
            incident
            for incident in self.incidents
            if (incident.objective, incident.scope) == (row.id, row.scope)
        ]

    def shift_of(self, row: ObjectiveRow) -> Shift | None:
        """Return the shift of an objective's daily figures."""
        return next((shift for shift in self.shifts if shift.objective == row.id), None)

    def shared_by_all(self, row: ObjectiveRow) -> list[str]:
        """Return the keys that every bad event of an objective has, and not every event."""
        alike = [
            found
            for found in self.attribution
            if found.objective == row.id
            and found.bad == row.bad
            and found.valid < row.valid
            and found.by not in (HOUR, "status")
            and found.others is None
            and found.key not in ("true", "false")
        ]
        order = (DAY, *SCOPES)
        alike.sort(key=lambda found: order.index(found.by) if found.by in order else len(order))
        return [
            day_text(found.key)
            if found.by == DAY
            else mark_text(Mark(by=found.by, key=found.key), self.customer_titles)
            for found in alike
        ]


def notable(
    notes: str | None,
    objectives: Sequence[ObjectiveRow],
    customers: Sequence[ObjectiveRow],
    daily: Sequence[DailySeries],
    findings: Findings,
    *,
    incomplete: bool = False,
) -> list[Notable]:
    """Return the notes of the team, then what was missed or burned, and why.

    A miss that neither the logs nor the notes explain is an open action item.
    """
    found = [Notable(text=notes, by_hand=True)] if notes else []
    by_objective = {series.objective: series for series in daily if not series.scope}
    committed = [row for row in objectives if not row.informational]
    missed = [row for row in committed if row.verdict == "missed"]
    found += [_miss(row, by_objective.get(row.id), findings, notes) for row in missed]
    found += [
        _burned(row, findings)
        for row in committed
        if row.verdict == "met" and (findings.incidents_of(row) or _is_used_up(row))
    ]
    found += [_broken_promise(row, findings) for row in customers if is_broken_promise(row)]
    found += [_at_stake(row) for row in committed if _hangs_on_unmeasured(row)]
    found += [
        Notable(text=f"{row.title} has no data: no request in the month could be judged by it.",
                objective=row.id, about=row.title)
        for row in committed
        if row.verdict == "no_data"
    ]  # fmt: skip
    if incomplete and not found:
        found.append(
            Notable(
                text="By what was measured no promise was broken, but too much was not measured."
            )
        )
    return found


def _hangs_on_unmeasured(row: ObjectiveRow) -> bool:
    """Tell whether a share of all requests was met only by what could be measured."""
    at_stake = row.unmeasured is not None and not row.unmeasured.verdict_holds
    return at_stake and row.verdict == "met" and row.statistic == "ratio" and "[" not in row.id


def _at_stake(row: ObjectiveRow) -> Notable:
    lines = 0 if row.unmeasured is None else row.unmeasured.lines
    requests = counted(lines, "request that was not measured", "requests that were not measured")
    return Notable(
        text=f"{row.title} was met by what was measured: {requests}, had all failed, would make it "
        "missed.",
        objective=row.id,
        about=row.title,
    )


def _miss(
    row: ObjectiveRow, series: DailySeries | None, findings: Findings, notes: str | None
) -> Notable:
    incidents = findings.incidents_of(row)
    shift = findings.shift_of(row)
    sentences = [f"{row.title} was missed: {_against(row)}."]
    if pattern := findings.patterns.get(row.id):
        sentences.append(f"It is the {pattern}.")
    sentences.append(_days(row, series) if shift is None else _shift(row, shift))
    sentences += [incident_text(row, one, findings.customer_titles) for one in incidents]
    if not incidents:
        sentences.append(_known(row, findings))
    is_open = findings.looked and not (incidents or (notes and _speaks_of(notes, row)))
    to_do = _to_do(row, findings) if is_open else ""
    if to_do == FIND_THE_CAUSE:
        sentences.append("Nothing in the logs marks it out, neither a time nor any key.")
    if is_open:
        sentences.append(f"Open: {to_do}.")
    return Notable(
        text=" ".join(sentence for sentence in sentences if sentence),
        objective=row.id,
        incidents=tuple(incident.number for incident in incidents),
        is_open=is_open,
        about=row.title,
        to_do=to_do,
    )


def _is_used_up(row: ObjectiveRow) -> bool:
    return row.budget is not None and row.budget.used is not None and row.budget.used >= 1


def _known(row: ObjectiveRow, findings: Findings) -> str:
    """Return what a few bad requests have in common."""
    shared = findings.shared_by_all(row)
    if row.bad is None or row.bad > FEW or not shared:
        return ""
    known = "What is known of it" if row.bad == 1 else "What they share"
    return f"{known}: {', '.join(shared[:MOST_SHARED])}."


def _burned(row: ObjectiveRow, findings: Findings) -> Notable:
    incidents = findings.incidents_of(row)
    used = "" if row.budget is None else row.budget.text
    met = f"{row.title} was met with {used} of its error budget used"
    sentences = [f"{met}."] if incidents else [f"{met}: {_against(row)}.", _known(row, findings)]
    sentences += [incident_text(row, one, findings.customer_titles) for one in incidents]
    return Notable(
        text=" ".join(filter(None, sentences)),
        objective=row.id,
        incidents=tuple(incident.number for incident in incidents),
        about=row.title,
    )


def _shift(row: ObjectiveRow, shift: Shift) -> str:
    """Return when the daily figure left its target, in a sentence."""
    whole = shift.missed == shift.days
    days = f"all {shift.days} days" if whole else f"{shift.missed} of the {shift.days} days"
    others = counted(shift.outside, "other day")
    alone = f", and on {others}" if shift.outside else ""
    figure = "daily figure" if row.statistic == "ratio" else f"daily {row.statistic}"
    return f"Its {figure} {shift.text}: beyond it on {days} between{alone}."


def _to_do(row: ObjectiveRow, findings: Findings) -> str:
    is_known = row.bad is not None and row.bad <= FEW and findings.shared_by_all(row)
    return FIND_OUT if is_known else FIND_THE_CAUSE


def _speaks_of(notes: str, row: ObjectiveRow) -> bool:
    """Tell whether the team's notes name the objective."""
    return row.title.casefold() in notes.casefold() or row.id.casefold() in notes.casefold()


def _broken_promise(row: ObjectiveRow, findings: Findings) -> Notable:
    customer = row.scope.get("customer", "")
    title = findings.customer_titles.get(customer, customer)
    incidents = findings.incidents_of(row)
    about = f"The promise to {title}"
    sentences = [f"{about} was broken: {row.title} {_against(row)}."]
    sentences += [part_text(row, one, findings.customer_titles) for one in incidents]
    return Notable(
        text=" ".join(sentences),
        objective=row.id,
        incidents=tuple(incident.number for incident in incidents),
        about=about,
    )


def _against(row: ObjectiveRow) -> str:
    """Return `78s (target < 60s); 423 of 24,914 requests were beyond it, where 249 may`."""
    text = f"{row.text} (target {row.target.text})"
    if row.periods is not None and row.periods.total is not None:
        return f"{text} on its worst day"
    if row.bad is None or row.needed_good is None:
        return text
    may = row.valid - row.needed_good
    where = f"where {format_count(may)} may" if may else "where none may"
    of = out_of(row.bad, row.valid, "request")
    return f"{text}; {of} {was_bad(row, row.bad)}, {where}"


def _days(row: ObjectiveRow, series: DailySeries | None) -> str:
    """Return on which days it was missed, as one stretch or as a number of days."""
    if series is None:
        return ""
    missed = [point.on for point in series.days if point.verdict == "missed"]
    if not missed:
        return ""
    judged = sum(point.verdict in ("met", "missed") for point in series.days)
    days = out_of(len(missed), judged, "day")
    when = (
        f"from {day_text(missed[0])} to {day_text(missed[-1])}"
        if len(missed) > 1
        else day_text(missed[0])
    )
    by_day = row.periods is not None and row.periods.total is not None
    return f"{'It' if by_day else 'Day by day it'} was missed on {days}, {when}."
