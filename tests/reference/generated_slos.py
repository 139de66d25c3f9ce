"""The SLOs of a generated month: a menu that covers the language, and a draw from it."""

from random import Random

from .definition import Customer, EachRow, Exclusion, Slo
from .expressions import (
    Expression,
    below,
    between,
    both,
    column,
    differs,
    either,
    equals,
    is_not_null,
    negated,
    one_of,
    weighted_sum,
)
from .generated_requests import CUSTOMERS, EXACT_LIMIT_US, Traits
from .targets import TargetSpec

WINDOWS = ("month", "month", "30d", "7d", "day")
RATIOS = ("99.5%", "99%", "95%", "90%", "100%", "> 90%", "87.5%", "99.99%")
NO_SERVER_ERROR = below("status", 500)
NOT_CLIENT_ERROR = negated(between("status", 400, 499))
COST = weighted_sum((("tokens_in", "0.000003"), ("tokens_out", "0.000015")))


def draw_slos(rng: Random, traits: Traits, durations_us: list[int]) -> tuple[Slo, ...]:
    """Draw the SLOs of a month; limits are set close to, or on, what was measured."""
    limits = Limits(rng, sorted(durations_us))
    menu = [_per_customer, _cost, _tokens, _cache_ratio, _quick, _regions, _skew, _spend_cap]
    slos = [_availability(rng, traits, limits), _latency(rng, traits, limits)]
    slos += [draw(rng, traits, limits) for draw in rng.sample(menu, 4)]
    slos += [_first_byte(rng, traits, limits), *_without_traffic(rng, traits)]
    return (*slos, *(_exact_lane() if traits.exact_lane else ()))


class Limits:
    """Durations to use as limits: the measured quantile itself or a microsecond beside it."""

    def __init__(self, rng: Random, sorted_us: list[int]) -> None:
        self._rng, self._sorted_us = rng, sorted_us

    def near(self, percent: float) -> str:
        """Write a limit near a quantile in some unit, with either comparison."""
        rank = min(int(len(self._sorted_us) * percent / 100), len(self._sorted_us) - 1)
        limit_us = max(self._sorted_us[rank] + self._rng.choice((-1, 0, 0, 1)), 2)
        op = self._rng.choice(("<", "<="))
        factor, unit = self._rng.choice(((1, "us"), (10**3, "ms"), (10**6, "s")))
        digits = len(str(factor)) - 1
        whole, part = divmod(limit_us, factor)
        fraction = f".{part:0{digits}}".rstrip("0").rstrip(".") if digits else ""
        return f"{op} {whole}{fraction} {unit}"


def _availability(rng: Random, traits: Traits, _: Limits) -> Slo:
    target = TargetSpec.of(rng.choice(RATIOS))
    if rng.random() < 0.4:
        later = rng.choice(("2030-01", "2024-01"))
        target = TargetSpec((("2023-05", "95%"), (later, "90%")))
    valid = rng.choice((None, NOT_CLIENT_ERROR, differs("customer", CUSTOMERS[1])))
    row = EachRow({"ratio": target})
    window = WINDOWS[traits.seed % len(WINDOWS)]
    return Slo("availability", (row,), valid=valid, good=NO_SERVER_ERROR, window=window)


def _latency(rng: Random, traits: Traits, limits: Limits) -> Slo:
    names = [name for name in ("p50", "p90", "p95", "p99", "p99.9") if rng.random() < 0.6]

    def targets() -> dict[str, TargetSpec]:
        return {name: TargetSpec.of(limits.near(float(name[1:]))) for name in (names or ["p99"])}

    window = WINDOWS[(traits.seed + 2) % len(WINDOWS)]
    rows: tuple[EachRow, ...] = (EachRow(targets()),)
    if traits.seed % 3:
        first, second, third = traits.endpoints[:3]
        rows = (
            EachRow(targets(), {"endpoint": (first,), "cached": (False,)}),
            EachRow(targets(), {"endpoint": (second,)}),
            EachRow(targets(), {"endpoint": (first, third)}, title="Reads, both"),
            EachRow(targets(), {"endpoint": (second, third), "cache": ("warm",)}),
        )
    return Slo("latency", rows, value=column("duration"), window=window)


