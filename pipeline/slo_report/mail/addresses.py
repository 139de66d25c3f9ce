"""Mail addresses and header texts that can be nothing else."""

import re
from contextlib import suppress
from email.errors import MessageError
from email.headerregistry import Address

from slo_report.errors import DefinitionError

_MAILBOX = re.compile(r"(?:(?P<name>[^<>]*)<)?(?P<address>[^\s<>@,;:]+@[^\s<>@,;:]+)(?(name)>)")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")


def mailbox(text: str) -> Address:
    """Return one address, with the name before it, from slo.yaml's text.

    Raises DefinitionError for several addresses in one text, and for what mail servers everywhere
    do not understand.
    """
    # parseaddr would take the first of several and say nothing.
    found = _MAILBOX.fullmatch(header_text(text))
    address = None
    if found is not None and found["address"].isascii():
        name = (found["name"] or "").strip().strip('"')
        with suppress(MessageError, ValueError, IndexError):
            address = Address(name, addr_spec=found["address"])
    if address is None:
        raise DefinitionError(
            f"email: `{header_text(text)}` is no address that mail servers take; "
            "write one as team@example.org"
        )
    return Address(address.display_name, address.username, address.domain.lower())


def header_text(text: str) -> str:
    """Return a text that may stand in a header: control characters become one space."""
    # EmailMessage refuses line feeds but lets NUL through.
    return _CONTROL.sub(" ", text).strip()
