"""The samples' reports, made once for all tests that read them."""

import fcntl
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import settings

# A benchmark measures, a test decides: no example fails for being slow.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

ROOT = Path(__file__).parents[1]
SAMPLES = ROOT / "data_samples"


def run_program(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run slo-report as cron would: in a process of its own, without a terminal."""
    return subprocess.run(
        [sys.executable, "-m", "slo_report", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **environment},
    )


@pytest.fixture(scope="session")
def sample_reports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The reports of both samples: <folder>/<sample>/<month>/report.json, April and before."""
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent  # one worker makes them for all
    folder = shared / "samples"
    first = {"september": "2026-01", "codex": "2026-03"}
    with (shared / "samples.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "made").exists():
            with ThreadPoolExecutor() as beside:
                runs = beside.map(lambda name: make_reports(folder, name, first[name]), first)
                assert {(run.returncode, run.stdout, run.stderr) for run in runs} == {(0, "", "")}
            (folder / "made").touch()
    return folder


def make_reports(folder: Path, sample: str, since: str) -> subprocess.CompletedProcess[str]:
    """Make a sample's reports up to April and return what the run ended with."""
    # A store of its own: the tests leave nothing beside the samples.
    shutil.copytree(
        SAMPLES / sample, folder / "in" / sample, ignore=shutil.ignore_patterns("*.duckdb*")
    )
    return run_program(
        "--month", "2026-04", "--since", since, "--config", folder / "in" / sample / "slo.yaml",
        "--out", folder / sample, "--no-email", "--quiet",
    )  # fmt: skip
