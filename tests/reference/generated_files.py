"""Spreading the lines of a generated month over files, in any order and several forms."""

import gzip
from random import Random

from .generated_requests import Traits
from .months import Span


class LogFiles:
    """The files of a case; their names sort in the order of their letters."""

    def __init__(self, rng: Random, traits: Traits, month: Span) -> None:
        self._rng, self._seed, self._month = rng, traits.seed, month
        endings = rng.sample((".jsonl", ".jsonl.gz", ".jsonl"), 1 + traits.seed % 3)
        self._main = [f"logs/{'abc'[n]}{ending}" for n, ending in enumerate(endings)]
        self._lines: dict[str, list[bytes]] = {name: [] for name in self._main}
        self._previous = "logs/previous.jsonl" if traits.seed % 3 == 1 else None
        self.features: set[str] = {f"{len(self._main)} files"}
        self.features |= {"gzip" for name in self._main if name.endswith(".gz")}

    @property
    def has_far_duplicates(self) -> bool:
        """Say whether requests of other months are repeated too."""
        return self._seed % 8 == 6

    def is_in_month(self, instant_us: int) -> bool:
        """Say whether an instant is in the month asked for."""
        return self._month[0] <= instant_us < self._month[1]

    def add(self, instant_us: int, line: bytes, *, duplicate: bool = False) -> None:
        """Put a line into some file; earlier months may have a file of their own."""
        name = self._rng.choice(self._main)
        if self._previous is not None and instant_us < self._month[0]:
            name = self._previous
        if duplicate:
            self.features.add("duplicates")
            if self._previous is not None and self._seed % 2 and self.is_in_month(instant_us):
                # Its only lines of the month are duplicates, and that is enough to be counted.
                name = self._previous
                self.features.add("file with nothing but duplicates")
            if not self.is_in_month(instant_us):
                self.features.add("duplicates of another month")
        self._lines.setdefault(name, []).append(line)

    def add_bad(self, line: bytes) -> None:
        """Put a bad line into one of the main files."""
        self._lines[self._rng.choice(self._main)].append(line)

    def contents(self) -> dict[str, bytes]:
        """Shuffle the lines, put blank ones between them, and return the bytes of each file."""
        rng, files = self._rng, {}
        for name, lines in self._lines.items():
            lines += [rng.choice((b"", b"   ", b"\t")) for _ in range(rng.randint(0, 4))]
            rng.shuffle(lines)
            end = rng.choice((b"\n", b"\n", b"\r\n"))
            if end == b"\r\n":
                self.features.add("CRLF")
            text = end.join(lines) + end
            if rng.random() < 0.3 and lines[-1].strip():
                text = text.removesuffix(end)
                self.features.add("no newline at the end")
            if rng.random() < 0.3:
                text = b"\xef\xbb\xbf" + text
                self.features.add("BOM")
            files[name] = gzip.compress(text, mtime=0) if name.endswith(".gz") else text
        self._add_odd_files(files)
        return files

    def _add_odd_files(self, files: dict[str, bytes]) -> None:
        first = files[self._main[0]]
        if self._seed % 5 == 3:
            packed = self._main[0].endswith(".gz")
            files["logs/z-copy.jsonl"] = gzip.decompress(first) if packed else first
            self.features.add("copied file")
        if self._seed % 5 == 4:
            files["logs/y-bad.jsonl"] = b'{"cut": \n\n'
            files["logs/y-empty.jsonl"] = b""
            self.features.add("files without a usable line")
        if self._previous is not None:
            files[self._previous] = files.get(self._previous, b"") + b'\n{"time": \n'
            self.features.add("file of another month")
