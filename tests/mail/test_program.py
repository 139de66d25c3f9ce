"""Mail as the command line sends it: runs, repetitions, kills, dry runs, notices, pings."""

import json
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from slo_report.lock import run_lock
from slo_report.mail import healthcheck
from tests.conftest import run_program
from tests.mail.smtp_servers import Script, Stage, kill, smtp_server

DEFINITION = """\
service: shop
logs: [{{path: "*.jsonl", fields: {{ts: time, status: status}}}}]
slos:
  - {{id: availability, good: status < 500, target: 99.9%}}
email:
  from: SLO <slo@shop.example>
  to: [a@shop.example, b@shop.example, c@shop.example]
  smtp: smtp://127.0.0.1:{port}
  error_to: ops@shop.example
"""
A, B, C, OPS = (f"{name}@shop.example" for name in ("a", "b", "c", "ops"))
CANARY = "canary-51f0-password"


def april(days: int = 30) -> str:
    return "".join(
        json.dumps({
            "time": f"2026-04-{hour // 24 + 1:02d}T{hour % 24:02d}:{minute}:00Z",
            "status": 500 if hour in (5, 6) else 200,
        }) + "\n"
        for hour in range(24 * days) for minute in (10, 20, 30)
    )  # fmt: skip


class Shop:
    """A service with a finished April and a mail server."""

    def __init__(self, folder: Path, script: Script, port: int) -> None:
        self.folder, self.script, self.port = folder, script, port
        self.config = folder / "slo.yaml"
        self.define()
        (folder / "april.jsonl").write_text(april())

    def define(self, more: str = "", port: int | None = None) -> None:
        self.config.write_text(DEFINITION.format(port=port or self.port) + more)

    def run(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return run_program(*arguments, "--config", self.config, **environment)

    def month(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return self.run("--month", "2026-04", *arguments)

    def send(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return self.run("send", "--month", "2026-04", *arguments, **environment)

    def counts(self) -> list[int]:
        return self.script.counts(A, B, C)


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    script = Script()
    with smtp_server(script) as port:
        yield Shop(tmp_path, script, port)


def test_a_run_mails_everyone_once_and_its_repetition_nobody(shop: Shop) -> None:
    first = shop.month("--quiet")
    assert (first.returncode, first.stdout, first.stderr) == (0, "", "")
    again = shop.month("--quiet")
    assert (again.returncode, again.stderr) == (0, "")
    assert shop.counts() == [1, 1, 1]


@pytest.mark.long
def test_no_email_sends_nothing_and_send_does_it_later_without_store_and_logs(shop: Shop) -> None:
    assert shop.month("--no-email", "--quiet").returncode == 0
    assert shop.counts() == [0, 0, 0]
    for path in (*shop.folder.glob("slo.duckdb*"), shop.folder / "april.jsonl"):
        path.unlink()
    sent = shop.send()
    assert sent.returncode == 0
    assert sent.stdout.splitlines() == [f"{to}: sent: 250 taken" for to in (A, B, C)]
    assert shop.send().stdout.splitlines()[0] == f"{A}: already sent: taken"
    assert shop.counts() == [1, 1, 1]


@pytest.mark.long
def test_who_was_not_reached_is_named_with_status_4_and_gets_it_in_the_next_run(
    shop: Shop,
) -> None:
    shop.script.say("rcpt", B, "550 no such user")
    first = shop.month("--quiet")
    assert first.returncode == 4
    assert f"not delivered to {B}: refused: 550 no such user" in first.stderr
    assert (shop.folder / "reports" / "2026-04" / "report.json").exists()
    # The operator hears of it.
    assert b"550 no such user" in shop.script.accepted[OPS][0]
    assert shop.send("--quiet").returncode == 4
    assert shop.send("--quiet", "--resend").returncode == 0
    assert shop.script.counts(B) == [1]


ENDINGS = [(signal.SIGKILL, -9), (signal.SIGTERM, 143), (signal.SIGINT, 130)]


def send_and_strike(shop: Shop, stage: Stage, recipient: str, number: signal.Signals) -> int:
    """Send until a recipient's mail has come to a stage, and then stop the run by a signal."""
    running: list[subprocess.Popen[str]] = []
    started = threading.Event()

    def victim() -> int:
        started.wait()
        return running[0].pid

    shop.script.say(stage, recipient, kill(victim, number))
    running.append(
        subprocess.Popen(
            [sys.executable, "-m", "slo_report", "send", "--month", "2026-04",
             "--config", str(shop.config)], stderr=subprocess.PIPE, text=True,
        )
    )  # fmt: skip
    started.set()
    assert running[0].communicate(timeout=60)[1] == ""
    return running[0].returncode


@pytest.mark.long
@pytest.mark.parametrize(("number", "status"), ENDINGS)
def test_a_run_stopped_between_the_final_dot_and_the_reply_leaves_doubt_and_no_second_mail(
    shop: Shop, number: signal.Signals, status: int
) -> None:
    assert shop.month("--no-email", "--quiet").returncode == 0
    for recipient in (A, B):
        assert send_and_strike(shop, "dot", recipient, number) == status
    after = shop.send()
    assert after.returncode == 4
    assert f"{A}: in doubt: the run ended between the final dot" in after.stdout
    assert "--resend-in-doubt" in after.stderr
    assert shop.counts() == [1, 1, 1]
    assert shop.send("--received", "aa@shop.example").returncode == 2
    noted = shop.send("--resend-in-doubt", "--received", A)
    assert noted.returncode == 0
    assert noted.stdout.splitlines() == [
        f"{A}: already sent: the recipient has it, as --received said",
        f"{B}: sent: 250 taken",
        f"{C}: already sent: taken",
    ]
    assert shop.counts() == [1, 2, 1]


@pytest.mark.long
@pytest.mark.parametrize(("number", "status"), ENDINGS)
def test_a_run_stopped_before_the_final_dot_delivers_in_the_next(
    shop: Shop, number: signal.Signals, status: int
) -> None:
    assert shop.month("--no-email", "--quiet").returncode == 0
    assert send_and_strike(shop, "data", A, number) == status
    assert shop.send("--quiet").returncode == 0
    assert shop.counts() == [1, 1, 1]


@pytest.mark.long
def test_a_dry_run_writes_mails_sends_nothing_and_gives_the_same_bytes_twice(
    shop: Shop, tmp_path: Path
) -> None:
    shop.month("--no-email", "--quiet")
    first = shop.send("--dry-run")
    assert first.returncode == 0
    paths = [Path(line) for line in first.stdout.splitlines()]
    assert [path.parent for path in paths] == [shop.folder / "reports" / "2026-04" / "mail"] * 3
    elsewhere = shop.send("--dry-run", "--eml", str(tmp_path / "eml")).stdout.splitlines()
    assert [path.read_bytes() for path in paths] == [Path(p).read_bytes() for p in elsewhere]
    assert shop.script.commands == []
    assert not (shop.folder / "reports" / "outbox.sqlite3").exists()


@pytest.mark.long
def test_what_is_sent_is_what_the_dry_run_shows_afterwards(shop: Shop) -> None:
    shop.month("--quiet")
    path = Path(shop.send("--dry-run").stdout.splitlines()[0])
    assert shop.script.accepted[A] == [path.read_bytes()]


@pytest.mark.long
def test_an_incomplete_month_is_not_mailed_without_force(shop: Shop) -> None:
    (shop.folder / "april.jsonl").write_text(april() + "broken\n" * 400)
    assert shop.month("--quiet").returncode == 3
    assert shop.counts() == [0, 0, 0]
    assert b"needs a look" in shop.script.accepted[OPS][0]
    refused = shop.send("--quiet")
    assert refused.returncode == 3
    assert "not mailed without --force" in refused.stderr
    assert shop.send("--quiet", "--force").returncode == 0
    assert shop.counts() == [1, 1, 1]
    assert b"(INCOMPLETE)" in shop.script.accepted[A][0]


@pytest.mark.long
def test_a_running_month_is_not_mailed(shop: Shop) -> None:
    (shop.folder / "april.jsonl").write_text(april(10))
    done = shop.month("--quiet", "--as-of", "2026-04-11T00:00:00")
    assert (done.returncode, done.stderr) == (0, "")
    assert shop.counts() == [0, 0, 0]


@pytest.mark.long
def test_send_without_a_report_or_without_recipients_says_what_to_do(shop: Shop) -> None:
    missing = shop.send()
    assert missing.returncode == 3
    assert "slo-report --month 2026-04" in missing.stderr
    shop.config.write_text(DEFINITION.format(port=1).split("email:")[0])
    without = shop.send()
    assert without.returncode == 2
    assert "has no `email:`" in without.stderr


@pytest.mark.long
def test_sending_waits_for_no_other_run(shop: Shop) -> None:
    shop.month("--no-email", "--quiet")
    with run_lock(shop.folder / "slo.duckdb"):
        assert shop.send().returncode == 75
    assert shop.counts() == [0, 0, 0]


@pytest.mark.long
def test_a_password_is_found_in_no_output(shop: Shop) -> None:
    login = {"SLO_REPORT_SMTP_USER": "reporter", "SLO_REPORT_SMTP_PASSWORD": CANARY}
    shop.month("--no-email", "--quiet")
    done = shop.send(**login)
    assert done.returncode == 4
    assert "offers no STARTTLS" in done.stderr
    files = b"".join(path.read_bytes() for path in shop.folder.rglob("*") if path.is_file())
    assert CANARY not in done.stdout + done.stderr
    assert CANARY.encode() not in files
    assert shop.counts() == [0, 0, 0]


@pytest.mark.long
def test_a_run_that_fails_tells_the_operator_and_never_a_customer(shop: Shop) -> None:
    (shop.folder / "april.jsonl").write_text('{"time": "2026-03-01T00:00:00Z", "status": 200}\n')
    done = shop.month("--quiet")
    assert done.returncode == 3
    assert shop.counts() == [0, 0, 0]
    (notice,) = shop.script.accepted[OPS]
    assert b"Subject: SLO report 2026-04 of shop: trouble" in notice
    assert b"no usable line in 2026-04" in notice
    shop.month("--quiet", "--no-email")
    assert shop.script.counts(OPS) == [1]


class Pings(BaseHTTPRequestHandler):
    seen: list[str]

    def do_GET(self) -> None:
        self.seen.append(self.path)
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_arguments: object) -> None:
        return


@pytest.fixture
def pings() -> Iterator[tuple[str, list[str]]]:
    seen: list[str] = []
    handler = type("Handler", (Pings,), {"seen": seen})
    with HTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/ping/id", seen
        server.shutdown()


@pytest.mark.long
def test_a_health_check_hears_of_start_and_end(shop: Shop, pings: tuple[str, list[str]]) -> None:
    url, seen = pings
    shop.define(f"healthcheck: {url}\n")
    assert shop.month("--quiet").returncode == 0
    assert seen == ["/ping/id/start", "/ping/id"]
    (shop.folder / "april.jsonl").unlink()
    shutil.rmtree(shop.folder / "reports")
    seen.clear()
    assert shop.run("--month", "2026-03", "--quiet").returncode == 3
    assert seen == ["/ping/id/start", "/ping/id/fail"]


@pytest.mark.long
def test_a_health_check_that_is_not_there_fails_no_run(shop: Shop) -> None:
    shop.define("healthcheck: http://127.0.0.1:1/ping/secret\n")
    done = shop.month()
    assert done.returncode == 0
    assert "health check could not be told" in done.stderr
    assert "secret" not in done.stderr


def test_a_health_check_that_answers_byte_by_byte_holds_nobody_up(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(healthcheck, "TIMEOUT_S", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as server:
        asked = threading.Thread(target=_drip, args=(server,), daemon=True)
        asked.start()
        healthcheck.ping(f"http://127.0.0.1:{server.getsockname()[1]}/id", "start")
        assert "no answer" in caplog.text
    asked.join(5)


def _drip(server: socket.socket) -> None:
    caller, _ = server.accept()
    with caller, suppress(OSError):
        for letter in b"HTTP/1.1 200 OK":
            caller.sendall(bytes([letter]))
            time.sleep(0.1)
