"""A small service whose April is complete, for tests that run the whole program on it."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from slo_report.editions.publish import Published
from slo_report.months import Month
from slo_report.report.parts.data import Ledger
from slo_report.run import run_month
from slo_report.slo_yaml.build import load_definition

DEFINITION = """\
service: shop
logs: [{path: "*.jsonl*", fields: {ts: time, status: status, request_id: id, kind: kind}}]
slos:
  - {id: availability, title: Availability, good: status < 500, target: 99.9%}
  - {id: asked, title: Asked, valid: kind = 'page', good: status < 500, target: 50%}
"""
IN_MAY = datetime(2026, 5, 2, 6, tzinfo=UTC)


def lines(month: str = "2026-04", days: int = 30, failing: Sequence[int] = ()) -> str:
    """Return two requests an hour; those of the hours `failing` answer 500."""
    rows = []
    for hour in range(24 * days):
        time = f"{month}-{hour // 24 + 1:02d}T{hour % 24:02d}"
        for minute, kind in ((10, "page"), (40, "call")):
            status = 500 if hour in failing and kind == "page" else 200
            rows.append(
                {
                    "time": f"{time}:{minute}:00Z",
                    "status": status,
                    "id": f"{month}-{hour}-{kind}",
                    "kind": kind,
                }
            )
    return "".join(json.dumps(row) + "\n" for row in rows)


def late_lines(count: int, status: int) -> str:
    """Return requests of 12 April that no file of `lines` has."""
    rows = [
        {"time": f"2026-04-12T12:{n // 60:02d}:{n % 60:02d}Z", "status": status, "id": f"late-{n}"}
        for n in range(count)
    ]
    return "".join(json.dumps(row) + "\n" for row in rows)


def open_shop(folder: Path, definition: str = DEFINITION, **logs: str) -> Path:
    """Make slo.yaml and the logs (name without ending: content) and return slo.yaml."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "slo.yaml").write_text(definition, encoding="utf-8")
    for name, content in (logs or {"april": lines()}).items():
        (folder / f"{name}.jsonl").write_text(content, encoding="utf-8")
    return folder / "slo.yaml"


def report_of(config: Path, month: str = "2026-04", now: datetime = IN_MAY) -> Published:
    """Run the monthly job in this process."""
    definition = load_definition(config)
    return run_month(
        definition,
        Month(month, definition.timezone),
        reports=definition.reports,
        now=now,
        progress=lambda _: None,
    )


def tree(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def ledger_of(published: Published) -> Ledger:
    """Return the ledger of a month's own report; only customers' reports have none."""
    assert published.report.ledger is not None
    return published.report.ledger