def _first_byte(rng: Random, traits: Traits, limits: Limits) -> Slo:
    p50 = TargetSpec.of(limits.near(30), informational=True)
    p99 = TargetSpec.of(limits.near(97), budget=True)
    valid = rng.choice((column("cached"), is_not_null("cache"), NO_SERVER_ERROR))
    window = WINDOWS[(traits.seed + 1) % len(WINDOWS)]
    row = EachRow({"p50": p50, "p99": p99})
    return Slo("first_byte", (row,), valid=valid, value=column("first_byte"), window=window)


def _per_customer(rng: Random, _: Traits, __: Limits) -> Slo:
    rows = (
        EachRow({"ratio": TargetSpec.of("90%")}, {"customer": ("007",)}),
        EachRow({"ratio": TargetSpec.of("> 85%")}, {"customer": CUSTOMERS[1:4]}),
        EachRow({"ratio": TargetSpec.of("80%")}, {"customer": CUSTOMERS[2:3]}, title="Größte"),
        EachRow({"ratio": TargetSpec.of("99%")}, {"replica": ("r1", "r2"), "status": (200, 500)}),
    )
    return Slo("per_customer", rows, good=NO_SERVER_ERROR, window=rng.choice(WINDOWS))


def _cost(rng: Random, _: Traits, __: Limits) -> Slo:
    row = EachRow({"p50": TargetSpec.of("< 0.004"), "p99.9": TargetSpec.of("<= 0.015")})
    return Slo(
        "cost", (row,), value=COST, unit="USD", informational=True, window=rng.choice(WINDOWS)
    )


def _spend_cap(rng: Random, _: Traits, __: Limits) -> Slo:
    cap = rng.choice(("<= 0.10", "< 0.10", "<= 0.0999"))
    row = EachRow({"max": TargetSpec.of(cap), "p95": TargetSpec.of("<= 0.09")})
    return Slo("spend", (row,), value=column("cost"), unit="EUR", window=rng.choice(WINDOWS))


def _tokens(rng: Random, traits: Traits, _: Limits) -> Slo:
    text = rng.choice(("> 50%", "50%", "10%", "> 60%"))
    rows: tuple[EachRow, ...] = (EachRow({"sum_ratio": TargetSpec.of(text)}),)
    if rng.random() < 0.5:
        rows = tuple(
            EachRow({"sum_ratio": TargetSpec.of(text)}, {"endpoint": (endpoint,)})
            for endpoint in traits.endpoints
        )
    hit, tokens_in = column("tokens_hit"), column("tokens_in")
    return Slo("tokens", rows, sum=hit, over=tokens_in, window=rng.choice(WINDOWS))


def _cache_ratio(rng: Random, traits: Traits, _: Limits) -> Slo:
    rows = tuple(
        EachRow({"ratio": TargetSpec.of(rng.choice(("50%", "> 60%")))}, {"endpoint": (endpoint,)})
        for endpoint in traits.endpoints
    )
    valid, good = is_not_null("cache"), equals("cache", "warm")
    window = rng.choice(WINDOWS)
    return Slo("cache_hit", rows, valid=valid, good=good, budget=False, window=window)


def _quick(rng: Random, _: Traits, __: Limits) -> Slo:
    """Return a ratio whose ``good`` and ``valid`` are NULL for some requests."""
    good = both(below("duration", 200_000, "200 ms"), negated(column("cached")))
    valid = either(column("cached"), one_of("region", ("eu", "us")))
    row = EachRow({"ratio": TargetSpec.of(rng.choice(("30%", "> 40%")))})
    return Slo("quick", (row,), valid=valid, good=good, window=rng.choice(WINDOWS))


def _regions(rng: Random, _: Traits, __: Limits) -> Slo:
    def target() -> dict[str, TargetSpec]:
        return {"ratio": TargetSpec.of(rng.choice(RATIOS))}

    rows = (
        EachRow(target(), {"region": ("eu",), "cached": (True,)}),
        EachRow(target(), {"region": ("us", "ap"), "cached": (True, False)}),
    )
    return Slo("regions", rows, good=NO_SERVER_ERROR)


def _skew(rng: Random, _: Traits, __: Limits) -> Slo:
    """Return percentiles of a value that may be negative, judged at zero."""
    texts = {"p50": rng.choice(("<= 0", "< 0")), "p90": "< 12", "max": "<= 20"}
    row = EachRow({name: TargetSpec.of(text) for name, text in texts.items()})
    return Slo("skew", (row,), value=column("skew"), unit="points", window=rng.choice(WINDOWS))


