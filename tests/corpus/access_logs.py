"""Parsed, or counted as rejects? Access logs of nginx and Apache."""

from datetime import datetime

from tests.corpus.case import FIELDS, HIT, Case, Ledger, Line, one


def _line(name: str, line: bytes, reason: str | None = None, **stored: object) -> Line:
    return Line(f"access log, {name}", line, reason, form="combined", stored=stored)


def _request(text: bytes) -> bytes:
    return HIT.replace(b"GET /a?b=1 HTTP/1.1", text)


LINES = [
    _line("a combined line", HIT, ts=datetime(2026, 4, 12, 11, 55, 36), method="GET", path="/a",
          status=200, duration=None),
    _line("a common line", HIT.replace(b' "-" "curl"', b"")),
    _line("a request time", HIT + b" 0.123", duration=123_000,
          ts=datetime(2026, 4, 12, 11, 55, 35, 877000)),
    _line("a request time of -", HIT + b" -", duration=None),
    _line("a negative request time", HIT + b" -0.5", "format"),
    _line("a request time of rubbish", HIT + b" fast", "format"),
    _line("two request times", HIT + b" 0.1 0.2", "format"),
    _line("a request time over 24 h", HIT + b" 86401", "range:duration"),
    _line("nginx's format main", HIT + b' "9.9.9.9"', path="/a", duration=None),
    _line("texts and a request time", HIT + b' "9.9.9.9, 8.8.8.8" "-" 0.123', duration=123_000),
    _line("a text behind the request time", HIT + b' 0.123 "9.9.9.9"', "format"),
    _line("a text that does not end", HIT + b' "9.9.9.9', "format"),
    _line("bare words behind the agent", HIT + b" rt=0.123", "format"),
    _line("spaces at the end", HIT + b"  "),
    _line("a carriage return at the end", HIT + b"\r"),
    _line("IPv6", HIT.replace(b"1.2.3.4", b"2001:db8::1%eth0")),
    _line("a host's name", HIT.replace(b"1.2.3.4", b"host.example")),
    _line("a user", HIT.replace(b"- - [", b"- bob [")),
    _line("a user with spaces", HIT.replace(b"- - [", b"- bob the builder [")),
    _line("a user with a bracket", HIT.replace(b"- - [", b"- b[ob [")),
    _line("escaped quotes in the agent", HIT.replace(b"curl", rb"a \"b\" c")),
    _line("escaped quotes in the request", _request(rb"GET /a\"b HTTP/1.1"), path=r"/a\"b"),
    _line("an escaped backslash before the quote", HIT.replace(b"curl", rb"a\\")),
    _line("quotes not escaped", HIT.replace(b"curl", b'a "b" c'), "format"),
    _line("TLS bytes, escaped", _request(rb"\x16\x03\x01\x00\xa5"), method=None, path=None,
          status=200),
    _line("TLS bytes, raw", _request(b"\x16\x03\x01\x00\xa5"), "encoding"),
    _line("no request", _request(b"-"), method=None, path=None),
    _line("an empty request", _request(b""), method=None, path=None),
    _line("a request without a protocol", _request(b"GET /a"), method="GET", path="/a"),
    _line("a request with spaces in the path", _request(b"GET /a b c HTTP/1.1"), path="/a b c"),
    _line("an absolute URL", _request(b"GET http://x/a?b HTTP/1.1"), path="http://x/a"),
    _line("OPTIONS *", _request(b"OPTIONS * HTTP/1.1"), method="OPTIONS", path="*"),
    _line("status -", HIT.replace(b" 200 5", b" - 5"), "missing:status"),
    _line("status 000", HIT.replace(b" 200 5", b" 000 5"), "range:status"),
    _line("status 999", HIT.replace(b" 200 5", b" 999 5"), "range:status"),
    _line("status of two digits", HIT.replace(b" 200 5", b" 20 5"), "format"),
    _line("status of four digits", HIT.replace(b" 200 5", b" 2000 5"), "format"),
    _line("bytes -", HIT.replace(b" 200 5", b" 200 -"), status=200),
    _line("bytes negative", HIT.replace(b" 200 5", b" 200 -5"), "format"),
    _line("bytes of 30 digits", HIT.replace(b" 200 5", b" 200 " + b"9" * 30)),
    _line("no time", HIT.replace(b"12/Apr/2026:13:55:36 +0200", b"-"), "missing:ts"),
    _line("31 February", HIT.replace(b"12/Apr", b"31/Feb"), "type:ts"),
    _line("a German month", HIT.replace(b"Apr", b"Mai"), "type:ts"),
    _line("no offset", HIT.replace(b" +0200]", b"]"), "type:ts"),
    _line("hour 24", HIT.replace(b":13:55:36", b":24:00:00"), "type:ts"),
    _line("second 60", HIT.replace(b":13:55:36", b":13:55:60"), "type:ts"),
    _line("year 1969", HIT.replace(b"2026", b"1969"), "range:ts"),
    Line("access log, another month", HIT.replace(b"12/Apr", b"12/Mar"), form="combined",
         outside=True),
    Line("access log, the edge of the month", HIT.replace(b"12/Apr/2026:13:55:36 +0200",
         b"01/May/2026:01:59:59 +0200"), form="combined"),
    Line("access log, a request that began in the month before",
         HIT.replace(b"12/Apr/2026:13:55:36 +0200", b"01/Apr/2026:00:00:01 +0000") + b" 2",
         form="combined", outside=True),
    _line("half a line", HIT[:40], "format"),
    _line("no quotes at the end", HIT[:-1], "format"),
    _line("garbage", b"\\x00 hello", "format"),
    _line("a line of an error log", b"2026/04/01 00:00:00 [error] 1#1: *2 open() failed", "format"),
    _line("JSON", b'{"ts":"2026-04-01T00:00:00Z","status":200}', "format"),
    _line("a NUL byte in the agent", HIT.replace(b"curl", b"cu\0rl")),
    _line("invalid UTF-8 in the agent", HIT.replace(b"curl", b"\xff"), "encoding"),
    _line("an umlaut in the path", _request("GET /ü HTTP/1.1".encode()), path="/ü"),
    Line("access log, 100 kB of path", lambda: _request(b"GET /" + b"a" * 100_000 + b" HTTP/1.1"),
         form="combined"),
    Line("access log, 50,000 quotes", lambda: b'"' * 50_000, "format", form="combined"),
    Line("access log, 50,000 backslashes", lambda: HIT.replace(b"curl", b"\\" * 50_001), "format",
         form="combined"),
    Line("access log, 25,000 brackets", lambda: b"a - " + b"[ " * 25_000, "format",
         form="combined"),
    Line("access log, Apache's %D", HIT + b" 1500", form="combined",
         fields={"duration": {"from": "request_time", "unit": "us"}}, stored={"duration": 1500}),
]  # fmt: skip

FILES: list[Case] = [
    one("an empty access log", "access.log", b"", Ledger(), form="combined", fields=FIELDS),
    one("an access log cut at its end", "access.log", HIT + b"\n" + HIT[:-5],
        Ledger(1, {2: "format"}), form="combined", fields=FIELDS),
    one("a whole line without a line feed", "access.log", HIT + b"\n" + HIT, Ledger(2),
        form="combined", fields=FIELDS),
    one("a mark before an access log", "access.log", b"\xef\xbb\xbf" + HIT + b"\n", Ledger(1),
        form="combined", fields=FIELDS),
    one("blank lines in an access log", "access.log", b"\n" + HIT + b"\n \n" + HIT + b"\r\n\r\n",
        Ledger(2, blank=3), form="combined", fields=FIELDS),
]  # fmt: skip
