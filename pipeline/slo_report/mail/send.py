"""Who still has to get what, and sending it: at most once, unless somebody asks for more."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from email.headerregistry import Address
from typing import Literal

from slo_report.errors import DefinitionError, DeliveryError
from slo_report.mail.addresses import mailbox
from slo_report.mail.letters import Letter
from slo_report.mail.message import Content, build_message, message_id, render_content
from slo_report.mail.outbox import Key, Outbox, Row
from slo_report.mail.server import Server, mail_server, route
from slo_report.mail.transport import Mail, send_mail
from slo_report.slo_yaml.definition import Email

Ending = Literal["sent", "known", "withheld", "pending", "failed", "in_doubt"]


@dataclass(frozen=True)
class Delivery:
    """How it ended for one recipient."""

    letter: Letter
    recipient: Address
    ending: Ending
    """known: sent before; withheld: not meant to be sent now."""
    text: str
    """The server's words, or why not."""

    @property
    def key(self) -> Key:
        """The row of the outbox."""
        report = self.letter.report
        return Key(report.month, report.edition, self.letter.document, self.recipient.addr_spec)

    @property
    def is_missing(self) -> bool:
        """Tell whether the recipient should have the report and has not, as far as is known."""
        return self.ending in ("pending", "failed", "in_doubt")


@dataclass(frozen=True)
class Choices:
    """What somebody asked for beyond sending what nobody has got."""

    resend: bool = False
    resend_in_doubt: bool = False
    received: frozenset[str] = frozenset()
    """Addresses whose mails in doubt have come, as their owners say."""
    force: bool = False
    """Mail a month that is incomplete or not over."""


@dataclass(frozen=True)
class Pace:
    """How long is tried, in seconds; tests bring a clock of their own."""

    waits_s: tuple[float, ...] = (1, 4, 16)
    """Before the second try, the third ..."""
    budget_s: float = 600
    """After it nothing new is begun."""
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic


@dataclass
class _Run:
    """What the tries of one run share."""

    sender: Address
    outbox: Outbox
    now: datetime
    pace: Pace
    contents: dict[str, Content] = field(default_factory=dict)
    """Rendered letters by document: all recipients of one get the same."""

    def __post_init__(self) -> None:
        self._until = self.pace.clock() + self.pace.budget_s

    def is_late(self, wait_s: float = 0) -> bool:
        """Tell whether the budget of time is gone, or would be after a wait."""
        return self.pace.clock() + wait_s >= self._until


def deliver(
    email: Email,
    letters: Sequence[Letter],
    outbox: Outbox,
    *,
    environment: Mapping[str, str],
    now: datetime,
    choices: Choices = Choices(),
    pace: Pace = Pace(),
) -> list[Delivery]:
    """Send each letter to those who have to get it, and return how it ended for each.

    The caller holds the run lock. `environment` has the login. Raises DefinitionError where one
    who is said to have received a mail is no recipient, and DiskError where the outbox cannot be
    written: then nothing is sent.
    """
    mails = [
        Delivery(letter, recipient, "pending", "there was no time left to try")
        for letter in letters
        for recipient in letter.recipients
    ]
    outbox.doubt_what_was_cut_off(now)
    _note_received(mails, outbox, choices.received, now)
    by = route(email)
    run = _Run(mailbox(email.sender), outbox, now, pace)
    decided = [_decide(outbox, mail, by, choices) for mail in mails]
    waiting = [delivery for delivery in decided if delivery.ending == "pending"]
    outbox.queue([(delivery.key, _id(delivery, run.sender)) for delivery in waiting], by, now)
    ended = _send_all(run, waiting, lambda: mail_server(email, environment))
    return [ended.get(delivery.key, delivery) for delivery in decided]


def _note_received(
    mails: Sequence[Delivery], outbox: Outbox, received: frozenset[str], now: datetime
) -> None:
    strangers = received.difference(mail.key.recipient for mail in mails)
    if strangers:
        # Perhaps a slip of the pen; who was meant would get a second mail.
        raise DefinitionError(
            f"--received: nothing of this month goes to {', '.join(sorted(strangers))}"
        )
    for mail in mails:
        if mail.key.recipient in received:
            outbox.note_received(mail.key, now)


