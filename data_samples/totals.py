"""Prints the totals to expect of both samples; `--write` puts them into the README."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))  # run as a script, from wherever

from data_samples.codex import totals as codex  # noqa: E402
from data_samples.judge import Result  # noqa: E402
from data_samples.ledger import (  # noqa: E402
    Event,
    LogFile,
    coverage,
    in_month,
    month_ledger,
    read,
)
from data_samples.september import totals as september  # noqa: E402

README = HERE / "README.md"
MARK = "<!-- From here on written by totals.py --write -->"

LEDGER_COLUMNS = (
    "files", "lines", "loaded", "quarantined", "duplicates", "outside_period", "blank",
)  # fmt: skip
COLUMNS = "objective | target | measured | verdict | valid | good |"


def main() -> None:
    """Compute everything and print it, or put it into the README."""
    text = "\n".join([*september_part(), *codex_part()]) + "\n"
    if "--write" in sys.argv[1:]:
        kept = README.read_text(encoding="utf-8").partition(MARK)[0]
        README.write_text(f"{kept}{MARK}\n\n{text}", encoding="utf-8")
    else:
        print(text, end="")


def september_part() -> Iterator[str]:
    """Give the totals of the September Engine."""
    files = read(HERE / "september" / "logs", {"requests-*.jsonl.gz": september.request})
    events = [event for file in files for event in file.events]
    months = ("2026-01", "2026-02", "2026-03", "2026-04")
    yield from data_part("September Engine", files, events, months)
    for month in months:
        found = in_month(events, month)
        yield from objectives_part(month, september.objectives(found))
        yield ""
        for reason, excluded in september.exclusions(found).items():
            yield f"- excluded: {reason}: {excluded}"
    april = in_month(events, "2026-04")
    yield from ["", "April's head:", "", *september.head(april), ""]
    yield f"With nothing excluded: {september.as_customers_saw_it(april).value}."
    yield from keyed_part("Customers, April", "customer", september.customers(april))
    yield from ["", "### Turns of 60 s and more, April", ""]
    yield from ["| release | context_step | turns | 60 s and more |", "| --- | --- | ---: | ---: |"]
    for release, step, count, slow in september.slow_turns(april):
        yield f"| {release} | {step} | {count:,} | {slow} |"


def codex_part() -> Iterator[str]:
    """Give the totals of codex-pdf."""
    logs = {"access-*.jsonl.gz": codex.access, "ai-calls-*.jsonl.gz": codex.ai_call}
    files = read(HERE / "codex" / "logs", logs)
    events = [event for file in files for event in file.events]
    months = ("2026-03", "2026-04")
    yield ""
    yield from data_part("codex-pdf", files, events, months)
    for month in months:
        yield from objectives_part(month, codex.objectives(events, month))
    yield from keyed_part("Replicas, April", "replica", codex.replicas(events, "2026-04"))
    yield from keyed_part("Clients, April", "client", codex.storm(events, "2026-04"))
    yield from endpoints_part(in_month(events, "2026-04"))


def data_part(
    title: str, files: list[LogFile], events: list[Event], months: Iterable[str]
) -> Iterator[str]:
    """Give the ledger and the coverage of each month."""
    yield from [f"## {title}", "", "| month | " + " | ".join(LEDGER_COLUMNS) + " | reasons |"]
    yield "| --- |" + " ---: |" * len(LEDGER_COLUMNS) + " --- |"
    for month in months:
        ledger = month_ledger(files, month)
        counts = " | ".join(f"{ledger[column]:,}" for column in LEDGER_COLUMNS)
        reasons = sorted(set(ledger) - set(LEDGER_COLUMNS))
        yield f"| {month} | {counts} | {', '.join(f'{name} {ledger[name]}' for name in reasons)} |"
    yield ""
    for month in months:
        hours, with_data, gaps = coverage(events, month)
        yield f"- {month}: {hours} hours, {with_data} with data, {len(gaps)} missing"


def objectives_part(month: str, results: Iterable[Result]) -> Iterator[str]:
    """Give a table of objectives."""
    yield from ["", f"### {month}", "", f"| {COLUMNS}", "| --- | --- | --- | --- | ---: | ---: |"]
    yield from map(str, results)


def keyed_part(title: str, key: str, rows: Iterable[tuple[str, Result]]) -> Iterator[str]:
    """Give a table of objectives by customer or replica."""
    yield from ["", f"### {title}", "", f"| {key} | {COLUMNS}"]
    yield "| --- | --- | --- | --- | --- | ---: | ---: |"
    for name, result in rows:
        yield f"| {name} {result}"


def endpoints_part(events: list[Event]) -> Iterator[str]:
    """Give the requests of each endpoint and how many were shed or failed."""
    requests = [event for event in events if event["source"] == "requests"]
    counts = Counter(event["endpoint"] for event in requests)
    shed = Counter(event["endpoint"] for event in requests if event["status"] == 429)
    failed = Counter(event["endpoint"] for event in requests if event["status"] >= 500)
    yield from ["", "### Endpoints, April", "", "| endpoint | requests | 429 | 5xx |"]
    yield "| --- | ---: | ---: | ---: |"
    for name, count in sorted(counts.items()):
        yield f"| {name} | {count:,} | {shed[name]} | {failed[name]} |"


if __name__ == "__main__":
    main()
