"""Names from logs and people change no structure of any output."""

import json
import re
from functools import cache
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import pytest
from markdown_it import MarkdownIt

from slo_report.report.escape import MARKDOWN_CUT, markdown
from slo_report.report.files import render
from slo_report.report.markdown import render_markdown
from slo_report.report.notes import note_html, note_markdown
from slo_report.report.page import build_page
from slo_report.report.parts.findings import Notable
from tests.report import samples

NAMES = [
    pytest.param(text, id=f"hostile-{n}", marks=() if n < 6 else pytest.mark.long)
    for n, text in enumerate(samples.HOSTILE)
]


@pytest.fixture(scope="module")
def harmless() -> dict[str, bytes]:
    return rendered(samples.HARMLESS)


@cache
def rendered(name: str) -> dict[str, bytes]:
    return render(samples.named(name))


def text_of(files: dict[str, bytes], name: str) -> str:
    return files[name].decode("utf-8")


class Tags(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.seen: list[tuple[str, ...]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, *(name for name, _ in attrs)))

    def handle_endtag(self, tag: str) -> None:
        self.seen.append((f"/{tag}",))

    def handle_comment(self, data: str) -> None:
        self.seen.append(("comment", str(bool(data))))


def outside_svg(tags: list[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Drop what is drawn: the number of tick marks may follow the length of a name."""
    kept, inside = [], False
    for tag in tags:
        inside = inside or tag[0] == "svg"
        if not inside:
            kept.append(tag)
        inside = inside and tag[0] != "/svg"
    return kept


def markdown_structure(text: str) -> list[tuple[str, str, int]]:
    parser = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    structure = []
    for token in parser.parse(text):
        structure.append((token.type, token.tag, token.level))
        for child in token.children or ():
            if child.type not in ("text", "text_special", "softbreak"):
                structure.append((child.type, child.tag, token.level))
    return structure


@pytest.mark.parametrize("name", NAMES)
def test_markdown_keeps_its_structure(name: str, harmless: dict[str, bytes]) -> None:
    text = text_of(rendered(name), "report.md")
    assert markdown_structure(text) == markdown_structure(text_of(harmless, "report.md"))


@pytest.mark.parametrize("name", NAMES)
def test_html_keeps_its_tags(name: str, harmless: dict[str, bytes]) -> None:
    files = rendered(name)
    tags = Tags(text_of(files, "report.html")).seen
    assert outside_svg(tags) == outside_svg(Tags(text_of(harmless, "report.html")).seen)
    drawn = {tag[0].lstrip("/") for tag in tags} - {tag[0].lstrip("/") for tag in outside_svg(tags)}
    assert drawn <= {"svg", "g", "path", "defs", "use", "text", "clippath", "rect", "pattern",
                     "tspan"}  # fmt: skip
    assert len(files["report.html"]) < 400_000


@pytest.mark.parametrize("name", NAMES)
def test_charts_are_well_formed_and_json_is_whole(name: str) -> None:
    files = rendered(name)
    for path in (path for path in files if path.startswith("charts/")):
        ET.fromstring(files[path])
    assert json.loads(files["report.json"])["service"] == name


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("file", ["report.md", "report.html"])
def test_no_control_character_reaches_a_reader(name: str, file: str) -> None:
    text = text_of(rendered(name), file)
    assert not {"\x1b", "\x00", "\x07", "\u202e", "\u2028"} & set(text)


def test_a_long_name_is_cut_with_an_ellipsis() -> None:
    shown = markdown("Ω" * 100_000)
    assert len(shown) == MARKDOWN_CUT
    assert shown.endswith("…")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a|b", r"a\|b"), ("<b>", "&lt;b&gt;"), ("< 5s", "< 5s"), ("> 60%", "&gt; 60%"),
        ("line\nbreak", "line␊break"), ("https://a.example", r"https:\/\/a.example"),
        ("www.a.example", r"www\.a.example"), ("1. one", r"1\. one"), ("99.5%", "99.5%"),
        ("- item", r"\- item"), ("-0.4s", "-0.4s"), ("snake_case", r"snake\_case"),
        ("&amp;", "&amp;amp;"), ("$x$", r"\$x\$"), ("\x1b[0m", "␛\\[0m"),
    ],
)  # fmt: skip
def test_the_escapers_table(text: str, shown: str) -> None:
    assert markdown(text) == shown


def test_a_note_keeps_prose_and_loses_what_could_load_or_run() -> None:
    note = (
        "# Title\n\n**Turn** missed, see [PM-1](https://wiki.example/pm-1) and "
        "[x](javascript:alert(1)).\n\n![beacon](https://evil.example/p.png)\n\n"
        "- one `a|b`\n- two\n\n<script>alert(1)</script>\n"
    )
    html = note_html(note)
    assert '<a href="https://wiki.example/pm-1" rel="noopener noreferrer">PM-1</a>' in html
    assert "<strong>Turn</strong>" in html
    assert "<h4>Title</h4>" in html
    for gone in ("<script", "<img", 'href="javascript', "<h1"):
        assert gone not in html
    text = note_markdown(note)
    assert "[PM-1](https://wiki.example/pm-1)" in text
    assert "- one `a|b`" in text
    for gone in (r"<script", r"!\[", r"(?<!\\)\]\(javascript"):
        assert not re.search(gone, text)


@pytest.mark.parametrize("name", NAMES)
def test_a_note_stays_within_notable(name: str) -> None:
    def structure(note: str) -> list[tuple[str, str, int]]:
        notable = [Notable(text=note, by_hand=True)]
        report = samples.september().model_copy(update={"notable": notable})
        return markdown_structure(render_markdown(build_page(report, [])))

    plain, hostile = structure(samples.HARMLESS), structure(name)
    behind = plain[plain.index(("heading_open", "h2", 0)) :]
    assert hostile[-len(behind) :] == behind
    kinds = {kind for kind, _, _ in hostile[: -len(behind)]}
    assert not {"html_block", "html_inline", "image", "heading_open", "table_open"} & kinds
