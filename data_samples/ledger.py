"""Reads a sample's logs the slow, plain way, and tells how every line ended.

It shares nothing with the package, so that the totals in the README are a second opinion.
"""

from __future__ import annotations

import gzip
import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from statistics import median
from typing import Any

Event = dict[str, Any]  # the declared columns that the line has, and `ts`
Parser = Callable[
    [Event], Event
]  # a JSON object becomes an event, or is refused with `UnusableLineError`

HOUR = timedelta(hours=1)
DUE_FOR_GAP = 20  # an empty hour is a gap only where so many requests were to be expected


class UnusableLineError(Exception):
    """A line that is quarantined; the message is the reason."""


@dataclass
class LogFile:
    """One file: its usable events in their order, and how its other lines ended."""

    name: str
    lines: int
    blank: int
    events: list[Event]
    reasons: Counter[str]
    duplicates: list[Event] = field(default_factory=list)


def read(folder: Path, parsers: Mapping[str, Parser]) -> list[LogFile]:
    """Read every file of the sample, by name, and set the duplicates apart."""
    files = [
        read_file(path, parser)
        for pattern, parser in parsers.items()
        for path in sorted(folder.glob(pattern))
    ]
    set_duplicates_apart(files)
    return files


def read_file(path: Path, parser: Parser) -> LogFile:
    """Read one file line by line."""
    lines = gzip.decompress(path.read_bytes()).decode().removesuffix("\n").split("\n")
    found = LogFile(path.name, len(lines), lines.count(""), [], Counter())
    for text in filter(None, lines):
        try:
            found.events.append(parser(json.loads(text, parse_float=Decimal)))
        except json.JSONDecodeError:
            found.reasons["json"] += 1
        except UnusableLineError as reason:
            found.reasons[str(reason)] += 1
    return found


def set_duplicates_apart(files: list[LogFile]) -> None:
    """Keep the earliest event of each request_id; the same time is decided by file and line."""
    seen: set[str] = set()
    duplicates: set[int] = set()
    for event in sorted((e for f in files for e in f.events), key=lambda event: event["ts"]):
        identity = event.get("request_id")
        if identity in seen:
            duplicates.add(id(event))
        elif identity is not None:
            seen.add(identity)
    for file in files:
        file.duplicates = [event for event in file.events if id(event) in duplicates]
        file.events = [event for event in file.events if id(event) not in duplicates]


def month_bounds(month: str) -> tuple[datetime, datetime]:
    """Give the first instant of a month and that of the next one, in UTC."""
    first = datetime.fromisoformat(f"{month}-01").replace(tzinfo=UTC)
    return first, (first + timedelta(days=31)).replace(day=1)


def in_month(events: list[Event], month: str) -> list[Event]:
    """Give the events of a month."""
    first, after = month_bounds(month)
    return [event for event in events if first <= event["ts"] < after]


def month_ledger(files: list[LogFile], month: str) -> dict[str, int]:
    """Count how the lines ended, over the files with a request in the month."""
    ledger: Counter[str] = Counter()
    for file in files:
        if not in_month(file.events + file.duplicates, month):
            continue
        loaded = len(in_month(file.events, month))
        ledger.update(
            files=1,
            lines=file.lines,
            loaded=loaded,
            quarantined=file.reasons.total(),
            duplicates=len(file.duplicates),
            outside_period=len(file.events) - loaded,
            blank=file.blank,
        )
        ledger.update(file.reasons)
    ends = ("loaded", "quarantined", "duplicates", "outside_period", "blank")
    assert ledger["lines"] == sum(ledger[end] for end in ends)
    return dict(ledger)


def coverage(events: list[Event], month: str) -> tuple[int, int, list[datetime]]:
    """Give the month's hours, those with a request, and those that look like missing data."""
    first, after = month_bounds(month)
    hours = (after - first) // HOUR
    counts = Counter((event["ts"] - first) // HOUR for event in in_month(events, month))
    week = 7 * 24
    gaps = [
        first + hour * HOUR
        for hour in range(hours)
        if not counts[hour]
        and median(counts[h] for h in range(hour % week, hours, week) if h != hour) >= DUE_FOR_GAP
    ]
    return hours, len(counts), gaps
