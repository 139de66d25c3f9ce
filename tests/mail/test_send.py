"""Who gets a mail, how often, and what is known of it afterwards."""

import sqlite3
import stat
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from slo_report.errors import DefinitionError, DiskError
from slo_report.mail import transport
from slo_report.mail.addresses import mailbox
from slo_report.mail.letters import Letter
from slo_report.mail.outbox import Key, open_outbox
from slo_report.mail.send import Choices, Delivery, Pace, deliver
from slo_report.report.document import Report
from slo_report.slo_yaml.definition import Email
from tests.mail.smtp_servers import Script, hang_up, smtp_server
from tests.report import samples
from tests.report.build import ratio_row, target

A, B, C = (f"{name}@shop.example" for name in "abc")
NOW = datetime(2026, 5, 2, 6, tzinfo=UTC)
ONE_TRY = Pace(waits_s=())


def report(**more: object) -> Report:
    row = ratio_row("availability", "Availability", target(">=", "0.995"), 990, 1000)
    return samples.report([row], None, **more)


class Post:
    """A reports folder, a server, and three recipients."""

    def __init__(self, reports: Path, script: Script, port: int) -> None:
        self.reports, self.script = reports, script
        self.smtp = f"smtp://127.0.0.1:{port}"
        self.pace = ONE_TRY

    def send(
        self, whole: Report | None = None, /, *to: str, document: str = "", **choices: Any
    ) -> list[str]:
        """Send to some, and return how it ended for each."""
        return [delivery.ending for delivery in self.deliver(whole, *to, document=document,
                                                             **choices)]  # fmt: skip

    def deliver(
        self, whole: Report | None = None, /, *to: str, document: str = "", **choices: Any
    ) -> list[Delivery]:
        recipients = tuple(mailbox(text) for text in to or (A, B, C))
        letters = [Letter(whole or report(), document, recipients)]
        email = Email("SLO <slo@shop.example>", to, self.smtp)
        with open_outbox(self.reports) as outbox:
            return deliver(
                email, letters, outbox,
                environment={}, now=NOW, choices=Choices(**choices), pace=self.pace,
            )  # fmt: skip

    def states(self, edition: int = 1) -> list[str]:
        with open_outbox(self.reports) as outbox:
            rows = [outbox.row(Key("2026-04", edition, "", to)) for to in (A, B, C)]
        return [row.state if row else "none" for row in rows]


@pytest.fixture
def post(tmp_path: Path) -> Iterator[Post]:
    script = Script()
    with smtp_server(script) as port:
        yield Post(tmp_path / "reports", script, port)


def test_everyone_gets_one_mail_and_a_repeated_run_sends_nothing(post: Post) -> None:
    assert post.send() == ["sent"] * 3
    assert post.send() == ["known"] * 3
    assert post.script.counts(A, B, C) == [1, 1, 1]


def test_one_recipient_who_is_refused_for_now_gets_it_in_the_next_run_and_alone(post: Post) -> None:
    post.script.say("rcpt", B, "450 greylisted")
    assert post.send() == ["sent", "pending", "sent"]
    assert post.states() == ["sent", "pending", "sent"]
    assert post.send() == ["known", "sent", "known"]
    assert post.script.counts(A, B, C) == [1, 1, 1]


def test_a_refusal_for_now_is_tried_again_in_the_same_run_after_a_while(post: Post) -> None:
    waits: list[float] = []
    post.pace = Pace(waits_s=(1, 4, 16), sleep=waits.append)
    post.script.say("dot", B, "451 later", "451 later")
    assert post.send() == ["sent"] * 3
    assert waits == [1, 4]
    assert post.script.counts(A, B, C) == [1, 1, 1]


def test_nothing_is_begun_once_the_time_for_mailing_is_over(post: Post) -> None:
    clock = iter([0.0, 0.0, 0.0, 601.0, 601.0, 601.0, 601.0])
    post.pace = Pace(clock=lambda: next(clock), sleep=lambda _: None)
    assert post.send() == ["sent", "pending", "pending"]
    assert post.script.counts(A, B, C) == [1, 0, 0]


