"""What was sent to whom: one row per month, edition, document and recipient, on disk at once.

It lies in the reports folder, because it must outlive the store. SMTP cannot deliver exactly once
(RFC 1047: the reply to the final dot may be lost), so a mail is claimed on disk before its final
dot: one whose outcome nobody knows is in doubt, and is not sent again unless somebody says so.
"""

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from slo_report.errors import DiskError

FILE = "outbox.sqlite3"

State = Literal["pending", "sending", "sent", "failed", "in_doubt"]

_CUT_OFF = "the run ended between the final dot and the server's reply"
_TOLD_OF = "the recipient has it, as --received said"

_SCHEMA = """
create table if not exists outbox (
  month text not null,
  edition integer not null,
  document text not null,
  recipient text not null,
  state text not null check (state in ('pending', 'sending', 'sent', 'failed', 'in_doubt')),
  message_id text not null,
  route text not null,
  queued_at text not null,
  attempts integer not null default 0,
  last_code integer,
  last_text text,
  updated_at text not null,
  primary key (month, edition, document, recipient)
)
"""


@dataclass(frozen=True)
class Key:
    """One mail: an edition of a month's document for one recipient."""

    month: str
    edition: int
    document: str
    """"" for the report about everyone, else a customer."""
    recipient: str


@dataclass(frozen=True)
class Row:
    """Where one mail stands."""

    key: Key
    state: State
    message_id: str
    route: str
    """Server and sender it was last queued for: a refusal by another says nothing about these."""
    queued_at: datetime
    attempts: int
    last_code: int | None
    last_text: str | None


class Outbox:
    """The rows of one reports folder. Every change is on disk when its method returns."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def row(self, key: Key) -> Row | None:
        """Return where a mail stands, None where it was never queued."""
        found = self._select(
            "month = ? and edition = ? and document = ? and recipient = ?",
            (key.month, key.edition, key.document, key.recipient),
        )
        return found[0] if found else None

    def editions_before(self, key: Key) -> list[Row]:
        """Return the same mail's earlier editions, oldest first."""
        return self._select(
            "month = ? and edition < ? and document = ? and recipient = ? order by edition",
            (key.month, key.edition, key.document, key.recipient),
        )

    def doubt_what_was_cut_off(self, now: datetime) -> None:
        """Put in doubt what a run that is gone was sending."""
        with self._transaction() as run:
            run.execute(
                "update outbox set state = 'in_doubt', last_code = null, last_text = ?, "
                "updated_at = ? where state = 'sending'",
                (_CUT_OFF, now.isoformat()),
            )

    def note_received(self, key: Key, now: datetime) -> None:
        """Take the recipient's word that a mail in doubt, of this edition or before, has come."""
        with self._transaction() as run:
            run.execute(
                "update outbox set state = 'sent', last_code = null, last_text = ?, updated_at = ? "
                "where month = ? and edition <= ? and document = ? and recipient = ? "
                "and state = 'in_doubt'",
                (_TOLD_OF, now.isoformat(), key.month, key.edition, key.document, key.recipient),
            )

    def queue(
        self, mails: Sequence[tuple[Key, str]], route: str, now: datetime
    ) -> None:  # fmt: skip
        """Make mails, each with its Message-ID, pending: all of them or none.

        One that was queued before keeps its date, so that it goes out with the same bytes.
        """
        with self._transaction() as run:
            run.executemany(
                "insert into outbox (month, edition, document, recipient, state, message_id, "
                "route, queued_at, updated_at) values (?, ?, ?, ?, 'pending', ?, ?, ?, ?) "
                "on conflict do update set state = 'pending', message_id = excluded.message_id, "
                "route = excluded.route, updated_at = excluded.updated_at",
                [
                    (key.month, key.edition, key.document, key.recipient, message_id, route,
                     now.isoformat(), now.isoformat())
                    for key, message_id in mails
                ],
            )  # fmt: skip

    def claim(self, key: Key, now: datetime) -> bool:
        """Mark a pending mail as being sent; False where another run has it."""
        return self._change(key, "sending", None, None, now, only_from="pending")

    def settle(
        self, key: Key, state: State, code: int | None, text: str | None, now: datetime
    ) -> None:
        """Note how an attempt ended: the server's code and text, or what else happened."""
        self._change(key, state, code, text, now, attempts=1)

    def _change(
        self,
        key: Key,
        state: State,
        code: int | None,
        text: str | None,
        now: datetime,
        *,
        only_from: State | None = None,
        attempts: int = 0,
    ) -> bool:
        with self._transaction() as run:
            changed = run.execute(
                "update outbox set state = ?, last_code = ?, last_text = ?, updated_at = ?, "
                "attempts = attempts + ? where month = ? and edition = ? and document = ? "
                "and recipient = ? and state = coalesce(?, state)",
                (state, code, text, now.isoformat(), attempts, key.month, key.edition,
                 key.document, key.recipient, only_from),
            )  # fmt: skip
            return changed.rowcount == 1

    def _select(self, where: str, values: tuple[object, ...]) -> list[Row]:
        with _told():
            found = self._connection.execute(
                "select month, edition, document, recipient, state, message_id, route, queued_at, "
                f"attempts, last_code, last_text from outbox where {where}",
                values,
            ).fetchall()
        return [
            Row(Key(*line[:4]), line[4], line[5], line[6], datetime.fromisoformat(line[7]),
                *line[8:])
            for line in found
        ]  # fmt: skip

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with _told(), self._connection:
            self._connection.execute("begin immediate")
            yield self._connection


@contextmanager
def open_outbox(reports: Path) -> Iterator[Outbox]:
    """Open the outbox of a reports folder, made where there is none.

    Raises DiskError for a damaged one: sending without it could send again.
    """
    path = reports / FILE
    with _told():
        try:
            reports.mkdir(parents=True, exist_ok=True)
            # Its rows name people; SQLite gives its journal the same permissions.
            os.close(os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600))
        except OSError as error:
            raise DiskError(f"cannot open {path}: {error.strerror}") from error
        connection = sqlite3.connect(path, isolation_level=None, timeout=10)
    with closing(connection):
        with _told():
            connection.execute("pragma synchronous = full")
            connection.execute(_SCHEMA)
        yield Outbox(connection)


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise DiskError(
            f"{FILE} in the reports folder cannot be used ({error}), so nothing is mailed: it says "
            "who got what. Restore it, or move it away to start without that knowledge"
        ) from error
