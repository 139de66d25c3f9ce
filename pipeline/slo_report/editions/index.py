"""index.html: the months that are published."""

from pathlib import Path

from slo_report.deliver import write_if_new
from slo_report.published_reports import read_months
from slo_report.report.files import month_entry, render_index


def write_index(reports: Path, mode: int) -> None:
    """Have the page list every month that lies in the folder. Raises DiskError."""
    entries = [month_entry(report) for report in read_months(reports)]
    write_if_new(reports / "index.html", render_index(entries), mode)
