"""Availability and 99th percentile of each endpoint, by Polars. Arguments: the format, the log."""

import sys

import polars as pl

form, log = sys.argv[1:]
match form:
    case "jsonl":
        rows = pl.scan_ndjson(
            log,
            schema={
                "method": pl.String,
                "route": pl.String,
                "status": pl.Int64,
                "duration_ms": pl.Float64,
            },
        )
    case "parquet":
        rows = pl.scan_parquet(log)
    case _:
        words = pl.scan_csv(log, separator=" ", has_header=False)
        request = pl.col("column_5").str.split(" ")
        rows = words.select(
            request.list.get(0).alias("method"),
            request.list.get(1).str.replace("/[0-9]+$", "/{id}").alias("route"),
            pl.col("column_6").alias("status"),
            (pl.col("column_10") * 1000).alias("duration_ms"),
        )
report = (
    rows.group_by(pl.concat_str("method", "route", separator=" ").alias("endpoint"))
    .agg(
        (pl.col("status") < 500).mean().alias("availability"),
        pl.col("duration_ms").quantile(0.99, "equiprobable").alias("p99_ms"),
    )
    .sort("endpoint")
)
sys.stdout.write(report.collect(engine="streaming").write_csv())
