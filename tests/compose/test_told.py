"""Sentences about an incident agree with its numbers and say whether it took both of two keys."""

import pytest

from slo_report.compose.told import incident_text, part_text
from slo_report.report.parts.attribution import Mark
from slo_report.report.parts.row import ObjectiveRow
from tests.report.build import incident, percentile_row, ratio_row, target

BOTH = [
    {"by": "step", "key": "compaction", "bad": 2, "valid": 551},
    {"by": "release", "key": "1.43.0", "bad": 0, "valid": 11_293},
]


def turn(bad: int) -> ObjectiveRow:
    row = percentile_row("turn.p99", "Turn p99", target("<", "60", "s"), "78", 10_000)
    return row.model_copy(update={"bad": bad, "good": 10_000 - bad})


def test_of_two_keys_it_is_told_what_each_did_alone() -> None:
    marks = [{"by": each["by"], "key": each["key"]} for each in BOTH]
    text = incident_text(
        turn(250),
        incident("turn.p99", symptoms=[], marks=marks, alone=BOTH, without={"bad": 0}),
        {},
    )
    assert text == (
        "200 of the 250 slow requests (80%) came with step compaction and release 1.43.0 "
        "(Apr 8 to Apr 22), at 9.2 times the rate of the others. With step compaction alone, "
        "2 of 551 were beyond it; with release 1.43.0 alone, none of 11,293 were beyond it. "
        "Without those 200, none of 9,800 would be beyond it, and the target would be met "
        "(incident 1)."
    )


def test_a_key_that_never_comes_without_the_other_is_not_told_alone() -> None:
    never = [{**each, "bad": 0, "valid": 0} for each in BOTH]
    assert "alone" not in incident_text(turn(250), incident("turn.p99", alone=never), {})


@pytest.mark.parametrize(
    ("bad", "opening", "without"),
    [
        (1, "The only slow request came with release 1.43.0 (", "Without it, "),
        (2, "Both slow requests came with release 1.43.0 (", "Without them, "),
        (3, "All 3 slow requests came with release 1.43.0 (", "Without them, "),
    ],
)
def test_one_two_and_all_are_called_by_their_names(bad: int, opening: str, without: str) -> None:
    text = incident_text(turn(bad), incident("turn.p99", bad=bad), {})
    assert text.startswith(opening)
    assert without in text


@pytest.mark.parametrize(
    ("set_aside", "aside"),
    [([], ""), ([4], ", incident 4 aside"), ([1, 2], ", incidents 1 and 2 aside")],
)
def test_a_rate_is_told_with_those_who_are_not_among_the_others(
    set_aside: list[int], aside: str
) -> None:
    text = incident_text(turn(250), incident("turn.p99", set_aside=set_aside), {})
    assert f", at 9.2 times the rate of the others{aside}, failing with" in text


@pytest.mark.parametrize(
    ("hours", "came"),
    [(None, "in one stretch ("), ("01:00 to 05:00", "at the same hours (")],
)
def test_a_time_alone_is_told_as_a_time(hours: str | None, came: str) -> None:
    found = incident("turn.p99", marks=[], hours=hours)
    assert f"slow requests (80%) came {came}" in part_text(turn(250), found, {})


def test_capacity_that_was_not_reserved_did_not_fail() -> None:
    row = ratio_row("reserved", "Capacity reserved", target(">=", "1"), 95, 100)
    row = row.model_copy(update={"slo": "reserved"})
    found = incident(
        "reserved", bad=3, share_text="60%", marks=[Mark(by="replica", key="engine-2")]
    )
    assert part_text(row, found, {}).startswith("3 of the 5 such requests (60%) came with replica")
