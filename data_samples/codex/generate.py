"""Write the logs of codex-pdf, March and April 2026.

`python data_samples/codex/generate.py [folder]`; without a folder it renews `logs/` beside it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from random import Random

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1]))  # run as a script, from wherever

from data_samples.codex import story  # noqa: E402
from data_samples.traffic import (  # noqa: E402
    Line,
    Quantiles,
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

SEED = 1130

ENDPOINT_WEIGHTS = {endpoint: endpoint.weight for endpoint in story.ENDPOINTS}
KIND_WEIGHTS = {name: kind.weight for name, kind in story.KINDS.items()}

ACCESS_FIELDS = (
    "time", "request_id", "method", "path", "status", "request_seconds", "replica", "client",
    "cache", "cache_lookup", "ai",
)  # fmt: skip
CALL_FIELDS = ("time", "replica", "client", "kind", "model", "prompt", "status")


def main(logs: Path) -> None:
    """Make the requests, the calls that they made, and write both logs."""
    rng = Random(SEED)
    requests = [request(rng, at) for at in arrivals(rng)]
    requests += storm(rng)
    requests.sort(key=lambda row: row["at"])
    overspend(requests)
    calls = [call for row in requests for call in ai_calls(rng, row)]
    for number, row in enumerate(requests):
        row["request_id"] = f"c{number:05x}"
    access = requests + list(pings(rng)) + broken_copies(rng, requests)
    write_logs(logs, "access", map(access_line, access), story.BLANK_LINES)
    write_logs(logs, "ai-calls", map(call_line, calls), {})


def arrivals(rng: Random) -> Iterator[datetime]:
    """Give the times of all office traffic."""
    for day in days(story.FIRST_DAY, story.LAST_DAY):
        yield from office_day(rng, day, story.WORKING_DAY_REQUESTS[day.month])


def request(rng: Random, at: datetime) -> Row:
    """Make one request with everything that came of it."""
    endpoint = pick(rng, ENDPOINT_WEIGHTS)
    row: Row = {
        "at": at, "method": endpoint.method, "path": raw_path(rng, endpoint.path), "status": 200,
        "replica": story.REPLICAS[int(rng.random() * len(story.REPLICAS))],
    }  # fmt: skip
    if endpoint.path in story.UNKNOWN_PATHS:
        return row | {"status": 404, "request_seconds": seconds(rng, endpoint.warm)}
    row["client"] = pick(rng, clients(endpoint))
    if failed(rng, endpoint, row):
        return row | {"status": 500, "request_seconds": seconds(rng, endpoint.warm)}
    answer(rng, endpoint, row)
    return row


def clients(endpoint: story.Endpoint) -> dict[str, float]:
    """Give the clients that call the endpoint: signals only those of the AI lane."""
    if endpoint.path != story.SIGNALS:
        return story.CLIENTS
    return {client: story.CLIENTS[client] for client in story.AI_SHARE}


def failed(rng: Random, endpoint: story.Endpoint, row: Row) -> bool:
    """Tell whether the service failed the request."""
    if row["replica"] == story.DOWN_REPLICA and within(row["at"], story.REPLICA_DOWN):
        return True
    away = endpoint.path == story.RENDERS and within(row["at"], story.RENDERS_AWAY)
    return rng.random() < (story.RENDERS_AWAY_SHARE if away else endpoint.failed)


def answer(rng: Random, endpoint: story.Endpoint, row: Row) -> None:
    """Answer from the cache or by work, with the AI lane where the client asked for it."""
    signals = endpoint.path == story.SIGNALS
    share = story.AI_SHARE.get(row["client"], 0) if endpoint.path == story.EXTRACT else 0
    ai = signals or rng.random() < share
    times = endpoint.warm
    if endpoint.cold is not None:
        warm = rng.random() < hit_share(endpoint, row["at"])
        row["cache"] = "warm" if warm else "cold"
        if endpoint.counted:
            row["cache_lookup"] = "hit" if warm else "miss"
        if not warm:
            times = story.AI_EXTRACT_COLD if ai and not signals else endpoint.cold
    row["request_seconds"] = seconds(rng, times)
    if ai:
        row["ai"] = ai_part(rng, row["cache"] == "cold")


def hit_share(endpoint: story.Endpoint, at: datetime) -> float:
    """Give the share of look-ups that the cache answers at this time."""
    rotated = endpoint.path == story.CONFORMANCE and within(at, story.ROTATION)
    return story.ROTATION_HITS if rotated else endpoint.hits


def ai_part(rng: Random, cold: bool) -> Row:
    """Tell what the AI lane spent: nothing where the cache had the answer."""
    if not cold:
        return {"enabled": True}
    if rng.random() < story.BUDGET_EXCEEDED_SHARE:
        return {
            "enabled": True,
            "cost_usd": story.BUDGET_EXCEEDED_COST_USD,
            "budget_exceeded": True,
        }
    return {"enabled": True, "cost_usd": round(draw(rng, story.COST_USD), 4)}


def overspend(requests: list[Row]) -> None:
    """Let one request cost more than the cap."""
    later = (row for row in requests if row["at"] >= story.OVERSPENT_AFTER)
    row = next(row for row in later if "cost_usd" in row.get("ai", {}))
    row["ai"] = {"enabled": True, "cost_usd": story.OVERSPENT_USD}


def raw_path(rng: Random, template: str) -> str:
    """Fill a template in as it stands in an access log, with a query now and then."""
    queries = story.QUERIES.get(template, ("",))
    document = f"{int(rng.random() * 4096):03x}-{int(rng.random() * 16):x}"
    path = template.replace("{id}", document)
    path = path.replace("{profile}", pick(rng, story.PROFILES))
    path = path.replace("{kind}", pick(rng, KIND_WEIGHTS))
    return path + queries[int(rng.random() * len(queries))]


def seconds(rng: Random, milliseconds: Quantiles) -> float:
    """Draw a time and give it in seconds: steps of 0.1 ms, of 10 ms above a second."""
    tenths = int(draw(rng, milliseconds) * 10)
    return tenths // 100 / 100 if tenths >= 10_000 else tenths / 10_000


def storm(rng: Random) -> list[Row]:
    """Give the requests that were shed by policy: 429, at once."""
    return [
        {
            "at": at, "method": "POST", "path": story.EXTRACT, "status": 429,
            "request_seconds": 0.0008, "replica": story.REPLICAS[number % len(story.REPLICAS)],
            "client": story.STORM_CLIENT,
        }
        for number, at in enumerate(times_within(rng, story.STORM, story.STORM_REQUESTS_PER_HOUR))
    ]  # fmt: skip


def pings(rng: Random) -> Iterator[Row]:
    """Give the monitor's requests: every replica by turns, without an id and without a client."""
    at = datetime.combine(story.FIRST_DAY, time(), UTC)
    after = datetime.combine(story.LAST_DAY, time(), UTC) + timedelta(days=1)
    while at < after:
        for number, replica in enumerate(story.REPLICAS):
            moment = at + timedelta(seconds=10 * number)
            down = replica == story.DOWN_REPLICA and within(moment, story.REPLICA_DOWN)
            yield {
                "at": moment,
                "method": "GET",
                "path": "/v1/healthz",
                "status": 503 if down else 200,
                "request_seconds": seconds(rng, story.HEALTHZ),
                "replica": replica,
            }
        at += story.PING_EVERY


