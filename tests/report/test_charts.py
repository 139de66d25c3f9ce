import re
from xml.etree import ElementTree as ET

import pytest

from slo_report.report.charts import draw_charts
from slo_report.report.charts.burn_down import left_text
from slo_report.report.charts.chart import Chart
from slo_report.report.charts.svg import inline_svg
from tests.report import samples
from tests.report.build import ratio_row, target


@pytest.fixture(scope="module")
def charts() -> dict[str, Chart]:
    return {chart.name: chart for chart in draw_charts(samples.september())}


def drawn_texts(chart: Chart) -> list[str]:
    return [element.text or "" for element in ET.fromstring(chart.svg).iter()]


def test_september_has_its_charts(charts: dict[str, Chart]) -> None:
    assert list(charts) == [
        "burn-down", "compliance", "daily-ttft", "daily-turn", "daily-cost", "each-day-cache-hit",
        "customers",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "alt"),
    [
        ("burn-down", "Error budget of Availability: 76% used by April 30; it fell most on "
                      "April 16, with 21 bad requests."),
        ("daily-turn", r"Turn p99: 78s over the month, target < 60s; above it on 15 of 30 days"),
        ("each-day-cache-hit", "Cache hit ratio: 28 of 30 days met the target of > 60%; the worst "
                               "was April 8 with 54.80%."),
        ("customers", "6 of 9 customers missed a target of their own. pico: Availability 80.00%"),
        ("compliance", "30 of 90 days with requests missed the target; most in Turn p99, 15."),
    ],
)  # fmt: skip
def test_a_text_alternative_carries_its_number(
    charts: dict[str, Chart], name: str, alt: str
) -> None:
    assert alt in charts[name].alt


def test_a_chart_is_real_text_and_says_what_it_shows(charts: dict[str, Chart]) -> None:
    chart = charts["burn-down"]
    assert "24% left" in drawn_texts(chart)
    assert chart.alt in drawn_texts(chart)
    assert ET.fromstring(chart.svg).get("role") == "img"


def test_the_table_has_a_row_for_every_day(charts: dict[str, Chart]) -> None:
    assert len(charts["daily-ttft"].rows) == 30
    assert all(len(row) == len(charts["daily-ttft"].header) for row in charts["daily-ttft"].rows)


def test_a_chart_on_the_page_takes_its_colours_from_the_style_sheet(
    charts: dict[str, Chart],
) -> None:
    for chart in charts.values():
        inline = inline_svg(chart)
        left = re.findall(r"(?:fill|stroke): (#[0-9a-f]{6})", inline)
        assert set(left) <= {"#000000", "#ffffff"}
        assert "DejaVu" not in inline
        assert "<style" not in inline


def test_a_month_without_data_draws_no_line_and_no_green() -> None:
    charts = {chart.name: chart for chart in draw_charts(samples.no_data())}
    assert "burn-down" not in charts
    assert "daily-ttft" not in charts
    assert "0 of 0 days" in charts["compliance"].alt


def test_rows_beyond_the_cap_are_said_to_be_left_out() -> None:
    charts = {chart.name: chart for chart in draw_charts(samples.large())}
    assert "260 more endpoints in report.json" in drawn_texts(charts["compliance"])
    assert any(re.match(r"980 others", text) for text in drawn_texts(charts["customers"]))


@pytest.mark.parametrize(
    ("good", "text"), [(100, "100% left"), (95, "50% left"), (90, "0% left"), (80, "100% over")]
)
def test_what_is_left_of_a_budget(good: int, text: str) -> None:
    assert left_text(ratio_row("a", "A", target(">=", "0.9"), good, 100)) == text
