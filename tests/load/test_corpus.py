"""Every kind of bad input: what is loaded, what is quarantined and why, what is refused."""

import gzip
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest
from backports import zstd

from slo_report.load.formats.combined import FIELDS as ACCESS_FIELDS
from slo_report.load.load import load_logs
from slo_report.slo_yaml.definition import Field, LogFormat
from slo_report.slo_yaml.expressions import Kind
from slo_report.store import Store, open_store
from tests.load.definitions import FIELDS, definition, log

OK = b'{"ts":"2026-04-01T00:00:00Z","status":200,"ms":1.5,"customer":"acme"}'
BAD = (2, "json")


def with_(**fields: str) -> bytes:
    """Return a good line with JSON texts put in place of, or beside, its values."""
    values = {"ts": '"2026-04-01T00:00:00Z"', "status": "200", **fields}
    return ("{" + ",".join(f'"{key}":{value}' for key, value in values.items()) + "}").encode()


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with open_store(tmp_path_factory.mktemp("store") / "slo.duckdb") as opened:
        yield opened


def load(  # type: ignore[no-untyped-def]
    store: Store, folder: Path, name: str, content: bytes, form: LogFormat, fields: Sequence[Field]
):
    """Load one file into the store of the module, emptied before."""
    for table in ("requests", "quarantine", "files"):
        store.rows(f"DELETE FROM {table}")
    (folder / name).write_bytes(content)
    extra = ACCESS_FIELDS if form is LogFormat.COMBINED else ()
    one = definition(folder, log("*.*", ignore=("slo*",), fields=fields, form=form), extra=extra)
    result = load_logs(store, one, lambda _: None)
    bad = store.rows("SELECT line, reason FROM quarantine ORDER BY line")
    [(state, reason, lines, blank, usable)] = store.rows(
        "SELECT state, reason, lines, blank, usable FROM files"
    )
    rows = store.rows("SELECT * FROM requests")
    assert len(rows) == usable
    if state == "loaded":
        assert lines == usable + len(bad) + blank
        assert (result.lines, result.usable, result.blank) == (lines, usable, blank)
    return usable, bad, blank, reason


