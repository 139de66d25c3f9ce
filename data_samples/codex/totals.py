"""The definition of codex/slo.yaml once more, in plain Python, and the totals it gives."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from data_samples.judge import (
    Result,
    last_30_days,
    money,
    percentile,
    ratio,
    shown_share,
    worst_reading,
)
from data_samples.ledger import Event, UnusableLineError, in_month, month_bounds

HEALTHZ, PROBE, EXTRACT = "GET /v1/healthz", "POST /v1/probe", "POST /v1/extract"
REGIONS = "GET /v1/documents/{id}/text-regions"
CONFORMANCE = "POST /v1/documents/{id}/conformance/{profile}"
RENDERS = "GET /v1/documents/{id}/renders"
SIGNALS = "GET /v1/documents/{hash}/signals/{kind}"
PAGE, SAMPLE, WALK = "POST /v1/render/page", "POST /v1/sample", "POST /v1/walk"
ENDPOINTS = {
    template: re.compile(re.sub(r"\{\w+\}", "[^/]+", template))
    for template in (
        HEALTHZ, "GET /v1/contract", PROBE, EXTRACT, REGIONS, CONFORMANCE, RENDERS, SIGNALS, PAGE,
        SAMPLE, WALK,
    )
}  # fmt: skip

AVAILABILITY = (
    (HEALTHZ, (HEALTHZ,), "99.95%"),
    (EXTRACT, (EXTRACT,), "99.9%"),
    (REGIONS, (REGIONS,), "99.9%"),
    (CONFORMANCE, (CONFORMANCE,), "99.9%"),
    (RENDERS, (RENDERS,), "99.9%"),
    ("Render / sample / walk POSTs", (PAGE, SAMPLE, WALK), "99.5%"),
)
# SLO and row, endpoint, what else chooses the requests, targets of p50, p95 and p99.
LATENCY: tuple[tuple[str, str, Event, str, str, str], ...] = (
    (f"latency[{HEALTHZ}]", HEALTHZ, {}, "5 ms", "25 ms", "50 ms"),
    (f"latency[{PROBE},warm]", PROBE, {"cache": "warm"}, "10 ms", "50 ms", "150 ms"),
    (f"latency[{EXTRACT},warm,ai=false]", EXTRACT, {"cache": "warm", "ai": False},
     "30 ms", "200 ms", "800 ms"),
    (f"latency[{EXTRACT},cold,ai=false]", EXTRACT, {"cache": "cold", "ai": False},
     "300 ms", "2 s", "6 s"),
    (f"latency[{REGIONS},warm]", REGIONS, {"cache": "warm"}, "5 ms", "30 ms", "100 ms"),
    (f"latency[{CONFORMANCE},warm]", CONFORMANCE, {"cache": "warm"}, "5 ms", "25 ms", "80 ms"),
    (f"latency[{CONFORMANCE},cold]", CONFORMANCE, {"cache": "cold"}, "50 ms", "200 ms", "800 ms"),
    (f"latency[{RENDERS}]", RENDERS, {}, "5 ms", "25 ms", "60 ms"),
    (f"latency[{PAGE},cold]", PAGE, {"cache": "cold"}, "500 ms", "4 s", "12 s"),
    ("ai_latency[Extract from cache]", EXTRACT, {"cache": "warm", "ai": True},
     "30 ms", "200 ms", "800 ms"),
    ("ai_latency[First hit]", EXTRACT, {"cache": "cold", "ai": True}, "4 s", "12 s", "25 s"),
    ("ai_latency[Signals from cache]", SIGNALS, {"cache": "warm", "ai": True},
     "30 ms", "150 ms", "400 ms"),
    ("ai_latency[Signals computed]", SIGNALS, {"cache": "cold", "ai": True},
     "1.5 s", "6 s", "15 s"),
)  # fmt: skip
HIT_RATE = {EXTRACT: "80%", REGIONS: "70%", CONFORMANCE: "90%", PAGE: "60%"}
AI_SUCCESS = {
    "language": "99%", "classification": "99%", "spell": "99%", "barcodes": "95%", "logos": "90%",
    "symbols": "90%",
}  # fmt: skip


def access(line: Event) -> Event:
    """Make an event of a line of access-*.jsonl.gz."""
    if "time" not in line:
        raise UnusableLineError("missing:ts")
    if not isinstance(line["status"], int):
        raise UnusableLineError("type:status")
    if isinstance(line["request_seconds"], str):
        raise UnusableLineError("type:duration")
    names = ("request_id", "status", "replica", "cache", "cache_lookup")
    ai = line.get("ai", {})
    return {name: line[name] for name in names if name in line} | {
        "source": "requests",
        "ts": datetime.fromisoformat(line["time"]),
        "endpoint": endpoint(line["method"], line["path"]),
        "duration": int(Decimal(line["request_seconds"]) * 1_000_000),
        "customer": line.get("client"),
        "ai": ai.get("enabled", False),
        "ai_cost_usd": ai.get("cost_usd"),
        "ai_budget_exceeded": ai.get("budget_exceeded", False),
    }


def ai_call(line: Event) -> Event:
    """Make an event of a line of ai-calls-*.jsonl.gz."""
    return {
        "source": "ai_calls",
        "ts": datetime.fromisoformat(line["time"]),
        "customer": line["client"],
        "replica": line["replica"],
        "ai_kind": line["kind"],
        "ai_prompt": line["prompt"],
        "ai_status": line["status"],
    }


def endpoint(method: str, path: str) -> str:
    """Give the template that a raw path belongs to."""
    asked = f"{method} {path.partition('?')[0]}"
    return next((name for name, form in ENDPOINTS.items() if form.fullmatch(asked)), "(other)")


def served(event: Event) -> bool:
    """Tell whether the request was no failure of the service."""
    return bool(event["status"] < 500)


def objectives(events: list[Event], month: str) -> Iterator[Result]:
    """Judge the month, and for availability the 30 days that end with it."""
    requests = [event for event in events if event["source"] == "requests"]
    yield from availability(requests, month)
    monthly = in_month(requests, month)
    for name, template, choice, *targets in LATENCY:
        chosen = [e["duration"] for e in monthly if e["endpoint"] == template and fits(e, choice)]
        for statistic, target in zip(("p50", "p95", "p99"), targets, strict=True):
            yield percentile(name, chosen, statistic, f"< {target}")
    for template, target in HIT_RATE.items():
        lookups = [e for e in monthly if e["endpoint"] == template and "cache_lookup" in e]
        yield ratio(f"cache_hit_rate[{template}]", lookups, is_hit, target)
    yield from ai_objectives(monthly, [e for e in in_month(events, month) if "ai_kind" in e])


def availability(requests: list[Event], month: str) -> Iterator[Result]:
    """Judge each row over the last 30 days, and tell the month's worst reading."""
    _, after = month_bounds(month)
    for title, templates, target in AVAILABILITY:
        own = [event for event in requests if event["endpoint"] in templates]
        found = ratio(f"availability[{title}]", last_30_days(own, after), served, target)
        worst, on = worst_reading(own, served, month)
        yield replace(found, value=f"{found.value}, worst reading {shown_share(worst)} on {on}")


