"""What we write, opened in a real Chromium: on a wide screen, on a telephone, dark, on paper.

`make test-browser` installs Chromium, its driver and axe, and runs this.
"""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pytest

from slo_report.mail.html import render_mail_html
from slo_report.mail.summary import summarize
from slo_report.report.charts import draw_charts
from slo_report.report.document import Report
from slo_report.report.files import month_entry, render, render_index
from tests.report import samples
from tests.test_hostile import HOSTILE, LONG

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium: make test-browser"),
]

REPORTS: dict[str, Callable[[], Report]] = {
    "september": samples.september,
    "codex": samples.codex,
    "no data": samples.no_data,
    "one day": samples.one_day,
    "large": samples.large,
    "hostile": lambda: samples.named(" ".join(text for text in HOSTILE if len(text) < LONG)),
}
PAGES = [*(f"report {name}" for name in REPORTS), "index"]
MAILS = [f"mail {name}" for name in ("september", "codex", "no data", "hostile")]

TELEPHONE, TABLET, SCREEN = 360, 768, 1280
PAPER = 688
"""A4 without its margins, in pixels."""
FRAGMENT_RULES = {"landmark-one-main", "region"}
"""A mail stands within the page of a mail program, which has the landmarks."""

OVER_THE_EDGE = """() => [...document.querySelectorAll('body *')]
  .filter(one => !one.closest('svg, .scroll, .picture, pre') || matchMedia('print').matches)
  .filter(one => !one.closest('svg') && one.getBoundingClientRect().right > innerWidth + 1)
  .map(one => one.outerHTML.slice(0, 200))"""
UNSEEN = """() => [...document.querySelectorAll('section.part, section.part tbody tr')]
  .filter(one => !one.closest('details.data') && one.getBoundingClientRect().height === 0)
  .map(one => one.outerHTML.slice(0, 200))"""
DANGLING = """() => [...document.querySelectorAll('a[href^="#"]')]
  .map(one => one.getAttribute('href').slice(1)).filter(id => !document.getElementById(id))"""
PIXEL = (
    "data:image/png;base64,"
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """<name>.html for each page and each mail, with a pixel for each of a mail's pictures."""
    folder = tmp_path_factory.mktemp("pages")
    made = {name: report() for name, report in REPORTS.items()}
    for name, report in made.items():
        folder.joinpath(f"report {name}.html").write_bytes(render(report)["report.html"])
    folder.joinpath("index.html").write_bytes(render_index([month_entry(made["september"])]))
    for page in MAILS:
        mail = mail_of(made[page.removeprefix("mail ")])
        folder.joinpath(f"{page}.html").write_text(mail, encoding="utf-8")
    return folder


def mail_of(report: Report) -> str:
    charts = draw_charts(report)[:4]
    mail = render_mail_html(lambda most: summarize(report, charts, ["report.html"], most))
    for chart in charts:
        mail = mail.replace(f"cid:{chart.name}@slo-report", PIXEL)
    return mail


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        # Without a sandbox, since CI is root.
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def context(browser: "Browser") -> Iterator["BrowserContext"]:
    with browser.new_context() as context:
        yield context


def opened(context: "BrowserContext", folder: Path, name: str, width: int) -> "Page":
    page = context.new_page()
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(folder.joinpath(f"{name}.html").as_uri())
    return page


@pytest.mark.parametrize("name", PAGES)
def test_a_page_asks_for_nothing_but_itself_and_runs_nothing(
    context: "BrowserContext", folder: Path, name: str
) -> None:
    asked: list[str] = []
    said: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    context.on("console", lambda message: said.append(message.text))
    context.on("dialog", lambda dialog: said.append(dialog.message))
    page = opened(context, folder, name, SCREEN)
    page.wait_for_load_state("networkidle")
    assert (asked, said) == ([page.url], [])


@pytest.mark.parametrize("width", [TELEPHONE, TABLET, SCREEN])
@pytest.mark.parametrize("name", [*PAGES, *MAILS])
def test_nothing_lies_beyond_the_edge_of_the_window(
    context: "BrowserContext", folder: Path, name: str, width: int
) -> None:
    page = opened(context, folder, name, width)
    assert page.evaluate("document.scrollingElement.scrollWidth") <= width
    assert page.evaluate(OVER_THE_EDGE) == []


@pytest.mark.parametrize(("width", "scheme"), [(SCREEN, "light"), (TELEPHONE, "dark")])
@pytest.mark.parametrize("name", [*PAGES, *MAILS])
def test_everyone_can_read_it(
    context: "BrowserContext",
    folder: Path,
    name: str,
    width: int,
    scheme: Literal["light", "dark"],
) -> None:
    """Axe looks at contrast, names, tables, headings and what a keyboard reaches."""
    from axe_playwright_python.sync_playwright import Axe

    page = opened(context, folder, name, width)
    page.emulate_media(color_scheme=scheme)
    found = {
        fault["id"]: [node["html"][:200] for node in fault["nodes"][:3]]
        for fault in Axe().run(page).response["violations"]
        if not (name in MAILS and fault["id"] in FRAGMENT_RULES)
    }
    assert found == {}


@pytest.mark.parametrize("name", PAGES)
def test_paper_shows_what_is_folded_and_cuts_nothing_off(
    context: "BrowserContext", folder: Path, name: str
) -> None:
    page = opened(context, folder, name, PAPER)
    page.emulate_media(media="print")
    assert page.evaluate(OVER_THE_EDGE) == []
    assert page.evaluate(UNSEEN) == []


@pytest.mark.parametrize("name", PAGES)
def test_every_link_within_a_page_leads_somewhere(
    context: "BrowserContext", folder: Path, name: str
) -> None:
    assert opened(context, folder, name, SCREEN).evaluate(DANGLING) == []
