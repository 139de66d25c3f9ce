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


CASES = {case.__name__: case for case in (september, codex, generated, hostile, edges)}


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
            f"{quote_name(field.column)} AS {quote_name(field.source)}"
            for field in definition.logs[0].fields
        )
        target = quote_text(str(folder / "edges.parquet"))
        store.rows(f"COPY (SELECT {columns} FROM requests) TO {target} (FORMAT parquet)")
    text = (folder / "slo.yaml", EDGES.read_text(encoding="utf-8").replace(".jsonl", ".parquet"))
    text[0].write_text(text[1], encoding="utf-8")
    return load_definition(text[0]), month


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


def _edge_lines() -> Iterator[str]:
    for number in range(len(_TEXTS) * len(_INSTANTS) * 3):
        duration = _DURATIONS_US[number % len(_DURATIONS_US)]
        record: dict[str, object] = {
            "time": _INSTANTS[number % len(_INSTANTS)],
            "id": f"r{number % 401}",
            "method": ("GET", "POST")[number % 2],
            "path": f"/v1/{_TEXTS[number % 7]}/x?{number}",
            "status": (200, 200, 200, 404, 499, 500, 503)[number % 7],
            "us": duration,
            "customer": None if number % 11 == 0 else _TEXTS[number % len(_TEXTS)],
            "signed": (number % 9) - 4,
            "tokens": (number * 7919) % 1000,
            "flag": (True, False, None)[number % 3],
        }
        cost = _COSTS[number % len(_COSTS)]
        line = json.dumps(record, ensure_ascii=False)
        yield f'{line[:-1]}, "cost": {cost if cost is not None else "null"}}}\n'
