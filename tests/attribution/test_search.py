"""The parts of the search: evidence, stretches, hours, shifts."""

from fractions import Fraction
from math import exp

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from slo_report.judge.counts import Counts
from slo_report.judge.evidence import evidence, lift, stands_out
from slo_report.judge.shifts import ShiftFigures, longest_shift
from slo_report.judge.stretches import best_hours, best_stretch

STEPS = 40


@st.composite
def part_and_whole(draw: st.DrawFn) -> tuple[Counts, Counts]:
    sizes = [draw(st.integers(0, 2_000)) for _ in range(2)]
    part, rest = (Counts(size, draw(st.integers(0, size))) for size in sizes)
    return part, Counts(part.valid + rest.valid, part.bad + rest.bad)


@given(part_and_whole())
def test_only_a_higher_rate_than_the_rests_is_evidence(pair: tuple[Counts, Counts]) -> None:
    part, whole = pair
    rest = whole - part
    higher = part.bad * rest.valid > rest.bad * part.valid
    assert evidence(part, whole) >= 0
    if not higher:
        assert evidence(part, whole) == 0


def test_evidence_is_the_example_of_the_definitions() -> None:
    part, whole = Counts(281, 59), Counts(478, 73)
    assert evidence(part, whole) == pytest.approx(9.379, abs=1e-3)
    assert exp(-evidence(part, whole)) < 0.0001


def test_twice_the_rate_and_a_tenth_of_the_bad_is_the_least_that_stands_out() -> None:
    whole = Counts(1_100, 30)
    assert stands_out(Counts(100, 5), whole - Counts(0, 0))
    assert stands_out(Counts(50, 3), Counts(1_050, 30))
    assert not stands_out(Counts(50, 2), Counts(1_050, 30))  # not a tenth
    assert not stands_out(Counts(500, 15), Counts(1_000, 25))  # not twice
    assert lift(Counts(100, 10), Counts(1_000, 20)) == 5
    assert lift(Counts(100, 10), Counts(1_000, 0)) is None
    assert lift(Counts(3, 1), Counts(9, 2)) == Fraction(3, 2)


@pytest.mark.long
@given(
    st.integers(0, STEPS - 4),
    st.integers(1, 4),
    st.lists(st.integers(0, 1), min_size=STEPS, max_size=STEPS),
)
def test_no_stretch_has_much_more_evidence_than_the_one_found(
    first: int, length: int, noise: list[int]
) -> None:
    bad = [40 if first <= step < first + length else noise[step] for step in range(STEPS)]
    series = pl.DataFrame({"step": range(STEPS), "valid": [50] * STEPS, "bad": bad})
    whole = Counts(50 * STEPS, sum(bad))
    found = best_stretch(series, whole, STEPS)
    assert found is not None
    most = max(
        evidence(Counts(50 * (end - start), sum(bad[start:end])), whole)
        for start in range(STEPS)
        for end in range(start + 1, STEPS + 1)
    )
    assert evidence(found.counts, whole) >= 0.95 * most
    assert found.counts == Counts(50 * (found.end - found.first), sum(bad[found.first : found.end]))


def test_hours_of_the_day_may_pass_midnight() -> None:
    by_hour = [Counts(100, 20 if hour in (23, 0, 1) else 1) for hour in range(24)]
    found = best_hours(by_hour, Counts(2_400, 81))
    assert found is not None
    assert (found.first, found.end, found.counts) == (23, 26, Counts(300, 60))


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        ("mmmXXXXXmmm", ShiftFigures(3, 8, 5, 0)),
        ("mmmXXmXXXmm", ShiftFigures(3, 9, 5, 0)),  # one good day inside ends nothing
        ("mmmmmmmXXXX", ShiftFigures(7, 11, 4, 0)),  # it did not come back
        ("XmmmXXXXmmm", ShiftFigures(4, 8, 4, 1)),
        ("XXXXXXXXXXX", None),  # nothing changed
        ("mXmmXmmXmmX", None),  # single bad days
        ("mmmmmmmmmmm", None),
        ("mmXXmmmmmmm", None),
    ],
)
def test_a_shift_is_a_run_of_missed_days(days: str, expected: ShiftFigures | None) -> None:
    events = [Counts(1_000, 5 if day == "m" else 30) for day in days]
    assert longest_shift([day == "m" for day in days], events) == expected


def test_a_run_that_differs_from_the_other_days_by_chance_is_no_shift() -> None:
    bad = [3, 9, 8, 6, 11, 9, 8, 7, 9, 4, 10, 8]
    events = [Counts(600, number) for number in bad]
    assert longest_shift([number < 6 for number in bad], events) is None
