"""What has to be counted for a definition and a month: predicates as syntax trees over events."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from math import ceil, floor

from sqlglot import exp

from slo_report.months import instant_of
from slo_report.rollup.queries import all_of, is_null
from slo_report.slo_yaml.definition import Definition, Exclusion, Objective, Slo, SloRow
from slo_report.slo_yaml.expressions import Expression, Kind
from slo_report.slo_yaml.targets import Target

MICROSECONDS_PER_SECOND = 1_000_000
COMPARISONS: dict[str, type[exp.Binary]] = {
    "<": exp.LT,
    "<=": exp.LTE,
    ">": exp.GT,
    ">=": exp.GTE,
}


@dataclass(frozen=True, eq=False)
class Measure:
    """One row of an SLO as predicates: which events are valid, and what is read from them."""

    slo: Slo
    row: SloRow
    valid: exp.Expr
    value: exp.Expr | None = None
    numerator: exp.Expr | None = None
    denominator: exp.Expr | None = None
    without_exclusions: exp.Expr | None = None
    """`valid` before any exclusion."""
    as_seen: bool = False
    """True where nothing is excluded: the figure that the customer saw."""
    without_value: exp.Expr | None = None
    """The requests that only lack the value to be valid."""
    besides_valid: exp.Expr | None = None
    """What `valid` asks for beside the SLO's own `valid`: choices, values, no exclusion."""

    @property
    def name(self) -> str:
        """The SLO's id with what the row adds, and a mark where nothing is excluded."""
        return f"{self.slo.id}{self.row.suffix}{' as seen' if self.as_seen else ''}"

    @property
    def per_unit(self) -> int:
        """How many of the store's units make one of the report's: times are stored in us."""
        timed = self.slo.value is not None and self.slo.value.kind is Kind.DURATION
        return MICROSECONDS_PER_SECOND if timed else 1


@dataclass(frozen=True, eq=False)
class Question:
    """One objective against one target: how many events are valid, how many of them good."""

    id: str
    objective: Objective
    target: Target
    measure: Measure
    good: exp.Expr | None
    """None for a ratio of sums, which has no good events."""
    customer: str | None = None
    """The one customer it is asked for: a contract of their own. None for everyone."""

    @cached_property
    def good_events(self) -> exp.Expr:
        """The predicate of the good events; never holds where there are none."""
        return exp.and_(self.measure.valid, self.good if self.good is not None else exp.false())

    @cached_property
    def bad_events(self) -> exp.Expr:
        """The predicate of the valid events that are not good: FALSE or NULL for all others."""
        return bad_among(self.measure.valid, self.good if self.good is not None else exp.false())

    @property
    def needed_share(self) -> Fraction:
        """The share of valid events that must be good for the target to be met."""
        quantile = self.objective.quantile
        return Fraction(quantile if quantile is not None else self.target.value)

    @property
    def needed_strictly(self) -> bool:
        """True where the share must be passed, not only reached."""
        return self.objective.quantile is None and self.target.op == ">"

    def needed_good(self, valid: int) -> int:
        """Return the least number of good events among so many that meets the target, exactly."""
        wanted = self.needed_share * valid
        return floor(wanted) + 1 if self.needed_strictly else ceil(wanted)


def bad_among(valid: exp.Expr, good: exp.Expr) -> exp.Expr:
    """Return the predicate of the valid events for which `good` does not hold, or is NULL."""
    is_good = exp.Coalesce(this=exp.paren(good), expressions=[exp.false()])
    return exp.and_(valid, exp.Not(this=is_good))


def measures(definition: Definition) -> list[Measure]:
    """Return one measure per row of each SLO, exclusions taken out of `valid`."""
    return [
        _measure(definition, slo, row, as_seen=False) for slo in definition.slos for row in slo.rows
    ]


def measures_as_seen(definition: Definition) -> list[Measure]:
    """Return the measures again with nothing excluded, for the SLOs that any rule touches."""
    touched = {
        slo.id
        for slo in definition.slos
        if any(rule.applies_to(slo.id) for rule in definition.exclusions)
    }
    return [
        _measure(definition, slo, row, as_seen=True)
        for slo in definition.slos
        for row in slo.rows
        if slo.id in touched
    ]


def questions(definition: Definition, measured: Iterable[Measure], month: str) -> list[Question]:
    """Return one question per objective in force, then those of customers with their own target."""
    asked = []
    for measure in measured:
        for objective in measure.row.objectives:
            target = objective.target.in_month(month)
            if target is not None:
                asked.append(question(measure, objective, target))
            for promise in definition.customers:
                own = promise.targets.get(objective.id)
                contract = own.in_month(month) if own else None
                if contract is not None and not measure.as_seen:
                    asked.append(question(measure, objective, contract, promise.customer))
    return asked


