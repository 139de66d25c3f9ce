import re
from xml.etree import ElementTree as ET

import pytest

from slo_report.report.charts import draw_charts
from slo_report.report.charts.burn_down import left_text
from slo_report.report.charts.chart import Chart
from slo_report.report.charts.panels import linear_axis, log_axis, width_in
from slo_report.report.charts.svg import inline_svg, short_label
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
        ("customers", "6 of 8 customers missed a target. Acme Corp: Availability"),
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
    assert "260 more endpoints in report.json" in drawn_texts(charts["endpoints"])
    assert any(re.match(r"980 others", text) for text in drawn_texts(charts["customers"]))


@pytest.mark.parametrize(
    ("good", "text"), [(100, "100% left"), (95, "50% left"), (90, "0% left"), (80, "100% over")]
)
def test_what_is_left_of_a_budget(good: int, text: str) -> None:
    assert left_text(ratio_row("a", "A", target(">=", "0.9"), good, 100)) == text


def test_endpoints_have_a_chart_of_their_own_beside_the_objectives() -> None:
    charts = {chart.name: chart for chart in draw_charts(samples.named("a"))}
    assert charts["compliance"].section == "objectives"
    assert charts["endpoints"].section == "endpoints"


def test_what_missed_the_month_stands_first_among_the_objectives() -> None:
    charts = {chart.name: chart for chart in draw_charts(samples.september())}
    assert charts["compliance"].header[1] == "Turn p99"


def test_routes_are_cut_in_their_middle() -> None:
    assert short_label("POST /v1/documents/{id}/conformance/{profile}, warm", 25) == (
        "POST /v1/doc…ofile}, warm"
    )
    assert short_label("GET /healthz", 25) == "GET /healthz"


@pytest.mark.parametrize(
    ("low", "high", "unit", "marks"),
    [
        (0.0, 7.3, "s", ["0", "2s", "4s", "6s"]),
        (0.0, 0.56, "USD", ["0", "0.20 USD", "0.40 USD"]),
        (-0.08, 1.06, "ratio", ["0%", "50%", "100%"]),
    ],
)
def test_an_axis_has_round_marks_as_they_are_printed(
    low: float, high: float, unit: str, marks: list[str]
) -> None:
    assert [text for _, text in linear_axis(low, high, unit, 4).marks] == marks


def test_an_axis_over_powers_of_ten_has_its_marks_at_one_and_three() -> None:
    marks = [text for _, text in log_axis(0.002, 0.5, "s").marks]
    assert marks == ["3ms", "10ms", "30ms", "100ms", "300ms"]


def test_no_label_leaves_the_chart(charts: dict[str, Chart]) -> None:
    for chart in charts.values():
        root = ET.fromstring(chart.svg)
        width = float((root.get("viewBox") or "").split()[2])
        for element in root.iter("{http://www.w3.org/2000/svg}text"):
            style = dict(part.split(": ", 1) for part in (element.get("style") or "").split("; "))
            weight = "bold" if style.get("font-weight") == "700" else "normal"
            size = float(style["font-size"].removesuffix("px"))
            wide = width_in(element.text or "", size, weight) * 72
            share = {"start": 0.0, "middle": 0.5, "end": 1.0}[style["text-anchor"]]
            left = float(element.get("x") or 0) - wide * share
            assert left > -1, (chart.name, element.text)
            assert left + wide < width + 1, (chart.name, element.text)


def test_the_grid_of_months_says_number_and_verdict_in_each_cell() -> None:
    report = samples.september()
    rows = [row for row in report.objectives if not row.informational]
    grid = {chart.name: chart for chart in draw_charts(
        report.model_copy(update={"history": samples.two_months(rows, "99.10%")})
    )}["months"]  # fmt: skip
    texts = drawn_texts(grid)
    assert [text for text in texts if text.startswith("✗ 99.10%")] == ["✗ 99.10%*"] * 3
    assert {"Mar 2026", "Apr 2026", "dashed: not final, not counted"} <= set(texts)
    assert grid.section == "pattern"
    assert "months" not in {chart.name for chart in draw_charts(report)}
