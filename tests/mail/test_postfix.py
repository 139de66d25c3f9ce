"""A real Postfix over TLS: the mail is read back from its mailbox and compared with report.json.

`make test-postfix` installs Postfix and runs this; it keeps its configuration, queue and mailboxes
in a folder of its own.
"""

import email
import json
import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest

from tests.conftest import ROOT, run_program
from tests.mail.smtp_servers import free_port, make_certificate

pytestmark = [
    pytest.mark.postfix,
    pytest.mark.skipif(
        shutil.which("postfix") is None or os.geteuid() != 0,
        reason="needs Postfix and root: make test-postfix",
    ),
]

MAIN = """\
compatibility_level = 3.6
queue_directory = {folder}/spool
data_directory = {folder}/data
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mx.example.test
mydestination =
alias_maps =
alias_database =
default_transport = error:no outside mail
relay_transport = error:no outside mail
virtual_mailbox_domains = example.test
virtual_mailbox_base = {folder}/mail
virtual_mailbox_maps = regexp:{folder}/etc/vbox
virtual_uid_maps = static:1001
virtual_gid_maps = static:1001
virtual_minimum_uid = 100
smtpd_tls_cert_file = {certificate}
smtpd_tls_key_file = {key}
smtpd_tls_security_level = encrypt
smtpd_relay_restrictions = reject_unauth_destination
smtpd_recipient_restrictions = check_recipient_access regexp:{folder}/etc/access
maillog_file = {folder}/mail.log
maillog_file_prefixes = {folder}
"""
MASTER = """\
127.0.0.1:{port} inet n - n - - smtpd
127.0.0.1:{tls_port} inet n - n - - smtpd
  -o smtpd_tls_wrappermode=yes
pickup   unix n - n 60 1 pickup
cleanup  unix n - n - 0 cleanup
qmgr     unix n - n 300 1 qmgr
tlsmgr   unix - - n 1000? 1 tlsmgr
rewrite  unix - - n - - trivial-rewrite
bounce   unix - - n - 0 bounce
defer    unix - - n - 0 bounce
trace    unix - - n - 0 bounce
error    unix - - n - - error
retry    unix - - n - - error
proxymap unix - - n - - proxymap
virtual  unix - n n - - virtual
anvil    unix - - n - 1 anvil
postlog  unix-dgram n - n - 1 postlogd
"""
MAILBOXES = "/^eng@/ eng/\n/^ops@/ ops/\n"
ACCESS = "/^busy@/ 450 4.2.1 mailbox busy\n"


