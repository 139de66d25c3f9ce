"""Counts beside the SLIs: what exclusions took out, and what could not be judged."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlglot import exp

from slo_report.rollup.calendar import Calendar
from slo_report.rollup.counts import NO_KEY, count_hits
from slo_report.rollup.engine import Engine
from slo_report.rollup.measures import Measure, Windows, over_events, rule_holds
from slo_report.rollup.queries import is_null
from slo_report.slo_yaml.definition import Definition, Exclusion


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
    """Measure: requests that would be valid had they a value."""


def count_extras(
    engine: Engine, definition: Definition, measured: Sequence[Measure], windows: Windows
) -> Extras:
    """Return the counts beside the SLIs, over the calendar month."""
    excluded = [_excluded(rule, measured) for rule in definition.exclusions]
    null_valid = {
        slo.id: is_null(over_events(slo.valid.tree)) for slo in definition.slos if slo.valid
    }
    null_good = {
        slo.id: exp.and_(
            exp.or_(*(m.valid for m in measured if m.slo.id == slo.id)),
            is_null(over_events(slo.good.tree)),
        )
        for slo in definition.slos
        if slo.good
    }
    without_value = {m.name: m.without_value for m in measured if m.without_value is not None}
    hits = [*excluded, *null_valid.values(), *null_good.values(), *without_value.values()]
    frame = count_hits(engine, hits, NO_KEY, Calendar.of([windows.span]))
    counted = dict(frame.select("hit", "hits").iter_rows())
    counts = iter([counted.get(number, 0) for number in range(len(hits))])
    return Extras(
        tuple(next(counts) for _ in excluded),
        {slo: next(counts) for slo in null_valid},
        {slo: next(counts) for slo in null_good},
        {measure: next(counts) for measure in without_value},
    )


def _excluded(rule: Exclusion, measured: Sequence[Measure]) -> exp.Expr:
    """Return the predicate of requests a rule matches and one of its SLOs would have counted."""
    counted = [
        measure.without_exclusions
        for measure in measured
        if rule.applies_to(measure.slo.id) and measure.without_exclusions is not None
    ]
    return exp.and_(rule_holds(rule), exp.or_(exp.false(), *counted))
