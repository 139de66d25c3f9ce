"""What both generators share: an office day's traffic, drawn values, files of the same bytes.

Only `random()` is asked of the generator of random numbers, and only + - * / made of it: both
give the same in every Python and on every machine; `gauss`, `choices` or `exp` don't promise it.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any, TypeVar

Key = TypeVar("Key")
Row = dict[str, Any]  # what becomes a JSON object; `at` and other helpers are left out of it

Span = tuple[datetime, datetime]  # [from, to)

# Points of a distribution function: (share of the values, value up to which that share reaches).
Quantiles = tuple[tuple[float, float], ...]

# Share of a working day's requests that falls into each hour (UTC): two peaks around lunch, a night
# of batch jobs that never quite stops.
HOUR_SHARES = (
    0.006, 0.006, 0.006, 0.005, 0.006, 0.009, 0.018, 0.038, 0.076, 0.104, 0.110, 0.098,
    0.066, 0.086, 0.106, 0.100, 0.070, 0.036, 0.018, 0.010, 0.008, 0.006, 0.006, 0.006,
)  # fmt: skip
WEEKEND_SHARE = 0.16  # of a working day's requests: colleagues on call and scheduled jobs

# Files are cut every seven days from the first, so that months begin in the middle of a file.
FILE_SPAN = timedelta(days=7)

# A log shipper that rotates its file sends the last lines again at the top of the next one.
REDELIVERED_LINES = 3


@dataclass(frozen=True)
class Line:
    """One line as it stands in the log, and the time that puts it in its place."""

    at: datetime
    text: str
    redeliverable: bool = True


def days(first: date, last: date) -> Iterator[date]:
    """Give every day from the first to the last, both included."""
    for offset in range((last - first).days + 1):
        yield first + timedelta(days=offset)


def utc(text: str) -> datetime:
    """Read a time in UTC as the stories write it: `2026-04-16 13:10`."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def within(at: datetime, span: Span) -> bool:
    """Tell whether a time lies in [from, to)."""
    return span[0] <= at < span[1]


def times_within(rng: Random, span: Span, per_hour: float) -> list[datetime]:
    """Give times spread evenly by chance over a span."""
    seconds = (span[1] - span[0]).total_seconds()
    return [
        span[0] + timedelta(milliseconds=int(rng.random() * seconds * 1000))
        for _ in range(int(per_hour * seconds / 3600))
    ]


def draw(rng: Random, quantiles: Quantiles) -> float:
    """Draw a value from a distribution given by points, straight lines between them."""
    share = rng.random()
    for (low_share, low), (high_share, high) in pairwise(quantiles):
        if share <= high_share:
            return low + (high - low) * (share - low_share) / (high_share - low_share)
    return quantiles[-1][1]


def pick(rng: Random, weights: Mapping[Key, float]) -> Key:
    """Pick a key, each as often as its weight says."""
    rest = rng.random() * sum(weights.values())
    for key, weight in weights.items():
        rest -= weight
        if rest < 0:
            return key
    return next(reversed(list(weights)))


def office_day(rng: Random, day: date, working_day_requests: float) -> list[datetime]:
    """Give the times of one day's requests, to the millisecond, in order."""
    factor = WEEKEND_SHARE if day.weekday() >= 5 else 1.0
    midnight = datetime.combine(day, time(), UTC)
    times: list[datetime] = []
    for hour, share in enumerate(HOUR_SHARES):
        busy = 0.7 + 0.6 * rng.random()
        count = int(working_day_requests * factor * share * busy + rng.random())
        times += [
            midnight + timedelta(hours=hour, milliseconds=int(rng.random() * 3_600_000))
            for _ in range(count)
        ]
    return sorted(times)


def timestamp(at: datetime) -> str:
    """Write a time in RFC 3339 with milliseconds and a Z."""
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def compact_json(row: Row) -> str:
    """Write a row as one line of JSON without spaces."""
    return json.dumps(row, separators=(",", ":"), ensure_ascii=False)


def write_logs(folder: Path, prefix: str, lines: Iterable[Line], blanks: Mapping[str, int]) -> None:
    """Replace the files `<prefix>-<first day>.jsonl.gz`; `blanks` ends some with empty lines."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob(f"{prefix}-*.jsonl.gz"):
        old.unlink()
    again: list[str] = []
    for first_day, part in _cut(sorted(lines, key=lambda line: line.at)):
        texts = again + [line.text for line in part] + [""] * blanks.get(first_day, 0)
        _write_gzip(folder / f"{prefix}-{first_day}.jsonl.gz", "\n".join(texts) + "\n")
        again = [line.text for line in part if line.redeliverable][-REDELIVERED_LINES:]


def _cut(lines: list[Line]) -> Iterator[tuple[str, list[Line]]]:
    start = lines[0].at.replace(hour=0, minute=0, second=0, microsecond=0)
    part: list[Line] = []
    for line in lines:
        if line.at >= start + FILE_SPAN:
            yield start.date().isoformat(), part
            start, part = start + FILE_SPAN, []
        part.append(line)
    yield start.date().isoformat(), part


def _write_gzip(path: Path, text: str) -> None:
    # No name and no time in the header, and one write: the bytes depend on the text alone.
    with path.open("wb") as raw, gzip.GzipFile("", "wb", 9, raw, mtime=0) as packed:
        packed.write(text.encode())
