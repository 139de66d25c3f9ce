"""The reference against figures computed by hand."""

from collections import Counter
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from .coverage import month_coverage
from .expressions import below, both, either, equals, negated
from .formulas import (
    allowed_bad,
    budget_state,
    budget_used,
    nearest_rank,
    wilson_by_roots,
    wilson_interval,
)
from .generated_month import generate
from .ledger import load_month
from .log_values import UnusableError, duration_us, read_instant
from .months import HOUR_US, day_spans, local_us, month_span
from .row_comparison import decimal_text
from .targets import TargetSpec, parse_target


@pytest.mark.parametrize(
    ("share", "expected"), [("0.5", 2), ("0.75", 3), ("0.76", 4), ("0.99", 4), ("1", 4)]
)
def test_nearest_rank_of_four_values(share: str, expected: int) -> None:
    values = [Decimal(n) for n in (4, 2, 1, 3)]
    assert nearest_rank(values, Fraction(share)) == expected


def test_wilson_interval_of_a_textbook_case_and_by_its_other_formula() -> None:
    low, high = wilson_interval(81, 263)
    assert (round(low, 4), round(high, 4)) == (0.2553, 0.3662)  # Newcombe 1998, table I, method 3
    for good, valid in ((0, 1), (1, 1), (199, 200), (7, 10)):
        assert wilson_interval(good, valid) == pytest.approx(wilson_by_roots(good, valid), abs=1e-9)


def test_error_budget_of_two_hundred_events_at_99_5_percent() -> None:
    allowed = allowed_bad(Fraction("0.995"), 200)
    assert allowed == budget_used(1, allowed) == 1
    assert budget_used(0, Fraction(0)) is None
    assert budget_state(1, allowed) == "exhausted"
    assert budget_state(0, Fraction(0)) == "healthy"
    assert budget_state(1, Fraction(0)) == "exhausted"


@pytest.mark.parametrize(
    ("text", "op", "value", "unit"),
    [
        ("99.5%", ">=", "0.995", "ratio"),
        ("> 60%", ">", "0.6", "ratio"),
        ("< 5 s", "<", "5", "s"),
        ("<= 90.0005 ms", "<=", "0.0900005", "s"),
        ("< 0.5 min", "<", "30", "s"),
        ("<= 0.10", "<=", "0.1", "USD"),
        ("< 0", "<", "0", "USD"),
    ],
)
def test_targets_are_read_and_written_exactly(text: str, op: str, value: str, unit: str) -> None:
    target = parse_target(text, "USD")
    assert (target.op, decimal_text(target.value), target.unit) == (op, value, unit)


def test_a_target_by_month_holds_from_its_month_on() -> None:
    spec = TargetSpec((("2026-01", "99.5%"), ("2026-07", "99.9%")))
    assert [spec.in_force(month) for month in ("2026-01", "2026-06", "2026-07", "2027-01")] == [
        "99.5%", "99.5%", "99.9%", "99.9%",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("zone", "month", "hours"),
    [
        ("UTC", "2025-04", 720),
        ("Europe/Berlin", "2025-03", 743),
        ("Europe/Berlin", "2025-10", 745),
        ("Asia/Kathmandu", "2024-02", 696),
        ("Australia/Lord_Howe", "2025-04", 720.5),
        ("Australia/Lord_Howe", "2025-10", 743.5),
        ("Pacific/Chatham", "2025-09", 719),
    ],
)
def test_months_have_the_hours_their_clocks_show(zone: str, month: str, hours: float) -> None:
    start_us, end_us = month_span(month, ZoneInfo(zone))
    assert (end_us - start_us) / HOUR_US == hours


def test_days_touch_and_fill_the_month() -> None:
    spans = [span for _, span in day_spans("2025-10", ZoneInfo("Europe/Berlin"))]
    assert all(first[1] == second[0] for first, second in pairwise(spans))
    assert (spans[0][0], spans[-1][1]) == month_span("2025-10", ZoneInfo("Europe/Berlin"))
    assert day_spans("2025-10", ZoneInfo("Europe/Berlin"))[25][0] == date(2025, 10, 26)


def test_times_without_offset_are_in_the_zone_of_the_report() -> None:
    kathmandu = ZoneInfo("Asia/Kathmandu")
    assert local_us("2025-01-01T05:45", kathmandu) == local_us("2025-01-01T00:00Z", kathmandu)
    assert local_us("1970-01-01T05:45:00Z", kathmandu) == 20700 * 10**6


@pytest.mark.parametrize(
    ("text", "micros"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("1970-01-01t00:00:00.9999999z", 999_999),
        ("1970-01-01 05:30:00.000001+0530", 1),
        ("1969-12-31T20:30:00.1-03:30", 100_000),
    ],
)
def test_instants_are_cut_to_the_microsecond(text: str, micros: int) -> None:
    assert read_instant(text) == micros


@pytest.mark.parametrize("text", ["1970-01-01T00:00:00", "yesterday", "1970-01-01", ""])
def test_an_instant_needs_its_offset(text: str) -> None:
    with pytest.raises(UnusableError, match="type:ts"):
        read_instant(text)


def test_durations_are_rounded_half_up() -> None:
    texts = ("0.0004", "0.0005", "0.0015", "12.3455", "7")
    assert [duration_us(text, "ms") for text in texts] == [0, 1, 2, 12_346, 7_000]
    assert duration_us("0.0000025", "s") == 3


def test_logic_is_three_valued() -> None:
    yes, no = equals("a", "x"), equals("a", "y")
    null = below("b", 3)
    row = {"a": "x", "b": None}
    assert [both(side, null).of(row) for side in (yes, no)] == [None, False]
    assert [either(side, null).of(row) for side in (yes, no)] == [True, None]
    assert negated(null).of(row) is None
    assert not null.holds(row)
    assert not negated(null).holds(row)


def test_two_silent_hours_of_a_busy_monday_are_a_gap_and_quiet_nights_are_none() -> None:
    zone = ZoneInfo("UTC")
    month = month_span("2025-09", zone)  # begins on a Monday
    instants = [
        month[0] + (week * 7 * 24 + hour) * HOUR_US + 60 * 10**6 * n
        for week in range(5)
        for hour in range(9, 16)
        for n in range(20)
        if (week, hour) != (1, 11)
    ]
    coverage = month_coverage([month[0], *instants, month[1] - 1], month, zone)
    start_us = month[0] + (7 * 24 + 11) * HOUR_US
    assert coverage.gaps == [(start_us, start_us + HOUR_US)]
    assert (coverage.hours, coverage.hours_with_data) == (720, 36)
    assert coverage.missing_hours() == 1


@pytest.mark.parametrize("seed", [1, 2, 4])
def test_what_the_generator_put_in_is_what_the_reference_finds(seed: int, tmp_path: Path) -> None:
    case = generate(seed)
    case.write(tmp_path)
    zone = ZoneInfo(case.definition.timezone)
    month = month_span(case.definition.month, zone)
    requests, ledger = load_month(tmp_path, case.definition, month)
    odd_files = {"files without a usable line", "file with nothing but duplicates"} & case.features
    cut_lines = Counter({"json": len(odd_files)})
    assert Counter(ledger.reasons) == case.bad_lines + cut_lines
    instants = {request.ts_us for request in requests}
    assert {month[0] - 1, month[0], month[1] - 1, month[1]} <= instants


def test_the_same_seed_gives_the_same_bytes() -> None:
    first, second = generate(3), generate(3)
    assert (first.slo_yaml, first.files) == (second.slo_yaml, second.files)
