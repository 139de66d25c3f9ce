"""Percentiles are the nearest rank, exactly, for any values; sums are exact."""

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from math import ceil

import pytest
import sqlglot
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlglot import exp

from slo_report.rollup.calendar import SLOT_US, Calendar, Span
from slo_report.rollup.counts import NO_KEY
from slo_report.rollup.engine import DuckDbEngine
from slo_report.rollup.families import Family, families
from slo_report.rollup.measures import Measure
from slo_report.rollup.values import percentiles, sum_values
from slo_report.slo_yaml.definition import Slo, SloRow, Window
from slo_report.store import Store, open_store

WHOLE = Span("whole", 0, SLOT_US * 4)
QUANTILES = [Fraction(1, 2), Fraction(9, 10), Fraction(99, 100), Fraction(999, 1000), Fraction(1)]
VALUES = st.one_of(
    st.integers(-(10**12), 10**12), st.integers(0, 3), st.integers(10**6 - 3, 10**6 + 3)
)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with open_store(tmp_path_factory.mktemp("store") / "slo.duckdb") as opened:
        opened.connection.execute(
            "ALTER TABLE requests ADD COLUMN n BIGINT;"
            "ALTER TABLE requests ADD COLUMN amount DECIMAL(38, 18);"
            "ALTER TABLE requests ADD COLUMN customer VARCHAR"
        )
        yield opened


def tree(text: str) -> exp.Expr:
    return sqlglot.parse_one(text, read="duckdb")


def measure(name: str, valid: str, value: str, choices: dict[str, tuple[str, ...]]) -> Measure:
    row = SloRow(choices, "", name, ())
    slo = Slo(name, name, None, None, None, None, None, "s", Window("month"), False, False, (row,))
    return Measure(slo, row, tree(valid), tree(value), tree(value), tree("1"))


def fill(store: Store, rows: list[dict[str, object]]) -> None:
    store.connection.execute("DELETE FROM requests")
    store.connection.execute(
        "INSERT INTO requests (duplicate, ts, n, amount, customer) "
        "SELECT false, make_timestamp(r.slot * 300000000), r.n, "
        "CAST(r.amount AS DECIMAL(38, 18)), r.customer FROM (SELECT unnest($rows) AS r)",
        {"rows": rows},
    )


def rows_of(values: list[int]) -> list[dict[str, object]]:
    return [
        {
            "slot": number % 4,
            "n": value,
            "amount": str(Decimal(value) / 1000),
            "customer": f"c{number % 3}",
        }
        for number, value in enumerate(values)
    ]


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(VALUES, min_size=1, max_size=300), st.sampled_from(["n", "amount"]))
def test_a_percentile_is_the_nearest_rank(store: Store, values: list[int], column: str) -> None:
    fill(store, rows_of(values))
    one = measure("m", "TRUE", f"events.{column}", {})
    family = Family((one,))
    frame = percentiles(
        DuckDbEngine(store), family, QUANTILES, NO_KEY, Calendar.of([WHOLE]), [WHOLE]
    )
    scale = 1 if column == "n" else 1000
    found = {q: Fraction(v) * scale for q, v in frame.select("quantile", "value").iter_rows()}
    ordered = sorted(values)
    assert found == {str(q): ordered[ceil(q * len(values)) - 1] for q in QUANTILES}


def test_overlapping_spans_have_percentiles_of_their_own(store: Store) -> None:
    fill(store, rows_of(list(range(1, 401))))
    spans = [WHOLE, Span("first", 0, SLOT_US), Span("two", 0, 2 * SLOT_US)]
    family = Family((measure("m", "TRUE", "events.n", {}),))
    frame = percentiles(
        DuckDbEngine(store), family, [Fraction(1)], NO_KEY, Calendar.of(spans), spans
    )
    assert dict(frame.select("span", "value").iter_rows()) == {
        "whole": "400",
        "first": "397",
        "two": "398",
    }


def test_rows_of_each_that_choose_different_requests_share_a_scan(store: Store) -> None:
    fill(store, rows_of([5, 50, 500]))
    apart = [
        measure(f"m{number}", f"events.customer = 'c{number}'", "events.n", {"customer": (c,)})
        for number, c in enumerate(("c0", "c1", "c2"))
    ]
    overlapping = measure("all", "TRUE", "events.n", {})
    found = families([*apart, overlapping])
    assert [len(family.measures) for family in found] == [3, 1]
    frame = percentiles(
        DuckDbEngine(store), found[0], [Fraction(1)], NO_KEY, Calendar.of([WHOLE]), [WHOLE]
    )
    assert dict(frame.select("measure", "value").iter_rows()) == {
        "m0": "5",
        "m1": "50",
        "m2": "500",
    }


def test_sums_of_64_bit_integers_do_not_overflow(store: Store) -> None:
    fill(store, rows_of([2**63 - 1] * 5))
    family = Family((measure("m", "TRUE", "events.n", {}),))
    frame = sum_values(DuckDbEngine(store), family, NO_KEY, Calendar.of([WHOLE]), [WHOLE])
    assert frame.select("valid", "numerator", "denominator").rows() == [
        (5, str(5 * (2**63 - 1)), "5")
    ]


def test_no_event_gives_no_row(store: Store) -> None:
    fill(store, rows_of([1]))
    family = Family((measure("m", "events.n > 1", "events.n", {}),))
    engine = DuckDbEngine(store)
    assert percentiles(engine, family, QUANTILES, NO_KEY, Calendar.of([WHOLE]), [WHOLE]).is_empty()
    assert sum_values(engine, family, NO_KEY, Calendar.of([WHOLE]), [WHOLE]).is_empty()
