"""One customer's report, put together from the roll-up of their own requests.

What is not theirs has no way in: of the month's own report only its status and its edition are
taken, and of the reserved replicas only whether anybody else was served on them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from slo_report import __version__
from slo_report.compose.change import with_change
from slo_report.compose.definitions import how_measured
from slo_report.compose.notable import Findings, notable
from slo_report.compose.outlook import outlook
from slo_report.compose.rows import Frame, as_number, objective_row, target_text
from slo_report.compose.series import burn_downs, every_daily, scope_of
from slo_report.judge.compliance import Figures
from slo_report.judge.periods import judged
from slo_report.judge.verdicts import Verdict
from slo_report.report.document import Report, Status
from slo_report.report.head import head_lines
from slo_report.report.parts.customer import Customer
from slo_report.report.parts.data import DefinitionText, ExclusionCount, Provenance
from slo_report.report.parts.days import DailySeries
from slo_report.report.parts.findings import Notable
from slo_report.report.parts.part import Span
from slo_report.report.parts.row import LeftOut, ObjectiveRow
from slo_report.report.texts import format_target, measured_text
from slo_report.rollup.reserved import ALL_OF_THEM
from slo_report.rollup.roll_up import RollUp
from slo_report.slo_yaml.definition import RESERVED, CustomerPromise, Definition
from slo_report.wording import out_of, plural

STATUS_REASONS: Mapping[Status, Sequence[str]] = {
    "final": (),
    "provisional": ("The month is not over.",),
    "incomplete": ("Too much of the month was not measured for its figures to stand.",),
}
SHARED = "shared with others"
ANOTHER_REASON = "Not counted by a rule of the service"


_NO_LOOK = Findings(looked=False)


@dataclass(frozen=True)
class Reserved:
    """A customer's reserved replicas over the month."""

    own_served_there: int
    shared: bool
    """True where they served anybody else; how many is nobody's to read."""


@dataclass(frozen=True)
class CustomerSurroundings:
    """What a customer's report needs beside their figures."""

    now: datetime
    month_report: Report
    reserved: Reserved | None
    previous: Report | None
    """Their own report of the month before."""


def reserved_capacity(rolled: RollUp, customer: str, own_requests: int) -> Reserved | None:
    """Return how the promise of reserved capacity was kept, None where there is none.

    `rolled` is the month's, `own_requests` all of the customer's requests in it.
    """
    for question in rolled.whole.questions:
        if question.objective.id == RESERVED and question.customer == customer:
            span = rolled.windows.span.name
            figure = Figures.of(rolled.whole).at(question, None, span)
            return Reserved(figure.good or 0, shared=figure.valid > own_requests)
    return None


def compose_customer_report(
    definition: Definition, promise: CustomerPromise, rolled: RollUp, around: CustomerSurroundings
) -> Report:
    """Return the finished report of one customer, from the roll-up of their requests alone."""
    frame = Frame(rolled.windows, definition.policy)
    month, everyones = rolled.windows.month, around.month_report
    rows = with_change(_objectives(frame, promise, rolled, around.reserved), around.previous)
    daily = every_daily(frame, rolled, rolled.whole.questions)
    titles = {slo.id: slo.title for slo in definition.slos}
    _, *head = head_lines(month.title, "", rows, titles)
    first = f"{month.title} SLO report for {promise.title} {everyones.status_text}".rstrip()
    return Report(
        service=definition.service,
        customer=Customer(id=promise.customer, title=promise.title, contract=promise.contract),
        month=month.text,
        month_text=month.title,
        timezone=month.zone.key,
        window=Span(from_=frame.instant(month.from_us), to=frame.instant(month.to_us)),
        status=everyones.status,
        status_text=everyones.status_text,
        status_reasons=list(STATUS_REASONS[everyones.status]),
        edition=everyones.edition,
        head=[first, *head],
        notable=_notable(rows, daily, everyones.status),
        # What a team does about a budget is its own affair.
        policy=None,
        objectives=rows,
        endpoints=_endpoints(frame, rolled),
        customers=[],
        replicas=[],
        breakdowns={},
        left_out=_left_out(rolled),
        daily=daily,
        burn_down=burn_downs(frame, rolled, rows),
        customer_titles={},
        outlook=outlook(frame, rolled, rows, around.now),
        coverage=None,
        ledger=None,
        exclusions=_exclusions(definition, promise, rolled),
        definitions=_definitions(definition, promise, rolled),
        warnings=[],
        provenance=Provenance(version=__version__, config_sha256="", files=[]),
    )


def _objectives(
    frame: Frame, promise: CustomerPromise, rolled: RollUp, reserved: Reserved | None
) -> list[ObjectiveRow]:
    figures, seen = Figures.of(rolled.whole), Figures.of(rolled.as_seen)
    seen_of = {question.objective.id: question for question in rolled.as_seen.questions}
    rows = []
    for question in rolled.whole.questions:
        twin = seen_of.get(question.objective.id)
        as_seen = None if twin is None else judged(seen, twin, None, rolled.windows)[0]
        rows.append(objective_row(frame, question, figures, None, {}, seen=as_seen))
    if reserved is not None:
        rows.append(_reserved_row(frame, promise, rolled, reserved))
    return rows


