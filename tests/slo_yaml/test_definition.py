"""What a right slo.yaml means: defaults, ids, budgets, promises, warnings and the digest."""

from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest

from slo_report.errors import DefinitionError
from slo_report.slo_yaml.build import load_definition
from slo_report.slo_yaml.definition import Definition, Objective
from slo_report.slo_yaml.kinds import Kind
from slo_report.slo_yaml.log_definition import LogFormat

SAMPLES = Path(__file__).parents[2] / "data_samples"
WHOLE = (Path(__file__).parent / "whole.slo.yaml").read_text(encoding="utf-8")
SHORTEST = """\
service: shop
logs: [{path: "access.log*", format: combined}]
slos:
  - {id: availability, good: status < 500, target: 99.9%}
"""
ROWS = """\
service: shop
logs:
  - path: "*.jsonl"
    fields:
      ts: t
      route: r
      status: s
      ai: {from: ai, type: boolean}
      duration: {from: d, unit: s}
slos:
  - id: latency
    value: duration
"""


def defined(text: str, folder: Path) -> Definition:
    path = folder / "slo.yaml"
    path.write_text(text, encoding="utf-8")
    return load_definition(path)


def objectives(definition: Definition) -> dict[str, Objective]:
    return {o.id: o for slo in definition.slos for row in slo.rows for o in row.objectives}


def test_the_shortest_file_has_a_default_for_everything_else(tmp_path: Path) -> None:
    definition = defined(SHORTEST, tmp_path)
    assert definition.timezone.key == "UTC"
    assert definition.store == tmp_path / "slo.duckdb"
    assert definition.reports == tmp_path / "reports"
    assert definition.slos[0].title == "Availability"
    assert definition.breakdowns == ("endpoint",)
    assert [state.state for state in definition.policy] == ["healthy", "slow down", "exhausted"]
    assert [state.from_used for state in definition.policy] == [0, Decimal("0.5"), 1]
    assert definition.burn_rate_alerts == ()
    assert definition.email is None


def test_the_default_policy_is_the_one_of_the_september_sample(tmp_path: Path) -> None:
    sample = load_definition(SAMPLES / "september" / "slo.yaml")
    assert defined(SHORTEST, tmp_path).policy == sample.policy


def test_an_access_log_needs_no_fields(tmp_path: Path) -> None:
    log = defined(SHORTEST, tmp_path).logs[0]
    assert [field.column for field in log.fields] == ["ts", "method", "path", "status", "duration"]
    assert log.fields[0].time_is_end


def test_fields_override_those_of_an_access_log(tmp_path: Path) -> None:
    fields = (
        "format: combined, fields: {duration: {from: request_time, unit: us}, user: remote_user}"
    )
    log = defined(SHORTEST.replace("format: combined", fields), tmp_path).logs[0]
    assert [(f.column, f.unit) for f in log.fields][-2:] == [("duration", "us"), ("user", None)]


@pytest.mark.parametrize(
    ("path", "log_format"),
    [
        ("access.log*", LogFormat.COMBINED),
        ("access.log.1.gz", LogFormat.COMBINED),
        ("logs/a-*.jsonl.gz", LogFormat.JSONL),
        ("logs/a.ndjson.zst", LogFormat.JSONL),
        ("a.CSV", LogFormat.CSV),
        ("a.parquet", LogFormat.PARQUET),
    ],
)
def test_the_ending_tells_the_format(path: str, log_format: LogFormat, tmp_path: Path) -> None:
    fields = "{ts: time_local, status: status}"
    text = SHORTEST.replace('"access.log*", format: combined', f'"{path}", fields: {fields}')
    assert defined(text, tmp_path).logs[0].format is log_format


def test_files_of_several_formats_are_told_apart_one_by_one(tmp_path: Path) -> None:
    path = '["a.csv", "b.jsonl"], fields: {ts: t, status: s}'
    text = SHORTEST.replace('"access.log*", format: combined', path)
    assert defined(text, tmp_path).logs[0].format is None


def test_columns_that_one_format_of_an_entry_gives_are_there_for_slos(tmp_path: Path) -> None:
    path = '["access.log", "b.jsonl"], fields: {ts: t, status: s}'
    text = SHORTEST.replace('"access.log*", format: combined', path)
    text = text.replace("status < 500", "endpoint = 'GET /' and duration < 1 s")
    (log,) = defined(text, tmp_path).logs
    assert [f.source for f in log.fields_of(LogFormat.JSONL)] == ["t", "s"]
    assert [f.source for f in log.fields_of(LogFormat.COMBINED)] == [
        *("time_local", "request_method", "request_uri", "status", "request_time")
    ]