@pytest.mark.parametrize("stage", ["rcpt", "data", "dot"])
@pytest.mark.parametrize(("reply", "state"), [("450 later", "pending"), ("550 never", "failed")])
def test_a_4xx_stays_pending_and_a_5xx_is_final_at_every_stage(
    post: Post, stage: str, reply: str, state: str
) -> None:
    post.script.say(stage, B, reply)  # type: ignore[arg-type]
    assert post.send() == ["sent", state, "sent"]
    assert post.script.counts(A, B, C) == [1, 0, 1]
    with open_outbox(post.reports) as outbox:
        row = outbox.row(Key("2026-04", 1, "", B))
    assert row is not None
    assert (row.last_code, row.last_text) == (int(reply[:3]), reply[4:])
    assert row.attempts == 1


def test_who_was_refused_for_good_is_left_alone_until_asked_or_the_way_changes(post: Post) -> None:
    post.script.say("rcpt", B, "550 no such user")
    post.send()
    assert post.send() == ["known", "failed", "known"]
    assert post.script.counts(A, B, C) == [1, 0, 1]
    post.smtp = post.smtp.replace("127.0.0.1", "localhost")
    assert post.send() == ["known", "sent", "known"]
    assert post.script.counts(A, B, C) == [1, 1, 1]


def test_a_connection_lost_after_the_final_dot_leaves_doubt_and_no_second_mail(post: Post) -> None:
    post.script.say("dot", B, hang_up)
    delivered = post.deliver()
    assert [delivery.ending for delivery in delivered] == ["sent", "in_doubt", "sent"]
    assert "--resend-in-doubt" in delivered[1].text
    assert post.send() == ["known", "in_doubt", "known"]
    assert post.script.counts(A, B, C) == [1, 1, 1]
    commands = len(post.script.commands)
    post.send()
    assert len(post.script.commands) == commands


def test_a_mail_in_doubt_goes_out_again_when_somebody_says_so_under_the_same_id(
    post: Post,
) -> None:
    post.script.say("dot", B, hang_up)
    post.send()
    assert post.send(resend_in_doubt=True) == ["known", "sent", "known"]
    assert post.send() == ["known"] * 3


def test_of_those_in_doubt_who_has_it_is_noted_and_only_the_others_get_another(post: Post) -> None:
    for to in (A, B):
        post.script.say("dot", to, hang_up)
    delivered = post.deliver()
    assert [delivery.ending for delivery in delivered] == ["in_doubt", "in_doubt", "sent"]
    assert f"--received {A}" in delivered[0].text
    assert post.send(resend_in_doubt=True, received=frozenset({A})) == ["known", "sent", "known"]
    assert post.states() == ["sent"] * 3
    assert post.send() == ["known"] * 3
    assert post.script.counts(A, B, C) == [1, 2, 1]


def test_who_has_it_can_be_noted_without_sending_anything(post: Post) -> None:
    post.script.say("dot", A, hang_up)
    post.send()
    noted = post.deliver(received=frozenset({A}))
    assert [delivery.ending for delivery in noted] == ["known"] * 3
    assert noted[0].text == "the recipient has it, as --received said"


def test_a_mail_that_is_not_in_doubt_is_sent_whoever_is_said_to_have_it(post: Post) -> None:
    post.script.say("rcpt", A, "450 later")
    post.send()
    assert post.send(received=frozenset({A})) == ["sent", "known", "known"]


def test_a_recipient_nobody_knows_cannot_have_it_and_nothing_is_sent(post: Post) -> None:
    post.script.say("dot", A, hang_up)
    post.send()
    with pytest.raises(DefinitionError, match=r"nothing of this month goes to aa@shop\.example"):
        post.send(resend_in_doubt=True, received=frozenset({"aa@shop.example"}))
    assert post.states() == ["in_doubt", "sent", "sent"]
    assert post.script.counts(A, B, C) == [1, 1, 1]


