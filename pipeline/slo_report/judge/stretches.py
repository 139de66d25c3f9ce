"""The stretch of time in which bad events came together."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import log

import polars as pl

from slo_report.judge.counts import Counts
from slo_report.judge.evidence import evidence, price_of_stretch

HOURS_A_DAY = 24
_ROUNDS = 12


@dataclass(frozen=True)
class Stretch:
    """Steps [first, end) of a series, what was counted in them, and the price of having chosen."""

    first: int
    end: int
    counts: Counts
    price: float


def best_stretch(series: pl.DataFrame, whole: Counts, steps: int) -> Stretch | None:
    """Return the stretch with most evidence above its price, as one of `steps` steps.

    `series` (step, valid, bad) has the steps with any valid events; `whole` also counts events
    that are not in the series. For a given pair of shares, inside and outside, the likeliest
    stretch is the one with the greatest sum of log-likelihood ratios, found in one pass; each
    answer gives the next pair of shares.
    """
    found = {}
    for share in _first_shares(whole):
        inside, outside = share, _share(whole)
        for _ in range(_ROUNDS):
            stretch = _likeliest(series, inside, outside, steps)
            if stretch is None or (stretch.first, stretch.end) in found:
                break
            found[stretch.first, stretch.end] = stretch
            inside, outside = _share(stretch.counts), _share(whole - stretch.counts)
            if inside <= outside:
                break
    scored = [(evidence(s.counts, whole) - s.price, -s.first, s) for s in found.values()]
    return max(scored, key=lambda item: item[:2])[2] if scored else None


def best_hours(by_hour: Sequence[Counts], whole: Counts) -> Stretch | None:
    """Return the run of hours of the day with most evidence above its price; it may pass midnight.

    `by_hour` has 24 counts; a stretch that ends after 24 goes on at 0.
    """
    best: tuple[float, Stretch] | None = None
    for first in range(HOURS_A_DAY):
        valid = bad = 0
        for length in range(1, HOURS_A_DAY // 2 + 1):
            hour = by_hour[(first + length - 1) % HOURS_A_DAY]
            valid, bad = valid + hour.valid, bad + hour.bad
            counts = Counts(valid, bad)
            stretch = Stretch(first, first + length, counts, price_of_stretch(length, HOURS_A_DAY))
            score = evidence(counts, whole) - stretch.price
            if best is None or score > best[0]:
                best = (score, stretch)
    return best[1] if best else None


def _first_shares(whole: Counts) -> Iterator[float]:
    """Yield shares of bad events to start from: twice the usual, four times, up to nearly all."""
    share = 2 * _share(whole)
    while share < 0.9:
        yield share
        share *= 2
    yield 0.9


def _share(counts: Counts) -> float:
    # Half an event more, so that no logarithm is taken of 0.
    return (counts.bad + 0.5) / (counts.valid + 1)


def _likeliest(series: pl.DataFrame, inside: float, outside: float, steps: int) -> Stretch | None:
    """Return the run of steps with the greatest sum of log-likelihood ratios."""
    inside, outside = min(inside, 0.999999), min(outside, 0.999999)
    for_bad, for_good = log(inside / outside), log((1 - inside) / (1 - outside))
    weight = pl.col("bad") * for_bad + (pl.col("valid") - pl.col("bad")) * for_good
    sums = series.select("step", "valid", "bad", upto=weight.cum_sum())
    before = sums.get_column("upto").shift(1, fill_value=0.0)
    gain = sums.get_column("upto") - before.cum_min()
    end = gain.arg_max()
    if end is None or gain[end] <= 0:
        return None
    first = before.head(end + 1).arg_min() or 0
    run = sums.slice(first, end - first + 1).filter(pl.col("bad") > 0)
    if run.is_empty():
        return None
    # Quiet steps at its edges belong to no stretch.
    from_step, to_step = run.item(0, "step"), run.item(-1, "step") + 1
    kept = series.filter(pl.col("step").is_between(from_step, to_step, closed="left"))
    counts = Counts(int(kept["valid"].sum()), int(kept["bad"].sum()))
    price = price_of_stretch(to_step - from_step, steps)
    return Stretch(from_step, to_step, counts, price)
