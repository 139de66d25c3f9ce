"""A month with outages, gaps and alert rules from a seed, for the replay of alerts."""

import json
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

from .alerts import MINUTE_US, STEP_US, BurnRule, Happened, Log
from .months import EPOCH, HOUR_US, Span, month_span

DAY_US = 24 * HOUR_US
PLACES = (
    ("UTC", "2026-04"),
    ("Europe/Berlin", "2026-03"),
    ("America/New_York", "2026-11"),
    ("Australia/Lord_Howe", "2026-10"),
    ("Asia/Kathmandu", "2026-02"),
)
RULES = (
    # As written by the seeds, with the short windows of the workbook, and in odd minutes.
    ((60, "14", None), (360, "6", None), (1440, "3", None)),
    ((60, "14.4", 5), (360, "6", 30), (1440, "3", 120), (4320, "1", 360)),
    ((7, "2.5", None), (61, "2.5", 3), (720, "1", None)),
)
LIMIT_MS = 100


@dataclass(frozen=True)
class Request:
    """One line of the log."""

    ts_us: int
    status: int
    duration_ms: int
    hit: int
    looked_up: int
    lane: str


@dataclass(frozen=True)
class ThresholdRule:
    """One entry of ``threshold_alerts``: what it says, its window and how long it must hold."""

    name: str
    slo: str
    says: str
    over_minutes: int
    for_minutes: int


