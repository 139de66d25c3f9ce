"""The verdict of an objective by other counts than its own."""

from dataclasses import dataclass
from math import ceil, floor

from slo_report.rollup.measures import Question


@dataclass(frozen=True)
class Counts:
    """How many events are valid, how many of them good."""

    valid: int
    good: int


def needed_good(question: Question, valid: int) -> int:
    """Return the least number of good events that meets the question's target, exactly."""
    wanted = question.needed_share * valid
    return floor(wanted) + 1 if question.needed_strictly else ceil(wanted)


def with_added(own: Counts, added: Counts) -> Counts:
    """Return the counts if requests that were left out counted as any other."""
    return Counts(own.valid + added.valid, own.good + added.good)


def with_added_to_total(own: Counts, added: Counts) -> Counts:
    """Return the counts if requests that were left out stayed in the total, as no errors.

    So reads a formula such as 1 - errors / all that has its exceptions in the numerator alone.
    """
    return Counts(own.valid + added.valid, own.good + added.valid)


def without(own: Counts, taken: Counts) -> Counts:
    """Return the counts if some of the requests were left out."""
    return Counts(own.valid - taken.valid, own.good - taken.good)
