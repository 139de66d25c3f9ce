"""The whole cold job against a bare DuckDB load of the same file: `make bench`.

Both run in processes of their own, in turn, from a store that does not exist to one that does; the
job goes on to the finished report. Printed are wall time and peak memory of each run, and ratios.
"""

import argparse
import os
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.big_month import write_month

BARE_LOAD = """
import duckdb, sys
connection = duckdb.connect(sys.argv[2])
connection.execute(
    "CREATE TABLE requests AS SELECT * FROM read_json($file, format='newline_delimited', columns={"
    "time: 'TIMESTAMPTZ', request_id: 'VARCHAR', method: 'VARCHAR', route: 'VARCHAR', "
    "status: 'SMALLINT', duration_ms: 'DOUBLE', ttft_ms: 'DOUBLE', customer: 'VARCHAR', "
    "input_tokens: 'BIGINT', cached_tokens: 'BIGINT'})",
    {"file": sys.argv[1]},
)
connection.close()
"""


@dataclass(frozen=True)
class Run:
    """One finished process."""

    wall_s: float
    peak_mib: float


def main() -> None:
    """Measure and print a table."""
    options = _options()
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        folder = Path(name)
        log = write_month(folder, options.lines)
        size = log.stat().st_size
        print(f"{options.lines:,} lines, {size / 1e9:.2f} GB, {os.cpu_count()} processors")
        print(f"{'':12}{'wall s':>10}{'peak MiB':>10}")
        bare, job = [], []
        for _ in range(options.runs):
            bare.append(_bare(folder, log))
            _print("bare load", bare[-1])
            job.append(_job(folder))
            _print("slo-report", job[-1])
        again = _again(folder)
        _print("second run", again)
        _ratios(bare, job, again)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=5_000_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--folder", type=Path, default=None, help="where the month is written")
    return parser.parse_args()


def _bare(folder: Path, log: Path) -> Run:
    store = folder / "bare.duckdb"
    store.unlink(missing_ok=True)
    return _measured([sys.executable, "-c", BARE_LOAD, str(log), str(store)])


def _job(folder: Path) -> Run:
    for path in folder.glob("slo.duckdb*"):
        path.unlink()
    return _again(folder)


def _again(folder: Path) -> Run:
    command = ["--month", "2026-04", "--config", str(folder / "slo.yaml"), "--no-email", "--quiet"]
    return _measured([sys.executable, "-m", "slo_report", *command])


def _measured(command: list[str]) -> Run:
    os.sync()
    start = time.perf_counter()
    process = os.posix_spawn(command[0], command, os.environ)
    _, status, usage = os.wait4(process, 0)
    wall_s = time.perf_counter() - start
    if status:
        raise SystemExit(f"{command[:3]} ended with {os.waitstatus_to_exitcode(status)}")
    return Run(wall_s, usage.ru_maxrss / 1024)


def _print(name: str, run: Run) -> None:
    print(f"{name:12}{run.wall_s:>10.2f}{run.peak_mib:>10.0f}", flush=True)


def _ratios(bare: list[Run], job: list[Run], again: Run) -> None:
    ratios = [mine.wall_s / theirs.wall_s for mine, theirs in zip(job, bare, strict=True)]
    base = statistics.median(run.wall_s for run in bare)
    print(f"whole cold job: {statistics.median(ratios):.2f} x the bare load (median of {len(job)})")
    print(f"second run:     {again.wall_s / base:.2f} x the bare load")
    print(f"peak memory:    {max(run.peak_mib for run in job):.0f} MiB")


if __name__ == "__main__":
    main()
