"""Counts slot by slot: what alerts are replayed from, and when the first bad event came."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl
from sqlglot import exp

from slo_report.rollup.calendar import Calendar
from slo_report.rollup.counts import EVERYTHING, HITS_A_SCAN, NO_KEY, Hits, count_hits
from slo_report.rollup.engine import Engine
from slo_report.rollup.families import families
from slo_report.rollup.measures import Question, timestamp

COUNTS_BY_SLOT = {
    "question": pl.String,
    "slot": pl.Int64,
    "valid": pl.Int128,
    "bad": pl.Int128,
}

MOST_SLOTS = 100
"""More than these are not looked up one by one."""


@dataclass(frozen=True)
class SlotCounts:
    """Valid and bad events by question and slot; slots without valid events are not listed.

    Of a ratio of sums `valid` is the denominator and `bad` what the numerator lacks to it, both in
    the smallest unit of their decimals: the ratio is below a target just where bad / valid is above
    one less the target.
    """

    calendar: Calendar
    counts: pl.DataFrame
    """question (id), slot (from 0), valid, bad."""


def count_slots(engine: Engine, asked: Sequence[Question], calendar: Calendar) -> SlotCounts:
    """Return the counts of every slot of `calendar`; one scan for all that counts events."""
    counted = [question for question in asked if question.good is not None]
    summed = [question for question in asked if question.measure.numerator is not None]
    frames = [pl.DataFrame(schema=COUNTS_BY_SLOT)]
    if counted:
        frames.append(_counts(engine, counted, calendar))
    if summed:
        frames.append(_sums(engine, summed, calendar))
    return SlotCounts(calendar, pl.concat(frames))


def first_bad_events(
    engine: Engine, slots: Mapping[Question, Sequence[int]], calendar: Calendar
) -> dict[tuple[str, int], int]:
    """Return when the first bad event of some slots came: (question, slot) to microseconds."""
    wanted = {(question.id, slot) for question, found in slots.items() for slot in found}
    if not wanted:
        return {}
    numbers = [slot for _, slot in wanted]
    first = calendar.edges[0]
    narrow = Calendar(calendar.edges[min(numbers) : max(numbers) + 2], calendar.slot_us)
    among = _within(sorted(set(numbers)), calendar)
    found = {}
    asked = list(slots)
    for start in range(0, len(asked), HITS_A_SCAN):
        some = asked[start : start + HITS_A_SCAN]
        bad = [question.bad_events for question in some]
        rows = engine.run("first_events", narrow, {"key": NO_KEY, "hit": bad, "among": among})
        for number, question in enumerate(some):
            instants = rows.select("period", pl.col(f"first_ts_{number}").dt.epoch("us"))
            for period, instant_us in instants.iter_rows():
                slot = period + narrow.edges[0] - first
                if (question.id, slot) in wanted:
                    found[question.id, slot] = instant_us
    return found


def _within(slots: Sequence[int], calendar: Calendar) -> exp.Expr:
    """Return the predicate of a few slots' time, by which an engine can skip most of the month."""
    if len(slots) > MOST_SLOTS:
        return EVERYTHING
    ts = exp.column("ts", table="events")
    starts = [calendar.from_us + slot * calendar.slot_us for slot in slots]
    return exp.or_(
        *(
            exp.and_(
                exp.GTE(this=ts.copy(), expression=timestamp(start)),
                exp.LT(this=ts.copy(), expression=timestamp(start + calendar.slot_us)),
            )
            for start in starts
        )
    )


def _counts(engine: Engine, asked: Sequence[Question], calendar: Calendar) -> pl.DataFrame:
    hits = Hits()
    hits.ask(asked)
    found = count_hits(engine, hits, NO_KEY, calendar).select("period", "hit", "hits")
    numbers = pl.DataFrame(
        [(q.id, hits.number_of(q.measure.valid), hits.number_of(q.good_events)) for q in asked],
        schema={"question": pl.String, "valid_hit": pl.Int64, "good_hit": pl.Int64},
        orient="row",
    )
    valid = numbers.join(found.rename({"hits": "valid", "hit": "valid_hit"}), on="valid_hit")
    good = found.rename({"hits": "good", "hit": "good_hit"})
    return (
        valid.join(good, on=["good_hit", "period"], how="left")
        .with_columns(bad=pl.col("valid") - pl.col("good").fill_null(0))
        .rename({"period": "slot"})
        .select(pl.col(name).cast(kind) for name, kind in COUNTS_BY_SLOT.items())
    )


def _sums(engine: Engine, asked: Sequence[Question], calendar: Calendar) -> pl.DataFrame:
    frames = []
    for family in families(dict.fromkeys(question.measure for question in asked)):
        blanks = {
            "key": NO_KEY,
            "measure": family.numbers,
            "numerator": family.first.numerator or exp.null(),
            "denominator": family.first.denominator or exp.null(),
        }
        sums = engine.run("sum_values", calendar, blanks)
        numerator, denominator = _as_integers(sums["numerator"], sums["denominator"])
        of_measures = sums.select(
            pl.col("measure").cast(pl.Int64),
            slot="period",
            valid=denominator,
            bad=denominator - numerator,
        )
        numbers = pl.DataFrame(
            [
                (q.id, family.measures.index(q.measure))
                for q in asked
                if q.measure in family.measures
            ],
            schema={"question": pl.String, "measure": pl.Int64},
            orient="row",
        )
        frames.append(
            numbers.join(of_measures, on="measure").select(
                pl.col(name).cast(kind) for name, kind in COUNTS_BY_SLOT.items()
            )
        )
    return pl.concat(frames)


def _as_integers(*decimals: pl.Series) -> list[pl.Series]:
    """Return exact decimals as integers of their common smallest unit."""
    scales = [s.dtype.scale if isinstance(s.dtype, pl.Decimal) else 0 for s in decimals]
    return [
        (s.to_physical().cast(pl.Int128).to_frame("n")
         .select(pl.col("n") * pl.lit(10 ** (max(scales) - scale), dtype=pl.Int128))["n"])
        for s, scale in zip(decimals, scales, strict=True)
    ]  # fmt: skip
