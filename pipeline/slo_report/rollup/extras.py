"""Counts beside the SLIs: what exclusions took out, and what could not be judged."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from sqlglot import exp

from slo_report.rollup.calendar import Span
from slo_report.rollup.counts import Hits
from slo_report.rollup.measures import Measure, over_events, rule_holds
from slo_report.rollup.queries import is_null
from slo_report.rollup.windows import Windows
from slo_report.slo_yaml.definition import Definition, Exclusion, Slo


@dataclass(frozen=True)
class Extras:
    """Requests of the month, by exclusion and by SLO or measure."""

    excluded: tuple[int, ...]
    """One count an exclusion, in their order."""
    null_valid: dict[str, int]
    """SLO: requests for which `valid` was neither true nor false."""
    null_good: dict[str, int]
    """SLO: valid requests for which `good` was neither true nor false."""
    without_value: dict[str, int]
    """Measure: requests of the SLO's window that would be valid had they a value."""


@dataclass(frozen=True)
class ExtraQuestions:
    """The predicates behind the extras, to be asked in the scan of the whole."""

    excluded: tuple[exp.Expr, ...]
    null_valid: dict[str, exp.Expr]
    null_good: dict[str, exp.Expr]
    without_value: dict[str, tuple[exp.Expr, Slo]]

    @classmethod
    def of(cls, definition: Definition, measured: Sequence[Measure]) -> "ExtraQuestions":
        """Return the predicates of a definition."""
        return cls(
            excluded=tuple(_excluded(rule, measured) for rule in definition.exclusions),
            null_valid={
                slo.id: is_null(over_events(slo.valid.tree)) for slo in definition.slos if slo.valid
            },
            null_good={
                slo.id: exp.and_(
                    exp.or_(*(m.valid for m in measured if m.slo.id == slo.id)),
                    is_null(over_events(slo.good.tree)),
                )
                for slo in definition.slos
                if slo.good
            },
            without_value={
                m.name: (m.without_value, m.slo) for m in measured if m.without_value is not None
            },
        )

    def ask(self, hits: Hits) -> None:
        """Ask them in a scan."""
        without_value = (tree for tree, _ in self.without_value.values())
        by_slo = chain(self.null_valid.values(), self.null_good.values())
        for tree in chain(self.excluded, by_slo, without_value):
            hits.number_of(tree)

    def counted(
        self, hits: Hits, events_of: Callable[[Span], Mapping[int, int]], windows: Windows
    ) -> Extras:
        """Return the extras, given how many events of a span each predicate hit.

        What lacks a value is counted over the window that its SLO is judged over.
        """
        judged = {windows.judged(slo) for _, slo in self.without_value.values()}
        events = {span: events_of(span) for span in judged | {windows.span}}

        def count(tree: exp.Expr, span: Span = windows.span) -> int:
            return events[span].get(hits.number_of(tree), 0)

        return Extras(
            tuple(count(tree) for tree in self.excluded),
            {slo: count(tree) for slo, tree in self.null_valid.items()},
            {slo: count(tree) for slo, tree in self.null_good.items()},
            {
                measure: count(tree, windows.judged(slo))
                for measure, (tree, slo) in self.without_value.items()
            },
        )


def _excluded(rule: Exclusion, measured: Sequence[Measure]) -> exp.Expr:
    """Return the predicate of requests a rule matches and one of its SLOs would have counted."""
    counted = [
        measure.without_exclusions
        for measure in measured
        if rule.applies_to(measure.slo.id) and measure.without_exclusions is not None
    ]
    return exp.and_(rule_holds(rule), exp.or_(exp.false(), *counted))
