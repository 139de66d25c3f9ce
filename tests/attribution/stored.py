"""Generated months as rows of a store, and as lines of a log."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from slo_report.rollup.engine import DuckDbEngine
from slo_report.slo_yaml.definition import Definition
from slo_report.store import open_store

LATER = datetime(2026, 6, 1, tzinfo=UTC)


@contextmanager
def engine_over(
    requests: pl.DataFrame, definition: Definition, folder: Path
) -> Iterator[DuckDbEngine]:
    """An engine over a store that holds the requests."""
    rows = folder / "rows.parquet"
    requests.select(
        pl.lit(1).alias("file_id"),
        pl.lit(value=False).alias("duplicate"),
        pl.lit("requests").alias("source"),
        pl.from_epoch("ts_us", time_unit="us").alias("ts"),
        "customer",
        "endpoint",
        "replica",
        "release",
        pl.when("bad").then(503).otherwise(200).alias("status"),
    ).write_parquet(rows)
    with open_store(folder / "slo.duckdb") as store:
        store.match_columns(definition.columns)
        store.connection.execute(
            "INSERT INTO requests BY NAME SELECT * FROM read_parquet($rows)", {"rows": str(rows)}
        )
        yield DuckDbEngine(store)


def write_log(requests: pl.DataFrame, path: Path) -> None:
    """Write the requests as lines of a log; a bad one failed, and took two seconds."""
    rows = requests.with_columns(ts=pl.from_epoch("ts_us", time_unit="us"))
    path.write_text(
        "".join(
            json.dumps({
                "ts": row["ts"].replace(tzinfo=UTC).isoformat(),
                "method": "GET", "route": row["endpoint"].removeprefix("GET "),
                "status": 503 if row["bad"] else 200, "seconds": 2 if row["bad"] else 0.1,
                "customer": row["customer"], "replica": row["replica"], "release": row["release"],
            }) + "\n"
            for row in rows.iter_rows(named=True)
        ),
        encoding="utf-8",
    )  # fmt: skip
