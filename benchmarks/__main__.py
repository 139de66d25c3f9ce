"""`python -m benchmarks`: measure, and print the figures as Markdown."""

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from benchmarks import shapes
from benchmarks.big_month import Form
from benchmarks.compare import absent_peers, compare
from benchmarks.machine import conditions
from benchmarks.profile import profile
from benchmarks.readme import README, section_text, with_section
from benchmarks.runs import say
from benchmarks.sizes import FULL, TRY, Sizes
from benchmarks.tables import Section

_MEASUREMENTS: dict[str, Callable[[Sizes], Sequence[Section]]] = {
    "compare": compare,
    "growth": lambda sizes: [shapes.growth(sizes)],
    "daily": lambda sizes: [shapes.daily(sizes)],
    "files": lambda sizes: [shapes.files(sizes)],
    "customers": lambda sizes: [shapes.customers(sizes)],
    "profile": profile,
}


def main(arguments: list[str] | None = None) -> None:
    """Measure what is asked for; each figure is printed as soon as it is there."""
    asked = _parser().parse_args(arguments)
    chosen = list(_MEASUREMENTS) if "all" in asked.what else asked.what
    if absent := absent_peers():
        say(f"skipped, not installed (`make bench-peers`): {', '.join(absent)}")
    for name in chosen:
        around = conditions()
        for section in _MEASUREMENTS[name](_sizes(asked)):
            text = section_text(section, around)
            sys.stdout.write(text + "\n")
            sys.stdout.flush()
            if asked.write:
                readme = README.read_text(encoding="utf-8")
                README.write_text(with_section(readme, section.name, text), encoding="utf-8")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("what", nargs="+", choices=[*_MEASUREMENTS, "all"])
    parser.add_argument("--full", action="store_true", help="as large as the published figures")
    parser.add_argument("--lines", type=int, help="requests of each month that is measured")
    parser.add_argument("--files", type=int, help="files, of the month of many")
    parser.add_argument("--customers", type=int, help="customers, of the month of many")
    parser.add_argument("--runs", type=int, help="rounds; figures are medians")
    parser.add_argument("--formats", nargs="+", type=Form, choices=list(Form), default=list(Form))
    parser.add_argument("--folder", type=Path, help="where months are written")
    parser.add_argument("--write", action="store_true", help="write the figures into README.md")
    return parser


def _sizes(asked: argparse.Namespace) -> Sizes:
    if asked.folder is not None:
        asked.folder.mkdir(parents=True, exist_ok=True)
    sizes = replace(FULL if asked.full else TRY, forms=tuple(asked.formats), folder=asked.folder)
    if asked.lines:
        lines = asked.lines
        sizes = replace(
            sizes, compare_lines=lines, growth_lines=lines, daily_lines=lines, customer_lines=lines
        )
    return replace(
        sizes,
        files=asked.files or sizes.files,
        customers=asked.customers or sizes.customers,
        runs=asked.runs or sizes.runs,
    )


if __name__ == "__main__":
    main()
