"""Availability and 99th percentile of each endpoint, by pandas. Arguments: the format, the log."""

import sys

import pandas as pd

COLUMNS = ["method", "route", "status", "duration_ms"]

form, log = sys.argv[1:]
match form:
    case "jsonl":
        # A piece at a time: a whole month would need many times its size in memory.
        pieces = pd.read_json(log, lines=True, chunksize=500_000)
        rows = pd.concat([piece[COLUMNS] for piece in pieces], ignore_index=True)
    case "parquet":
        rows = pd.read_parquet(log, columns=COLUMNS)
    case _:
        words = pd.read_csv(
            log, sep=" ", header=None, usecols=[5, 6, 10], names=["request", "status", "seconds"]
        )
        request = words["request"].str.split(" ", expand=True)
        route = request[1].str.replace("/[0-9]+$", "/{id}", regex=True)
        rows = words.assign(method=request[0], route=route, duration_ms=words["seconds"] * 1000)
rows["endpoint"] = rows["method"] + " " + rows["route"]
rows["is_good"] = rows["status"] < 500
by_endpoint = rows.groupby("endpoint")
report = pd.DataFrame(
    {
        "availability": by_endpoint["is_good"].mean(),
        "p99_ms": by_endpoint["duration_ms"].quantile(0.99),
    }
)
sys.stdout.write(report.to_csv())
