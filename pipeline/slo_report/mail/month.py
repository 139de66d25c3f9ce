"""The mails of one published month: sent, or written to files to be looked at."""

import hashlib
import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from slo_report.deliver import write_whole
from slo_report.errors import DefinitionError, DiskError
from slo_report.lock import run_lock
from slo_report.mail.addresses import mailbox
from slo_report.mail.letters import Letter, published_letters
from slo_report.mail.message import build_message, render_content
from slo_report.mail.outbox import FILE, Key, open_outbox
from slo_report.mail.send import Choices, Delivery, Pace, deliver
from slo_report.slo_yaml.definition import Definition, Email

_NOT_A_SLUG = re.compile(r"[^a-z0-9]+")
DEFAULT_CHOICES = Choices()
DEFAULT_PACE = Pace()


def send_month(
    definition: Definition,
    folder: Path,
    *,
    environment: Mapping[str, str],
    now: datetime,
    choices: Choices = DEFAULT_CHOICES,
    pace: Pace = DEFAULT_PACE,
) -> list[Delivery]:
    """Mail the report that lies in `folder` to those who have not got it yet.

    Nothing else is read: neither store nor logs need be there. Raises LockedError, InputError
    where there is no report, and DiskError where the outbox beside the months cannot be used.
    """
    email = _email(definition)
    with run_lock(definition.store):
        letters = published_letters(definition, folder)
        with open_outbox(folder.parent) as outbox:
            return deliver(
                email, letters, outbox,
                environment=environment, now=now, choices=choices, pace=pace,
            )  # fmt: skip


def write_mails(definition: Definition, folder: Path, into: Path) -> list[Path]:
    """Write the mails of the month that lies in `folder` as .eml files, and send nothing.

    A mail is dated by the run that first queued it; one that was never queued, by the month's end,
    so that looking twice shows the same bytes.
    """
    sender = mailbox(_email(definition).sender)
    written = []
    for letter in published_letters(definition, folder):
        content = render_content(letter)
        for recipient in letter.recipients:
            path = into / _file_name(letter, recipient.addr_spec)
            date = _date(folder.parent, letter, recipient.addr_spec)
            try:
                write_whole(path, build_message(content, sender, recipient, date))
            except OSError as error:
                raise DiskError(f"cannot write {path}: {error.strerror}") from error
            written.append(path)
    return written


def _email(definition: Definition) -> Email:
    if definition.email is None:
        raise DefinitionError(
            f"{definition.path.name} has no `email:`; write whom the report goes to"
        )
    return definition.email


def _date(reports: Path, letter: Letter, recipient: str) -> datetime:
    report = letter.report
    key = Key(report.month, report.edition, letter.document, recipient)
    row = None
    if (reports / FILE).exists():
        with open_outbox(reports) as outbox:
            row = outbox.row(key)
    return row.queued_at if row is not None else datetime.fromisoformat(report.window.to)


def _file_name(letter: Letter, recipient: str) -> str:
    """Return a name that is safe whatever the names are, and unlike that of any other mail."""
    whole = f"{letter.document}\0{recipient}".encode("utf-8", "surrogatepass")
    slugs = [_NOT_A_SLUG.sub("-", text.lower()).strip("-")[:40]
             for text in (letter.document or "report", recipient)]  # fmt: skip
    return "-".join([*filter(None, slugs), hashlib.sha256(whole).hexdigest()[:8]]) + ".eml"
