"""Beside the policy's actions stand what is open, and the misses that no budget speaks for."""

from slo_report.mail.summary import summarize
from slo_report.mail.text import render_text
from slo_report.report.document import Report
from slo_report.report.files import render
from slo_report.report.parts.findings import Notable
from slo_report.report.what_now import beside_the_policy, open_items
from tests.report.build import percentile_row, target
from tests.report.samples import report, september

OPEN = Notable(
    text="Turn p99 was missed: 78s (target < 60s). Open: find out what happened.",
    objective="turn.p99", is_open=True, about="Turn p99", to_do="find out what happened",
)  # fmt: skip


def with_open_miss() -> Report:
    by_hand, *_ = september().notable
    return september().model_copy(update={"notable": [by_hand, OPEN]})


def test_an_open_item_is_to_be_done_in_every_form_of_the_report() -> None:
    found = with_open_miss()
    assert open_items(found) == ["Turn p99: find out what happened"]
    files = {name: data.decode() for name, data in render(found).items()}
    now = files["report.md"].partition("## What to do now")[2].partition("\n## ")[0]
    assert now.endswith("Open:\n\n- Turn p99: find out what happened\n")
    assert "<h3>Open</h3>" in files["report.html"]
    assert "Open:\n- Turn p99: find out what happened" in render_text(summarize(found, [], []))


def test_what_the_logs_say_is_set_apart_from_what_the_team_says() -> None:
    files = {name: data.decode() for name, data in render(with_open_miss()).items()}
    assert "\n\nFrom the logs:\n\n- **Turn p99** was missed" in files["report.md"]
    assert "<h3>From the logs</h3>" in files["report.html"]
    assert "<p><strong>Turn p99</strong> was missed" in files["report.html"]
    alone = render(with_open_miss().model_copy(update={"notable": [OPEN]}))
    assert b"From the logs" not in alone["report.md"] + alone["report.html"]
    assert b"Notable: **Turn p99** was missed" in alone["report.md"]


def test_the_policy_is_said_to_be_silent_on_a_miss_without_a_budget() -> None:
    assert beside_the_policy(september()) == (
        "Turn p99 was missed; it has no error budget, so the policy asks nothing for it."
    )


def test_several_such_misses_are_counted() -> None:
    rows = [
        percentile_row(f"t{n}.p99", f"T{n}", target("<", "60", "s"), "78", 100) for n in range(5)
    ]
    found = report(rows, None).model_copy(update={"policy": september().policy})
    assert beside_the_policy(found) == (
        "5 objectives without an error budget were missed; the policy asks nothing for them."
    )
