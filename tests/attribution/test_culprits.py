"""Planted culprits are named first, with their share right; months without one name none."""

from collections.abc import Callable

import pytest

from slo_report.rollup.measures import Question
from tests.attribution import generated
from tests.attribution.definitions import definition_in, question_of
from tests.attribution.generated import GeneratedMonth
from tests.attribution.scoring import culprits, is_named, told

PLANTED = (
    generated.one_customer, generated.one_release, generated.endpoint_of_a_release,
    generated.endpoint_at_night, generated.slow_regression, generated.short_outage,
)  # fmt: skip
WITHOUT = (generated.quiet, generated.bursty)
SEEDS = 100
NEEDED = 95
FEW = 5

Make = Callable[[int], GeneratedMonth]


@pytest.fixture(scope="module")
def question(tmp_path_factory: pytest.TempPathFactory) -> Question:
    return question_of(definition_in(tmp_path_factory.mktemp("definition")))


def failures(make: Make, question: Question, seeds: range) -> list[str]:
    """Return what was said in each month that was not told rightly."""
    wrong = []
    for seed in seeds:
        month = make(seed)
        found = culprits(month, question)
        right = is_named(month, found) if month.planted is not None else not found
        if not right:
            wrong.append(f"seed {seed}: {told(found)}")
    return wrong


@pytest.mark.long
@pytest.mark.parametrize("make", [*PLANTED, *WITHOUT])
def test_a_culprit_is_named_and_none_where_there_is_none(make: Make, question: Question) -> None:
    assert failures(make, question, range(FEW)) == []


@pytest.mark.long
@pytest.mark.parametrize("make", [*PLANTED, *WITHOUT])
def test_at_least_95_of_100_months_are_told_rightly(make: Make, question: Question) -> None:
    wrong = failures(make, question, range(1000, 1000 + SEEDS))
    print(f"{make.__name__}: {SEEDS - len(wrong)} of {SEEDS}")
    assert len(wrong) <= SEEDS - NEEDED, wrong
