"""Verdicts agree with exact rational arithmetic, at any size."""

from decimal import Decimal
from fractions import Fraction
from typing import Literal

import polars as pl
from hypothesis import given
from hypothesis import strategies as st
from sqlglot import exp

from slo_report.judge.compliance import compliance
from slo_report.rollup.measures import Measure, Question
from slo_report.slo_yaml.definition import Objective, Slo, SloRow, TargetByMonth, Window
from slo_report.slo_yaml.targets import Target

COUNTS = st.integers(1, 10**15).flatmap(
    lambda valid: st.tuples(st.just(valid), st.integers(0, valid))
)
SHARES = st.integers(1, 10**6).map(lambda share: Decimal(share).scaleb(-6))


def question(statistic: str, target: Target) -> Question:
    objective = Objective(
        "o", "slo", "O", statistic, TargetByMonth((("", target),)), False, False, True
    )
    row = SloRow({}, "", "", (objective,))
    slo = Slo(
        "slo", "Slo", None, None, None, None, None, "ratio", Window("month"), False, False, (row,)
    )
    return Question("o", objective, target, Measure(slo, row, exp.true()), exp.true())


def met(asked: Question, valid: int, good: int) -> bool:
    counts = pl.DataFrame(
        {"question": ["o"], "key": [None], "span": ["month"], "valid": [valid], "good": [good]}
    )
    return bool(compliance(counts, [asked])["met"][0])


@given(COUNTS, SHARES, st.sampled_from([">=", ">"]))
def test_a_ratio_is_met_exactly_when_the_rational_passes(
    counts: tuple[int, int], share: Decimal, op: Literal[">=", ">"]
) -> None:
    valid, good = counts
    exact = Fraction(good, valid)
    passed = exact >= Fraction(share) if op == ">=" else exact > Fraction(share)
    assert met(question("ratio", Target(op, share, "ratio")), valid, good) == passed


@given(
    st.lists(st.integers(0, 50), min_size=1, max_size=60), st.integers(1, 999), st.integers(0, 50)
)
def test_a_percentile_is_met_exactly_when_its_nearest_rank_is_within_the_limit(
    values: list[int], permille: int, limit: int
) -> None:
    percent = Decimal(permille) / 10
    rank = -(-permille * len(values) // 1000)
    within = sorted(values)[rank - 1] < limit
    asked = question(f"p{percent}", Target("<", Decimal(limit), "s"))
    assert met(asked, len(values), sum(value < limit for value in values)) == within


def test_exactly_on_the_target_is_met_unless_it_is_strict() -> None:
    assert met(question("ratio", Target(">=", Decimal("0.999"), "ratio")), 200_000, 199_800)
    assert not met(question("ratio", Target(">", Decimal("0.999"), "ratio")), 200_000, 199_800)


def test_every_event_must_be_good_for_a_maximum_and_for_a_target_of_all() -> None:
    for asked in (
        question("max", Target("<=", Decimal("0.1"), "USD")),
        question("ratio", Target(">=", Decimal(1), "ratio")),
    ):
        assert met(asked, 10, 10)
        assert not met(asked, 10, 9)
