"""Processes of their own, and what each of them took."""

import os
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree

from benchmarks.big_month import MONTH, Form


@dataclass(frozen=True)
class Run:
    """One finished process, or the sum of several."""

    wall_s: float
    cpu_s: float
    """User and system time of all its threads."""
    peak_mib: float

    def __add__(self, other: "Run") -> "Run":
        """One after the other."""
        return Run(
            self.wall_s + other.wall_s,
            self.cpu_s + other.cpu_s,
            max(self.peak_mib, other.peak_mib),
        )


def measured(command: list[str], output: Path | None = None) -> Run:
    """Run a command to its end; what it prints goes to `output`. Exits if it fails."""
    os.sync()
    files = [
        (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
        (
            os.POSIX_SPAWN_OPEN,
            1,
            output or os.devnull,
            os.O_WRONLY | os.O_CREAT | os.O_TRUNC,
            0o644,
        ),
    ]
    start = time.perf_counter()
    process = os.posix_spawn(command[0], command, os.environ, file_actions=files)
    _, status, usage = os.wait4(process, 0)
    wall_s = time.perf_counter() - start
    if status:
        raise SystemExit(f"{' '.join(command)} ended with {os.waitstatus_to_exitcode(status)}")
    return Run(wall_s, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def median(runs: Sequence[Run]) -> Run:
    """Return the median of each figure."""
    return Run(
        statistics.median(run.wall_s for run in runs),
        statistics.median(run.cpu_s for run in runs),
        statistics.median(run.peak_mib for run in runs),
    )


def generate(folder: Path, form: Form, lines: int, *, customers: int = 200, files: int = 1) -> None:
    """Write a month, in a process of its own."""
    say(f"writing {lines:,} requests as {form}")
    options = ["--form", form, "--lines", lines, "--customers", customers, "--files", files]
    command = [sys.executable, "-m", "benchmarks.big_month", folder, *options]
    measured([str(word) for word in command])


def bare_load(folder: Path, form: Form) -> Run:
    """Load the folder's logs into a new DuckDB table of typed columns, and nothing more."""
    store = folder / "bare.duckdb"
    store.unlink(missing_ok=True)
    logs = str(folder / f"requests-*.{form.ending}")
    run = measured([sys.executable, peer("bare_load"), form, logs, str(store)])
    store.unlink()
    return run


def cold_job(folder: Path) -> Run:
    """Run the whole job where there is neither a store nor a report."""
    forget(folder)
    return monthly_job(folder)


def monthly_job(folder: Path) -> Run:
    """Run the whole job on what is there."""
    return measured([*_slo_report(folder), "--month", MONTH, "--no-email"])


def daily_load(folder: Path) -> Run:
    """Run `slo-report load`."""
    command = _slo_report(folder)
    return measured([*command[:3], "load", *command[3:]])


def forget(folder: Path) -> None:
    """Remove store and reports."""
    for path in folder.glob("slo.duckdb*"):
        rmtree(path) if path.is_dir() else path.unlink()
    rmtree(folder / "reports", ignore_errors=True)


def peer(name: str) -> str:
    """Return the path of a script in peers/."""
    return str(Path(__file__).parent / "peers" / f"{name}.py")


def say(text: str) -> None:
    """Tell whoever waits."""
    sys.stderr.write(f"{text}\n")


def _slo_report(folder: Path) -> list[str]:
    config = str(folder / "slo.yaml")
    return [sys.executable, "-m", "slo_report", "--config", config, "--quiet"]
