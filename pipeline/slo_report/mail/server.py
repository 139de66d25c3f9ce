"""Which mail server, and the login for it: never from slo.yaml, never into a log."""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from slo_report.errors import DeliveryError
from slo_report.mail.addresses import mailbox
from slo_report.slo_yaml.definition import Email

USER, PASSWORD = "SLO_REPORT_SMTP_USER", "SLO_REPORT_SMTP_PASSWORD"
CA_FILE = "SLO_REPORT_SMTP_CA_FILE"
_CREDENTIALS = {USER: "smtp-user", PASSWORD: "smtp-password"}
"""What systemd calls them: LoadCredential=smtp-password:/etc/slo/smtp-password."""


@dataclass(frozen=True)
class Login:
    """A name and its password, which no representation shows."""

    user: str = field(repr=False)
    password: str = field(repr=False)


@dataclass(frozen=True)
class Server:
    """A mail server, and what is asked of the way to it."""

    host: str
    port: int
    implicit_tls: bool
    """TLS from the first byte (smtps://), instead of STARTTLS."""
    needs_tls: bool
    login: Login | None = None
    ca_file: Path | None = None
    """Certificates to trust instead of the machine's own."""

    @property
    def name(self) -> str:
        """The host and port, for messages."""
        return f"{self.host}:{self.port}"


def mail_server(email: Email, environment: Mapping[str, str]) -> Server:
    """Return the server of slo.yaml with the login of the environment.

    Without TLS a mail goes to a relay on this machine alone, and without a login. Raises
    DeliveryError for half a login or a file that cannot be read.
    """
    url = urlsplit(email.smtp)
    host = url.hostname or ""
    try:
        port = url.port
    except ValueError as error:
        raise DeliveryError(f"email.smtp: {error}") from error
    implicit_tls = url.scheme == "smtps"
    login = _login(environment)
    ca_file = environment.get(CA_FILE)
    if ca_file and not Path(ca_file).is_file():
        raise DeliveryError(f"{CA_FILE} names {ca_file}, which is no file")
    return Server(
        host,
        port or (465 if implicit_tls else 587),
        implicit_tls,
        # Whoever names certificates to check, or sends a password, wants TLS on this machine too.
        needs_tls=not _is_loopback(host) or login is not None or bool(ca_file),
        login=login,
        ca_file=Path(ca_file) if ca_file else None,
    )


def route(email: Email) -> str:
    """Return by whom and through what mail goes."""
    return f"{mailbox(email.sender).addr_spec} {email.smtp}"


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _login(environment: Mapping[str, str]) -> Login | None:
    user, password = (_secret(environment, name) for name in (USER, PASSWORD))
    if user is None and password is None:
        return None
    if user is None or password is None:
        missing = USER if user is None else PASSWORD
        raise DeliveryError(
            f"half a login for the mail server: set {missing} or {missing}_FILE as well"
        )
    if not (user.isascii() and password.isascii()):
        raise DeliveryError("name and password for the mail server must be ASCII")
    return Login(user, password)


def _secret(environment: Mapping[str, str], name: str) -> str | None:
    """Return a secret: from the variable, the file it names with _FILE, or systemd."""
    if environment.get(name):
        return environment[name]
    if environment.get(f"{name}_FILE"):
        return _content(Path(environment[f"{name}_FILE"]), f"{name}_FILE")
    folder = environment.get("CREDENTIALS_DIRECTORY")
    path = Path(folder) / _CREDENTIALS[name] if folder else None
    return _content(path, _CREDENTIALS[name]) if path is not None and path.exists() else None


def _content(path: Path, what: str) -> str:
    try:
        return path.read_text("utf-8").rstrip("\r\n")
    except OSError as error:
        raise DeliveryError(f"cannot read {what}: {error.strerror}") from None
    except UnicodeDecodeError:
        # Its own message would show bytes of the password.
        raise DeliveryError(f"cannot read {what}: it is no UTF-8") from None
