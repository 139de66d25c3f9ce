"""What alerts ask of the requests: yes-or-no questions, percentiles among them.

A percentile lies above a limit exactly where fewer events than its share are within that limit
(nearest rank), so counts are all that a replay needs.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from fractions import Fraction

from sqlglot import exp

from slo_report.rollup.measures import Measure, Question, number, over_events, questions
from slo_report.slo_yaml.alert_definition import ThresholdAlert
from slo_report.slo_yaml.definition import Definition


@dataclass(frozen=True, eq=False)
class Lane:
    """One threshold alert on one row of its SLO."""

    rule: ThresholdAlert
    question: Question
    """Good are the events within the rule's limit, or those that the SLO calls good."""
    limit: Fraction | None
    """The value that a percentile must not exceed, in the target's unit; None for the others."""

    @property
    def quantile(self) -> Fraction:
        """The share of values that the rule's percentile leaves at or below it."""
        return Fraction(self.question.objective.quantile or 0)


def burn_rate_questions(
    definition: Definition, measured: Iterable[Measure], month: str
) -> list[Question]:
    """Return the questions of everyone whose objective has an error budget."""
    return [
        question
        for question in questions(definition, measured, month)
        if question.customer is None and question.objective.has_budget and question.good is not None
    ]


def lanes(definition: Definition, measured: Iterable[Measure], month: str) -> list[Lane]:
    """Return each threshold alert on each row whose target is in force."""
    asked = [q for q in questions(definition, measured, month) if q.customer is None]
    return [
        _lane(rule, question)
        for rule in definition.threshold_alerts
        for question in asked
        if question.objective.slo == rule.slo and _is_about(rule, question)
    ]


def _is_about(rule: ThresholdAlert, question: Question) -> bool:
    if rule.statistic is not None:
        return question.objective.statistic == rule.statistic
    return question.objective.quantile is None


def _lane(rule: ThresholdAlert, question: Question) -> Lane:
    measure, good, limit = question.measure, question.good, None
    if rule.valid is not None:
        measure = replace(
            measure, valid=exp.and_(measure.valid, exp.paren(over_events(rule.valid.tree)))
        )
    if rule.above_target_times is not None and measure.value is not None:
        bound = rule.above_target_times * question.target.value
        limit = Fraction(bound)
        good = exp.LTE(
            this=measure.value.copy(), expression=number(bound * question.measure.per_unit)
        )
    asked = Question(
        f"{rule.name}: {question.id}", question.objective, question.target, measure, good
    )
    return Lane(rule, asked, limit)