@pytest.mark.parametrize("path", ['["access.log", "b.jsonl"]', '["b.jsonl", "access.log"]'])
def test_a_time_that_one_format_of_an_entry_gives_is_none_of_the_others(
    path: str, tmp_path: Path
) -> None:
    text = SHORTEST.replace('"access.log*", format: combined', f"{path}, fields: {{status: s}}")
    with pytest.raises(DefinitionError, match="`fields` maps no `ts`"):
        defined(text, tmp_path)


def test_ids_of_rows_say_what_chose_them(tmp_path: Path) -> None:
    each = """\
    each:
      - {route: GET /, ai: false, p95: < 1 s}
      - {route: [a, b], status: [200, 201], p99.9: < 2 s}
      - {title: All, max: < 3 s}
"""
    assert list(objectives(defined(ROWS + each, tmp_path))) == [
        "latency.p95[GET /,ai=false]",
        "latency.p99.9[a|b,status=200|201]",
        "latency.max[All]",
    ]


def test_values_of_a_row_are_compared_as_written(tmp_path: Path) -> None:
    each = "    each: [{route: 007, p95: < 1 s}, {route: no, p95: < 1 s}]\n"
    rows = defined(ROWS + each, tmp_path).slos[0].rows
    assert [row.choices for row in rows] == [{"route": ("007",)}, {"route": ("no",)}]


def test_ratios_have_a_budget_and_percentiles_only_on_request(tmp_path: Path) -> None:
    text = (
        ROWS
        + """\
    p50: < 1 s
    p99: {target: < 5 s, budget: true}
  - {id: ok, good: status < 500, target: 99%}
  - {id: floor, good: status < 400, target: 90%, budget: false}
  - {id: share, sum: status, over: status, target: 90%}
"""
    )
    budgets = {key: o.has_budget for key, o in objectives(defined(text, tmp_path)).items()}
    assert budgets == {
        "latency.p50": False,
        "latency.p99": True,
        "ok": True,
        "floor": False,
        "share": False,
    }


def test_informational_and_optional_hold_for_the_rows_unless_they_say_otherwise(
    tmp_path: Path,
) -> None:
    text = (
        ROWS
        + """\
    informational: true
    each:
      - {route: a, p95: < 1 s}
      - {route: b, p95: {target: < 1 s, informational: false}, optional: true}
"""
    )
    found = objectives(defined(text, tmp_path)).values()
    assert [(o.informational, o.optional) for o in found] == [(True, False), (False, True)]


def test_a_target_by_month_is_in_force_from_its_month_on(tmp_path: Path) -> None:
    text = SHORTEST.replace("target: 99.9%", "target: {2026-07: 99.9%, 2026-01: 99.5%}")
    target = objectives(defined(text, tmp_path))["availability"].target
    found = [target.in_month(month) for month in ("2025-12", "2026-01", "2026-06", "2026-07")]
    assert [one and one.value for one in found] == [
        None,
        Decimal("0.995"),
        Decimal("0.995"),
        Decimal("0.999"),
    ]


def test_a_promise_replaces_the_target_of_every_row(tmp_path: Path) -> None:
    promise = defined(WHOLE, tmp_path).customers[0]
    assert {key: target.changes[0][1].value for key, target in promise.targets.items()} == {
        "availability": Decimal("0.999"),
        "latency.p99[POST /orders,cached=true]": Decimal("0.04"),
        "latency.p99[GET /items/{id}]": Decimal("0.04"),
    }
    assert promise.reserved == ("engine-7",)
    assert promise.email_to == ("ops@acme.example",)


