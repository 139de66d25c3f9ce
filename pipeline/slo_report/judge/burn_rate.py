"""Burn-rate rules over a month: when each rang, for how long, and what it had cost by then.

The multi-window rules are those of B. Beyer et al., The Site Reliability Workbook (2018),
chapter 5, "Alerting on SLOs", table 5-8.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import polars as pl

from slo_report.judge.ringing import Limit, Ringing, beyond, ringings, worst
from slo_report.judge.steps import Totals
from slo_report.rollup.measures import Question
from slo_report.slo_yaml.alert_definition import BurnRateAlert

SECOND_US = 1_000_000
HOUR_S = 3600
WORKBOOK = (
    BurnRateAlert(1 * HOUR_S, Decimal("14.4"), "page", 300),
    BurnRateAlert(6 * HOUR_S, Decimal(6), "page", 1800),
    BurnRateAlert(24 * HOUR_S, Decimal(3), "ticket", 2 * HOUR_S),
    BurnRateAlert(72 * HOUR_S, Decimal(1), "ticket", 6 * HOUR_S),
)
PAGES_FROM = Decimal(6)
"""The lowest burn rate for which the workbook wakes somebody."""
NOISE_BELOW = Fraction(1, 100)
"""A page for less of the budget than this was not worth it."""


@dataclass(frozen=True)
class Burn:
    """A question with a budget, and what was counted of it."""

    question: Question
    totals: Totals
    steps: range
    """The month's steps, until now where it still runs."""
    end_us: int
    """The end of what is counted: the month's end."""

    @property
    def allowed_share(self) -> Fraction:
        """One less the target."""
        return 1 - self.question.needed_share

    @property
    def allowed(self) -> Fraction:
        """The month's budget in bad events: (1 - target) x the valid events of the month so far."""
        return self.allowed_share * self.totals.between(self.steps.start, self.end_us)[0]

    def share_of_budget(self, from_us: int, to_us: int) -> Fraction | None:
        """Return the share of the month's budget that went in a stretch of the month."""
        if not self.allowed:
            return None
        bad = self.totals.between(max(from_us, self.steps.start), min(to_us, self.end_us))[1]
        return bad / self.allowed


@dataclass(frozen=True)
class BurnEpisode:
    """One rule that rang for one objective."""

    question: Question
    rule: BurnRateAlert
    from_us: int
    to_us: int | None
    """None where it rang at the month's end (or still rings)."""
    carried_in: bool
    """It rang at the month's first step, for what had happened before."""
    peak: Fraction | None
    """The highest burn rate over the rule's window; None where the target allows nothing."""
    used_at_start: Fraction | None
    used_by_end: Fraction | None
    cost: Fraction | None
    """Share of the month's budget that went from the first bad event to the end."""
    first_bad_slot: int
    """Where the bad events that set it off begin."""
    began_us: int
    """When they began: the start of that slot, until the event itself has been looked up."""

    @property
    def is_page(self) -> bool:
        """True where the rule wakes somebody."""
        return is_page(self.rule)

    @property
    def is_noise(self) -> bool:
        """True for a page that hardly any of the budget went for."""
        return (
            self.is_page
            and not self.carried_in
            and self.cost is not None
            and self.cost < NOISE_BELOW
        )

    @property
    def detection_us(self) -> int | None:
        """The time from the first bad event to the alert."""
        return None if self.carried_in else self.from_us - self.began_us


def is_page(rule: BurnRateAlert) -> bool:
    """Tell a page from a ticket: by the severity's own word, else by its burn rate."""
    severity = rule.severity.casefold()
    if "page" in severity or "ticket" in severity:
        return "page" in severity
    return rule.burn_rate >= PAGES_FROM


def highest_burn_rate(question: Question) -> Fraction | None:
    """Return the burn rate with every event bad: 1 / (1 - target); None for a target of 100%."""
    allowed_share = 1 - question.needed_share
    return 1 / allowed_share if allowed_share else None


