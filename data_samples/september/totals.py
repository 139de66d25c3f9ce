"""The definition of september/slo.yaml once more, in plain Python, and the totals it gives."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction

from data_samples.judge import (
    Result,
    by_day,
    money,
    nearest_rank,
    percent,
    percentile,
    printed_seconds,
    printed_share,
    ratio,
    shown_share,
    verdict,
)
from data_samples.ledger import Event, UnusableLineError

MIGRATION = (datetime(2026, 4, 12, 2, tzinfo=UTC), datetime(2026, 4, 12, 3, 30, tzinfo=UTC))
UPSTREAM = ("llm_provider", "mcp_server", "network")
AVAILABILITY_TARGET = "99.5%"
TURN_LIMIT_S = 60
ACME, ACME_REPLICA = "acme", "engine-7"


def request(line: Event) -> Event:
    """Make an event of a line of requests-*.jsonl.gz."""
    event: Event = {
        name: line[name] for name in ("request_id", "customer", "replica") if name in line
    }
    event["ts"] = timestamp(line)
    if not isinstance(line["status"], int):
        raise UnusableLineError("type:status")
    event["status"] = line["status"]
    for column, source in (("duration", "turn_ms"), ("ttft", "ttft_ms")):
        if source in line:
            if line[source] < 0:
                raise UnusableLineError(f"range:{column}")
            event[column] = line[source] * 1000
    event["endpoint"] = f"{line['method']} {line['route']}"
    event["release"], event["context_step"] = line["release"], line.get("context_step")
    event["error_code"], event["fault"] = line.get("error_code", ""), line.get("fault", "")
    event["stream_error"] = line.get("stream_error", False)
    event["completed"] = line.get("completed", False)
    return {**event, **line.get("usage", {})}


def timestamp(line: Event) -> datetime:
    """Read the start of the request; without an offset it is no time."""
    if "time" not in line:
        raise UnusableLineError("missing:ts")
    found = datetime.fromisoformat(line["time"])
    if found.tzinfo is None:
        raise UnusableLineError("type:ts")
    return found


def execute(event: Event) -> bool:
    """Tell whether the request is a turn asked for."""
    return bool(event["endpoint"] == "POST /execute")


def upstream(event: Event) -> bool:
    """Tell whether the failure was not the Engine's."""
    return event["fault"] in UPSTREAM


def migrating(event: Event) -> bool:
    """Tell whether the request fell into the announced migration."""
    return bool(MIGRATION[0] <= event["ts"] < MIGRATION[1])


def available_valid(event: Event) -> bool:
    """Tell whether availability counts the request, exclusions aside."""
    refused = event["status"] == 503 and event["error_code"] == "migration_required"
    return execute(event) and not 400 <= event["status"] <= 499 and not refused


def available_good(event: Event) -> bool:
    """Tell whether the request was served."""
    return bool(event["status"] < 500 and not (event["stream_error"] and not event["completed"]))


def availability(events: list[Event], target: str = AVAILABILITY_TARGET) -> Result:
    """Judge availability with its exclusions."""
    valid = [e for e in events if available_valid(e) and not upstream(e) and not migrating(e)]
    return ratio("availability", valid, available_good, target)


def turns(events: list[Event]) -> list[Event]:
    """Give the completed turns that no exclusion took out."""
    return [e for e in events if execute(e) and e["completed"] and not upstream(e)]


def ttfts(events: list[Event]) -> list[int]:
    """Give the times to the first token."""
    return [e["ttft"] for e in events if execute(e) and not upstream(e) and "ttft" in e]


def durations(events: list[Event]) -> list[int]:
    """Give the times of the completed turns."""
    return [e["duration"] for e in turns(events) if "duration" in e]


def slow_turns(events: list[Event]) -> Iterator[tuple[str, str, int, int]]:
    """Give by release and context step how many turns there were and how many took too long."""
    counts = Counter((e["release"], e["context_step"]) for e in turns(events))
    slow = Counter(
        (e["release"], e["context_step"])
        for e in turns(events)
        if e["duration"] >= TURN_LIMIT_S * 1_000_000
    )
    for (release, step), count in sorted(counts.items()):
        yield release, step, count, slow[release, step]


