"""The months that engines are compared on: both samples, and generated ones with hostile lines."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from slo_report.load.load import load_logs
from slo_report.quoting import quote_name, quote_text
from slo_report.rollup.engine import DuckDbEngine
from slo_report.slo_yaml.build import load_definition
from slo_report.slo_yaml.definition import Definition
from slo_report.slo_yaml.log_definition import Field
from slo_report.store import open_store
from tests.engines.recording import Measured, measured
from tests.reference.generated_month import generate

SAMPLES = Path(__file__).parents[2] / "data_samples"
EDGES = Path(__file__).parent / "edges.slo.yaml"


def september(folder: Path) -> tuple[Definition, str]:
    """The sample of the engineering review."""
    return _sample("september", folder), "2026-04"


def codex(folder: Path) -> tuple[Definition, str]:
    """The sample of the API's own promises."""
    return _sample("codex", folder), "2026-04"


def generated(folder: Path) -> tuple[Definition, str]:
    """A month of the reference's generator: every spelling, every kind of bad line, duplicates."""
    case = generate(2)
    return load_definition(case.write(folder)), case.definition.month


def hostile(folder: Path) -> tuple[Definition, str]:
    """The same month with one SLO of each kind: Spark takes seconds for each of its roll-ups."""
    definition, month = generated(folder)
    asked = ("availability", "latency", "tokens")
    return replace(
        definition,
        slos=tuple(slo for slo in definition.slos if slo.id in asked),
        breakdowns=("customer",),
    ), month


def edges(folder: Path) -> tuple[Definition, str]:
    """Values where engines are known to part, and texts that look like SQL."""
    shutil.copy(EDGES, folder / "slo.yaml")
    (folder / "edges.jsonl").write_text("".join(_edge_lines()), encoding="utf-8")
    return load_definition(folder / "slo.yaml"), "2026-04"


def two_logs(folder: Path) -> tuple[Definition, str]:
    """One file that two logs read, each in its own way: the log decides between equal ids."""
    (folder / "slo.yaml").write_text(_TWO_LOGS, encoding="utf-8")
    lines = [
        f'{{"time":"2026-04-01T00:00:00Z","id":"r{n}","first":200,"second":500}}\n'
        for n in range(20)
    ]
    (folder / "twice.jsonl").write_text("".join(lines), encoding="utf-8")
    return load_definition(folder / "slo.yaml"), "2026-04"


CASES = {case.__name__: case for case in (september, codex, generated, hostile, edges, two_logs)}


@cache
def prepared(name: str) -> tuple[Definition, str]:
    """Write a case once into a folder of its own."""
    return (CASES | CASES_AS_TABLES)[name](Path(mkdtemp(prefix=f"slo-report-{name}-")))


@cache
def by_duckdb(name: str) -> Measured:
    """Return what DuckDB makes of a case."""
    definition, month = prepared(name)
    with open_store(definition.store) as store:
        load_logs(store, definition, lambda _text: None)
        return measured(DuckDbEngine(store), definition, month, definition.reports)


def edges_parquet(folder: Path) -> tuple[Definition, str]:
    """The edges as typed columns in Parquet: what tables are compared with."""
    definition, month = prepared("edges")
    with open_store(folder / "typed.duckdb") as store:
        load_logs(store, definition, lambda _text: None)
        columns = ", ".join(
            f"{_as_typed(field)} AS {quote_name(field.source)}"
            for field in definition.logs[0].fields
        )
        target = quote_text(str(folder / "edges.parquet"))
        store.rows(f"COPY (SELECT {columns} FROM requests) TO {target} (FORMAT parquet)")
    text = (folder / "slo.yaml", EDGES.read_text(encoding="utf-8").replace(".jsonl", ".parquet"))
    text[0].write_text(text[1], encoding="utf-8")
    return load_definition(text[0]), month


def _as_typed(field: Field) -> str:
    """Return a column as a table would have it: values too that no request can have."""
    if field.column == "request_id":
        return "coalesce(request_id, '')"
    if field.column not in _TYPED:
        return quote_name(field.column)
    kind, values = _TYPED[field.column]
    texts = ", ".join("NULL" if value is None else f"'{value}'" for value in values)
    return f"CAST([{texts}][1 + rowid % {len(values)}] AS {kind})"


CASES_AS_TABLES = {"edges_parquet": edges_parquet}


def write_table() -> tuple[Definition, str, Path]:
    """Return the definition, the month and the Parquet file that becomes a table."""
    definition, month = prepared("edges_parquet")
    return definition, month, definition.path.parent / "edges.parquet"


