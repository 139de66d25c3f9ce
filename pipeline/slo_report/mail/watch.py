"""A run as its operator sees it: the health check hears of it, `error_to` of what went wrong."""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import make_msgid

from slo_report.errors import LockedError, SloReportError
from slo_report.mail.addresses import header_text, mailbox
from slo_report.mail.healthcheck import ping
from slo_report.mail.message import POLICY
from slo_report.mail.server import mail_server
from slo_report.mail.transport import Mail, send_mail
from slo_report.report.escape import cut, visible
from slo_report.slo_yaml.definition import Definition, Email

_TROUBLE_CUT = 4000
_log = logging.getLogger("slo_report")


@contextmanager
def watched(
    definition: Definition, month: str, environment: Mapping[str, str], *, mail: bool
) -> Iterator[list[str]]:
    """Watch a run; what the caller adds to the list went wrong although nothing was raised.

    A run that only found another one at work is no trouble: that one tells of itself.
    """
    troubles: list[str] = []
    ping(definition.healthcheck, "start")
    try:
        yield troubles
    except LockedError:
        raise
    except Exception as error:
        known = isinstance(error, (SloReportError, OSError))
        troubles.append(str(error) if known else f"internal error: {type(error).__name__}")
        _tell(definition, month, environment, troubles, mail=mail)
        raise
    if troubles:
        _tell(definition, month, environment, troubles, mail=mail)
    else:
        ping(definition.healthcheck, "success")


def _tell(
    definition: Definition,
    month: str,
    environment: Mapping[str, str],
    troubles: list[str],
    *,
    mail: bool,
) -> None:
    ping(definition.healthcheck, "fail")
    email = definition.email
    if not mail or email is None or email.error_to is None:
        return
    try:
        to = mailbox(email.error_to)
        notice = _notice(email, definition.service, month, troubles)
        sender = mailbox(email.sender).addr_spec
        server = mail_server(email, environment)
        attempt = send_mail(server, Mail(sender, to.addr_spec, notice), lambda: True)
    except SloReportError as error:
        _log.warning("the notice to error_to could not be sent: %s", error)
        return
    if attempt.state != "sent":
        _log.warning("the notice to error_to could not be sent: %s", attempt.text)


def _notice(email: Email, service: str, month: str, troubles: list[str]) -> bytes:
    """Return a short mail to the operator. It can arrive twice, and does no harm then."""
    message = EmailMessage(policy=POLICY)
    message["From"] = sender = mailbox(email.sender)
    message["To"] = mailbox(email.error_to or "")
    message["Subject"] = cut(header_text(f"SLO report {month} of {service}: trouble"), 200)
    message["Date"] = datetime.now(UTC)
    message["Message-ID"] = make_msgid(domain=sender.domain)
    message["Auto-Submitted"] = "auto-generated"
    said = "\n".join(visible(line) for line in "\n".join(troubles).split("\n"))
    text = f"The run for {month} of {service} needs a look.\n\n{cut(said, _TROUBLE_CUT)}\n"
    encodable = text.encode("utf-8", "backslashreplace").decode("utf-8")
    message.set_content(encodable, cte="quoted-printable")
    return message.as_bytes()