def costs(events: list[Event]) -> list[Decimal]:
    """Give the cost of every completed turn."""
    return [
        e["input_tokens"] * Decimal("0.000003") + e["output_tokens"] * Decimal("0.000015")
        for e in turns(events)
        if "input_tokens" in e and "output_tokens" in e
    ]


def cache_hit(events: list[Event]) -> Result:
    """Judge the cache hit ratio of each day; the month's value is that of the worst."""
    counted = [
        e for e in events
        if execute(e) and not upstream(e) and "cache_hit_tokens" in e and "input_tokens" in e
    ]  # fmt: skip
    shares = {day: token_share(found) for day, found in by_day(counted).items()}
    met = sum(share > percent("> 60%") for share in shares.values())
    worst, on = min((share, day) for day, share in shares.items())
    shown = f"{met} of {len(shares)} days, worst {shown_share(worst)} on {on}"
    shown += f", month {shown_share(token_share(counted))}"
    return Result("cache_hit", "> 60%", shown, verdict(met == len(shares)), len(counted))


def token_share(events: list[Event]) -> Fraction:
    """Give the share of input tokens that the cache had."""
    hits = sum(e["cache_hit_tokens"] for e in events)
    return Fraction(hits, sum(e["input_tokens"] for e in events))


def reserved(events: list[Event]) -> Result:
    """Judge acme's own capacity: of the requests there or of acme, all are both."""
    either = [
        e for e in events
        if e.get("replica") == ACME_REPLICA or e.get("customer") == ACME
    ]  # fmt: skip

    def both(event: Event) -> bool:
        return event.get("replica") == ACME_REPLICA and event.get("customer") == ACME

    return ratio("reserved", either, both, "100%")


def objectives(events: list[Event]) -> Iterator[Result]:
    """Judge the month."""
    yield availability(events)
    yield percentile("ttft", ttfts(events), "p50", "< 1.5 s")
    yield percentile("ttft", ttfts(events), "p99", "< 5 s")
    yield percentile("turn", durations(events), "p50", "< 8 s")
    yield percentile("turn", durations(events), "p99", "< 60 s")
    yield money("cost", costs(events), "p50", "< 0.05")
    yield money("cost", costs(events), "p99", "< 0.50")
    yield cache_hit(events)


def customers(events: list[Event]) -> Iterator[tuple[str, Result]]:
    """Judge every customer: availability and the first token, acme by its contract."""
    names = sorted({e.get("customer") for e in events}, key=lambda name: name or "~")
    for name in names:
        own = [e for e in events if e.get("customer") == name]
        shown, strict = name or "(no customer)", name == ACME
        yield shown, availability(own, "99.9%" if strict else "99.5%")
        yield shown, percentile("ttft", ttfts(own), "p99", "< 3 s" if strict else "< 5 s")
    yield ACME, reserved(events)


def exclusions(events: list[Event]) -> dict[str, int]:
    """Count what each exclusion took out of at least one SLO."""
    return {
        "Upstream failure, not the Engine's to promise": sum(
            upstream(e) and (available_valid(e) or (execute(e) and "ttft" in e)) for e in events
        ),
        "Announced database migration": sum(migrating(e) and available_valid(e) for e in events),
    }


def head(events: list[Event]) -> Iterator[str]:
    """Give the four figures of the head."""
    found = availability(events)
    share = Fraction(found.good or 0, found.valid)
    used = (1 - share) / (1 - percent(AVAILABILITY_TARGET))
    yield f"- Availability: {printed_share(share)} (target 99.5%)"
    for title, values, target in (
        ("TTFT", ttfts(events), "5s"),
        ("Turn", durations(events), "60s"),
    ):
        p99 = printed_seconds(int(nearest_rank(values, "99")))
        yield f"- {title} p99: {p99} (target < {target})"
    yield f"- Error budget: {-(-used * 100 // 1)}% used"


def as_customers_saw_it(events: list[Event]) -> Result:
    """Judge availability with nothing excluded: the migration and upstream failures count."""
    return ratio(
        "availability, exclusions kept", filter(available_valid, events), available_good, "99.5%"
    )
