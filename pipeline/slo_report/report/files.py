"""The files of a report, as bytes: whoever writes them writes all of them or none."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from slo_report.report.charts import draw_charts
from slo_report.report.document import Report
from slo_report.report.head import committed
from slo_report.report.html import render_html, render_index_html
from slo_report.report.markdown import render_markdown
from slo_report.report.page import build_page


@dataclass(frozen=True)
class MonthEntry:
    """A month on the page that lists them."""

    month: str
    """2026-04: also the folder that its report lies in."""
    month_text: str
    service: str
    status: str
    misses: int
    judged: int
    """Committed objectives with a verdict."""


def render(report: Report) -> dict[str, bytes]:
    """Return every file of the report's folder by its name."""
    charts = draw_charts(report)
    page = build_page(report, charts)
    texts = {
        "report.md": render_markdown(page),
        "report.html": render_html(page),
        "report.json": report_json(report),
        **{f"charts/{chart.name}.svg": chart.svg for chart in charts},
    }
    # A log may carry half a surrogate pair; it must not keep a report from being written.
    return {name: text.encode("utf-8", "backslashreplace") for name, text in texts.items()}


def report_json(report: Report) -> str:
    """Return the report value as JSON, its keys in the order they are declared in."""
    value = report.model_dump(mode="python", by_alias=True)
    return json.dumps(value, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def report_schema() -> dict[str, object]:
    """Return the JSON Schema of report.json."""
    return Report.model_json_schema(by_alias=True, mode="serialization")


def month_entry(report: Report) -> MonthEntry:
    """Return a report's line on the page of months."""
    rows = committed(report.objectives)
    verdicts = [row.verdict for row in rows]
    misses = verdicts.count("missed")
    return MonthEntry(
        report.month, report.month_text, report.service, report.status,
        misses, misses + verdicts.count("met"),
    )  # fmt: skip


def render_index(months: Sequence[MonthEntry]) -> bytes:
    """Return index.html: the months, newest first."""
    newest = sorted(months, key=lambda entry: entry.month, reverse=True)
    page = render_index_html([asdict(entry) for entry in newest])
    return page.encode("utf-8", "backslashreplace")
