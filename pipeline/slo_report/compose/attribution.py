"""What burned the budget, finished for the report: keys, incidents, shifts of daily figures."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from fractions import Fraction
from math import exp, floor, log

from slo_report.compose.rows import Frame, as_number
from slo_report.judge.attribution import Burned
from slo_report.judge.budget import error_budget
from slo_report.judge.compliance import Figure
from slo_report.judge.counts import Counts
from slo_report.judge.evidence import CHANCE, lift
from slo_report.judge.incidents import Incident
from slo_report.judge.portions import REST, Portion
from slo_report.judge.shifts import longest_shift
from slo_report.months import day_text
from slo_report.report.escape import cut
from slo_report.report.parts import attribution as parts
from slo_report.report.parts.days import DailySeries, DayPoint
from slo_report.report.parts.row import ObjectiveRow
from slo_report.report.texts import format_budget_percent, format_lift
from slo_report.rollup.cuts import KeyIs
from slo_report.wording import format_count, listed

SELF_EVIDENT = frozenset({"endpoint"})
"""Columns whose values are understood without the column's name."""
_MOST_CHANCE = 6
"""Digits of the chance that are shown: one in a million is rare enough."""
_MOST_TEXT = 80
"""Characters of a key in a sentence; the incident's marks have it whole."""
_WHOLE_DAYS = timedelta(days=2)


def attribution_rows(burned: Sequence[Burned]) -> list[parts.AttributedKey]:
    """Return the keys of everyone's looked-at objectives' bad events, by column, most first."""
    return [
        _row(one, by, portion)
        for one in burned
        if one.question.customer is None
        for by, portions in one.by.items()
        for portion in portions
    ]


def incidents(
    frame: Frame, burned: Sequence[Burned], titles: Mapping[str, str]
) -> list[parts.Incident]:
    """Return the incidents of all objectives, those that were missed first, numbered from 1.

    Those of single customers' promises come last. `titles` names customers.
    """
    ranked = sorted(
        burned,
        key=lambda one: (
            one.question.customer is not None,
            one.question.objective.informational,
            one.met,
        ),
    )
    found: list[parts.Incident] = []
    for one in ranked:
        before = len(found)
        for incident in one.incidents:
            earlier = [told.number for told in found[before:]]
            found.append(_incident(frame, one, incident, earlier, len(found) + 1, titles))
    return found


def shifts(rows: Sequence[ObjectiveRow], daily: Sequence[DailySeries]) -> list[parts.Shift]:
    """Return when the daily figure of each missed objective left its target and came back."""
    missed = {row.id for row in rows if row.verdict == "missed"}
    found = [_shift(series) for series in daily if not series.scope and series.objective in missed]
    return [shift for shift in found if shift is not None]


def mark_text(mark: parts.Mark, titles: Mapping[str, str]) -> str:
    """Return `release 1.43.1`, `customer Acme Corp`, `POST /execute`."""
    key = cut(titles.get(mark.key, mark.key) if mark.by == "customer" else mark.key, _MOST_TEXT)
    return key if mark.by in SELF_EVIDENT or key.startswith("(") else f"{mark.by} {key}"


def key_text(by: str, key: str | None) -> str:
    """Return a key as it stands in the report."""
    return f"(no {by})" if key is None else key


def _row(one: Burned, by: str, portion: Portion) -> parts.AttributedKey:
    counts = portion.counts
    rate = lift(counts, one.counts - counts)
    return parts.AttributedKey(
        objective=one.question.objective.id,
        by=by,
        key=REST if portion.others is not None else key_text(by, portion.key),
        others=portion.others,
        bad=counts.bad,
        valid=counts.valid,
        share_of_bad=counts.bad / one.counts.bad,
        share_of_valid=counts.valid / one.counts.valid,
        lift=as_number(rate),
        budget_used=as_number(_budget_share(one, counts.bad)),
    )


def _budget_share(one: Burned, bad: int) -> Fraction | None:
    """Return which share of the whole budget so many bad events are."""
    allowed = (1 - one.question.needed_share) * one.counts.valid
    return Fraction(bad) / allowed if one.question.objective.has_budget and allowed else None


