"""A ClickHouse server as far as clickhouse-connect needs one: HTTP in front of chdb."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import parse_qs, urlsplit

from chdb import session

_FORMAT = re.compile(r"\s+FORMAT\s+(\w+)\s*;?\s*$", re.IGNORECASE)


@contextmanager
def served(chdb_session: session.Session) -> Iterator[str]:
    """Serve a session at an address of this machine; queries run one at a time."""

    one_at_a_time = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._answer(200, b"Ok.\n")

        def do_POST(self) -> None:
            body = self._body()
            given = {
                name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()
            }
            try:
                with one_at_a_time:
                    answer = _run(chdb_session, given, body)
                self._answer(200, answer)
            except RuntimeError as error:
                self._answer(500, str(error).encode())

        def _body(self) -> bytes:
            if self.headers.get("Transfer-Encoding") != "chunked":
                return self.rfile.read(int(self.headers.get("Content-Length") or 0))
            pieces = []
            while size := int(self.rfile.readline(), 16):
                pieces.append(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
            return b"".join(pieces)

        def _answer(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("X-ClickHouse-Server-Display-Name", "chdb")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Keep standard error clean."""

    # With threads, so that a connection kept open does not keep the server from ending.
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads, server.block_on_close = True, False
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/front"
    finally:
        server.shutdown()
        thread.join()


def _run(chdb_session: session.Session, given: dict[str, str], body: bytes) -> bytes:
    """Run what a request says; rows to insert stand behind the statement, in its format."""
    sql = given.get("query", "")
    if not sql:
        sql, body = body.decode(), b""
    named = _FORMAT.search(sql)
    form = named[1] if named else given.get("default_format", "TabSeparated")
    sql = _FORMAT.sub("", sql)
    if not body:
        return bytes(chdb_session.query(sql, form).bytes())
    with TemporaryDirectory() as folder:
        path = Path(folder) / "rows"
        path.write_bytes(body)
        columns = re.search(r"\((.*)\)", sql)
        names = columns[1] if columns else "*"
        chdb_session.query(f"{sql} SELECT {names} FROM file('{path}', '{form}')")
    return b""
