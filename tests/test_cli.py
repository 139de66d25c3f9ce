"""The command line as others script against it: streams, exit statuses, paths, signals, init."""

import gzip
import json
import os
import pty
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TextIO

import duckdb
import pytest

from slo_report import cli
from slo_report.cli.output import printable, put
from slo_report.cli.process import exit_status
from slo_report.errors import DefinitionError, InputError
from slo_report.init.definition_text import definition_text, write_definition
from slo_report.lock import run_lock
from slo_report.slo_yaml.build import load_definition
from slo_report.slo_yaml.definition import Definition
from slo_report.slo_yaml.log_definition import LogFormat
from tests.conftest import run_program

DEFINITION = """\
service: shop
logs: [{path: "*.jsonl*", fields: {ts: time, status: status, kind: kind}}]
slos:
  - {id: availability, good: status < 500, target: 99.9%}
  - {id: known, valid: kind <> 'probe', good: status < 500, target: 50%, informational: true}
"""


def april(days: int = 30) -> str:
    """Two requests an hour, so that no hour is missing; two of them fail, one has no kind."""
    lines = []
    for hour in range(24 * days):
        time = f"2026-04-{hour // 24 + 1:02d}T{hour % 24:02d}:30:00Z"
        status = 500 if hour in (5, 6) else 200
        lines.append(json.dumps({"time": time, "status": status, "kind": "page"}))
        lines.append(json.dumps({"time": time, "status": 200} | ({"kind": "x"} if hour else {})))
    return "\n".join(lines) + "\n"


def make_shop(folder: Path, definition: str = DEFINITION, log: str = "") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "slo.yaml").write_text(definition, encoding="utf-8")
    if log:
        (folder / "april.jsonl").write_text(log, encoding="utf-8")
    return folder / "slo.yaml"


@dataclass(frozen=True)
class Done:
    status: int
    out: str
    err: str


class Program(Protocol):
    def __call__(self, *arguments: str | Path, **environment: str) -> Done: ...


