"""One pass over a file before it is loaded: is it whole, what is its identity, how many lines."""

import hashlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from slo_report.load.json_sample import Held
from slo_report.load.scan import Scan
from slo_report.load.unpack import (
    DamagedError,
    Packing,
    packed_pieces,
    packing_of,
    unpacked_pieces,
)
from slo_report.slo_yaml.log_definition import LogFormat


@dataclass(frozen=True)
class Preflight:
    """What a whole file is; `refusal` says why it cannot be used, "" if it can."""

    sha256: str
    content_sha256: str
    packing: Packing
    lines: int
    """Physical lines: line feeds, and one more where the last line has none."""
    plain_lines: bool
    """No carriage return but before a line feed, no byte order mark, no NUL byte."""
    long_line: bool
    """A line may be longer than allowed."""
    trap: bool
    """Something stands in it that DuckDB would let pass, such as a comma before a bracket."""
    long_decimal: bool
    """A number may have more digits than its double prints, or none was looked for."""
    odd_value: bool = False
    """A value may be of another type than the sample of JSON lines has."""
    held: tuple[Held, ...] = ()
    """How JSON lines are best read, field by field; empty for other formats."""
    refusal: str = ""
    open_end: bool = False
    """The last line has no line feed."""
    braced: bool = True
    """Every line but the first begins, and every one but the last ends, with a brace, if the format
    has it so.

    Looked for in small files only: it tells which are worth a common query.
    """


def preflight(
    path: Path,
    form: LogFormat,
    max_line_bytes: int,
    trap: str = "",
    odd: str = "",
    *,
    decimals: bool = False,
) -> Preflight:
    """Read the file once, in pieces, and return what it is.

    `trap` and `odd` are the patterns of what DuckDB would let pass and of odd values; `decimals`
    has numbers looked for that a double does not keep. All three are looked for in whole lines.
    """
    packing = packing_of(path) if form.has_lines else Packing.NONE
    whole, content = sha256(), sha256()
    scan = Scan(form, max_line_bytes, trap, odd, decimals=decimals)
    refusal = _wrong_name(path, packing)

    def hashed() -> Iterator[bytes]:
        for piece in packed_pieces(path, scan.piece_bytes):
            if packing is not Packing.NONE:
                whole.update(piece)
            yield piece

    # hashlib lets go of the interpreter, so hashing and counting share two cores.
    with ThreadPoolExecutor(1) as hasher:
        try:
            for piece in unpacked_pieces(hashed(), packing):
                hashing = hasher.submit(content.update, piece)
                scan.add(piece)
                hashing.result()
            scan.finish()
        except DamagedError as damage:
            refusal = refusal or str(damage)
            whole = _sha256_of(path)
    return Preflight(
        sha256=(content if packing is Packing.NONE else whole).hexdigest(),
        content_sha256=content.hexdigest(),
        packing=packing,
        lines=scan.lines,
        plain_lines=scan.plain,
        long_line=scan.long_line,
        trap=scan.trap,
        long_decimal=scan.long_decimal,
        odd_value=scan.odd_value,
        refusal=refusal or scan.refusal,
        open_end=scan.open_end,
        braced=scan.braced,
    )


def _sha256_of(path: Path) -> "hashlib._Hash":
    digest = sha256()
    for piece in packed_pieces(path):
        digest.update(piece)
    return digest


def _wrong_name(path: Path, packing: Packing) -> str:
    name = path.name.lower()
    if name.endswith(".gz") and packing is not Packing.GZIP:
        return "is named .gz but is no gzip file"
    if name.endswith((".zst", ".zstd")) and packing is not Packing.ZSTD:
        return "is named .zst but is no zstd file"
    return ""