def _decide(outbox: Outbox, mail: Delivery, by: str, choices: Choices) -> Delivery:
    """Return what the outbox and the choices say of one mail; `pending` is to be sent."""
    report = mail.letter.report
    if report.status != "final" and not choices.force:
        text = f"{report.month} is {report.status}; --force mails it as it is"
        return replace(mail, ending="withheld", text=text)
    row = outbox.row(mail.key)
    if row is not None:
        return _by_row(mail, row, by, choices)
    return mail if choices.resend else _by_editions_before(mail, outbox, choices)


def _by_editions_before(mail: Delivery, outbox: Outbox, choices: Choices) -> Delivery:
    """Return what earlier editions say of one that was never queued: who has one gets no other."""
    before = {row.state: row for row in outbox.editions_before(mail.key)}
    if "sent" in before:
        had, edition = before["sent"].key.edition, mail.key.edition
        text = f"has edition {had}; --resend mails edition {edition}"
        return replace(mail, ending="withheld", text=text)
    if "in_doubt" in before and not choices.resend_in_doubt:
        old = before["in_doubt"]
        text = f"edition {old.key.edition}: {_asked_of(old.last_text, mail)}"
        return replace(mail, ending="in_doubt", text=text)
    return mail


def _by_row(mail: Delivery, row: Row, by: str, choices: Choices) -> Delivery:
    match row.state:
        case "in_doubt" if not choices.resend_in_doubt:
            return replace(mail, ending="in_doubt", text=_asked_of(row.last_text, mail))
        case "sent" if not choices.resend:
            return replace(mail, ending="known", text=row.last_text or "")
        case "failed" if not choices.resend and row.route == by:
            text = f"{row.last_code} {row.last_text}; correct slo.yaml, or --resend tries again"
            return replace(mail, ending="failed", text=text)
    return mail


def _asked_of(what_happened: str | None, mail: Delivery) -> str:
    """Return what happened to a mail in doubt, and what somebody who asks the recipient can do."""
    return (
        f"{what_happened}; ask whether it came: --received {mail.key.recipient} notes that it did, "
        "--resend-in-doubt sends it again"
    )


def _send_all(
    run: _Run, waiting: Sequence[Delivery], find_server: Callable[[], Server]
) -> dict[Key, Delivery]:
    """Try until every mail is settled or the pace is run out; return how each ended."""
    ended = {delivery.key: delivery for delivery in waiting}
    try:
        server = find_server() if waiting else None
        for wait_s in (0.0, *run.pace.waits_s):
            left = [delivery for delivery in ended.values() if delivery.ending == "pending"]
            if server is None or not left or run.is_late(wait_s):
                break
            if wait_s:
                run.pace.sleep(wait_s)
            for delivery in left:
                if not run.is_late():
                    ended[delivery.key] = _try(run, server, delivery)
    except DeliveryError as error:
        # What stops one mail for the way it is sent stops all that would follow.
        for key, delivery in ended.items():
            if delivery.ending == "pending":
                run.outbox.settle(key, "pending", None, str(error), run.now)
                ended[key] = replace(delivery, text=str(error))
    return ended


def _try(run: _Run, server: Server, delivery: Delivery) -> Delivery:
    """Send one mail, and have the outcome on disk before anything else."""
    key = delivery.key
    mail = Mail(run.sender.addr_spec, key.recipient, _content(run, delivery))
    attempt = send_mail(server, mail, lambda: run.outbox.claim(key, run.now))
    if attempt.state == "sending":
        return replace(delivery, text=attempt.text)
    run.outbox.settle(key, attempt.state, attempt.code, attempt.text, run.now)
    said = f"{attempt.code} {attempt.text}" if attempt.code else attempt.text
    if attempt.state == "in_doubt":
        said = _asked_of(said, delivery)
    return replace(delivery, ending=attempt.state, text=said)


def _content(run: _Run, delivery: Delivery) -> bytes:
    letter = delivery.letter
    if letter.document not in run.contents:
        run.contents[letter.document] = render_content(letter)
    row = run.outbox.row(delivery.key)
    date = run.now if row is None else row.queued_at
    return build_message(run.contents[letter.document], run.sender, delivery.recipient, date)


def _id(delivery: Delivery, sender: Address) -> str:
    letter = delivery.letter
    report = letter.report
    return message_id(report, letter.document, delivery.recipient, sender, report.edition)
