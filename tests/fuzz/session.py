"""Fuzzing for some seconds: rounds until the time is over, findings gathered by kind."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from .lines import GOOD
from .rounds import FuzzFile, load_files, make_file, smaller, violations

_FILES_A_ROUND = 24
_LARGE_EVERY = 40


@dataclass
class Tally:
    """What was done, and what was found."""

    rounds: int = 0
    files: int = 0
    lines: int = 0
    findings: dict[str, str] = field(default_factory=dict)
    """Kind of violation: an account of its first case."""


def fuzz(folder: Path, seconds: float, seed: int, say: Callable[[str], None]) -> Tally:
    """Load mutated files until the time is over; the same seed gives the same files."""
    tally = Tally()
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        rng = Random(f"{seed}-{tally.rounds}")
        files = [
            make_file(rng, rng.choice([*GOOD, "jsonl"]), f"r{tally.rounds}f{number}")
            for number in range(_FILES_A_ROUND)
        ]
        if tally.rounds % _LARGE_EVERY == _LARGE_EVERY - 1:
            files.append(make_file(rng, rng.choice(list(GOOD)), "large", large=True))
        tally.rounds += 1
        for file, what in _wrong(folder, files):
            kind = re.sub(r"\d+", "0", f"{file.form}: {what}")[:90]
            if kind not in tally.findings:
                account = _account(folder, file, what, f"seed {seed}, round {tally.rounds - 1}")
                tally.findings[kind] = account
                say(account)
        tally.files += len(files)
        tally.lines += sum((file.content or b"").count(b"\n") for file in files)
    return tally


def _wrong(folder: Path, files: list[FuzzFile]) -> list[tuple[FuzzFile, str]]:
    """Return each file that is wrong with what is; a load that fails is looked into by file."""
    outcomes = load_files(folder, files)
    if len(outcomes) == 1 and isinstance(outcomes[0], str):
        if len(files) == 1:
            return [(files[0], outcomes[0])]
        return [found for file in files for found in _wrong(folder, [file])]
    pairs = zip(files, outcomes, strict=True)
    return [
        (file, what)
        for file, outcome in pairs
        if not isinstance(outcome, str)
        for what in violations(file, outcome)
    ]


def _account(folder: Path, file: FuzzFile, what: str, where: str) -> str:
    kind = re.sub(r"[^a-z ]+", "", what[:40])

    def is_wrong(candidate: FuzzFile) -> bool:
        found = _wrong(folder, [candidate])
        return any(re.sub(r"[^a-z ]+", "", text[:40]) == kind for _, text in found)

    small = file if len(file.raw) > 1 << 20 else smaller(file, is_wrong)
    again = next((text for _, text in _wrong(folder, [small])), "(not seen again)")
    return f"--- {where}: {file.form}: {what}\n    smallest: {again}\n    {small.raw[:3000]!r}"
