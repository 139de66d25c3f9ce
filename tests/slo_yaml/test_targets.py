"""Targets are exact decimals, and what cannot be meant is answered with the right form."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slo_report.slo_yaml.targets import (
    Measure,
    Target,
    TargetError,
    decimal_text,
    parse_percentage,
    parse_target,
)


@pytest.mark.parametrize(
    ("text", "measure", "unit", "target"),
    [
        ("99.5%", "ratio", "", Target(">=", Decimal("0.995"), "ratio")),
        (">= 99%", "ratio", "", Target(">=", Decimal("0.99"), "ratio")),
        ("> 60%", "ratio", "", Target(">", Decimal("0.6"), "ratio")),
        ("100%", "ratio", "", Target(">=", Decimal(1), "ratio")),
        ("99.999 %", "ratio", "", Target(">=", Decimal("0.99999"), "ratio")),
        ("> 60%", "sum_ratio", "", Target(">", Decimal("0.6"), "ratio")),
        ("< 5%", "sum_ratio", "", Target("<", Decimal("0.05"), "ratio")),
        ("<= 0.02", "sum_ratio", "USD", Target("<=", Decimal("0.02"), "USD")),
        ("< 5 s", "duration", "", Target("<", Decimal(5), "s")),
        ("<5s", "duration", "", Target("<", Decimal(5), "s")),
        ("<= 1.5 s", "duration", "", Target("<=", Decimal("1.5"), "s")),
        ("< 300 ms", "duration", "", Target("<", Decimal("0.3"), "s")),
        ("< 5 us", "duration", "", Target("<", Decimal("0.000005"), "s")),
        ("< 5 ns", "duration", "", Target("<", Decimal("0.000000005"), "s")),
        ("< 2 min", "duration", "", Target("<", Decimal(120), "s")),
        ("< 1 h", "duration", "", Target("<", Decimal(3600), "s")),
        ("<= 0.10", "number", "USD", Target("<=", Decimal("0.10"), "USD")),
        ("< -5", "number", "", Target("<", Decimal(-5), "")),
    ],
)
def test_a_target_is_read_exactly(text: str, measure: Measure, unit: str, target: Target) -> None:
    assert parse_target(text, measure, unit) == target


@pytest.mark.parametrize(
    ("text", "measure", "right"),
    [
        ("99.5", "ratio", "99.5%"),
        ("0.995", "ratio", "99.5%"),
        ("> 0.6", "ratio", "> 60%"),
        ("5 s", "duration", "< 5 s"),
        ("5", "duration", "< 5 s"),
        ("< 5", "duration", "< 5 ms"),
        ("0.10", "number", "< 0.10"),
        ("fast", "duration", "< 5 s"),
        ("~ 5 s", "duration", "< 5 s"),
        ("99.5%%", "ratio", "99.5%"),
        ("1e2%", "ratio", "99.5%"),
        ("NaN%", "ratio", "99.5%"),
    ],
)
def test_a_wrong_form_is_answered_with_the_right_one(
    text: str, measure: Measure, right: str
) -> None:
    with pytest.raises(TargetError) as refusal:
        parse_target(text, measure)
    assert str(refusal.value).endswith(right)


@given(st.decimals("0.0001", "100", places=4))
def test_a_percentage_loses_no_digit(share: Decimal) -> None:
    assert parse_target(f"{share:f}%", "ratio").value * 100 == share
    assert parse_percentage(f"{share:f}%") * 100 == share


@given(
    st.decimals(
        allow_nan=False, allow_infinity=False, places=6, min_value=-(10**9), max_value=10**9
    )
)
def test_decimal_text_is_plain_and_exact(value: Decimal) -> None:
    text = decimal_text(value)
    assert Decimal(text) == value
    assert "E" not in text
    assert not ("." in text and text.endswith("0"))
