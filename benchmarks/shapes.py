"""Months of other shapes: many rows, many days, many files, many customers."""

from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.big_month import DAYS, Form, log_path
from benchmarks.runs import (
    Run,
    bare_load,
    cold_job,
    daily_load,
    forget,
    generate,
    median,
    monthly_job,
    say,
)
from benchmarks.sizes import Sizes
from benchmarks.tables import Row, Section, table

_SMALLER_LINES = 1_000_000
_FEW_CUSTOMERS = 200
_LINES_A_FILE = 3


def growth(sizes: Sizes) -> Section:
    """Measure what a row costs in a month of a million and in a larger one, as Parquet."""
    lines = [
        "| rows | bare load, us a row | slo-report, us a row | its CPU, us a row "
        "| its peak MiB | ratio to the bare load |",
        "| ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    costs = []
    for rows in (_SMALLER_LINES, sizes.growth_lines):
        bare, job = _pair(sizes, rows)
        costs.append(job.wall_s / rows)
        lines.append(
            f"| {rows:,} | {bare.wall_s / rows * 1e6:.3f} | {job.wall_s / rows * 1e6:.3f} "
            f"| {job.cpu_s / rows * 1e6:.3f} | {job.peak_mib:.0f} "
            f"| {job.wall_s / bare.wall_s:.2f} |"
        )
    text = "\n".join(lines)
    text += (
        f"\n\nA row of the larger month costs {costs[1] / costs[0]:.2f} times one of the smaller.\n"
    )
    return Section("growth", f"Growth, median of {sizes.runs}", text)


def daily(sizes: Sizes) -> Section:
    """Measure a load each day and the report at the end, against one run over all the files."""
    with TemporaryDirectory(dir=sizes.folder) as name:
        folder = Path(name)
        generate(folder, Form.JSONL, sizes.daily_lines, files=DAYS)
        cold = cold_job(folder)
        loads, report = _day_by_day(folder)
    rows = [
        Row("one cold run over all files", cold, 1),
        Row(f"{DAYS} times `slo-report load`", loads, loads.wall_s / cold.wall_s),
        Row("the report after them", report, report.wall_s / cold.wall_s),
        Row("loads and report", loads + report, (loads + report).wall_s / cold.wall_s),
    ]
    title = f"Daily loads: {sizes.daily_lines:,} requests as {DAYS} files of jsonl, one run"
    return Section("daily", title, table(rows, "ratio to the cold run"))


def files(sizes: Sizes) -> Section:
    """Measure a month that lies in many small files."""
    with TemporaryDirectory(dir=sizes.folder) as name:
        folder = Path(name)
        generate(folder, Form.JSONL, sizes.files * _LINES_A_FILE, files=sizes.files)
        bare = bare_load(folder, Form.JSONL)
        cold, again = cold_job(folder), monthly_job(folder)
    rows = [
        Row("bare DuckDB load", bare, 1),
        Row("slo-report, cold", cold, cold.wall_s / bare.wall_s),
        Row("slo-report again, nothing new", again, again.wall_s / bare.wall_s),
    ]
    title = f"Many files: {sizes.files:,} of {_LINES_A_FILE} lines of jsonl, one run"
    return Section("files", title, table(rows, "ratio to the bare load"))


def customers(sizes: Sizes) -> Section:
    """Measure a month of many customers, against one of few with as many requests."""
    done: list[tuple[int, Run]] = []
    for number in (_FEW_CUSTOMERS, sizes.customers):
        with TemporaryDirectory(dir=sizes.folder) as name:
            folder = Path(name)
            generate(folder, Form.PARQUET, sizes.customer_lines, customers=number)
            done.append((number, cold_job(folder)))
    few = done[0][1]
    rows = [Row(f"{number:,} customers", run, run.wall_s / few.wall_s) for number, run in done]
    title = f"Many customers: {sizes.customer_lines:,} requests as parquet, cold, one run"
    return Section("customers", title, table(rows, "ratio to few customers"))


def _pair(sizes: Sizes, rows: int) -> tuple[Run, Run]:
    with TemporaryDirectory(dir=sizes.folder) as name:
        folder = Path(name)
        generate(folder, Form.PARQUET, rows)
        bare, jobs = [], []
        for _ in range(sizes.runs):
            bare.append(bare_load(folder, Form.PARQUET))
            jobs.append(cold_job(folder))
            say(f"{rows:,} rows: {bare[-1].wall_s:.2f} s bare, {jobs[-1].wall_s:.2f} s slo-report")
    return median(bare), median(jobs)


def _day_by_day(folder: Path) -> tuple[Run, Run]:
    """Let the files appear one by one, as days end, with a load after each."""
    forget(folder)
    waiting = folder / "waiting"
    waiting.mkdir()
    logs = [log_path(folder, Form.JSONL, day) for day in range(DAYS)]
    for log in logs:
        log.rename(waiting / log.name)
    loads = Run(0, 0, 0)
    for log in logs:
        (waiting / log.name).rename(log)
        loads += daily_load(folder)
    return loads, monthly_job(folder)
