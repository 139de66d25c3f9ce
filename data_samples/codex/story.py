"""What happened at codex-pdf in March and April 2026: the figures the generator works from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from data_samples.traffic import Quantiles, utc

FIRST_DAY, LAST_DAY = date(2026, 3, 1), date(2026, 4, 30)
WORKING_DAY_REQUESTS = {3: 1800, 4: 2550}

REPLICAS = ("codex-1", "codex-2", "codex-3")
# The monitor asks every replica, so that 99.95% is more than a handful of requests.
PING_EVERY = timedelta(minutes=5)

CLIENTS = {"paperflow": 34.0, "printshop": 24.0, "archivist": 18.0, "legalbox": 14.0, "zine": 10.0}
# The AI lane is opt-in: the share of each client's extracts that asks for it.
AI_SHARE = {"paperflow": 0.55, "legalbox": 0.8}


@dataclass(frozen=True)
class Endpoint:
    """How one endpoint is called and how it answers; times in milliseconds."""

    method: str
    path: str
    weight: float
    warm: Quantiles
    cold: Quantiles | None = None  # None: the endpoint has no cache
    hits: float = 0.0
    counted: bool = True  # whether the look-up is written down as cache_lookup
    failed: float = 0.0003


def spread(p50: float, p95: float, p99: float) -> Quantiles:
    """Give a distribution by the three percentiles of the tables."""
    return ((0, p50 * 0.3), (0.5, p50), (0.95, p95), (0.99, p99), (1, p99 * 1.8))


HEALTHZ = spread(1.2, 8, 21)
CONFORMANCE = "/v1/documents/{id}/conformance/{profile}"
RENDERS = "/v1/documents/{id}/renders"
RENDER_PAGE = "/v1/render/page"
SIGNALS = "/v1/documents/{id}/signals/{kind}"
EXTRACT = "/v1/extract"

ENDPOINTS = (
    Endpoint("GET", "/v1/contract", 3, spread(1, 4, 9)),
    Endpoint("POST", "/v1/probe", 10, spread(6, 35, 110), spread(40, 180, 600), 0.8, False),
    Endpoint("POST", EXTRACT, 22, spread(18, 140, 560), spread(210, 1500, 4600), 0.86),
    Endpoint(
        "GET", "/v1/documents/{id}/text-regions", 14, spread(3, 19, 64), spread(30, 140, 500), 0.78
    ),
    Endpoint("POST", CONFORMANCE, 16, spread(2.6, 15, 52), spread(33, 140, 560), 0.955),
    Endpoint("GET", RENDERS, 13, spread(2.4, 14, 41)),
    # Ghostscript has grown slower than its p95 of 4 s allows.
    Endpoint("POST", RENDER_PAGE, 9, spread(20, 90, 200), spread(430, 4900, 10300), 0.66),
    Endpoint("POST", "/v1/sample", 4, spread(25, 160, 480), failed=0.002),
    Endpoint("POST", "/v1/walk", 4, spread(30, 210, 700), failed=0.002),
    Endpoint("GET", SIGNALS, 9, spread(14, 90, 260), spread(1000, 4300, 11000), 0.7, False),
    # What passers-by try; none of it is in the table of endpoints.
    Endpoint("GET", "/favicon.ico", 0.3, spread(0.4, 1, 2)),
    Endpoint("GET", "/wp-login.php", 0.3, spread(0.4, 1, 2)),
)
UNKNOWN_PATHS = frozenset({"/favicon.ico", "/wp-login.php"})
QUERIES = {RENDERS: ("", "?dpi=150", "?dpi=300&page=2"), SIGNALS: ("", "?fresh=0")}
PROFILES = {"pdfa-2b": 5.0, "pdfx-4": 3.0, "pdfua-1": 2.0}

AI_EXTRACT_COLD = spread(3000, 9400, 20000)
COST_USD: Quantiles = ((0, 0.004), (0.5, 0.021), (0.95, 0.062), (1, 0.091))
BUDGET_EXCEEDED_SHARE = 0.0015  # the cap stopped a further call; what was spent stays below it
BUDGET_EXCEEDED_COST_USD = 0.0985
# One document whose last call, allowed at 0.0921, cost more than was left of its 0.10.
OVERSPENT_AFTER, OVERSPENT_USD = utc("2026-04-23 14:00"), 0.1043


@dataclass(frozen=True)
class Kind:
    """One AI extractor: who answers, how often it succeeds, and how errors divide."""

    model: str
    prompt: str
    success: float
    weight: float


KINDS = {
    "language": Kind("haiku-4.5", "language-3", 0.997, 3),
    "classification": Kind("haiku-4.5", "classification-4", 0.996, 3),
    "spell": Kind("haiku-4.5", "spell-2", 0.997, 3),
    "barcodes": Kind("haiku-4.5", "barcodes-2", 0.967, 2),
    "logos": Kind("sonnet-4.6", "logos-5", 0.935, 2),
    "symbols": Kind("sonnet-4.6", "symbols-5", 0.937, 2),
}
CALLS_PER_EXTRACT = ("language", "classification", "logos", "symbols", "barcodes", "spell")
CALL_SHARE = 0.6  # of the extractors that an extract really has to call
# A new prompt for logos, with which the model times out on dense pages.
NEW_PROMPT_SINCE, NEW_PROMPT_KIND = utc("2026-04-13 09:00"), "logos"
NEW_PROMPT = Kind("sonnet-4.6", "logos-6", 0.81, 2)

# A version rotation changed the cache's keys: verdicts were computed again for a day.
ROTATION, ROTATION_HITS = (utc("2026-04-14 08:00"), utc("2026-04-15 08:00")), 0.58

# One client's nightly job ran in the daytime and was shed by policy.
STORM, STORM_CLIENT = (utc("2026-04-21 10:00"), utc("2026-04-21 11:40")), "printshop"
STORM_REQUESTS_PER_HOUR = 420

# codex-2 ran out of disk one night: too short for the fleet's promise, too long for the replica's.
REPLICA_DOWN, DOWN_REPLICA = (utc("2026-04-09 02:00"), utc("2026-04-09 02:34")), "codex-2"
# A disk of rendered pages was away in March: the rolling 30 days remember it into April.
RENDERS_AWAY, RENDERS_AWAY_SHARE = (utc("2026-03-19 13:00"), utc("2026-03-19 14:00")), 0.8

BROKEN_LINES = {"cut": 3, "no time": 1, "status abc": 1, "slow": 1}
BLANK_LINES = {"2026-04-12": 1}
