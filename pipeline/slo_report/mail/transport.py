"""One mail to one recipient by SMTP, and what its outcome means."""

import re
import smtplib
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from slo_report.errors import DeliveryError
from slo_report.mail.addresses import header_text
from slo_report.mail.outbox import State
from slo_report.mail.server import Login, Server

CONNECT_TIMEOUT_S = 10
COMMAND_TIMEOUT_S = 60
FINAL_DOT_TIMEOUT_S = 300
"""The server may deliver before it answers; RFC 5321 asks for ten minutes."""
_TEXT_CUT = 300

_DOT_AT_LINE_START = re.compile(rb"^\.", re.MULTILINE)
_LINE_END = re.compile(rb"\r\n|\r|\n")
# STARTTLS required, authentication required, too weak, failed, encryption required: what they
# refuse is how we come, not whom we write to.
_REFUSED_AS_WE_ARE = frozenset({530, 534, 535, 538})


class SettingsError(DeliveryError):
    """The server will not be talked to like this: no try now or later changes that."""


@dataclass(frozen=True)
class Attempt:
    """How an attempt ended; `sending` where another run has the mail."""

    state: State
    code: int | None
    text: str


@dataclass(frozen=True)
class Mail:
    """What goes over the wire."""

    sender: str
    recipient: str
    content: bytes


def send_mail(server: Server, mail: Mail, claim: Callable[[], bool]) -> Attempt:
    """Offer a mail, and end it with the final dot if `claim` then says so.

    Until the dot the server has accepted nothing; from then on, without its reply, nobody knows.
    Raises SettingsError.
    """
    try:
        with _session(server) as smtp:
            refused = _offer(smtp, mail)
            if refused is not None:
                return refused
            if not claim():
                smtp.close()  # a QUIT would be a line of the mail
                return Attempt("sending", None, "another run is sending it")
            return _finish(smtp)
    except smtplib.SMTPException as error:
        return _before_the_dot(error)
    except OSError as error:
        reason = error.strerror or str(error) or type(error).__name__
        return Attempt("pending", None, f"{server.name}: {_shown(reason)}")


@contextmanager
def _session(server: Server) -> Iterator[smtplib.SMTP]:
    smtp = _connected(server)
    try:
        if smtp.sock is not None:
            smtp.sock.settimeout(COMMAND_TIMEOUT_S)
        smtp.ehlo_or_helo_if_needed()
        if server.needs_tls and not server.implicit_tls:
            _start_tls(smtp, server)
        if server.login is not None:
            _log_in(smtp, server, server.login)
        yield smtp
        with suppress(OSError, smtplib.SMTPException):
            if smtp.sock is not None:
                smtp.sock.settimeout(CONNECT_TIMEOUT_S)
                smtp.quit()
    finally:
        smtp.close()


def _connected(server: Server) -> smtplib.SMTP:
    if not server.implicit_tls:
        return smtplib.SMTP(server.host, server.port, timeout=CONNECT_TIMEOUT_S)
    with _certificates_checked(server):
        return smtplib.SMTP_SSL(
            server.host, server.port, timeout=CONNECT_TIMEOUT_S, context=_tls(server)
        )


def _start_tls(smtp: smtplib.SMTP, server: Server) -> None:
    if not smtp.has_extn("starttls"):
        raise SettingsError(
            f"{server.name} offers no STARTTLS, and without it nothing is sent there; "
            "use its port with TLS (smtps://), or a relay on this machine"
        )
    with _certificates_checked(server):
        code, text = smtp.starttls(context=_tls(server))
    if code != 220:
        raise SettingsError(f"{server.name} refuses STARTTLS: {code} {_shown(text)}")
    smtp.ehlo()


def _log_in(smtp: smtplib.SMTP, server: Server, login: Login) -> None:
    try:
        smtp.login(login.user, login.password)
    except smtplib.SMTPNotSupportedError:
        raise SettingsError(f"{server.name} takes no login; unset the variables for it") from None
    except smtplib.SMTPAuthenticationError as error:
        code = error.smtp_code
    else:
        return
    # Outside of `except` and without the server's words: they could repeat what was sent to it.
    if 400 <= code < 500:
        raise smtplib.SMTPResponseException(code, "the login is refused for now")
    raise SettingsError(f"{server.name} refuses the login ({code}); check its name and password")


@contextmanager
def _certificates_checked(server: Server) -> Iterator[None]:
    try:
        yield
    except ssl.SSLCertVerificationError as error:
        raise SettingsError(
            f"the certificate of {server.name} is not to be trusted: {error.verify_message}"
        ) from error
    except ssl.SSLEOFError:
        raise  # the server went away, which it may do at any moment
    except ssl.SSLError as error:
        raise SettingsError(f"no TLS with {server.name}: {error.reason or error}") from error


def _tls(server: Server) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=server.ca_file)
    except (ssl.SSLError, OSError) as error:
        raise SettingsError(f"cannot use the certificates in {server.ca_file}: {error}") from error


def _offer(smtp: smtplib.SMTP, mail: Mail) -> Attempt | None:
    """Give the server everything but the final dot; return its refusal, if it refuses."""
    code, text = smtp.mail(mail.sender)
    if code == 250:
        code, text = smtp.rcpt(mail.recipient)
    if code in (250, 251):
        code, text = smtp.docmd("DATA")
    if code != 354:
        return _refusal(code, text)
    lines = _LINE_END.sub(b"\r\n", mail.content)
    smtp.send(_DOT_AT_LINE_START.sub(b"..", lines))
    return None


def _finish(smtp: smtplib.SMTP) -> Attempt:
    """Send the final dot and wait for the reply that takes the mail."""
    try:
        if smtp.sock is not None:
            smtp.sock.settimeout(FINAL_DOT_TIMEOUT_S)
        smtp.send(b".\r\n")
        code, text = smtp.getreply()
    except (smtplib.SMTPException, OSError):
        return Attempt("in_doubt", None, "no reply after the final dot")
    if 400 <= code < 600:
        return _refusal(code, text)
    return Attempt("sent" if code == 250 else "in_doubt", code, _shown(text))


def _before_the_dot(error: smtplib.SMTPException) -> Attempt:
    # Greeting, EHLO, login: what the server says there is not about this mail.
    if isinstance(error, smtplib.SMTPResponseException):
        return Attempt("pending", error.smtp_code, _shown(error.smtp_error))
    return Attempt("pending", None, _shown(str(error)))


def _refusal(code: int, text: bytes | str) -> Attempt:
    if code in _REFUSED_AS_WE_ARE:
        raise SettingsError(f"the mail server refuses: {code} {_shown(text)}")
    return Attempt("failed" if 500 <= code < 600 else "pending", code, _shown(text))


def _shown(text: bytes | str) -> str:
    if isinstance(text, bytes):
        text = text.decode("utf-8", "replace")
    return header_text(text)[:_TEXT_CUT]
