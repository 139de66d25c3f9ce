"""Generated months with a known culprit, or none: requests as a frame, with the truth beside it."""

from dataclasses import dataclass
from datetime import datetime
from random import Random
from zoneinfo import ZoneInfo

import polars as pl

from slo_report.months import DAY_US, HOUR_US, Month

MONTH = Month("2026-04", ZoneInfo("Europe/Berlin"))
CUSTOMERS = [f"customer-{number}" for number in range(1, 13)]
ENDPOINTS = [f"GET /v1/{name}" for name in ("probe", "extract", "render", "walk", "sample", "sign")]
REPLICAS = [f"replica-{number}" for number in range(1, 5)]
RELEASE_DAYS = (0.0, 5.4, 9.4, 12.4, 18.4, 23.4, 27.4)
"""Days since the month's start on which a release goes live."""

DAY = (pl.col("ts_us") - MONTH.from_us) / DAY_US
"""Days since the month's start, on the report's clock: April has no clock change."""
HOUR = (pl.col("ts_us") - MONTH.from_us) // HOUR_US % 24
MINUTE = 1 / (24 * 60)


@dataclass(frozen=True)
class Planted:
    """Which requests the culprit could fail, and how it must be named."""

    inside: pl.Expr
    keys: frozenset[tuple[str, str]] = frozenset()
    hours: tuple[int, int] | None = None
    days: tuple[float, float] | None = None
    """When it began and ended, in days since the month's start."""
    slack: tuple[float, float] = (0.0, 0.0)
    """How many days the named beginning and end may be off."""


@dataclass(frozen=True)
class GeneratedMonth:
    """A month's requests (ts_us, customer, endpoint, replica, release, bad) and their culprit."""

    requests: pl.DataFrame
    planted: Planted | None = None

    @property
    def share(self) -> float:
        """The share of bad requests that is inside the culprit."""
        assert self.planted is not None
        bad = self.requests.filter("bad")
        return bad.filter(self.planted.inside).height / bad.height


def quiet(seed: int) -> GeneratedMonth:
    """Return a month of uneven traffic whose requests fail by chance alone."""
    rng = Random(seed)
    return GeneratedMonth(_failed(rng, _traffic(rng), pl.lit(rng.choice((0.002, 0.005, 0.02)))))


def bursty(seed: int) -> GeneratedMonth:
    """Return such a month with overdispersed traffic: now and then ten times the usual."""
    rng = Random(seed)
    traffic = _traffic(rng, bursts=True)
    return GeneratedMonth(_failed(rng, traffic, pl.lit(rng.choice((0.002, 0.005, 0.02)))))


def one_customer(seed: int) -> GeneratedMonth:
    """Return a month in which one customer's requests fail more often, all month."""
    rng = Random(seed)
    key = ("customer", rng.choice(CUSTOMERS))
    return _failing(rng, Planted(pl.col("customer") == key[1], frozenset({key})))


def one_release(seed: int) -> GeneratedMonth:
    """Return a month in which one release is worse than the others."""
    rng = Random(seed)
    key = ("release", f"1.{rng.randint(1, len(RELEASE_DAYS))}.0")
    return _failing(rng, Planted(pl.col("release") == key[1], frozenset({key})))


def endpoint_of_a_release(seed: int) -> GeneratedMonth:
    """Return a month in which a release broke one endpoint and no other."""
    rng = Random(seed)
    release = ("release", f"1.{rng.randint(1, len(RELEASE_DAYS))}.0")
    endpoint = ("endpoint", rng.choice(ENDPOINTS))
    inside = (pl.col("release") == release[1]) & (pl.col("endpoint") == endpoint[1])
    return _failing(rng, Planted(inside, frozenset({release, endpoint})))


def endpoint_at_night(seed: int) -> GeneratedMonth:
    """Return a month in which one endpoint fails in the same hours of every night."""
    rng = Random(seed)
    key = ("endpoint", rng.choice(ENDPOINTS))
    first = rng.choice((0, 1, 2))
    end = first + rng.choice((3, 4))
    inside = (pl.col("endpoint") == key[1]) & HOUR.is_between(first, end, closed="left")
    return _failing(rng, Planted(inside, frozenset({key}), hours=(first, end)))