def _incident(
    frame: Frame,
    one: Burned,
    incident: Incident,
    earlier: list[int],
    number: int,
    titles: Mapping[str, str],
) -> parts.Incident:
    culprit = incident.culprit
    marks = [_mark(condition) for condition in culprit.cut.keys]
    rate = lift(culprit.counts, culprit.whole - culprit.counts)
    share = Fraction(culprit.counts.bad, one.counts.bad)
    budget = _budget_share(one, culprit.counts.bad)
    hours = culprit.cut.hours
    first, end = (
        frame.windows.month.local(at) for at in (incident.extent.from_us, incident.extent.to_us)
    )
    daily = None
    if hours is not None:
        daily = f"{hours.first:02}:00 to {(hours.first + hours.count) % 24:02}:00"
    return parts.Incident(
        number=number,
        objective=one.question.objective.id,
        scope={} if one.question.customer is None else {"customer": one.question.customer},
        title=listed([mark_text(mark, titles) for mark in marks] or ["all requests"]),
        when=_when(first, end) + (f", {daily}" if daily else ""),
        from_=first.isoformat(),
        to=end.isoformat(),
        marks=marks,
        hours=daily,
        is_time_bound=culprit.cut.run is not None,
        symptoms=[parts.Mark(by=by, key=key) for by, key in incident.symptoms],
        alone=[_alone(condition, counts) for condition, counts in incident.alone],
        bad=culprit.counts.bad,
        valid=culprit.counts.valid,
        share_of_bad=float(share),
        share_text=f"{floor(share * 100)}%",
        lift=as_number(rate),
        lift_text="only there" if rate is None else f"{format_lift(rate)} times",
        set_aside=earlier,
        chance_text=_chance(culprit.score),
        budget_used=as_number(budget),
        budget_text="" if budget is None else format_budget_percent(budget, ()),
        without=_without(frame, one, culprit.counts.bad),
    )


def _mark(condition: KeyIs) -> parts.Mark:
    return parts.Mark(by=condition.column, key=key_text(condition.column, condition.key))


def _alone(condition: KeyIs, counts: Counts) -> parts.MarkAlone:
    mark = _mark(condition)
    return parts.MarkAlone(by=mark.by, key=mark.key, bad=counts.bad, valid=counts.valid)


def _when(first: datetime, end: datetime) -> str:
    """Return `Apr 16, 13:05 to 13:45` within a day, days alone where the minutes say little."""
    last = end - timedelta(minutes=1)
    from_day, to_day = day_text(first.date()), day_text(last.date())
    if first.date() == last.date():
        return f"{from_day}, {first:%H:%M} to {end:%H:%M}"
    if end - first < _WHOLE_DAYS:
        return f"{from_day} {first:%H:%M} to {day_text(end.date())} {end:%H:%M}"
    return f"{from_day} to {to_day}"


def _chance(score: float) -> str:
    """Return how rarely chance does as much: the power of ten above 0.01 e^-score."""
    chance = float(CHANCE) * exp(-min(score, 50.0))
    digits = min(_MOST_CHANCE, floor(-log(chance, 10) + 1e-9))
    return f"less than 1 in {format_count(10**digits)}"


def _without(frame: Frame, one: Burned, bad: int) -> parts.Without:
    """Return the objective's counts with so many bad events removed from the log."""
    counts = Counts(one.counts.valid - bad, one.counts.bad - bad)
    question = one.question
    needed = question.needed_good(counts.valid)
    figure = Figure(counts.valid, counts.good, needed, None, counts.good >= needed)
    budget = error_budget(question, figure, 0, frame.policy)
    by_day = question.measure.slo.window.kind == "day"
    verdict = None if by_day or not counts.valid else figure.verdict
    used = None if budget is None else budget.used
    if used is not None:
        text = f"{format_budget_percent(used)} used"
    else:
        text = f"{format_count(counts.bad)} of {format_count(counts.valid)} bad"
    return parts.Without(
        valid=counts.valid,
        bad=counts.bad,
        used=as_number(used),
        text=text if verdict is None else f"{text}, {verdict}",
        verdict=verdict,
    )


def _shift(series: DailySeries) -> parts.Shift | None:
    days = [point for point in series.days if point.verdict in ("met", "missed")]
    met = [point.verdict == "met" for point in days]
    found = longest_shift(met, [_events(point) for point in days])
    if found is None:
        return None
    first, last = days[found.first].on, days[found.end - 1].on
    text = (
        f"left its target on {day_text(first)}"
        if found.first
        else "began the month beyond its target"
    )
    if found.end < len(days):
        text += f" and was back within it on {day_text(days[found.end].on)}"
    else:
        text += " and did not come back"
    return parts.Shift(
        objective=series.objective,
        from_=first,
        to=last,
        days=found.end - found.first,
        missed=found.missed,
        outside=found.outside,
        text=text,
    )


def _events(point: DayPoint) -> Counts:
    """Return a day's events; for a ratio of sums, which has no bad ones, the day itself is one."""
    if point.good is None:
        return Counts(1, int(point.verdict == "missed"))
    return Counts(point.valid, point.valid - point.good)
