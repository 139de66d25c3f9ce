"""The comparison accepts the report that the reference expects, and names what is not in it."""

from collections.abc import Callable
from datetime import UTC, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from .comparison import differences
from .expected_report import SECTIONS, ExpectedReport, expected_report
from .generated_month import Case, generate
from .months import EPOCH, month_span
from .row_comparison import decimal_text
from .rows import ExpectedRow
from .windows import Worst

Json = dict[str, Any]
SEED = 3


@pytest.fixture(name="case", scope="module")
def generated_case() -> Case:
    return generate(SEED)


@pytest.fixture(name="expected", scope="module")
def expected_of_case(case: Case, tmp_path_factory: pytest.TempPathFactory) -> ExpectedReport:
    folder: Path = tmp_path_factory.mktemp("logs")
    case.write(folder)
    return expected_report(folder, case.definition)


def test_a_report_that_says_the_same_has_no_differences(
    case: Case, expected: ExpectedReport
) -> None:
    assert differences(_document(case, expected), expected, case.definition) == []


def _flip_verdict(document: Json) -> None:
    document["objectives"][0]["verdict"] = "no_data"


def _lose_one_event(document: Json) -> None:
    document["customers"][4]["valid"] -= 1


def _lose_a_row(document: Json) -> None:
    document["endpoints"].pop()


def _shift_a_value(document: Json) -> None:
    row = next(row for row in document["objectives"] if row["value"])
    row["value"] *= 1 + 1e-11


def _forget_a_blank_line(document: Json) -> None:
    document["ledger"]["blank"] += 1


@pytest.mark.parametrize(
    ("spoil", "named"),
    [
        (_flip_verdict, "objective availability, scope objectives: verdict"),
        (_lose_one_event, "scope customer"),
        (_lose_a_row, "no row, expected"),
        (_shift_a_value, "value is"),
        (_forget_a_blank_line, "ledger.blank"),
    ],
)
def test_each_difference_is_named(
    spoil: Callable[[Json], None], named: str, case: Case, expected: ExpectedReport
) -> None:
    document = _document(case, expected)
    spoil(document)
    (difference,) = differences(document, expected, case.definition)
    assert named in difference


def _document(case: Case, expected: ExpectedReport) -> Json:
    """Write the expected report in the shape of report.json."""
    month, zone = case.definition.month, ZoneInfo(case.definition.timezone)
    start_us, end_us = month_span(month, zone)
    document: Json = {
        "schema": "slo-report/1",
        "month": month,
        "timezone": case.definition.timezone,
        "window": {"from": _iso(start_us), "to": _iso(end_us)},
        "status": expected.status,
        "objectives": [_row(row, {}) for row in expected.objectives],
        "customers": [],
        "breakdowns": {},
        "ledger": {**vars(expected.ledger), "refused": []},
        "exclusions": [{"reason": r, "excluded": n} for r, n in expected.exclusions.items()],
        "coverage": {
            "hours": expected.coverage.hours,
            "hours_with_data": expected.coverage.hours_with_data,
            "gaps": [{"from": _iso(a), "to": _iso(b)} for a, b in expected.coverage.gaps],
        },
    }
    for column, rows in expected.breakdowns.items():
        listed = [_row(row, {column: key}) for (_, key), row in rows.items()]
        if column in SECTIONS:
            document[SECTIONS[column]] = listed
        else:
            document["breakdowns"][column] = listed
    for customer, row in expected.reserved.items():
        document["customers"].append(_row(row, {"customer": customer}))
    return document


def _row(row: ExpectedRow, scope: dict[str, str]) -> Json:
    budget, periods = row.budget, row.periods
    target = {"op": row.target.op, "value": decimal_text(row.target.value)}
    document: Json = {**vars(row), "scope": scope, "target": target | {"unit": row.target.unit}}
    document |= {"value": _float(row.value), "month_value": _float(row.month_value)}
    document["worst_reading"] = _worst(row.worst_reading)
    if budget is not None:
        document["budget"] = {
            "allowed": float(budget.allowed),
            "used_events": budget.used_events,
            "used": _float(budget.used),
            "state": budget.state,
            "minutes": _float(budget.minutes),
            "minutes_used": _float(_product(budget.minutes, budget.used)),
        }
    if periods is not None:
        worst = _worst(periods.worst) or {"value": None, "on": None}
        document["periods"] = {"met": periods.met, "total": periods.total}
        document["periods"] |= {"worst": worst["value"], "worst_on": worst["on"]}
    return document


def _worst(worst: Worst | None) -> Json | None:
    if worst is None:
        return None
    return {"value": float(worst.value), "on": worst.days[-1].isoformat()}


def _product(left: Fraction | None, right: Fraction | None) -> Fraction | None:
    return None if left is None or right is None else left * right


def _float(value: Fraction | None) -> float | None:
    return None if value is None else float(value)


def _iso(instant_us: int) -> str:
    return (EPOCH + timedelta(microseconds=instant_us)).astimezone(UTC).isoformat()
