"""Availability and 99th percentile of each endpoint, by chdb. Arguments: the format, the log."""

import sys

import chdb

RECORDS = "method String, route String, status Int16, duration_ms Float64"

form, log = sys.argv[1:]
match form:
    case "jsonl":
        rows = f"SELECT * FROM file('{log}', JSONEachRow, '{RECORDS}')"
    case "parquet":
        rows = f"SELECT * FROM file('{log}', Parquet, '{RECORDS}')"
    case _:
        rows = (
            "SELECT splitByChar(' ', line) AS words, substring(words[6], 2) AS method, "
            "replaceRegexpOne(words[7], '/[0-9]+$', '/{id}') AS route, "
            "toInt16(words[9]) AS status, toFloat64(words[-1]) * 1000 AS duration_ms "
            f"FROM file('{log}', LineAsString)"
        )
query = f"""
SELECT concat(method, ' ', route) AS endpoint, countIf(status < 500) / count() AS availability,
  quantileExact(0.99)(duration_ms) AS p99_ms
FROM ({rows}) GROUP BY endpoint ORDER BY endpoint
SETTINGS input_format_skip_unknown_fields = 1"""
sys.stdout.write(str(chdb.query(query, "CSVWithNames")))
