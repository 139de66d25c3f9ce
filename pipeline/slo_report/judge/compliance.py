"""Counts become verdicts: Polars compares integers, no float decides.

`met` is "at least `needed_good` of the valid events are good". For a ratio that is the target's
share of the valid events, for a percentile p the p-th share of them: p99 < 5 s says that
ceil(0.99 n) requests took less than 5 s (nearest rank).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import polars as pl

from slo_report.judge.verdicts import Verdict
from slo_report.rollup.measures import Question
from slo_report.rollup.scoped import Scoped

Key = str | None


@dataclass(frozen=True)
class Figure:
    """One question answered over one stretch of time, for the whole or one key."""

    valid: int
    good: int | None
    needed_good: int | None
    value: Fraction | None
    """In the report's unit: a share, seconds, or the SLO's own."""
    met: bool | None
    """None where there is nothing to judge."""

    @property
    def bad(self) -> int | None:
        """Valid events that were not good."""
        return None if self.good is None else self.valid - self.good

    @property
    def verdict(self) -> Verdict:
        """The verdict on its own, before an optional objective is called not in use."""
        if self.met is None:
            return "no_data"
        return "met" if self.met else "missed"


NOTHING = Figure(valid=0, good=0, needed_good=0, value=None, met=None)
NOTHING_SUMMED = Figure(valid=0, good=None, needed_good=None, value=None, met=None)


def compliance(counts: pl.DataFrame, questions: Sequence[Question]) -> pl.DataFrame:
    """Return `counts` (question, key, span, valid, good) with needed_good and met.

    needed_good is that of `Question.needed_good`, for all rows at once.
    """
    shares = pl.DataFrame(
        [
            (q.id, q.needed_share.numerator, q.needed_share.denominator, q.needed_strictly)
            for q in questions
        ],
        schema={
            "question": pl.String,
            "numerator": pl.Int128,
            "denominator": pl.Int128,
            "strict": pl.Boolean,
        },
        orient="row",
    )
    wanted = pl.col("valid") * pl.col("numerator")
    needed = (
        pl.when(pl.col("strict"))
        .then(wanted // pl.col("denominator") + 1)
        .otherwise((wanted + pl.col("denominator") - 1) // pl.col("denominator"))
    )
    return (
        counts.join(shares, on="question", how="left", maintain_order="left")
        .with_columns(needed_good=needed.cast(pl.Int64))
        .with_columns(met=pl.col("good") >= pl.col("needed_good"))
        .drop("numerator", "denominator", "strict")
    )


@dataclass(frozen=True)
class Figures:
    """The figures of one scope, to be looked up."""

    _by_place: dict[tuple[str, Key, str], Figure]

    @classmethod
    def of(cls, scoped: Scoped) -> "Figures":
        """Return every figure of the whole or of a breakdown."""
        asked = {question.id: question for question in scoped.questions}
        values = {
            (measure, key, span, quantile): Fraction(value)
            for measure, key, span, quantile, value in scoped.percentiles.select(
                "measure", "key", "span", "quantile", "value"
            ).iter_rows()
        }
        found = {}
        for row in compliance(scoped.counts, scoped.questions).iter_rows(named=True):
            question = asked[row["question"]]
            if question.good is not None:
                place = (question.id, row["key"], row["span"])
                found[place] = _counted(question, row, values)
        for row in scoped.sums.iter_rows(named=True):
            for question in scoped.questions:
                if question.measure.name == row["measure"]:
                    found[question.id, row["key"], row["span"]] = _summed(question, row)
        return cls(found)

    def at(self, question: Question, key: Key, span: str) -> Figure:
        """Return the figure, one without data where nothing was counted."""
        nothing = NOTHING_SUMMED if question.good is None else NOTHING
        return self._by_place.get((question.id, key, span), nothing)

    def keys(self, question: Question, span: str) -> list[Key]:
        """Return the keys that the question has a figure for, in text order, null first."""
        found = [k for q, k, s in self._by_place if q == question.id and s == span]
        return sorted(found, key=lambda key: (key is not None, key or ""))


def _counted(
    question: Question,
    row: dict[str, int | str | bool],
    values: dict[tuple[str, Key, str, str], Fraction],
) -> Figure:
    valid, good = int(row["valid"]), int(row["good"])
    quantile = question.objective.quantile
    if quantile is None:
        value = Fraction(good, valid)
    else:
        place = (question.measure.name, row["key"], row["span"], str(Fraction(quantile)))
        value = values[place] / question.measure.per_unit  # type: ignore[index]
    return Figure(valid, good, int(row["needed_good"]), value, bool(row["met"]))


def _summed(question: Question, row: dict[str, object]) -> Figure:
    valid = int(str(row["valid"]))
    denominator = Fraction(str(row["denominator"]))
    if denominator == 0:
        return Figure(valid, None, None, None, None)
    value = Fraction(str(row["numerator"])) / denominator
    return Figure(valid, None, None, value, question.target.passes(value))
