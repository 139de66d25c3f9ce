"""What `check` tells of the requests that are loaded."""

import json
from pathlib import Path

from slo_report.check import check_definition
from slo_report.load_new import load_new
from slo_report.slo_yaml.build import load_definition
from tests.shop import open_shop

TWINS = """\
service: shop
logs:
  - path: "*.jsonl"
    fields: {ts: time, ok: {from: ok, type: boolean}, fast: {from: fast, type: boolean}}
slos:
  - {id: a, good: ok, target: 99%}
  - {id: b, good: ok, target: 90%}
  - {id: c, good: fast, target: 90%}
"""


def warnings(folder: Path, *rows: dict[str, bool]) -> list[str]:
    lines = [json.dumps({"time": "2026-04-01T00:00:00Z", **row}) + "\n" for row in rows]
    config = open_shop(folder, TWINS, april="".join(lines))
    load_new(load_definition(config), lambda _: None)
    return [warning.split(",")[0] for warning in check_definition(config).warnings]


def test_nulls_are_told_of_the_slo_that_asked_where_another_asks_twice(tmp_path: Path) -> None:
    rows = [{"ok": True}, {"ok": True}, {"ok": True, "fast": True}]
    assert warnings(tmp_path, *rows) == ["c: `good` is NULL for 2 loaded requests"]


def test_nulls_are_told_of_every_slo_that_asks_the_same(tmp_path: Path) -> None:
    assert warnings(tmp_path, {"fast": True}, {"ok": True, "fast": True}) == [
        "a: `good` is NULL for 1 loaded request",
        "b: `good` is NULL for 1 loaded request",
    ]
