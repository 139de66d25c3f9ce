"""Mail servers that do as a test says."""

import os
import signal
import socket
import socketserver
import subprocess
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

Stage = Literal["greeting", "mail", "rcpt", "data", "dot"]
Reply = str | Callable[[], str | None]
"""What the server says; of a function that gives None, nothing: it hangs up."""


@dataclass
class Script:
    """What the server answers, by stage and recipient; each once, in order, then 250."""

    replies: dict[tuple[Stage, str], list[Reply]] = field(default_factory=lambda: defaultdict(list))
    accepted: dict[str, list[bytes]] = field(default_factory=lambda: defaultdict(list))
    """Mails that were taken, by recipient; whole, with the dots taken off."""
    commands: list[str] = field(default_factory=list)

    def say(self, stage: Stage, recipient: str, *replies: Reply) -> None:
        self.replies[stage, recipient] += replies

    def counts(self, *recipients: str) -> list[int]:
        return [len(self.accepted[recipient]) for recipient in recipients]


class _HungUpError(Exception):
    pass


class _Handler(socketserver.StreamRequestHandler):
    server: "_Server"

    def handle(self) -> None:
        try:
            self._session()
        except (_HungUpError, ConnectionError):
            return

    def _session(self) -> None:
        recipient = ""
        self._answer("greeting", "", "220 ready")
        while line := self.rfile.readline().decode().strip():
            self.server.script.commands.append(line)
            verb = line.split(" ")[0].upper()
            if verb in ("EHLO", "HELO"):
                self._put("250 test")
            elif verb == "MAIL":
                self._answer("mail", "", "250 ok")
            elif verb == "RCPT":
                recipient = line.split("<")[1].split(">")[0]
                self._answer("rcpt", recipient, "250 ok")
            elif verb == "DATA":
                if self._answer("data", recipient, "354 go on").startswith("354"):
                    self._take(recipient)
            elif verb == "QUIT":
                self._put("221 bye")
                return
            else:
                self._put("502 what?")

    def _take(self, recipient: str) -> None:
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        if line != b".\r\n":
            raise _HungUpError
        replies = self.server.script.replies["dot", recipient]
        if not replies or not isinstance(replies[0], str) or replies[0].startswith("2"):
            self.server.script.accepted[recipient].append(b"".join(lines))
        self._answer("dot", recipient, "250 taken")

    def _answer(self, stage: Stage, recipient: str, otherwise: str) -> str:
        replies = self.server.script.replies[stage, recipient]
        reply: Reply = replies.pop(0) if replies else otherwise
        text = reply if isinstance(reply, str) else reply()
        if text is None:
            raise _HungUpError
        self._put(text)
        return text

    def _put(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    script: Script


@contextmanager
def smtp_server(script: Script) -> Iterator[int]:
    """Serve on this machine without TLS; give the port."""
    with _Server(("127.0.0.1", 0), _Handler) as server:
        server.script = script
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        yield server.server_address[1]
        server.shutdown()


def free_port() -> int:
    """Return a port for servers that cannot choose one themselves."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def hang_up() -> None:
    """As a reply: none."""


def kill(process: Callable[[], int], number: signal.Signals = signal.SIGKILL) -> Reply:
    """As a reply: end the client by a signal, as kill -9 does, and say nothing."""

    def strike() -> None:
        os.kill(process(), number)

    return strike


def make_certificate(folder: Path, names: str = "DNS:localhost,IP:127.0.0.1") -> tuple[Path, Path]:
    """Return a certificate for this machine, or other names, signed by itself, and its key."""
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"),
            *("-subj", "/CN=localhost", "-addext", f"subjectAltName={names}"),
            *("-keyout", key, "-out", certificate),
        ],
        check=True,
        capture_output=True,
    )
    return certificate, key
