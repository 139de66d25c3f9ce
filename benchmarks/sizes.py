"""How large a measurement is: by default one to try, or as large as the figures that we publish."""

from dataclasses import dataclass
from pathlib import Path

from benchmarks.big_month import Form


@dataclass(frozen=True)
class Sizes:
    """What to measure, how large, how often."""

    compare_lines: int
    growth_lines: int
    """Of the larger of two months; the smaller has a million."""
    daily_lines: int
    files: int
    customer_lines: int
    customers: int
    runs: int
    forms: tuple[Form, ...] = tuple(Form)
    folder: Path | None = None
    """Where months are written; else the system's folder for temporary files."""


TRY = Sizes(
    compare_lines=1_000_000,
    growth_lines=4_000_000,
    daily_lines=600_000,
    files=1_000,
    customer_lines=500_000,
    customers=20_000,
    runs=1,
)
FULL = Sizes(
    compare_lines=10_000_000,
    growth_lines=64_000_000,
    daily_lines=6_000_000,
    files=10_000,
    customer_lines=10_000_000,
    customers=100_000,
    runs=3,
)
