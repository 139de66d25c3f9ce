"""The report value of a month, put together from its figures."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from slo_report.compose.alerts import (
    burn_rate_episodes,
    burn_rates,
    rule_sets,
    threshold_episodes,
    unreachable_rules,
)
from slo_report.compose.attribution import attribution_rows, incidents, shifts
from slo_report.compose.change import with_change
from slo_report.compose.data import (
    completeness,
    coverage_part,
    ledger_part,
    provenance,
)
from slo_report.compose.definitions import definition_texts, exclusion_counts
from slo_report.compose.history import history, repeated_misses
from slo_report.compose.notable import Findings, notable
from slo_report.compose.other_readings import other_readings
from slo_report.compose.outlook import outlook
from slo_report.compose.past import PastMonth
from slo_report.compose.rows import Frame, objective_row
from slo_report.compose.same_measure import AsMeasured
from slo_report.compose.series import burn_downs, every_daily, scope_of
from slo_report.compose.what_if import what_if
from slo_report.judge.attribution import Burned
from slo_report.judge.compliance import Figures
from slo_report.judge.coverage import coverage
from slo_report.judge.ledger import LedgerFigures
from slo_report.judge.periods import judged
from slo_report.replay import Replay
from slo_report.report.document import Report
from slo_report.report.head import budget_rank, head_lines
from slo_report.report.parts.findings import PolicyNow
from slo_report.report.parts.part import Span
from slo_report.report.parts.row import LeftOut, ObjectiveRow
from slo_report.rollup.measures import Question
from slo_report.rollup.roll_up import RollUp
from slo_report.rollup.scoped import Scoped
from slo_report.slo_yaml.definition import BLANK_TITLE, Definition, PolicyState
from slo_report.slo_yaml.row_reading import reading_of

EDITION = 1
LISTS = {"endpoint": "endpoints", "customer": "customers", "replica": "replicas"}
"""Breakdowns with a list of their own in report.json."""


@dataclass(frozen=True)
class Surroundings:
    """What a report needs beside the figures."""

    now: datetime
    notes: str | None
    previous: Report | None
    past: Sequence[PastMonth] = ()
    """The months before, oldest first."""


def compose_report(
    definition: Definition,
    rolled: RollUp,
    replay: Replay,
    ledger: LedgerFigures,
    around: Surroundings,
    burned: Sequence[Burned] = (),
) -> Report:
    """Return the finished report of a month; `burned` is what a second look found in it."""
    frame = Frame(rolled.windows, definition.policy)
    month = rolled.windows.month
    covered = coverage(
        dict(rolled.hourly.select("hour", "requests").iter_rows()), month, around.now
    )
    unmeasured = ledger.total("quarantined") + covered.due
    rows = with_change(_objectives(definition, frame, rolled, unmeasured), around.previous)
    lists = {
        column: _breakdown(frame, scoped, column) for column, scoped in rolled.by_column.items()
    }
    reserved = _reserved(frame, rolled.whole)
    customers = reserved + lists.get("customer", [])
    status = completeness(frame, around.now, definition.limits, ledger, covered)
    daily = every_daily(frame, rolled, _of_everyone(rolled.whole.questions))
    titles = {key: BLANK_TITLE for row in customers if not (key := row.scope["customer"]).strip()}
    titles |= {promise.customer: promise.title for promise in definition.customers}
    definitions = definition_texts(definition, rolled.windows, rolled.extras)
    exclusions = exclusion_counts(definition, rolled.windows, rolled.extras)
    readings = {row.id: row.reading for row in rows}
    counted = AsMeasured.of(definitions, exclusions, definition.sha256, readings)
    pattern = history(month, status.status, EDITION, rows, counted, around.past)
    findings = Findings(
        incidents(frame, burned, titles),
        shifts(rows, daily),
        attribution_rows(burned),
        titles,
        repeated_misses(pattern),
    )
    return Report(
        service=definition.service,
        month=month.text,
        month_text=month.title,
        timezone=month.zone.key,
        window=Span(from_=frame.instant(month.from_us), to=frame.instant(month.to_us)),
        status=status.status,
        status_text=status.text,
        status_reasons=status.reasons,
        edition=EDITION,
        head=head_lines(
            month.title, status.text, rows, {slo.id: slo.title for slo in definition.slos}
        ),
        notable=notable(
            around.notes, rows, customers, daily, findings, incomplete=status.status == "incomplete"
        ),
        policy=policy_now(rows, definition.policy),
        objectives=rows,
        endpoints=lists.get("endpoint", []),
        customers=customers,
        replicas=lists.get("replica", []),
        breakdowns={column: rows for column, rows in lists.items() if column not in LISTS},
        left_out=_left_out(rolled),
        daily=daily,
        burn_down=burn_downs(frame, rolled, rows),
        customer_titles=titles,
        history=pattern,
        what_if=what_if(
            rows, lists.get("endpoint", []), status.status, counted, around.past, definition.policy
        ),
        other_readings=other_readings(rolled, rows),
        burn_rate_alerts=burn_rate_episodes(frame, definition, replay),
        threshold_alerts=threshold_episodes(frame, definition, replay),
        unreachable_alerts=unreachable_rules(definition, replay),
        alert_comparison=rule_sets(frame, definition, replay),
        burn_rates=burn_rates(definition, replay),
        outlook=outlook(frame, rolled, rows, around.now),
        incidents=findings.incidents,
        attribution=findings.attribution,
        shifts=findings.shifts,
        coverage=coverage_part(frame, covered),
        ledger=ledger_part(ledger),
        exclusions=exclusions,
        definitions=definitions,
        warnings=[concern.text for concern in definition.warnings],
        provenance=provenance(definition, ledger),
    )


def policy_now(rows: Sequence[ObjectiveRow], policy: Sequence[PolicyState]) -> PolicyNow | None:
    """Return what the budget that is furthest used asks for; informational ones never gate."""
    spent = [row for row in rows if row.budget and not row.informational and row.valid]
    if not spent:
        return None
    worst = max(spent, key=budget_rank)
    if worst.budget is None:
        return None
    state = next(state for state in policy if state.state == worst.budget.state)
    return PolicyNow(
        state=state.state,
        objective=worst.id,
        used_text=worst.budget.text,
        actions=list(state.actions),
    )


def _objectives(
    definition: Definition, frame: Frame, rolled: RollUp, unmeasured: int
) -> list[ObjectiveRow]:
    figures, seen = Figures.of(rolled.whole), Figures.of(rolled.as_seen)
    seen_of = {question.objective.id: question for question in rolled.as_seen.questions}
    rows = []
    for question in _of_everyone(rolled.whole.questions):
        twin = seen_of.get(question.objective.id)
        measure = question.measure
        row = objective_row(
            frame,
            question,
            figures,
            None,
            {},
            seen=None if twin is None else judged(seen, twin, None, rolled.windows)[0],
            unmeasured=unmeasured + rolled.extras.without_value.get(measure.name, 0),
        )
        reading = reading_of(definition, measure.slo, measure.row)
        rows.append(row.model_copy(update={"reading": reading}))
    return rows


def _reserved(frame: Frame, whole: Scoped) -> list[ObjectiveRow]:
    figures = Figures.of(whole)
    return [
        objective_row(frame, question, figures, None, {"customer": question.customer})
        for question in whole.questions
        if question.customer is not None
    ]


def _breakdown(frame: Frame, scoped: Scoped, column: str) -> list[ObjectiveRow]:
    """Return one row per objective and key; a customer's contract replaces everyone's target."""
    figures = Figures.of(scoped)
    contracts = {(q.objective.id, q.customer): q for q in scoped.questions if q.customer}
    return [
        objective_row(
            frame,
            contracts.get((question.objective.id, key or ""), question),
            figures,
            key,
            scope_of(column, key),
        )
        for question in _of_everyone(scoped.questions)
        for key in figures.keys(question, frame.windows.judged(question.measure.slo).name)
    ]


def _left_out(rolled: RollUp) -> list[LeftOut]:
    return [
        LeftOut(column=column, objective=question.objective.id, rows=scoped.left_out[question.id])
        for column, scoped in rolled.by_column.items()
        for question in _of_everyone(scoped.questions)
        if question.id in scoped.left_out
    ]


def _of_everyone(questions: Iterable[Question]) -> list[Question]:
    return [question for question in questions if question.customer is None]
