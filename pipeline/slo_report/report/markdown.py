"""The report as Markdown, its head word for word in the engineering review's form."""

from collections.abc import Sequence
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined

from slo_report.report.charts.chart import Chart
from slo_report.report.document import Report
from slo_report.report.escape import Markdown, cut, markdown, markdown_inline, markdown_span, name
from slo_report.report.head import FROM_THE_LOGS, SIGNS, WORDS
from slo_report.report.notes import note_markdown
from slo_report.report.page import Page, Section
from slo_report.report.parts.findings import Notable
from slo_report.report.tables import Table

HEAD_CUT = 400
"""Characters of a line of the head: no title that a person can read comes near it."""

TOLD_CUT = 2000

_VERDICTS: dict[str, str] = {verdict: f"{WORDS[verdict]} {SIGNS[verdict]}" for verdict in WORDS}


def render_markdown(page: Page) -> str:
    """Return report.md."""
    template = _environment().get_template("report.md.j2")
    text = template.render(
        page=page,
        report=page.report,
        head=head(page.report),
        notable=notable(page.report),
        sections=[(section, level) for section, level in _flat(page.sections, 2)],
    )
    return text.rstrip("\n") + "\n"


def head(report: Report) -> Markdown:
    """Return the head lines; only names within them are escaped, so figures stay word for word."""
    return Markdown("\n".join(_head_line(line) for line in report.head))


def notable(report: Report) -> Markdown:
    """Return what happened: the first thing behind the word, the others below."""
    if not report.notable:
        return Markdown("Notable: nothing.")
    first, *others = [_notable(item) for item in report.notable]
    blocks = [f"Notable: {first}"]
    if others and report.notable[0].by_hand:
        blocks.append(f"{FROM_THE_LOGS}:")  # else both would run into one list
    if others:
        blocks.append("\n".join(_listed(item) for item in others))
    return Markdown("\n\n".join(blocks))


def table_markdown(table: Table) -> Markdown:
    """Return a table in pipes, its caption above it."""
    lines = [f"**{markdown_inline(table.caption)}**", "", _row([c.label for c in table.columns])]
    rules = ["---:" if column.kind == "number" else "---" for column in table.columns]
    lines.append(f"| {' | '.join(rules)} |")
    kinds = [column.kind for column in table.columns]
    lines += [_row(_cells(row, kinds)) for row in table.rows]
    if table.more:
        lines += ["", f"{table.more:,} more in report.json."]
    for note in table.notes:
        lines += ["", markdown_inline(note)]
    return Markdown("\n".join(lines))


@cache
def _environment() -> Environment:
    # Every value a template prints goes through the escaper, as autoescape does for HTML.
    environment = Environment(
        loader=PackageLoader("slo_report.report_templates", ""),
        autoescape=False,  # HTML's escaping does nothing for Markdown
        finalize=_finalize,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["told"] = _told
    environment.globals.update(hashes=_hashes, blocks=_blocks)
    return environment


def _told(text: str) -> Markdown:
    """Return a whole sentence or definition, where a name would be cut."""
    return markdown_inline(name(text, TOLD_CUT))


def _hashes(level: int) -> Markdown:
    return Markdown("#" * level)


def _blocks(section: Section) -> list[Markdown]:
    charts = [_image(chart) for chart in section.charts]
    tables = [table_markdown(table) for table in section.tables]
    return tables + charts if section.charts_last else charts + tables


def _image(chart: Chart) -> Markdown:
    return Markdown(f"![{markdown_inline(chart.alt)}](charts/{chart.name}.svg)")


def _finalize(value: object) -> object:
    return markdown(value) if isinstance(value, str) else value


def _head_line(line: str) -> str:
    indent = line[: len(line) - len(line.lstrip(" "))]
    body = line.removeprefix(indent)
    if body.startswith("- "):
        return f"{indent}- {markdown_inline(cut(body[2:], HEAD_CUT))}"
    return markdown_inline(cut(body, HEAD_CUT))


def _notable(item: Notable) -> str:
    if item.by_hand:
        return note_markdown(item.text)
    if not item.about or not item.text.startswith(item.about):
        return markdown_inline(item.text)
    return f"**{markdown_inline(item.about)}**{markdown_span(item.text.removeprefix(item.about))}"


def _listed(text: str) -> str:
    return "- " + text.replace("\n", "\n  ")


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(markdown(cell) for cell in cells)} |"


def _cells(row: Sequence[str], kinds: Sequence[str]) -> list[str]:
    return [
        _VERDICTS[cell] if kind == "verdict" else cell
        for cell, kind in zip(row, kinds, strict=True)
    ]


def _flat(sections: Sequence[Section], level: int) -> list[tuple[Section, int]]:
    flat = []
    for section in sections:
        flat += [(section, level), *_flat(section.parts, level + 1)]
    return flat
