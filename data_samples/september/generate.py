"""Write the logs of the September Engine, January to April 2026.

`python data_samples/september/generate.py [folder]`; without a folder it renews `logs/` beside it.
"""

from __future__ import annotations

import sys
from datetime import UTC, date, datetime, time
from pathlib import Path
from random import Random

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1]))  # run as a script, from wherever

from data_samples.september import story  # noqa: E402
from data_samples.traffic import (  # noqa: E402
    Line,
    Row,
    compact_json,
    days,
    draw,
    office_day,
    pick,
    times_within,
    timestamp,
    within,
    write_logs,
)

SEED = 20260422
STEPS_SEED = 20260408  # of its own, so that the steps came into the log and nothing else moved

FIELDS = (
    "time", "request_id", "method", "route", "status", "turn_ms", "ttft_ms", "customer", "replica",
    "release", "context_step", "error_code", "fault", "stream_error", "completed", "usage",
)  # fmt: skip


def main(logs: Path) -> None:
    """Tell the story day by day and write it down."""
    rng = Random(SEED)
    rows = [
        request(rng, at, customer)
        for day in days(story.FIRST_DAY, story.LAST_DAY)
        for at, customer in arrivals(rng, day)
    ]
    add_context_steps(Random(STEPS_SEED), rows)
    for month, share in story.BAD_SHARE.items():
        spread_failures(rng, [row for row in rows if row["at"].month == month], share)
    rows += broken_copies(rng, rows)
    rows.sort(key=lambda row: row["at"])
    lines = [line(number, row) for number, row in enumerate(rows)]
    write_logs(logs, "requests", lines, story.BLANK_LINES)


def arrivals(rng: Random, day: date) -> list[tuple[datetime, str | None]]:
    """Give the day's requests: when, and whose."""
    times = office_day(rng, day, story.WORKING_DAY_REQUESTS[day.month])
    for span, per_hour in story.RETRIES.items():
        if span[0].date() == day:
            times += times_within(rng, span, per_hour)
    found = [(at, pick(rng, story.CUSTOMERS)) for at in times]
    if day.weekday() == story.TINY_CUSTOMER_WEEKDAY:
        at = datetime.combine(day, time(*story.TINY_CUSTOMER_TIME), UTC)
        found.append((at, story.TINY_CUSTOMER))
    return found


def request(rng: Random, at: datetime, customer: str | None) -> Row:
    """Make one request with everything that came of it."""
    row: Row = {
        "at": at, "method": "POST", "route": "/execute", "status": 200,
        "replica": replica(rng, at, customer), "release": release(at),
    }  # fmt: skip
    if customer is not None:
        row["customer"] = customer
    if customer != story.TINY_CUSTOMER and rng.random() < story.OTHER_ROUTES_SHARE:
        row["method"], row["route"] = pick(rng, story.OTHER_ROUTES)
        return row
    execute(rng, row)
    return row


def execute(rng: Random, row: Row) -> None:
    """Decide how a request to /execute ended: the first cause that applies."""
    at, luck = row["at"], rng.random()
    if within(at, story.MAINTENANCE):
        row.update(status=503, error_code="maintenance")
    elif luck < story.BROKEN_RELEASES.get(row["release"], 0):
        row.update(status=500, error_code="startup_config")
    elif within(at, story.MIGRATION_TAIL) and luck < story.MIGRATION_REQUIRED_SHARE:
        row.update(status=503, error_code="migration_required")
    elif luck < upstream_share(at):
        upstream_failure(rng, row)
    elif rng.random() < story.CALLER_ERROR_SHARE:
        row["status"], row["error_code"] = pick(rng, story.CALLER_ERRORS)
    else:
        turn(rng, row)


def upstream_share(at: datetime) -> float:
    """Give the share of requests that fail upstream at this time."""
    incident = within(at, story.PROVIDER_INCIDENT)
    return story.PROVIDER_INCIDENT_SHARE if incident else story.UPSTREAM_SHARE


def upstream_failure(rng: Random, row: Row) -> None:
    """Fail for a cause outside the Engine: half of the time after the answer had begun."""
    row["fault"] = (
        "llm_provider"
        if within(row["at"], story.PROVIDER_INCIDENT)
        else pick(rng, story.UPSTREAM_FAULTS)
    )
    if rng.random() < 0.5:
        row.update(ttft_ms=int(draw(rng, story.TTFT)), stream_error=True)
    else:
        row.update(status=502)
    row["error_code"] = "upstream"