# (what it is, the line between two good ones, the reason or None where it is loaded)
LINES: list[tuple[str, bytes, str | None]] = [
    ("cut in half", OK[:30], "json"),
    ("two objects on one line", OK + OK, "json"),
    ("two objects and a space", OK + b" " + OK, "json"),
    ("an array", b"[" + OK + b"]", "not_object"),
    ("a number", b"5", "not_object"),
    ("a string", b'"x"', "not_object"),
    ("null", b"null", "not_object"),
    ("an empty object", b"{}", "missing:ts"),
    ("trailing comma", OK[:-1] + b",}", "json"),
    ("single quotes", OK.replace(b'"', b"'"), "json"),
    ("a comment", OK + b"//", "json"),
    ("a raw tab in a string", with_(customer='"a\tb"'), "json"),
    ("a bad escape", with_(customer='"a\\q"'), "json"),
    ("a lone surrogate", with_(customer='"\\ud800"'), "json"),
    ("a NUL byte", with_(customer='"a\0b"'), "json"),
    ("leading zero", with_(tokens="01"), "json"),
    ("invalid UTF-8", with_().replace(b"200", b'"\xff"'), "encoding"),
    ("a UTF-8 overlong", with_(x='"').replace(b'"}', b'"\xc0\xaf"}'), "encoding"),
    ("separators in a string", with_(customer='"a\u2028\u2029\u0085b"'), None),
    ("an emoji escape", with_(customer='"\\ud83d\\ude00"'), None),
    ("CRLF", OK + b"\r", None),
    ("spaces around", b"  " + OK + b"  ", None),
    ("unknown keys", with_(other='{"x":[1,2,{"y":null}]}'), None),
    ("too long", with_(x='"' + "x" * (1 << 20) + '"'), "line_too_long"),
    ("20 MB", with_(x='"' + "x" * 20_000_000 + '"'), "line_too_long"),
    ("nested 128 deep", with_(x="[" * 127 + "]" * 127), None),
    ("nested 129 deep", with_(x="[" * 128 + "]" * 128), "too_deep"),
    ("nested 100,000 deep", with_(x="[" * 100_000 + "]" * 100_000), "too_deep"),
    ("unclosed 100,000 deep", with_(x="[" * 100_000), "too_deep"),
    ("brackets in a string", with_(x='"' + "[" * 300 + '"'), None),
    ("a mapped key twice", with_(ms="1").replace(b"}", b',"ms":2}'), "duplicate_key"),
    ("a mapped inner key twice", with_(usage='{"tokens":1,"tokens":2}'), "duplicate_key"),
    ("an unmapped key twice", with_(x="1").replace(b"}", b',"x":2}'), None),
    ("keys of another case", with_(Status='"x"', MS="true"), None),
    ("no ts", b'{"status":200}', "missing:ts"),
    ("ts null", with_(ts="null"), "missing:ts"),
    ("no status", b'{"ts":"2026-04-01T00:00:00Z"}', "missing:status"),
    ("status in quotes", with_(status='"200"'), None),
    ("status 200.0", with_(status="200.0"), None),
    ("status 200.5", with_(status="200.5"), "type:status"),
    ("status true", with_(status="true"), "type:status"),
    ("status dash", with_(status='"-"'), "type:status"),
    ("status empty", with_(status='""'), "type:status"),
    ("status 99", with_(status="99"), "range:status"),
    ("status 600", with_(status="600"), "range:status"),
    ("status 0", with_(status="0"), "range:status"),
    ("status negative", with_(status="-200"), "range:status"),
    ("status 2e2", with_(status="2e2"), None),
    ("status 2e2 in quotes", with_(status='"2e2"'), "type:status"),
    ("status array", with_(status="[200]"), "type:status"),
    ("status padded", with_(status='" 200"'), "type:status"),
    ("NaN", with_(ms="NaN"), "type:duration"),
    ("nan", with_(ms="nan"), "type:duration"),
    ("NaN in quotes", with_(ms='"NaN"'), "type:duration"),
    ("Infinity", with_(ms="Infinity"), "type:duration"),
    ("thousands", with_(ms='"1,234"'), "type:duration"),
    ("a unit in the value", with_(ms='"12 ms"'), "type:duration"),
    ("underscores", with_(ms='"1_000"'), "type:duration"),
    ("a plus sign", with_(ms='"+5"'), "type:duration"),
    ("negative duration", with_(ms="-1"), "range:duration"),
    ("tiny negative duration", with_(ms="-0.0000001"), "range:duration"),
    ("24 h", with_(ms="86400000"), None),
    ("over 24 h", with_(ms="86400001"), "range:duration"),
    ("absurd duration", with_(ms="1e300"), "range:duration"),
    ("1e400", with_(ms="1e400"), "range:duration"),
    ("tiny exponent", with_(ms="5e-07"), None),
    ("beyond 64 bits", with_(usage='{"tokens":9223372036854775808}'), "range:tokens"),
    ("64 bits", with_(usage='{"tokens":9223372036854775807}'), None),
    ("1000.5 tokens", with_(usage='{"tokens":1000.5}'), "type:tokens"),
    ("almost whole tokens", with_(usage='{"tokens":1000.00000000000000001}'), "type:tokens"),
    ("usage is a text", with_(usage='"none"'), None),
    ("negative cost", with_(cost="-0.01"), "range:cost"),
    ("cost too large", with_(cost="1e25"), "range:cost"),
    ("cost object", with_(cost="{}"), "type:cost"),
    ("customer true", with_(customer="true"), "type:customer"),
    ("customer 'true'", with_(customer='"true"'), None),
    ("customer object", with_(customer='{"id":1}'), "type:customer"),
    ("customer array", with_(customer="[]"), "type:customer"),
    ("customer '{'", with_(customer='"{x"'), None),
    ("customer NaN", with_(customer="NaN"), "type:customer"),
    ("ai 'TRUE'", with_(ai='{"enabled":"TRUE"}'), None),
    ("ai 1", with_(ai='{"enabled":1}'), "type:ai"),
    ("ai yes", with_(ai='{"enabled":"yes"}'), "type:ai"),
    ("first reason counts", with_(status="999", ms='"x"'), "range:status"),
    ("lower case t and z", with_(ts='"2026-04-01t00:00:00z"'), None),
    ("offset without colon", with_(ts='"2026-04-01 00:00:00+0200"'), None),
    ("nine decimals", with_(ts='"2026-04-01T00:00:00.123456789Z"'), None),
    ("no offset", with_(ts='"2026-04-01T00:00:00"'), "type:ts"),
    ("a date", with_(ts='"2026-04-01"'), "type:ts"),
    ("infinity", with_(ts='"infinity"'), "type:ts"),
    ("zone name", with_(ts='"2026-04-01T00:00:00 Europe/Berlin"'), "type:ts"),
    ("padding", with_(ts='" 2026-04-01T00:00:00Z"'), "type:ts"),
    ("leap second", with_(ts='"2026-04-01T23:59:60Z"'), "range:ts"),
    ("hour 24", with_(ts='"2026-04-01T24:00:00Z"'), "range:ts"),
    ("31 April", with_(ts='"2026-04-31T00:00:00Z"'), "range:ts"),
    ("1969", with_(ts='"1969-12-31T23:59:59Z"'), "range:ts"),
    ("2300", with_(ts='"2300-01-01T00:00:00Z"'), "range:ts"),
    ("epoch number", with_(ts="1775001600"), "type:ts"),
]