def _without_traffic(rng: Random, traits: Traits) -> list[Slo]:
    nobody = equals("lane", "never")
    ratio = (EachRow({"ratio": TargetSpec.of("99%")}),)
    idle = Slo("idle", ratio, valid=nobody, good=NO_SERVER_ERROR, window=rng.choice(WINDOWS))
    p99 = (EachRow({"p99": TargetSpec.of("< 1.5 s")}),)
    unused = Slo("unused", p99, valid=nobody, value=column("duration"), optional=True)
    none = Expression("tokens_in * 0", lambda row: None if row["tokens_in"] is None else 0)
    sums = (EachRow({"sum_ratio": TargetSpec.of("50%")}),)
    zero = Slo("zero_denominator", sums, sum=column("tokens_hit"), over=none)
    return [idle, unused, *([zero] if traits.seed % 4 == 0 else [])]


def _exact_lane() -> list[Slo]:
    """Return objectives on the 200 requests of the exact lane, whose figures lie on the target."""
    lane, limit = equals("lane", "exact"), f"{EXACT_LIMIT_US // 1000} ms"

    def ratio(name: str, target: str) -> Slo:
        rows = (EachRow({"ratio": TargetSpec.of(target)}),)
        return Slo(name, rows, valid=lane, good=NO_SERVER_ERROR)

    def p99(name: str, target: str) -> Slo:
        rows = (EachRow({"p99": TargetSpec.of(target, budget=True)}),)
        return Slo(name, rows, valid=lane, value=column("duration"))

    perfect = Slo(
        "exact_perfect",
        (EachRow({"ratio": TargetSpec.of("100%")}),),
        valid=both(lane, NO_SERVER_ERROR),
        good=equals("region", "eu"),
    )
    return [
        ratio("exact_ratio", "99.5%"),
        ratio("exact_ratio_strict", "> 99.5%"),
        p99("exact_limit", f"<= {limit}"),
        p99("exact_limit_strict", f"< {limit}"),
        perfect,
    ]


def draw_exclusions(rng: Random, traits: Traits, slos: tuple[Slo, ...]) -> tuple[Exclusion, ...]:
    """Draw exclusions by predicate, by time and by both; the exact lane's day is left alone."""
    month, some = traits.month, tuple(rng.sample([slo.id for slo in slos], 3))
    offset = rng.choice(("Z", "+02:00"))
    rules = [
        Exclusion("Upstream", one_of("fault", ("upstream", "network"))),
        Exclusion("Move", None, f"{month}-03T00:15:00", f"{month}-04T02:00:00"),
        Exclusion(
            "Gast & Wartung",
            None,
            f"{month}-20T00:00:00{offset}",
            f"{month}-20T18:30:00{offset}",
            some,
        ),
        Exclusion(
            "Cold starts in the trial",
            equals("cache", "cold"),
            f"{month}-24T00:00:00",
            f"{month}-28T12:00:00",
        ),
        Exclusion("First bytes", equals("fault", "client"), slos=("first_byte",)),
    ]
    if traits.reserved:  # what a rule for every SLO means for capacity is not said
        rules = [rule for rule in rules if rule.slos is not None]
    return tuple(rng.sample(rules, min(len(rules), 1 + traits.seed % 4)))


def draw_customers(rng: Random, traits: Traits, slos: tuple[Slo, ...]) -> tuple[Customer, ...]:
    """Draw customers with stricter promises, one of them with capacity of their own."""
    strict = {"availability": {"ratio": TargetSpec.of(rng.choice(("99.95%", "100%")))}}
    latency = next(slo for slo in slos if slo.id == "latency")
    if not latency.has_each:
        statistic = list(latency.rows[0].targets)[-1]
        strict["latency"] = {statistic: TargetSpec.of("< 90.0005 ms")}
    first_byte = {"first_byte": {"p99": TargetSpec.of("<= 0.25 s")}}
    customers = [Customer("007", strict), Customer(CUSTOMERS[2], first_byte)]
    if traits.reserved:
        customers.append(Customer("reserver", {}, ("r9",)))
    return tuple(customers[-2:] if traits.seed % 2 else customers)
