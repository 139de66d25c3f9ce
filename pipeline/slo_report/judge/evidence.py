"""How much the counts say that some events fail more often than the rest.

Evidence is the log-likelihood ratio of two shares of bad events against one for all (half the G of
the G-test; Kulldorff's scan statistic for Bernoulli events). The chance of so much evidence for a
set of events that somebody named beforehand is below e^-evidence. A search looks at many sets, so
each condition it adds has a price: the logarithm of the number of sets it chose from, times 100.
What stays above the prices is what chance would bring about in fewer than one search in 100.

Sources: R. R. Sokal, F. J. Rohlf, Biometry, on the G-test; M. Kulldorff, A spatial scan statistic,
Communications in Statistics 26 (1997); for the price of a stretch by its length, L. Dümbgen,
V. Spokoiny, Multiscale testing of qualitative hypotheses, Annals of Statistics 29 (2001).
"""

from fractions import Fraction
from math import log

from slo_report.judge.counts import Counts

CHANCE = Fraction(1, 100)
"""A search that finds nothing but noise may name something this often."""
LEAST_LIFT = 2
"""Bad events at twice the rate of the rest, or it is no culprit."""
LEAST_SHARE = Fraction(1, 10)
"""And a tenth of the bad events, or it explains nothing."""
_DECIMALS = 6
"""Evidence is compared to a millionth, so that another machine's logarithms decide no other way."""


def evidence(part: Counts, whole: Counts) -> float:
    """Return the log-likelihood ratio that `part` and the rest of `whole` differ; 0 if they don't.

    Only more bad events in the part count as evidence.
    """
    rest = whole - part
    if not part.valid or not rest.valid or part.bad * rest.valid <= rest.bad * part.valid:
        return 0.0
    ratio = _likelihood(part) + _likelihood(rest) - _likelihood(whole)
    return round(ratio, _DECIMALS)


def price_of_choice(choices: int) -> float:
    """Return what it costs to have chosen one of so many sets."""
    return log(max(choices, 1) / CHANCE)


def price_of_stretch(length: int, of: int) -> float:
    """Return what it costs to have chosen a stretch among all that are about as long.

    Where it begins and ends can be told apart in about (of / length) squared ways.
    """
    return 2 * log(of / length) + price_of_choice(1)


def stands_out(part: Counts, whole: Counts) -> bool:
    """Tell whether the part fails at twice the rate of the rest and has a tenth of the bad."""
    rest = whole - part
    often = part.bad * rest.valid >= LEAST_LIFT * rest.bad * part.valid
    return often and part.bad >= LEAST_SHARE * whole.bad and part.bad > 0


def lift(part: Counts, rest: Counts) -> Fraction | None:
    """Return the part's rate of bad events by the rest's; None where the rest has none."""
    if not rest.bad or not part.valid:
        return None
    return Fraction(part.bad * rest.valid, part.valid * rest.bad)


def _likelihood(counts: Counts) -> float:
    return sum(
        number * log(number / counts.valid) for number in (counts.bad, counts.good) if number
    )