def turn(rng: Random, row: Row) -> None:
    """Answer: the first token, the turn's time, its tokens; now and then the caller hangs up."""
    at = row["at"]
    scale = story.TTFT_SCALE[at.month]
    if row["replica"] == story.RESERVED_REPLICA:
        scale *= story.RESERVED_TTFT_SCALE
    row["ttft_ms"] = int(draw(rng, story.TTFT) * scale)
    if rng.random() < story.ABANDONED_SHARE:
        return
    row["turn_ms"] = row["ttft_ms"] + int(draw(rng, story.WORK))
    if row["release"] in story.SLOW_COMPACTION and rng.random() < story.COMPACTED_SHARE:
        row["turn_ms"] += int(draw(rng, story.COMPACTION_STALL))
        row["stalled"] = True
    if rng.random() < story.RECOVERED_SHARE:
        row.update(stream_error=True, error_code="tool_retried")
    row.update(completed=True, usage=usage(rng, at.date()))


def usage(rng: Random, day: date) -> Row:
    """Count the tokens of a turn and those the prompt cache had."""
    tokens = int(draw(rng, story.INPUT_TOKENS))
    cached = tokens * draw(rng, story.CACHED_SHARE) * story.COLD_CACHE_DAYS.get(day, 1)
    blocks = int(cached / story.CACHE_BLOCK_TOKENS)
    return {
        "input_tokens": tokens,
        "output_tokens": int(draw(rng, story.OUTPUT_TOKENS)),
        "cache_hit_tokens": blocks * story.CACHE_BLOCK_TOKENS,
    }


def add_context_steps(rng: Random, rows: list[Row]) -> None:
    """Say of every answer how the session's history was made to fit the context before it.

    In the slow releases those that were compacted are those that stalled; in all others as many
    were, and took no longer than the rest.
    """
    for row in rows:
        if "ttft_ms" in row:
            is_slow, luck = row["release"] in story.SLOW_COMPACTION, rng.random()
            if row.get("stalled") or (luck < story.COMPACTED_SHARE and not is_slow):
                row["context_step"] = "compaction"
            else:
                trimmed = luck > 1 - story.TRIMMED_SHARE
                row["context_step"] = "trim" if trimmed else "none"


def release(at: datetime) -> str:
    """Give the release that was live."""
    return next(name for since, name in reversed(story.DEPLOYS) if since <= at)


def replica(rng: Random, at: datetime, customer: str | None) -> str:
    """Give the replica that served: the reserved one for its customer, but for the two slips."""
    shared = story.SHARED_REPLICAS[int(rng.random() * len(story.SHARED_REPLICAS))]
    if customer == story.RESERVED_FOR:
        return story.MOVED_TO if within(at, story.MOVED_ASIDE) else story.RESERVED_REPLICA
    if customer == story.INTRUDER and within(at, story.INTRUSION):
        return story.RESERVED_REPLICA
    return shared


def spread_failures(rng: Random, rows: list[Row], bad_share: float) -> None:
    """Let single turns of the month fail until its bad events have the share the story asks for.

    Counting them out, instead of leaving them to chance, is what makes April's head come true.
    """
    valid = [row for row in rows if counts(row)]
    missing = int(bad_share * len(valid)) - sum(is_bad(row) for row in valid)
    turns = [r for r in valid if r.get("completed") and r.get("customer") != story.TINY_CUSTOMER]
    for number in range(missing):
        row = turns[int((number + rng.random()) * len(turns) / missing)]
        for gone in ("turn_ms", "completed", "usage"):
            row.pop(gone, None)
        if number % 3 == 0:
            row.update(stream_error=True, error_code="tool_crashed")
        else:
            del row["ttft_ms"]
            row.update(status=500, error_code="internal")


def counts(row: Row) -> bool:
    """Tell whether availability counts the request."""
    if row["route"] != "/execute" or 400 <= row["status"] < 500 or "fault" in row:
        return False
    return row.get("error_code") not in ("migration_required", "maintenance")


def is_bad(row: Row) -> bool:
    """Tell whether a counted request failed."""
    return row["status"] >= 500 or ("stream_error" in row and "completed" not in row)


def broken_copies(rng: Random, rows: list[Row]) -> list[Row]:
    """Give further requests of April of which only an unusable line is left."""
    april = [row for row in rows if row["at"].month == 4 and row.get("completed")]
    return [
        april[int(rng.random() * len(april))] | {"broken": kind}
        for kind, count in story.BROKEN_LINES.items()
        for _ in range(count)
    ]


def line(number: int, row: Row) -> Line:
    """Write a row as the Engine's logger does, or as it came out broken."""
    broken = row.get("broken")
    row = row | {"time": timestamp(row["at"]), "request_id": f"r-{number:06d}"}
    if broken == "no offset":
        row["time"] = row["time"].removesuffix("Z")
    elif broken == "status abc":
        row["status"] = "abc"
    elif broken == "negative turn":
        row["turn_ms"] = -row["turn_ms"]
    elif broken == "no time":
        del row["time"]
    text = compact_json({name: row[name] for name in FIELDS if name in row})
    if broken == "cut":
        text = text[: len(text) * 2 // 3]
    return Line(row["at"], text, redeliverable=broken is None)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if sys.argv[1:] else HERE / "logs")
