"""The way to the server: TLS, login, and passwords that nobody sees."""

import logging
import ssl
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword

from slo_report.errors import DeliveryError
from slo_report.mail.server import Server, mail_server
from slo_report.mail.transport import Mail, SettingsError, send_mail
from slo_report.slo_yaml.definition import Email
from tests.mail.smtp_servers import Script, free_port, make_certificate, smtp_server

CANARY = "canary-7c1e-password"
MAIL = Mail("slo@shop.example", "team@shop.example", b"Subject: x\r\n\r\nHello.\r\n")
LOGIN = {"SLO_REPORT_SMTP_USER": "reporter", "SLO_REPORT_SMTP_PASSWORD": CANARY}

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


class Inbox:
    """Keeps what aiosmtpd takes."""

    def __init__(self) -> None:
        self.mails: list[tuple[list[str], bytes]] = []

    async def handle_DATA(  # noqa: N802 - aiosmtpd calls it so
        self, _server: object, _session: object, envelope: Envelope
    ) -> str:
        assert isinstance(envelope.content, bytes)
        self.mails.append((envelope.rcpt_tos, envelope.content))
        return "250 taken"


def authenticated(
    _server: object, _session: object, _envelope: object, _mechanism: str, data: Any
) -> AuthResult:
    known = isinstance(data, LoginPassword) and data.password == CANARY.encode()
    return AuthResult(success=known, handled=False)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return make_certificate(tmp_path_factory.mktemp("certificate"))


@contextmanager
def tls_server(certificate: tuple[Path, Path], *, login: bool) -> Iterator[tuple[Inbox, int]]:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*certificate)
    inbox, port = Inbox(), free_port()
    controller = Controller(
        inbox, hostname="127.0.0.1", port=port, tls_context=context, require_starttls=True,
        auth_required=login, authenticator=authenticated if login else None,
    )  # fmt: skip
    controller.start()
    try:
        yield inbox, port
    finally:
        controller.stop()


def server_of(port: int, scheme: str = "smtp", **environment: str) -> Server:
    email = Email("slo@shop.example", (), f"{scheme}://127.0.0.1:{port}")
    return mail_server(email, environment)


def send(server: Server) -> str:
    attempt = send_mail(server, MAIL, lambda: True)
    return f"{attempt.state} {attempt.text}"


def test_a_login_goes_over_starttls_with_a_certificate_that_is_trusted(
    certificate: tuple[Path, Path],
) -> None:
    with tls_server(certificate, login=True) as (inbox, port):
        trusted = server_of(port, **LOGIN, SLO_REPORT_SMTP_CA_FILE=str(certificate[0]))
        assert send(trusted) == "sent taken"
    ((recipients, content),) = inbox.mails
    assert recipients == ["team@shop.example"]
    assert content == MAIL.content


def test_a_certificate_nobody_vouches_for_is_refused(certificate: tuple[Path, Path]) -> None:
    untrusted = "is not to be trusted: self-signed certificate"
    with (
        tls_server(certificate, login=True) as (inbox, port),
        pytest.raises(SettingsError, match=untrusted),
    ):
        send(server_of(port, **LOGIN))
    assert inbox.mails == []


def test_a_certificate_for_another_name_is_refused(tmp_path: Path) -> None:
    other = make_certificate(tmp_path, "DNS:mail.shop.example")
    with (
        tls_server(other, login=False) as (inbox, port),
        pytest.raises(SettingsError, match="is not to be trusted"),
    ):
        send(server_of(port, SLO_REPORT_SMTP_CA_FILE=str(other[0])))
    assert inbox.mails == []


def test_without_starttls_nothing_is_sent_where_it_is_needed() -> None:
    script = Script()
    with smtp_server(script) as port, pytest.raises(SettingsError, match="offers no STARTTLS"):
        send(server_of(port, **LOGIN))
    assert script.accepted == {}
    assert not [line for line in script.commands if line.upper().startswith(("AUTH", "MAIL"))]


