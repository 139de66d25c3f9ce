"""Measures that one scan can serve together.

A family reads the same value, and no event belongs to two of its measures: the rows of `each`
choose different requests. So one number per event says which measure it counts for.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from sqlglot import exp

from slo_report.rollup.measures import Measure
from slo_report.slo_yaml.definition import SloRow


@dataclass(frozen=True)
class Family:
    """Measures of one value, pairwise without a common event."""

    measures: tuple[Measure, ...]

    @property
    def first(self) -> Measure:
        """Any of them, to read the common value from."""
        return self.measures[0]

    @cached_property
    def numbers(self) -> exp.Expr:
        """The number of the measure that an event belongs to; NULL for none."""
        number = exp.Case()
        for position, measure in enumerate(self.measures):
            number = number.when(measure.valid, exp.Literal.number(position))
        return number


def families(measures: Iterable[Measure]) -> list[Family]:
    """Return the measures, in as few families as their choices prove to be apart."""
    found: list[list[Measure]] = []
    for measure in measures:
        home = next((family for family in found if _fits(measure, family)), None)
        if home is None:
            found.append([measure])
        else:
            home.append(measure)
    return [Family(tuple(family)) for family in found]


def _fits(measure: Measure, family: Sequence[Measure]) -> bool:
    return _reads(measure) == _reads(family[0]) and all(
        _apart(measure.row, other.row) for other in family
    )


def _reads(measure: Measure) -> tuple[str, ...]:
    parts = (measure.value, measure.numerator, measure.denominator)
    return tuple("" if part is None else part.sql(dialect="duckdb") for part in parts)


def _apart(one: SloRow, other: SloRow) -> bool:
    """Tell whether no request can be chosen by both rows."""
    return any(
        not set(one.choices[column]) & set(other.choices[column])
        for column in one.choices.keys() & other.choices.keys()
    )
