"""What burned the budget stands in every form of the report, whatever the keys are called."""

import xml.etree.ElementTree as ET

import pytest

from slo_report.report.cards import cards
from slo_report.report.document import Report
from slo_report.report.files import render
from slo_report.report.parts.attribution import AttributedKey, Incident, Mark, Without
from tests.report.samples import september

HOSTILE = "1.0 | <script>alert(1)</script> [x](javascript:y) `$&"


def burned(key: str) -> Report:
    """Return the sample's report with one incident of turn.p99 that a key marks out."""
    report = september()
    row = next(row for row in report.objectives if row.id == "turn.p99")
    total = row.bad or 0
    without = Without(valid=row.valid - 9, bad=total - 9, used=None, text="met", verdict="met")
    incident = Incident(
        number=1, objective=row.id, title=f"release {key}", when="Apr 8 to Apr 22",
        from_=report.window.from_, to=report.window.to, marks=[Mark(by="release", key=key)],
        is_time_bound=False, symptoms=[Mark(by="error_code", key=key)], bad=9, valid=90,
        share_of_bad=9 / total, share_text="88%", lift=9.25, lift_text="9.2 times",
        chance_text="less than 1 in 1,000", budget_used=None, budget_text="", without=without,
    )  # fmt: skip
    keys = [
        AttributedKey(
            objective=row.id, by="release", key=name, bad=bad, valid=row.valid // 2,
            share_of_bad=bad / total, share_of_valid=0.5, lift=None, budget_used=None,
        )
        for name, bad in ((key, 9), ("other", total - 9))
    ]  # fmt: skip
    return report.model_copy(update={"incidents": [incident], "attribution": keys})


def test_the_card_of_a_missed_objective_says_why() -> None:
    why = {card.title: card.why for card in cards(burned("1.43.0"))}
    assert why["Turn p99"] == "88% of the bad requests: release 1.43.0, Apr 8 to Apr 22"
    assert {text for title, text in why.items() if title != "Turn p99"} == {None}


def test_the_section_follows_the_budget_with_incidents_chart_and_keys() -> None:
    files = {name: data.decode() for name, data in render(burned("1.43.0")).items()}
    text = files["report.md"]
    assert text.index("## The error budget over the month") < text.index(
        "## What burned the budget"
    )
    assert "| 1 | Turn p99 | release 1.43.0 | Apr 8 to Apr 22 | error\\_code 1.43.0 |" in text
    assert "](charts/pareto.svg)" in text
    assert "**Whose the bad requests of Turn p99 were**" in text
    assert "1: release 1.43.0, Apr 8 to Apr 22" in files["charts/pareto.svg"]


def test_a_month_in_which_nothing_burned_has_no_such_section() -> None:
    files = render(september())
    assert b"What burned the budget" not in files["report.md"]
    assert "charts/pareto.svg" not in files


@pytest.mark.parametrize("key", [HOSTILE, "\u202e\x00", "x" * 5_000, "$\\alpha$", "_"])
def test_a_key_from_the_logs_stays_text(key: str) -> None:
    files = {name: data.decode() for name, data in render(burned(key)).items()}
    assert "<script>alert" not in files["report.html"] + files["report.md"]
    assert "[x](javascript:" not in files["report.md"]
    assert "\u202e" not in files["report.md"] + files["report.html"] + files["charts/pareto.svg"]
    ET.fromstring(files["charts/pareto.svg"])
    rows = [line for line in files["report.md"].splitlines() if line.startswith("| 1 | Turn p99")]
    assert len(rows) == 1
    assert len(rows[0]) < 1_500
