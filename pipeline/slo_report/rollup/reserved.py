"""Reserved capacity: a customer's replicas serve that customer, and nobody else."""

from decimal import Decimal

from sqlglot import exp

from slo_report.rollup.measures import Measure, Question, column_of_events
from slo_report.slo_yaml.definition import (
    RESERVED,
    Definition,
    Objective,
    Slo,
    SloRow,
    TargetByMonth,
    Window,
)
from slo_report.slo_yaml.targets import Target

ALL_OF_THEM = Target(">=", Decimal(1), "ratio")


def reserved_questions(definition: Definition) -> list[Question]:
    """Return one question a customer with `reserved:`.

    Valid are the requests on the reserved replicas or of the customer; good are those that are
    both. No exclusion applies: where a request ran does not depend on whose fault its failure was.
    """
    return [
        _question(promise.customer, promise.title, promise.reserved)
        for promise in definition.customers
        if promise.reserved
    ]


def _question(customer: str, title: str, replicas: tuple[str, ...]) -> Question:
    on_reserved = exp.In(
        this=column_of_events("replica"),
        expressions=[exp.Literal.string(replica) for replica in replicas],
    )
    of_customer = exp.EQ(this=column_of_events("customer"), expression=exp.Literal.string(customer))
    objective = Objective(
        id=RESERVED,
        slo=RESERVED,
        title=f"Capacity reserved for {title}",
        statistic="ratio",
        target=TargetByMonth((("", ALL_OF_THEM),)),
        informational=False,
        optional=False,
        has_budget=True,
    )
    row = SloRow({}, "", objective.title, (objective,))
    slo = Slo(
        id=RESERVED,
        title="Reserved capacity",
        valid=None,
        good=None,
        value=None,
        sum=None,
        over=None,
        unit="ratio",
        window=Window("month"),
        informational=False,
        optional=False,
        rows=(row,),
    )
    measure = Measure(slo, row, exp.paren(exp.or_(on_reserved, of_customer)))
    name = f"reserved for {customer}"
    return Question(
        name, objective, ALL_OF_THEM, measure, exp.and_(on_reserved, of_customer), customer
    )
