"""The gate: may we deploy? The month to date, answered by the error budget policy."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Literal

from pydantic import Field

from slo_report.compose.data import lacking
from slo_report.compose.report import Surroundings, compose_report
from slo_report.judge.coverage import coverage
from slo_report.judge.ledger import LedgerFigures, ledger
from slo_report.lock import run_lock
from slo_report.months import Month
from slo_report.replay import Replay
from slo_report.report.document import Report
from slo_report.report.head import budget_rank
from slo_report.report.outlook_section import outlook_lead
from slo_report.report.parts.outlook import Outlook
from slo_report.report.parts.part import Part
from slo_report.report.parts.row import ObjectiveRow
from slo_report.report.tables import budget_text
from slo_report.rollup.engine import Engine
from slo_report.rollup.roll_up import RollUp, roll_up
from slo_report.rollup.windows import Windows
from slo_report.slo_yaml.definition import Definition, PolicyState
from slo_report.use_engine import use_engine

UNDECIDABLE = "undecidable"
STOPS_FROM = Decimal(1)
"""A state of the policy stops where it begins at this share of the budget, or beyond."""

Decision = Literal["go", "stop", "undecidable"]


class GateBudget(Part):
    """One committed objective with an error budget."""

    objective: str
    title: str
    used: float | None
    used_text: str
    state: str
    valid: int
    bad: int


class GateMiss(Part):
    """A committed objective without a budget that is missed so far: said, but no gate."""

    objective: str
    title: str
    text: str
    target: str


class GateAnswer(Part):
    """What the error budget policy says now."""

    schema_: Literal["slo-report/gate/1"] = Field("slo-report/gate/1", alias="schema")
    service: str
    month: str
    at: str
    """Now, or the end of a month that is over."""
    decision: Decision
    state: str
    """A state of the policy, or undecidable."""
    objective: str | None
    """The one whose budget set the state."""
    actions: list[str]
    reasons: list[str]
    """Why nothing can be decided, in sentences; empty otherwise."""
    budgets: list[GateBudget]
    """The one that is furthest used first."""
    missed: list[GateMiss]
    outlook: Outlook | None


@dataclass(frozen=True)
class _Measured:
    report: Report
    lacks: list[str]


def gate(
    definition: Definition,
    month: Month,
    *,
    now: datetime,
    load_new: bool,
    progress: Callable[[str], None],
) -> GateAnswer:
    """Load what is new, unless told not to, and answer by the month so far.

    Raises InputError where requests that the month needs were dropped.
    """
    measured = _measure(definition, month, now, load_new=load_new, progress=progress)
    at = min(now.astimezone(month.zone), month.local(month.to_us)).isoformat(timespec="seconds")
    if measured is None:
        reason = f"No usable line in {month.text}."
        return GateAnswer(
            service=definition.service, month=month.text, at=at, decision="undecidable",
            state=UNDECIDABLE, objective=None, actions=[], reasons=[reason], budgets=[],
            missed=[], outlook=None,
        )  # fmt: skip
    return answer(measured.report, definition.policy, measured.lacks, at)


def answer(
    report: Report, policy: Sequence[PolicyState], lacks: Sequence[str], at: str
) -> GateAnswer:
    """Return what the policy says of a month to date; `lacks` names what it was not measured by.

    The committed objective whose budget is furthest used decides. Informational ones, those that
    nothing used and those without a budget take no part.
    """
    order = [state.state for state in policy]
    rows = [r for r in report.objectives if r.budget and not r.informational and r.valid]
    rows.sort(key=lambda row: (_place(row, order), budget_rank(row)), reverse=True)
    reasons = list(lacks)
    if not rows:
        reasons.append("No committed objective with an error budget has any valid request.")
    state = policy[_place(rows[0], order)] if rows else None
    decision: Decision = "go"
    if reasons:
        decision = "undecidable"
    elif state is not None and state.from_used >= STOPS_FROM:
        decision = "stop"
    return GateAnswer(
        service=report.service,
        month=report.month,
        at=at,
        decision=decision,
        state=UNDECIDABLE if reasons or state is None else state.state,
        objective=rows[0].id if rows else None,
        actions=[] if reasons or state is None else list(state.actions),
        reasons=reasons,
        budgets=[_budget(row) for row in rows],
        missed=[_miss(row) for row in report.objectives if _is_missed_without_budget(row)],
        outlook=report.outlook,
    )


def gate_text(given: GateAnswer) -> list[str]:
    """Return the answer in lines: the state first, what to do, then every budget."""
    lines = [f"{given.state}: {given.service}, {given.month} to {given.at}"]
    lines += [f"- {text}" for text in (*given.reasons, *given.actions)]
    foreseen = {b.objective: b.text for b in given.outlook.budgets} if given.outlook else {}
    for budget in given.budgets:
        used = f"{budget.used_text} used" if budget.used is not None else budget.used_text
        # Of a target that allows nothing, exhausted is all there is to say.
        state = "" if used == budget.state else f", {budget.state}"
        line = f"{budget.title}: {used}{state}. {foreseen.get(budget.objective, '')}"
        lines.append(line.rstrip())
    if given.outlook is not None and given.outlook.budgets:
        lines.append(outlook_lead(given.outlook))
    lines += [
        f"{miss.title}: {miss.text} (target {miss.target}) missed so far; it has no budget and "
        "does not gate."
        for miss in given.missed
    ]
    return lines


def _measure(
    definition: Definition,
    month: Month,
    now: datetime,
    *,
    load_new: bool,
    progress: Callable[[str], None],
) -> _Measured | None:
    """Return the month to date without breakdowns and alerts, None where it has no usable line."""
    whole = replace(definition, breakdowns=(), burn_rate_alerts=(), threshold_alerts=())

    def counted(engine: Engine, _: object) -> tuple[LedgerFigures, RollUp] | None:
        progress(f"measuring {month.text}")
        lines = ledger(engine, month)
        if not lines.total("loaded"):
            return None
        return lines, roll_up(engine, whole, Windows.of(month, now))

    with run_lock(definition.store):
        counts = use_engine(
            definition,
            month,
            counted,
            reports=definition.reports,
            now=now,
            progress=progress,
            load_new=load_new,
        )
    if counts is None:
        return None
    lines, rolled = counts
    hours = dict(rolled.hourly.select("hour", "requests").iter_rows())
    lacks = lacking(definition.limits, lines, coverage(hours, month, now.astimezone(UTC)))
    around = Surroundings(now=now, notes=None, previous=None)
    return _Measured(compose_report(whole, rolled, Replay(), lines, around), lacks)


def _place(row: ObjectiveRow, order: Sequence[str]) -> int:
    return order.index(row.budget.state) if row.budget is not None else -1


def _budget(row: ObjectiveRow) -> GateBudget:
    return GateBudget(
        objective=row.id,
        title=row.title,
        used=None if row.budget is None else row.budget.used,
        used_text=budget_text(row),
        state="" if row.budget is None else row.budget.state,
        valid=row.valid,
        bad=row.bad or 0,
    )


def _is_missed_without_budget(row: ObjectiveRow) -> bool:
    return row.verdict == "missed" and row.budget is None and not row.informational


def _miss(row: ObjectiveRow) -> GateMiss:
    return GateMiss(objective=row.id, title=row.title, text=row.text, target=row.target.text)