def _reserved_row(
    frame: Frame, promise: CustomerPromise, rolled: RollUp, reserved: Reserved
) -> ObjectiveRow:
    """Return the promise of reserved capacity in the customer's own counts.

    The month's row counts everyone's requests on those replicas. Here others are a yes or no.
    """
    requests, served = own_requests(rolled), reserved.own_served_there
    share = Fraction(served, requests) if requests else None
    kept = not reserved.shared and served == requests
    verdict: Verdict = "met" if kept else "missed"
    if share is None and not reserved.shared:
        verdict = "no_data"
    text = SHARED if reserved.shared else measured_text(share, ALL_OF_THEM, verdict)
    span = frame.windows.span
    return ObjectiveRow(
        id=RESERVED,
        slo=RESERVED,
        title=f"Capacity reserved for {promise.title}",
        statistic="ratio",
        scope={},
        target=target_text(ALL_OF_THEM),
        value=None if reserved.shared else as_number(share),
        text=text,
        verdict=verdict,
        informational=False,
        optional=False,
        valid=requests,
        good=served,
        bad=requests - served,
        window=Span(from_=frame.instant(span.from_us), to=frame.instant(span.to_us)),
        window_text=frame.windows.month.title,
    )


def own_requests(rolled: RollUp) -> int:
    """Return all requests of the month in a roll-up."""
    return int(rolled.hourly["requests"].sum())


def _notable(
    rows: Sequence[ObjectiveRow], daily: Sequence[DailySeries], status: Status
) -> list[Notable]:
    """Return the misses in sentences; the team's own notes may be about anybody."""
    found = notable(None, [row for row in rows if row.id != RESERVED], [], daily, _NO_LOOK)
    found += [
        Notable(text=_not_reserved(row), objective=row.id)
        for row in rows
        if row.id == RESERVED and row.verdict == "missed"
    ]
    return found or notable(None, [], [], [], _NO_LOOK, incomplete=status == "incomplete")


def _not_reserved(row: ObjectiveRow) -> str:
    how = ["it served others too"] if row.value is None else []
    if row.bad:
        of = out_of(row.bad, row.valid, "request")
        how.append(f"{of} {plural(row.bad, 'was', 'were')} served elsewhere")
    return f"The promise of reserved capacity was broken: {', and '.join(how)}."


def _endpoints(frame: Frame, rolled: RollUp) -> list[ObjectiveRow]:
    scoped = rolled.by_column.get("endpoint")
    if scoped is None:
        return []
    figures = Figures.of(scoped)
    return [
        objective_row(frame, question, figures, key, scope_of("endpoint", key))
        for question in scoped.questions
        for key in figures.keys(question, frame.windows.judged(question.measure.slo).name)
    ]


def _left_out(rolled: RollUp) -> list[LeftOut]:
    return [
        LeftOut(column=column, objective=question.objective.id, rows=scoped.left_out[question.id])
        for column, scoped in rolled.by_column.items()
        for question in scoped.questions
        if question.id in scoped.left_out
    ]


def _exclusions(
    definition: Definition, promise: CustomerPromise, rolled: RollUp
) -> list[ExclusionCount]:
    """Return the rules that took out requests of this customer, in words alone.

    A rule's predicate may name others, and so may its reason.
    """
    others = [
        name.casefold()
        for other in definition.customers
        if other.customer != promise.customer
        for name in (other.customer, other.title)
    ]
    return [
        ExclusionCount(
            reason=ANOTHER_REASON
            if any(name in rule.reason.casefold() for name in others)
            else rule.reason,
            excluded=count,
            rule="",
        )
        for rule, count in zip(definition.exclusions, rolled.extras.excluded, strict=True)
        if count
    ]


def _definitions(
    definition: Definition, promise: CustomerPromise, rolled: RollUp
) -> list[DefinitionText]:
    """Return how each SLO was measured, without its predicates: these may name others."""
    texts = []
    for slo in definition.slos:
        asked = [q for q in rolled.whole.questions if q.measure.slo.id == slo.id]
        if not asked:
            continue
        lines = how_measured(slo, rolled.windows)
        for question in asked:
            kind = " (informational)" if question.objective.informational else ""
            kind += " (contract)" if question.customer is not None else ""
            target = format_target(question.target)
            lines.append(f"target of {question.objective.id}: {target}{kind}")
        texts.append(DefinitionText(slo=slo.id, title=slo.title, lines=lines))
    if promise.reserved:
        replicas = ", ".join(promise.reserved)
        lines = [
            f"replicas: {replicas}",
            "promised: every request of this customer ran on them, and nobody else's did",
        ]
        texts.append(DefinitionText(slo=RESERVED, title="Reserved capacity", lines=lines))
    return texts
