"""The objectives by the other readings of their definitions, with the verdicts those would give."""

from collections.abc import Iterator, Sequence
from fractions import Fraction

from slo_report.judge.compliance import Figure, Figures
from slo_report.judge.counts import Counts
from slo_report.judge.periods import judged
from slo_report.judge.verdicts import Verdict
from slo_report.report.parts.other_readings import OtherReading
from slo_report.report.parts.row import ObjectiveRow
from slo_report.report.texts import measured_text
from slo_report.rollup.measures import Question
from slo_report.rollup.readings import ReadingKind, ReadOtherwise
from slo_report.rollup.roll_up import RollUp
from slo_report.slo_yaml.targets import Target

NARROWED = "Requests that `valid` leaves out by how they ended leave the total"
EXCLUDED = "Excluded requests leave the total"
IN_THE_TOTAL = "they stay in the total, as no errors"
AS_ANY_OTHER = "they count as any other request"
WINDOW = "The window is as defined"
EACH_DAY = "Each day is judged"

_LEFT_OUT: dict[ReadingKind, tuple[str, str]] = {
    "without_4xx": ("Callers' errors (4xx) stay in the total", "they are left out"),
    "without_429": ("429 stays in the total", "it is left out"),
    "without_failed": (
        "Failed requests count in the latency if they have one",
        "those with a status of 500 or above are left out",
    ),
}


def other_readings(rolled: RollUp, rows: Sequence[ObjectiveRow]) -> list[OtherReading]:
    """Return every other reading of the objectives that have a verdict, in their order."""
    figures, seen = Figures.of(rolled.whole), Figures.of(rolled.as_seen)
    seen_of = {question.objective.id: question for question in rolled.as_seen.questions}
    by_row = {row.id: row for row in rows}
    found: list[OtherReading] = []
    for own in rolled.whole.questions:
        row = by_row.get(own.objective.id)
        if own.customer is not None or row is None or row.verdict not in ("met", "missed"):
            continue
        figure, periods = judged(figures, own, None, rolled.windows)
        found += _counted(row, own, figure, rolled.read_otherwise)
        twin = seen_of.get(own.objective.id)
        if twin is not None:
            nothing_excluded, _ = judged(seen, twin, None, rolled.windows)
            found += _nothing_excluded(row, own, figure, nothing_excluded)
        if periods is not None and periods.month is not None and periods.month.met is not None:
            found.append(_by_value(row, own, EACH_DAY, "the month as a whole", periods.month))
    return found


def _counted(
    row: ObjectiveRow, own: Question, figure: Figure, read: ReadOtherwise
) -> Iterator[OtherReading]:
    counted = {
        name: Counts(valid, valid - good)
        for name, valid, good in read.counts.select("question", "valid", "good").iter_rows()
    }
    nothing = Counts(0, 0)
    for moved in read.moved:
        if moved.own is own:
            some = counted.get(moved.asked.id, nothing)
            if moved.kind == "with_every_outcome":
                yield from _added(row, own, figure, NARROWED, some)
            else:
                left = _counts(figure) - some
                yield from _by_counts(row, own, _LEFT_OUT[moved.kind], figure, left)
    for window in read.windows:
        if window.own is own:
            counts = counted.get(window.asked.id, nothing)
            yield from _by_counts(row, own, (WINDOW, window.text), figure, counts)


def _nothing_excluded(
    row: ObjectiveRow, own: Question, figure: Figure, seen: Figure
) -> Iterator[OtherReading]:
    if seen.good is None or own.measure.slo.window.kind == "day":
        yield _by_value(row, own, EXCLUDED, AS_ANY_OTHER, seen)
    else:
        added = _counts(seen) - _counts(figure)
        yield from _added(row, own, figure, EXCLUDED, added)


def _added(
    row: ObjectiveRow, own: Question, figure: Figure, ruling: str, added: Counts
) -> Iterator[OtherReading]:
    """Return both ways to count requests that were left out; of a percentile there is but one.

    In the total and no errors they are in a formula such as 1 - errors / all that has its
    exceptions in the numerator alone.
    """
    counts = _counts(figure)
    if own.objective.quantile is None:
        in_total = counts + Counts(added.valid, bad=0)
        yield from _by_counts(row, own, (ruling, IN_THE_TOTAL), figure, in_total)
    yield from _by_counts(row, own, (ruling, AS_ANY_OTHER), figure, counts + added)


def _counts(figure: Figure) -> Counts:
    return Counts(figure.valid, figure.valid - (figure.good or 0))


def _by_counts(
    row: ObjectiveRow, question: Question, read: tuple[str, str], own: Figure, counts: Counts
) -> Iterator[OtherReading]:
    if not counts.valid:
        return
    needed = question.needed_good(counts.valid)
    verdict: Verdict = "met" if counts.good >= needed else "missed"
    share = Fraction(counts.good, counts.valid)
    yield OtherReading(
        objective=row.id,
        title=row.title,
        ruling=read[0],
        reading=read[1],
        valid=counts.valid,
        good=counts.good,
        needed_good=needed,
        value=float(share),
        text=_share_text(row, question, share, verdict),
        reported_text=_share_text(row, question, Fraction(own.good or 0, own.valid), own.verdict),
        verdict=verdict,
        reported_verdict=row.verdict,
        flips=verdict != row.verdict,
    )


def _share_text(row: ObjectiveRow, question: Question, share: Fraction, verdict: Verdict) -> str:
    """Return the share of good events; of a percentile: the share of requests within its target."""
    quantile = question.objective.quantile
    if quantile is None:
        return measured_text(share, question.target, verdict)
    within = measured_text(share, Target(">=", quantile, "ratio"), verdict)
    return (
        f"{within} took {row.target.text}"
        if row.target.unit == "s"
        else (f"{within} were {row.target.text}")
    )


def _by_value(
    row: ObjectiveRow, question: Question, ruling: str, reading: str, figure: Figure
) -> OtherReading:
    return OtherReading(
        objective=row.id,
        title=row.title,
        ruling=ruling,
        reading=reading,
        valid=figure.valid,
        good=figure.good,
        needed_good=figure.needed_good,
        value=None if figure.value is None else float(figure.value),
        text=measured_text(figure.value, question.target, figure.verdict),
        reported_text=row.text,
        verdict=figure.verdict,
        reported_verdict=row.verdict,
        flips=figure.verdict != row.verdict,
    )
