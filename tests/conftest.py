"""The samples' reports, made once for all tests that read them."""

import os
import shutil
import subprocess
import sys
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
    folder = tmp_path_factory.mktemp("samples")
    for sample, months in {
        "september": ("2026-01", "2026-02", "2026-03", "2026-04"),
        "codex": ("2026-03", "2026-04"),
    }.items():
        # A store of its own: the tests leave nothing beside the samples.
        shutil.copytree(
            SAMPLES / sample, folder / "in" / sample, ignore=shutil.ignore_patterns("*.duckdb*")
        )
        for month in months:
            done = run_program(
                "--month", month, "--config", folder / "in" / sample / "slo.yaml",
                "--out", folder / sample, "--no-email", "--quiet",
            )  # fmt: skip
            assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    return folder