def test_who_is_in_doubt_stays_so_when_another_edition_is_published(post: Post) -> None:
    post.script.say("dot", A, hang_up)
    post.send()
    delivered = post.deliver(report(edition=2))
    assert [delivery.ending for delivery in delivered] == ["in_doubt", "withheld", "withheld"]
    assert delivered[0].text.startswith("edition 1: no reply after the final dot; ")
    assert post.script.counts(A, B, C) == [1, 1, 1]


def test_who_was_in_doubt_about_an_older_edition_gets_the_new_one_or_is_left_with_theirs(
    post: Post,
) -> None:
    for to in (A, B):
        post.script.say("dot", to, hang_up)
    post.send()
    ended = post.send(report(edition=2), resend_in_doubt=True, received=frozenset({A}))
    assert ended == ["withheld", "sent", "withheld"]
    assert post.script.counts(A, B, C) == [1, 2, 1]


def test_who_was_refused_for_good_is_offered_the_next_edition(post: Post) -> None:
    post.script.say("rcpt", A, "550 no such user")
    post.send()
    assert post.send(report(edition=2)) == ["sent", "withheld", "withheld"]


def test_a_server_that_never_answers_the_final_dot_leaves_doubt(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "FINAL_DOT_TIMEOUT_S", 0.1)
    asked_again = threading.Event()

    def fall_silent() -> None:
        asked_again.wait(60)

    post.script.say("dot", A, fall_silent)
    assert post.send(None, A) == ["in_doubt"]
    asked_again.set()
    assert post.send(None, A) == ["in_doubt"]
    assert post.script.counts(A) == [1]


def test_an_outbox_that_cannot_be_written_after_the_final_dot_leaves_doubt_and_no_second_mail(
    post: Post,
) -> None:
    with open_outbox(post.reports), closing(_connected(post.reports)) as connection:
        connection.execute(
            "create trigger full before update on outbox when new.state = 'sent' "
            "begin select raise(abort, 'disk full'); end"
        )
    with pytest.raises(DiskError, match="disk full"):
        post.send()
    with closing(_connected(post.reports)) as connection:
        connection.execute("drop trigger full")
    assert post.send() == ["in_doubt", "sent", "sent"]
    assert post.script.counts(A, B, C) == [1, 1, 1]


def test_an_outbox_that_cannot_be_written_before_the_final_dot_sends_nothing(post: Post) -> None:
    with open_outbox(post.reports), closing(_connected(post.reports)) as connection:
        connection.execute(
            "create trigger full before update on outbox when new.state = 'sending' "
            "begin select raise(abort, 'disk full'); end"
        )
    with pytest.raises(DiskError, match="disk full"):
        post.send()
    assert post.script.counts(A, B, C) == [0, 0, 0]


def _connected(reports: Path) -> sqlite3.Connection:
    return sqlite3.connect(reports / "outbox.sqlite3", isolation_level=None)


@pytest.mark.parametrize("stage", ["mail", "rcpt", "data"])
def test_a_connection_lost_before_the_final_dot_is_no_doubt(post: Post, stage: str) -> None:
    post.script.say(stage, "" if stage == "mail" else A, hang_up)  # type: ignore[arg-type]
    assert post.send() == ["pending", "sent", "sent"]
    assert post.send() == ["sent", "known", "known"]
    assert post.script.counts(A, B, C) == [1, 1, 1]


def test_a_greeting_that_refuses_says_nothing_about_the_recipient(post: Post) -> None:
    post.script.say("greeting", "", "554 go away")
    assert post.send() == ["pending", "sent", "sent"]


def test_a_refusal_of_the_sender_for_now_leaves_the_mail_pending(post: Post) -> None:
    post.script.say("mail", "", "452 too busy")
    assert post.send() == ["pending", "sent", "sent"]
    assert post.send() == ["sent", "known", "known"]


