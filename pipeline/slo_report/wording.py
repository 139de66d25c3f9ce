"""Words that agree with a number: every sentence with a count in it is made with these."""

from collections.abc import Sequence

MOST_REASONS = 3
"""Reasons for unusable lines that are told."""


def format_count(value: int) -> str:
    """Return an integer with thousands set apart: 12,345."""
    return f"{value:,}"


def plural(count: int, one: str, many: str = "") -> str:
    """Return the word that a count asks for: request or requests, was or were."""
    return one if count == 1 else many or f"{one}s"


def counted(count: int, one: str, many: str = "") -> str:
    """Return `1 request`, `0 requests`, `1,204 requests`."""
    return f"{format_count(count)} {plural(count, one, many)}"


def out_of(count: int, total: int, one: str, many: str = "") -> str:
    """Return `3 of 1,999 requests`, `1 of 1 request`; the verb behind it goes by `count`."""
    return f"{format_count(count)} of {counted(total, one, many)}"


def reasons_told(reasons: Sequence[tuple[str, int, str | None]]) -> str:
    """Return why most lines could not be used: `json, 3 lines, first a.log:7; format, 1 line`.

    Each is a reason, how many lines it is that of, and where the first of them stands.
    """
    most = sorted(reasons, key=lambda each: (-each[1], each[0]))[:MOST_REASONS]
    return "; ".join(
        f"{reason}, {counted(lines, 'line')}" + (f", first {first}" if first else "")
        for reason, lines, first in most
    )


def listed(parts: Sequence[str]) -> str:
    """Return `a`, `a and b`, `a, b and c`."""
    *first, last = parts
    return f"{', '.join(first)} and {last}" if first else last
