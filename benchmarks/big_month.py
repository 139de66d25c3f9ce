"""A month of requests as large as asked for, the same rows in each format.

`python -m benchmarks.big_month FOLDER` is a program of its own, so that the process that measures
stays small: Linux counts the memory of a parent to the peak of the child it starts.
"""

import argparse
from enum import StrEnum
from itertools import islice
from pathlib import Path

SECONDS_A_MONTH = 30 * 24 * 3600
DAYS = 30
MONTH = "2026-04"
NAMES = ("orders", "items", "users", "carts", "search")


class Form(StrEnum):
    """The formats that a month can be written in."""

    JSONL = "jsonl"
    PARQUET = "parquet"
    ACCESS = "access"

    @property
    def ending(self) -> str:
        """The ending of a log's name."""
        return "log" if self is Form.ACCESS else self.value


_RECORD_FIELDS = """\
    fields:
      ts: time
      request_id: request_id
      method: method
      route: route
      status: status
      duration: {from: duration_ms, unit: ms}
      ttft: {from: ttft_ms, unit: ms}
      customer: customer
      input_tokens: {from: input_tokens, type: integer}
      cached_tokens: {from: cached_tokens, type: integer}
"""
_ACCESS_FIELDS = """\
    fields:
      duration: {from: request_time, unit: s}
      customer: remote_user
endpoints:
""" + "".join(f"  - {method} /v1/{name}/{{id}}\n" for method in ("GET", "POST") for name in NAMES)
_RECORD_SLOS = """\
  - {id: ttft, value: ttft, p50: < 100 ms, p99: < 1 s}
  - {id: cached, sum: cached_tokens, over: input_tokens, target: "> 40%"}
"""
_ACCESS_SLOS = """\
  - {id: tail, value: duration, p90: < 500 ms, p99.9: < 5 s}
  - {id: known, good: status <> 404, target: 99%}
"""
OBJECTIVES = 8


def definition(form: Form, logs: str) -> str:
    """Return slo.yaml: eight objectives, broken down by endpoint and customer."""
    is_access = form is Form.ACCESS
    return (
        f"service: big month\nlogs:\n  - path: {logs}\n"
        f"    format: {'combined' if is_access else form}\n"
        f"{_ACCESS_FIELDS if is_access else _RECORD_FIELDS}"
        "slos:\n"
        "  - {id: availability, good: status < 500, target: 99.5%}\n"
        "  - {id: no_throttling, good: status <> 429, target: 99%}\n"
        "  - {id: fast, valid: duration is not null, good: duration < 300 ms, target: 90%}\n"
        "  - {id: latency, value: duration, p50: < 200 ms, p99: < 2 s}\n"
        f"{_ACCESS_SLOS if is_access else _RECORD_SLOS}"
        "breakdowns: [endpoint, customer]\n"
    )


def write_month(
    folder: Path, form: Form, lines: int, *, customers: int = 200, files: int = 1
) -> None:
    """Write slo.yaml, and `lines` requests in `files` files named requests-00000 and on."""
    folder.mkdir(parents=True, exist_ok=True)
    text = definition(form, f"requests-*.{form.ending}")
    (folder / "slo.yaml").write_text(text, encoding="utf-8")
    if files <= DAYS:
        for number in range(files):
            rows = range(lines * number // files, lines * (number + 1) // files)
            _write_log(log_path(folder, form, number), form, rows, lines, customers)
        return
    whole = folder / "whole"
    _write_log(whole, form, range(lines), lines, customers)
    with whole.open(encoding="utf-8", newline="") as opened:
        for number in range(files):
            part = islice(opened, lines * (number + 1) // files - lines * number // files)
            path = log_path(folder, form, number)
            path.write_text("".join(part), encoding="utf-8", newline="")
    whole.unlink()


def log_path(folder: Path, form: Form, number: int = 0) -> Path:
    """Return where the numbered log lies."""
    return folder / f"requests-{number:05d}.{form.ending}"


def _write_log(path: Path, form: Form, rows: range, lines: int, customers: int) -> None:
    import duckdb

    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'; SET enable_progress_bar = false")
        connection.execute(
            f"COPY ({_AS_WRITTEN[form]} FROM ({_ROWS})) TO '{path}' ({_COPY[form]})",
            {
                "first": rows.start,
                "end": rows.stop,
                "us_a_month": SECONDS_A_MONTH * 1_000_000,
                "lines": lines,
                "customers": customers,
                "names": list(NAMES),
            },
        )


_ROWS = """
SELECT *, round(20 / (draws[1] + 0.005), 3) AS duration_ms,
  CAST(draws[2] * 5000 AS BIGINT) AS tokens
FROM (
  SELECT
    row_number,
    TIMESTAMPTZ '2026-04-01' + to_microseconds(
      CAST(CAST(row_number AS HUGEINT) * $us_a_month // $lines AS BIGINT)) AS time,
    lpad(to_hex(hash(row_number)), 16, '0') || lpad(to_hex(row_number), 8, '0') AS request_id,
    [(hash(row_number, draw) % 1000000) / 1e6 FOR draw IN [1, 2, 3, 4, 5, 6]] AS draws,
    CASE WHEN draws[3] < 0.7 THEN 'GET' ELSE 'POST' END AS method,
    $names[1 + CAST(floor(draws[4] * 5) AS INTEGER)] AS name,
    CASE WHEN draws[5] < 0.003 THEN 500 WHEN draws[5] < 0.03 THEN 429 ELSE 200 END AS status,
    printf('customer-%06d', CAST(floor(draws[6] * draws[6] * $customers) AS INTEGER)) AS customer
  FROM range($first, $end) AS numbers (row_number)
)"""
"""Seven of the eight objectives are met: too many requests are answered with 429."""

_RECORD = """
SELECT {time} AS time, request_id, method, '/v1/' || name || '/{{id}}' AS route,
  CAST(status AS SMALLINT) AS status, duration_ms, round(duration_ms * 0.4, 3) AS ttft_ms,
  customer, tokens AS input_tokens, tokens * 2 // 3 AS cached_tokens"""
_AS_WRITTEN = {
    Form.JSONL: _RECORD.format(time="strftime(time, '%Y-%m-%dT%H:%M:%S.%f+00:00')"),
    Form.PARQUET: _RECORD.format(time="time"),
    Form.ACCESS: """
SELECT format(
  '10.0.{}.{} - {} [{}] "{} /v1/{}/{} HTTP/1.1" {} {} "-" "curl/8.5.0" {:.6f}',
  row_number % 250, row_number % 199, customer, strftime(time, '%d/%b/%Y:%H:%M:%S +0000'),
  method, name, row_number % 10000, status, tokens, duration_ms / 1000)""",
}
_COPY = {
    Form.JSONL: "FORMAT json",
    Form.PARQUET: "FORMAT parquet",
    # Lines as they are: what no line contains parts the columns, of which there is one.
    Form.ACCESS: "FORMAT csv, HEADER false, QUOTE '', ESCAPE '', DELIMITER '\x01'",
}


def main() -> None:
    """Write the month that the options ask for."""
    parser = argparse.ArgumentParser(description="Write a month of requests and its slo.yaml.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--form", type=Form, choices=list(Form), default=Form.JSONL)
    parser.add_argument("--lines", type=int, default=1_000_000)
    parser.add_argument("--customers", type=int, default=200)
    parser.add_argument("--files", type=int, default=1)
    asked = parser.parse_args()
    write_month(asked.folder, asked.form, asked.lines, customers=asked.customers, files=asked.files)


if __name__ == "__main__":
    main()
