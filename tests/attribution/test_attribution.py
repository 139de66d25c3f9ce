"""Shares add up, the scans count what plain Python counts, "without" is what a recount gives."""

import tempfile
from fractions import Fraction
from math import fsum, isclose
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slo_report.compose.attribution import attribution_rows
from slo_report.judge.attribution import look_into
from slo_report.judge.clock import Clock
from slo_report.report.document import Report
from slo_report.rollup.calendar import SLOT_US, Span
from slo_report.rollup.cuts import Cut, KeyIs
from slo_report.rollup.looks import Ask, look
from slo_report.rollup.windows import Windows
from tests.attribution import generated
from tests.attribution.definitions import SLO_YAML, definition_in, question_of
from tests.attribution.generated import MONTH
from tests.attribution.scoring import COLUMNS, WINDOW, plain_look
from tests.attribution.stored import LATER, engine_over, write_log
from tests.measuring import measure_month

CLOCK = Clock(MONTH, WINDOW)
KEYS = st.sampled_from([None, "", "a", "b", "it's", '"', "(other)", "%"])
REQUESTS = st.lists(
    st.tuples(st.integers(0, 29 * 24 * 60), KEYS, KEYS, KEYS, KEYS, st.booleans()),
    min_size=1,
    max_size=60,
)


def as_frame(rows: list[tuple[object, ...]]) -> pl.DataFrame:
    names = ("minute", "customer", "endpoint", "replica", "release", "bad")
    kinds = (pl.Int64, pl.String, pl.String, pl.String, pl.String, pl.Boolean)
    found = pl.DataFrame(rows, schema=dict(zip(names, kinds, strict=True)), orient="row")
    return found.with_columns(ts_us=MONTH.from_us + pl.col("minute") * 60_000_000)


@pytest.mark.long
@settings(max_examples=15)
@given(REQUESTS)
def test_the_shares_of_each_column_add_up_to_one(rows: list[tuple[object, ...]]) -> None:
    requests = as_frame(rows)
    total = Fraction(int(requests["bad"].sum()))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        definition = definition_in(folder)
        asked = [question_of(definition)] if total else []
        with engine_over(requests, definition, folder) as engine:
            burned = look_into(engine, definition, Windows.of(MONTH, LATER), asked)
    by_column: dict[str, list[tuple[int, int]]] = {}
    shares: dict[str, list[float]] = {}
    for row in attribution_rows(burned):
        by_column.setdefault(row.by, []).append((row.bad, row.valid))
        shares.setdefault(row.by, []).append(row.share_of_bad)
    for column, counted in by_column.items():
        assert sum(Fraction(bad) / total for bad, _ in counted) == 1, column
        assert isclose(fsum(shares[column]), 1), column
    assert {"day", "hour"} <= by_column.keys() or not total


@pytest.mark.long
@settings(max_examples=15)
@given(REQUESTS, st.lists(st.tuples(st.sampled_from(COLUMNS), KEYS), max_size=2, unique=True))
def test_the_scans_count_what_plain_python_counts(
    rows: list[tuple[object, ...]], conditions: list[tuple[str, str | None]]
) -> None:
    requests = as_frame(rows)
    cut = Cut(tuple(KeyIs(*condition) for condition in conditions))
    during = Cut(run=Span("run", MONTH.from_us, MONTH.from_us + 2_000 * SLOT_US))
    at_night = Cut(hours=CLOCK.daily(22, 5))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        definition = definition_in(folder)
        question = question_of(definition)
        asks = [
            Ask(question, WINDOW, cut),
            Ask(question, WINDOW, during, (cut,)),
            Ask(question, WINDOW, at_night),
        ]
        keys = {column: requests[column].unique().to_list() for column in COLUMNS}
        with engine_over(requests, definition, folder) as engine:
            seen = look(engine, asks, keys)
    expected = plain_look(requests.with_columns(slot=pl.col("ts_us") // SLOT_US), asks)
    assert seen.by_slot.rows() == expected.by_slot.rows()
    assert sorted(seen.by_key.rows(), key=repr) == sorted(expected.by_key.rows(), key=repr)


WITH_LATENCY = (
    SLO_YAML.replace("status: status,", "status: status, duration: {from: seconds, unit: s},")
    + "  - {id: latency, value: duration, p99.5: < 1 s}\n"
)


def measured(folder: Path, requests: pl.DataFrame) -> Report:
    folder.mkdir()
    write_log(requests, folder / "requests.jsonl")
    definition = definition_in(folder, WITH_LATENCY)
    return measure_month(definition, MONTH, reports=folder / "reports", now=LATER)


@pytest.mark.long
@pytest.mark.parametrize("seed", [1, 2])
def test_removing_the_attributed_requests_and_recounting_gives_the_stated_figure(
    tmp_path: Path, seed: int
) -> None:
    month = generated.one_customer(seed)
    requests = month.requests
    report = measured(tmp_path / "whole", requests)
    incidents = {incident.objective: incident for incident in report.incidents}
    assert incidents.keys() == {"availability", "latency.p99.5"}
    marks = incidents["availability"].marks
    attributed = pl.all_horizontal(pl.col("bad"), *(pl.col(mark.by) == mark.key for mark in marks))
    recounted = measured(tmp_path / "without", requests.filter(~attributed))
    for row in recounted.objectives:
        without = incidents[row.id].without
        assert (row.valid, row.bad, row.verdict) == (without.valid, without.bad, without.verdict)
        assert (row.budget.used if row.budget else None) == without.used
    told = [item for item in report.notable if item.objective == "availability"]
    assert told[0].incidents == (incidents["availability"].number,)


def test_a_broken_promise_is_explained_by_the_customers_own_requests(tmp_path: Path) -> None:
    """Release bad fails for acme alone, which everyone's availability hardly shows."""
    rows: list[tuple[object, ...]] = [
        (
            minute * 7 % (29 * 24 * 60),
            customer,
            "GET /v1/a",
            "replica-1",
            release,
            customer == "acme" and release == "bad" and minute % 2 == 0,
        )
        for minute in range(3000)
        for customer in ("acme", "other", "another")
        for release in ["bad" if minute % 40 < 2 else "good"]
    ]
    write_log(as_frame(rows), tmp_path / "requests.jsonl")
    promise = "customers: {acme: {title: Acme, slos: {availability: {target: 99.95%}}}}\n"
    text = SLO_YAML.replace("99.9%", "90%") + promise + "breakdowns: [customer]\n"
    report = measure_month(
        definition_in(tmp_path, text),
        MONTH,
        reports=tmp_path / "reports",
        now=LATER,
    )
    [incident] = report.incidents
    bad = sum(bool(row[-1]) for row in rows)
    assert (incident.scope, incident.title) == ({"customer": "acme"}, "release bad")
    assert (incident.bad, incident.valid) == (bad, 2 * bad)
    [told] = [item for item in report.notable if item.incidents]
    assert told.text.startswith("The promise to Acme was broken: Availability ")
    assert f"All {bad} bad requests came with release bad" in told.text
