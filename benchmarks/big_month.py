"""A month of requests as JSON lines, as large as asked for, the same bytes for the same size."""

import json
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

DEFINITION = """\
service: big month
logs:
  - path: requests.jsonl
    format: jsonl
    fields:
      ts: time
      request_id: request_id
      method: method
      route: route
      status: status
      duration: {from: duration_ms, unit: ms}
      ttft: {from: ttft_ms, unit: ms}
      customer: customer
      input_tokens: {from: input_tokens, type: integer}
      cached_tokens: {from: cached_tokens, type: integer}
slos:
  - {id: availability, good: status < 500, target: 99.5%}
  - {id: no_throttling, good: status <> 429, target: 99%}
  - {id: fast, valid: duration is not null, good: duration < 300 ms, target: 90%}
  - {id: latency, value: duration, p50: < 200 ms, p99: < 2 s}
  - {id: ttft, value: ttft, p50: < 100 ms, p99: < 1 s}
  - {id: cached, sum: cached_tokens, over: input_tokens, target: "> 40%"}
breakdowns: [endpoint, customer]
"""
"""Eight objectives, broken down by endpoint and customer."""

FIRST = datetime(2026, 4, 1, tzinfo=UTC)
SECONDS = 30 * 24 * 3600
ROUTES = tuple(f"/v1/{name}/{{id}}" for name in ("orders", "items", "users", "carts", "search"))
CUSTOMERS = tuple(f"customer-{number:03d}" for number in range(200))
LINES_A_BLOCK = 10_000


def write_month(folder: Path, lines: int) -> Path:
    """Write slo.yaml and requests.jsonl of `lines` lines into `folder`; return the log's path."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "slo.yaml").write_text(DEFINITION, encoding="utf-8")
    log = folder / "requests.jsonl"
    draw = random.Random(lines)
    with log.open("w", encoding="utf-8", newline="\n") as file:
        for start in range(0, lines, LINES_A_BLOCK):
            block = range(start, min(start + LINES_A_BLOCK, lines))
            file.writelines(_line(draw, number, lines) for number in block)
    return log


def _line(draw: random.Random, number: int, lines: int) -> str:
    when = FIRST + timedelta(seconds=SECONDS * number / lines)
    duration_ms = round(20 / (draw.random() + 0.005), 3)
    tokens = int(draw.random() * 5000)
    return (
        json.dumps(
            {
                "time": when.isoformat(timespec="microseconds"),
                "request_id": f"{draw.getrandbits(64):016x}{number:08x}",
                "method": "GET" if draw.random() < 0.7 else "POST",
                "route": ROUTES[int(draw.random() * len(ROUTES))],
                "status": 200 if draw.random() < 0.97 else 500 if draw.random() < 0.1 else 429,
                "duration_ms": duration_ms,
                "ttft_ms": round(duration_ms * 0.4, 3),
                "customer": CUSTOMERS[int(draw.random() ** 2 * len(CUSTOMERS))],
                "input_tokens": tokens,
                "cached_tokens": tokens * 2 // 3,
            },
            separators=(",", ":"),
        )
        + "\n"
    )
