"""Requests of a generated month: when they came, and the fields of their log lines."""

from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from zoneinfo import ZoneInfo

from .months import HOUR_US, days_of_month, instant_us, month_span

PLACES = (
    ("UTC", "2025-04"),
    ("Europe/Berlin", "2025-03"),
    ("Asia/Kolkata", "2025-02"),
    ("Australia/Lord_Howe", "2025-04"),
    ("America/New_York", "2025-03"),
    ("Asia/Kathmandu", "2024-02"),
    ("Europe/Berlin", "2025-10"),
    ("Pacific/Chatham", "2025-04"),
    ("America/New_York", "2024-11"),
    ("Australia/Lord_Howe", "2025-10"),
    ("UTC", "2025-12"),
    ("Pacific/Chatham", "2025-09"),
    ("Asia/Kathmandu", "2025-02"),
)
"""Months of 28 to 31 days; zones with quarter hours, and with clocks moved by half an hour."""
CUSTOMERS = ("acme", "007", 'O\'Brien & "Söhne"', "株式会社 例", "7", "<b>bold</b>")
ROUTED = ("GET /health", "POST /v1/extract", "GET /v1/items", "PUT /v1/items")
TEMPLATES = ("GET /health", "POST /v1/extract", "GET /v1/items/{id}", "GET /v1/never/{id}/x")
EXACT_LIMIT_US = 250_000


@dataclass(frozen=True)
class Traits:
    """What a seed decides before anything is drawn."""

    seed: int

    @property
    def place(self) -> tuple[str, str]:
        """Return zone and month."""
        return PLACES[self.seed % len(PLACES)]

    @property
    def month(self) -> str:
        """Return the month that is reported."""
        return self.place[1]

    @property
    def has_templates(self) -> bool:
        """Say whether endpoints come from raw paths."""
        return self.seed % 2 == 1

    @property
    def endpoints(self) -> tuple[str, ...]:
        """Return the endpoints to choose from; one of the templates has no traffic."""
        return TEMPLATES if self.has_templates else ROUTED

    @property
    def ts_is_end(self) -> bool:
        """Say whether the log has the end of each request."""
        return self.seed % 4 == 1

    @property
    def exact_lane(self) -> bool:
        """Say whether there are requests whose figures lie on the target."""
        return self.seed % 2 == 0

    @property
    def reserved(self) -> bool:
        """Say whether a customer has capacity of their own."""
        return self.seed % 6 == 3

    @property
    def traffic(self) -> str:
        """Return how requests are spread: on Mondays with a gap, from day 7 on, or evenly."""
        return {5: "mondays", 8: "late"}.get(self.seed % 12, "even")


@dataclass
class Draft:
    """A request to be written: its start, its duration, and every other field as JSON text."""

    ts_us: int
    duration_text: str | None
    fields: dict[str, str] = field(default_factory=dict)


def draw_instants(rng: Random, traits: Traits) -> list[int]:
    """Draw the starts of the month's requests, the first and the last microsecond among them."""
    zone = ZoneInfo(traits.place[0])
    start_us, end_us = month_span(traits.month, zone)
    edges = [start_us, end_us - 1]
    if traits.traffic == "mondays":
        return _mondays(rng, traits.month, zone) + edges
    if traits.traffic == "late":
        start_us, edges = start_us + 150 * HOUR_US, [end_us - 1]
    return [rng.randrange(start_us, end_us) for _ in range(rng.randint(250, 650))] + edges


def _mondays(rng: Random, month: str, zone: ZoneInfo) -> list[int]:
    """Draw 22 requests for each hour from 9 to 16 on Mondays, but none for two of these hours."""
    mondays = [day for day in days_of_month(month) if day.weekday() == 0]
    instants = []
    for week, day in enumerate(mondays):
        for hour in range(9, 16):
            if not (week == 2 and hour in (11, 12)):
                begin = instant_us(datetime(day.year, day.month, day.day, hour, tzinfo=zone))
                instants += [begin + rng.randrange(HOUR_US) for _ in range(22)]
    return instants


