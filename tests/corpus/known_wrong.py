"""Cases whose figures are right and which the program does not meet; to be emptied."""

import gzip

from tests.corpus.case import OK, Case, Ledger, Line, Refused, one, with_
from tests.corpus.compression import PACKED, ZSTD
from tests.corpus.names import BYTES
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
]  # fmt: skip

NAMES: list[Case] = [BYTES]
"""May be loaded, refused or left out; in any case named, without a traceback."""
