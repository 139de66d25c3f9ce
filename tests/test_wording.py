"""A count and its words agree: one request was, two requests were; and so in whole reports."""

import re
from pathlib import Path

import pytest

from slo_report.wording import counted, listed, out_of, plural

NOUNS = (
    "budget", "customer", "day", "hour", "line", "miss", "month", "objective", "other", "page",
    "promise", "request", "row", "ticket",
)  # fmt: skip
ONE_OF_MANY = re.compile(rf"(?<![\d.,:])1 (?:\w+ )?(?:{'|'.join(NOUNS)})e?s\b")
ONE_WERE = re.compile(r"(?<![\d.,:])1 of [\d,]+ (?:\w+ )?\w+ (?:were|are|have)\b")
ALL_OF_ONE = re.compile(r"\bof 1 (?:\w+ )?(?:requests|days|objectives|customers)\b")


@pytest.mark.parametrize(
    ("count", "text"), [(0, "0 requests"), (1, "1 request"), (1_204, "1,204 requests")]
)
def test_a_noun_goes_by_its_count(count: int, text: str) -> None:
    assert counted(count, "request") == text


def test_a_verb_goes_by_what_is_counted_and_a_noun_by_what_it_is_out_of() -> None:
    assert f"{out_of(1, 1_999, 'request')} {plural(1, 'was', 'were')}" == "1 of 1,999 requests was"
    assert out_of(1, 1, "request") == "1 of 1 request"
    assert counted(2, "miss", "misses") == "2 misses"


def test_a_list_ends_in_and() -> None:
    assert [listed(list(names)) for names in ("a", "ab", "abc")] == ["a", "a and b", "a, b and c"]


@pytest.mark.parametrize("wrong", ["1 of 1,999 requests were", "with 1 bad requests", "of 1 days"])
def test_the_slips_looked_for_are_found(wrong: str) -> None:
    assert any(pattern.search(wrong) for pattern in (ONE_OF_MANY, ONE_WERE, ALL_OF_ONE))


@pytest.mark.parametrize("sample", ["september", "codex"])
def test_no_sentence_of_a_samples_reports_has_one_of_many(
    sample_reports: Path, sample: str
) -> None:
    for path in sorted((sample_reports / sample).rglob("report.md")):
        text = path.read_text(encoding="utf-8")
        for pattern in (ONE_OF_MANY, ONE_WERE, ALL_OF_ONE):
            assert pattern.findall(text) == [], path
