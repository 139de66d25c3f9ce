"""Measurements as Markdown."""

from collections.abc import Sequence
from typing import NamedTuple

from benchmarks.runs import Run


class Row(NamedTuple):
    """One line of a table."""

    name: str
    run: Run
    ratio: float | None = None
    """Of wall times, to what the table compares with."""


class Section(NamedTuple):
    """One measurement, finished: `name` finds its place in README.md."""

    name: str
    title: str
    text: str
    """Markdown."""


def table(rows: Sequence[Row], ratio: str) -> str:
    """Return a table; `ratio` heads the ratios."""
    lines = [
        f"| | wall s | CPU s | peak MiB | {ratio} |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    for row in rows:
        run = row.run
        shown = "" if row.ratio is None else f"{row.ratio:.2f}"
        lines.append(
            f"| {row.name} | {run.wall_s:.2f} | {run.cpu_s:.2f} | {run.peak_mib:.0f} | {shown} |"
        )
    return "\n".join(lines) + "\n"
