"""What stands in a log, or in slo.yaml and the notes, changes no structure of any output."""

import json
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree as ET
from zoneinfo import ZoneInfo

import pytest
from markdown_it import MarkdownIt

from slo_report.months import parse_month
from slo_report.run import run_month
from slo_report.slo_yaml.build import load_definition

HOSTILE = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "</td></tr></table></main><h1 onclick='x()'>",
    "</text></svg><iframe src=//evil.example>",
    "<!-- ]]> --> <![CDATA[ <?php",
    "| a | b |\n| --- | --- |\n| 1 | 2 |",
    "# heading\n\n## another",
    "[link](javascript:alert(1)) [ref]: https://evil.example",
    "![beacon](https://evil.example/p.png)",
    "https://evil.example/ www.evil.example <https://evil.example>",
    "**bold** _it_ ~~s~~ `code` ```",
    "- item\n1. one\n> quote\n    code\n---\n***",
    "$\\frac{1}{0$ $x$ \\alpha_{",
    "_hidden",
    "=cmd|' /C calc'!A1",
    "+1+1",
    "-2+3",
    "@SUM(A1:A9)",
    "\x1b[31mred\x1b[0m\x1b]0;title\x07",
    "\x9b31m\x85\x90\x9d",
    "\u202egnp.exe\u2066\u200f\u2028\u2029\ufeff",
    "\x01\x02\x08\x0b\x0c\x7f\r\n\t",
    "\" onmouseover=\"x\" style='x' ' onfocus='x",
    "{{ 7*7 }} {% raw %} {# c #} ${7*7} #{7*7} %(x)s {0}",
    "&lt;b&gt; &#x3c;i&#x3e; &amp;amp; %3Cb%3E",
    "../../../etc/passwd",
    "javascript:alert(1)",
    "日本語 \U0001f4a5 e\u0301" + "\u0301" * 40,
    "x" * 100_000,
)
LONG = 100_000
HARMLESS = tuple(f"name-{number:02}" for number in range(len(HOSTILE)))

HOSTILE_NOTES = (
    "# Title <script>alert(1)</script>\n\n"
    "<img src=x onerror=alert(1)> ![b](https://evil.example/p.png) [x](javascript:alert(1))"
    " {{ 7*7 }} \x1b[31m \u202e\n\n"
    "| a | b |\n| --- | --- |\n| 1 | 2 |\n\n"
    "- <iframe src=https://evil.example></iframe>\n"
)
HARMLESS_NOTES = "# Title\n\nProse.\n\nMore prose.\n\n- An item\n"

SLO_YAML = """\
service: {service}
logs:
  - path: log.jsonl
    fields:
      ts: ts
      method: method
      route: route
      status: status
      duration: {{from: ms, unit: ms}}
      customer: customer
      replica: replica
      error_code: error_code
slos:
  - id: availability
    title: {title}
    good: status < 500
    target: 99%
    budget: true
  - id: latency
    value: duration
    p50: < 200 ms
    p99: < 800 ms
  - id: route
    title: By route
    good: status < 500
    each:
      - {{title: {title}, customer: {customer}, target: 90%}}
exclusions:
  - {{reason: {title}, where: status = 429}}
customers:
  {customer}: {{title: {title}, slos: {{availability: {{target: 99.9%}}}}}}
breakdowns: [endpoint, customer, replica, error_code]
notes: notes/
"""
# Half a surrogate pair, which no file can hold as it is. It costs its own line at most.
LONE_SURROGATE = (
    '{"ts": "2026-04-30T12:00:00Z", "method": "GET", "route": "\\ud800", "status": 200, "ms": 5,'
    ' "customer": "\\udfff", "replica": "\\ud83d", "error_code": ""}\n'
)

SLUG = "SLUG"
OF_MONTH = {
    "report.md", "report.html", "report.json", "charts/burn-down.svg", "charts/compliance.svg",
    "charts/endpoints.svg", "charts/customers.svg", "charts/daily-latency.svg",
    "charts/pareto.svg",
}  # fmt: skip
# The one customer with a promise used one endpoint: there is nothing to compare.
ONLY_OF_MONTH = {"charts/customers.svg", "charts/endpoints.svg", "charts/pareto.svg"}
FILES = OF_MONTH | {f"customers/{SLUG}/{name}" for name in OF_MONTH - ONLY_OF_MONTH}
UNSAFE_TAGS = {
    "script", "iframe", "object", "embed", "link", "img", "image", "base", "form", "input",
    "button", "audio", "video", "source", "foreignObject", "foreignobject", "animate", "set",
}  # fmt: skip
ALLOWED_CONTROLS = {"\n"}


@dataclass(frozen=True)
class Made:
    """A report's folder."""

    folder: Path
    names: Sequence[str]

    def text(self, name: str) -> str:
        return (self.folder / name.replace(SLUG, self.slug)).read_text(encoding="utf-8")

    @property
    def slug(self) -> str:
        """The one folder that is named by a log, by its harmless letters and a digest."""
        (folder,) = (self.folder / "customers").iterdir()
        assert re.fullmatch(r"[a-z0-9-]{1,40}-[0-9a-f]{8}", folder.name)
        return folder.name

    @property
    def files(self) -> set[str]:
        return {
            path.relative_to(self.folder).as_posix().replace(self.slug, SLUG)
            for path in self.folder.rglob("*")
            if path.is_file()
        }

    @property
    def charts(self) -> list[str]:
        return sorted(name for name in self.files if name.endswith(".svg"))


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return make(tmp_path_factory.mktemp("hostile"), HOSTILE, HOSTILE_NOTES)


