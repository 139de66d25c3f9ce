"""What is in the repository's folders is what a wheel and an editable install have."""

import shutil
import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import version
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def test_every_package_is_listed_so_that_the_wheel_has_it() -> None:
    source = ROOT / "pipeline"
    found = {
        ".".join(path.parent.relative_to(source).parts) for path in source.rglob("__init__.py")
    }
    mapped = {"slo_report.queries", "slo_report.report_templates"}
    assert set(PROJECT["tool"]["setuptools"]["packages"]) == found | mapped


def test_every_data_file_has_a_listed_ending() -> None:
    data = PROJECT["tool"]["setuptools"]["package-data"]
    for folder in ("queries", "report_templates"):
        endings = {ending.removeprefix("*") for ending in data[f"slo_report.{folder}"]}
        files = [path for path in (ROOT / folder).rglob("*") if path.is_file()]
        left_out = [
            path.name
            for path in files
            if path.suffix not in {*endings, ".py", ".pyc"}
            or path.parent.name not in (folder, "__pycache__")
        ]
        assert left_out == []


def test_dependencies_are_locked_with_hashes_and_without_a_registrys_name() -> None:
    for name in ("requirements.txt", "requirements-dev.txt"):
        text = (ROOT / name).read_text(encoding="utf-8")
        pinned = [line for line in text.splitlines() if "==" in line]
        assert pinned
        assert all(line.rstrip().endswith("\\") for line in pinned)
        assert "http" not in text


@pytest.mark.skipif(
    int(version("setuptools").split(".")[0]) < 77, reason="the build needs setuptools 77"
)
def test_the_wheel_has_the_three_folders_and_nothing_else(tmp_path: Path) -> None:
    source = tmp_path / "source"
    made = shutil.ignore_patterns("__pycache__", "*.egg-info", "build")
    for folder in ("pipeline", "queries", "report_templates"):
        shutil.copytree(ROOT / folder, source / folder, ignore=made)
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    # What else lies in a checkout must stay out.
    for name in ("tests/test_x.py", "data_samples/x.py", "benchmarks/x.py", "docs/x.md"):
        (source / name).parent.mkdir()
        (source / name).touch()
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps"),
            *("--no-build-isolation", "--no-index", "--wheel-dir", tmp_path, source),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    (wheel,) = tmp_path.glob("slo_report-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        packed = {name for name in archive.namelist() if ".dist-info/" not in name}
        content = b"".join(archive.read(name) for name in archive.namelist())
    expected = {
        f"{nested}{path.relative_to(source / folder).as_posix()}"
        for folder, nested in (
            ("pipeline", ""),
            ("queries", "slo_report/queries/"),
            ("report_templates", "slo_report/report_templates/"),
        )
        for path in (source / folder).rglob("*")
        if path.is_file() and not {"__pycache__"} & set(path.parts) and ".egg-info" not in str(path)
    }
    assert packed == expected
    for folder in (str(ROOT), str(tmp_path)):
        assert folder.encode() not in content
