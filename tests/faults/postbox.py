"""A mail server that takes its time, so that a kill can fall anywhere into a delivery."""

import asyncio
import random
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.mail.smtp_servers import free_port


class Postbox:
    """What arrived for whom, and how slowly the server is to be."""

    def __init__(self, port: int, rng: random.Random, pause_s: float) -> None:
        self.port = port
        self.called = threading.Event()
        """Set when a run begins a mail."""
        self.called_at = 0.0
        """When the last one began its first."""
        self._rng, self._pause_s = rng, pause_s
        self._mails: dict[str, list[bytes]] = defaultdict(list)

    def empty(self) -> None:
        """Forget all mails."""
        self._mails.clear()

    def count(self, recipient: str) -> int:
        """Return how many mails somebody has."""
        return len(self._mails[recipient])

    def contents(self) -> dict[str, list[bytes]]:
        """Return the mails but for their Date, which is that of the run that queued them."""
        return {to: [_undated(mail) for mail in mails] for to, mails in self._mails.items()}

    # What follows is called by aiosmtpd, under its own names. It lets go of a handler that waits
    # when the client is gone, so a client killed before the mail is kept has it nowhere.

    async def handle_MAIL(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope, sender: str, _more: list[str]
    ) -> str:
        if not self.called.is_set():
            self.called_at = time.monotonic()
            self.called.set()
        envelope.mail_from = sender
        return "250 go on"

    async def handle_RCPT(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope, to: str, _more: list[str]
    ) -> str:
        await self._pause()
        envelope.rcpt_tos.append(to)
        return "250 go on"

    async def handle_DATA(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        """Keep a mail somewhere in the middle of the time after its final dot."""
        await self._pause()
        assert isinstance(envelope.content, bytes)
        for recipient in envelope.rcpt_tos:
            self._mails[recipient].append(envelope.content)
        await self._pause()
        return "250 taken"

    async def _pause(self) -> None:
        await asyncio.sleep(self._rng.uniform(0, self._pause_s))


@contextmanager
def open_postbox(rng: random.Random, pause_s: float) -> Iterator[Postbox]:
    """Serve on this machine without TLS, in a thread of its own."""
    postbox = Postbox(free_port(), rng, pause_s)
    controller = Controller(postbox, hostname="127.0.0.1", port=postbox.port, ready_timeout=60)
    controller.start()
    try:
        yield postbox
    finally:
        controller.stop()


def _undated(mail: bytes) -> bytes:
    message = message_from_bytes(mail, policy=policy.SMTP)
    del message["Date"]
    return message.as_bytes()