@pytest.mark.parametrize(
    ("line", "reason"), [case[1:] for case in LINES], ids=[c[0] for c in LINES]
)
def test_a_line_costs_itself_and_nothing_else(
    store: Store, tmp_path: Path, line: bytes, reason: str | None
) -> None:
    content = b"\n".join([OK, line, OK]) + b"\n"
    expected = (2, [(2, reason)], 0, None) if reason else (3, [], 0, None)
    assert load(store, tmp_path, "a.jsonl", content, LogFormat.JSONL, FIELDS) == expected


FILES: list[tuple[str, str, bytes, tuple[int, list[tuple[int, str]], int]]] = [
    ("empty", "a.jsonl", b"", (0, [], 0)),
    ("blank lines", "a.jsonl", b"\n" + OK + b"\n \n\t\r\n" + OK + b"\n", (2, [], 3)),
    ("a mark at the start", "a.jsonl", b"\xef\xbb\xbf" + OK + b"\n" + OK + b"\n", (2, [], 0)),
    ("a mark later", "a.jsonl", OK + b"\n\xef\xbb\xbf" + OK + b"\n", (1, [BAD], 0)),
    ("CRLF all over", "a.jsonl", OK + b"\r\n" + OK + b"\r\n", (2, [], 0)),
    ("no newline at the end", "a.jsonl", OK + b"\n" + OK, (2, [], 0)),
    ("cut at the end", "a.jsonl", OK + b"\n" + OK[:-1], (1, [BAD], 0)),
    ("gzip", "a.jsonl.gz", gzip.compress(OK + b"\n"), (1, [], 0)),
    ("gzip members", "a.jsonl.gz", gzip.compress(OK + b"\n") * 2, (2, [], 0)),
    ("gzip, a bad line", "a.jsonl.gz", gzip.compress(OK + b"\n{\n"), (1, [BAD], 0)),
    ("zstd", "a.jsonl.zst", zstd.compress(OK + b"\n"), (1, [], 0)),
    ("zstd frames", "a.jsonl.zst", zstd.compress(OK + b"\n") * 2, (2, [], 0)),
    ("gzip without its name", "a.log", gzip.compress(OK + b"\n"), (1, [], 0)),
    ("wildcards in the name", "a[1]*?.jsonl", OK + b"\n", (1, [], 0)),
    ("a quote in the name", "a'b\".jsonl", OK + b"\n", (1, [], 0)),
    ("a leading dash", "-a.jsonl", OK + b"\n", (1, [], 0)),
    ("a partition in the name", "status=5.jsonl", OK + b"\n", (1, [], 0)),
]


@pytest.mark.parametrize(
    ("name", "content", "expected"), [case[1:] for case in FILES], ids=[c[0] for c in FILES]
)
def test_a_file_of_json_lines(
    store: Store,
    tmp_path: Path,
    name: str,
    content: bytes,
    expected: tuple[int, list[tuple[int, str]], int],
) -> None:
    assert load(store, tmp_path, name, content, LogFormat.JSONL, FIELDS) == (*expected, None)


PACKED = gzip.compress(OK * 1000 + b"\n")
REFUSED = [
    ("gzip cut", "a.jsonl.gz", PACKED[:-9], "gzip ends in the middle"),
    ("gzip checksum", "a.jsonl.gz", PACKED[:-8] + b"\0\0\0\0" + PACKED[-4:], "damaged gzip"),
    ("gzip with rubbish", "a.jsonl.gz", PACKED + b"xyz", "damaged gzip"),
    ("empty .gz", "a.jsonl.gz", b"", "is named .gz but is no gzip file"),
    ("text as .gz", "a.jsonl.gz", OK, "is named .gz but is no gzip file"),
    ("zstd cut", "a.jsonl.zst", zstd.compress(OK)[:-3], "zstd ends in the middle"),
    (
        "a bomb",
        "a.jsonl.gz",
        gzip.compress(b"\n" * 30_000_000),
        "unpacks to more than 200 times its size",
    ),
    ("UTF-16", "a.jsonl", OK.decode().encode("utf-16"), "is UTF-16 or UTF-32"),
    ("UTF-16 without mark", "a.jsonl", OK.decode().encode("utf-16-le"), "is binary, not text"),
    ("zip", "a.jsonl", b"PK\x03\x04" + OK, "is a zip archive"),
    ("xz", "a.jsonl", b"\xfd7zXZ\0" + OK, "is an xz file"),
]