def fits(event: Event, choice: Event) -> bool:
    """Tell whether the request is one that the row chooses."""
    return all(event.get(column) == value for column, value in choice.items())


def is_hit(event: Event) -> bool:
    """Tell whether the cache had it."""
    return bool(event["cache_lookup"] == "hit")


def ai_objectives(requests: list[Event], calls: list[Event]) -> Iterator[Result]:
    """Judge the AI lane: calls by kind, spend and caps by request."""
    for kind, target in AI_SUCCESS.items():
        own = [call for call in calls if call["ai_kind"] == kind]
        yield ratio(f"ai_success[{kind}]", own, is_ok, target)
    costs = [e["ai_cost_usd"] for e in requests if e["ai"] and e["ai_cost_usd"] is not None]
    yield money("ai_spend", costs, "max", "<= 0.10")
    inside = [event for event in requests if event["ai"]]
    yield ratio("ai_budget_exceeded", inside, lambda e: not e["ai_budget_exceeded"], "> 99.9%")


def is_ok(call: Event) -> bool:
    """Tell whether a call of a model succeeded."""
    return bool(call["ai_status"] == "ok")


def replicas(events: list[Event], month: str) -> Iterator[tuple[str, Result]]:
    """Judge healthz for every replica over the last 30 days."""
    yield from rows(events, month, "replica", HEALTHZ, "99.95%")


def storm(events: list[Event], month: str) -> Iterator[tuple[str, Result]]:
    """Judge extract for every client: the storm of 429 costs its client nothing."""
    yield from rows(events, month, "customer", EXTRACT, "99.9%")


def rows(
    events: list[Event], month: str, column: str, template: str, target: str
) -> Iterator[tuple[str, Result]]:
    """Judge an endpoint's availability for each value of a column."""
    _, after = month_bounds(month)
    own = last_30_days([e for e in events if e.get("endpoint") == template], after)
    for key in sorted({event[column] for event in own}):
        chosen = [event for event in own if event[column] == key]
        yield key, ratio(f"availability[{template}]", chosen, served, target)
