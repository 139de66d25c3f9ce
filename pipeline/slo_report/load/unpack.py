"""Files as they were before compression, in pieces, with damage noticed."""

import sys
import zlib
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

PIECE_BYTES = 1 << 20
_RATIO_CAP = 200
_SMALL_BYTES = 1 << 20
"""Below this nothing is a bomb, however well it packs."""


class Packing(StrEnum):
    """How a file is compressed; the values are DuckDB's names."""

    NONE = "none"
    GZIP = "gzip"
    ZSTD = "zstd"


class DamagedError(Exception):
    """The file is not what its first bytes or its name promise; the text is the reason."""


def packing_of(path: Path) -> Packing:
    """Tell the compression by a file's first bytes."""
    with path.open("rb") as file:
        head = file.read(4)
    if head.startswith(b"\x1f\x8b"):
        return Packing.GZIP
    if head.startswith(b"\x28\xb5\x2f\xfd"):
        return Packing.ZSTD
    return Packing.NONE


def packed_pieces(path: Path, piece_bytes: int = PIECE_BYTES) -> Iterator[bytes]:
    """Yield the file as it lies."""
    with path.open("rb") as file:
        while piece := file.read(piece_bytes):
            yield piece


def unpacked_pieces(pieces: Iterator[bytes], packing: Packing) -> Iterator[bytes]:
    """Yield what `pieces` hold unpacked, none longer than the pieces' own size or 1 MiB.

    Raises DamagedError for a wrong checksum, a missing end, rubbish behind it, and for a bomb.
    """
    if packing is Packing.NONE:
        yield from pieces
        return
    members = _gzip(pieces) if packing is Packing.GZIP else _zstd(pieces)
    packed = unpacked = 0
    for taken, piece in members:
        packed += taken
        unpacked += len(piece)
        if unpacked > _SMALL_BYTES and unpacked > _RATIO_CAP * packed:
            raise DamagedError(f"unpacks to more than {_RATIO_CAP} times its size")
        if piece:
            yield piece


def _gzip(pieces: Iterator[bytes]) -> Iterator[tuple[int, bytes]]:
    """Yield (packed bytes newly read, unpacked bytes); zlib checks each member's CRC and length."""
    member = zlib.decompressobj(31)
    begun = False
    for piece in pieces:
        taken, waiting = len(piece), piece
        while waiting:
            if not begun and not waiting.strip(b"\0"):
                break  # zero padding behind the last member is legal
            begun = True
            try:
                unpacked = member.decompress(waiting, PIECE_BYTES)
            except zlib.error as error:
                raise DamagedError("damaged gzip") from error
            yield taken, unpacked
            taken = 0
            waiting = member.unconsumed_tail
            if member.eof:
                waiting = member.unused_data
                member, begun = zlib.decompressobj(31), False
    if begun:
        raise DamagedError("gzip ends in the middle")


def _zstd(pieces: Iterator[bytes]) -> Iterator[tuple[int, bytes]]:
    """Yield (packed bytes newly read, unpacked bytes) of one or more frames."""
    frame = zstd.ZstdDecompressor()
    begun = False
    for piece in pieces:
        taken, waiting = len(piece), piece
        while waiting or (begun and not frame.needs_input):
            begun = True
            try:
                unpacked = frame.decompress(waiting, PIECE_BYTES)
            except zstd.ZstdError as error:
                raise DamagedError("damaged zstd") from error
            yield taken, unpacked
            taken, waiting = 0, b""
            if frame.eof:
                waiting = frame.unused_data
                frame, begun = zstd.ZstdDecompressor(), False
    if begun:
        raise DamagedError("zstd ends in the middle")
