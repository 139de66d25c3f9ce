"""Targets as exact fractions: "99.5%", "> 60%", "< 250 ms", "<= 0.10"."""

import re
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Literal

Op = Literal[">=", ">", "<", "<="]

SECONDS: dict[str, Fraction] = {
    "ns": Fraction(1, 10**9),
    "us": Fraction(1, 10**6),
    "ms": Fraction(1, 1000),
    "s": Fraction(1),
    "min": Fraction(60),
    "h": Fraction(3600),
}
OPS: dict[str | None, Op] = {None: ">=", ">": ">", "<": "<", "<=": "<="}
TEXT = re.compile(r"(?P<op><=|<|>)? *(?P<number>-?[0-9.]+) *(?P<unit>%|ns|us|ms|s|min|h)?")


@dataclass(frozen=True)
class Target:
    """A comparison and its limit, in the unit of the report: ratio, s, or the SLO's own."""

    op: Op
    value: Fraction
    unit: str

    def holds(self, ratio: Fraction) -> bool:
        """Say whether a measured ratio keeps the target."""
        return ratio > self.value if self.op == ">" else ratio >= self.value

    def within(self, value: Decimal) -> bool:
        """Say whether a single value, or a percentile of values, is within the limit."""
        return value < self.limit if self.op == "<" else value <= self.limit

    @cached_property
    def limit(self) -> Decimal:
        """The limit as a decimal, exactly; many values are held against it."""
        limit = Decimal(self.value.numerator) / Decimal(self.value.denominator)
        assert Fraction(limit) == self.value
        return limit


@dataclass(frozen=True)
class TargetSpec:
    """A target as slo.yaml writes it: one text, or texts by the month they begin in."""

    texts: tuple[tuple[str, str], ...]
    """Pairs of first month and text; the month is "" where one text holds for ever."""
    informational: bool = False
    budget: bool = False

    @classmethod
    def of(cls, text: str, *, informational: bool = False, budget: bool = False) -> "TargetSpec":
        """Make the target that holds in every month."""
        return cls((("", text),), informational=informational, budget=budget)

    def in_force(self, month: str) -> str:
        """Return the text of the last entry that begins in or before the month."""
        return max((first, text) for first, text in self.texts if first <= month)[1]


def parse_target(text: str, own_unit: str) -> Target:
    """Read a target; a bare percentage is "at least", an own unit is kept as it is."""
    found = TEXT.fullmatch(text)
    assert found is not None, text
    number, unit = Fraction(found["number"]), found["unit"]
    op = OPS[found["op"]]
    if unit == "%":
        return Target(op, number / 100, "ratio")
    if unit is None:
        return Target(op, number, own_unit)
    return Target(op, number * SECONDS[unit], "s")
