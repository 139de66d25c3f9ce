"""The Alerts part says what would have rung, noise by itself."""

from xml.etree import ElementTree as ET

import pytest

from slo_report.report.alerts import alert_lead, alert_tables
from slo_report.report.charts import draw_charts
from slo_report.report.document import Report
from slo_report.report.page import build_page
from slo_report.report.texts import format_span
from tests.report import samples
from tests.report.build import ratio_row, target


def report(**more: object) -> Report:
    row = ratio_row("availability", "Availability", target(">=", "0.995"), 9962, 10_000)
    alerts = samples.alerts("availability", "Availability", "Sev1")
    whole = samples.report([row], {"availability": "Availability"})
    return whole.model_copy(update={**alerts, **more})


def test_what_rang_is_told_in_a_sentence() -> None:
    assert alert_lead(report()) == [
        "The burn-rate alerts would have rung twice: 2 pages, 0 tickets; 1 of the pages was noise.",
        "The threshold alerts would have rung once.",
    ]


def test_rules_that_never_rang_say_so_and_no_rules_say_nothing() -> None:
    assert alert_lead(report(burn_rate_alerts=[], threshold_alerts=[])) == [
        "No burn-rate alert would have rung.", "No threshold alert would have rung.",
    ]  # fmt: skip
    nothing = dict.fromkeys(samples.alerts("", "", ""))
    assert "alerts" not in [s.key for s in build_page(report(**nothing), []).sections]


def test_the_part_stands_behind_the_error_budget() -> None:
    keys = [section.key for section in build_page(report(), []).sections]
    assert keys.index("alerts") == keys.index("budget") + 1


def test_noise_is_folded_away_from_the_alerts_that_mattered() -> None:
    mattered, noise, threshold, never, comparison = alert_tables(report())
    assert mattered.rows == [
        ["Apr 16 13:15", "1h 25m", "Availability", "Sev1: 14.4x over 1h and 5m", "55.2x", "7m",
         "28%", "61%", "43%"],
    ]  # fmt: skip
    assert noise.folded
    assert noise.rows[0][-1] == "still ringing at the end"
    assert threshold.rows[0][-2:] == ["13s", "still ringing at the end"]
    assert never.rows == [["Availability", "Sev1: 300x over 24h", "200x"]]
    assert [row[1] for row in comparison.rows] == ["as configured", "SRE workbook"]


def test_the_chart_says_how_fast_the_budget_burned_and_draws_every_threshold() -> None:
    chart = next(chart for chart in draw_charts(report()) if chart.name == "burn-rate")
    assert chart.alt == (
        "Burn rate of Availability: at most 55.2x over 1h; rules rang twice, "
        "worst on Apr 16 13:15 (55.2x)."
    )
    texts = [element.text for element in ET.fromstring(chart.svg).iter()]
    assert {"14.4x in 1h", "14x in 1h"} <= set(texts)
    assert chart.rows[0] == ["2026-04-01", "0.4x"]
    assert len(chart.rows) == 30


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (45, "45s"), (60, "1m"), (61, "2m"), (300, "5m"), (3600, "1h"), (5100, "1h 25m"),
        (86_400, "24h"), (172_800, "2d"), (259_200, "3d"), (262_801, "3d 2h"),
    ],
)  # fmt: skip
def test_a_length_of_time_is_said_in_two_units_rounded_up(seconds: int, text: str) -> None:
    assert format_span(seconds) == text
