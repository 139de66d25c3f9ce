"""Mail addresses and header texts that can be nothing else."""

import re
from email.errors import MessageError
from email.headerregistry import Address
from email.utils import parseaddr

from slo_report.errors import DefinitionError

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")


def mailbox(text: str) -> Address:
    """Return one address, with the name before it, from slo.yaml's text.

    Raises DefinitionError for several addresses in one text, and for what mail servers everywhere
    do not understand.
    """
    name, addr_spec = parseaddr(header_text(text))
    try:
        address = Address(header_text(name), addr_spec=addr_spec)
    except (MessageError, ValueError, IndexError):
        address = None
    if address is None or not addr_spec.isascii() or not address.username or not address.domain:
        raise DefinitionError(
            f"email: `{header_text(text)}` is no address that mail servers take; "
            "write one as team@example.org"
        )
    return Address(address.display_name, address.username, address.domain.lower())


def header_text(text: str) -> str:
    """Return a text that may stand in a header: control characters become one space."""
    # EmailMessage refuses line feeds but lets NUL through.
    return _CONTROL.sub(" ", text).strip()
