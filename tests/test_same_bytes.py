"""The same inputs give the same bytes: whatever machine, day, threads and order of arrival."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from tests.conftest import run_program

SLO_YAML = """\
service: shop
timezone: America/New_York
logs:
  - path: "*.jsonl"
    fields:
      ts: ts
      request_id: id
      method: method
      path: path
      status: status
      duration: {{from: seconds, unit: s}}
      customer: customer
      replica: replica
endpoints: ["GET /carts/{{id}}", "POST /orders"]
slos:
  - {{id: availability, title: Availability, good: status < 500, target: 99%}}
  - {{id: latency, title: Latency, value: duration, p50: < 200 ms, p99: < 1 s}}
  - {{id: share, title: Share, sum: status, over: status + 100, target: "> 60%", window: day}}
exclusions:
  - {{reason: Load test, where: "customer = 'k6'"}}
breakdowns: [endpoint, customer, replica]
threads: {threads}
"""
AS_OF = "2026-05-02T08:00:00"
FILES = ("a.jsonl", "b.jsonl")


def lines(seed: int) -> Iterator[str]:
    random = Random(seed)
    for _ in range(400):
        minute = random.randrange(30 * 24 * 60)
        day, rest = divmod(minute, 24 * 60)
        yield json.dumps({
            "ts": f"2026-04-{day + 1:02}T{rest // 60:02}:{rest % 60:02}:00+02:00",
            # Of some requests both files know, each by other figures.
            "id": f"r{random.randrange(3000)}",
            "method": random.choice(["GET", "POST"]),
            "path": random.choice(["/carts/7", "/carts/8?x=1", "/orders", "/elsewhere"]),
            "status": random.choice([200] * 40 + [404, 500, 503]),
            "seconds": random.randrange(1, 2_000_000) / 1_000_000,
            "customer": random.choice(["acme", "borealis", "k6", None]),
            "replica": f"r-{random.randrange(3)}",
        }) + "\n"  # fmt: skip
    yield "{ not a line\n"


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("logs")
    for seed, name in enumerate(FILES):
        (folder / name).write_text("".join(lines(seed)), encoding="utf-8")
    return folder


def digests(
    logs: Path,
    work: Path,
    *,
    threads: int = 1,
    as_of: str = AS_OF,
    first: tuple[str, ...] = (),
    **environment: str,
) -> dict[str, str]:
    """Make the month's report in a folder of its own and return the digest of each file."""
    work.mkdir()
    config = work / "slo.yaml"
    config.write_text(SLO_YAML.format(threads=threads), encoding="utf-8")
    if first:
        copy(logs, work, first)
        done = run_program("load", "--config", config, "--quiet", **environment)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    copy(logs, work, FILES)
    done = run_program(
        "--month", "2026-04", "--config", config, "--out", work / "out", "--no-email", "--quiet",
        "--as-of", as_of, **environment,
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    folder = work / "out"
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def copy(logs: Path, work: Path, names: tuple[str, ...]) -> None:
    for name in names:
        if not (work / name).exists():
            (work / name).write_bytes((logs / name).read_bytes())


@pytest.fixture(scope="module")
def expected(logs: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    work = tmp_path_factory.mktemp("plain") / "work"
    return digests(logs, work, TZ="UTC", LANG="C", PYTHONHASHSEED="0")


@pytest.mark.long
def test_machine_day_and_threads_change_nothing(
    logs: Path, expected: dict[str, str], tmp_path: Path
) -> None:
    assert {"index.html", "2026-04/report.md", "2026-04/charts/customers.svg"} <= set(expected)
    elsewhere = digests(
        logs, tmp_path / "work", as_of="2026-11-30T23:59:59", threads=4,
        TZ="Asia/Kathmandu", LANG="de_DE.UTF-8", LC_ALL="C.UTF-8", PYTHONHASHSEED="4242",
        COLUMNS="40",
    )  # fmt: skip
    assert elsewhere == expected


@pytest.mark.long
def test_the_order_in_which_files_arrive_changes_nothing(
    logs: Path, expected: dict[str, str], tmp_path: Path
) -> None:
    assert digests(logs, tmp_path / "work", first=("b.jsonl",)) == expected