@dataclass(frozen=True)
class Case:
    """A generated month."""

    zone: str
    month: str
    span: Span
    now_us: int
    target: Fraction
    burn_rules: tuple[BurnRule, ...]
    threshold_rules: tuple[ThresholdRule, ...]
    requests: tuple[Request, ...]

    @property
    def seen(self) -> tuple[Request, ...]:
        """The requests that have come by now."""
        return tuple(r for r in self.requests if r.ts_us < self.now_us)

    @property
    def availability(self) -> Log:
        """Every request, good where it did not fail."""
        return Log(Happened(r.ts_us, r.status < 500) for r in self.seen)

    @property
    def without_shed(self) -> Log:
        """The same without the lane that the alert leaves out."""
        return Log(Happened(r.ts_us, r.status < 500) for r in self.seen if r.lane != "shed")

    @property
    def speed(self) -> Log:
        """Every request with its duration in seconds, good where it was fast enough."""
        return Log(
            Happened(r.ts_us, r.duration_ms < LIMIT_MS, Fraction(r.duration_ms, 1000))
            for r in self.seen
        )

    @property
    def cache(self) -> Log:
        """Every request with what it looked up and found."""
        return Log(
            Happened(r.ts_us, True, Fraction(r.hit), Fraction(r.looked_up)) for r in self.seen
        )

    @property
    def slot_us(self) -> int:
        """The grain of the counts: five minutes, or one where a window is no multiple of them."""
        minutes = [n for r in self.burn_rules for n in (r.minutes, r.short_minutes or 0)]
        minutes += [rule.over_minutes for rule in self.threshold_rules]
        return STEP_US if all(n % 5 == 0 for n in minutes) else MINUTE_US

    def write(self, folder: Path) -> Path:
        """Write slo.yaml and the log; return the path of slo.yaml."""
        lines = [json.dumps(_fields(request)) for request in self.requests]
        (folder / "log.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
        config = folder / "slo.yaml"
        config.write_text(_slo_yaml(self), encoding="utf-8")
        return config


def generate(seed: int) -> Case:
    """Return the case of a seed; the same seed gives the same bytes."""
    rng = Random(f"alerts {seed}")
    zone, month = PLACES[seed % len(PLACES)]
    span = month_span(month, ZoneInfo(zone))
    # Every other month is over; the others still run, some right on a step.
    running = span[0] + rng.randrange(5, 25) * DAY_US + rng.choice((0, 1, -1, 137 * 10**6))
    return Case(
        zone=zone,
        month=month,
        span=span,
        now_us=running if seed % 2 else span[1] + DAY_US,
        target=Fraction(rng.choice(("0.95", "0.98", "0.99"))),
        burn_rules=tuple(
            BurnRule(minutes, Fraction(rate), short) for minutes, rate, short in RULES[seed % 3]
        ),
        threshold_rules=_threshold_rules(rng, odd=seed % 3 == 2),
        requests=_requests(rng, span),
    )


def _threshold_rules(rng: Random, *, odd: bool) -> tuple[ThresholdRule, ...]:
    over = rng.choice((5, 15, 60))
    return (
        ThresholdRule("Slow", "speed", "statistic: p90, above: 2 x target", over, 10),
        ThresholdRule("Failing", "availability", 'bad_ratio: "> 5%"', over, 7 if odd else 5),
        ThresholdRule("Dip", "availability", "below: target", 11 if odd else 60, 60),
        ThresholdRule("Cache", "cache", "below: target", 180, 0),
    )


def _requests(rng: Random, span: Span) -> tuple[Request, ...]:
    start_us, end_us = span[0] - 4 * DAY_US, span[1] + HOUR_US
    troubles = [_trouble(rng, start_us, end_us) for _ in range(12)]
    # One across each end of the month.
    troubles += [(edge - 5 * HOUR_US, edge + HOUR_US, kind) for edge in span for kind in "fs"]
    gaps = [(at, at + rng.randrange(2, 9) * HOUR_US)
            for at in (rng.randrange(start_us, end_us) for _ in range(6))]  # fmt: skip
    found, ts_us = [], start_us
    while ts_us < end_us:
        ts_us += int(rng.expovariate(1 / (11 * MINUTE_US))) + 1
        if rng.random() < 0.15:  # on a step, or a microsecond before
            ts_us = (ts_us // STEP_US + 1) * STEP_US - rng.choice((0, 1))
        if not any(since <= ts_us < until for since, until in gaps):
            wrong = {kind for since, until, kind in troubles if since <= ts_us < until}
            found.append(_request(rng, ts_us, wrong))
    return tuple(found)


def _trouble(rng: Random, start_us: int, end_us: int) -> tuple[int, int, str]:
    since = rng.randrange(start_us, end_us)
    return since, since + rng.choice((20, 60, 200, 900)) * MINUTE_US, rng.choice("fsc")


def _request(rng: Random, ts_us: int, wrong: set[str]) -> Request:
    failed = rng.random() < (0.6 if "f" in wrong else 0.01)
    slow = rng.random() < (0.7 if "s" in wrong else 0.04)
    looked_up = rng.randrange(4)
    hit = rng.randrange(looked_up + 1) if "c" in wrong else min(looked_up, rng.choice((2, 3)))
    return Request(
        ts_us,
        rng.choice((500, 503)) if failed else rng.choice((200, 200, 404)),
        rng.choice((100, 199, 200, 201, 450)) if slow else rng.randrange(1, 100),
        hit,
        looked_up,
        rng.choice(("shed", "main", "main", "main")),
    )


def _fields(request: Request) -> dict[str, object]:
    second, micro = divmod(request.ts_us, 10**6)
    stamp = datetime.fromtimestamp(second, EPOCH.tzinfo).strftime("%Y-%m-%dT%H:%M:%S")
    return {
        "t": f"{stamp}.{micro:06}Z", "s": request.status, "d": request.duration_ms,
        "h": request.hit, "a": request.looked_up, "l": request.lane,
    }  # fmt: skip


def _slo_yaml(case: Case) -> str:
    lines = [
        "service: generated", f"timezone: {case.zone}", "logs:", "  - path: log.jsonl",
        "    format: jsonl",
        "    fields: {ts: t, status: s, duration: {from: d, unit: ms}, lane: l,",
        "             hit: {from: h, type: integer}, looked_up: {from: a, type: integer}}",
        "slos:",
        f"  - {{id: availability, good: status < 500, target: {float(case.target * 100):g}%}}",
        f"  - {{id: speed, value: duration, p90: {{target: < {LIMIT_MS} ms, budget: true}}}}",
        '  - {id: cache, sum: hit, over: looked_up, target: "> 60%"}',
        "burn_rate_alerts:",
    ]  # fmt: skip
    for rule in case.burn_rules:
        short = "" if rule.short_minutes is None else f", short_window: {rule.short_minutes}m"
        rate = f"{float(rule.rate):g}"
        lines.append(f"  - {{window: {rule.minutes}m, burn_rate: {rate}, severity: s{short}}}")
    lines.append("threshold_alerts:")
    for each in case.threshold_rules:
        held = f", for: {each.for_minutes}m" if each.for_minutes else ""
        valid = ", valid: lane <> 'shed'" if each.name == "Failing" else ""
        lines.append(f"  - {{name: {each.name}, slo: {each.slo}, {each.says},"
                     f" over: {each.over_minutes}m{held}{valid}}}")  # fmt: skip
    return "\n".join(lines) + "\n"
