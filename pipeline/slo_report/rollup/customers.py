"""The roll-up once more for single customers: each gets the counts of their own requests alone.

The scans count many customers at once, by key; what leaves this module is one `RollUp` a customer,
cut out before anything is computed, so that no figure of another can get into a report.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import polars as pl
from sqlglot import exp

from slo_report.rollup.calendar import Calendar
from slo_report.rollup.counts import COUNTS, Hits, count_hits
from slo_report.rollup.customer_endpoints import EndpointScan, scan_endpoints
from slo_report.rollup.cuts import key_of
from slo_report.rollup.engine import Engine
from slo_report.rollup.extras import ExtraQuestions
from slo_report.rollup.measures import (
    Measure,
    Question,
    measures,
    measures_as_seen,
    question,
)
from slo_report.rollup.queries import is_null
from slo_report.rollup.readings import ReadOtherwise
from slo_report.rollup.roll_up import RollUp, WholeScan, scan_whole
from slo_report.rollup.scoped import Scoped, Values, measure_values, spans_of
from slo_report.rollup.windows import Windows
from slo_report.slo_yaml.definition import BLANK_TITLE, CustomerPromise, Definition

CUSTOMERS_A_SCAN = 100
"""Bounds the memory: a hundred customers by hour are some million counts."""

NOT_READ_OTHERWISE = ReadOtherwise((), (), pl.DataFrame(schema=COUNTS))
"""How else a definition could be read is between a team and its report."""

CUSTOMER = key_of("customer")


def reported_customers(
    engine: Engine, definition: Definition, windows: Windows
) -> list[CustomerPromise]:
    """Return whom a report is made for: those named, or with `customer_reports: all` everyone.

    A customer that slo.yaml does not name is promised what everyone is.
    """
    if definition.customer_reports == "named" or "customer" not in definition.columns:
        return list(definition.customers)
    calendar = Calendar.of([windows.span])
    hits = Hits()
    hits.number_of(exp.true())
    known = exp.Not(this=is_null(CUSTOMER.copy()))
    found = set(count_hits(engine, hits, CUSTOMER, calendar, known)["key"])
    found -= {promise.customer for promise in definition.customers}
    others = [
        CustomerPromise(name, name if name.strip() else BLANK_TITLE, None, {}, ())
        for name in sorted(found)
    ]
    return [*definition.customers, *others]


def roll_up_customers(
    engine: Engine,
    definition: Definition,
    promises: Sequence[CustomerPromise],
    windows: Windows,
) -> Iterator[tuple[CustomerPromise, RollUp]]:
    """Yield each customer with the roll-up of their own requests.

    Its questions are those that concern the customer: asked against the contract's target where
    there is one, and left out where no request of theirs was valid and nothing was promised.
    """
    asking = _Asking.of(definition, windows.month.text)
    for start in range(0, len(promises), CUSTOMERS_A_SCAN):
        batch = promises[start : start + CUSTOMERS_A_SCAN]
        scanned = _scan(engine, definition, asking, batch, windows)
        for promise in batch:
            yield promise, scanned.of(promise)


@dataclass(frozen=True)
class _Asking:
    """What can be asked of any customer."""

    month: str
    measured: list[Measure]
    seen: list[Measure]
    everyones: Mapping[tuple[str, str], Question]
    """By measure and objective, so that customers without a contract share one question."""

    @classmethod
    def of(cls, definition: Definition, month: str) -> "_Asking":
        measured, seen = measures(definition), measures_as_seen(definition)
        everyones = {
            (measure.name, objective.id): question(measure, objective, target)
            for measure in (*measured, *seen)
            for objective in measure.row.objectives
            if (target := objective.target.in_month(month)) is not None
        }
        return cls(month, measured, seen, everyones)

    def questions(self, promise: CustomerPromise, *, as_seen: bool) -> list[Question]:
        """Return the questions of one customer: one an objective that is promised to them.

        An informational objective is no promise, unless their contract makes it one.
        """
        asked = []
        for measure in self.seen if as_seen else self.measured:
            # A row of `each` that chooses other customers too is named by them.
            if measure.row.choices.get("customer", (promise.customer,)) != (promise.customer,):
                continue
            for objective in measure.row.objectives:
                own = promise.targets.get(objective.id)
                contract = own.in_month(self.month) if own else None
                everyones = self.everyones.get((measure.name, objective.id))
                if contract is not None:
                    by_contract = question(measure, objective, contract)
                    asked.append(replace(by_contract, customer=promise.customer))
                elif everyones is not None and not objective.informational:
                    asked.append(everyones)
        return asked


@dataclass(frozen=True)
class _Scanned:
    """The counts of a batch of customers, by customer."""

    windows: Windows
    asked: Mapping[str, list[Question]]
    asked_seen: Mapping[str, list[Question]]
    extras: ExtraQuestions
    scan: WholeScan
    counted: Mapping[str, pl.DataFrame]
    values: "_ByCustomer"
    values_seen: "_ByCustomer"
    endpoints: EndpointScan | None

    def of(self, promise: CustomerPromise) -> RollUp:
        """Return one customer's roll-up."""
        customer, windows = promise.customer, self.windows
        nothing = self.scan.counted.clear()
        scan = replace(self.scan, counted=self.counted.get(customer, nothing))
        whole = self._scoped(customer, scan, self.asked[customer], self.values, daily=True)
        concerned = _concerned(promise, whole, windows)
        counts = whole.counts.filter(pl.col("question").is_in([q.id for q in concerned]))
        whole = replace(whole, questions=tuple(concerned), counts=counts)
        seen = self._scoped(
            customer, scan, self.asked_seen[customer], self.values_seen, daily=False
        )
        by_column = {}
        if self.endpoints is not None:
            by_column["endpoint"] = self.endpoints.of(customer, concerned)
        return RollUp(
            windows,
            whole=whole,
            as_seen=seen,
            by_column=by_column,
            hourly=scan.requests_by_hour(windows.month),
            hourly_bad=scan.bad_by_hour(concerned, windows.month),
            extras=self.extras.counted(scan.hits, scan.events_of, windows),
            read_otherwise=NOT_READ_OTHERWISE,
        )

    def _scoped(
        self,
        customer: str,
        scan: WholeScan,
        asked: list[Question],
        values: "_ByCustomer",
        *,
        daily: bool,
    ) -> Scoped:
        counts = scan.of({q: spans_of(q, self.windows, daily=daily) for q in asked})
        own = values.of(customer)
        return Scoped(tuple(asked), counts, own.sums, own.percentiles)