def test_times_without_an_offset_are_in_the_zone_of_the_report(tmp_path: Path) -> None:
    text = WHOLE.replace("2026-04-12T02:00:00Z", "2026-04-12 02:00").replace("T03:30:00Z", "T03:30")
    exclusion = defined(text, tmp_path).exclusions[0]
    assert exclusion.from_us == 1775952000 * 1_000_000
    assert exclusion.to_us == exclusion.from_us + 90 * 60 * 1_000_000


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (("2026-10-25 02:00", "2026-10-25 02:30"), ("2026-10-25T00:00Z", "2026-10-25T01:30Z")),
        (("2026-10-25 01:00", "2026-10-25 03:00"), ("2026-10-24T23:00Z", "2026-10-25T02:00Z")),
        (
            ("2026-10-25T02:00+02:00", "2026-10-25T02:00+01:00"),
            ("2026-10-25T00Z", "2026-10-25T01Z"),
        ),
        (("2026-03-29 02:00", "2026-03-29 02:30"), ("2026-03-29T01:00Z", "2026-03-29T01:30Z")),
    ],
    ids=["in the hour that comes twice", "around it", "told by offset", "in the hour left out"],
)
def test_an_exclusion_goes_from_the_first_time_a_clock_shows_its_begin_to_the_last_of_its_end(
    tmp_path: Path, written: tuple[str, str], meant: tuple[str, str]
) -> None:
    text = WHOLE
    for at, shown in zip(("2026-04-12T02:00:00Z", "2026-04-12T03:30:00Z"), written, strict=True):
        text = text.replace(at, shown)
    exclusion = defined(text, tmp_path).exclusions[0]
    assert (exclusion.from_us, exclusion.to_us) == tuple(
        datetime.fromisoformat(moment).timestamp() * 1_000_000 for moment in meant
    )


def test_columns_carry_their_kinds(tmp_path: Path) -> None:
    columns = defined(WHOLE, tmp_path).columns
    assert columns["ts"] is Kind.TIMESTAMP
    assert columns["duration"] is Kind.DURATION
    assert columns["tokens"] is Kind.INTEGER
    assert columns["source"] is columns["endpoint"] is Kind.TEXT


def test_a_burn_rate_out_of_reach_is_named(tmp_path: Path) -> None:
    alerts = "burn_rate_alerts: [{window: 1h, burn_rate: 14, severity: Sev1}]\n"
    text = SHORTEST.replace("99.9%", "95%").replace("access.log*", "a.log") + alerts
    assert defined(text.replace("95%", "92.8%"), tmp_path).warnings[0].line == 5
    assert defined(text, tmp_path).warnings == ()


def test_a_promise_looser_than_everyones_is_named(tmp_path: Path) -> None:
    text = WHOLE.replace("{target: 99.9%}", "{target: 99.4%}")
    (concern,) = defined(text, tmp_path).warnings
    assert (concern.line, "promised less" in concern.text) == (47, True)


def test_a_comment_or_another_layout_changes_no_digest(tmp_path: Path) -> None:
    digest = defined(WHOLE, tmp_path).sha256
    relaid = WHOLE.replace("status < 500", "status   <  500   # the server's own")
    assert defined("# ours\n" + relaid.replace("99.5%", "99.50%"), tmp_path).sha256 == digest
    assert defined(WHOLE.replace("threads: 2", "threads: 1"), tmp_path).sha256 == digest


def test_another_target_changes_the_digest(tmp_path: Path) -> None:
    changed = WHOLE.replace("target: 99.5%", "target: 99.6%")
    assert defined(changed, tmp_path).sha256 != defined(WHOLE, tmp_path).sha256


@pytest.mark.parametrize("sample", ["september", "codex"])
def test_the_samples_are_right(sample: str) -> None:
    assert load_definition(SAMPLES / sample / "slo.yaml").warnings == ()


def test_the_september_sample_reads_as_its_review_says() -> None:
    definition = load_definition(SAMPLES / "september" / "slo.yaml")
    titles = [o.title for o in objectives(definition).values() if not o.informational]
    assert titles == ["Availability", "TTFT p99", "Turn p99"]


def test_a_mistake_raises_the_error_of_the_command_line(tmp_path: Path) -> None:
    with pytest.raises(DefinitionError):
        defined("service: shop\n", tmp_path)


def test_a_percentile_that_looks_like_a_share_is_named(tmp_path: Path) -> None:
    text = ROWS + "    each: [{route: [a], p0.99: < 5 s, p1: < 5 s, p50: < 5 s}]\n"
    (concern,) = defined(text, tmp_path).warnings
    assert concern.line == 13
    assert concern.text == "`p0.99` of `latency` is below p1; p99 is probably meant"


def test_limits_as_fractions_are_read_as_the_targets_are(tmp_path: Path) -> None:
    with pytest.raises(DefinitionError, match=r"`1.0` is no percentage; write 100%"):
        defined(SHORTEST + "limits: {missing_time: 1.0}\n", tmp_path)
