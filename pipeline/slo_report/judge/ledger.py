"""The ledger of a month: every physical line of its files, told by what became of it."""

from collections import Counter
from dataclasses import dataclass

import polars as pl

from slo_report.months import Month
from slo_report.rollup.engine import Engine
from slo_report.rollup.measures import timestamp


@dataclass(frozen=True)
class LedgerFile:
    """One file of the month."""

    name: str
    sha256: str
    lines: int
    loaded: int
    quarantined: int
    duplicates: int
    outside_period: int
    blank: int


@dataclass(frozen=True)
class LedgerFigures:
    """The files that count for a month; the five counts of each add up to its lines."""

    files: tuple[LedgerFile, ...]
    reasons: dict[str, int]
    refused: tuple[tuple[str, str], ...]
    skipped: tuple[str, ...]

    def total(self, count: str) -> int:
        """Return the sum of one count over the files."""
        return sum(getattr(file, count) for file in self.files)


def ledger(engine: Engine, month: Month) -> LedgerFigures:
    """Return the ledger: files with a request in the month, and those without any usable line."""
    bounds = {"from_ts": timestamp(month.from_us), "to_ts": timestamp(month.to_us)}
    # A file's own record tells its usable lines, also where retention has dropped the rows.
    by_file = engine.run("ledger", None, bounds).drop("usable")
    reasons = engine.run("quarantine_reasons", None, {})
    known = engine.files()
    counted = known.filter(pl.col("state") == "loaded").join(by_file, on="file_id", how="left")
    counted = counted.with_columns(
        pl.col("usable", "duplicates", "in_month", "loaded").fill_null(0)
    )
    counted = counted.filter((pl.col("in_month") > 0) | (pl.col("usable") == 0))
    bad = reasons.join(counted.select("file_id"), on="file_id")
    quarantined = dict(bad.group_by("file_id").agg(pl.col("lines").sum()).iter_rows())
    files = [
        _file(row, quarantined.get(row["file_id"], 0)) for row in counted.iter_rows(named=True)
    ]
    totals: Counter[str] = Counter()
    for reason, lines in bad.select("reason", "lines").iter_rows():
        totals[reason] += lines
    refused = known.filter(pl.col("state") == "refused").select("name", "reason").rows()
    skipped = known.filter(pl.col("state") == "skipped")["name"].to_list()
    return LedgerFigures(
        tuple(files), dict(sorted(totals.items())), tuple(sorted(refused)), tuple(sorted(skipped))
    )


def _file(row: dict[str, int], quarantined: int) -> LedgerFile:
    return LedgerFile(
        name=str(row["name"]),
        sha256=str(row["sha256"]),
        lines=row["lines"],
        loaded=row["loaded"],
        quarantined=quarantined,
        duplicates=row["duplicates"],
        outside_period=row["usable"] - row["duplicates"] - row["loaded"],
        blank=row["blank"],
    )
