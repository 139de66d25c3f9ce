"""Other targets are tried on the figures there are, and decided as exactly as the month's own."""

from decimal import Decimal
from fractions import Fraction
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slo_report.judge.what_if import (
    MonthFigure,
    budget_under,
    call,
    meets,
    other_targets,
    stricter,
)
from slo_report.slo_yaml.targets import Target

FLOOR = Target(">=", Decimal("0.995"), "ratio")
LIMIT = Target("<", Decimal(5), "s")

events = st.integers(1, 10**9).flatmap(
    lambda valid: st.tuples(st.just(valid), st.integers(0, valid))
)
shares = st.integers(1, 10**5).map(lambda n: Decimal(n) / 10**5)


def ratio(valid: int, good: int) -> MonthFigure:
    return MonthFigure(valid, good, Fraction(good, valid) if valid else None, by_counts=True)


@given(events, shares, st.sampled_from([">=", ">"]))
def test_a_share_is_decided_on_whole_numbers(
    counts: tuple[int, int], share: Decimal, op: str
) -> None:
    valid, good = counts
    numerator, denominator = share.as_integer_ratio()
    left, right = good * denominator, numerator * valid
    expected = left > right if op == ">" else left >= right
    assert meets(ratio(valid, good), Target(op, share, "ratio")) is expected  # type: ignore[arg-type]


@given(events, shares)
def test_a_budget_is_used_up_exactly_where_its_target_is_missed(
    counts: tuple[int, int], share: Decimal
) -> None:
    valid, good = counts
    used = budget_under(ratio(valid, good), Target(">=", share, "ratio"))
    if used is not None:
        assert (used <= 1) is meets(ratio(valid, good), Target(">=", share, "ratio"))
        assert used * (1 - Fraction(share)) * valid == valid - good


@given(
    st.lists(st.integers(0, 10**6), min_size=1, max_size=60),
    st.sampled_from(["0.5", "0.9", "0.95", "0.99", "0.999", "1"]),
    st.integers(1, 10**6),
    st.sampled_from(["<", "<="]),
)
def test_a_percentile_below_a_limit_is_a_count_below_it(
    values_us: list[int], quantile: str, limit_us: int, op: str
) -> None:
    needed = ceil(Fraction(quantile) * len(values_us))
    percentile = sorted(values_us)[needed - 1]
    within = sum(value < limit_us or (op == "<=" and value == limit_us) for value in values_us)
    month = MonthFigure(len(values_us), None, Fraction(percentile, 10**6), by_counts=False)
    limit = Target(op, Decimal(limit_us) / 10**6, "s")  # type: ignore[arg-type]
    assert meets(month, limit) is (within >= needed)


def test_the_worst_day_is_judged_by_its_value_and_not_by_the_months_counts() -> None:
    month = MonthFigure(1000, 990, Fraction(1, 2), by_counts=False)
    assert meets(month, Target(">=", Decimal("0.6"), "ratio")) is False


def test_a_month_without_events_meets_and_misses_nothing() -> None:
    assert meets(ratio(0, 0), FLOOR) is None


def test_a_target_of_all_leaves_no_budget_to_speak_of() -> None:
    assert budget_under(ratio(10, 9), Target(">=", Decimal(1), "ratio")) is None


@pytest.mark.parametrize(
    ("target", "tried"),
    [
        (FLOOR, "0.99 0.995 0.999 0.9995"),
        (Target(">=", Decimal("0.9995"), "ratio"), "0.99 0.995 0.999 0.9995 0.9999"),
        (Target(">", Decimal("0.6"), "ratio"), "0.5 0.6 0.7 0.99 0.995 0.999 0.9995"),
        (Target(">=", Decimal(1), "ratio"), "0.99 0.995 0.999 0.9995 0.99999 1"),
        (LIMIT, "10 7.5 6.25 5 3.75 2.5"),
        (Target("<=", Decimal("0.10"), "USD"), "0.2 0.15 0.125 0.1 0.075 0.05"),
        (Target(">=", Decimal(40), "tokens"), "20 30 40 50 60 80"),
    ],
)
def test_the_targets_tried_are_loosest_first_and_the_own_among_them(
    target: Target, tried: str
) -> None:
    found = other_targets(target)
    assert [Fraction(one.value) for one in found] == [Fraction(text) for text in tried.split()]
    assert {one.op for one in found} == {target.op}
    assert target in found


def test_the_next_stricter_target_is_the_one_behind() -> None:
    tried = other_targets(LIMIT)
    assert stricter(LIMIT, tried) == Target("<", Decimal("3.75"), "s")
    assert stricter(tried[-1], tried) is None


@pytest.mark.parametrize(
    ("met", "months", "met_stricter", "called"),
    [
        (2, 2, 2, "too early to say"), (0, 2, 0, "too early to say"), (3, 3, 3, "easy"),
        (3, 3, 2, "achievable"), (2, 4, 0, "achievable"), (1, 3, 0, "out of reach"),
        (5, 12, 0, "out of reach"), (12, 12, None, "achievable"),
    ],
)  # fmt: skip
def test_a_target_is_called_by_its_months(
    met: int, months: int, met_stricter: int | None, called: str
) -> None:
    assert call(met, months, met_stricter) == called