def test_a_421_in_the_middle_leaves_the_rest_pending(post: Post) -> None:
    post.script.say("rcpt", A, "421 closing")
    assert post.send() == ["pending", "sent", "sent"]


def test_a_server_that_is_not_there_leaves_all_pending(post: Post) -> None:
    post.smtp = "smtp://127.0.0.1:1"
    delivered = post.deliver()
    assert [delivery.ending for delivery in delivered] == ["pending"] * 3
    assert "127.0.0.1:1: Connection refused" in delivered[0].text
    assert post.states() == ["pending"] * 3


def test_a_relay_that_insists_on_tls_is_a_matter_of_settings_and_stops_the_rest(
    post: Post,
) -> None:
    post.script.say("mail", "", "530 5.7.0 Must issue a STARTTLS command first")
    assert post.send() == ["pending"] * 3
    assert len([line for line in post.script.commands if line.upper().startswith("MAIL")]) == 1


def test_what_a_dead_run_was_sending_is_in_doubt(post: Post) -> None:
    post.send()
    connection = sqlite3.connect(post.reports / "outbox.sqlite3")
    with connection:
        connection.execute("update outbox set state = 'sending' where recipient = ?", (B,))
    connection.close()
    assert post.send() == ["known", "in_doubt", "known"]
    assert post.script.counts(A, B, C) == [1, 1, 1]


def test_a_resend_sends_the_same_bytes_again(post: Post) -> None:
    post.send()
    assert post.send(resend=True) == ["sent"] * 3
    first, second = post.script.accepted[A]
    assert first == second


@pytest.mark.parametrize(
    ("status", "text"), [("incomplete", "(INCOMPLETE)"), ("provisional", "(provisional)")]
)
def test_a_month_that_is_not_final_is_mailed_only_by_force(
    post: Post, status: str, text: str
) -> None:
    unfinished = report(status=status, status_text=text)
    assert post.send(unfinished) == ["withheld"] * 3
    assert post.states() == ["none"] * 3
    assert post.send(unfinished, force=True) == ["sent"] * 3
    assert text.encode() in post.script.accepted[A][0]


def test_a_new_edition_goes_to_those_who_have_none_and_to_others_only_when_asked(
    post: Post,
) -> None:
    post.script.say("rcpt", B, "450 later")
    post.send()
    assert post.send(report(edition=2)) == ["withheld", "sent", "withheld"]
    assert post.send(report(edition=2), resend=True) == ["sent"] * 3
    assert post.script.counts(A, B, C) == [2, 2, 2]
    first, second = post.script.accepted[A]
    named = next(line for line in first.split(b"\r\n") if line.startswith(b"Message-ID: "))
    assert b"In-Reply-To: " + named.split(b" ")[1] in second.split(b"\r\n")


def test_two_documents_for_one_recipient_are_two_mails(post: Post) -> None:
    assert post.send(None, A) == ["sent"]
    assert post.send(None, A, document="acme") == ["sent"]
    assert post.send(None, A, document="acme") == ["known"]
    assert post.script.counts(A) == [2]


def test_lines_that_begin_with_a_dot_arrive_as_they_are(post: Post) -> None:
    from slo_report.mail.server import Server
    from slo_report.mail.transport import Mail, send_mail

    port = int(post.smtp.rpartition(":")[2])
    server = Server("127.0.0.1", port, implicit_tls=False, needs_tls=False)
    content = b"Subject: x\r\n\r\n.\r\n..two\r\n.one\r\n"
    assert send_mail(server, Mail("a@x.example", A, content), lambda: True).state == "sent"
    assert post.script.accepted[A] == [content]


def test_the_outbox_is_private_and_a_damaged_one_stops_all_mail(post: Post) -> None:
    post.send()
    path = post.reports / "outbox.sqlite3"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.write_bytes(b"no database at all" * 100)
    with pytest.raises(DiskError, match="nothing is mailed"):
        post.send()
    assert post.script.counts(A, B, C) == [1, 1, 1]
