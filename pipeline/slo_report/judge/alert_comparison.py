"""Two sets of burn-rate rules on the same month: what each would have told, and how soon."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from statistics import median_low

from slo_report.judge.burn_rate import NOISE_BELOW, Burn, BurnEpisode, merged


@dataclass(frozen=True)
class RuleSetFigures:
    """What a set of rules told of one objective in the month."""

    pages: int
    tickets: int
    noise: int
    """Pages for less than 1% of the budget."""
    detection_us: int | None
    """Median of the pages' time from the first bad event, the lower of two middle ones."""
    used_at_first_page: Fraction | None
    """Share of the month's budget that was gone when it first paged."""
    incidents: int
    """Incidents that either set rang for and that cost 1% of the budget or more."""
    missed: int
    """Incidents for which no rule of this set rang."""


def compared(
    burn: Burn, own: Sequence[BurnEpisode], other: Sequence[BurnEpisode]
) -> tuple[RuleSetFigures, RuleSetFigures]:
    """Return the figures of two sets of rules on one objective.

    An incident is the time from the first bad event to the end of every alert of either set that
    overlaps another.
    """
    spans = merged([_span(burn, episode) for episode in (*own, *other)])
    costs = [(span, burn.share_of_budget(*span)) for span in spans]
    incidents = [span for span, cost in costs if cost is None or cost >= NOISE_BELOW]
    return _figures(burn, own, incidents), _figures(burn, other, incidents)


def _span(burn: Burn, episode: BurnEpisode) -> tuple[int, int]:
    end_us = burn.end_us if episode.to_us is None else episode.to_us
    return max(episode.began_us, burn.steps.start), end_us


def _figures(
    burn: Burn, episodes: Sequence[BurnEpisode], incidents: Sequence[tuple[int, int]]
) -> RuleSetFigures:
    pages = sorted((e for e in episodes if e.is_page), key=lambda episode: episode.from_us)
    times = [page.detection_us for page in pages if page.detection_us is not None]
    rung = [_span(burn, episode) for episode in episodes]
    return RuleSetFigures(
        pages=len(pages),
        tickets=len(episodes) - len(pages),
        noise=sum(page.is_noise for page in pages),
        detection_us=median_low(times) if times else None,
        used_at_first_page=pages[0].used_at_start if pages else None,
        incidents=len(incidents),
        missed=sum(
            not any(start < end_us and from_us < end for start, end in rung)
            for from_us, end_us in incidents
        ),
    )
