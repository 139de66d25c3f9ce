"""Good lines of every format, and what is done to them."""

import gzip
import zlib
from collections.abc import Callable
from random import Random

NAMES = ("ts", "request_id", "status", "ms", "customer", "usage.tokens", "cost", "ai.enabled")
CSV_HEADER = ",".join(NAMES).encode() + b"\n"


_TEXTS = r"""
    " \ \\ \" { } [ ] : , ,} ,] null true false NaN nan Infinity -Infinity inf - + . 0 -0 -0.0 00
    1e400 1E5 5e-7 1e-400 2e2 0.0005 200.0 200.5 1_000 1,234 9223372036854775807
    9223372036854775808 99999999999999999999.999999999999999999 0.1234567890123456789 86400000
    86400000.0004 86400000.0005 \u0000 \ud800 \ud83d\ude00 \u0022 \u0074s \n \/ \x41 // /**/ # ' ;
    "" "x" {} [] {"a":1} [1] T23:59:60Z T24:00:00Z +02:00 +0200 +02 -23:59 +24:00 z t Z
    2026-02-30 2024-02-29 0001-01-01 9999-12-31 1969-12-31T23:59:59Z 2201-01-01T00:00:00Z
    "ts":null, "status":200, "ms":1, "ms":"1.5", "ms":0.0005, "ms":1.0005, "ms":-0.0000001,
    "usage.tokens":5, "usage.tokens":null, "usage":{"tokens":5}, "usage":null, "usage":[1],
    "usage":{"tokens":1.0}, "usage":{"tokens":1.5}, "usage":{"tokens":1e3}, "Status":"x",
    "STATUS":1, "Ts":1, "ai":{"enabled":"TRUE"}, "ai.enabled":true, "ai":{"enabled":1}, "ai":true,
    "customer":true, "customer":"true", "customer":1.10, "customer":1e3, "customer":"1e3",
    "customer":-0, "customer":-0.0, "customer":"[1]", "customer":{}, "customer":"{}",
    "customer":[], "customer":"NaN", "customer":NaN, "customer":12345678901234567890123,
    "customer":0.1234567890123456789, "customer":1E400, "customer":"\u0000",
    "customer":"\ud800", "request_id":007, "request_id":7, "request_id":7.0, "cost":1e-19,
    "cost":0.0000000000000000005, "cost":0.0000000000000000004, "cost":-0.0, "cost":1e20,
    "cost":0.1234567890123, "cost":123456.1234567, "cost":12345678901234567890.5,
    "\u0074s":1, "u\u0073age":1, "x":NaN, "x":nan, "x":-inf, "x":01, "x":1., "x":.5, "x":+1,
    "x":0x10, "x":tru, "x":"a\qb", "x":'a', x:1, "x":[1,], "x":{"y":1,}, "x":[,1], "x":"\ud800",
    "x":1e999999999, "x":-, "status":"200", "status":"0200", "status":0200, "status":2.00e2,
    "status":200.0, "status":"200.0", "status":" 200", "status":-0, "status":1e400
"""
_RAW = [
    b"12 ms", b"\0", b"\t", b"\r", b"\n", b"\r\n", b"\n\n", b"\n \n", b"\x0b", b"\x0c", b"\x1f",
    b"\x7f", b"\xff", b"\xc0\xaf", b"\xed\xa0\x80", b"\xef\xbb\xbf", b"\xc2\x85", b"\xc2\xa0",
    b"\xe2\x80\xa8", b"\xf0\x9f\x98\x80", b" ", b"  ", b"[" * 127, b"[" * 129, b"x" * 4096,
    b"\"x\":" + b"[" * 127 + b"]" * 127 + b",", b"\"x\":" + b"[" * 130 + b"]" * 130 + b",",
    b'"x":"' + b"[" * 200 + b'",', b" HTTP/1.1", b' - - [', b'] "', b'" 200 5', b" 0.123",
    b" -", b'\\"', b"\\x16\\x03", b"000", b"999", b"?a=b", b' "-" "-"', b"GET", b"- ", b"::1",
]  # fmt: skip


def _tokens() -> tuple[bytes, ...]:
    return (*(text.encode() for text in _TEXTS.split()), *_RAW)


TOKENS = _tokens()


def good_json(rng: Random, request_id: str) -> bytes:
    """Return a JSON line that is loaded."""
    number = rng.choice(("1.5", "0", "12", '"3.25"', "86400000", "0.0005", "1e2", "7.1234567"))
    pairs = [
        f'"ts":"2026-04-{rng.randint(1, 30):02}T{rng.randint(0, 23):02}:00:0{rng.randint(0, 9)}'
        f'{rng.choice(("Z", ".5Z", ".123456Z", "+02:00", ".1234567891Z"))}"',
        f'"request_id":"{request_id}"',
        f'"status":{rng.choice(("200", "503", "404", chr(34) + "200" + chr(34)))}',
    ]
    optional = (
        f'"ms":{number}',
        f'"customer":{rng.choice((chr(34) + "acme" + chr(34), "null", chr(34) + "é,x" + chr(34)))}',
        f'"usage":{{"tokens":{rng.randint(0, 99)}}}',
        f'"cost":{rng.choice(("0.01", "1", "3.000000000000000001", chr(34) + "2.5" + chr(34)))}',
        f'"ai":{{"enabled":{rng.choice(("true", "false", "null"))}}}',
        '"other":[1,{"x":"y"}]',
    )
    pairs += [pair for pair in optional if rng.random() < 0.6]
    if rng.random() < 0.3:
        rng.shuffle(pairs)
    return ("{" + ",".join(pairs) + "}").encode()


