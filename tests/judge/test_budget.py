"""Budgets: what the target allows, what is gone, and what the policy says to that."""

from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from slo_report.judge.budget import error_budget, policy_state, wilson_interval
from slo_report.judge.compliance import Figure
from slo_report.slo_yaml.definition import PolicyState
from slo_report.slo_yaml.targets import Target
from tests.judge.test_compliance import question

POLICY = (
    PolicyState("healthy", Decimal(0), ()),
    PolicyState("slow down", Decimal("0.5"), ()),
    PolicyState("exhausted", Decimal(1), ()),
)
DAY_US = 86_400_000_000


def test_the_budget_of_the_first_seed() -> None:
    asked = question("ratio", Target(">=", Decimal("0.995"), "ratio"))
    figure = Figure(10_000, 9_962, 9_950, Fraction(9962, 10_000), True)
    budget = error_budget(asked, figure, 30 * DAY_US, POLICY)
    assert budget is not None
    assert (int(budget.allowed), budget.used_events) == (50, 38)
    assert budget.used == Fraction(76, 100)
    assert budget.state == "slow down"
    # 0.5% of 30 days is 3.6 hours.
    assert budget.minutes == 216


def test_exactly_all_of_the_budget_is_exhausted_and_half_of_it_slows_down() -> None:
    states = [policy_state(used, 1, POLICY).state for used in (Fraction(1), Fraction(1, 2))]
    assert states == ["exhausted", "slow down"]
    assert policy_state(Fraction(499, 1000), 1, POLICY).state == "healthy"


def test_a_target_of_all_allows_nothing_and_the_first_bad_event_exhausts_it() -> None:
    asked = question("ratio", Target(">=", Decimal(1), "ratio"))
    for bad, state in ((0, "healthy"), (1, "exhausted")):
        figure = Figure(10, 10 - bad, 10, Fraction(10 - bad, 10), not bad)
        budget = error_budget(asked, figure, DAY_US, POLICY)
        assert budget is not None
        assert not budget.allowed
        assert (budget.used, budget.state) == (None, state)
        beyond = (*POLICY, PolicyState("on fire", Decimal("2.5"), ()))
        assert policy_state(None, bad, beyond).state == state


@given(st.integers(1, 10**9).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_interval_holds_the_share_and_stays_within_0_and_1(counts: tuple[int, int]) -> None:
    good, valid = counts
    low, high = wilson_interval(good, valid)
    assert 0 <= low <= good / valid + 1e-12
    assert good / valid - 1e-12 <= high <= 1


def test_the_interval_is_the_textbooks() -> None:
    # Wilson for 81 of 100, as in Agresti and Coull (1998).
    low, high = wilson_interval(81, 100)
    assert (round(low, 4), round(high, 4)) == (0.7222, 0.8749)
