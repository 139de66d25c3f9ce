"""The month's alerts replayed: counts by slot, then when each rule rang, then what it saw."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from fractions import Fraction
from math import gcd

from slo_report.judge.burn_rate import (
    SECOND_US,
    WORKBOOK,
    Burn,
    BurnEpisode,
    episodes,
)
from slo_report.judge.steps import steps_of, totals
from slo_report.judge.threshold import (
    ThresholdEpisode,
    look_back_us,
    threshold_episodes,
    with_peak,
)
from slo_report.months import Month
from slo_report.rollup.alert_questions import Lane, burn_rate_questions, lanes
from slo_report.rollup.calendar import SLOT_US, Calendar, Span
from slo_report.rollup.counts import NO_KEY
from slo_report.rollup.engine import Engine
from slo_report.rollup.families import families
from slo_report.rollup.measures import Question, measures
from slo_report.rollup.slots import count_slots, first_bad_events
from slo_report.rollup.values import percentiles
from slo_report.slo_yaml.alert_definition import BurnRateAlert
from slo_report.slo_yaml.definition import Definition

PERIODS_AT_ONCE = 50_000
"""Bounds the memory of reading a percentile at every step of a long window."""


@dataclass(frozen=True)
class Replay:
    """What every alert of slo.yaml would have told in the month."""

    burns: tuple[Burn, ...] = ()
    """One an objective with a budget and valid events, in the file's order."""
    burn_questions: tuple[Question, ...] = ()
    own: Mapping[str, tuple[BurnEpisode, ...]] = field(default_factory=dict)
    """Question: the episodes of the configured rules."""
    workbook: Mapping[str, tuple[BurnEpisode, ...]] = field(default_factory=dict)
    """The same of the workbook's."""
    thresholds: tuple[ThresholdEpisode, ...] = ()


def reach_us(definition: Definition) -> int:
    """Return how far before a month's beginning its alerts look, 0 where there are none."""
    rules = (*definition.burn_rate_alerts, *WORKBOOK) if definition.burn_rate_alerts else ()
    windows_us = [rule.window_s * SECOND_US for rule in rules]
    return max(windows_us + [look_back_us(rule) for rule in definition.threshold_alerts], default=0)


def replay_alerts(engine: Engine, definition: Definition, month: Month, now: datetime) -> Replay:
    """Return when each alert would have rung; of a running month until now."""
    measured = measures(definition)
    asked = burn_rate_questions(definition, measured, month.text)
    if not definition.burn_rate_alerts:
        asked = []
    watched = lanes(definition, measured, month.text)
    if not asked and not watched:
        return Replay()
    calendar = _calendar(definition, asked, watched, month)
    counted = totals(count_slots(engine, [*asked, *(lane.question for lane in watched)], calendar))
    steps = steps_of(month, now)
    burns = [
        Burn(question, counted[question.id], steps, month.to_us)
        for question in asked
        if question.id in counted
    ]
    own, workbook = _burn_episodes(engine, calendar, burns, definition.burn_rate_alerts)
    rung = [
        episode
        for lane in watched
        if lane.question.id in counted
        for episode in threshold_episodes(lane, counted[lane.question.id], steps)
    ]
    return Replay(
        tuple(burns), tuple(asked), own, workbook, _with_peaks(engine, rung, calendar.slot_us)
    )


def _calendar(
    definition: Definition, asked: Sequence[Question], watched: Sequence[Lane], month: Month
) -> Calendar:
    """Return single slots from the earliest window's beginning to the month's end.

    Slots are five minutes; one where a window is no multiple of that.
    """
    rules = (*definition.burn_rate_alerts, *WORKBOOK) if asked else ()
    windows_s = [rule.window_s for rule in rules]
    windows_s += [rule.short_window_s for rule in rules if rule.short_window_s is not None]
    windows_s += [lane.rule.over_s for lane in watched]
    slot_us = gcd(SLOT_US, *(window_s * SECOND_US for window_s in windows_s))
    return Calendar.every_slot(month.from_us - reach_us(definition), month.to_us, slot_us)


_ByQuestion = dict[str, tuple[BurnEpisode, ...]]


def _burn_episodes(
    engine: Engine, calendar: Calendar, burns: Iterable[Burn], rules: Sequence[BurnRateAlert]
) -> tuple[_ByQuestion, _ByQuestion]:
    """Return by question the episodes of the configured rules and of the workbook's."""
    found = [
        {burn.question.id: episodes(burn, some) for burn in burns} for some in (rules, WORKBOOK)
    ]
    slots: dict[Question, list[int]] = defaultdict(list)
    for by_question in found:
        for episode in (e for many in by_question.values() for e in many):
            slots[episode.question].append(episode.first_bad_slot)
    first = first_bad_events(engine, slots, calendar)
    own, workbook = (
        {question: tuple(_dated(e, first) for e in many) for question, many in by_question.items()}
        for by_question in found
    )
    return own, workbook


def _dated(episode: BurnEpisode, first: Mapping[tuple[str, int], int]) -> BurnEpisode:
    return replace(episode, began_us=first[episode.question.id, episode.first_bad_slot])


def _with_peaks(
    engine: Engine, rung: Sequence[ThresholdEpisode], slot_us: int
) -> tuple[ThresholdEpisode, ...]:
    """Return the episodes, those of a percentile with the highest value that they rang for."""
    by_rule: dict[str, list[ThresholdEpisode]] = defaultdict(list)
    for episode in rung:
        if episode.lane.limit is not None:
            by_rule[episode.lane.rule.name].append(episode)
    read: dict[tuple[str, int], Fraction] = {}
    for some in by_rule.values():
        read |= _percentiles_by_step(engine, some, slot_us)
    of_question: dict[str, dict[int, Fraction]] = defaultdict(dict)
    for (question, step), value in read.items():
        of_question[question][step] = value
    return tuple(
        episode
        if episode.lane.limit is None
        else with_peak(episode, of_question[episode.lane.question.id])
        for episode in rung
    )


def _percentiles_by_step(
    engine: Engine, rung: Sequence[ThresholdEpisode], slot_us: int
) -> dict[tuple[str, int], Fraction]:
    """Return the percentile of each window that one rule rang for, by question and its end."""
    rule = rung[0].lane.rule
    questions = {episode.lane.question.measure: episode.lane.question for episode in rung}
    found: dict[tuple[str, int], Fraction] = {}
    for family in families(questions):
        ids = {measure.name: questions[measure] for measure in family.measures}
        steps = sorted(
            {
                step
                for episode in rung
                if episode.lane.question.measure in family.measures
                for step in episode.steps
            }
        )
        for some in _chunks(steps, rule.over_s * SECOND_US // slot_us):
            spans = [Span(str(step), step - rule.over_s * SECOND_US, step) for step in some]
            calendar = Calendar.of(spans, slot_us)
            quantile = rung[0].lane.quantile
            rows = percentiles(engine, family, [quantile], NO_KEY, calendar, spans)
            for name, span, value in rows.select("measure", "span", "value").iter_rows():
                question = ids[name]
                found[question.id, int(span)] = Fraction(value) / question.measure.per_unit
    return found


def _chunks(steps: Sequence[int], slots_a_window: int) -> list[Sequence[int]]:
    many = max(1, PERIODS_AT_ONCE // slots_a_window)
    return [steps[start : start + many] for start in range(0, len(steps), many)]
