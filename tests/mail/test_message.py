"""What a mail is made of: its parts, headers, bytes, and what hostile names cannot do to it."""

import email
import re
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import default
from html.parser import HTMLParser

import pytest

from slo_report.errors import DefinitionError
from slo_report.mail.addresses import header_text, mailbox
from slo_report.mail.html import BUDGET_BYTES
from slo_report.mail.letters import Letter
from slo_report.mail.message import Content, build_message, render_content
from slo_report.mail.summary import subject
from slo_report.report.document import Report
from slo_report.report.parts.findings import Notable
from tests.report import samples
from tests.report.build import ratio_row, target

SENDER = mailbox("SLO reports <slo@shop.example>")
TEAM = mailbox("team@shop.example")
DATE = datetime(2026, 5, 2, 6, tzinfo=UTC)
HEADERS = [
    "From", "To", "Subject", "Date", "Message-ID", "List-Id", "Auto-Submitted",
    "X-Slo-Report-Period", "X-Slo-Report-Edition", "MIME-Version", "Content-Type",
]  # fmt: skip
PAGE = {"slo-report-2026-04.html": b"<!doctype html>whole\n"}


def content_of(report: Report, document: str = "") -> Content:
    return render_content(Letter(report, document, (TEAM,), PAGE))


def built(report: Report, document: str = "") -> bytes:
    return build_message(content_of(report, document), SENDER, TEAM, DATE)


def parsed(mail: bytes) -> EmailMessage:
    return email.message_from_bytes(mail, policy=default)


@pytest.fixture(scope="module")
def september() -> Content:
    return content_of(samples.september())


@pytest.fixture(scope="module")
def mail(september: Content) -> EmailMessage:
    return parsed(build_message(september, SENDER, TEAM, DATE))


def test_a_mail_has_text_html_with_pictures_and_the_whole_report(mail: EmailMessage) -> None:
    types = [part.get_content_type() for part in mail.walk()]
    assert types[:5] == [
        "multipart/mixed", "multipart/alternative", "text/plain", "multipart/related", "text/html",
    ]  # fmt: skip
    assert set(types[5:-1]) == {"image/png"}
    (attached,) = mail.iter_attachments()
    assert attached.get_filename() == "slo-report-2026-04.html"
    assert attached.get_payload(decode=True) == PAGE["slo-report-2026-04.html"]


def test_each_picture_is_named_by_the_html_drawn_opaque_and_told_in_words(
    mail: EmailMessage, september: Content
) -> None:
    html, text = september.html, september.text
    pictures = [part for part in mail.walk() if part.get_content_type() == "image/png"]
    ids = [str(part["Content-ID"]).strip("<>") for part in pictures]
    assert re.findall(r'src="cid:([^"]+)"', html) == ids
    assert len(set(ids)) == len(ids) >= 2
    for part in pictures:
        assert part.get_content_disposition() == "inline"
        png = part.get_payload(decode=True)
        assert isinstance(png, bytes)
        assert png.startswith(b"\x89PNG")
        assert int.from_bytes(png[16:20], "big") == 1288  # twice the column of a mail
    for chart, _ in september.pictures:
        assert chart.alt in text
    assert "76% used" in html


def test_every_figure_of_the_head_is_in_both_parts_with_the_verdict_in_words(
    september: Content,
) -> None:
    shown = re.sub(r"<[^>]+>|\s+", " ", september.html)
    for row in samples.september().objectives:
        if not row.informational:
            assert row.text in september.text
            assert row.text in shown
    assert "- Turn p99: 78s (target < 60s) ✗ missed" in september.text
    assert "- TTFT p99: 4.8s (target < 5s) ✓ met" in september.text
    assert not re.search(r"[✓✗](?!(\s|&nbsp;|\xa0)(met|missed))", shown)


def test_the_headers_are_these_and_no_others(mail: EmailMessage) -> None:
    assert mail.keys() == HEADERS
    assert mail["Subject"] == "SLO report April 2026: 1 of 3 missed; 1 promise to Acme Corp broken"
    assert mail["List-Id"] == "SLO reports <slo-report.shop.example>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert (mail["X-Slo-Report-Period"], mail["X-Slo-Report-Edition"]) == ("2026-04", "1")
    assert mail["Date"].datetime == DATE


@pytest.mark.long
def test_the_same_report_makes_the_same_bytes() -> None:
    assert built(samples.september()) == built(samples.september())


def test_no_line_is_too_long_for_a_relay_and_every_byte_is_ascii(september: Content) -> None:
    mail = build_message(september, SENDER, TEAM, DATE)
    assert mail.isascii()
    assert max(len(line) for line in mail.split(b"\r\n")) <= 998
    assert b"\n" not in mail.replace(b"\r\n", b"")


def test_a_message_id_belongs_to_service_month_edition_document_and_recipient() -> None:
    report = simple()
    whole = content_of(report)
    other = mailbox("b@shop.example")
    ids = [
        parsed(build_message(whole, SENDER, TEAM, DATE))["Message-ID"],
        parsed(build_message(whole, SENDER, other, DATE))["Message-ID"],
        parsed(built(report, "acme"))["Message-ID"],
        parsed(built(report.model_copy(update={"service": "other"})))["Message-ID"],
        parsed(built(report.model_copy(update={"month": "2026-03"})))["Message-ID"],
        parsed(built(report.model_copy(update={"edition": 2})))["Message-ID"],
    ]
    assert len(set(ids)) == len(ids)
    assert parsed(built(report))["Message-ID"] == ids[0]