@pytest.fixture(scope="module")
def harmless(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return make(tmp_path_factory.mktemp("harmless"), HARMLESS, HARMLESS_NOTES)


def make(folder: Path, names: Sequence[str], notes: str) -> Made:
    (folder / "log.jsonl").write_text("".join(lines(names)) + LONE_SURROGATE, encoding="utf-8")
    (folder / "notes").mkdir()
    (folder / "notes" / "2026-04.md").write_text(notes, encoding="utf-8")
    # JSON's strings are strings of YAML too. The third name is one that breaks out of tables.
    text = SLO_YAML.format(
        service=json.dumps(names[0]), title=json.dumps(names[1]), customer=json.dumps(names[2])
    )
    (folder / "slo.yaml").write_text(text, encoding="utf-8")
    now = datetime(2026, 5, 2, tzinfo=UTC)
    run_month(
        load_definition(folder / "slo.yaml"),
        parse_month("2026-04", ZoneInfo("UTC"), now),
        reports=folder / "reports",
        now=now,
        progress=lambda _text: None,
    )
    return Made(folder / "reports" / "2026-04", names)


def lines(names: Sequence[str]) -> Iterator[str]:
    """Write requests so that no two names have the same figures: order follows from these alone."""
    for place, name in enumerate(names):
        count = 4 if len(HOSTILE[place]) == LONG else 20 + 2 * place
        for number in range(count):
            event = {
                "ts": f"2026-04-{number % 30 + 1:02}T{place % 24:02}:00:00Z",
                "method": "GET",
                "route": name,
                "status": 500 if number < place % 6 else 429 if number == 19 else 200,
                "ms": 10 + 7 * place + number,
                "customer": name,
                "replica": name,
                "error_code": name,
            }
            yield json.dumps(event) + "\n"


class Page(HTMLParser):
    """The tags of a page, with attributes; within a drawing their names alone."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, ...]] = []
        self.attributes: list[tuple[str, str, str]] = []
        self._drawing = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._drawing = self._drawing or tag == "svg"
        # Where things lie in a drawing follows the length of names; texts are texts.
        given = [] if self._drawing else [
            f"{key}={value}" if key != "aria-label" else key for key, value in attrs
        ]  # fmt: skip
        self.tags.append((tag, *given))
        self.attributes += [(tag, key, value or "") for key, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        self._drawing = self._drawing and tag != "svg"
        self.tags.append((f"/{tag}",))

    def handle_comment(self, data: str) -> None:
        self.tags.append(("comment", data))


def markdown_structure(text: str) -> list[tuple[str, str, int]]:
    parser = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    structure = []
    for token in parser.parse(text):
        structure.append((token.type, token.tag, token.level))
        for child in token.children or ():
            if child.type not in ("text", "text_special", "softbreak"):
                structure.append((child.type, child.tag, token.level))
    return structure


def elements(svg: str) -> list[str]:
    return [element.tag for element in ET.fromstring(svg).iter()]


def test_no_file_is_named_by_a_log(hostile: Made, harmless: Made) -> None:
    frozen = {f"editions/1/{name}" for name in FILES}
    assert hostile.files == harmless.files == FILES | frozen


def test_the_markdown_keeps_its_structure(hostile: Made, harmless: Made) -> None:
    structure = markdown_structure(hostile.text("report.md"))
    assert structure == markdown_structure(harmless.text("report.md"))
    assert not {"html_block", "html_inline", "link_open"} & {kind for kind, _, _ in structure}


def test_the_page_keeps_its_tags(hostile: Made, harmless: Made) -> None:
    assert Page(hostile.text("report.html")).tags == Page(harmless.text("report.html")).tags


def test_every_chart_keeps_its_elements(hostile: Made, harmless: Made) -> None:
    for name in hostile.charts:
        assert elements(hostile.text(name)) == elements(harmless.text(name)), name


def test_the_json_has_the_names_as_they_are(hostile: Made, harmless: Made) -> None:
    document = json.loads(hostile.text("report.json"))
    twin = json.loads(harmless.text("report.json"))
    assert set(HOSTILE) <= {row["scope"]["customer"] for row in document["customers"]}
    assert shape(document) == shape(twin)


def shape(value: object) -> object:
    """Return a JSON value without its texts; what is ordered by name is put in another order."""
    if isinstance(value, dict):
        return sorted(str(shape(item)) for item in value.values())
    if isinstance(value, list):
        return sorted(str(shape(item)) for item in value)
    return "text" if isinstance(value, str) else value


def test_nothing_runs_and_nothing_is_loaded(hostile: Made) -> None:
    page = Page(hostile.text("report.html"))
    assert not UNSAFE_TAGS & {tag[0].lstrip("/") for tag in page.tags}
    for tag, key, value in page.attributes:
        assert not key.startswith("on"), (tag, key)
        assert key not in ("src", "srcset", "action", "formaction", "data"), (tag, key)
        assert "href" not in key or value.startswith("#"), (tag, key, value)
        assert not re.search(r"url\((?!#)", value), (tag, key, value)
    for name in hostile.charts:
        for element in ET.fromstring(hostile.text(name)).iter():
            assert element.tag.rpartition("}")[2] not in UNSAFE_TAGS
            for key, value in element.attrib.items():
                assert not key.startswith("on")
                assert "href" not in key or value.startswith("#")
                assert not re.search(r"url\((?!#)", value)


@pytest.mark.parametrize("name", sorted(FILES - {"report.json"}))
def test_no_invisible_character_reaches_a_reader(hostile: Made, name: str) -> None:
    found = {
        character for character in hostile.text(name)
        if unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp")
    }  # fmt: skip
    assert found <= ALLOWED_CONTROLS


@pytest.mark.parametrize("name", ["report.md", "report.html"])
def test_no_name_makes_a_report_long(hostile: Made, harmless: Made, name: str) -> None:
    assert len(hostile.text(name)) < 2 * len(harmless.text(name))
