"""Logs as programs write them need no look at single lines, which takes ten times as long."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest

from slo_report.load.load import load_logs
from slo_report.load.stage import Stage
from slo_report.slo_yaml.expressions import Kind
from slo_report.slo_yaml.log_definition import Field
from slo_report.store import open_store
from tests.load.definitions import STATUS, TS, definition, log

Values = Callable[[int], dict[str, Any]]
"""What a line has, by its number."""

LINES = 400
DURATION = Field("duration", "ms", Kind.DURATION, unit="ms")
FIELDS = (
    TS,
    STATUS,
    DURATION,
    Field("request_id", "id", Kind.TEXT),
    Field("customer", "customer", Kind.TEXT),
    Field("tokens", "tokens", Kind.INTEGER),
    Field("cost", "cost", Kind.NUMBER),
    Field("ai", "ai", Kind.BOOLEAN),
)
chance = Random(1).random


def plain(number: int) -> dict[str, Any]:
    return {
        "ts": f"2026-04-01T10:{number // 60:02}:{number % 60:02}.123Z",
        "id": f"r{number}",
        "status": 200,
        "ms": round(chance() * 1000, 3),
        "customer": f"c{number % 50}",
        "tokens": number,
        "cost": round(chance(), 4),
        "ai": True,
    }


def half(number: int) -> dict[str, Any]:
    line = plain(number)
    return {key: line[key] for key in line if key in ("ts", "status") or chance() < 0.5}


OTHER_VALUES: dict[str, Values] = {
    "durations with all their digits": lambda _: {"ms": chance() * 1000},
    "durations so short that they have an exponent": lambda _: {"ms": 5e-7},
    "costs with all their digits": lambda _: {"cost": chance() * chance() * 0.001},
    "costs of a few billionths": lambda number: {"cost": number * 2.5e-9},
    "costs of millions": lambda _: {"cost": chance() * 1e6},
    "large whole numbers": lambda number: {"tokens": 10**12 + number},
    "whole numbers with a point": lambda number: {"tokens": float(number), "status": 200.0},
    "numbers in quotes": lambda number: {
        "status": "200", "ms": f"{chance() * 1000:.3f}", "tokens": str(number), "cost": "0.1234",
    },
    "now and then a number in quotes": lambda number: {"status": 200 if number % 7 else "200"},
    "numbers for ids": lambda number: {"id": number, "customer": number % 50},
    "now and then a number for an id": lambda number: {"customer": 7 if number % 7 else "seven"},
    "ids like numbers": lambda number: {"id": f"1.{number}", "customer": "1e3"},
    "booleans in quotes": lambda _: {"ai": "false"},
    "escapes": lambda _: {"customer": 'a"b\\c\nd\u00e9'},
    "nanoseconds": lambda _: {"ts": "2026-04-01T10:00:00.123456789Z"},
    "another zone": lambda _: {"ts": "2026-04-01T10:00:00+02:00"},
}  # fmt: skip
KINDS: dict[str, tuple[Field, Values]] = {
    "whole nanoseconds": (replace(DURATION, unit="ns"), lambda number: {"ms": 1500 * number}),
    "seconds": (replace(DURATION, unit="s"), lambda _: {"ms": chance()}),
    "milliseconds since 1970": (
        replace(TS, time_format="epoch_ms"), lambda number: {"ts": 1775001600000 + number},
    ),
    "seconds since 1970": (
        replace(TS, time_format="epoch_s"), lambda _: {"ts": 1775001600 + chance()},
    ),
    "a key inside a key": (
        Field("cost", "usage.cost", Kind.NUMBER), lambda _: {"usage": {"cost": chance() * 0.001}},
    ),
}  # fmt: skip


def load(folder: Path, fields: tuple[Field, ...], line: Values) -> int:
    lines = [json.dumps(line(number)) + "\n" for number in range(LINES)]
    (folder / "a.jsonl").write_text("".join(lines))
    with open_store(folder / "slo.duckdb") as store:
        result = load_logs(store, definition(folder, log("*.jsonl", fields=fields)), lambda _: None)
    return result.usable


@pytest.fixture(autouse=True)
def _no_single_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(*_arguments: object) -> None:
        raise AssertionError("lines are looked at one by one")

    monkeypatch.setattr(Stage, "judge", forbidden)
    monkeypatch.setattr(Stage, "fill", forbidden)


@pytest.mark.parametrize("style", OTHER_VALUES)
def test_a_style_needs_no_look_at_single_lines(tmp_path: Path, style: str) -> None:
    values = OTHER_VALUES[style]
    assert load(tmp_path, FIELDS, lambda number: plain(number) | values(number)) == LINES


def test_what_is_not_always_there_needs_no_look_at_single_lines(tmp_path: Path) -> None:
    assert load(tmp_path, FIELDS, half) == LINES


def test_null_needs_no_look_at_single_lines(tmp_path: Path) -> None:
    assert load(tmp_path, FIELDS, lambda number: dict.fromkeys(plain(0)) | half(number)) == LINES


@pytest.mark.parametrize("kind", KINDS)
def test_a_unit_needs_no_look_at_single_lines(tmp_path: Path, kind: str) -> None:
    field, line = KINDS[kind]
    others = tuple(one for one in FIELDS if one.column != field.column)
    assert load(tmp_path, (*others, field), lambda number: plain(number) | line(number)) == LINES
