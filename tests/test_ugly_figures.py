"""Figures at the edge: what logs and targets may hold costs no report and turns no figure."""

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from slo_report.errors import InputError
from tests.shop import open_shop, report_of

LOGS = """\
service: shop
logs:
  - path: "*.jsonl"
    fields:
      ts: t
      status: s
      customer: c
      duration: {from: ms, unit: ms}
      k: {from: k, type: number}
      n: {from: n, type: integer}
"""
HUGE = 2**63 - 1


def row(at: str, **values: object) -> dict[str, object]:
    return {"t": f"2026-04-{at}Z", "s": 200} | values


def april(folder: Path, slos: str, rows: Iterable[Mapping[str, object]]) -> dict[str, Any]:
    """Return report.json of a month of these rows."""
    log = "".join(json.dumps(one) + "\n" for one in rows)
    config = open_shop(folder, f"{LOGS}slos:\n{slos}", log=log)
    report_of(config, now=datetime(2026, 5, 5, tzinfo=UTC))
    text = (folder / "reports/2026-04/report.json").read_text(encoding="utf-8")
    return dict(json.loads(text))


def test_a_limit_of_zero_is_a_target_like_any_other(tmp_path: Path) -> None:
    slos = '  - {id: a, value: n, unit: errors, max: "<= 0"}\n'
    document = april(tmp_path, slos, [row("01T10:00:00", n=0)])
    assert [one["verdict"] for one in document["objectives"]] == ["met"]


@pytest.mark.parametrize(
    ("good", "values"),
    [
        ("k * k < 1000", {"k": 20_000_000_000}),
        ("n * n * n < 1000", {"n": 9_000_000_000_000}),
        ("n + n - n * n * n < 1000", {"n": HUGE}),
    ],
)
def test_numbers_too_large_to_multiply_are_not_good_and_stop_nothing(
    tmp_path: Path, good: str, values: dict[str, object]
) -> None:
    slos = f'  - {{id: a, good: "{good}", target: 99%}}\n'
    document = april(tmp_path, slos, [row("01T10:00:00", n=1, k=1), row("02T10:00:00", **values)])
    (found,) = document["objectives"]
    assert (found["valid"], found["good"]) == (2, 1)


def test_sums_beyond_38_digits_are_told_in_a_sentence(tmp_path: Path) -> None:
    slos = '  - {id: a, sum: "n * n", over: n, target: "> 1%"}\n'
    with pytest.raises(InputError, match="more than 38 digits"):
        april(tmp_path, slos, [row(f"0{day}T10:00:00", n=HUGE) for day in (1, 2, 3)])


def test_figures_of_any_length_leave_room_for_the_charts(tmp_path: Path) -> None:
    slos = "".join(f"  - {{id: n{i}, value: n * n, unit: bytes, max: < 5}}\n" for i in range(4))
    rows = [row("01T10:00:00", n=HUGE, c="a"), row("02T10:00:00", n=1, c="b")]
    document = april(tmp_path, slos + "breakdowns: [customer]\n", rows)
    assert {one["verdict"] for one in document["objectives"]} == {"missed"}


def test_what_lacks_a_value_outside_a_rolling_window_is_not_its_matter(tmp_path: Path) -> None:
    slos = "  - {id: w, value: duration, p50: < 100 ms, window: 7d}\n"
    hours = [(day, hour) for day in range(1, 31) for hour in range(24)]
    rows = [
        row(f"{day:02d}T{hour:02d}:30:00") | ({} if day <= 10 else {"ms": 50})
        for day, hour in hours
    ]
    (found,) = april(tmp_path, slos, rows)["objectives"]
    assert found["valid"] == 7 * 24
    assert found["unmeasured"]["lines"] == 0
    assert found["unmeasured"]["verdict_holds"] is True


def test_each_objective_keeps_its_own_busiest_keys(tmp_path: Path) -> None:
    slos = """\
  - {id: m, good: status < 500, target: 99%}
  - {id: roll, good: status < 500, target: 99%, window: 7d}
  - {id: d, good: status < 500, target: 99%, window: day}
breakdowns: [customer]
breakdown_rows: 1
"""
    counts = [("03", "r1", 15), ("10", "r2", 4), ("26", "r1", 1), ("27", "r3", 5), ("28", "r2", 3)]
    rows = [
        row(f"{day}T10:00:{second:02d}", c=key)
        for day, key, count in counts
        for second in range(count)
    ]
    document = april(tmp_path, slos, rows)
    shown = [(one["id"], one["scope"]["customer"], one["valid"]) for one in document["customers"]]
    assert shown == [("m", "r1", 16), ("roll", "r3", 5), ("d", "r1", 16)]


def test_an_optional_objective_nobody_used_is_not_in_use_with_nothing_excluded_either(
    tmp_path: Path,
) -> None:
    slos = """\
  - {id: a, good: status < 500, target: 99%}
  - {id: opt, valid: status = 418, good: status < 500, target: 99%, optional: true}
exclusions:
  - {where: status = 429, reason: throttled}
"""
    document = april(tmp_path, slos, [row("01T10:00:00")])
    (found,) = (one for one in document["objectives"] if one["id"] == "opt")
    assert (found["verdict"], found["as_seen"]["verdict"]) == ("not_in_use", "not_in_use")


def test_an_id_seen_in_another_log_is_a_duplicate(tmp_path: Path) -> None:
    definition = """\
service: shop
logs:
  - {path: "a.jsonl", fields: {ts: t, status: s, request_id: id}}
  - {path: "b.jsonl", name: calls, fields: {ts: t, status: s, request_id: id}}
slos: [{id: availability, good: status < 500, target: 99%}]
"""
    logs = {"a": row("05T10:00:00", id="q1"), "b": row("05T10:00:01", id="q1", s=500)}
    config = open_shop(
        tmp_path, definition, **{name: json.dumps(one) + "\n" for name, one in logs.items()}
    )
    ledger = report_of(config).report.ledger
    assert ledger is not None
    assert (ledger.loaded, ledger.duplicates) == (1, 1)


def test_a_share_that_unusable_lines_could_turn_is_notable(tmp_path: Path) -> None:
    slos = "  - {id: a, title: Availability, good: status < 500, target: 99%}\n"
    good = [row(f"{day:02d}T{hour:02d}:30:00") for day in range(1, 31) for hour in range(24)]
    bad = [row("10T10:00:00", s="-")] * 7
    document = april(tmp_path, slos, [*good, row("01T00:00:00", s=500), *bad])
    assert [one["text"] for one in document["notable"]] == [
        "Availability was met by what was measured: 7 requests that were not measured, had all "
        "failed, would make it missed."
    ]