class Postfix:
    """A running Postfix and its mailboxes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port, self.tls_port = free_port(), free_port()
        for name in ("etc", "spool", "data", "mail"):
            (folder / name).mkdir()
        folder.chmod(0o755)
        shutil.chown(folder / "data", "postfix")
        os.chown(folder / "mail", 1001, 1001)
        self.certificate, key = make_certificate(folder / "etc")
        for name, text in {
            "main.cf": MAIN.format(folder=folder, certificate=self.certificate, key=key),
            "master.cf": MASTER.format(port=self.port, tls_port=self.tls_port),
            "vbox": MAILBOXES,
            "access": ACCESS,
        }.items():
            (folder / "etc" / name).write_text(text)

    def do(self, command: str) -> None:
        subprocess.run(["postfix", "-c", self.folder / "etc", command], check=True)

    def mails(self, mailbox: str) -> list[EmailMessage]:
        new = self.folder / "mail" / mailbox / "new"
        found = sorted(new.iterdir()) if new.exists() else []
        return [email.message_from_bytes(path.read_bytes(), policy=default) for path in found]

    def wait_for(self, mailbox: str, count: int) -> list[EmailMessage]:
        """Return a mailbox once it has so many mails: Postfix delivers after it has accepted."""
        for _ in range(300):
            if len(self.mails(mailbox)) >= count:
                break
            time.sleep(0.1)
        return self.mails(mailbox)


@pytest.fixture(scope="module")
def postfix() -> Iterator[Postfix]:
    # Not below pytest's folder, which only root may enter.
    with tempfile.TemporaryDirectory(prefix="slo-report-postfix-") as folder:
        server = Postfix(Path(folder))
        server.do("start")
        try:
            yield server
        finally:
            server.do("stop")


@pytest.fixture
def september(tmp_path: Path, sample_reports: Path) -> Callable[[str, str], list[str | Path]]:
    """Put September's published April where it can be mailed; return the options that do it."""

    def make(smtp: str, to: str) -> list[str | Path]:
        text = (ROOT / "data_samples" / "september" / "slo.yaml").read_text("utf-8")
        text = re.sub(r"(?m)^  to: \[.*", f"  to: [{to}]", text)
        text = re.sub(r"(?m)^  from: .*", "  from: SLO reports <slo@example.test>", text)
        text = re.sub(r"(?m)^  smtp: .*", f"  smtp: {smtp}", text)
        (tmp_path / "slo.yaml").write_text(text, encoding="utf-8")
        reports = tmp_path / "reports"
        if not reports.exists():
            shutil.copytree(sample_reports / "september", reports)
        return ["send", "--month", "2026-04", "--config", tmp_path / "slo.yaml", "--out", reports]

    return make


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
def test_what_lies_in_the_mailbox_has_the_figures_of_the_report(
    postfix: Postfix, september: Callable[[str, str], list[str | Path]], scheme: str
) -> None:
    port = postfix.port if scheme == "smtp" else postfix.tls_port
    before = len(postfix.mails("eng"))
    options = september(f"{scheme}://localhost:{port}", "eng@example.test")
    ca_file = {"SLO_REPORT_SMTP_CA_FILE": str(postfix.certificate)}
    for _ in range(2):
        done = run_program(*options, **ca_file)
        assert done.returncode == 0, done.stderr
    mails = postfix.wait_for("eng", before + 1)
    assert len(mails) == before + 1
    mail = mails[-1]
    assert "with ESMTPS" in str(mail["Received"])
    report = json.loads((Path(options[-1]) / "2026-04" / "report.json").read_bytes())
    broken = "2 promises to Acme Corp broken"
    assert mail["Subject"] == f"SLO report April 2026: 1 of 3 missed; {broken}"
    assert mail["X-Slo-Report-Period"] == report["month"]
    text, html = (content(mail, kind) for kind in ("plain", "html"))
    for row in report["objectives"]:
        if not row["informational"]:
            line = next(line for line in text.splitlines() if line.startswith(f"- {row['title']}:"))
            assert row["text"] in line
            assert row["text"] in html
            assert f"{row['valid']:,}" in html
    assert f"{report['ledger']['loaded']:,}" in text
    (attached,) = mail.iter_attachments()
    written = (Path(options[-1]) / "2026-04" / "report.html").read_bytes()
    assert attached.get_payload(decode=True) == written


def content(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    assert part is not None
    text = part.get_content()
    assert isinstance(text, str)
    return text


def test_one_refused_for_good_and_one_for_now_keep_nobody_else_from_their_mail(
    postfix: Postfix, september: Callable[[str, str], list[str | Path]]
) -> None:
    to = "nobody@example.test, ops@example.test, busy@example.test"
    options = september(f"smtp://localhost:{postfix.port}", to)
    done = run_program(*options, SLO_REPORT_SMTP_CA_FILE=str(postfix.certificate))
    assert done.returncode == 4
    nobody, ops, busy = done.stdout.splitlines()
    assert nobody.startswith("nobody@example.test: refused: 550 5.1.1")
    assert ops.startswith("ops@example.test: sent: ")
    assert busy.startswith("busy@example.test: not sent yet: 450 4.2.1")
    assert len(postfix.wait_for("ops", 1)) == 1


def test_an_unknown_certificate_and_plain_text_deliver_nothing(
    postfix: Postfix, september: Callable[[str, str], list[str | Path]]
) -> None:
    before = len(postfix.mails("eng"))
    untrusted = run_program(*september(f"smtps://localhost:{postfix.tls_port}", "eng@example.test"))
    assert untrusted.returncode == 4
    assert "is not to be trusted" in untrusted.stderr
    plain = run_program(*september(f"smtp://localhost:{postfix.port}", "eng@example.test"))
    assert plain.returncode == 4
    assert "530 5.7.0 Must issue a STARTTLS command first" in plain.stderr
    assert len(postfix.mails("eng")) == before
