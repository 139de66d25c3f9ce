"""slo-report beside a bare load of the same file and beside other programs, in turn."""

import importlib.util
import shutil
import statistics
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from benchmarks.big_month import Form, log_path
from benchmarks.runs import (
    Run,
    bare_load,
    cold_job,
    generate,
    measured,
    median,
    monthly_job,
    peer,
    say,
)
from benchmarks.sizes import Sizes
from benchmarks.tables import Row, Section, table

_PEERS_PYTHON = Path(".venv-bench/bin/python")
"""Made by `make bench-peers`."""
_BARE = "bare DuckDB load"
_LOG_FORMAT = '%h %^ %e [%d:%t %^] "%r" %s %b "%R" "%u" %T'


class Contestant(NamedTuple):
    """A program that takes part for one format."""

    name: str
    run: Callable[[], Run]


def compare(sizes: Sizes) -> list[Section]:
    """Measure every program on the same file of each format."""
    return [_compare_form(sizes, form) for form in sizes.forms]


def absent_peers() -> list[str]:
    """Return what is not installed, and so takes no part."""
    pythons = {name: _python_with(name) for name in ("pandas", "chdb")}
    absent = [name for name, python in pythons.items() if python is None]
    return absent if shutil.which("goaccess") else [*absent, "GoAccess"]


def peer_command(name: str, form: Form, log: Path) -> list[str] | None:
    """Return what reports on the log with polars, pandas or chdb; None if that is not there."""
    python = _python_with(name)
    return None if python is None else [python, peer(f"{name}_report"), form, str(log)]


def _compare_form(sizes: Sizes, form: Form) -> Section:
    with TemporaryDirectory(dir=sizes.folder) as name:
        folder = Path(name)
        generate(folder, form, sizes.compare_lines)
        log = log_path(folder, form)
        size = log.stat().st_size
        contestants = _contestants(folder, form, log)
        rounds = [_round(contestants) for _ in range(sizes.runs)]
    text = table(_rows(rounds), "ratio to the bare load")
    title = (
        f"{sizes.compare_lines:,} requests as {form}, {size / 1e6:,.0f} MB, "
        f"median of {sizes.runs}"
    )  # fmt: skip
    return Section(f"compare-{form}", title, text)


def _round(contestants: Sequence[Contestant]) -> dict[str, Run]:
    done: dict[str, Run] = {}
    for contestant in contestants:
        done[contestant.name] = contestant.run()
        say(f"{contestant.name}: {done[contestant.name].wall_s:.2f} s")
    return done


def _rows(rounds: Sequence[dict[str, Run]]) -> list[Row]:
    """Return a row for each program; ratios are of runs of the same round."""
    return [
        Row(
            name,
            median([done[name] for done in rounds]),
            statistics.median(done[name].wall_s / done[_BARE].wall_s for done in rounds),
        )
        for name in rounds[0]
    ]


def _contestants(folder: Path, form: Form, log: Path) -> list[Contestant]:
    found = [
        Contestant(_BARE, lambda: bare_load(folder, form)),
        Contestant("slo-report, cold, to the finished report", lambda: cold_job(folder)),
        Contestant("slo-report again, nothing new", lambda: monthly_job(folder)),
    ]
    for title, name in (("Polars", "polars"), ("pandas", "pandas"), ("chdb", "chdb")):
        command = peer_command(name, form, log)
        if command:
            found.append(_contestant(f"{title} script, 2 figures an endpoint", command))
    goaccess = shutil.which("goaccess")
    if goaccess and form is Form.ACCESS:
        found.append(_contestant("GoAccess", _goaccess(goaccess, log)))
    return found


def _contestant(name: str, command: list[str]) -> Contestant:
    return Contestant(name, lambda: measured(command))


def _goaccess(program: str, log: Path) -> list[str]:
    formats = [f"--log-format={_LOG_FORMAT}", "--date-format=%d/%b/%Y", "--time-format=%T"]
    quiet = ["--no-global-config", "--no-progress", "-o", str(log.with_name("goaccess.json"))]
    return [program, str(log), *formats, *quiet]


def _python_with(module: str) -> str | None:
    if importlib.util.find_spec(module):
        return sys.executable
    found = _PEERS_PYTHON.parent.parent.glob(f"lib/python*/site-packages/{module}")
    return str(_PEERS_PYTHON) if any(found) else None
