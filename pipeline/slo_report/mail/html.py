"""The mail's HTML part: tables for layout, CSS inlined, nothing loaded from anywhere."""

from collections.abc import Callable
from importlib.resources import files

from markupsafe import Markup

from slo_report.mail.summary import MOST_ROWS, WIDE_ONLY, Summary
from slo_report.report.html import render_template

BUDGET_BYTES = 80_000
"""Gmail clips what is longer than 102 KB, and leaves the rest of the report unread."""
CID_DOMAIN = "slo-report"


def render_mail_html(summarized: Callable[[int], Summary]) -> str:
    """Return the HTML part, its lists as long as the budget of bytes allows.

    `summarized` gives the summary with lists of at most so many lines.
    """
    most = MOST_ROWS
    html = _inlined(summarized(most))
    while len(html.encode("utf-8", "backslashreplace")) > BUDGET_BYTES and most > 1:
        most //= 2
        html = _inlined(summarized(most))
    return html


def content_id(chart: str) -> str:
    """Return the id by which the HTML part names a chart's picture."""
    return f"{chart}@{CID_DOMAIN}"


def _inlined(summary: Summary) -> str:
    import css_inline  # loaded where a mail is made, and only there

    style = files("slo_report.report_templates").joinpath("mail.css").read_text("utf-8")
    html = render_template(
        "mail.html.j2",
        summary=summary,
        report=summary.report,
        page=summary.page,
        mail_style=Markup(style),
        content_id=content_id,
        wide_only=WIDE_ONLY,
    )
    # load_remote_stylesheets would open local files as well.
    inliner = css_inline.CSSInliner(
        keep_style_tags=False, keep_at_rules=True, load_remote_stylesheets=False
    )
    return inliner.inline(html)
