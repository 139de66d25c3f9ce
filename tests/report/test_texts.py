from decimal import Decimal
from fractions import Fraction
from operator import ge, gt, le, lt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slo_report.judge.verdicts import Verdict
from slo_report.report.texts import (
    format_amount,
    format_budget_percent,
    format_duration_s,
    format_money,
    format_ratio,
    format_target,
    measured_text,
)
from slo_report.slo_yaml.targets import Operator, Target
from slo_report.wording import format_count
from tests.report.build import target

SECONDS = {"ms": Fraction(1, 1000), "s": Fraction(1), "m": Fraction(60)}


def read_duration(text: str) -> Fraction:
    unit = "ms" if text.endswith("ms") else text[-1]
    return Fraction(text.removesuffix(unit)) * SECONDS[unit]


def read(text: str, unit: str) -> Fraction:
    if unit == "ratio":
        return Fraction(text.removesuffix("%")) / 100
    return read_duration(text) if unit == "s" else Fraction(text.removesuffix(f" {unit}"))


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        ("0.008", "8ms"), ("0.00832", "8.4ms"), ("0.43", "430ms"), ("0.4301", "431ms"),
        ("4.782", "4.8s"), ("5", "5s"), ("77.41", "78s"), ("720", "12m"), ("721", "13m"),
        ("0.9995", "1s"), ("9.95", "10s"), ("0.00999", "10ms"), ("599.2", "10m"), ("0", "0ms"),
    ],
)  # fmt: skip
def test_times_are_rounded_up_in_the_steps_of_their_size(seconds: str, text: str) -> None:
    assert format_duration_s(Decimal(seconds)) == text


@pytest.mark.parametrize(
    ("op", "value", "unit", "text"),
    [
        (">=", "0.995", "ratio", "99.5%"), (">=", "0.9995", "ratio", "99.95%"),
        (">", "0.6", "ratio", "> 60%"), ("<", "5", "s", "< 5s"), ("<", "1.5", "s", "< 1.5s"),
        ("<", "0.005", "s", "< 5ms"), ("<", "0.2", "s", "< 200ms"), ("<", "60", "s", "< 60s"),
        ("<", "900", "s", "< 15m"), ("<", "901", "s", "< 901s"), ("<", "0.05", "USD", "< 0.05 USD"),
        ("<=", "0.10", "USD", "<= 0.10 USD"),
        ("<", "0.5", "USD", "< 0.50 USD"), ("<", "12", "USD", "< 12 USD"),
        (">=", "1", "ratio", "100%"),
    ],
)  # fmt: skip
def test_targets_are_printed_as_they_were_meant(
    op: Operator, value: str, unit: str, text: str
) -> None:
    assert format_target(target(op, value, unit)) == text


@pytest.mark.parametrize(
    ("value", "goal", "verdict", "text"),
    [
        ("0.99629", target(">=", "0.995"), "met", "99.62%"),
        ("0.995", target(">=", "0.995"), "met", "99.50%"),
        ("0.9949999", target(">=", "0.995"), "missed", "99.49%"),
        ("0.9995049", target(">=", "0.999504"), "met", "99.9504%"),
        ("0.6", target(">", "0.6"), "missed", "60.00%"),
        ("0.60001", target(">", "0.6"), "met", "60.001%"),
        ("4.782", target("<", "5", "s"), "met", "4.8s"),
        ("4.97", target("<", "5", "s"), "met", "4.97s"),
        ("4.999999", target("<", "5", "s"), "met", "4.999999s"),
        ("5", target("<", "5", "s"), "missed", "5s"),
        ("5", target("<=", "5", "s"), "met", "5s"),
        ("5.01", target("<=", "5", "s"), "missed", "5.1s"),
        ("77.41", target("<", "60", "s"), "missed", "78s"),
        ("59.97", target("<", "60", "s"), "met", "59.97s"),
        ("0.028814", target("<", "0.05", "USD"), "met", "0.0289 USD"),
        ("0.04999", target("<", "0.05", "USD"), "met", "0.04999 USD"),
        (None, target("<", "5", "s"), "no_data", "no data"),
        (None, target(">=", "0.9"), "not_in_use", "not in use"),
    ],
)
def test_a_measured_figure_has_the_digits_it_needs(
    value: str | None, goal: Target, verdict: Verdict, text: str
) -> None:
    exact = None if value is None else Fraction(value)
    assert measured_text(exact, goal, verdict) == text


def test_a_verdict_that_the_figure_denies_is_a_bug_and_not_a_text() -> None:
    with pytest.raises(ValueError, match="met, but"):
        measured_text(Fraction(6), target("<", "5", "s"), "met")


@pytest.mark.parametrize(
    ("used", "text"),
    [
        ("0.76", "76%"), ("0.7501", "76%"), ("0", "0%"), ("0.001", "1%"), ("1", "100%"),
        ("0.992", "99.2%"), ("0.9999", "99.99%"), ("0.4999", "49.99%"), ("1.001", "101%"),
        ("40", "4000%"),
    ],
)  # fmt: skip
def test_a_used_budget_is_rounded_up_but_never_onto_a_state(used: str, text: str) -> None:
    assert format_budget_percent(Fraction(used)) == text


def test_a_budget_of_nothing_has_no_share() -> None:
    assert format_budget_percent(None) == "n/a"


def test_plain_numbers() -> None:
    assert format_ratio(Fraction(2, 3)) == "66.66%"
    assert format_ratio(Fraction(2, 3), up=True) == "66.67%"
    assert format_money(Fraction("1234.5"), "USD") == "1235 USD"
    assert format_count(12345) == "12,345"
    assert format_amount(Fraction("1047.39"), up=False) == "1,047.3"


UNITS = st.sampled_from(["ratio", "s", "USD"])
COMPARISONS = {">=": ge, ">": gt, "<=": le, "<": lt}
OPERATORS = st.sampled_from(list(COMPARISONS))
GOALS = st.decimals(min_value=0, max_value=4000, places=4, allow_nan=False)
VALUES = st.fractions(min_value=0, max_value=5000, max_denominator=10**7)


@given(op=OPERATORS, unit=UNITS, goal=GOALS, value=VALUES, near=st.booleans())
def test_no_figure_flatters_or_denies_its_verdict(
    op: Operator, unit: str, goal: Decimal, value: Fraction, near: bool
) -> None:
    if near:  # right beside the target is where digits matter
        value = Fraction(goal) + (value - 2500) / 10**9
        value = max(value, Fraction(0))
    met = COMPARISONS[op](value, Fraction(goal))
    text = measured_text(value, Target(op, goal, unit), "met" if met else "missed")
    shown = read(text, unit)
    assert COMPARISONS[op](shown, Fraction(goal)) == met
    assert shown <= value if op in (">=", ">") else shown >= value


@given(used=st.fractions(min_value=0, max_value=100))
def test_no_budget_looks_less_used_than_it_is(used: Fraction) -> None:
    shown = Fraction(format_budget_percent(used).removesuffix("%")) / 100
    assert shown >= used
    assert (shown >= 1) == (used >= 1)
    assert (shown >= Fraction(1, 2)) == (used >= Fraction(1, 2))


@given(op=OPERATORS, unit=UNITS, goal=GOALS)
def test_a_printed_target_reads_back_exactly(op: Operator, unit: str, goal: Decimal) -> None:
    text = format_target(Target(op, goal, unit)).removeprefix(f"{op} ")
    assert read(text, unit) == Fraction(goal)
