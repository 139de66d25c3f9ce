"""What is in the repository's folders is what a wheel and an editable install have."""

import tomllib
from pathlib import Path

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
            if path.suffix not in {*endings, ".py", ".pyc"} or path.parent.name not in (folder, "__pycache__")
        ]
        assert left_out == []


def test_dependencies_are_locked_with_hashes_and_without_a_registrys_name() -> None:
    for name in ("requirements.txt", "requirements-dev.txt"):
        text = (ROOT / name).read_text(encoding="utf-8")
        pinned = [line for line in text.splitlines() if "==" in line]
        assert pinned
        assert all(line.rstrip().endswith("\\") for line in pinned)
        assert "http" not in text
