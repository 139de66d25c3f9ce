"""The formulas of the report, each on one screen, each exact."""

from decimal import Decimal, localcontext
from fractions import Fraction
from math import ceil, sqrt

Z = Decimal("1.959964")
"""The 97.5% point of the normal distribution, as language.md gives it."""
STATES = ((Fraction(0), "healthy"), (Fraction(1, 2), "slow down"), (Fraction(1), "exhausted"))
"""The error budget policy where slo.yaml has none."""


def nearest_rank(values: list[Decimal], share: Fraction) -> Decimal:
    """Return the ceil(share x n)-th smallest value."""
    return sorted(values)[ceil(share * len(values)) - 1]


def wilson_interval(good: int, valid: int) -> tuple[float, float]:
    """Return the 95% Wilson score interval of good / valid."""
    with localcontext() as context:
        context.prec = 50
        n, p = Decimal(valid), Decimal(good) / Decimal(valid)
        centre = p + Z * Z / (2 * n)
        spread = Z * ((p * (1 - p) + Z * Z / (4 * n)) / n).sqrt()
        scale = 1 + Z * Z / n
        return float((centre - spread) / scale), float((centre + spread) / scale)


def allowed_bad(target_ratio: Fraction, valid: int) -> Fraction:
    """Return the error budget in events: (1 - target) x valid."""
    return (1 - target_ratio) * valid


def budget_used(bad: int, allowed: Fraction) -> Fraction | None:
    """Return bad / allowed; None where nothing is allowed."""
    return bad / allowed if allowed else None


def budget_state(bad: int, allowed: Fraction) -> str:
    """Return the policy state: the last one whose ``from`` is reached."""
    if not allowed:  # a 100% target: the first bad event exhausts it
        return "exhausted" if bad else "healthy"
    return [state for begin, state in STATES if bad / allowed >= begin][-1]


def wilson_by_roots(good: int, valid: int) -> tuple[float, float]:
    """Return the interval as the roots of (p - x)^2 = z^2 x (1 - x) / n, to check the above."""
    n, p, z = valid, good / valid, float(Z)
    a, b, c = 1 + z * z / n, -(2 * p + z * z / n), p * p
    root = sqrt(max(b * b - 4 * a * c, 0.0))
    return (-b - root) / (2 * a), (-b + root) / (2 * a)
