"""One report as one mail to one recipient: the same bytes whenever it is made again."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from functools import cache

from slo_report.mail.addresses import header_text
from slo_report.mail.html import content_id, render_mail_html
from slo_report.mail.letters import Letter
from slo_report.mail.summary import Summary, chosen_charts, subject, summarize
from slo_report.mail.text import render_text
from slo_report.report.charts import draw_pictures
from slo_report.report.charts.chart import Chart
from slo_report.report.document import Report

# 7bit: relays without 8BITMIME need not change a byte.
POLICY = SMTP.clone(cte_type="7bit")

Picture = tuple[Chart, bytes]


@dataclass(frozen=True)
class Content:
    """What all recipients of a letter get."""

    letter: Letter
    subject: str
    text: str
    html: str
    pictures: Sequence[Picture]


def render_content(letter: Letter) -> Content:
    """Return what the letter says, drawn and rendered once for all its recipients."""
    report = letter.report
    pictures = draw_pictures(report, lambda charts: chosen_charts(report, charts))
    charts = [chart for chart, _ in pictures]
    attached = list(letter.attachments)

    @cache
    def summarized(most: int) -> Summary:
        return summarize(report, charts, attached, most)

    text = render_text(summarize(report, charts, attached))
    html = render_mail_html(summarized)
    return Content(letter, subject(report), text, html, pictures)


def build_message(content: Content, sender: Address, to: Address, date: datetime) -> bytes:
    """Return the mail to one recipient, its lines ended by CR LF.

    `date` is when it was first queued, so that a later try sends the same bytes.
    """
    letter = content.letter
    report = letter.report
    message = EmailMessage(policy=POLICY)
    message["From"] = sender
    message["To"] = to
    message["Subject"] = header_text(content.subject)
    message["Date"] = date.replace(microsecond=0)
    message["Message-ID"] = message_id(report, letter.document, to, sender, report.edition)
    if report.edition > 1:
        first = message_id(report, letter.document, to, sender, 1)
        message["In-Reply-To"] = first
        message["References"] = first
    message["List-Id"] = f"SLO reports <slo-report.{sender.domain}>"
    message["Auto-Submitted"] = "auto-generated"
    message["X-Slo-Report-Period"] = report.month
    message["X-Slo-Report-Edition"] = str(report.edition)
    _fill(message, content)
    return message.as_bytes()


def message_id(
    report: Report, document: str, recipient: Address, sender: Address, edition: int
) -> str:
    """Return the id of a mail: of a resent one the same, so that receivers may fold copies."""
    parts = (report.service, report.month, str(edition), document, recipient.addr_spec)
    # Each with its length, so that no two lists of parts run into one text.
    whole = "".join(f"{len(part)}:{part}" for part in parts)
    digest = hashlib.sha256(whole.encode("utf-8", "surrogatepass")).hexdigest()
    return f"<{digest[:40]}@{sender.domain}>"


def _fill(message: EmailMessage, content: Content) -> None:
    message.set_content(_encodable(content.text), cte="quoted-printable")
    html = _encodable(content.html)
    message.add_alternative(html, subtype="html", cte="quoted-printable")
    _add_pictures(message.get_payload(1), content.pictures)  # type: ignore[arg-type]
    _attach(message, content.letter.attachments)
    multiparts = [part for part in message.walk() if part.is_multipart()]
    for number, part in enumerate(multiparts):
        # Random otherwise. Neither base64 nor quoted-printable can hold `=_`.
        part.set_boundary(f"=_slo-report-{number}")


def _add_pictures(html: EmailMessage, pictures: Sequence[Picture]) -> None:
    for chart, png in pictures:
        html.add_related(
            png, "image", "png", cid=f"<{content_id(chart.name)}>", disposition="inline",
            filename=f"{chart.name}.png",
        )  # fmt: skip
    if pictures:
        html.set_param("type", "text/html")


def _attach(message: EmailMessage, attachments: Mapping[str, bytes]) -> None:
    for name, file in attachments.items():
        message.add_attachment(file, "text", "html", filename=name, params={"charset": "utf-8"})


def _encodable(text: str) -> str:
    """Return the text without halves of surrogate pairs, which no mail can carry."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
