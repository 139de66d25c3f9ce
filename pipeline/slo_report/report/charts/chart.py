"""What a chart is: a picture, the sentence that replaces it, and its figures as a table."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Chart:
    """A drawn chart; `section` says which part of the report it stands in."""

    name: str
    """The file's name without its suffix: burn-down."""
    title: str
    alt: str
    """Says what the picture shows, with its number."""
    svg: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    section: str
    more: int = 0
    """Rows of the table that are in report.json only."""
