"""Error budgets: what the target allows, and how much of it is gone."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import sqrt

from slo_report.judge.compliance import Figure
from slo_report.rollup.measures import Question
from slo_report.slo_yaml.definition import PolicyState

MINUTE_US = 60_000_000
Z_95 = 1.959964
"""The 97.5% quantile of the normal distribution, as language.md's interval has it."""


@dataclass(frozen=True)
class ErrorBudget:
    """The budget of one objective over its window, exact."""

    allowed: Fraction
    """Bad events that the target allows: (1 - target) x valid."""
    used_events: int
    used: Fraction | None
    """bad / allowed; None where nothing is allowed."""
    state: str
    minutes: Fraction
    """The budget as time: (1 - target) x the window's true length."""

    @property
    def few_events(self) -> bool:
        """True where the whole budget is less than one event, so that a single failure decides."""
        return self.allowed < 1

    @property
    def minutes_used(self) -> Fraction | None:
        """The used share of that time."""
        return None if self.used is None else self.used * self.minutes


def error_budget(
    question: Question, figure: Figure, window_us: int, policy: Sequence[PolicyState]
) -> ErrorBudget | None:
    """Return the budget of a figure over a window of `window_us`; None where it has none."""
    if not question.objective.has_budget or figure.bad is None:
        return None
    allowed_share = 1 - question.needed_share
    allowed = allowed_share * figure.valid
    used = figure.bad / allowed if allowed else None
    return ErrorBudget(
        allowed=allowed,
        used_events=figure.bad,
        used=used,
        state=policy_state(used, figure.bad, policy).state,
        minutes=allowed_share * Fraction(window_us, MINUTE_US),
    )


def policy_state(used: Fraction | None, bad: int, policy: Sequence[PolicyState]) -> PolicyState:
    """Return the last state whose `from` is reached.

    Where nothing is allowed, the first bad event exhausts the budget: that is 100% of it.
    """
    reached = used if used is not None else Fraction(1 if bad else 0)
    return [state for state in policy if Fraction(state.from_used) <= reached][-1]


def wilson_interval(good: int, valid: int) -> tuple[float, float]:
    """Return the 95% Wilson score interval of good / valid.

    Source: E. B. Wilson, Probable inference, the law of succession, and statistical inference,
    Journal of the American Statistical Association 22 (1927).
    """
    share = good / valid
    squared = Z_95 * Z_95
    centre = share + squared / (2 * valid)
    spread = Z_95 * sqrt((share * (1 - share) + squared / (4 * valid)) / valid)
    scale = 1 + squared / valid
    return max(0.0, (centre - spread) / scale), min(1.0, (centre + spread) / scale)