def is_reachable(rule: BurnRateAlert, question: Question) -> bool:
    """Tell whether any month could make a rule ring."""
    highest = highest_burn_rate(question)
    return highest is None or Fraction(rule.burn_rate) <= highest


def episodes(burn: Burn, rules: Iterable[BurnRateAlert]) -> list[BurnEpisode]:
    """Return every stretch in which a rule rang, rule by rule."""
    found = []
    for rule in rules:
        limit = _limit(burn, rule)
        over = burn.totals.over(burn.steps, rule.window_s * SECOND_US)
        rings = beyond(over, limit)
        if rule.short_window_s is not None:
            short = burn.totals.over(burn.steps, rule.short_window_s * SECOND_US)
            rings = rings & beyond(short, limit)
        found += [_episode(burn, rule, over, ringing) for ringing in ringings(rings)]
    return found


def burn_rates_by_hour(burn: Burn, window_s: int) -> list[float | None]:
    """Return the highest burn rate over a window in each hour of the month, for a picture."""
    allowed_share = burn.allowed_share
    if not allowed_share or not burn.steps:
        return []
    over = burn.totals.over(burn.steps, window_s * SECOND_US)
    share = pl.col("bad").cast(pl.Float64) / pl.col("valid").cast(pl.Float64)
    rate = pl.when(pl.col("valid") > 0).then(share / float(allowed_share))
    hour = pl.int_range(pl.len()) // (HOUR_S * SECOND_US // burn.steps.step)
    by_hour = over.group_by(hour.alias("hour"), maintain_order=True).agg(rate.max().alias("rate"))
    return by_hour["rate"].to_list()


def _limit(burn: Burn, rule: BurnRateAlert) -> Limit:
    return Limit(Fraction(rule.burn_rate) * burn.allowed_share, reached=True)


def _episode(burn: Burn, rule: BurnRateAlert, over: pl.DataFrame, ringing: Ringing) -> BurnEpisode:
    from_us = burn.steps[ringing.first]
    to_us = None if ringing.end is None else burn.steps[ringing.end]
    end_us = burn.end_us if to_us is None else to_us
    slot = _first_bad_slot(burn, rule, from_us)
    began_us = burn.totals.slot_us_at(slot)
    worst_window = worst(ringing.of(over))
    peak = None
    if burn.allowed_share and worst_window is not None:
        peak = Fraction(worst_window[1], worst_window[0]) / burn.allowed_share
    return BurnEpisode(
        question=burn.question,
        rule=rule,
        from_us=from_us,
        to_us=to_us,
        carried_in=ringing.first == 0,
        peak=peak,
        used_at_start=burn.share_of_budget(burn.steps.start, from_us),
        used_by_end=burn.share_of_budget(burn.steps.start, end_us),
        cost=burn.share_of_budget(began_us, end_us),
        first_bad_slot=slot,
        began_us=began_us,
    )


def _first_bad_slot(burn: Burn, rule: BurnRateAlert, from_us: int) -> int:
    """Return the slot with a bad event from which on the window burned most above the threshold.

    A day's window nearly always has some bad event early in it; what set the alert off is the
    stretch up to it whose bad events are most in excess of what the threshold lets pass (the
    change point of a cumulative sum), the longest of equals.
    """
    limit = _limit(burn, rule).share
    inside = burn.totals.by_slot(from_us - rule.window_s * SECOND_US, from_us)
    excess = pl.col("bad") * pl.lit(limit.denominator, dtype=pl.Int128) - pl.col("valid") * pl.lit(
        limit.numerator, dtype=pl.Int128
    )
    since = inside.with_columns(excess=excess.cum_sum(reverse=True)).filter(pl.col("bad") > 0)
    return int(since.row(int(since.select(pl.col("excess").arg_max()).item()))[0])


def merged(spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the spans with those that overlap or touch made one, in order."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined
