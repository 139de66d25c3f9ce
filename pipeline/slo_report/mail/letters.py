"""What is to be mailed to whom, read from the reports folder as it was published."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from email.headerregistry import Address
from pathlib import Path

from pydantic import ValidationError

from slo_report.customer_reports import customer_folders
from slo_report.errors import DefinitionError, DiskError, InputError
from slo_report.mail.addresses import mailbox
from slo_report.report.document import Report
from slo_report.slo_yaml.definition import Definition
from slo_report.wording import counted

FLEET = ""
"""The document key of the report about everyone."""
MOST_ATTACHED_BYTES = 5_000_000
"""Many servers refuse mails above 10 MB, and encoding adds a third."""


@dataclass(frozen=True)
class Letter:
    """One report and those who get it."""

    report: Report
    document: str
    """"" for the report about everyone, else the customer that the report is about."""
    recipients: tuple[Address, ...]
    attachments: Mapping[str, bytes] = field(default_factory=dict)
    """Files that go with it, by their names."""


def published_letters(definition: Definition, folder: Path) -> list[Letter]:
    """Return the letters of the month that lies in `folder`.

    A customer who has addresses in slo.yaml gets their own report, if the month has one, and
    nothing else. Raises InputError where the month has no report, DefinitionError for a wrong
    address.
    """
    if definition.email is None:
        raise DefinitionError(
            f"{definition.path.name} has no `email:`; write whom the report goes to"
        )
    fleet = _letter(folder, FLEET, definition.email.to)
    if fleet is None:
        raise InputError(
            f"there is no report in {folder.parent.name}/{folder.name}; "
            f"make it first: slo-report --month {folder.name}"
        )
    return [fleet, *_customers(definition, folder)]


def _customers(definition: Definition, folder: Path) -> Iterator[Letter]:
    folders = customer_folders(promise.customer for promise in definition.customers)
    for promise in definition.customers:
        if promise.email_to:
            letter = _letter(folder / folders[promise.customer], promise.customer, promise.email_to)
            if letter is not None:
                yield letter


def _letter(folder: Path, document: str, to: tuple[str, ...]) -> Letter | None:
    recipients = {address.addr_spec: address for address in map(mailbox, to)}
    path = folder / "report.json"
    try:
        content = path.read_bytes()
        page = (folder / "report.html").read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise DiskError(f"cannot read the report to be mailed: {error}") from error
    try:
        report = Report.model_validate_json(content)
    except ValidationError as error:
        mistakes = counted(error.error_count(), "mistake")
        raise InputError(
            f"{path} is no report of this version ({mistakes}); make it anew"
        ) from error
    if (report.customer.id if report.customer else FLEET) != document:
        raise InputError(f"{path} is about somebody else; nothing is mailed. Make the month anew")
    name = f"slo-report-{report.month}.html"
    attached = {name: page} if len(page) <= MOST_ATTACHED_BYTES else {}
    return Letter(report, document, tuple(recipients.values()), attached)