def test_a_later_edition_answers_the_first() -> None:
    first, second = parsed(built(simple())), parsed(built(simple(edition=2)))
    assert second["In-Reply-To"] == second["References"] == first["Message-ID"]
    assert second["Subject"] == "SLO report April 2026, edition 2: met"


def simple(good: int = 1000, **more: object) -> Report:
    goal = target(">=", "0.995")
    return samples.report(
        [ratio_row("availability", "Availability", goal, good, 1000)], None, **more
    )


def test_the_subject_says_the_verdict_whatever_it_is() -> None:
    goal = target(">=", "0.995")
    met = ratio_row("a", "A", goal, 1000, 1000)
    missed = ratio_row("b", "B", goal, 900, 1000)
    nothing = ratio_row("c", "C", goal, 0, 0)
    unused = ratio_row("d", "D", goal, 0, 0, optional=True, verdict="not_in_use")
    soft = ratio_row("e", "E", goal, 900, 1000, informational=True)

    def said(*rows: object, **more: object) -> str:
        return subject(samples.report(rows, **more)).removeprefix("SLO report April 2026")  # type: ignore[arg-type]

    assert said(met) == ": met"
    assert said(met, met) == ": all 2 met"
    assert said(met, missed, unused, soft) == ": 1 of 2 missed"
    assert said(met, missed, nothing) == ": 1 of 3 missed, 1 without data"
    assert said(met, nothing) == ": 1 of 2 met, 1 without data"
    assert said(nothing, nothing) == ": no data"
    assert said(unused) == ": no objective in use"
    assert said(soft) == ": no committed objective"
    assert said(missed, status_text="(INCOMPLETE)") == " (INCOMPLETE): 1 of 1 missed"
    assert said(met, status_text="(provisional, to Apr 24)") == " (provisional, to Apr 24): met"


def test_a_month_without_data_and_one_of_a_single_day_can_be_mailed() -> None:
    for report in (samples.no_data(), samples.one_day()):
        content = content_of(report)
        assert report.status_text in content.subject
        assert report.status_text in content.html
        assert report.status_text in content.text


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, id=str(number), marks=() if number < 2 else pytest.mark.long)
        for number, name in enumerate(samples.HOSTILE)
    ],
)
def test_hostile_names_change_neither_headers_nor_structure(name: str) -> None:
    harmless = content_of(samples.named(samples.HARMLESS))
    hostile = content_of(samples.named(name), document=name)
    expected = parsed(build_message(harmless, SENDER, TEAM, DATE))
    mail = parsed(build_message(hostile, SENDER, TEAM, DATE))
    assert mail.keys() == HEADERS
    assert [p.get_content_type() for p in mail.walk()] == [
        p.get_content_type() for p in expected.walk()
    ]
    assert tags(hostile.html) == tags(harmless.html)
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]", hostile.text)
    assert len(hostile.html.encode()) < 95_000


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, ...]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, *(name for name, _ in attrs)))


def tags(html: str) -> list[tuple[str, ...]]:
    parser = Tags()
    parser.feed(html)
    return parser.seen


def test_nothing_is_loaded_from_anywhere(september: Content) -> None:
    html = september.html
    assert "http" not in html
    assert "<script" not in html
    assert "<link" not in html
    assert "url(" not in html
    assert set(re.findall(r'src="(\w+):', html)) == {"cid"}


def test_only_a_link_that_the_team_wrote_leads_out() -> None:
    note = Notable(text="See [the review](https://shop.example/review).", by_hand=True)
    html = content_of(simple(notable=[note])).html
    assert re.findall(r"https?:[^\"<]*", html) == ["https://shop.example/review"]


def test_300_endpoints_and_1000_customers_stay_below_what_mail_programs_clip() -> None:
    content = content_of(samples.large())
    assert len(content.html.encode()) < 95_000
    assert "more in the whole report" in content.html


def test_lists_are_shortened_until_the_html_fits() -> None:
    goal = target(">=", "0.995")
    title = "A title as long as a name in a report can be shown " * 4
    rows = [ratio_row(f"slo{n}", f"{n} {title}", goal, 900, 1000) for n in range(300)]
    notes = [Notable(text="word " * 400) for _ in range(100)]
    content = content_of(samples.report(rows, notable=notes, status_reasons=[title] * 500))
    assert len(content.html.encode()) <= BUDGET_BYTES


@pytest.mark.parametrize(
    "text",
    ["a@b.example, evil@x.example", "nobody", "a@", "@b.example", "ü@b.example", "a@bü.example",
     "a b@c.example", "a@b.example\r\nBcc: x@y.example"],
)  # fmt: skip
def test_one_address_is_one_address(text: str) -> None:
    with pytest.raises(DefinitionError, match="is no address"):
        mailbox(text)


def test_an_address_keeps_its_name_and_header_texts_lose_control_characters() -> None:
    assert str(mailbox("SLO reports <slo@Shop.Example>")) == "SLO reports <slo@shop.example>"
    assert header_text("a\r\nBcc: x\x00\x85\u2028b") == "a Bcc: x b"