def slow_regression(seed: int) -> GeneratedMonth:
    """Return a month that gets worse for two weeks, at once or little by little, till the fix."""
    rng = Random(seed)
    first, growing = rng.uniform(1, 14), rng.choice((0.01, 3.0, 6.0))
    inside = DAY.is_between(first, first + 14, closed="left")
    planted = Planted(inside, days=(first, first + 14), slack=(2 + growing * 0.75, 2))
    # Half of the month's requests: with less than half of the bad ones their rate hardly differs.
    shares = (0.5, 0.8)
    return _failing(rng, planted, strength=((DAY - first) / growing).clip(0, 1), shares=shares)


def short_outage(seed: int) -> GeneratedMonth:
    """Return a month with five minutes in which nearly everything failed, and was tried again."""
    rng = Random(seed)
    day = rng.choice([day for day, date in enumerate(MONTH.days) if date.date.weekday() < 5])
    first = day + rng.uniform(9, 16) / 24
    inside = DAY.is_between(first, first + 5 * MINUTE, closed="left")
    slack = (6 * MINUTE, 6 * MINUTE)
    traffic = _traffic(rng)
    again = traffic.filter(inside)
    traffic = pl.concat([traffic, again, again]).sort("ts_us", maintain_order=True)
    failed = _failed(rng, traffic, pl.when(inside).then(0.95).otherwise(0.001))
    return GeneratedMonth(failed, Planted(inside, days=(first, first + 5 * MINUTE), slack=slack))


def _failing(
    rng: Random,
    planted: Planted,
    *,
    strength: pl.Expr | None = None,
    shares: tuple[float, float] = (0.3, 0.7),
) -> GeneratedMonth:
    """Let the culprit cause a share of the bad requests, between three and seven tenths."""
    usual, strong = 0.003, pl.lit(1.0) if strength is None else strength
    traffic = _traffic(rng)
    reached = traffic.filter(planted.inside).select(strong.sum()).item()
    share = rng.uniform(*shares)
    most = min(0.95, usual * traffic.height * share / (1 - share) / max(1.0, reached))
    chance = usual + pl.when(planted.inside).then(most * strong).otherwise(0.0)
    return GeneratedMonth(_failed(rng, traffic, chance), planted)


def _failed(rng: Random, traffic: pl.DataFrame, chance: pl.Expr) -> pl.DataFrame:
    luck = pl.Series([rng.random() for _ in range(traffic.height)])
    return traffic.with_columns(bad=luck < chance)


def _traffic(rng: Random, *, bursts: bool = False) -> pl.DataFrame:
    """Return uneven traffic: office days, big and small customers, favoured endpoints."""
    steep = rng.uniform(0.5, 1.2)
    who = [1 / (rank + 1) ** steep for rank in range(len(CUSTOMERS))]
    what = [rng.uniform(0.3, 3) for _ in ENDPOINTS]
    per_hour = rng.uniform(50, 70)
    ts_us: list[int] = []
    customers: list[str] = []
    for hour in range(len(MONTH.days) * 24):
        start = MONTH.from_us + hour * HOUR_US
        busy = per_hour * _busyness(MONTH.local(start))
        if bursts:
            busy *= rng.gammavariate(0.5, 2)
        # A burst often comes from one customer.
        eager = [weight * (20 if bursts and rng.random() < 0.02 else 1) for weight in who]
        requests = _poisson(rng, busy)
        ts_us += sorted(start + int(rng.random() * HOUR_US) for _ in range(requests))
        customers += rng.choices(CUSTOMERS, eager, k=requests)
    count = len(ts_us)
    live = pl.sum_horizontal((day <= DAY).cast(pl.Int64) for day in RELEASE_DAYS)
    return pl.DataFrame(
        {
            "ts_us": ts_us,
            "customer": customers,
            "endpoint": rng.choices(ENDPOINTS, what, k=count),
            "replica": rng.choices(REPLICAS, k=count),
        }
    ).with_columns(release=pl.format("1.{}.0", live))


def _busyness(at: datetime) -> float:
    if at.weekday() >= 5:
        return 0.25
    return 2.0 if 8 <= at.hour < 18 else 0.35


def _poisson(rng: Random, mean: float) -> int:
    """Return a draw by waiting times."""
    count, passed = 0, rng.expovariate(1.0)
    while passed < mean:
        count, passed = count + 1, passed + rng.expovariate(1.0)
    return count
