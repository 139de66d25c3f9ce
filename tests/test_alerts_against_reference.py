"""Replayed alerts ring just when a look at every five minutes of the month says so."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from slo_report.months import parse_month
from slo_report.report.files import report_json
from slo_report.slo_yaml.build import load_definition
from tests.measuring import measure_month
from tests.reference import alerts as reference
from tests.reference.alerts import BurnRule, Happened, Log, Rang
from tests.reference.generated_alerts import Case, ThresholdRule, generate
from tests.reference.months import EPOCH, instant_us

SEEDS = range(30)
SHORT = 1
"""Seeds that every run tries: a month that is over and one that still runs."""
KINDS = 6
"""Seeds whose months have every kind of episode between them."""

Read = Callable[[list[Happened]], Fraction | None]


def measured(case: Case, folder: Path) -> dict[str, Any]:
    definition = load_definition(case.write(folder))
    now = EPOCH + timedelta(microseconds=case.now_us)
    month = parse_month(case.month, definition.timezone, datetime(2100, 1, 1, tzinfo=UTC))
    report = measure_month(
        definition,
        month,
        reports=folder / "out",
        now=now,
    )
    document: dict[str, Any] = json.loads(report_json(report))
    return document


def at(text: str | None) -> int | None:
    return None if text is None else instant_us(datetime.fromisoformat(text))


def expected_burns(case: Case) -> list[tuple[object, ...]]:
    steps = reference.steps(case.span, case.now_us)
    found: list[tuple[object, ...]] = []
    for objective, log, target in (
        ("availability", case.availability, case.target),
        ("speed.p90", case.speed, Fraction("0.9")),
    ):
        for rule in case.burn_rules:
            rang = reference.burn_episodes(log, target, rule, steps)
            found += [_burn(case, objective, log, target, rule, steps, one) for one in rang]
    return sorted(found, key=repr)


def _burn(
    case: Case, objective: str, log: Log, target: Fraction, rule: BurnRule, steps: list[int],
    rang: Rang,
) -> tuple[object, ...]:  # fmt: skip
    began = reference.first_bad(log, target, rule, rang.from_us, case.slot_us)
    end_us = case.span[1] if rang.to_us is None else rang.to_us
    used = [
        reference.budget_used(log, target, case.span, since, until)
        for since, until in (
            (case.span[0], rang.from_us), (case.span[0], end_us), (began, end_us)
        )
    ]  # fmt: skip
    carried_in = rang.from_us == case.span[0]
    is_page = rule.rate >= 6
    return (
        objective, rule.minutes, float(rule.rate), rang.from_us, rang.to_us,
        float(reference.peak(log, target, rule, rang, steps)), *map(float, used),
        began, None if carried_in else (rang.from_us - began) / 10**6,
        is_page and not carried_in and used[2] < Fraction(1, 100),
    )  # fmt: skip


def reported_burns(document: dict[str, Any]) -> list[tuple[object, ...]]:
    return sorted(
        (
            (
                e["objective"], _minutes(e["window"]), e["burn_rate"], at(e["from"]), at(e["to"]),
                e["peak"], e["budget_used_at_start"], e["budget_used_by_end"], e["cost"],
                at(e["first_bad"]), e["detection_s"], e["noise"],
            )
            for e in document["burn_rate_alerts"]
        ),
        key=repr,
    )  # fmt: skip


def _minutes(span: str) -> int:
    return sum(int(p[:-1]) * {"m": 1, "h": 60, "d": 1440}[p[-1]] for p in span.split())


def threshold(case: Case, rule: ThresholdRule) -> tuple[Log, Read, Callable[[Fraction], bool]]:
    """Return the events of a rule, what it reads of a window, and when that is too bad."""
    match rule.name:
        case "Slow":
            return (
                case.speed,
                lambda e: reference.percentile(e, Fraction("0.9")),
                lambda v: v > Fraction("0.2"),
            )
        case "Failing":
            return case.without_shed, reference.bad_share, lambda v: v > Fraction("0.05")
        case "Dip":
            return case.availability, reference.good_share, lambda v: v < case.target
    return case.cache, reference.ratio_of_sums, lambda v: v < Fraction("0.6")


def expected_thresholds(case: Case) -> list[tuple[object, ...]]:
    found = [episode for rule in case.threshold_rules for episode in _threshold(case, rule)]
    return sorted(found, key=repr)


def _threshold(case: Case, rule: ThresholdRule) -> list[tuple[object, ...]]:
    log, read, is_bad = threshold(case, rule)
    steps = reference.steps(case.span, case.now_us)

    @cache
    def value(t: int) -> Fraction | None:
        return read(log.within(t - rule.over_minutes * reference.MINUTE_US, t))

    def holds(t: int) -> bool:
        figure = value(t)
        return figure is not None and is_bad(figure)

    worst = min if "below" in rule.says else max
    found: list[tuple[object, ...]] = []
    for rang in reference.threshold_episodes(steps, rule.for_minutes, holds):
        inside = [t for t in steps if rang.from_us <= t < (rang.to_us or case.span[1])]
        figures = [figure for t in inside if (figure := value(t)) is not None]
        found.append((rule.name, rang.from_us, rang.to_us, float(worst(figures))))
    return found


@cache
def expected(seed: int) -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
    case = generate(seed)
    return expected_burns(case), expected_thresholds(case)


@pytest.mark.parametrize(
    "seed",
    [
        pytest.param(seed, id=f"seed{seed}", marks=[] if seed < SHORT else pytest.mark.long)
        for seed in SEEDS
    ],
)
def test_alerts_ring_when_every_five_minutes_looked_at_again_say_so(
    seed: int, tmp_path: Path
) -> None:
    case = generate(seed)
    document = measured(case, tmp_path)
    burns, thresholds = expected(seed)
    assert reported_burns(document) == burns
    rung = [
        (e["name"], at(e["from"]), at(e["to"]), e["peak"]) for e in document["threshold_alerts"]
    ]
    assert sorted(rung, key=repr) == thresholds


@pytest.mark.long
def test_the_generated_months_have_every_kind_of_episode_between_them() -> None:
    burns = [episode for seed in range(KINDS) for episode in expected(seed)[0]]
    assert {name for name, *_ in burns} == {"availability", "speed.p90"}
    assert {episode[4] is None for episode in burns} == {True, False}
    assert {episode[10] is None for episode in burns} == {True, False}
    assert {episode[11] for episode in burns} == {True, False}
    thresholds = [episode for seed in range(KINDS) for episode in expected(seed)[1]]
    assert {name for name, *_ in thresholds} == {"Slow", "Failing", "Dip", "Cache"}
    assert {episode[2] is None for episode in thresholds} == {True, False}
