"""A small month with a bit of everything, the program run over it, and what a run must leave."""

import gzip
import json
import os
import random
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

MONTH = "2026-04"
_TEMPORARY = ("*.new*", "slo-report-*", ".*.new", "*.wal", "*.tmp", "*-journal")
_OUTBOX = "outbox.sqlite3"


@dataclass(frozen=True)
class Place:
    """The folder of one slo.yaml, with temporary files kept inside it."""

    folder: Path

    @property
    def reports(self) -> Path:
        """Where the reports go."""
        return self.folder / "reports"

    @property
    def temporary(self) -> Path:
        """TMPDIR of the runs."""
        return self.folder / "tmp"

    def make(self, lines_a_file: int = 800, **more: object) -> "Place":
        """Write slo.yaml, `more` its keys, and the logs: packed and not, with twins and bad lines.

        Nothing is mailed unless `more` has `email`.
        """
        rng = random.Random(4)
        (self.folder / "logs").mkdir(parents=True)
        self.temporary.mkdir()
        (self.folder / "slo.yaml").write_text(json.dumps({**_SLO_YAML, **more}))
        before: list[bytes] = []
        for number in range(6):
            lines = [_line(rng, number * lines_a_file + n) for n in range(lines_a_file)]
            content = b"\n".join([*before[-50:], *lines, *_BAD[: number % 3]]) + b"\n"
            before = lines
            path = self.folder / "logs" / f"{number}.jsonl"
            if number % 2:
                path.with_name(f"{number}.jsonl.gz").write_bytes(gzip.compress(content, mtime=0))
            else:
                path.write_bytes(content)
        (self.folder / "logs" / "7-copy.jsonl").write_bytes(
            (self.folder / "logs" / "0.jsonl").read_bytes()
        )
        return self

    def command(self, *words: str) -> list[str]:
        """Return the monthly job, or another command."""
        return [
            *(sys.executable, "-m", "slo_report", *words, "--month", MONTH),
            *("--config", str(self.folder / "slo.yaml")),
        ]

    def environment(self, **more: str) -> dict[str, str]:
        """Return the environment of a run."""
        ours = {"TMPDIR": str(self.temporary), "MPLCONFIGDIR": str(self.folder)}
        return {**os.environ, **ours, **more}

    def start(self, **more: object) -> subprocess.Popen[str]:
        """Start the monthly job."""
        return subprocess.Popen(  # type: ignore[call-overload,no-any-return]
            [*self.command(), "--quiet"],
            env=self.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            **more,
        )

    def run(self, *before: str, preexec: Callable[[], None] | None = None) -> tuple[int, str]:
        """Run the monthly job and return its status and what it said."""
        return self._ended([*before, *self.command(), "--quiet"], preexec)

    def send(self, *options: str) -> tuple[int, str]:
        """Mail what is published to those who have not got it; return as `run` does."""
        return self._ended([*self.command("send"), "--quiet", *options])

    def _ended(
        self, command: list[str], preexec: Callable[[], None] | None = None
    ) -> tuple[int, str]:
        done = subprocess.run(
            command,
            env=self.environment(),
            capture_output=True,
            text=True,
            check=False,
            preexec_fn=preexec,
        )
        return done.returncode, done.stdout + done.stderr

    def result(self) -> dict[str, bytes]:
        """Return the reports, and nothing of what was mailed."""
        return {
            path.relative_to(self.reports).as_posix(): path.read_bytes()
            for path in sorted(self.reports.rglob("*"))
            if path.is_file() and not path.name.startswith((".", _OUTBOX))
        }

    def report_json(self) -> bytes:
        """Return report.json."""
        return (self.reports / MONTH / "report.json").read_bytes()

    def forget(self) -> None:
        """Remove the store, as if nothing had ever been loaded."""
        for path in self.folder.glob("slo.duckdb*"):
            path.unlink()

    def forget_mails(self) -> None:
        """Remove the outbox, as if nothing had ever been mailed."""
        for path in self.reports.glob(f"{_OUTBOX}*"):
            path.unlink()

    def lock_holder(self) -> str:
        """Return the process that has the lock, or had it last."""
        lock = self.folder / "slo.duckdb.lock"
        return lock.read_text() if lock.exists() else ""

    def in_doubt(self) -> set[str]:
        """Return the recipients of whom nobody knows whether they have the report."""
        with closing(sqlite3.connect(self.reports / _OUTBOX)) as connection:
            rows = connection.execute("select recipient, state from outbox").fetchall()
        return {recipient for recipient, state in rows if state == "in_doubt"}

    def left_over(self) -> list[str]:
        """Return what lies about that a run should have taken away."""
        found = [
            path
            for folder in (self.folder, self.temporary, self.reports)
            for pattern in _TEMPORARY
            for path in folder.rglob(pattern)
        ]
        return sorted({path.relative_to(self.folder).as_posix() for path in found})


_BAD = [b'{"ts":', b'{"ts":"2026-04-01T00:00:00","status":200}']
_SLO_YAML = {
    "service": "faults",
    "logs": [
        {
            "path": "logs/*",
            "format": "jsonl",
            "fields": {
                "ts": "ts",
                "request_id": "id",
                "status": "status",
                "method": "method",
                "route": "route",
                "customer": "customer",
                "duration": {"from": "ms", "unit": "ms"},
            },
        }
    ],
    "slos": [
        {"id": "availability", "good": "status < 500", "target": "99%"},
        {"id": "latency", "value": "duration", "p95": "< 300 ms", "p99": "< 900 ms"},
    ],
}


def _line(rng: random.Random, number: int) -> bytes:
    record = {
        "ts": f"2026-04-{number % 30 + 1:02}T{rng.randrange(24):02}:{rng.randrange(60):02}:00Z",
        "id": f"r{number}",
        "status": 503 if rng.random() < 0.005 else 200,
        "method": "GET",
        "route": f"/v1/{rng.randrange(5)}",
        "customer": f"customer {rng.randrange(7)}",
        "ms": round(rng.expovariate(0.01), 3),
    }
    return json.dumps(record).encode()
