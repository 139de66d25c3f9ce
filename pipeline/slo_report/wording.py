"""Words that agree with a number: every sentence with a count in it is made with these."""

from collections.abc import Sequence


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


def listed(parts: Sequence[str]) -> str:
    """Return `a`, `a and b`, `a, b and c`."""
    *first, last = parts
    return f"{', '.join(first)} and {last}" if first else last