def draw_request(rng: Random, traits: Traits, ts_us: int) -> Draft:
    """Draw one request with its gaps: fields are null or left out now and then."""
    fields = {
        **_endpoint_fields(rng, traits),
        "status": rng.choices(("200", "404", "429", "500", "503"), (88, 4, 3, 3, 2))[0],
        "customer": _maybe(rng, 0.08, _json(rng.choices(CUSTOMERS, (6, 5, 4, 3, 2, 1))[0])),
        "replica": _maybe(rng, 0.05, f'"{rng.choice(("r1", "r2", "r3"))}"'),
        "region": _maybe(rng, 0.1, f'"{rng.choice(("eu", "us", "ap"))}"'),
        "cache": _maybe(rng, 0.2, f'"{rng.choices(("warm", "cold"), (3, 2))[0]}"'),
        "fault": _maybe(rng, 0.8, f'"{rng.choice(("upstream", "client", "network", "own"))}"'),
        "flags": _maybe(rng, 0.1, f'{{"cached": {rng.choice(("true", "false", "null"))}}}'),
        "usage": _maybe(rng, 0.1, _usage(rng)),
        "cost": _maybe(rng, 0.3, rng.choice(("0.10", "0.1", f"0.0{rng.randint(0, 9999):04}"))),
        "skew": _maybe(rng, 0.1, str(rng.choice((0, 0, rng.randint(-30, 20))))),
    }
    if rng.random() > 0.15:
        seconds = f"{rng.lognormvariate(-2.5, 1):.7f}"
        is_flat = rng.random() < 0.2  # a key of that very name goes before the path into objects
        fields["timing.first" if is_flat else "timing"] = (
            seconds if is_flat else f'{{"first": {seconds}}}'
        )
    duration = None if rng.random() < 0.05 else _duration_ms(rng)
    return Draft(ts_us, duration, {k: v for k, v in fields.items() if v != "absent"})


def exact_lane(rng: Random, traits: Traits) -> list[Draft]:
    """Return 200 requests of day 10: one failed, and the 198th slowest takes the limit exactly."""
    zone = ZoneInfo(traits.place[0])
    noon_us = instant_us(datetime.fromisoformat(f"{traits.month}-10T12:00").replace(tzinfo=zone))
    milliseconds = [f"{rng.randint(1_000, 249_000) / 1000:.3f}" for _ in range(197)]
    milliseconds += [str(EXACT_LIMIT_US // 1000), "250.001", "300"]
    drafts = []
    for number, text in enumerate(milliseconds):
        draft = draw_request(rng, traits, noon_us + rng.randrange(4 * HOUR_US))
        draft.duration_text = text
        draft.fields |= {"lane": '"exact"', "status": "500" if number == 7 else "200"}
        draft.fields |= {"region": '"eu"', "fault": "null"}
        drafts.append(draft)
    return drafts


def _endpoint_fields(rng: Random, traits: Traits) -> dict[str, str]:
    if not traits.has_templates:
        method, route = rng.choices(ROUTED, (3, 4, 3, 1))[0].split(" ")
        return {"method": f'"{method}"', "route": f'"{route}"'}
    item = f"/v1/items/{rng.choice(('42', 'a-b', 'ü'))}"
    paths = (
        "GET /health",
        "POST /v1/extract",
        "POST /v1/extract?deep=1/2",
        f"GET {item}",
        f"GET {item}?full=1",
        f"GET {item}/parts",
        "DELETE /health",
        "GET /v1/items/",
    )
    method, path = rng.choice(paths).split(" ")
    return {"method": f'"{method}"', "path": f'"{path}"'}


def _usage(rng: Random) -> str:
    tokens = rng.randint(1, 3000)
    parts = [f'"in": {tokens}', f'"out": {rng.randint(0, 900)}']
    if rng.random() < 0.9:
        parts.append(f'"hit": {rng.randint(0, tokens)}')
    return "{" + ", ".join(parts) + "}"


def _duration_ms(rng: Random) -> str:
    milliseconds = rng.lognormvariate(4, 1)
    return rng.choice((f"{milliseconds:.0f}", f"{milliseconds:.3f}", f"{milliseconds:.3f}5"))


def _maybe(rng: Random, missing_share: float, text: str) -> str:
    return rng.choice(("null", "absent")) if rng.random() < missing_share else text


def _json(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
