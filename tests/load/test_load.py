"""Loading again, in any order, by either way: the store says the same."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from slo_report.load import json_sample, ways
from slo_report.load.formats import READERS
from slo_report.load.load import load_logs
from slo_report.load.result import LoadResult
from slo_report.load.stage import Stage
from slo_report.slo_yaml.expressions import Kind
from slo_report.slo_yaml.log_definition import Field, LogFormat
from slo_report.store import open_store
from tests.load.definitions import FIELDS, STATUS, TS, definition, log

numbers = st.integers(0, 10**6) | st.decimals(0, 999, places=3).map(float)
records = st.fixed_dictionaries(
    {"ts": st.datetimes().map(lambda t: f"2026-04-{t.day % 28 + 1:02}T{t:%H:%M:%S.%f}Z")},
    optional={
        "status": st.integers(100, 599) | st.sampled_from(["200", 200.5, True, None, "x"]),
        "ms": numbers | st.sampled_from(["1.10", "1e3", "NaN", -1, [], 5e-7, 0.0005]),
        "customer": st.text(st.characters(exclude_categories=["Cs"])) | numbers | st.booleans(),
        "usage": st.none() | st.fixed_dictionaries({"tokens": numbers}) | st.just("none"),
        "cost": numbers | st.just("0.1"),
        "ai": st.fixed_dictionaries({}, optional={"enabled": st.booleans() | st.none()}),
        "other": st.recursive(st.none() | st.text(max_size=5), st.lists, max_leaves=5),
    },
)


def write(path: Path, *rows: dict[str, Any]) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


def load(folder: Path, store: str = "slo.duckdb") -> tuple[LoadResult, list[Any]]:
    with open_store(folder / store) as opened:
        result = load_logs(opened, definition(folder, log("*.jsonl")), lambda _: None)
        return result, opened.rows(
            "SELECT r.* EXCLUDE (file_id), f.name FROM requests r JOIN files f USING (file_id) "
            "ORDER BY f.name, r.rowid"
        ) + opened.rows("SELECT line, reason FROM quarantine ORDER BY ALL")


@pytest.mark.long
@given(st.lists(records, min_size=1, max_size=25))
@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_the_fast_and_the_careful_way_agree(tmp_path: Path, rows: list[dict[str, Any]]) -> None:
    write(tmp_path / "a.jsonl", *rows)
    assert_the_ways_agree(tmp_path)


@pytest.mark.long
@given(st.lists(records, min_size=1, max_size=5))
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_the_ways_agree_after_a_sample_that_promises_otherwise(
    tmp_path: Path, rows: list[dict[str, Any]]
) -> None:
    good = {"ts": "2026-04-01T00:00:00Z", "status": 200, "ms": 1.5, "customer": "a", "cost": 0.1}
    write(tmp_path / "a.jsonl", good, *rows)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_sample, "SAMPLE_LINES", 1)
        assert_the_ways_agree(tmp_path)


def assert_the_ways_agree(tmp_path: Path) -> None:
    """Load the log as usual and with no way but the careful one."""
    (tmp_path / "fast").unlink(missing_ok=True)
    (tmp_path / "careful").unlink(missing_ok=True)
    fast = load(tmp_path, "fast")
    with pytest.MonkeyPatch.context() as patch:
        slow = replace(READERS[LogFormat.JSONL], clean_sql=lambda _: None)
        patch.setattr(ways, "READERS", {**READERS, LogFormat.JSONL: slow})
        assert load(tmp_path, "careful") == fast


def row(day: int, request_id: str | None) -> dict[str, Any]:
    return {"ts": f"2026-04-{day:02}T00:00:00Z", "status": 200, "request_id": request_id}


def duplicates(folder: Path) -> list[tuple[str, int]]:
    with open_store(folder / "slo.duckdb") as store:
        return store.rows(
            "SELECT f.name, day(r.ts) FROM requests r JOIN files f USING (file_id) "
            "WHERE duplicate ORDER BY ALL"
        )


def test_of_one_request_id_the_earliest_stays_in_whatever_order_files_come(tmp_path: Path) -> None:
    write(tmp_path / "b.jsonl", row(2, "x"), row(2, "x"), row(3, None), row(3, None))
    load(tmp_path)
    assert duplicates(tmp_path) == [("b.jsonl", 2)]
    write(tmp_path / "c.jsonl", row(1, "x"))
    load(tmp_path)
    assert duplicates(tmp_path) == [("b.jsonl", 2), ("b.jsonl", 2)]
    write(tmp_path / "c.jsonl", row(1, "another"))
    load(tmp_path)
    assert duplicates(tmp_path) == [("b.jsonl", 2)]


def test_a_second_run_reads_nothing_again(tmp_path: Path) -> None:
    write(tmp_path / "a.jsonl", row(1, "x"))
    assert load(tmp_path)[0].loaded == ["a.jsonl"]
    again, _ = load(tmp_path)
    assert (again.loaded, again.known) == ([], ["a.jsonl"])


def test_a_file_that_cannot_be_read_is_refused_by_name_and_read_once_it_can_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "a.jsonl", row(1, "x"))
    with monkeypatch.context() as patch:
        # Permissions would not keep root from reading.
        patch.setattr("slo_report.load.examine.preflight", forbidden)
        assert load(tmp_path)[0].refused == [("a.jsonl", "cannot be read: Permission denied")]
    assert load(tmp_path)[0].usable == 1


def forbidden(*_arguments: object, **_named: object) -> None:
    raise PermissionError(13, "Permission denied")


def test_what_is_no_regular_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "folder.jsonl").mkdir()
    (tmp_path / "link.jsonl").symlink_to("nowhere")
    assert load(tmp_path)[0].irregular == ["folder.jsonl", "link.jsonl"]


@pytest.mark.long
def test_a_bad_line_in_a_large_file_keeps_its_number(tmp_path: Path) -> None:
    good = json.dumps(row(1, None)) + "\n"
    lines = [good] * 200_000
    lines[123_456] = "{\n"
    (tmp_path / "a.jsonl").write_text("".join(lines))
    result, rows = load(tmp_path)
    assert (result.usable, result.quarantined, rows[-1]) == (199_999, 1, (123_457, "json"))


@pytest.mark.long
def test_many_scattered_bad_lines_are_each_found_in_a_file_read_by_several_threads(
    tmp_path: Path,
) -> None:
    lines = [json.dumps(row(1, f"{number:09d}-{'x' * 60}")) + "\n" for number in range(200_000)]
    for number in range(499, len(lines), 1000):
        lines[number] = lines[number][:40] + "\n"
    (tmp_path / "a.jsonl").write_text("".join(lines))
    result, rows = load(tmp_path)
    assert (result.usable, result.quarantined) == (199_800, 200)
    assert rows[199_800:] == [(number + 1, "json") for number in range(499, 200_000, 1000)]
    ids = [one[3] for one in rows[:199_800]]
    assert ids == sorted(set(ids))


def test_a_line_without_an_optional_field_needs_no_second_look(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    boolean, integer = Field("ai", "ai", Kind.BOOLEAN), Field("n", "n", Kind.INTEGER)
    fields = (TS, STATUS, boolean, integer, Field("cost", "cost", Kind.NUMBER))
    write(tmp_path / "a.jsonl", row(1, None), row(2, None) | {"n": "007"})
    monkeypatch.setattr(Stage, "judge", forbidden)
    monkeypatch.setattr(Stage, "fill", forbidden)
    with open_store(tmp_path / "slo.duckdb") as store:
        log_ = log("*.jsonl", fields=fields)
        assert load_logs(store, definition(tmp_path, log_), lambda _: None).usable == 2


def test_nanoseconds_of_a_pattern_are_cut_not_rounded(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"ts": "2026-04-30 23:59:59.999999999", "status": 200}\n')
    ts = replace(FIELDS[0], time_format="%Y-%m-%d %H:%M:%S.%n", time_zone="UTC")
    made = definition(tmp_path, log("*.jsonl", fields=(ts, *FIELDS[1:])))
    with open_store(tmp_path / "slo.duckdb") as store:
        load_logs(store, made, lambda _: None)
        assert store.rows("SELECT ts::VARCHAR FROM requests") == [("2026-04-30 23:59:59.999999",)]


@pytest.mark.parametrize("form", ["iso", "%Y-%m-%dT%H:%M:%S"])
def test_a_time_without_an_offset_is_the_later_where_it_comes_twice_or_is_left_out(
    tmp_path: Path, form: str
) -> None:
    ts = replace(TS, time_format=form, time_zone="Europe/Berlin")
    times = ("2026-03-29T02:30:00", "2026-10-25T02:30:00")
    write(tmp_path / "a.jsonl", *({"ts": time, "status": 200} for time in times))
    made = definition(tmp_path, log("*.jsonl", fields=(ts, STATUS)))
    with open_store(tmp_path / "slo.duckdb") as store:
        load_logs(store, made, lambda _: None)
        assert store.rows("SELECT ts::VARCHAR FROM requests ORDER BY ts") == [
            ("2026-03-29 01:30:00",),
            ("2026-10-25 01:30:00",),
        ]


def test_a_file_that_is_ignored_from_now_on_does_not_count_any_more(tmp_path: Path) -> None:
    good = {"ts": "2026-04-01T00:00:00Z", "status": 200, "request_id": "one"}
    write(tmp_path / "a-staging.jsonl", good)
    write(tmp_path / "b.jsonl", good | {"other": 1})
    both = definition(tmp_path, log("*.jsonl"))
    one = definition(tmp_path, log("*.jsonl", ignore=("*staging*",)))
    with open_store(tmp_path / "slo.duckdb") as store:
        load_logs(store, replace(both, logs=(replace(both.logs[0], name="old"),)), lambda _: None)
        load_logs(store, both, lambda _: None)
        counts = "SELECT count(*), count(*) FILTER (duplicate) FROM requests"
        assert store.rows(counts) == [(2, 1)]
        result = load_logs(store, one, lambda _: None)
        assert result.taken_out == ["a-staging.jsonl"]
        assert store.rows("SELECT name FROM files") == [("b.jsonl",)]
        assert store.rows(counts) == [(1, 0)]


def test_a_file_that_is_gone_goes_on_counting(tmp_path: Path) -> None:
    write(tmp_path / "a.jsonl", {"ts": "2026-04-01T00:00:00Z", "status": 200})
    load(tmp_path)
    (tmp_path / "a.jsonl").unlink()
    result, rows = load(tmp_path)
    assert result.taken_out == []
    assert len(rows) == 1


def test_a_type_changed_by_a_load_that_was_killed_and_changed_back_loses_no_value(
    tmp_path: Path,
) -> None:
    write(tmp_path / "a.jsonl", row(1, None) | {"size": 7})
    size = Field("size", "size", Kind.INTEGER)
    numbers = definition(tmp_path, log("*.jsonl", fields=(TS, STATUS, size)))
    with open_store(tmp_path / "slo.duckdb") as store:
        load_logs(store, numbers, lambda _: None)
        # As far as a load comes that is killed before its first file.
        store.match_columns({**numbers.columns, "size": Kind.TEXT})
        load_logs(store, numbers, lambda _: None)
        assert store.rows("SELECT size FROM requests") == [(7,)]
