"""What the documents say is so: commands, exit statuses, links, and the help of every command.

`BLESS=1` writes the help texts of docs/cli.md anew.
"""

import ast
import os
import re
from pathlib import Path

import pytest
import typer.main

from slo_report import cli, errors
from slo_report.cli import app

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
CLI_PAGE = ROOT / "docs" / "cli.md"
PAGES = [ROOT / "README.md", ROOT / "SECURITY.md", *sorted((ROOT / "docs").rglob("*.md"))]
COMMANDS = (
    "",
    *sorted(command.callback.__name__ for command in app.registered_commands if command.callback),
)


def test_the_makefile_has_the_targets_that_the_readme_calls() -> None:
    called = set(re.findall(r"\bmake ([a-z-]+)", README.split("## Where things are")[0]))
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    assert {"report", "test"} <= called <= targets


def test_the_program_has_the_commands_and_options_that_the_readme_calls() -> None:
    lines = re.findall(r"^slo-report (.*?)(?:#.*)?$", README, re.MULTILINE)
    assert len(lines) >= 2
    for line in lines:
        words = line.split()
        command = words[0] if not words[0].startswith("-") else ""
        assert command in COMMANDS
        for option in re.findall(r"--[a-z-]+", line):
            assert option in help_of(command)


def help_of(command: str) -> str:
    """Return the help of a command, 80 characters wide."""
    group = typer.main.get_command(app)
    parent = group.context_class(
        group, info_name="slo-report", terminal_width=80, help_option_names=["-h", "--help"]
    )
    if not command:
        return group.get_help(parent) + "\n"
    found = group.commands[command]  # type: ignore[attr-defined]
    context = found.context_class(found, info_name=command, parent=parent, terminal_width=80)
    text: str = found.get_help(context)
    return text + "\n"


def with_helps(page: str) -> str:
    """Return the page with the text between each pair of markers written anew."""
    for command in COMMANDS:
        name = f"slo-report {command}".strip()
        marked = rf"(<!-- help: {name} -->\n).*?(<!-- end -->)"
        text = f"\n```text\n{help_of(command)}```\n\n".replace("\\", r"\\")
        page, count = re.subn(marked, rf"\g<1>{text}\g<2>", page, flags=re.DOTALL)
        assert count == 1, f"docs/cli.md has no markers for `{name}`"
    return page


def test_the_page_has_the_help_of_every_command() -> None:
    page = CLI_PAGE.read_text(encoding="utf-8")
    if os.environ.get("BLESS"):
        CLI_PAGE.write_text(with_helps(page), encoding="utf-8")
        return
    assert page == with_helps(page), "run BLESS=1 pytest tests/test_docs.py"


def exit_statuses() -> set[int]:
    """Return the statuses that errors.py and the modules of cli name."""
    of_errors = {
        error.exit_status for error in vars(errors).values() if hasattr(error, "exit_status")
    }
    of_cli = {
        node.value.value
        for module in Path(cli.__file__).parent.glob("*.py")
        for node in ast.parse(module.read_text(encoding="utf-8")).body
        if isinstance(node, ast.Assign)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, int)
    }
    return {0} | of_errors | of_cli


@pytest.mark.parametrize("page", [ROOT / "README.md", CLI_PAGE], ids=lambda page: page.name)
def test_every_exit_status_is_explained(page: Path) -> None:
    table = page.read_text(encoding="utf-8").split("## Exit status\n")[1].split("\n## ")[0]
    cells = re.findall(r"^\| ([\d, ]+) \|", table, re.MULTILINE)
    told = {int(number) for cell in cells for number in cell.split(",")}
    assert exit_statuses() == {0, 1, 2, 3, 4, 5, 6, 75, 130, 143}
    assert exit_statuses() <= told


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    links = [
        target
        for target in re.findall(r"\]\(([^)\s]+)\)", text)
        if not re.match(r"[a-z]+:", target)
    ]
    for target in links:
        name, _, anchor = target.partition("#")
        linked = (page.parent / name) if name else page
        assert linked.exists(), target
        if anchor and linked.suffix == ".md":
            headings = re.findall(r"^#+ (.*)$", linked.read_text(encoding="utf-8"), re.MULTILINE)
            slugs = {re.sub(r"[^\w\- ]", "", h.lower()).replace(" ", "-") for h in headings}
            assert anchor in slugs, target