@dataclass(frozen=True)
class _ByCustomer:
    """Sums and percentiles of a batch, cut by customer."""

    whole: Values
    sums: Mapping[str, pl.DataFrame]
    percentiles: Mapping[str, pl.DataFrame]

    @classmethod
    def cut(cls, values: Values) -> "_ByCustomer":
        return cls(values, _by_customer(values.sums), _by_customer(values.percentiles))

    def of(self, customer: str) -> Values:
        return Values(
            self.sums.get(customer, self.whole.sums.clear()),
            self.percentiles.get(customer, self.whole.percentiles.clear()),
        )


def _scan(
    engine: Engine,
    definition: Definition,
    asking: _Asking,
    batch: Sequence[CustomerPromise],
    windows: Windows,
) -> _Scanned:
    asked = {p.customer: asking.questions(p, as_seen=False) for p in batch}
    asked_seen = {p.customer: asking.questions(p, as_seen=True) for p in batch}
    together, together_seen = _each_once(asked.values()), _each_once(asked_seen.values())
    among = exp.In(
        this=CUSTOMER.copy(), expressions=[exp.Literal.string(p.customer) for p in batch]
    )
    extras = ExtraQuestions.of(definition, asking.measured)
    scan = scan_whole(
        engine, together, together_seen, [], extras, windows, key=CUSTOMER, among=among
    )
    return _Scanned(
        windows,
        asked,
        asked_seen,
        extras,
        scan,
        _by_customer(scan.counted),
        _ByCustomer.cut(
            measure_values(engine, together, CUSTOMER, windows, among=among, daily=True)
        ),
        _ByCustomer.cut(
            measure_values(engine, together_seen, CUSTOMER, windows, among=among, daily=False)
        ),
        scan_endpoints(engine, together, windows, among, definition.breakdown_rows)
        if "endpoint" in definition.breakdowns
        else None,
    )


def _concerned(promise: CustomerPromise, whole: Scoped, windows: Windows) -> list[Question]:
    """Return the questions that any request of the customer was valid for, or a contract names.

    What is promised of requests that they never make may have been made for somebody else.
    """
    counted = {(asked, span) for asked, span in whole.counts.select("question", "span").iter_rows()}
    return [
        q
        for q in whole.questions
        if q.objective.id in promise.targets
        or (q.id, windows.judged(q.measure.slo).name) in counted
    ]


def _by_customer(frame: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """Return the rows of each customer, as if there were no others: their key is null."""
    return {
        str(customer): rows.with_columns(key=pl.lit(None, pl.String))
        for (customer,), rows in frame.partition_by("key", as_dict=True).items()
    }


def _each_once(asked: Iterable[list[Question]]) -> list[Question]:
    return list(dict.fromkeys(question for questions in asked for question in questions))
