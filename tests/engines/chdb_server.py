"""A ClickHouse server as far as clickhouse-connect needs one: HTTP in front of chdb.

In a process of its own that is killed, since the threads of chdb outlive its sessions and
now and then crash the process that ends: https://github.com/chdb-io/chdb-core/issues/181.
"""

import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import parse_qs, urlsplit

from chdb import session

from slo_report.engines.clickhouse import SETTINGS

ROOT = Path(__file__).parents[2]
_FORMAT = re.compile(r"\s+FORMAT\s+(\w+)\s*;?\s*$", re.IGNORECASE)


@contextmanager
def served() -> Iterator[str]:
    """Run a server with a folder of its own; gives its address without a database."""
    with (
        TemporaryDirectory(ignore_cleanup_errors=True) as folder,
        subprocess.Popen(
            [sys.executable, "-m", "tests.engines.chdb_server", folder],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        ) as server,
    ):
        assert server.stdout is not None
        try:
            yield server.stdout.readline().strip()
        finally:
            server.kill()


def serve(folder: str) -> None:
    """Answer until killed, after one line on standard output with the address."""
    chdb_session = session.Session(folder)
    # Deletions are waited for, so that a test sees what is left.
    for name, value in {**SETTINGS, "mutations_sync": 1}.items():
        chdb_session.query(f"SET {name} = {value}")
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

    # With threads, so that a connection kept open does not keep others waiting.
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    print(f"http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()


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


if __name__ == "__main__":
    serve(sys.argv[1])
