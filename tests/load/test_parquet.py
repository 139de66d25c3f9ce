"""Timestamps and names of Parquet files are what whoever wrote them meant."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from slo_report.load.load import load_logs
from slo_report.slo_yaml.log_definition import Field, LogFormat
from slo_report.store import open_store
from tests.load.definitions import FIELDS, STATUS, TS, definition, log

BERLIN = replace(TS, time_format="iso", time_zone="Europe/Berlin")


def stored(folder: Path, select: str, ts: Field = TS) -> list[tuple[object, ...]]:
    """Return ts and customer of the requests of a file that a query makes."""
    with duckdb.connect() as connection:
        path = folder / "a.parquet"
        connection.execute(f"COPY (SELECT 200 AS status, {select}) TO '{path}' (FORMAT parquet)")
    names = [field for field in FIELDS if field.column in ("request_id", "customer")]
    one = log("*.parquet", fields=(ts, STATUS, *names), form=LogFormat.PARQUET)
    made = definition(folder, one)
    with open_store(folder / "slo.duckdb") as store:
        load_logs(store, made, lambda _: None)
        return store.rows("SELECT ts, customer FROM requests WHERE NOT duplicate ORDER BY ALL")


@pytest.mark.parametrize(
    ("time", "ts"),
    [
        ("TIMESTAMP '2026-04-05 00:00:00.000001'", datetime(2026, 4, 4, 22, 0, 0, 1)),
        ("TIMESTAMP_NS '2026-04-05 00:00:00.000001999'", datetime(2026, 4, 4, 22, 0, 0, 1)),
        ("TIMESTAMP_S '2026-01-05 00:00:00'", datetime(2026, 1, 4, 23)),
        ("TIMESTAMPTZ '2026-04-05 00:00:00+00'", datetime(2026, 4, 5)),
        ("'2026-04-05T00:00:00'", datetime(2026, 4, 4, 22)),
        ("'2026-04-05T00:00:00Z'", datetime(2026, 4, 5)),
    ],
)
def test_a_timestamp_without_a_zone_is_the_clock_of_the_zone_that_is_named(
    tmp_path: Path, time: str, ts: datetime
) -> None:
    assert stored(tmp_path, f"{time} AS ts", BERLIN) == [(ts, None)]


def test_a_timestamp_without_a_zone_is_utc_where_none_is_named(tmp_path: Path) -> None:
    assert stored(tmp_path, "TIMESTAMP '2026-04-05' AS ts") == [(datetime(2026, 4, 5), None)]


@pytest.mark.parametrize("time", ["'infinity'", "'-infinity'", "'9999-12-31'", "'1969-12-31'"])
def test_a_time_beyond_belief_is_no_request_in_any_zone(tmp_path: Path, time: str) -> None:
    assert stored(tmp_path, f"TIMESTAMP {time} AS ts", BERLIN) == []


def test_large_numbers_as_ids_and_names_are_told_apart(tmp_path: Path) -> None:
    select = (
        "TIMESTAMP '2026-04-05' AS ts, x AS request_id, x AS customer "
        "FROM (VALUES (1e20::DOUBLE), (1e21), (3e22), (1e300)) AS t(x)"
    )
    assert {customer for _, customer in stored(tmp_path, select)} == {
        "1e+20", "1e+21", "3e+22", "1e+300",
    }  # fmt: skip