def with_table(
    definition: Definition, table: str, fields: tuple[Field, ...] | None = None
) -> Definition:
    """Return the definition with a table in place of its files."""
    log = definition.logs[0]
    return replace(
        definition, logs=(replace(log, paths=(), table=table, fields=fields or log.fields),)
    )


_TWO_LOGS = """\
service: twice
logs:
  - {name: b, path: twice.jsonl, fields: {ts: time, request_id: id, status: first}}
  - {name: a, path: twice.jsonl, fields: {ts: time, request_id: id, status: second}}
slos: [{id: availability, good: status < 500, target: 99%}]
"""


def _sample(name: str, folder: Path) -> Definition:
    shutil.copytree(
        SAMPLES / name, folder, ignore=shutil.ignore_patterns("*.duckdb*"), dirs_exist_ok=True
    )
    return load_definition(folder / "slo.yaml")


_TEXTS = (
    "plain", "it's", "' OR 1=1 --", "back\\slash", "a%b", "a_b", "$hit", "{x}", '"quoted"',
    "`tick`", "Ärger", "日本", "🚀", "", " ", "tab\there", "new\nline", "NULL", "\\N", "x" * 300,
)  # fmt: skip
_INSTANTS = (
    "2026-03-31T23:59:59.999999Z", "2026-04-01T00:00:00Z", "2026-04-01T00:04:59.999999Z",
    "2026-04-01T00:05:00Z", "2026-04-15T12:00:00.000001Z", "2026-04-30T23:59:59.999999Z",
    "2026-05-01T00:00:00Z",
)  # fmt: skip
_DURATIONS_US = (0, 1, 2, 3, 499, 500, 1000, 1020, 4_999_999, 5_000_000, 5_000_001, 86_399_999_999)
_COSTS = ("0", "0.000000000000000001", "0.5", "1.5", "2.5", "0.1", "0.3", "99999999.25", None)
_USUAL_S = (0, 0.25, 0.5, 0.75, 1) * 8
_TYPED: dict[str, tuple[str, tuple[object, ...]]] = {
    "queued": (
        "DECIMAL(38,7)",
        (*_USUAL_S, "1.2", "1.5", "1.5000004", "1.5000005", "100000000000000000000", None),
    ),
    "waited": ("INTEGER", (*range(1, 50), 86_400_000, 86_400_001, 2_147_483_647, -1, None)),
    "paused": ("TINYINT", (0, 1, 2, None)),
    "held": ("BIGINT", (0, 499, 500, 1_499, 999_999_500, 1_000_000_499, None) * 7 + (2**53 + 1,)),
    "fee": ("DECIMAL(38,20)", ("0.12345678901234567850", "1e-20", "1e17", "1.5", None)),
    "total": ("DECIMAL(38,2)", (*range(60), "99999999999999000000.25", "1e30", None)),
    "tenant": ("INTEGER", (7, 8, None)),
}
"""Of a column in Parquet the type and the values, one after the other; few are out of range."""


def _edge_lines() -> Iterator[str]:
    for number in range(len(_TEXTS) * len(_INSTANTS) * 3):
        duration = _DURATIONS_US[number % len(_DURATIONS_US)]
        record: dict[str, object] = {
            "time": _INSTANTS[number % len(_INSTANTS)],
            "id": f"r{number % 401}" if number % 13 else "",
            "method": ("GET", "POST")[number % 2],
            "path": f"/v1/{_TEXTS[number % 7]}/x?{number}",
            "status": (200, 200, 200, 404, 499, 500, 503)[number % 7],
            "us": duration,
            "customer": None if number % 11 == 0 else _TEXTS[number % len(_TEXTS)],
            "signed": (number % 9) - 4,
            "tokens": (number * 7919) % 1000,
            "flag": (True, False, None)[number % 3],
            "tenant_id": (7, "8", None)[number % 3],
        }
        cost = _COSTS[number % len(_COSTS)]
        line = json.dumps(record, ensure_ascii=False)
        exact = {
            "cost": cost,
            "queued_s": ("0.5", "1.2", "1.4999994", "1.5", None)[number % 5],
            "waited_ms": ("0.0004", "0.0005", "1", "86400000", None)[number % 5],
            "paused_s": ("0.0000005", "1", None)[number % 3],
            "held_ns": ("499", "500", "1000000499", None)[number % 4],
            "fee": ("0.1234567890123456785", "1.5", None)[number % 3],
            "total": ("99999999999999999999.99", "0.25", None)[number % 3],
        }
        texts = ", ".join(f'"{name}": {text or "null"}' for name, text in exact.items())
        yield f"{line[:-1]}, {texts}}}\n"
