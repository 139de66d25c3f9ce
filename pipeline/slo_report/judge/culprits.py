"""Who and when: the few sets of events that most of an objective's bad events are in.

A culprit is a set of events chosen by conditions: keys of columns, a stretch of time, hours of the
day. The search takes the condition with most evidence above its price (judge/evidence.py), then
looks inside for a further one that leaves still more, up to three; then it sets those events aside
and looks at the rest. All objectives take their steps together, so that they share their scans.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import polars as pl

from slo_report.judge.clock import Clock, by_hour_of_day
from slo_report.judge.counts import Counts
from slo_report.judge.evidence import (
    evidence,
    price_of_choice,
    price_of_stretch,
    stands_out,
)
from slo_report.judge.portions import sum_of
from slo_report.judge.stretches import best_hours, best_stretch
from slo_report.rollup.calendar import SLOT_US, Span
from slo_report.rollup.cuts import Cut, KeyIs
from slo_report.rollup.looks import Ask, Columns, Look, slot_span
from slo_report.rollup.measures import Question

MOST_CULPRITS = 3
MOST_CONDITIONS = 3
WHO_OVER_WHEN = Fraction(3, 4)
"""A key is tried before a time if it has this much of the time's evidence: releases and models are
in use for a while, and a reader asks for the cause behind the dates. The time is named after all if
it stands out even without the key's events."""
WHO_INSTEAD_OF_WHEN = Fraction(9, 10)
"""Inside a set a key is taken instead of a time if it adds this much of the time's evidence: both
then say the same, and the release is more use than its dates."""

GAP_OF_STRETCH = 8
"""Two stretches are one if what lies between them is an eighth of it at most."""

_Priced = tuple[Cut, Counts, float]
"""A set, its events, and what the last condition costs."""

Looking = Callable[[Sequence[Ask]], Look]
"""Counts events by slot and by the keys of the columns that may be marks."""


@dataclass(frozen=True)
class Culprit:
    """A set of events that fails more often than the rest, and how sure that is."""

    cut: Cut
    counts: Counts
    whole: Counts
    """All events that it was looked for among: those of earlier culprits are not."""
    price: float
    """What all its conditions cost."""

    @property
    def score(self) -> float:
        """Evidence above the price of the search; above 0, chance is not the cause."""
        return self.evidence - self.price

    @property
    def evidence(self) -> float:
        """The evidence that it fails more often than the rest."""
        return evidence(self.counts, self.whole)


@dataclass(frozen=True)
class Search:
    """How far the search has come for one objective."""

    question: Question
    clock: Clock
    marks: Columns
    """The columns that can tell a cause, with those of their keys that can."""
    found: tuple[Culprit, ...] = ()
    inside: Culprit | None = None
    """The best set so far, to be looked into."""
    doubt: Culprit | None = None
    """The time that had more evidence than the key that was taken."""
    is_over: bool = False

    @property
    def ask(self) -> Ask:
        """What has to be counted next."""
        cut = Cut() if self.inside is None else self.inside.cut
        return Ask(self.question, self.clock.window, cut, tuple(c.cut for c in self.found))


def find_culprits(
    searches: Sequence[Search], first: Look, looking: Looking
) -> dict[str, list[Culprit]]:
    """Return what was found for each objective, by its question's id, in the order it was found.

    `first` has what the searches ask at their start.
    """
    ended: dict[str, list[Culprit]] = {}
    running, seen = list(searches), first
    while running:
        stepped = [step(search, seen, number) for number, search in enumerate(running)]
        running = [search for search in stepped if not search.is_over]
        ended |= {s.question.id: list(s.found) for s in stepped if s.is_over}
        if running:
            seen = looking([search.ask for search in running])
    return ended


def step(search: Search, seen: Look, number: int) -> Search:
    """Return the search one look further: deeper inside, on to the rest, or over."""
    slots = seen.by_slot.filter(pl.col("ask") == number)
    keys = seen.by_key.filter(pl.col("ask") == number)
    if search.inside is None:
        return _next_culprit(search, slots, keys)
    inside = replace(search.inside, counts=sum_of(slots))
    if inside.cut.conditions < MOST_CONDITIONS:
        found = _candidates(search, inside.whole, inside.price, slots, keys)
        sharper = [candidate for candidate in found if _is_sharper(candidate, inside)]
        if sharper:
            return replace(search, inside=_next_condition(sharper, inside))
    if not stands_out(inside.counts, inside.whole):
        return replace(search, inside=None, is_over=True)
    if search.found and (joined := _joined(search.found[-1], inside, search.clock)):
        return replace(search, found=search.found[:-1], inside=joined)
    return replace(search, found=(*search.found, inside), inside=None)


