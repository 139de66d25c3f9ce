"""What the report of a month must say, from the log files and the definition's values."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from zoneinfo import ZoneInfo

from .coverage import Coverage, month_coverage
from .definition import Customer, Definition, EachRow, Exclusion, Slo
from .expressions import Expression, Value
from .ledger import Ledger, load_month
from .log_lines import Request
from .months import local_us, month_span
from .readings import Event, events_of, within
from .rows import ExpectedRow, Objective, as_written, judged_row, objective_id
from .targets import TargetSpec
from .windows import objective_span

SECTIONS = {"endpoint": "endpoints", "customer": "customers", "replica": "replicas"}
"""The breakdowns with a section of their own; others lie under ``breakdowns.<column>``."""
MISSING_TIME_LIMIT = Fraction(5, 100)
QUARANTINED_LIMIT = "1%"


@dataclass(frozen=True)
class ExpectedReport:
    """The expected report; breakdown rows by column, objective id and key."""

    status: str
    objectives: list[ExpectedRow]
    breakdowns: dict[str, dict[tuple[str, str], ExpectedRow]]
    reserved: dict[str, ExpectedRow]
    ledger: Ledger
    exclusions: dict[str, int]
    coverage: Coverage


def expected_report(folder: Path, definition: Definition) -> ExpectedReport:
    """Compute the whole report of the definition's month."""
    zone = ZoneInfo(definition.timezone)
    month = month_span(definition.month, zone)
    requests, ledger = load_month(folder, definition, month)
    in_month = [request for request in requests if month[0] <= request.ts_us < month[1]]
    coverage = month_coverage([request.ts_us for request in in_month], month, zone)
    report = ExpectedReport(
        status=_status(definition, ledger, coverage),
        objectives=[],
        breakdowns={column: {} for column in definition.breakdowns or ("endpoint", "customer")},
        reserved=_reserved(definition, requests, zone),
        ledger=ledger,
        exclusions={
            rule.reason: _excluded_events(rule, definition, in_month, zone)
            for rule in definition.exclusions
        },
        coverage=coverage,
    )
    for slo in definition.slos:
        counted = events_of(slo, without_excluded(slo, definition, requests, zone))
        for row in slo.rows:
            chosen = [event for event in counted if chooses(row, event.request)]
            _add_rows(report, definition, slo, row, chosen)
    return report


def objectives_of(definition: Definition, slo: Slo, row: EachRow) -> Iterator[Objective]:
    """Yield the objectives of one row of ``each``, or of an SLO without it."""
    texts = {name for name in row.choices if definition.column_type(name) == "text"}
    for statistic, spec in row.targets.items():
        yield Objective(objective_id(slo, row, statistic, texts), slo, row, statistic, spec)


def chooses(row: EachRow, request: Request) -> bool:
    """Say whether a row of ``each`` takes a request: every column has one of its values."""
    return all(request.columns[column] in values for column, values in row.choices.items())


def _add_rows(
    report: ExpectedReport, definition: Definition, slo: Slo, row: EachRow, events: list[Event]
) -> None:
    """Add the rows of one set of objectives: of the whole, and of every value of a breakdown."""
    zone, month = ZoneInfo(definition.timezone), definition.month
    span = objective_span(slo, month, zone)
    for objective in objectives_of(definition, slo, row):
        report.objectives.append(judged_row(objective, events, month, zone))
        for column, rows in report.breakdowns.items():
            if column in row.choices:  # the objective fixes this column itself
                continue
            by_key: dict[str, list[Event]] = defaultdict(list)
            for event in events:
                by_key[breakdown_key(column, event.request.columns[column])].append(event)
            for key, group in by_key.items():
                if within(group, span):
                    contract = _contract(definition, objective, column, key)
                    rows[objective.id, key] = judged_row(objective, group, month, zone, contract)


