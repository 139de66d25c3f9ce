"""What the search says of a generated month, held against what was planted."""

from collections.abc import Sequence

import polars as pl

from slo_report.judge.clock import Clock
from slo_report.judge.culprits import Culprit, Search, find_culprits
from slo_report.months import DAY_US
from slo_report.rollup.calendar import SLOT_US, Span
from slo_report.rollup.cuts import Cut
from slo_report.rollup.looks import Ask, Look
from slo_report.rollup.measures import Question
from tests.attribution.generated import MONTH, GeneratedMonth, Planted

COLUMNS = ("customer", "endpoint", "release", "replica")
WINDOW = Span("month", MONTH.from_us, MONTH.to_us)
SHARE_SLACK = 0.1


def culprits(month: GeneratedMonth, question: Question) -> list[Culprit]:
    """Return what the search finds in the month."""
    requests = month.requests.with_columns(slot=pl.col("ts_us") // SLOT_US)

    def looking(asks: Sequence[Ask]) -> Look:
        return plain_look(requests, asks)

    bad = requests.filter("bad")
    marks = {column: bad[column].unique().sort().to_list() for column in COLUMNS}
    search = Search(question, Clock(MONTH, WINDOW), marks)
    return find_culprits([search], looking([search.ask]), looking)[question.id]


def plain_look(requests: pl.DataFrame, asks: Sequence[Ask]) -> Look:
    """Count as `rollup.looks.look` does, of a frame with slot, the columns and bad."""
    slots, keys = [], []
    counts = (pl.len().cast(pl.Int64).alias("valid"), pl.col("bad").sum().cast(pl.Int64))
    for number, ask in enumerate(asks):
        kept = pl.all_horizontal(inside(ask.cut), *(~inside(cut) for cut in ask.without))
        events = requests.filter(kept).with_columns(ask=pl.lit(number, pl.Int64))
        slots.append(events.group_by("ask", "slot").agg(*counts))
        for column in COLUMNS:
            named = events.with_columns(column=pl.lit(column), key=pl.col(column))
            keys.append(named.group_by("ask", "column", "key").agg(*counts))
    return Look(pl.concat(slots).sort("ask", "slot"), pl.concat(keys).sort("ask", "column", "key"))


def inside(cut: Cut) -> pl.Expr:
    """Return the expression that holds for a cut's requests."""
    parts = [pl.col(condition.column).eq_missing(condition.key) for condition in cut.keys]
    if cut.run is not None:
        parts.append(_between(cut.run))
    if cut.hours is not None:
        parts.append(pl.any_horizontal(_between(span) for span in cut.hours.spans))
    return pl.all_horizontal(pl.lit(value=True), *parts)


def is_named(month: GeneratedMonth, found: Sequence[Culprit]) -> bool:
    """Tell whether the planted culprit is named first, and nothing more, with its share right."""
    planted = month.planted
    if planted is None or not found:
        return False
    first = found[0]
    share = first.counts.bad / first.whole.bad
    return (
        {(condition.column, condition.key) for condition in first.cut.keys} == planted.keys
        and _hours_fit(first, planted)
        and _days_fit(month, first, planted)
        and abs(share - month.share) <= SHARE_SLACK
    )


def told(found: Sequence[Culprit]) -> str:
    """Return the findings on one line, for a failing test."""
    texts = []
    for culprit in found:
        cut = culprit.cut
        keys = " ".join(f"{condition.column}={condition.key}" for condition in cut.keys)
        run = f" {MONTH.local(cut.run.from_us)} to {MONTH.local(cut.run.to_us)}" if cut.run else ""
        hours = f" {cut.hours.first}h+{cut.hours.count}" if cut.hours else ""
        counts = f"{culprit.counts.bad}/{culprit.counts.valid} of {culprit.whole}"
        texts.append(f"{keys}{run}{hours} {counts} {culprit.score:.1f}")
    return "; ".join(texts) or "nothing"


def _hours_fit(culprit: Culprit, planted: Planted) -> bool:
    hours = culprit.cut.hours
    if planted.hours is None or hours is None:
        return planted.hours is None and hours is None
    first, end = planted.hours
    return abs(hours.first - first) <= 1 and abs(hours.first + hours.count - end) <= 1


def _days_fit(month: GeneratedMonth, culprit: Culprit, planted: Planted) -> bool:
    if planted.days is None:
        return True
    bad = month.requests.filter(pl.col("bad") & inside(culprit.cut))["ts_us"]
    named = [
        (slot * SLOT_US - MONTH.from_us) / DAY_US
        for slot in (bad.item(0) // SLOT_US, bad.item(-1) // SLOT_US + 1)
    ]
    return all(
        abs(at - planned) <= slack
        for at, planned, slack in zip(named, planted.days, planted.slack, strict=True)
    )


def _between(span: Span) -> pl.Expr:
    return pl.col("ts_us").is_between(span.from_us, span.to_us, closed="left")
