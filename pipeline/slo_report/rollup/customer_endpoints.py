"""The endpoints of single customers: counts by customer and endpoint, from common scans."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl
from sqlglot import exp

from slo_report.rollup.breakdown import is_shown_daily, most_events
from slo_report.rollup.calendar import Calendar, Span
from slo_report.rollup.counts import Hits, count_hits, of_questions
from slo_report.rollup.cuts import key_of
from slo_report.rollup.engine import Engine
from slo_report.rollup.measures import Question
from slo_report.rollup.queries import is_null
from slo_report.rollup.scoped import Scoped, Values, measure_values, spans_of
from slo_report.rollup.windows import Windows


@dataclass(frozen=True)
class EndpointScan:
    """The counts of a batch of customers by endpoint, cut by customer."""

    windows: Windows
    hits: Hits
    calendar: Calendar
    breakdown_rows: int
    """Endpoints that a question keeps, those with most events."""
    nothing: pl.DataFrame
    counted: Mapping[str, pl.DataFrame]
    values: Values
    sums: Mapping[str, pl.DataFrame]
    percentiles: Mapping[str, pl.DataFrame]

    def of(self, customer: str, asked: Sequence[Question]) -> Scoped:
        """Return one customer's figures by endpoint, of the questions that choose none."""
        open_questions = [q for q in asked if "endpoint" not in q.measure.row.choices]
        wanted = {q: _spans(q, self.windows) for q in open_questions}
        counted = self.counted.get(customer, self.nothing)
        counts = of_questions(counted, self.hits, wanted, self.calendar)
        judged = pl.DataFrame(
            [(q.id, self.windows.judged(q.measure.slo).name) for q in open_questions],
            schema={"question": pl.String, "span": pl.String},
            orient="row",
        )
        judged_counts = counts.join(judged, on=["question", "span"])
        kept, left_out = most_events(judged_counts, self.breakdown_rows)
        place, keys = ["question", "key"], kept.select("key").unique()
        sums = self.sums.get(customer, self.values.sums.clear())
        return Scoped(
            tuple(open_questions),
            counts.join(kept, on=place, how="semi", nulls_equal=True),
            sums.join(keys, on="key", how="semi", nulls_equal=True),
            self.percentiles.get(customer, self.values.percentiles.clear()),
            left_out,
        )


def scan_endpoints(
    engine: Engine,
    asked: Sequence[Question],
    windows: Windows,
    among: exp.Expr,
    breakdown_rows: int,
) -> EndpointScan:
    """Return the counts of the customers in `among`, by customer and endpoint."""
    open_questions = [q for q in asked if "endpoint" not in q.measure.row.choices]
    calendar = Calendar.of({span for q in open_questions for span in _spans(q, windows)})
    hits = Hits()
    hits.ask(open_questions)
    key = _customer_and_endpoint()
    counted = count_hits(engine, hits, key, calendar, among)
    values = measure_values(engine, open_questions, key, windows, among=among, daily=False)
    return EndpointScan(
        windows,
        hits,
        calendar,
        breakdown_rows,
        counted.clear(),
        _by_customer(counted),
        values,
        _by_customer(values.sums),
        _by_customer(values.percentiles),
    )


def _spans(question: Question, windows: Windows) -> list[Span]:
    return spans_of(question, windows, daily=is_shown_daily(question, "endpoint"))


def _customer_and_endpoint() -> exp.Expr:
    """Return a key of both: `4:acme=GET /x`, or `4:acme` where there is no endpoint.

    The length in front keeps apart what any two names could be put together to.
    """
    customer, endpoint = key_of("customer"), key_of("endpoint")
    length = exp.cast(exp.Length(this=customer.copy()), exp.DataType.Type.VARCHAR)
    behind = (
        exp.Case()
        .when(is_null(endpoint.copy()), exp.Literal.string(""))
        .else_(_joined(exp.Literal.string("="), endpoint))
    )
    return _joined(length, exp.Literal.string(":"), customer, behind)


def _joined(first: exp.Expr, *others: exp.Expr) -> exp.Expr:
    joined = first
    for other in others:
        joined = exp.DPipe(this=joined, expression=other)
    return exp.paren(joined)


def _by_customer(frame: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """Return the rows of each customer, their key the endpoint alone."""
    digits = pl.col("key").str.extract(r"^(\d+):", 1)
    rest = pl.col("key").str.slice(digits.str.len_chars() + 1)
    length = digits.cast(pl.Int64)
    endpoint = rest.str.slice(length)
    cut = frame.with_columns(
        customer=rest.str.slice(0, length),
        key=pl.when(endpoint == "").then(None).otherwise(endpoint.str.slice(1)),
    )
    return {
        str(customer): rows.drop("customer")
        for (customer,), rows in cut.partition_by("customer", as_dict=True).items()
    }
