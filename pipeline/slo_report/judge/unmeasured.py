"""What could not be measured, and what it could have made of an SLI."""

from dataclasses import dataclass
from fractions import Fraction

from slo_report.judge.compliance import Figure
from slo_report.rollup.measures import Question


@dataclass(frozen=True)
class PossibleRange:
    """The share of good events if every unmeasured line had been bad, and if it had been good."""

    lines: int
    low: Fraction
    high: Fraction
    verdict_holds: bool


def possible_range(question: Question, figure: Figure, unmeasured: int) -> PossibleRange | None:
    """Return the range of a figure; None where there is no share of good events to speak of."""
    if figure.good is None or figure.met is None:
        return None
    events = figure.valid + unmeasured
    low, high = Fraction(figure.good, events), Fraction(figure.good + unmeasured, events)
    needed = question.needed_good(events)
    outcomes = {good >= needed for good in (figure.good, figure.good + unmeasured)}
    return PossibleRange(unmeasured, low, high, outcomes == {figure.met})