@pytest.mark.parametrize(
    ("name", "content", "why"), [case[1:] for case in REFUSED], ids=[c[0] for c in REFUSED]
)
def test_what_is_not_as_it_says_is_refused_whole(
    store: Store, tmp_path: Path, name: str, content: bytes, why: str
) -> None:
    assert load(store, tmp_path, name, content, LogFormat.JSONL, FIELDS) == (0, [], 0, why)


HEAD = b"ts,status,ms,customer\n"
ROW = b"2026-04-01T00:00:00Z,200,1.5,acme\n"
CSVS: list[tuple[str, bytes, tuple[int, list[tuple[int, str]], int, str | None]]] = [
    ("clean", HEAD + ROW * 3, (3, [], 0, None)),
    ("no newline at the end", HEAD + ROW + ROW[:-1], (2, [], 0, None)),
    ("CRLF", (HEAD + ROW * 2).replace(b"\n", b"\r\n"), (2, [], 0, None)),
    ("a mark", b"\xef\xbb\xbf" + HEAD + ROW, (1, [], 0, None)),
    ("reordered", b"status,customer,ts\n200,acme,2026-04-01T00:00:00Z\n", (1, [], 0, None)),
    ("only a header", HEAD, (0, [], 0, None)),
    ("quoted newline", HEAD + b'2026-04-01T00:00:00Z,200,1,"a\nb"\n' + ROW, (2, [], 0, None)),
    ("doubled quotes", HEAD + b'2026-04-01T00:00:00Z,200,1,"a""b"\n' + ROW, (2, [], 0, None)),
    (
        "a stray quote",
        HEAD + ROW + b'2026-04-01T00:00:00Z,200,1,"a\n' + ROW * 2,
        (3, [(2, "format")], 0, None),
    ),
    (
        "a quote inside",
        HEAD + ROW + b'2026-04-01T00:00:00Z,200,1,a"b\n' + ROW * 2,
        (3, [(2, "format")], 0, None),
    ),
    ("too many", HEAD + ROW + ROW[:-1] + b",x\n" + ROW, (2, [(2, "format")], 0, None)),
    ("too few", HEAD + ROW + b"2026-04-01T00:00:00Z,200\n" + ROW, (2, [(2, "format")], 0, None)),
    ("blank line", HEAD + ROW + b"\n" + ROW, (2, [], 1, None)),
    ("empty status", HEAD + b"2026-04-01T00:00:00Z,,1,a\n", (0, [(1, "missing:status")], 0, None)),
    (
        "bad duration",
        HEAD + ROW + b"2026-04-01T00:00:00Z,200,x,a\n",
        (1, [(2, "type:duration")], 0, None),
    ),
    (
        "invalid UTF-8",
        HEAD + ROW + b"2026-04-01T00:00:00Z,200,1,\xff\n" + ROW,
        (2, [(2, "encoding")], 0, None),
    ),
    ("no ts", b"time,status\nx,200\n", (0, [], 0, "has no column ts in its header")),
    (
        "twice",
        b"ts,status,status\nx,200,1\n",
        (0, [], 0, "has the column status twice in its header"),
    ),
    ("empty", b"", (0, [], 0, "has no header")),
]


@pytest.mark.parametrize(("content", "expected"), [c[1:] for c in CSVS], ids=[c[0] for c in CSVS])
def test_csv(store: Store, tmp_path: Path, content: bytes, expected: object) -> None:
    assert load(store, tmp_path, "a.csv", content, LogFormat.CSV, FIELDS) == expected


HIT = b'1.2.3.4 - - [12/Apr/2026:13:55:36 +0200] "GET /a?b=1 HTTP/1.1" 200 5 "-" "curl"\n'
HITS = [
    ("combined", HIT, None),
    ("common", HIT.replace(b' "-" "curl"', b""), None),
    ("request time", HIT.replace(b'"curl"', b'"curl" 0.123'), None),
    ("IPv6", HIT.replace(b"1.2.3.4", b"2001:db8::1"), None),
    ("escaped quotes", HIT.replace(b"curl", rb"a \"b\" c"), None),
    ("TLS bytes", HIT.replace(b"GET /a?b=1 HTTP/1.1", rb"\x16\x03\x01"), None),
    ("no request", HIT.replace(b"GET /a?b=1 HTTP/1.1", b"-"), None),
    ("no status", HIT.replace(b" 200 5", b" - -"), "missing:status"),
    ("status 999", HIT.replace(b" 200 5", b" 999 -"), "range:status"),
    ("31 February", HIT.replace(b"12/Apr", b"31/Feb"), "type:ts"),
    ("half a line", HIT[:40] + b"\n", "format"),
    ("invalid UTF-8", HIT.replace(b"curl", b"\xff"), "encoding"),
]


