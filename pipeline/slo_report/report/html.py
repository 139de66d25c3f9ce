"""The report as one HTML file that loads nothing and runs nothing."""

from functools import cache
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from slo_report.report.charts.svg import inline_svg
from slo_report.report.escape import HTML_CUT, name
from slo_report.report.head import FROM_THE_LOGS, SIGNS, WORDS
from slo_report.report.notes import note_html
from slo_report.report.page import Page
from slo_report.report.parts.findings import Notable

STATUS_WORDS = {
    "final": "Final", "provisional": "Provisional: the month is not over",
    "incomplete": "Incomplete: too much was not measured",
}  # fmt: skip
NOTE_CUT = 2000
"""Characters of one finding."""


def render_html(page: Page) -> str:
    """Return report.html."""
    return render_template("report.html.j2", page=page, report=page.report)


def render_index_html(months: list[dict[str, object]]) -> str:
    """Return the page that lists the months."""
    return render_template("index.html.j2", months=months)


def render_template(template: str, **values: object) -> str:
    """Return a template of ours, filled; every value is escaped."""
    return _environment().get_template(template).render(**values)


@cache
def _environment() -> Environment:
    """Return what templates are filled by; they are compiled once for all months and customers."""
    environment = Environment(
        loader=PackageLoader("slo_report.report_templates", ""),
        # Not select_autoescape, which looks at the last suffix and would leave .html.j2 alone.
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(shown=_shown, told=_told, note=_note, chart=inline_svg)
    environment.globals.update(signs=SIGNS, words=WORDS, status_words=STATUS_WORDS, style=_style())
    environment.globals.update(from_the_logs=FROM_THE_LOGS)
    return environment


def _style() -> Markup:
    """Return the style sheet, ours alone: no data ever gets into it."""
    return Markup(files("slo_report.report_templates").joinpath("style.css").read_text("utf-8"))


def _shown(text: str) -> str:
    return name(text, HTML_CUT)


def _told(text: str) -> str:
    return name(text, NOTE_CUT)


def _note(item: Notable) -> Markup:
    if item.by_hand:
        return note_html(item.text)
    text, about = _told(item.text), _told(item.about)
    if not text.startswith(about):
        about = ""
    strong = Markup("<strong>{}</strong>").format(about) if about else ""
    return Markup("<p>{}{}</p>").format(strong, text.removeprefix(about))