def good_csv(rng: Random, request_id: str) -> bytes:
    """Return a CSV record of one line that is loaded."""
    values = (
        f"2026-04-{rng.randint(1, 30):02}T00:00:00{rng.choice(('Z', '+02:00', '.123456Z'))}",
        request_id,
        rng.choice(("200", "503", '"404"')),
        rng.choice(("1.5", "", "12", '"3.25"', "0.0005")),
        rng.choice(("acme", "", '"a,b"', '"a""b"', "é")),
        rng.choice(("", "5", "1.0")),
        rng.choice(("", "0.01", "3.000000000000000001")),
        rng.choice(("", "true", "false")),
    )
    return ",".join(values).encode()


def good_hit(rng: Random, request_id: str) -> bytes:
    """Return a line of an access log that is loaded."""
    request = rng.choice(
        ("GET /a?b=1 HTTP/1.1", "POST /v1/x HTTP/2.0", "-", "GET /c", r"\\x16\\x03\\x01", "")
    )
    tail = rng.choice(("", ' "10.0.0.1, 10.0.0.2"', ' "-" "1.2"'))
    tail += rng.choice(("", " 0.123", " -", " 5"))
    return (
        f"{rng.choice(('1.2.3.4', '2001:db8::1'))} - {rng.choice(('-', 'bob', 'a b'))} "
        f"[{rng.randint(1, 28):02}/Apr/2026:13:55:36 {rng.choice(('+0000', '+0200', '-0430'))}] "
        f'"{request}" {rng.choice((200, 404, 503))} {rng.choice((5, 0, "-"))} "-" '
        f'"{request_id}"{tail}'
    ).encode()


GOOD: dict[str, Callable[[Random, str], bytes]] = {
    "jsonl": good_json,
    "csv": good_csv,
    "combined": good_hit,
}


def mutated(rng: Random, line: bytes, others: list[bytes]) -> bytes:
    """Return a line with one to three things done to it."""
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        at = rng.randint(0, len(line))
        match rng.randrange(9):
            case 0 if line:
                bit = 1 << rng.randrange(8)
                at = min(at, len(line) - 1)
                line = line[:at] + bytes([line[at] ^ bit]) + line[at + 1 :]
            case 1:
                line = line[:at] + line[at + rng.randint(1, 8) :]
            case 2:
                other = rng.choice(others)
                line = line[:at] + other[rng.randint(0, len(other)) :]
            case 3:
                line = line[:at]
            case 4:
                line = line[:at] + line[max(0, at - rng.randint(1, 20)) :]
            case 5:
                # A pair of key and value goes where pairs go.
                brace = line.find(b"{") + 1
                line = line[:brace] + rng.choice(TOKENS) + line[brace:]
            case 6:
                line = _replaced_value(rng, line)
            case _:
                line = line[:at] + rng.choice(TOKENS) + line[at:]
    return line


def _replaced_value(rng: Random, line: bytes) -> bytes:
    """Put a token in place of what stands between two delimiters."""
    places = [at for at, byte in enumerate(line) if byte in b':,{}"[] ']
    if len(places) < 2:
        return line
    at = rng.randrange(len(places) - 1)
    begin, end = places[at] + 1, places[min(len(places) - 1, at + rng.choice((1, 1, 2)))]
    return line[:begin] + rng.choice(TOKENS) + line[end:]


def damaged_pack(rng: Random, packed: bytes) -> bytes:
    """Return a gzip with bits flipped, cut, doubled or with something behind it."""
    at = rng.randrange(len(packed))
    match rng.randrange(6):
        case 0:
            return packed[:at]
        case 1:
            return packed + rng.choice((b"\0" * 512, b"x", packed[:20], gzip.compress(b""), b"\0x"))
        case 2:
            return packed + packed
        case 3:
            return packed[:at] + packed[at + rng.randint(1, 9) :]
        case _:
            return packed[:at] + bytes([packed[at] ^ (1 << rng.randrange(8))]) + packed[at + 1 :]


def unpacked(packed: bytes) -> bytes | None:
    """Return what a gzip holds, None if any of its members is not whole or not right."""
    content, rest = b"", packed
    while rest is packed or rest.strip(b"\0"):
        member = zlib.decompressobj(31)
        try:
            content += member.decompress(rest)
        except zlib.error:
            return None
        if not member.eof:
            return None
        rest = member.unused_data
    return content