@pytest.mark.parametrize(("line", "reason"), [h[1:] for h in HITS], ids=[h[0] for h in HITS])
def test_access_logs(store: Store, tmp_path: Path, line: bytes, reason: str | None) -> None:
    expected = (2, [(2, reason)], 0, None) if reason else (3, [], 0, None)
    assert load(store, tmp_path, "access.log", HIT + line + HIT, LogFormat.COMBINED, ()) == expected


GOOD_ROW = "TIMESTAMP '2026-04-01' AS ts, 200 AS status"
PARQUETS: list[tuple[str, str, tuple[int, list[tuple[int, str]], int, str | None]]] = [
    ("typed", f"{GOOD_ROW}, 1.5::DOUBLE AS ms, {{'tokens': 3}} AS usage", (1, [], 0, None)),
    ("with a zone", "TIMESTAMPTZ '2026-04-01 00:00:00+02' AS ts, 200 AS status", (1, [], 0, None)),
    ("as text", "'2026-04-01T00:00:00Z' AS ts, '200' AS status", (1, [], 0, None)),
    (
        "no ts",
        f"{GOOD_ROW}, NULL::INTEGER AS x".replace(" AS ts", " AS t"),
        (0, [], 0, "has no column ts"),
    ),
    ("ts NULL", "NULL::TIMESTAMP AS ts, 200 AS status", (0, [(1, "missing:ts")], 0, None)),
    ("NaN", f"{GOOD_ROW}, 'nan'::DOUBLE AS ms", (0, [(1, "type:duration")], 0, None)),
    ("a list for a text", f"{GOOD_ROW}, ['a'] AS customer", (0, [(1, "type:customer")], 0, None)),
    (
        "status 200.5",
        "TIMESTAMP '2026-04-01' AS ts, 200.5 AS status",
        (0, [(1, "type:status")], 0, None),
    ),
    ("tiny double", f"{GOOD_ROW}, 1e-7::DOUBLE AS cost", (1, [], 0, None)),
]


@pytest.mark.parametrize(
    ("select", "expected"), [p[1:] for p in PARQUETS], ids=[p[0] for p in PARQUETS]
)
def test_parquet(store: Store, tmp_path: Path, select: str, expected: object) -> None:
    made = tmp_path / "made"
    duckdb.connect().execute(f"COPY (SELECT {select}) TO '{made}' (FORMAT parquet)")
    assert (
        load(store, tmp_path, "a.parquet", made.read_bytes(), LogFormat.PARQUET, FIELDS) == expected
    )


def test_parquet_without_its_end_is_refused(store: Store, tmp_path: Path) -> None:
    content = b"PAR1" + b"x" * 100
    [usable, _, _, why] = load(store, tmp_path, "a.parquet", content, LogFormat.PARQUET, FIELDS)
    assert (usable, why) == (0, "is a damaged Parquet file")


@pytest.mark.parametrize(
    ("unit", "text", "us"),
    [
        ("ms", "0.0005", 1),
        ("ms", "0.0004999999999999999999", 0),
        ("ms", "12.3455", 12346),
        ("ms", '"1.10"', 1100),
        ("s", "0.0000005", 1),
        ("s", "86400", 86_400_000_000),
        ("us", "2.5", 3),
        ("ns", "1500", 2),
        ("ns", "1499.9", 1),
    ],
)
def test_durations_are_rounded_half_up_exactly(
    store: Store, tmp_path: Path, unit: str, text: str, us: int
) -> None:
    fields = [replace(one, unit=unit) if one.kind is Kind.DURATION else one for one in FIELDS]
    (tmp_path / "a.jsonl").write_bytes(with_(ms=text) + b"\n")
    one = definition(tmp_path, log("a.jsonl", fields=fields))
    for table in ("requests", "quarantine", "files"):
        store.rows(f"DELETE FROM {table}")
    load_logs(store, one, lambda _: None)
    assert store.rows("SELECT duration FROM requests") == [(us,)]
