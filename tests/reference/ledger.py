"""The ledger of a month: every physical line of its files ends in exactly one count."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from .definition import Definition
from .log_lines import LogFile, Request, read_logs
from .months import Span


@dataclass(frozen=True)
class Ledger:
    """The counts of ``ledger`` in report.json."""

    files: int
    lines: int
    loaded: int
    quarantined: int
    duplicates: int
    outside_period: int
    blank: int
    reasons: dict[str, int]
    skipped: list[str]


def unique_requests(files: list[LogFile]) -> tuple[list[Request], Counter[str]]:
    """Keep the earliest request of each id (then by file name and line); count the rest by file."""
    kept: list[Request] = []
    duplicates: Counter[str] = Counter()
    seen: set[object] = set()
    everything = [request for file in files for request in file.requests]
    for request in sorted(everything, key=lambda r: (r.ts_us, r.file, r.line)):
        request_id = request.columns["request_id"]
        if request_id is not None and request_id in seen:
            duplicates[request.file] += 1
            continue
        seen.add(request_id)
        kept.append(request)
    return kept, duplicates


def load_month(folder: Path, definition: Definition, month: Span) -> tuple[list[Request], Ledger]:
    """Return the unique requests of all months, and the ledger of the one asked for."""
    files, skipped = read_logs(folder, definition)
    requests, duplicates = unique_requests(files)
    counted = [file for file in files if not file.requests or _has_request_in(file, month)]
    names = {file.name for file in counted}
    loaded = sum(1 for request in requests if month[0] <= request.ts_us < month[1])
    kept = sum(1 for request in requests if request.file in names)
    reasons = sum((file.reasons for file in counted), Counter[str]())
    ledger = Ledger(
        files=len(counted),
        lines=sum(file.lines for file in counted),
        loaded=loaded,
        quarantined=reasons.total(),
        duplicates=sum(count for name, count in duplicates.items() if name in names),
        outside_period=kept - loaded,
        blank=sum(file.blank for file in counted),
        reasons=dict(reasons),
        skipped=skipped,
    )
    ends = ledger.loaded + ledger.quarantined + ledger.duplicates
    assert ledger.lines == ends + ledger.outside_period + ledger.blank
    return requests, ledger


def _has_request_in(file: LogFile, month: Span) -> bool:
    """Say whether a file has a request of the month, duplicates among them."""
    return any(month[0] <= request.ts_us < month[1] for request in file.requests)
