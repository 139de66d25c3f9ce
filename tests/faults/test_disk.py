"""A disk that is full or broken: a sentence, status 6, and the next run is whole."""

import os
import resource
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.month import Place

pytestmark = pytest.mark.soak
_STRACE = shutil.which("strace")
_FAULTS = int(os.environ.get("FAULTS", "6"))


@pytest.fixture(scope="module")
def wanted(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    place = Place(tmp_path_factory.mktemp("whole") / "month").make()
    assert place.run() == (0, "")
    return place.report_json()


def says_so(status: int, said: str) -> bool:
    """Tell a run that failed for the disk's sake, in a sentence, from any other end."""
    return status == 6 and "Traceback" not in said and said.startswith("slo-report: ")


@pytest.mark.parametrize("limit_kb", [16, 128, 300, 600, 1200, 2500])
def test_a_file_that_may_not_grow(tmp_path: Path, wanted: bytes, limit_kb: int) -> None:
    place = Place(tmp_path / "month").make()

    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit_kb << 10, limit_kb << 10))

    status, said = place.run(preexec=limit)
    assert (status, said) == (0, "") or says_so(status, said), (status, said)
    assert place.run() == (0, "")
    assert place.report_json() == wanted


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "disk"
    folder.mkdir()
    if (
        os.getuid()
        or subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=16m", "none", folder],
            check=False,
            capture_output=True,
        ).returncode
    ):
        pytest.skip("only root can make a small disk")
    yield folder
    subprocess.run(["umount", folder], check=True)


@pytest.mark.parametrize("free_kb", [0, 64, 400, 1000, 2500])
def test_a_full_disk(small_disk: Path, wanted: bytes, free_kb: int) -> None:
    place = Place(small_disk / "month").make()
    filling = small_disk / "filling"
    free = shutil.disk_usage(small_disk).free
    filling.write_bytes(b"\0" * (free - (free_kb << 10)))
    status, said = place.run()
    assert (status, said) == (0, "") or says_so(status, said), (status, said)
    filling.unlink()
    assert place.run() == (0, "")
    assert place.report_json() == wanted


@pytest.mark.skipif(_STRACE is None, reason="strace is not there")
@pytest.mark.parametrize(
    ("calls", "error"),
    [("fdatasync,fsync", "EIO"), ("pwrite64", "ENOSPC"), ("pwrite64", "EIO"), ("rename", "EIO")],
)
def test_a_call_that_fails(tmp_path: Path, wanted: bytes, calls: str, error: str) -> None:
    """FAULTS=40 for the full run: the n-th call and all after it fail."""
    place = Place(tmp_path / "month").make(300)
    assert place.run() == (0, "")
    small = place.report_json()
    for nth in range(1, _FAULTS + 1):
        place.forget()
        shutil.rmtree(place.reports)
        status, said = place.run(
            str(_STRACE), "-f", "-qq", "-o", "/dev/null", "-e", f"trace={calls}",
            "-e", f"inject={calls}:error={error}:when={nth}+",
        )  # fmt: skip
        assert (status, said) == (0, "") or says_so(status, said), (nth, status, said)
        assert place.run() == (0, ""), f"after call {nth}"
        assert place.report_json() == small, f"after call {nth}"
    assert wanted
