"""Counted once? Copies, rotations, overlapping tails, and ids in every form."""

import gzip
from collections.abc import Mapping

from backports import zstd

from tests.corpus.case import CSV_HEADER, OK, Case, Content, Fate, Ledger, Skipped, request

APRIL = "2026-04-{:02}T00:00:00Z"
IDS = [request(APRIL.format(day), f"r{day}") for day in range(1, 11)]
PLAIN = OK + b"\n"


def _case(name: str, **files: tuple[bytes, Fate]) -> Case:
    return _named(name, {f"{key}.jsonl": value for key, value in files.items()})


def _named(name: str, files: Mapping[str, tuple[bytes, Fate]], form: str = "jsonl") -> Case:
    contents: dict[str | bytes, Content] = {file: content for file, (content, _) in files.items()}
    return Case(name, contents, {file: fate for file, (_, fate) in files.items()}, form)


def _pair(name: str, first: object, second: object, *, same: bool) -> Case:
    """Return two requests in one file, the same one or not by their ids."""
    content = request(APRIL.format(1), first) + request(APRIL.format(2), second)
    return _case(name, a=(content, Ledger(1, duplicates=1) if same else Ledger(2)))


FILES = [
    _case("the same file twice", a=(PLAIN * 2, Ledger(2)), b=(PLAIN * 2, Skipped("a.jsonl"))),
    _case("the same file three times", a=(PLAIN, Ledger(1)), b=(PLAIN, Skipped("a.jsonl")),
          c=(PLAIN, Skipped("a.jsonl"))),
    _named("the same file packed in two ways", {
        "a.jsonl": (PLAIN * 2, Ledger(2)),
        "b.jsonl.gz": (gzip.compress(PLAIN * 2), Skipped("a.jsonl")),
        "c.jsonl.zst": (zstd.compress(PLAIN * 2), Skipped("a.jsonl")),
        "d.jsonl.gz": (gzip.compress(PLAIN) * 2, Skipped("a.jsonl")),
    }),
    _case("two empty files", a=(b"", Ledger()), b=(b"", Skipped("a.jsonl"))),
    _case("the same bad file twice", a=(b"{\n", Ledger(0, {1: "json"})), b=(b"{\n",
          Skipped("a.jsonl"))),
    _case("the same lines but for a line feed", a=(OK + b"\n" + OK, Ledger(2)), b=(PLAIN * 2,
          Ledger(2))),
    _case("equal lines without an id", a=(PLAIN * 3, Ledger(3))),
    _case("an overlapping tail", a=(b"".join(IDS[:6]), Ledger(6)), b=(b"".join(IDS[3:]),
          Ledger(4, duplicates=3))),
    _case("an overlap and bad lines", a=(b"".join(IDS[:4]) + b"{\n", Ledger(4, {5: "json"})),
          b=(IDS[3] + b"\n" + b"[]\n" + IDS[4], Ledger(1, {3: "not_object"}, 1, 0, 1))),
    _case("the same lines with CRLF", a=(b"".join(IDS), Ledger(10)),
          b=(b"".join(IDS).replace(b"\n", b"\r\n"), Ledger(duplicates=10))),
    _case("the same lines in another order", a=(b"".join(IDS), Ledger(10)),
          b=(b"".join(reversed(IDS)), Ledger(duplicates=10))),
    _case("the earlier request stays, whatever the file", a=(request(APRIL.format(9), "x"),
          Ledger(duplicates=1)), b=(request(APRIL.format(2), "x"), Ledger(1))),
    _case("of the same time the earlier file's stays", b=(request(APRIL.format(2), "x", a=1),
          Ledger(duplicates=1)), a=(request(APRIL.format(2), "x", a=2), Ledger(1))),
    _case("of the same time and file the earlier line stays", a=(request(APRIL.format(2), "x",
          customer="a") + request(APRIL.format(2), "x", customer="b"), Ledger(1, duplicates=1))),
    _case("one id in many lines", a=(IDS[0] * 500, Ledger(1, duplicates=499))),
    _case("a duplicate of the month before", a=(IDS[1]
          + request("2026-03-31T23:59:59Z", "x"), Ledger(1, outside=1)),
          b=(request(APRIL.format(1), "x"), Ledger(duplicates=1))),
    _case("a duplicate in the month after", a=(IDS[0] + IDS[1], Ledger(2)), b=(IDS[2]
          + request("2026-05-01T00:00:00Z", "r2"), Ledger(1, duplicates=1))),
    _case("another file's lines are bad, not duplicates", a=(IDS[0], Ledger(1)),
          b=(IDS[0][:-20] + b"\n", Ledger(0, {1: "json"}))),
    _case("a quarantined line takes no id", a=(request(APRIL.format(1), "x", ms=-1), Ledger(0,
          {1: "range:duration"})), b=(request(APRIL.format(2), "x"), Ledger(1))),
    _pair("equal ids", "x", "x", same=True),
    _pair("ids of another case", "x", "X", same=False),
    _pair("ids with a space", "x", "x ", same=False),
    _pair("ids composed otherwise", "caf\u00e9", "cafe\u0301", same=False),
    _pair("no ids", None, None, same=False),
    _pair("an id of digits and a number", "7", 7, same=True),
    _pair("ids of digits with and without zeros", "007", "7", same=False),
    _pair("numbers as ids", 7, 7, same=True),
    _pair("ids of 20 digits that are one double", 12345678901234567890, 12345678901234567891,
          same=False),
    _pair("numeric ids of another form", 7, 7.0, same=False),
    _pair("ids of 100 kB", "x" * 100_000, "x" * 100_000, same=True),
    _pair("ids of 100 kB that differ at the end", "x" * 100_000 + "1", "x" * 100_000 + "2",
          same=False),
    _pair("ids that differ behind a NUL", "x\0a", "x\0b", same=False),
    _named("an overlap in CSV", {
        "a.csv": (CSV_HEADER + b"2026-04-01T00:00:00Z,x,200,1,a,\n2026-04-01T00:00:00Z,,200,1,a,\n",
                  Ledger(2)),
        "b.csv": (CSV_HEADER + b"2026-04-01T00:00:01Z,x,200,1,a,\n2026-04-01T00:00:00Z,,200,1,a,\n",
                  Ledger(1, duplicates=1)),
    }, "csv"),
]  # fmt: skip
