"""Imports run one way, in the order of the flow."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "pipeline" / "slo_report"

ORDER = (
    "errors",
    "arrow",
    "lock",
    "months",
    "quoting",
    "wording",
    "slo_yaml",
    "store_faults",
    "store_settings",
    "store",
    "load",
    "use_store",
    "rollup",
    "engines",
    "load_new",
    "judge",
    "replay",
    "retention",
    "use_engine",
    "report",
    "compose",
    "published_reports",
    "customer_reports",
    "deliver",
    "editions",
    "remembered",
    "mail",
    "run",
    "rebuild",
    "gate",
    "check",
    "init",
    "cli",
    "__main__",
)
"""A layer may import those before it, and its own modules."""

MODULES = sorted(path.relative_to(PACKAGE) for path in PACKAGE.rglob("*.py"))


def layer_of(module: Path) -> str:
    return module.parts[0].removesuffix(".py")


@pytest.mark.parametrize("module", MODULES, ids=str)
def test_module_imports_only_what_comes_before_it(module: Path) -> None:
    layer = layer_of(module)
    if layer == "__init__":
        return
    allowed = {*ORDER[: ORDER.index(layer) + 1]}
    tree = ast.parse((PACKAGE / module).read_text(encoding="utf-8"))
    names = {n.module for n in ast.walk(tree) if isinstance(n, ast.ImportFrom) and n.module}
    used = {name.split(".")[1] for name in names if name.startswith("slo_report.")}
    assert used <= allowed


def test_what_composes_a_report_reads_no_files() -> None:
    for module in sorted((PACKAGE / "compose").glob("*.py")):
        tree = ast.parse(module.read_text(encoding="utf-8"))
        names = {n.module for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)}
        assert "pathlib" not in names, module.name


def test_every_module_has_a_place_in_the_order() -> None:
    assert {layer_of(module) for module in MODULES} - {"__init__"} <= set(ORDER)