def question(
    measure: Measure, objective: Objective, target: Target, customer: str | None = None
) -> Question:
    """Return the question whether `measure` meets `target`."""
    good: exp.Expr | None = None
    if objective.quantile is not None and measure.value is not None:
        limit = target.value * measure.per_unit
        good = COMPARISONS[target.op](this=measure.value.copy(), expression=number(limit))
    elif measure.slo.good is not None:
        good = over_events(measure.slo.good.tree)
    name = f"{objective.id}{' as seen' if measure.as_seen else ''}"
    if customer is not None:
        name += f" for {customer}"
    return Question(name, objective, target, measure, good, customer)


def rule_holds(rule: Exclusion) -> exp.Expr:
    """Return the predicate of an exclusion: FALSE, not NULL, where it does not hold."""
    parts: list[exp.Expr] = []
    if rule.where is not None:
        parts.append(over_events(rule.where.tree))
    ts = exp.column("ts", table="events")
    if rule.from_us is not None:
        parts.append(exp.GTE(this=ts.copy(), expression=timestamp(rule.from_us)))
    if rule.to_us is not None:
        parts.append(exp.LT(this=ts.copy(), expression=timestamp(rule.to_us)))
    return exp.Coalesce(this=exp.and_(*parts), expressions=[exp.false()])


def over_events(tree: exp.Expr) -> exp.Expr:
    """Return the tree with its columns named as columns of `events`."""
    copy = tree.copy()
    for column in list(copy.find_all(exp.Column)):
        qualified = exp.column(exp.to_identifier(column.name, quoted=True), table="events")
        if column is copy:
            return qualified
        column.replace(qualified)
    return copy


def column_of_events(name: str) -> exp.Expr:
    """Return `events."name"`."""
    return exp.column(exp.to_identifier(name, quoted=True), table="events")


def number(value: Decimal) -> exp.Expr:
    """Return an exact numeric literal."""
    return exp.Literal.number(format(value.normalize(), "f"))


def timestamp(instant_us: int) -> exp.Expr:
    """Return the literal of an instant, as the store has it: UTC without a zone."""
    instant = instant_of(instant_us)
    text = instant.strftime("%Y-%m-%d %H:%M:%S.%f")
    return exp.cast(exp.Literal.string(text), exp.DataType.Type.TIMESTAMP)


def chosen(definition: Definition, row: SloRow) -> list[exp.Expr]:
    """Return the predicates by which a row of `each` chooses its requests."""
    return [
        exp.In(
            this=column_of_events(column),
            expressions=[_literal(text, definition.columns[column]) for text in texts],
        )
        for column, texts in row.choices.items()
    ]


def _measure(definition: Definition, slo: Slo, row: SloRow, *, as_seen: bool) -> Measure:
    value = over_events(slo.value.tree) if slo.value is not None else None
    numerator, denominator = _summable(slo.sum), _summable(slo.over)
    choices = chosen(definition, row)
    eligible = choices if slo.valid is None else [*choices, over_events(slo.valid.tree)]
    has_value = [
        exp.Not(this=is_null(part.copy()))
        for part in (value, numerator, denominator)
        if part is not None
    ]
    counted = [
        exp.Not(this=rule_holds(rule))
        for rule in definition.exclusions
        if rule.applies_to(slo.id) and not as_seen
    ]
    lacking = exp.Not(this=exp.paren(all_of(*has_value))) if has_value else None
    return Measure(
        slo,
        row,
        valid=all_of(*eligible, *has_value, *counted),
        value=value,
        numerator=numerator,
        denominator=denominator,
        as_seen=as_seen,
        without_exclusions=all_of(*eligible, *has_value),
        without_value=all_of(*eligible, *counted, lacking) if lacking is not None else None,
        besides_valid=all_of(*choices, *has_value, *counted),
    )


def _summable(expression: Expression | None) -> exp.Expr | None:
    """Return the value to add up, as a decimal: sums of doubles change with the thread count."""
    if expression is None:
        return None
    tree = over_events(expression.tree)
    if tree.find(exp.Div):
        return exp.cast(tree, exp.DataType.build("DECIMAL(38, 12)"))
    return tree


def _literal(text: str, kind: Kind) -> exp.Expr:
    if kind is Kind.BOOLEAN:
        return exp.true() if text == "true" else exp.false()
    if kind in (Kind.INTEGER, Kind.NUMBER, Kind.DURATION):
        return exp.Literal.number(text)
    return exp.Literal.string(text)