def ai_calls(rng: Random, row: Row) -> Iterator[Row]:
    """Give the calls of models that a request made: those whose answer the cache didn't have."""
    if "cost_usd" not in row.get("ai", {}):
        return
    path = row["path"].partition("?")[0]
    asked = [path.rpartition("/")[2]]
    if path == story.EXTRACT:
        asked = [kind for kind in story.CALLS_PER_EXTRACT if rng.random() < story.CALL_SHARE]
    for name in asked:
        kind = story.KINDS[name]
        if name == story.NEW_PROMPT_KIND and row["at"] >= story.NEW_PROMPT_SINCE:
            kind = story.NEW_PROMPT
        yield {
            "at": row["at"] + timedelta(milliseconds=int(rng.random() * 800)),
            "replica": row["replica"], "client": row["client"],
            "kind": name, "model": kind.model, "prompt": kind.prompt,
            "status": call_status(rng, kind),
        }  # fmt: skip


def call_status(rng: Random, kind: story.Kind) -> str:
    """Tell how a call ended: of those that failed, two in three timed out."""
    if rng.random() < kind.success:
        return "ok"
    return "timeout" if rng.random() < 2 / 3 else "error"


def broken_copies(rng: Random, requests: list[Row]) -> list[Row]:
    """Give further requests of April of which only an unusable line is left."""
    april = [row for row in requests if row["at"].month == 4]
    return [
        april[int(rng.random() * len(april))] | {"broken": kind, "request_id": f"b{number:05x}"}
        for kind, count in story.BROKEN_LINES.items()
        for number in range(count)
    ]


def access_line(row: Row) -> Line:
    """Write a request as the access log has it, or as it came out broken."""
    broken = row.get("broken")
    row = row | {"time": timestamp(row["at"])}
    if broken == "status abc":
        row["status"] = "abc"
    elif broken == "slow":
        row["request_seconds"] = "slow"
    elif broken == "no time":
        del row["time"]
    text = compact_json({name: row[name] for name in ACCESS_FIELDS if name in row})
    if broken == "cut":
        text = text[: len(text) // 2]
    return Line(row["at"], text, redeliverable=broken is None and "request_id" in row)


def call_line(row: Row) -> Line:
    """Write a call of a model. It has no id, so a line sent again would count twice."""
    row = row | {"time": timestamp(row["at"])}
    return Line(row["at"], compact_json({name: row[name] for name in CALL_FIELDS}), False)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if sys.argv[1:] else HERE / "logs")
