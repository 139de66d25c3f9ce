"""Targets such as `99.5%` or `< 5 s`, read from their text into exact decimals."""

import re
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from operator import ge, gt, le, lt
from typing import Literal

from slo_report.slo_yaml.arithmetic import plain
from slo_report.slo_yaml.tokens import MICROSECONDS

Operator = Literal[">=", ">", "<=", "<"]
Measure = Literal["ratio", "duration", "number", "sum_ratio"]

_SHAPE = re.compile(
    r"(?P<op>>=|<=|>|<)?\s*(?P<number>-?\d{1,18}(?:\.\d{1,18})?)\s*(?P<unit>%|[A-Za-zµ]+)?"
)
_LIKELY_UNITS = {"sec": "s", "secs": "s", "seconds": "s", "S": "s", "m": "min", "minutes": "min"}
_OPERATORS: dict[str, Operator] = {">=": ">=", ">": ">", "<=": "<=", "<": "<"}
_COMPARISONS = {">=": ge, ">": gt, "<=": le, "<": lt}


class TargetError(ValueError):
    """A target that cannot be: what was found; what would be right."""


@dataclass(frozen=True)
class Target:
    """A comparison that a measured figure must pass."""

    op: Operator
    value: Decimal
    """Ratios as fractions (0.995), times in seconds (5), else in the SLO's own unit."""
    unit: str
    """ratio, s, or the SLO's own unit."""

    def passes(self, value: Fraction) -> bool:
        """Tell whether a figure, in the target's unit, keeps the target, exactly."""
        return bool(_COMPARISONS[self.op](value, Fraction(self.value)))


def parse_target(text: str, measure: Measure, unit: str = "") -> Target:
    """Return the target; `unit` is the SLO's own, for numbers."""
    shape = _SHAPE.fullmatch(text.strip())
    if shape is None:
        raise TargetError(f"`{text}` is no target; write {_example(measure, unit)}")
    number = Decimal(shape["number"])
    op = _OPERATORS[shape["op"]] if shape["op"] else None
    if measure == "ratio" or (measure == "sum_ratio" and not unit):
        return _ratio(text, op, number, shape["unit"], measure)
    if op is None:
        fits = shape["unit"] in MICROSECONDS if measure == "duration" else shape["unit"] is None
        right = f"< {text.strip()}" if fits else _example(measure, unit)
        raise TargetError(f"`{text}` has no comparison; write {right}")
    if measure == "duration":
        return _duration(text, op, number, shape["unit"])
    return _number(text, op, number, shape["unit"], measure, unit)


def parse_percentage(text: str) -> Decimal:
    """Return a share such as `1%` as a fraction, from 0 to 1."""
    shape = re.fullmatch(r"(\d{1,3}(?:\.\d{1,18})?)\s*%", text.strip())
    if shape is None:
        bare = re.fullmatch(r"\d{1,18}(\.\d{1,18})?", text.strip())
        right = f"{plain(_meant_percent(Decimal(bare[0]), bare[0]))}%" if bare else "1%"
        raise TargetError(f"`{text}` is no percentage; write {right}")
    share = _percent(Decimal(shape[1]))
    if share > 1:
        raise TargetError(f"`{text}` is more than the whole; write a share from 0% to 100%")
    return share


def decimal_text(value: Decimal) -> str:
    """Return a decimal in plain digits without trailing zeros, as report.json has it."""
    return plain(value)


def _ratio(
    text: str, op: Operator | None, number: Decimal, unit: str | None, measure: Measure
) -> Target:
    if unit != "%":
        suggestion = _meant_percent(number, text) if unit is None else number
        sign = f"{op} " if op else ""
        raise TargetError(
            f"`{text}` is no share; a ratio is written in percent: {sign}{plain(suggestion)}%"
        )
    share = _percent(number)
    if measure == "sum_ratio":
        if share <= 0:
            raise TargetError(f"`{text}` is out of range; write a share above 0%")
        return Target(op or ">=", share, "ratio")
    if op in ("<", "<="):
        raise TargetError(
            f"`{text}` asks for few good requests; a ratio is at least its target:"
            f" {plain(100 - number) if 0 < number < 100 else '99.5'}%"
        )
    if not 0 < share <= 1:
        raise TargetError(f"`{text}` is out of range; a target is above 0% and at most 100%")
    if share == 1 and op == ">":
        raise TargetError(f"`{text}` can never be met; write 100%")
    return Target(op or ">=", share, "ratio")


def _duration(text: str, op: Operator, number: Decimal, unit: str | None) -> Target:
    if unit not in MICROSECONDS:
        found = f"has the unit {unit}" if unit else "has no time unit"
        raise TargetError(
            f"`{text}` {found}; a time is in {', '.join(MICROSECONDS)}:"
            f" {op} {plain(number)} {_LIKELY_UNITS.get(unit or '', 'ms')}"
        )
    if op not in ("<", "<="):
        raise TargetError(
            f"`{text}` asks for slow requests; a time stays below its target:"
            f" < {plain(number)} {unit}"
        )
    if number <= 0:
        raise TargetError(f"`{text}` is out of range; a time is above 0: {op} 5 s")
    return Target(op, number * MICROSECONDS[unit] / 1_000_000, "s")


def _number(
    text: str, op: Operator, number: Decimal, found: str | None, measure: Measure, unit: str
) -> Target:
    if found is not None:
        own = "a percentage" if found == "%" else f"the unit {found}"
        raise TargetError(
            f"`{text}` has {own}, but the value is a plain number; write {op} {plain(number)}"
            " (`unit:` of the SLO names its unit)"
        )
    if measure == "number" and op not in ("<", "<="):
        raise TargetError(
            f"`{text}` is not kept by percentiles and max; they stay below: < {plain(number)}"
        )
    return Target(op, number, unit)


def _meant_percent(number: Decimal, text: str) -> Decimal:
    """Return the percentage that a number without its sign was meant for: 0.999 is 99.9%."""
    return number * 100 if 0 < number <= 1 and "." in text else number


def _percent(number: Decimal) -> Decimal:
    return number.scaleb(-2)


def _example(measure: Measure, unit: str) -> str:
    if measure == "duration":
        return "< 5 s"
    if measure == "number" or unit:
        return "<= 0.10"
    return "99.5%"
