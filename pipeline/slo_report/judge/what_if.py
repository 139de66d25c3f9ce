"""Other targets for the same figures, and what a target's own history says of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from slo_report.slo_yaml.targets import Target

PERCENTS = (
    "50", "60", "70", "75", "80", "85", "90", "95", "97", "98",
    "99", "99.5", "99.9", "99.95", "99.99", "99.999",
)  # fmt: skip
"""The shares that people promise, loosest first."""
ASKED = tuple(Decimal(percent) / 100 for percent in ("99", "99.5", "99.9", "99.95"))
"""The shares that every ratio is tried against."""
MULTIPLES = tuple(Decimal(times) for times in ("0.5", "0.75", "1", "1.25", "1.5", "2"))
"""The limits that a percentile is tried against, as multiples of its own."""
LEAST_MONTHS = 3
"""Before that many months nothing is said of a target."""

_LADDER = tuple(Decimal(percent) / 100 for percent in PERCENTS)

Call = Literal["easy", "achievable", "out of reach", "too early to say"]


@dataclass(frozen=True)
class MonthFigure:
    """One objective in one month, as far as another target needs it."""

    valid: int
    good: int | None
    value: Fraction | None
    """In the target's unit; of a `window: day` the worst day's."""
    by_counts: bool
    """True where the share good / valid is what is judged, so that integers decide."""


def other_targets(target: Target) -> list[Target]:
    """Return the targets that an objective is tried against, loosest first, its own among them.

    A share that must be reached: 99%, 99.5%, 99.9%, 99.95% and the steps beside its own. Anything
    else: multiples of its own limit.
    """
    if _is_floor(target) and target.unit == "ratio":
        below = [share for share in _LADDER if share < target.value][-1:]
        above = [share for share in _LADDER if share > target.value][:1]
        values = sorted({*ASKED, target.value, *below, *above})
    else:
        values = sorted(
            {target.value * times for times in MULTIPLES}, reverse=not _is_floor(target)
        )
    return [Target(target.op, value, target.unit) for value in values]


def meets(measured: MonthFigure, target: Target) -> bool | None:
    """Tell whether a month meets a target, None where it had nothing to judge.

    A share is decided on its counts; a percentile p is below a limit exactly where the p-th
    smallest value is, so no request need be counted anew.
    """
    if not measured.valid or measured.value is None:
        return None
    value = measured.value
    if measured.by_counts and measured.good is not None:
        value = Fraction(measured.good, measured.valid)
    return target.passes(value)


def budget_under(measured: MonthFigure, target: Target) -> Fraction | None:
    """Return bad / ((1 - target) x valid): the share of the budget that another target leaves."""
    if not measured.by_counts or measured.good is None:
        return None
    allowed = (1 - Fraction(target.value)) * measured.valid
    return Fraction(measured.valid - measured.good) / allowed if allowed else None


def stricter(target: Target, among: Sequence[Target]) -> Target | None:
    """Return the next stricter of the candidates (loosest first), None where there is none."""
    behind = among[among.index(target) + 1 :]
    return behind[0] if behind else None


def call(met: int, months: int, met_stricter: int | None) -> Call:
    """Return what `months` of history say of a target that `met` of them kept.

    Easy: every month would have met the next stricter candidate too. Out of reach: more than half
    of the months missed it. With fewer than three months nothing is said.
    """
    if months < LEAST_MONTHS:
        return "too early to say"
    if met_stricter == months:
        return "easy"
    return "out of reach" if 2 * (months - met) > months else "achievable"


def _is_floor(target: Target) -> bool:
    return target.op in (">=", ">")
