"""Is damage noticed? Packed files, whole and not."""

import gzip
import io
import random
import tarfile
import zlib

from backports import zstd

from tests.corpus.case import OK, Case, Content, Fate, Ledger, Refused, one

_RANDOM = random.Random(1)
TEXT = b"".join(
    b'{"ts":"2026-04-01T00:00:00Z","status":200,"customer":"%032x"}\n' % _RANDOM.getrandbits(128)
    for _ in range(100)
)
PACKED, ZSTD = gzip.compress(TEXT, mtime=0), zstd.compress(TEXT)
PLAIN = OK + b"\n"
NO_GZIP = Refused("is named .gz but is no gzip file")


def _gz(name: str, content: Content, fate: Fate) -> Case:
    return one(name, "a.jsonl.gz", content, fate)


def _zst(name: str, content: Content, fate: Fate) -> Case:
    return one(name, "a.jsonl.zst", content, fate)


def _flipped(packed: bytes, at: int) -> bytes:
    return packed[:at] + bytes([packed[at] ^ 1]) + packed[at + 1 :]


def _named_member() -> bytes:
    made = io.BytesIO()
    with gzip.GzipFile("access.jsonl", "wb", fileobj=made, mtime=1) as file:
        file.write(TEXT)
    return made.getvalue()


def _tar() -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w:gz") as archive:
        member = tarfile.TarInfo("a.jsonl")
        member.size = len(TEXT)
        archive.addfile(member, io.BytesIO(TEXT))
    return made.getvalue()


def _checked() -> bytes:
    return zstd.compress(TEXT, options={zstd.CompressionParameter.checksum_flag: 1})


FILES = [
    _gz("gzip", PACKED, Ledger(100)),
    _gz("gzip with a name in its head", _named_member(), Ledger(100)),
    _gz("gzip, stored", gzip.compress(TEXT, 0), Ledger(100)),
    _gz("gzip of two members", gzip.compress(PLAIN) * 2, Ledger(2)),
    _gz("gzip members that cut a line", gzip.compress(OK[:20]) + gzip.compress(OK[20:] + b"\n"),
        Ledger(1)),
    _gz("gzip with an empty member", gzip.compress(PLAIN) + gzip.compress(b""), Ledger(1)),
    _gz("gzip of 1,000 members", gzip.compress(PLAIN) * 1000, Ledger(1000)),
    _gz("gzip of nothing", gzip.compress(b""), Ledger()),
    _gz("gzip with a bad line", gzip.compress(PLAIN + b"{\n" + PLAIN), Ledger(2, {2: "json"})),
    _gz("gzip with a line cut at its end", gzip.compress(PLAIN + OK[:-2]), Ledger(1, {2: "json"})),
    _gz("gzip cut in its end", PACKED[:-1], Refused("gzip ends in the middle")),
    _gz("gzip cut before its checksum", PACKED[:-8], Refused("gzip ends in the middle")),
    _gz("gzip cut in half", PACKED[: len(PACKED) // 2], Refused("gzip ends in the middle")),
    _gz("gzip cut in its head", PACKED[:5], Refused("gzip ends in the middle")),
    _gz("gzip of two bytes", PACKED[:2], Refused("gzip ends in the middle")),
    _gz("gzip, second member cut", PACKED * 2 + PACKED[:50], Refused("gzip ends in the middle")),
    _gz("gzip with a wrong checksum", _flipped(PACKED, len(PACKED) - 6), Refused("damaged gzip")),
    _gz("gzip with a wrong length", _flipped(PACKED, len(PACKED) - 2), Refused("damaged gzip")),
    _gz("gzip with a flipped bit", _flipped(PACKED, 2000), Refused("damaged gzip")),
    _gz("gzip of an unknown method", _flipped(PACKED, 2), Refused("damaged gzip")),
    _gz("gzip with rubbish behind it", PACKED + b"xyz", Refused("damaged gzip")),
    _gz("gzip with text behind it", PACKED + PLAIN, Refused("damaged gzip")),
    _gz("gzip with zeros and rubbish", PACKED + b"\0" * 600 + b"x", Refused("damaged gzip")),
    _gz("a tar archive in gzip", _tar(), Refused("binary")),
    _gz("a bomb", lambda: gzip.compress(b"\n" * 50_000_000),
        Refused("unpacks to more than 200 times its size")),
    _gz("a bomb in many members", lambda: gzip.compress(b"\n" * 1_000_000) * 50,
        Refused("unpacks to more than 200 times its size")),
    _gz("one that packs well and is small", gzip.compress(PLAIN * 10_000), Ledger(10_000)),
    _gz("text under the name of gzip", PLAIN, NO_GZIP),
    _gz("nothing under the name of gzip", b"", NO_GZIP),
    _gz("zstd under the name of gzip", ZSTD, NO_GZIP),
    _gz("zlib under the name of gzip", zlib.compress(TEXT), NO_GZIP),
    one("gzip without its name", "a.jsonl", PACKED, Ledger(100)),
    one("gzip with its name in capitals", "A.JSONL.GZ", PACKED, Ledger(100)),
    one("gzip under the name of zstd", "a.jsonl.zst", PACKED, Refused("is named .zst but is no")),
    _zst("zstd", ZSTD, Ledger(100)),
    _zst("zstd of two frames", zstd.compress(PLAIN) * 2, Ledger(2)),
    _zst("zstd cut", ZSTD[:-3], Refused("zstd ends in the middle")),
    _zst("zstd of four bytes", ZSTD[:4], Refused("zstd ends in the middle")),
    _zst("zstd with rubbish behind it", ZSTD + b"xyz", Refused("zstd")),
    _zst("zstd with a flipped bit in its head", _flipped(ZSTD, 5), Refused("zstd")),
    _zst("zstd with a checksum that is wrong", lambda: _flipped(_checked(), len(_checked()) - 1),
         Refused("damaged zstd")),
    _zst("zstd with a checksum", _checked, Ledger(100)),
    _zst("a zstd bomb", lambda: zstd.compress(b"\n" * 50_000_000),
         Refused("unpacks to more than 200 times its size")),
    _zst("text under the name of zstd", PLAIN, Refused("is named .zst but is no")),
    one("zstd without its name", "a.jsonl", ZSTD, Ledger(100)),
    one("bzip2", "a.jsonl.bz2", b"BZh91AY&SY", Refused("bzip2")),
    one("xz", "a.jsonl.xz", b"\xfd7zXZ\0" + TEXT, Refused("xz")),
    one("CSV in gzip", "a.csv.gz", gzip.compress(b"ts,status\n2026-04-01T00:00:00Z,200\n"),
        Ledger(1), form="csv"),
    one("a CSV header in gzip that is cut", "a.csv.gz", gzip.compress(b"ts,status\n")[:-4],
        Refused("gzip ends in the middle"), form="csv"),
]  # fmt: skip
