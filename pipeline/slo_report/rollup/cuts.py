"""Some of the events: those with certain keys, of a stretch of time, at certain hours."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlglot import exp

from slo_report.rollup.calendar import Span
from slo_report.rollup.measures import column_of_events, timestamp
from slo_report.rollup.queries import all_of, is_null


@dataclass(frozen=True)
class KeyIs:
    """The events whose column holds one value; None for those without one."""

    column: str
    key: str | None


@dataclass(frozen=True)
class DailyHours:
    """The same hours of every day on the report's clock."""

    first: int
    count: int
    spans: tuple[Span, ...]
    """The stretches of the window that these hours are."""


@dataclass(frozen=True)
class Cut:
    """The events for which every condition holds; without any, all events."""

    keys: tuple[KeyIs, ...] = ()
    run: Span | None = None
    hours: DailyHours | None = None

    @property
    def conditions(self) -> int:
        """How many conditions choose the events."""
        return len(self.keys) + (self.run is not None) + (self.hours is not None)

    @property
    def columns(self) -> frozenset[str]:
        """The columns that a condition is about."""
        return frozenset(condition.column for condition in self.keys)


ALL_EVENTS = Cut()


def holds(cut: Cut) -> exp.Expr:
    """Return the predicate of a cut's events: FALSE, not NULL, where it does not hold."""
    parts = [_has_key(condition) for condition in cut.keys]
    if cut.run is not None:
        parts.append(in_any_span([cut.run]))
    if cut.hours is not None:
        parts.append(in_any_span(cut.hours.spans))
    return exp.paren(all_of(*parts))


def in_any_span(spans: Iterable[Span]) -> exp.Expr:
    """Return the predicate of the events inside any of the spans."""
    ts = exp.column("ts", table="events")
    inside = [
        exp.and_(
            exp.GTE(this=ts.copy(), expression=timestamp(span.from_us)),
            exp.LT(this=ts.copy(), expression=timestamp(span.to_us)),
        )
        for span in spans
    ]
    return exp.paren(exp.or_(exp.false(), *inside))


def key_of(column: str) -> exp.Expr:
    """Return a column's value as the text that keys are."""
    return exp.cast(column_of_events(column), exp.DataType.Type.VARCHAR)


def has_any_key(key: exp.Expr, keys: Iterable[str | None]) -> exp.Expr:
    """Return the predicate of the events whose key is one of the given ones.

    One IN, which engines look up: a hundred comparisons cost as much as reading the requests.
    """
    wanted = list(keys)
    texts = [exp.Literal.string(text) for text in wanted if text is not None]
    among: exp.Expr = exp.In(this=key.copy(), expressions=texts) if texts else exp.false()
    return exp.paren(exp.or_(among, is_null(key.copy())) if None in wanted else among)


def place_of_key(key: exp.Expr, keys: Sequence[str | None]) -> exp.Expr:
    """Return where an event's key stands among `keys`, -1 for one that does not."""
    place = exp.Case(this=key.copy())
    for number, text in enumerate(keys):
        if text is not None:
            place = place.when(exp.Literal.string(text), exp.Literal.number(number), copy=False)
    missing = exp.Literal.number(keys.index(None) if None in keys else -1)
    none = exp.Case().when(is_null(key.copy()), missing).else_(exp.Literal.number(-1))
    return place.else_(none) if place.args.get("ifs") else none


def _has_key(condition: KeyIs) -> exp.Expr:
    key = key_of(condition.column)
    if condition.key is None:
        return is_null(key)
    equal = exp.EQ(this=key, expression=exp.Literal.string(condition.key))
    return exp.Coalesce(this=equal, expressions=[exp.false()])