def breakdown_key(column: str, value: Value) -> str:
    """Return the key of a breakdown row: the value as text, NULL as "(no customer)"."""
    return f"(no {column})" if value is None else as_written(value)


def _contract(
    definition: Definition, objective: Objective, column: str, key: str
) -> TargetSpec | None:
    """Return the target that a customer was promised instead."""
    if column != "customer":
        return None
    for customer in definition.customers:
        if customer.name == key:
            return customer.targets.get(objective.slo.id, {}).get(objective.statistic)
    return None


def _rule_matches(rule: Exclusion, request: Request, zone: ZoneInfo) -> bool:
    """Say whether an exclusion takes a request: its predicate, its time [from, to), or both."""
    if rule.where is not None and not rule.where.holds(request.columns):
        return False
    if rule.since is not None and request.ts_us < local_us(rule.since, zone):
        return False
    return rule.until is None or request.ts_us < local_us(rule.until, zone, last=True)


def without_excluded(
    slo: Slo, definition: Definition, requests: list[Request], zone: ZoneInfo
) -> list[Request]:
    """Return the requests that no exclusion of an SLO takes out."""
    rules = [rule for rule in definition.exclusions if rule.slos is None or slo.id in rule.slos]
    return [r for r in requests if not any(_rule_matches(rule, r, zone) for rule in rules)]


def _excluded_events(
    rule: Exclusion, definition: Definition, in_month: list[Request], zone: ZoneInfo
) -> int:
    """Count the month's requests that a rule matches and some objective of its SLOs would count."""
    matched = [request for request in in_month if _rule_matches(rule, request, zone)]
    counted = set()
    for slo in definition.slos:
        if rule.slos is None or slo.id in rule.slos:
            for event in events_of(slo, matched):
                if any(chooses(row, event.request) for row in slo.rows):
                    counted.add((event.request.file, event.request.line))
    return len(counted)


def _reserved(
    definition: Definition, requests: list[Request], zone: ZoneInfo
) -> dict[str, ExpectedRow]:
    """Judge reserved capacity: of the requests on those replicas or of this customer, all are both.

    Generated definitions with ``reserved`` limit every exclusion to some SLOs, so nothing is
    excluded here.
    """
    rows = {}
    for customer in definition.customers:
        if customer.reserved:
            spec = TargetSpec.of("100%")
            slo = _reserved_slo(customer, spec)
            objective = Objective("reserved", slo, slo.rows[0], "ratio", spec)
            events = events_of(slo, requests)
            rows[customer.name] = judged_row(objective, events, definition.month, zone)
    return rows


def _reserved_slo(customer: Customer, spec: TargetSpec) -> Slo:
    def is_theirs(columns: dict[str, Value]) -> bool:
        return columns["customer"] == customer.name

    def is_there(columns: dict[str, Value]) -> bool:
        return columns["replica"] in customer.reserved

    return Slo(
        id="reserved",
        rows=(EachRow({"ratio": spec}),),
        valid=Expression("", lambda row: is_theirs(dict(row)) or is_there(dict(row))),
        good=Expression("", lambda row: is_theirs(dict(row)) and is_there(dict(row))),
    )


def _status(definition: Definition, ledger: Ledger, coverage: Coverage) -> str:
    """Return incomplete where a share is above its limit; the month is always over here."""
    limit = Fraction((definition.quarantined_limit or QUARANTINED_LIMIT).rstrip("%")) / 100
    too_many_bad_lines = ledger.quarantined > limit * ledger.lines
    too_much_missing = coverage.missing_hours() > MISSING_TIME_LIMIT * coverage.hours
    return "incomplete" if too_many_bad_lines or too_much_missing else "final"


def section_of(document: dict[str, object], column: str) -> object:
    """Return the rows of a breakdown in report.json."""
    if column in SECTIONS:
        return document[SECTIONS[column]]
    breakdowns = document["breakdowns"]
    assert isinstance(breakdowns, dict)
    return breakdowns[column]
