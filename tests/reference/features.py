"""What the expected reports show, so that a test can ask that the whole set shows everything."""

from calendar import monthrange
from collections.abc import Iterator

from .expected_report import ExpectedReport
from .generated_month import Case
from .months import days_of_month
from .rows import ExpectedRow


def features_of(case: Case, report: ExpectedReport) -> set[str]:
    """Name what a case has: what the generator put in, and what came of it."""
    month = days_of_month(case.definition.month)[0]
    features = set(case.features) | {
        f"month of {monthrange(month.year, month.month)[1]} days",
        f"status {report.status}",
    }
    for row in report.objectives:
        features |= {f"fleet: {feature}" for feature in _row_features(row)}
    for column, rows in report.breakdowns.items():
        for row in rows.values():
            features |= {f"{column}: {feature}" for feature in _row_features(row)}
        features |= {f"{column}: NULL key" for _, key in rows if key == f"(no {column})"}
    features |= {f"reserved {row.verdict}" for row in report.reserved.values()}
    features |= {"gap" for _ in report.coverage.gaps}
    features |= {f"reason {reason}" for reason in report.ledger.reasons}
    features |= {"blank lines" for _ in range(min(report.ledger.blank, 1))}
    features |= {f"excluded by {r}" for r, excluded in report.exclusions.items() if excluded}
    return features


def _row_features(row: ExpectedRow) -> Iterator[str]:
    yield row.verdict
    if row.valid == 1:
        yield "one request"
    if row.value == row.target.value and row.periods is None:
        yield f"{row.statistic} {row.target.op} exactly on the target"
    if row.contract_target:
        yield f"contract {row.statistic}"
    if row.informational:
        yield "informational"
    if row.few_events:
        yield "few events"
    if row.budget is not None and row.valid:
        nothing_allowed = row.budget.used is None
        yield f"budget {row.budget.state}{', nothing allowed' if nothing_allowed else ''}"
        if row.budget.used == 1:
            yield f"budget used up exactly and {row.verdict}"
        if row.statistic != "ratio":
            yield "budget of a percentile"
    elif row.statistic == "ratio" and row.valid:
        yield "ratio without a budget"
    if row.periods is not None and 0 < row.periods.met < row.periods.total:
        yield "some days met"
    if row.worst_reading is not None and row.worst_reading.value != row.value:
        yield "a worse reading within the month"
