"""Holding a report.json against the expected report; every difference is a sentence."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from .definition import Definition
from .expected_report import ExpectedReport, section_of
from .months import instant_us, month_span
from .row_comparison import row_differences
from .rows import ExpectedRow, as_written

Json = dict[str, Any]
LEDGER_COUNTS = (
    "files",
    "lines",
    "loaded",
    "quarantined",
    "duplicates",
    "outside_period",
    "blank",
    "reasons",
    "skipped",
)


def differences(document: Json, expected: ExpectedReport, definition: Definition) -> list[str]:
    """Return what the program says otherwise than the reference; nothing, if they agree."""
    found = [*_head(document, expected, definition), *_ledger(document, expected)]
    found += _coverage(document, expected)
    fleet = {(row["id"], ""): row for row in _without_reserved(document["objectives"])}
    found += _rows("objectives", fleet, {(row.id, ""): row for row in expected.objectives})
    for column, rows in expected.breakdowns.items():
        listed = _without_reserved(section_of(document, column))
        actual = {(row["id"], as_written(row["scope"][column])): row for row in listed}
        if len(actual) < len(listed):
            found.append(f"{column}: an objective has two rows for one value")
        found += _rows(column, actual, rows)
    return found + list(_reserved(document, expected))


def _head(document: Json, expected: ExpectedReport, definition: Definition) -> Iterator[str]:
    start_us, end_us = month_span(definition.month, ZoneInfo(definition.timezone))
    window = document["window"]
    pairs = {
        "schema": (document["schema"], "slo-report/1"),
        "month": (document["month"], definition.month),
        "timezone": (document["timezone"], definition.timezone),
        "status": (document["status"], expected.status),
        "window": ([_instant(window["from"]), _instant(window["to"])], [start_us, end_us]),
        "exclusions": (
            {rule["reason"]: rule["excluded"] for rule in document["exclusions"]},
            expected.exclusions,
        ),
    }
    for name, (actual, wanted) in pairs.items():
        if actual != wanted:
            yield f"{name}: {actual!r}, expected {wanted!r}"


def _ledger(document: Json, expected: ExpectedReport) -> Iterator[str]:
    for name in LEDGER_COUNTS:
        actual, wanted = document["ledger"][name], getattr(expected.ledger, name)
        if actual != wanted:
            yield f"ledger.{name}: {actual!r}, expected {wanted!r}"
    if document["ledger"]["refused"]:
        yield f"ledger.refused: {document['ledger']['refused']}, expected none"


def _coverage(document: Json, expected: ExpectedReport) -> Iterator[str]:
    actual, wanted = document["coverage"], expected.coverage
    gaps = [(_instant(gap["from"]), _instant(gap["to"])) for gap in actual["gaps"]]
    for name, found, right in (
        ("hours", actual["hours"], wanted.hours),
        ("hours_with_data", actual["hours_with_data"], wanted.hours_with_data),
        ("gaps", gaps, wanted.gaps),
    ):
        if found != right:
            yield f"coverage.{name}: {found!r}, expected {right!r}"


def _rows(
    section: str,
    actual: dict[tuple[str, str], Json],
    expected: dict[tuple[str, str], ExpectedRow],
) -> Iterator[str]:
    """Compare the rows of a section, in whatever order they stand."""
    for key in sorted(actual.keys() | expected.keys()):
        objective, scope = key
        where = f"objective {objective}, scope {section} {scope}".rstrip()
        if key not in actual:
            yield f"{where}: no row, expected {expected[key].verdict} of {expected[key].valid}"
        elif key not in expected:
            yield f"{where}: a row of {actual[key]['valid']} valid events, expected none"
        else:
            for difference in row_differences(actual[key], expected[key]):
                yield f"{where}: {difference}"


def _reserved(document: Json, expected: ExpectedReport) -> Iterator[str]:
    """Compare reserved capacity, wherever its row of the customer stands."""
    listed = [row for row in [*document["customers"], *document["objectives"]] if _is_reserved(row)]
    for customer, wanted in expected.reserved.items():
        where = f"objective reserved, scope customer {customer}"
        mine = [row for row in listed if (row["scope"] or {}).get("customer") == customer]
        if not mine:
            yield f"{where}: no row"
        for row in mine[:1]:
            for difference in row_differences(row, wanted):
                yield f"{where}: {difference}"


def _without_reserved(rows: Any) -> list[Json]:
    return [row for row in rows if not _is_reserved(row)]


def _is_reserved(row: Json) -> bool:
    return str(row["slo"]) == "reserved"


def _instant(text: str) -> int:
    return instant_us(datetime.fromisoformat(text))
