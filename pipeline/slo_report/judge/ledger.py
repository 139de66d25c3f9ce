"""The ledger of a month: every physical line of its files, told by what became of it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import polars as pl

from slo_report.months import Month
from slo_report.rollup.engine import Engine
from slo_report.rollup.measures import timestamp
from slo_report.slo_yaml.log_definition import Log
from slo_report.wording import counted, reasons_told


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
    """Why lines could not be used: how many, by reason."""
    refused: tuple[tuple[str, str], ...]
    skipped: tuple[str, ...]
    first_lines: dict[str, str] = field(default_factory=dict)
    """By reason, the file and line where it is met first; files by name."""
    digests: frozenset[str] = frozenset()
    """Of all files that are loaded, whatever month their requests are of."""
    elsewhere: tuple[datetime, datetime] | None = None
    """When the first and the last request came of the files that have none in the month."""

    def total(self, count: str) -> int:
        """Return the sum of one count over the files."""
        return sum(getattr(file, count) for file in self.files)

    @property
    def unusable(self) -> str:
        """Why most of the unusable lines could not be used, in words; "" where all could."""
        return reasons_told(
            [(why, lines, self.first_lines.get(why)) for why, lines in self.reasons.items()]
        )


def ledger(engine: Engine, month: Month) -> LedgerFigures:
    """Return the ledger: files with a request in the month, and those without any usable line."""
    bounds = {"from_ts": timestamp(month.from_us), "to_ts": timestamp(month.to_us)}
    # A file's own record tells its usable lines, also where retention has dropped the rows.
    by_file = engine.run("ledger", None, bounds).drop("usable")
    reasons = engine.run("quarantine_reasons", None, {})
    known = engine.files()
    read = known.filter(pl.col("state") == "loaded").join(by_file, on="file_id", how="left")
    read = read.with_columns(pl.col("usable", "duplicates", "in_month", "loaded").fill_null(0))
    here = (pl.col("in_month") > 0) | (pl.col("usable") == 0)
    others = read.filter(~here)
    read = read.filter(here)
    bad = reasons.join(read.select("file_id", "name"), on="file_id")
    quarantined = dict(bad.group_by("file_id").agg(pl.col("lines").sum()).iter_rows())
    files = [_file(row, quarantined.get(row["file_id"], 0)) for row in read.iter_rows(named=True)]
    totals: Counter[str] = Counter()
    for reason, lines in bad.select("reason", "lines").iter_rows():
        totals[reason] += lines
    refused = known.filter(pl.col("state") == "refused").select("name", "reason").rows()
    skipped = known.filter(pl.col("state") == "skipped")["name"].to_list()
    return LedgerFigures(
        tuple(files),
        dict(sorted(totals.items())),
        tuple(sorted(refused)),
        tuple(sorted(skipped)),
        _first_lines(bad),
        frozenset(known.filter(pl.col("state") == "loaded")["sha256"]),
        _first_and_last(others),
    )


def nothing_usable(lines: LedgerFigures, logs: Sequence[Log], month: Month) -> str:
    """Say that a month has no usable line, where it was looked for, and what was found instead."""
    patterns = ", ".join(name for log in logs for name in (*log.paths, log.table) if name)
    said = f"no usable line in {month.text} (looked in {patterns}); no report is made"
    if lines.unusable:
        bad = counted(lines.total("quarantined"), "line")
        said += f"\n  {bad} could not be used: {lines.unusable}"
    if lines.elsewhere is not None:
        first, last = (at.replace(tzinfo=UTC).isoformat()[:19] + "Z" for at in lines.elsewhere)
        said += f"\n  the requests of these logs came from {first} to {last}"
    return said + "".join(f"\n  refused {name}: {reason}" for name, reason in lines.refused)


def _first_lines(bad: pl.DataFrame) -> dict[str, str]:
    numbered = bad.filter(pl.col("first_line").is_not_null()).sort("name", "first_line")
    first = numbered.unique("reason", keep="first", maintain_order=True)
    return {
        reason: f"{name}:{line}"
        for reason, name, line in first.select("reason", "name", "first_line").iter_rows()
    }


def _first_and_last(files: pl.DataFrame) -> tuple[datetime, datetime] | None:
    first, last = files["first_ts"].min(), files["last_ts"].max()
    if not isinstance(first, datetime) or not isinstance(last, datetime):
        return None
    return first, last


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
