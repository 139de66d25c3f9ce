"""Cases that the loaders once got wrong."""

import gzip

from tests.corpus.case import OK, Case, Ledger, Line, Refused, one, with_
from tests.corpus.compression import PACKED, ZSTD
from tests.corpus.names import BYTES
from tests.corpus.parquet_files import ROW, parquet
from tests.corpus.times import EPOCH_NS

CASES: list[Case] = [
    one("gzip with zeros behind it", "a.jsonl.gz", PACKED + b"\0" * 512, Ledger(100)),
    one("gzip with zeros behind two members", "a.jsonl.gz",
        gzip.compress(OK + b"\n") * 2 + b"\0" * 512, Ledger(2)),
    # Cut towards zero it is 1970 itself; an instant is cut towards the past.
    Line("epoch_ns a nanosecond before 1970", with_(ts="-1"), "range:ts", fields=EPOCH_NS,
         good=with_(ts="1775001601000000000")).case(),
    one("gzip in gzip", "a.jsonl.gz", gzip.compress(PACKED), Refused("")),
    one("zstd in gzip", "a.jsonl.gz", gzip.compress(ZSTD), Refused("")),
    # The reason of an earlier field must not turn a wrong status into a missing one.
    one("a wrong id does not hide a wrong status", "a.jsonl", with_(id="true", status="[]") + b"\n",
        Ledger(0, {1: "type:status"})),
    # nginx writes "" for a header that is not there: no id, so nothing is a duplicate.
    one("empty ids", "a.jsonl", with_(id='""') + b"\n" + with_(id='""', customer="1") + b"\n",
        Ledger(2)),
    # An optional column that is absent is NULL, inside a struct too.
    one("Parquet, a struct without the key", "a.parquet",
        parquet(f"SELECT {ROW}, {{'x': 'y'}} AS usage"), Ledger(1), form="parquet"),
    # As in JSON lines, where 1e300 is out of range and of the right type.
    one("Parquet, a huge double", "a.parquet", parquet(f"SELECT {ROW}, 1e300::DOUBLE AS ms"),
        Ledger(0, {1: "range:duration"}), form="parquet"),
    # Digits past the microsecond are cut: rounded, the last instant of April is one of May.
    one("Parquet, a timestamp of nanoseconds", "a.parquet",
        parquet("SELECT TIMESTAMP_NS '2026-04-30 23:59:59.999999999' AS ts, 200 AS status"),
        Ledger(1), form="parquet"),
]  # fmt: skip

NAMES: list[Case] = [BYTES]
"""May be loaded, refused or left out; in any case named, without a traceback."""
