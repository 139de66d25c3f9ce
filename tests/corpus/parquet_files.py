"""Are damage and drift noticed? Parquet, made by DuckDB."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from tests.corpus.case import Case, Fate, Ledger, Refused, one

ROW = "TIMESTAMP '2026-04-01' AS ts, 200 AS status"
APRIL_1 = datetime(2026, 4, 1)


def parquet(select: str) -> Callable[[], bytes]:
    """Return what makes a Parquet file of a query."""

    def made() -> bytes:
        with TemporaryDirectory() as folder, duckdb.connect() as connection:
            path = Path(folder, "made")
            connection.execute(f"COPY ({select}) TO '{path}' (FORMAT parquet)")
            return path.read_bytes()

    return made


def _rows(name: str, select: str, fate: Fate, **stored: object) -> Case:
    content = parquet(f"SELECT {select}")
    return one(name, "a.parquet", content, fate, form="parquet", stored=stored)


def _at(name: str, time: str, reason: str | None = None, **stored: object) -> Case:
    fate = Ledger(0, {1: reason}) if reason else Ledger(1)
    return _rows(f"Parquet, {name}", f"{time} AS ts, 200 AS status", fate, **stored)


def _value(name: str, value: str, reason: str | None = None, **stored: object) -> Case:
    fate = Ledger(0, {1: reason}) if reason else Ledger(1)
    return _rows(f"Parquet, {name}", f"{ROW}, {value}", fate, **stored)


def _cut(size: int) -> Callable[[], bytes]:
    return lambda: parquet(f"SELECT {ROW} FROM range(1000)")()[:size]


FILES = [
    _at("a timestamp", "TIMESTAMP '2026-04-01'", ts=APRIL_1),
    _at("a timestamp of seconds", "TIMESTAMP_S '2026-04-01'", ts=APRIL_1),
    _at("a timestamp of milliseconds", "TIMESTAMP_MS '2026-04-01'", ts=APRIL_1),
    _at("a timestamp with a zone", "TIMESTAMPTZ '2026-04-01 02:00:00+02'", ts=APRIL_1),
    _at("a text", "'2026-04-01T02:00:00+02:00'", ts=APRIL_1),
    _at("a text without an offset", "'2026-04-01T02:00:00'", "type:ts"),
    _at("an infinite timestamp", "TIMESTAMP 'infinity'", "range:ts"),
    _at("a timestamp of 1969", "TIMESTAMP '1969-12-31 23:59:59'", "range:ts"),
    _at("a timestamp of 9999", "TIMESTAMP '9999-12-31'", "range:ts"),
    _at("a date for a time", "DATE '2026-04-01'", "type:ts"),
    _at("a number for a time", "1775001600", "type:ts"),
    _at("NULL for a time", "NULL::TIMESTAMP", "missing:ts"),
    _value("NULL for everything else", "NULL::DOUBLE AS ms, NULL::VARCHAR AS customer",
           duration=None, customer=None),
    _value("a double", "1.5::DOUBLE AS ms", duration=1500),
    _value("a small double", "5e-7::DOUBLE AS cost"),
    _value("NaN", "'nan'::DOUBLE AS ms", "type:duration"),
    _value("infinity", "'inf'::DOUBLE AS ms", "type:duration"),
    _value("a negative double", "-1.5::DOUBLE AS ms", "range:duration"),
    _value("a decimal", "12.3455::DECIMAL(18,4) AS ms", duration=12346),
    _value("a decimal of 38 digits", "0.12345678901234567890::DECIMAL(38,20) AS ms", duration=123),
    _value("a float", "1.5::FLOAT AS ms", duration=1500),
    _value("an unsigned integer too large", "{'tokens': 18446744073709551615::UBIGINT} AS usage",
           "range:tokens"),
    _value("a struct", "{'tokens': 3, 'x': 'y'} AS usage", tokens=3),
    _value("NULL for a struct", "NULL::STRUCT(tokens INTEGER) AS usage", tokens=None),
    _value("a text for a struct", "'none' AS usage", tokens=None),
    _value("a dotted column", "7 AS \"usage.tokens\"", tokens=7),
    _value("a list for a text", "['a'] AS customer", "type:customer"),
    _value("a map for a text", "MAP {'a': 1} AS customer", "type:customer"),
    _value("a blob for a text", "'\\xFF'::BLOB AS customer", "type:customer"),
    _value("a boolean for a text", "true AS customer", "type:customer"),
    _value("a number for a text", "7 AS customer", customer="7"),
    _value("a large double for a text", "3e22::DOUBLE AS customer", customer="3e+22"),
    _value("a UUID for a text", "'8a6e0804-2bd0-4672-b79d-d97027f9071a'::UUID AS customer",
           customer="8a6e0804-2bd0-4672-b79d-d97027f9071a"),
    _value("an enum for a text", "'a'::ENUM('a', 'b') AS customer", customer="a"),
    _value("a boolean", "true AS ai", ai=True),
    _value("a number for a boolean", "1 AS ai", "type:ai"),
    _rows("Parquet, status 200.5", "TIMESTAMP '2026-04-01' AS ts, 200.5 AS status",
          Ledger(0, {1: "type:status"})),
    _rows("Parquet, status NULL", "TIMESTAMP '2026-04-01' AS ts, NULL::INTEGER AS status",
          Ledger(0, {1: "missing:status"})),
    _rows("Parquet, status as text", "TIMESTAMP '2026-04-01' AS ts, '200' AS status", Ledger(1)),
    _rows("Parquet, status a boolean", "TIMESTAMP '2026-04-01' AS ts, true AS status",
          Ledger(0, {1: "type:status"})),
    _rows("Parquet without rows", f"{ROW} WHERE false", Ledger()),
    _rows("Parquet, some rows bad", "TIMESTAMP '2026-04-01' AS ts, "
          "CASE WHEN i % 3 = 0 THEN 99 ELSE 200 END AS status FROM range(10) AS t(i)",
          Ledger(6, {1: "range:status", 4: "range:status", 7: "range:status", 10: "range:status"})),
    _rows("Parquet, another month", "TIMESTAMP '2026-04-30' + INTERVAL (i) DAY AS ts, "
          "200 AS status FROM range(3) AS t(i)", Ledger(1, outside=2)),
    _rows("Parquet, duplicates", f"{ROW}, 'x' AS id FROM range(3)", Ledger(1, duplicates=2)),
    _rows("Parquet without ts", "TIMESTAMP '2026-04-01' AS time, 200 AS status",
          Refused("no column ts")),
    _rows("Parquet without status", "TIMESTAMP '2026-04-01' AS ts", Refused("no column status")),
    Case("a column is missing in one Parquet file of two",
         {"a.parquet": parquet(f"SELECT {ROW}, 1.5 AS ms"), "b.parquet": parquet(f"SELECT {ROW}")},
         {"a.parquet": Ledger(1), "b.parquet": Ledger(1)}, "parquet"),
    Case("a column has another type in one Parquet file of two",
         {"a.parquet": parquet(f"SELECT {ROW}, 1.5 AS ms"),
          "b.parquet": parquet(f"SELECT {ROW}, '2.5' AS ms")},
         {"a.parquet": Ledger(1), "b.parquet": Ledger(1)}, "parquet"),
    one("Parquet without its end", "a.parquet", _cut(200), Refused("Parquet"), form="parquet"),
    one("Parquet cut by a byte", "a.parquet", _cut(-1), Refused("Parquet"), form="parquet"),
    one("Parquet of four bytes", "a.parquet", b"PAR1", Refused("Parquet"), form="parquet"),
    one("Parquet in name only", "a.parquet", b"PAR1" + b"x" * 100 + b"PAR1", Refused("Parquet"),
        form="parquet"),
    one("nothing under the name of Parquet", "a.parquet", b"", Refused("Parquet"), form="parquet"),
    one("text under the name of Parquet", "a.parquet", b"ts,status\n", Refused("no Parquet"),
        form="parquet"),
    one("Parquet under the name of JSON lines", "a.jsonl", parquet(f"SELECT {ROW}"),
        Refused("Parquet")),
]  # fmt: skip
