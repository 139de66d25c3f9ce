"""Safe to list and to read? Names that a shell, a glob or SQL would trip over."""

from tests.corpus.case import OK, Case, Ledger, one

NAMES = (
    "a'b.jsonl", 'a"b.jsonl', "a*b.jsonl", "a?b.jsonl", "a[1].jsonl", "a[!x].jsonl", "[.jsonl",
    "{a,b}.jsonl", "-rf.jsonl", "--config=x.jsonl", "a\nb.jsonl", "a\tb.jsonl", "a\x1b[31m.jsonl",
    "a b.jsonl", " .jsonl", "ä€😀.jsonl", "\u202elnosj.jsonl", "a%b%s.jsonl", "$file.jsonl",
    "$HOME.jsonl", "a\\b.jsonl", "a;b.jsonl", "a|b.jsonl", "a&b.jsonl", "~.jsonl", "status=5.jsonl",
    "file:x.jsonl", "s3:a.jsonl", "<b>.jsonl", "x" * 249 + ".jsonl", "ä" * 124 + ".jsonl",
    "a.jsonl.1", "a", "a.JSONL", "a.csv", "a.parquet",
)  # fmt: skip

FILES: list[Case] = [
    *(one(f"a file named {name[:40]!a}", name, OK + b"\n{\n" + OK + b"\n", Ledger(2, {2: "json"}))
      for name in NAMES),
    Case("names of which one is a pattern of the other",
         {"a*.jsonl": OK + b"\n", "ab.jsonl": OK + b"\n" + OK, "a?.jsonl": (OK + b"\n") * 3},
         {"a*.jsonl": Ledger(1), "ab.jsonl": Ledger(2), "a?.jsonl": Ledger(3)}),
]  # fmt: skip

BYTES = one("a name that is no UTF-8", b"a\xff.jsonl", OK + b"\n", Ledger(1))