def test_only_a_relay_on_this_machine_is_spoken_to_in_plain_text() -> None:
    def needs_tls(smtp: str, **environment: str) -> bool:
        return mail_server(Email("slo@x.example", (), smtp), environment).needs_tls

    assert not needs_tls("smtp://localhost:25")
    assert not needs_tls("smtp://127.0.0.1")
    assert not needs_tls("smtp://[::1]:25")
    assert needs_tls("smtp://mail.shop.example:25")
    assert needs_tls("smtp://localhost.shop.example")
    assert needs_tls("smtp://10.0.0.1")
    assert needs_tls("smtp://localhost:25", **LOGIN)


def test_ports_follow_the_scheme() -> None:
    assert mail_server(Email("a@b.example", (), "smtp://mail.shop.example"), {}).port == 587
    implicit = mail_server(Email("a@b.example", (), "smtps://mail.shop.example"), {})
    assert (implicit.port, implicit.implicit_tls) == (465, True)


def test_implicit_tls_is_not_spoken_with_a_plain_server() -> None:
    with smtp_server(Script()) as port, pytest.raises(SettingsError, match="no TLS with"):
        send(server_of(port, "smtps"))


def test_a_refused_login_shows_its_password_nowhere(
    certificate: tuple[Path, Path],
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    environment = {**LOGIN, "SLO_REPORT_SMTP_PASSWORD": CANARY + "-wrong"}
    with tls_server(certificate, login=True) as (_, port):
        server = server_of(port, **environment, SLO_REPORT_SMTP_CA_FILE=str(certificate[0]))
        with pytest.raises(SettingsError, match=r"refuses the login \(535\)") as caught:
            send(server)
    told = "".join(traceback.format_exception(caught.value)) + str(caught.value)
    # aiosmtpd, in the same process, logs what it receives; ours is everything else.
    logged = "".join(r.getMessage() for r in caplog.records if not r.name.startswith("mail."))
    assert CANARY not in told + logged + repr(server) + "".join(capfd.readouterr())


def test_a_login_comes_from_variables_files_or_systemd(tmp_path: Path) -> None:
    email = Email("a@b.example", (), "smtp://mail.shop.example")
    (tmp_path / "smtp-user").write_text("reporter\n")
    (tmp_path / "smtp-password").write_text(f"{CANARY}\n")
    files = {
        "SLO_REPORT_SMTP_USER_FILE": str(tmp_path / "smtp-user"),
        "SLO_REPORT_SMTP_PASSWORD_FILE": str(tmp_path / "smtp-password"),
    }
    for environment in (LOGIN, files, {"CREDENTIALS_DIRECTORY": str(tmp_path)}):
        login = mail_server(email, environment).login
        assert login is not None
        assert (login.user, login.password) == ("reporter", CANARY)
        assert CANARY not in repr(login)
    assert mail_server(email, {}).login is None


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ({"SLO_REPORT_SMTP_USER": "x"}, "set SLO_REPORT_SMTP_PASSWORD or"),
        ({"SLO_REPORT_SMTP_PASSWORD": CANARY}, "set SLO_REPORT_SMTP_USER or"),
        ({"SLO_REPORT_SMTP_PASSWORD_FILE": "/nowhere"}, "No such file"),
        ({**LOGIN, "SLO_REPORT_SMTP_PASSWORD": CANARY + "ä"}, "must be ASCII"),
        ({"SLO_REPORT_SMTP_CA_FILE": "/nowhere"}, "which is no file"),
    ],
)
def test_half_a_login_is_a_sentence_without_the_password(
    environment: dict[str, str], message: str
) -> None:
    with pytest.raises(DeliveryError, match=message) as caught:
        mail_server(Email("a@b.example", (), "smtp://mail.shop.example"), environment)
    assert CANARY not in "".join(traceback.format_exception(caught.value))
