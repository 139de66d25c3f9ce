"""python -m tests.fuzz SECONDS [SEED]: fuzz, and print each finding with its smallest case."""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from .session import fuzz

if __name__ == "__main__":
    with TemporaryDirectory() as folder:
        seconds, seed = float(sys.argv[1]), int((*sys.argv, "1")[2])
        tally = fuzz(Path(folder), seconds, seed, print)
    print(f"{tally.files:,} files, {tally.lines:,} lines, {len(tally.findings)} kinds of findings")
    sys.exit(bool(tally.findings))