def _next_culprit(search: Search, slots: pl.DataFrame, keys: pl.DataFrame) -> Search:
    """Return the search with a set to look into, chosen among the events of no culprit so far."""
    whole = sum_of(slots)
    doubt = search.doubt
    if doubt is not None and _remains(doubt, whole, slots):
        return replace(search, found=search.found[:-1], inside=doubt, doubt=None)
    likely = [c for c in _candidates(search, whole, 0.0, slots, keys) if c.score > 0]
    if not likely or len(search.found) == MOST_CULPRITS:
        return replace(search, is_over=True)
    striking = [c for c in likely if stands_out(c.counts, c.whole)] or likely
    best = _most_evident(striking)
    strong = WHO_OVER_WHEN * Fraction(best.evidence)
    who = [c for c in striking if c.cut.keys and c.evidence >= strong]
    if best.cut.keys or not who:
        return replace(search, inside=best, doubt=None)
    return replace(search, inside=_most_evident(who), doubt=best)


def _most_evident(candidates: Sequence[Culprit]) -> Culprit:
    return max(candidates, key=lambda candidate: candidate.score)


def _next_condition(sharper: Sequence[Culprit], inside: Culprit) -> Culprit:
    """Return the condition that leaves most evidence, a key where it says the same as a time."""
    best = _most_evident(sharper)
    if len(best.cut.keys) > len(inside.cut.keys):
        return best
    added = Fraction(best.evidence) - Fraction(inside.evidence)
    enough = Fraction(inside.evidence) + WHO_INSTEAD_OF_WHEN * added
    who = [c for c in sharper if len(c.cut.keys) > len(inside.cut.keys) and c.evidence >= enough]
    return _most_evident(who or [best])


def _remains(doubt: Culprit, whole: Counts, slots: pl.DataFrame) -> bool:
    """Tell whether a time stands out among the events of no culprit; it was not chosen by them."""
    times = [doubt.cut.run] if doubt.cut.run is not None else []
    times += doubt.cut.hours.spans if doubt.cut.hours is not None else ()
    at = pl.col("slot") * SLOT_US
    during = pl.any_horizontal(
        at.is_between(span.from_us, span.to_us, closed="left") for span in times
    )
    return evidence(sum_of(slots.filter(during)), whole) > price_of_choice(1)


def _joined(earlier: Culprit, later: Culprit, clock: Clock) -> Culprit | None:
    """Return two stretches as one, where little time is between them; it is yet to be counted.

    What gets worse little by little is found in pieces, the worst one first.
    """
    runs = [culprit.cut.run for culprit in (earlier, later) if culprit.cut.conditions == 1]
    spans = sorted((run.from_us, run.to_us) for run in runs if run is not None)
    if len(spans) < 2:
        return None
    first, end = spans[0][0], max(to_us for _, to_us in spans)
    between = max(0, spans[1][0] - spans[0][1])
    if GAP_OF_STRETCH * between > end - first:
        return None
    price = price_of_stretch((end - first) // SLOT_US, clock.slots)
    return Culprit(Cut(run=Span("run", first, end)), later.counts, earlier.whole, price)


def _is_sharper(candidate: Culprit, inside: Culprit) -> bool:
    """Tell whether a further condition leaves more evidence, and not by trimming edges."""
    rate, before = candidate.counts, inside.counts
    return (
        candidate.score > max(inside.score, 0)
        and 4 * rate.bad * before.valid >= 5 * before.bad * rate.valid
    )


def _candidates(
    search: Search, whole: Counts, paid: float, slots: pl.DataFrame, keys: pl.DataFrame
) -> list[Culprit]:
    """Return the set so far with each further condition that could be added to it."""
    cut = Cut() if search.inside is None else search.inside.cut
    found = [*_by_key(search, cut, keys)]
    if cut.run is None:
        found += _by_run(search, cut, whole, slots)
    if cut.hours is None:
        found += _by_hours(search, cut, whole, slots)
    return [Culprit(chosen, counts, whole, paid + price) for chosen, counts, price in found]


def _by_key(search: Search, cut: Cut, keys: pl.DataFrame) -> list[_Priced]:
    price = price_of_choice(sum(len(listed) for listed in search.marks.values()))
    return [
        (replace(cut, keys=(*cut.keys, KeyIs(column, key))), Counts(valid, bad), price)
        for column, key, valid, bad in keys.select("column", "key", "valid", "bad").iter_rows()
        if key in search.marks.get(column, ()) and column not in cut.columns and bad
    ]


def _by_run(search: Search, cut: Cut, whole: Counts, slots: pl.DataFrame) -> list[_Priced]:
    series = slots.select(pl.col("slot").alias("step"), "valid", "bad")
    best = best_stretch(series, whole, search.clock.slots)
    if best is None:
        return []
    run = slot_span("run", best.first, best.end)
    return [(replace(cut, run=run), best.counts, best.price)]


def _by_hours(search: Search, cut: Cut, whole: Counts, slots: pl.DataFrame) -> list[_Priced]:
    best = best_hours(by_hour_of_day(slots, search.clock), whole)
    if best is None or not best.counts.bad:
        return []
    hours = search.clock.daily(best.first, best.end - best.first)
    return [(replace(cut, hours=hours), best.counts, best.price)]