@pytest.fixture
def program(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Program:
    """Run slo-report in this process, which has the heavy imports already."""

    def run(*arguments: str | Path, **environment: str) -> Done:
        monkeypatch.setattr(sys, "argv", ["slo-report", *map(str, arguments)])
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        capfd.readouterr()
        status = exit_status(cli.app)
        return Done(status, *capfd.readouterr())

    return run


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A slo.yaml whose month is complete and missed."""
    return make_shop(tmp_path_factory.mktemp("shop"), log=april())


@dataclass(frozen=True)
class Run(Done):
    folder: Path


@pytest.fixture(scope="module")
def first_run(shop: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The first report, made from another working directory, all paths relative to it."""
    folder = tmp_path_factory.mktemp("elsewhere")
    done = subprocess.run(
        [
            *(sys.executable, "-m", "slo_report", "--month", "2026-04", "--out", "out"),
            *("--config", os.path.relpath(shop, folder)),
        ],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    return Run(done.returncode, done.stdout, done.stderr, folder)


def test_standard_output_carries_the_path_alone_and_a_miss_is_no_failure(first_run: Run) -> None:
    assert (first_run.status, first_run.err) == (0, "")
    assert first_run.out == "out/2026-04/report.html\n"


def test_out_is_relative_to_the_working_directory_and_the_store_to_slo_yaml(
    first_run: Run, shop: Path
) -> None:
    assert (first_run.folder / "out/2026-04/report.json").is_file()
    assert (first_run.folder / "out/index.html").is_file()
    assert (shop.parent / "slo.duckdb").is_file()
    assert not (shop.parent / "reports").exists()


def test_no_file_of_a_report_has_an_absolute_path(first_run: Run, shop: Path) -> None:
    files = [path for path in (first_run.folder / "out").rglob("*") if path.is_file()]
    assert len(files) >= 5
    for path in files:
        content = path.read_text(encoding="utf-8")
        for folder in (first_run.folder, shop.parent, Path.cwd()):
            assert str(folder) not in content, path.name


def test_json_prints_the_document_and_fail_on_miss_tells_what_was_missed(
    program: Program, shop: Path, first_run: Run
) -> None:
    done = program(
        "--month", "last", "--as-of", "2026-05-02T06:00:00", "--json", "--fail-on-miss",
        "--config", shop, "--out", first_run.folder / "json",
    )  # fmt: skip
    assert done.status == 5
    assert done.err == "slo-report: missed in 2026-04: availability\n"
    document = json.loads(done.out)
    assert document["schema"] == "slo-report/1"
    assert document["month"] == "2026-04"
    written = first_run.folder / "json" / "2026-04" / "report.json"
    assert done.out == written.read_text(encoding="utf-8")


def test_quiet_and_success_print_nothing(program: Program, shop: Path, first_run: Run) -> None:
    done = program("--month", "2026-04", "--quiet", SLO_REPORT_CONFIG=str(shop))
    assert (done.status, done.out, done.err) == (0, "", "")
    assert (shop.parent / "reports/2026-04/report.html").is_file()
    for command in ("check", "load"):
        done = program(command, "--quiet", SLO_REPORT_CONFIG=str(shop))
        assert (done.status, done.out, done.err) == (0, "", ""), command
    assert first_run.status == 0


def test_an_incomplete_month_is_written_and_told(program: Program, tmp_path: Path) -> None:
    path = make_shop(tmp_path, log=april(days=10))
    done = program("--month", "2026-04", "--quiet", "--config", path)
    assert (done.status, done.out) == (3, "")
    assert re.fullmatch(
        r"slo-report: the report is written, but 2026-04 is incomplete: .*missing.*\n", done.err
    )
    assert (tmp_path / "reports/2026-04/report.html").is_file()


def test_reports_that_cannot_be_written_are_a_disk_error(
    program: Program, shop: Path, first_run: Run
) -> None:
    (first_run.folder / "file").touch()
    done = program(
        "--month", "2026-04", "--config", shop, "--out", first_run.folder / "file/x"
    )  # fmt: skip
    assert (done.status, done.out) == (6, "")
    assert done.err.startswith("slo-report: cannot write the report: ")
    assert "Traceback" not in done.err


@pytest.mark.parametrize(
    ("arguments", "status", "answer"),
    [
        (["--nope"], 2, "No such option: --nope"),
        (["no-such-command"], 2, "No such command"),
        (["--month", "2026-13"], 2, "--month '2026-13' is no month; write it as 2026-04"),
        (["--month", ""], 2, "is no month"),
        (["--as-of", "yesterday"], 2, "'yesterday' does not match"),
        (["--month", "last", "--as-of", "2027-01-05"], 3, "no usable line in 2026-12"),
        (["--month", "current", "--as-of", "2027-01-05T00:00:00Z"], 3, "no usable line in 2027-01"),
        (["--config", "missing.yaml"], 2, "missing.yaml: there is no such file"),
        (["--config", "."], 2, "name a file that can be read"),
        (["--config", "x", "check"], 2, "--config stands before `check`; write it behind"),
        (["init"], 2, "is there already; write over it with --force"),
    ],
)
def test_what_cannot_be_done_is_a_sentence_and_a_status(
    program: Program, shop: Path, arguments: list[str], status: int, answer: str
) -> None:
    done = program(*arguments, SLO_REPORT_CONFIG=str(shop))
    assert done.status == status
    assert done.out == ""
    assert done.err.startswith("slo-report: ")
    assert answer in done.err
    assert "Traceback" not in done.err


def test_load_without_a_log_file_says_where_it_looked(program: Program, tmp_path: Path) -> None:
    done = program("load", "--config", make_shop(tmp_path))
    assert done.status == 3
    assert "no log file found (looked for *.jsonl*, beside slo.yaml)" in done.err


def test_a_store_that_cannot_be_made_is_a_disk_error(program: Program, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    path = make_shop(tmp_path, DEFINITION + "store: file/slo.duckdb\n", april(1))
    done = program("load", "--config", path)
    assert (done.status, done.out) == (6, "")
    assert "Traceback" not in done.err


def test_another_run_holds_the_lock(program: Program, tmp_path: Path) -> None:
    path = make_shop(tmp_path, log=april(1))
    with run_lock(tmp_path / "slo.duckdb"):
        done = program("load", "--config", path)
    assert (done.status, done.out) == (75, "")
    assert done.err == f"slo-report: another run (process {os.getpid()}) holds slo.duckdb\n"


def test_names_of_files_cannot_steer_the_terminal(program: Program, tmp_path: Path) -> None:
    folder = tmp_path / "red\x1b[31m"
    path = make_shop(folder)
    (folder / "evil\x1b[2J\r\n\u202e.jsonl.gz").write_bytes(b"\x1f\x8b\x08 cut")
    for done in (
        program("load", "--config", path),
        program("check", "--config", folder / "x.yaml"),
    ):
        assert done.status in (2, 3)
        assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", done.out + done.err)
        assert "\\x1b[" in done.err
    assert printable("a\tb\n\x9b\u2066é✓") == "a\\x09b\\x0a\\x9b\\u2066é✓"


# Check


def test_check_is_one_line_where_all_is_right(program: Program, tmp_path: Path) -> None:
    done = program("check", "--config", make_shop(tmp_path))
    assert (done.status, done.err) == (0, "")
    assert done.out == "slo.yaml: 2 SLOs, 2 objectives\n"


def test_check_counts_the_requests_whose_predicate_is_null(
    program: Program, shop: Path, first_run: Run
) -> None:
    done = program("check", "--config", shop)
    assert done.status == first_run.status == 0
    assert done.out == "slo.yaml: 2 SLOs, 2 objectives\n"
    assert done.err.startswith(
        "slo-report: warning: known: `valid` is NULL for 1 loaded request, which then does not"
    )


def test_check_names_warnings_with_their_line_and_mistakes_all_at_once(
    program: Program, tmp_path: Path
) -> None:
    unreachable = "burn_rate_alerts: [{window: 1h, burn_rate: 14, severity: Sev1}]\n"
    path = make_shop(tmp_path, DEFINITION.replace("99.9%", "90%") + unreachable)
    done = program("check", "--config", path)
    assert (done.status, done.out) == (0, "slo.yaml: 2 SLOs, 2 objectives\n")
    assert done.err.startswith("slo-report: warning: slo.yaml:6: ")

    path.write_text(DEFINITION.replace("99.9%", "199%").replace("kind <>", "knd <>"))
    done = program("check", "--config", path)
    assert (done.status, done.out) == (2, "")
    lines = done.err.splitlines()
    assert [line.split(" ")[1] for line in lines] == ["slo.yaml:4:", "slo.yaml:5:"]


# Streams


@contextmanager
def terminal() -> Iterator[tuple[TextIO, Callable[[], str]]]:
    """Give a stream that is a terminal, and a function that tells what it showed."""
    ours, theirs = pty.openpty()
    with os.fdopen(theirs, "w", encoding="utf-8") as stream:

        def shown() -> str:
            # The mark tells where to stop: a terminal hands its text over when it likes.
            stream.write("\x04end")
            stream.flush()
            text = ""
            while not text.endswith("\x04end"):
                text += os.read(ours, 65536).decode()
            return text.removesuffix("\x04end")

        yield stream, shown
    os.close(ours)


def test_progress_is_shown_on_a_terminal_and_wiped_at_the_end(
    program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = make_shop(tmp_path, log=april(1))
    monkeypatch.delenv("CI", raising=False)
    with terminal() as (stream, shown):
        monkeypatch.setattr(sys, "stderr", stream)
        done = program("load", "--config", path, TERM="xterm")
        text = shown()
    assert (done.status, done.out) == (0, "1 file loaded, 48 requests\n")
    assert "april.jsonl: 48 requests" in text
    assert text.endswith("\r\x1b[K")
    assert "\n" not in text


@pytest.mark.parametrize(
    ("arguments", "environment"),
    [(["--quiet"], {}), ([], {"CI": "true"}), ([], {"TERM": "dumb"})],
)
def test_progress_is_not_shown_where_nobody_watches(
    program: Program,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    environment: dict[str, str],
) -> None:
    path = make_shop(tmp_path, log=april(1))
    monkeypatch.delenv("CI", raising=False)
    with terminal() as (stream, shown):
        monkeypatch.setattr(sys, "stderr", stream)
        done = program("load", "--config", path, *arguments, **{"TERM": "xterm"} | environment)
        assert (done.status, shown()) == (0, "")


@pytest.mark.parametrize("arguments", [["--help"], ["check"]])
def test_a_reader_that_has_gone_is_no_failure(tmp_path: Path, arguments: list[str]) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [sys.executable, "-m", "slo_report", *arguments],
        stdout=writer,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
        env={**os.environ, "SLO_REPORT_CONFIG": str(make_shop(tmp_path))},
    )
    os.close(writer)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_rest_of_a_document_may_stay_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    reader, writer = os.pipe()
    with open(writer, "w", encoding="utf-8") as stream:  # noqa: PTH123 - a descriptor
        monkeypatch.setattr(sys, "stdout", stream)
        os.close(reader)
        put("x" * 1_000_000)
        put("more")


def test_a_full_disk_behind_standard_output_is_told(
    program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = make_shop(tmp_path)
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        monkeypatch.setattr(sys, "stdout", full)
        done = program("check", "--config", path)
    assert done.status == 6
    assert done.err.startswith("slo-report: cannot write to standard output: ")


def test_output_is_plain_whatever_the_terminal_asks_for() -> None:
    for argument in ("--help", "--nope"):
        done = run_program(argument, FORCE_COLOR="1")
        assert "\x1b" not in done.stdout + done.stderr


HEAVY = ("duckdb", "polars", "matplotlib", "numpy", "sqlglot", "ruamel", "jinja2")


@pytest.mark.parametrize("arguments", [["--help"], ["check", "--help"]])
def test_help_loads_nothing_heavy(arguments: list[str]) -> None:
    script = (
        "import sys; sys.argv[0] = 'slo-report'\n"
        "from slo_report.cli import app\n"
        "from slo_report.cli.process import exit_status\n"
        "status = exit_status(app)\n"
        f"sys.exit(status or str([name for name in {HEAVY} if name in sys.modules]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments], capture_output=True, text=True, check=False
    )
    assert done.stdout
    assert done.stderr == "[]\n"


# Signals

DOOMED = """
import os, threading
from pathlib import Path
from slo_report import cli
from slo_report.store import open_store

@cli.app.command()
def doomed(how: str, number: int, path: Path) -> None:
    with open_store(path) as store, store.transaction():
        store.rows("INSERT INTO quarantine VALUES (1, 1, 'half of a file')")
        if how == "bug":
            raise ValueError("a bug")
        if how == "between":
            os.kill(os.getpid(), number)
        threading.Timer(0.2, os.kill, (os.getpid(), number)).start()
        store.rows("SELECT sum(a.range * b.range % 7) FROM range(300000) a, range(900000) b")

cli.main()
"""


@pytest.mark.parametrize(
    ("how", "number", "status"),
    [
        ("within", signal.SIGINT, 130),
        ("between", signal.SIGTERM, 143),
    ],
)
def test_a_signal_rolls_back_without_a_traceback(
    tmp_path: Path, how: str, number: int, status: int
) -> None:
    store = tmp_path / "slo.duckdb"
    done = subprocess.run(
        [sys.executable, "-c", DOOMED, "doomed", how, str(int(number)), str(store)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (status, "", "")
    with duckdb.connect(str(store)) as connection:
        assert connection.execute("SELECT count(*) FROM quarantine").fetchall() == [(0,)]


def test_a_bug_shows_its_traceback_and_is_an_internal_error(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", DOOMED, "doomed", "bug", "0", str(tmp_path / "slo.duckdb")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.endswith("ValueError: a bug\n")


@pytest.mark.long
def test_a_load_that_is_stopped_can_simply_be_run_again(program: Program, tmp_path: Path) -> None:
    line = '{"time": "2026-04-05T10:00:00Z", "status": 200, "kind": "x"}\n'
    path = make_shop(tmp_path, log=line * 100_000)
    process = subprocess.Popen(
        [sys.executable, "-m", "slo_report", "load", "--config", str(path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    lock = tmp_path / "slo.duckdb.lock"
    deadline = time.monotonic() + 30
    while not (lock.is_file() and lock.stat().st_size) and time.monotonic() < deadline:
        time.sleep(0.01)
    process.terminate()
    assert (process.communicate(), process.returncode) == (("", ""), 143)
    done = program("load", "--config", path)
    assert (done.status, done.err) == (0, "")
    assert done.out in (
        "1 file loaded, 100,000 requests\n",
        "0 files loaded, 0 requests, 1 known before\n",
    )


# Init


@pytest.mark.parametrize(
    ("name", "content", "fields"),
    [
        (
            "app.jsonl",
            '{"time": "2026-04-01T00:00:00Z", "status": 200, "http": {"method": "GET"},'
            ' "route": "/a", "duration_ms": 12, "tenant": "acme", "request_id": "a", "x": 1}\n',
            {
                "ts": "time", "request_id": "request_id", "method": "http.method",
                "route": "route", "status": "status", "duration": "duration_ms",
                "customer": "tenant",
            },
        ),
        (
            "app.csv",
            "Timestamp,Status Code,Response Time\n2026-04-01 00:00:00,200,0.2\n",
            {"ts": "Timestamp", "status": "Status Code", "duration": "Response Time"},
        ),
        (
            "calls.csv",
            "TIMESTAMP,ContextTokens\n2023-11-16 18:15:46.6805900,374",
            {"ts": "TIMESTAMP"},
        ),
        (
            "epoch.log",
            '{"ts": 1775952000123, "statusCode": 200}',
            {"ts": "ts", "status": "statusCode"},
        ),
        ("odd.jsonl", '{"status": "ok", "a: b #": 1, "time_": true}\n', {"ts": "time"}),
    ],
)  # fmt: skip
def test_init_proposes_fields_from_well_known_names(
    tmp_path: Path, name: str, content: str, fields: dict[str, str]
) -> None:
    (tmp_path / name).write_text(content, encoding="utf-8")
    definition = initialised(tmp_path, name)
    (log,) = definition.logs
    assert {field.column: field.source for field in log.fields} == fields
    assert log.paths == (name,)
    assert log.format is (LogFormat.CSV if name.endswith(".csv") else LogFormat.JSONL)


def initialised(folder: Path, name: str) -> Definition:
    write_definition(folder / "slo.yaml", folder / name, force=False)
    return load_definition(folder / "slo.yaml")


COMBINED = (
    '1.2.3.4 - - [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 203 "-" "curl"\n'
    '1.2.3.4 - - [17/May/2015:10:05:43 +0000] "\\x16\\x03" 400 - "-" "-"\n'
)


def test_init_knows_an_access_log_by_its_lines(tmp_path: Path) -> None:
    (tmp_path / "site [1].gz").write_bytes(gzip.compress(COMBINED.encode()))
    log = initialised(tmp_path, "site [1].gz").logs[0]
    assert (log.format, log.paths) == (LogFormat.COMBINED, ("site [[]1].gz",))


def test_init_reads_the_columns_of_a_parquet_file(tmp_path: Path) -> None:
    log = tmp_path / "app.parquet"
    with duckdb.connect() as connection:
        connection.execute(
            "COPY (SELECT TIMESTAMPTZ '2026-04-01 00:00:00Z' AS ts, 200 AS status, 1.5 AS latency)"
            f" TO '{log}' (FORMAT parquet)"
        )
    found = initialised(tmp_path, "app.parquet").logs[0]
    assert found.format is LogFormat.PARQUET
    assert [field.column for field in found.fields] == ["ts", "status", "duration"]


def test_init_never_guesses_in_silence(tmp_path: Path) -> None:
    log = tmp_path / "app.jsonl"
    log.write_text('{"time": "2026-04-01 00:00:00", "status": 200, "latency": 3, "n": 1}\n')
    text, doubts = definition_text(tmp_path / "slo.yaml", log)
    assert "duration: {from: latency, unit: ms}  # check this: ns, us, ms or s" in text
    assert "ts: {from: time, format: iso, timezone: UTC}  # check this: the zone" in text
    assert "# also in the log: n\n" in text
    assert doubts == [
        "slo.yaml:9: check this: the zone of the log's times",
        "slo.yaml:11: check this: ns, us, ms or s",
    ]


@pytest.mark.parametrize(
    "content", [b"", b"\n\n", b"hello\nworld\n", b"\x1f\x8b\x08 cut", b"PAR1 x"]
)
def test_init_says_what_it_cannot_read(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x").write_bytes(content)
    with pytest.raises(InputError):
        definition_text(tmp_path / "slo.yaml", tmp_path / "x")
    assert not (tmp_path / "slo.yaml").exists()


def test_init_writes_over_nothing_without_force(program: Program, tmp_path: Path) -> None:
    path = tmp_path / "slo.yaml"
    path.write_text("mine")
    with pytest.raises(DefinitionError, match="--force"):
        write_definition(path, None, force=False)
    assert path.read_text() == "mine"
    done = program("init", "--force", "--config", path)
    assert (done.status, done.out, done.err) == (0, f"{path}\n", "")
    definition = load_definition(path)
    assert (definition.logs[0].paths, definition.slos[0].id) == (("access.log*",), "availability")


def test_what_init_writes_measures_the_log_it_was_written_for(
    program: Program, tmp_path: Path
) -> None:
    log = tmp_path / "app.jsonl"
    log.write_text(april(1))
    path = tmp_path / "slo.yaml"
    assert program("init", "--log", log, "--config", path) == Done(0, f"{path}\n", "")
    done = program("load", "--config", path)
    assert done.out == "1 file loaded, 48 requests\n"


def test_earlier_months_are_reported_first_and_those_without_logs_left_out(
    program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("slo_report.report.files.draw_charts", lambda _: [])
    config = make_shop(tmp_path, log=april())
    (tmp_path / "february.jsonl").write_text(april(28).replace("2026-04-", "2026-02-"), "utf-8")
    done = program("--month", "2026-04", "--since", "2026-02", "--config", config)
    months = {path.parent.name for path in (tmp_path / "reports").glob("*/report.json")}
    assert (done.status, months) == (0, {"2026-02", "2026-04"})
    assert "no usable line in 2026-03" in done.err
    history = json.loads((tmp_path / "reports/2026-04/report.json").read_bytes())["history"]
    assert {"2026-02", "2026-04"} <= {month["month"] for month in history["months"]}


def test_months_since_a_later_one_are_a_mistake(program: Program, shop: Path) -> None:
    done = program("--month", "2026-04", "--since", "2026-05", "--config", shop)
    assert (done.status, done.err) == (2, "slo-report: --since 2026-05 is after --month 2026-04\n")


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ('"-" "curl"', None),
        ('"-" "curl" "9.9.9.9"', None),
        ('"-" "curl" 0.004', None),
        ('"-" "curl" 4021', "us"),
    ],
)
def test_init_asks_what_whole_request_times_are(
    line: str, found: str | None, tmp_path: Path
) -> None:
    begin = '1.2.3.4 - - [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 203 '
    (tmp_path / "access.log").write_text(f"{begin}{line}\n")
    text, doubts = definition_text(tmp_path / "slo.yaml", tmp_path / "access.log")
    assert ("duration: {from: request_time, unit: us}  # check this" in text) is (found == "us")
    assert bool(doubts) is (found == "us")


def test_init_blesses_no_access_log_of_which_no_line_can_be_read(tmp_path: Path) -> None:
    begin = '1.2.3.4 - - [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 203 "-" "curl"'
    (tmp_path / "access.log").write_text(f"{begin} rt=0.004 uct=0.000\n")
    with pytest.raises(InputError, match="in nginx's format `combined`"):
        definition_text(tmp_path / "slo.yaml", tmp_path / "access.log")


def test_lines_that_cannot_be_used_are_told_with_reason_file_and_line(
    program: Program, tmp_path: Path
) -> None:
    config = make_shop(tmp_path, log=april() + "no json\n" * 3 + '{"time": 1}\n')
    done = program("load", "--config", config)
    assert done.out.endswith(
        "4 quarantined\n"
        "  quarantined: json, 3 lines, first april.jsonl:1441; "
        "type:ts, 1 line, first april.jsonl:1444\n"
    )


def test_a_month_without_a_usable_line_says_what_the_logs_hold(
    program: Program, tmp_path: Path
) -> None:
    config = make_shop(tmp_path, log=april())
    (tmp_path / "bad.jsonl").write_text("no json\n" * 3)
    done = program("--month", "2026-03", "--config", config)
    assert done.status == 3
    assert "3 lines could not be used: json, 3 lines, first bad.jsonl:1" in done.err
    assert "came from 2026-04-01T00:30:00Z to 2026-04-30T23:30:00Z" in done.err


def test_a_refused_file_stands_in_the_way_until_it_is_removed_or_ignored(
    program: Program, tmp_path: Path
) -> None:
    config = make_shop(tmp_path, log=april())
    (tmp_path / "b.jsonl.gz").write_bytes(gzip.compress(b"{}\n")[:-4])
    for _ in range(2):
        done = program("load", "--config", config)
        assert (done.status, "refused b.jsonl.gz: gzip ends" in done.err) == (3, True)
    assert program("rebuild", "--config", config).status == 3
    assert program("--month", "2026-04", "--config", config).status == 3
    (tmp_path / "b.jsonl.gz").unlink()
    assert program("--month", "2026-04", "--config", config).status == 0


def test_logs_that_are_gone_altogether_are_told(program: Program, tmp_path: Path) -> None:
    config = make_shop(tmp_path, log=april())
    assert program("load", "--config", config).status == 0
    (tmp_path / "april.jsonl").unlink()
    done = program("--month", "2026-04", "--config", config)
    assert (done.status, "no log file found" in done.err) == (0, True)
    done = program("rebuild", "--config", config)
    assert (done.status, "the store stays as it is" in done.err) == (3, True)


@pytest.mark.parametrize("closed", ["1>&-", "2>&-", "1>&- 2>&-"])
def test_a_closed_stream_is_no_failure(shop: Path, closed: str) -> None:
    command = f'"{sys.executable}" -m slo_report check --config "{shop}" {closed}'
    assert subprocess.run(["sh", "-c", command], check=False).returncode == 0


def test_check_names_a_field_that_no_line_has(program: Program, tmp_path: Path) -> None:
    config = make_shop(tmp_path, DEFINITION.replace("kind: kind}", "kind: kindd}"), april())
    assert program("load", "--config", config).status == 0
    done = program("check", "--config", config)
    assert (
        "`kind` is NULL in all of 1,440 loaded requests: no line has the field `kindd`" in done.err
    )


@pytest.mark.parametrize(
    ("endpoints", "warning"),
    [
        ("", "the logs have 300 endpoints; if ids in paths"),
        (
            "endpoints: [GET /other]\n",
            "no template of `endpoints:` fits any of 300 loaded requests",
        ),
        ('endpoints: ["GET /items/{id}"]\n', ""),
    ],
)
def test_check_says_where_paths_need_templates(
    endpoints: str, warning: str, program: Program, tmp_path: Path
) -> None:
    definition = f"""\
service: shop
logs: [{{path: "*.jsonl", fields: {{ts: time, method: method, path: path}}}}]
{endpoints}slos: [{{id: a, good: ts is not null, target: 99%}}]
"""
    rows = ({"time": "2026-04-01T00:00:00Z", "method": "GET", "path": f"/items/{n}"}
            for n in range(300))  # fmt: skip
    config = make_shop(tmp_path, definition, "".join(json.dumps(row) + "\n" for row in rows))
    assert program("load", "--config", config).status == 0
    done = program("check", "--config", config)
    assert (warning in done.err) if warning else "endpoint" not in done.err
