"""Whatever happens to the store costs time and nothing else."""

import fcntl
import os
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

import duckdb
import polars as pl
import pytest
import typer

from slo_report.check import check_definition
from slo_report.cli.process import exit_status
from slo_report.errors import DiskError, LockedError
from slo_report.load_new import load_new
from slo_report.rebuild import rebuild
from slo_report.slo_yaml.build import load_definition
from slo_report.store import open_store
from slo_report.store_settings import Run, settle
from tests.conftest import run_program
from tests.shop import DEFINITION, late_lines, ledger_of, lines, open_shop, report_of, tree


@pytest.fixture(autouse=True)
def no_charts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("slo_report.report.files.draw_charts", lambda _: [])


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return open_shop(tmp_path)


def flipped(content: bytes, at: int) -> bytes:
    return content[:at] + bytes([content[at] ^ 4]) + content[at + 1 :]


def of_a_newer_format(content: bytes) -> bytes:
    """Return the database as one of format 9999 whose checksums are right."""
    return content[:12] + (9999).to_bytes(8, "little") + content[20:]


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "nothing in it": lambda _: b"",
    "no database": lambda _: b"ts,status\n" * 2000,
    "its header only": lambda content: content[:12288],
    "cut in half": lambda content: content[: len(content) // 2],
    "header flipped": lambda content: flipped(content, 4096 + 50),
    "page flipped": lambda content: flipped(content, 12288 + 262144 + 100),
    "newer format": of_a_newer_format,
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_store_is_moved_aside_and_made_anew_in_the_same_run(
    config: Path, damage: str, caplog: pytest.LogCaptureFixture
) -> None:
    report_of(config)
    reports = tree(config.parent / "reports")
    store = config.parent / "slo.duckdb"
    damaged = DAMAGES[damage](store.read_bytes())
    store.write_bytes(damaged)
    assert not report_of(config).is_new
    assert (config.parent / "slo.duckdb.damaged-1").read_bytes() == damaged
    assert "slo.duckdb.damaged-1" in caplog.text
    assert tree(config.parent / "reports") == reports
    assert load_new(load_definition(config), lambda _: None).known == ["april.jsonl"]


@pytest.mark.long
def test_any_flipped_page_is_noticed_or_changes_nothing(config: Path) -> None:
    report_of(config)
    reports = tree(config.parent / "reports")
    store = config.parent / "slo.duckdb"
    good = store.read_bytes()
    for at in range(100, len(good), 262144 // 2):
        store.write_bytes(flipped(good, at))
        assert not report_of(config).is_new, at
        assert tree(config.parent / "reports") == reports


def leave_a_log(store: Path) -> None:
    """Have a process insert a row and die before it is in the database itself."""
    code = (
        f"import duckdb, os; con = duckdb.connect({str(store)!r});"
        "con.execute(\"INSERT INTO quarantine SELECT 99, range, 'json' FROM range(1000)\");"
        "os._exit(0)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("part", ["cut", "flipped", "zeroed"])
def test_a_damaged_write_ahead_log_goes_aside_with_its_store(config: Path, part: str) -> None:
    report_of(config)
    reports = tree(config.parent / "reports")
    store, log = config.parent / "slo.duckdb", config.parent / "slo.duckdb.wal"
    leave_a_log(store)
    whole = log.read_bytes()
    log.write_bytes(
        {
            "cut": whole[: len(whole) // 2],
            "flipped": flipped(whole, len(whole) // 2),
            "zeroed": whole[:-100] + bytes(100),
        }[part]
    )
    assert not report_of(config).is_new
    assert tree(config.parent / "reports") == reports
    aside = [path.name for path in config.parent.glob("*.damaged-*")]
    expected = [] if part == "cut" else ["slo.duckdb.damaged-1", "slo.duckdb.damaged-1.wal"]
    assert sorted(aside) == expected, "a cut log has lost whole transactions and no part of one"


def test_a_write_ahead_log_without_its_store_is_not_played_into_a_new_one(config: Path) -> None:
    report_of(config)
    store = config.parent / "slo.duckdb"
    leave_a_log(store)
    store.unlink()
    assert not report_of(config).is_new
    assert (config.parent / "slo.duckdb.damaged-1.wal").is_file()


def test_damage_without_logs_to_read_is_told_where_the_store_is_only_looked_at(
    config: Path,
) -> None:
    report_of(config)
    (config.parent / "slo.duckdb").write_bytes(b"no database" * 1000)
    done = run_program("check", "--config", config)
    assert done.returncode == 6
    assert done.stderr.startswith("slo-report: The store slo.duckdb is damaged: ")


def test_check_says_of_another_versions_store_that_the_next_load_makes_it_anew(
    config: Path,
) -> None:
    load_new(load_definition(config), lambda _: None)
    with duckdb.connect(str(config.parent / "slo.duckdb")) as store:
        store.execute("UPDATE layout SET version = 1")
    findings = check_definition(config)
    assert findings.summary == "slo.yaml: 2 SLOs, 2 objectives"
    [told] = findings.warnings
    assert told.startswith("The store slo.duckdb was made by another version; the next load makes")
    load_new(load_definition(config), lambda _: None)
    assert all("another version" not in text for text in check_definition(config).warnings)


def test_check_and_rebuild_open_the_store_with_the_memory_and_threads_of_slo_yaml(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = open_shop(tmp_path, DEFINITION + "memory_limit: 1GB\nthreads: 1\n")
    load_new(load_definition(config), lambda _: None)
    opened: list[tuple[str | None, int | None]] = []

    def settled(run: Run, work: Path, memory_limit: str | None, threads: int | None) -> None:
        opened.append((memory_limit, threads))
        settle(run, work, memory_limit, threads)

    monkeypatch.setattr("slo_report.store.settle", settled)
    check_definition(config)
    rebuild(load_definition(config), lambda _: None)
    assert set(opened) == {("1GB", 1)}


def test_words_of_damage_in_a_log_are_no_damage(tmp_path: Path) -> None:
    with open_store(tmp_path / "slo.duckdb") as store:
        with pytest.raises(duckdb.ConversionException):
            store.rows("SELECT CAST('Corrupt database file' AS INTEGER)")
        with pytest.raises(duckdb.IOException):
            store.rows("SELECT * FROM read_csv('/nowhere/not a valid DuckDB database')")


def test_a_store_that_another_program_has_open_is_told_with_its_process(config: Path) -> None:
    report_of(config)
    code = (
        f"import duckdb, sys; con = duckdb.connect({str(config.parent / 'slo.duckdb')!r});"
        "print('open', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None
        other.stdout.readline()
        with pytest.raises(LockedError, match=rf"is open in python\S* \(process {other.pid}\)"):
            report_of(config)
        other.communicate()
    assert not report_of(config).is_new


def with_little_room(config: Path, size: int) -> subprocess.CompletedProcess[str]:
    """Run the program where no file may grow beyond `size` bytes, as on a full disk."""
    return subprocess.run(
        [sys.executable, "-m", "slo_report", "--month", "2026-04", "--config", str(config)],
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size)),
    )


@pytest.mark.long
def test_a_disk_that_is_full_while_loading_keeps_what_there_was(tmp_path: Path) -> None:
    many = "".join(late_lines(3000, 200).replace("late-", f"n{n}-") for n in range(20))
    config = open_shop(tmp_path, april=many)
    done = with_little_room(config, 600_000)
    assert (done.returncode, done.stdout) == (6, ""), done.stderr
    assert "slo-report: The store slo.duckdb cannot be written: " in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "reports").exists()
    assert load_new(load_definition(config), lambda _: None).usable == 60_000


@pytest.mark.long
def test_a_disk_that_is_full_from_the_start_leaves_no_half_store(config: Path) -> None:
    done = with_little_room(config, 8_000)
    assert (done.returncode, done.stdout) == (6, ""), done.stderr
    assert "Traceback" not in done.stderr
    assert not (config.parent / "slo.duckdb").exists()
    assert report_of(config).report.edition == 1


def test_a_disk_that_is_full_under_temporary_files_is_a_disk_error(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(pl.exceptions.PolarsError) as full:
        pl.DataFrame({"line": range(1000)}).write_parquet("/dev/full")
    app = typer.Typer(pretty_exceptions_enable=False)

    @app.command()
    def fail() -> None:
        raise full.value

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(sys, "argv", ["slo-report"])
        assert exit_status(app) == 6
    assert "No space left on device" in capsys.readouterr().err


@pytest.mark.long
def test_a_disk_that_is_full_while_rendering_leaves_the_old_report(config: Path) -> None:
    report_of(config)
    reports = tree(config.parent / "reports")
    (config.parent / "late.jsonl").write_text(late_lines(10, 503), encoding="utf-8")
    load_new(load_definition(config), lambda _: None)
    # Now nothing is to be written but the report; its page is the longest file.
    size = max(len(content) for content in reports.values()) - 1
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Path, "open", limited(Path.open, size))
        with pytest.raises(DiskError, match=r"cannot write the report: .*No space left"):
            report_of(config)
    assert {n: c for n, c in tree(config.parent / "reports").items() if ".new" not in n} == reports
    assert report_of(config).report.edition == 2
    assert not list((config.parent / "reports").rglob("*.new"))


def limited(real: Callable[..., IO[Any]], size: int) -> Callable[..., Any]:
    """Return Path.open as it is on a disk where `size` bytes are free for each file."""

    def wrapper(path: Path, mode: str = "r", *arguments: Any, **options: Any) -> Any:
        file = real(path, mode, *arguments, **options)
        return Full(file, size) if mode == "wb" else file

    return wrapper


class Full:
    """A file on a disk that is nearly full."""

    def __init__(self, file: IO[bytes], size: int) -> None:
        self._file, self._size = file, size

    def write(self, content: bytes) -> int:
        if len(content) > self._size:
            raise OSError(28, "No space left on device")
        return self._file.write(content)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def __enter__(self) -> "Full":
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()


@pytest.mark.long
def test_too_little_memory_is_a_sentence_that_names_the_setting(config: Path) -> None:
    config.write_text(DEFINITION + "memory_limit: 1MB\n", encoding="utf-8")
    done = run_program("--month", "2026-04", "--config", config)
    assert done.returncode == 6, done.stderr
    assert "memory_limit" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_spill_that_finds_no_room_is_a_sentence(tmp_path: Path) -> None:
    with open_store(tmp_path / "slo.duckdb", memory_limit="40MB") as store:
        store.rows("SET max_temp_directory_size = '1MB'")
        with pytest.raises(DiskError, match="max_temp_directory_size"):
            store.rows(
                "CREATE TEMP TABLE t AS SELECT range, md5(CAST(range AS VARCHAR)) "
                "FROM range(3000000)"
            )
        assert store.rows("SELECT 1") == [(1,)]


def test_what_a_killed_run_left_is_cleared_away(config: Path) -> None:
    (config.parent / "slo.duckdb.new-4711").write_bytes(b"half a store")
    (config.parent / "slo.duckdb.work").mkdir()
    (config.parent / "slo.duckdb.work/block").write_bytes(b"lines of a log")
    (config.parent / "slo.duckdb.work/tmpabc").mkdir()
    report_of(config)
    names = {path.name for path in config.parent.iterdir()}
    assert names == {"slo.yaml", "april.jsonl", "slo.duckdb", "slo.duckdb.lock", "reports"}


# What DuckDB may do


def test_the_store_reads_log_folders_only_and_changes_no_setting(tmp_path: Path) -> None:
    config = open_shop(tmp_path / "shop")
    secret = tmp_path / "secret.csv"
    secret.write_text("password\n", encoding="utf-8")
    (tmp_path / "shop/link.csv").symlink_to(secret)
    with open_store(tmp_path / "slo.duckdb") as store:
        store.confine([tmp_path / "shop"])
        assert store.rows("SELECT count(*) FROM read_text($1)", [str(config)]) == [(1,)]
        for statement in (
            f"SELECT * FROM read_text('{secret}')",
            f"SELECT * FROM read_text('{tmp_path}/shop/../secret.csv')",
            f"SELECT * FROM read_text('{tmp_path}/shop/link.csv')",
            f"SELECT * FROM read_csv('{tmp_path}/*.csv')",
            "SELECT * FROM read_text('/etc/passwd')",
            "SELECT * FROM read_csv('https://example.org/x.csv')",
            "SELECT * FROM read_csv('s3://bucket/x.csv')",
            f"ATTACH '{tmp_path}/other.duckdb'",
            f"COPY requests TO '{tmp_path}/out.csv'",
            f"EXPORT DATABASE '{tmp_path}/out'",
            "INSTALL httpfs",
            "LOAD httpfs",
            "SET enable_external_access = true",
            "SET allowed_directories = ['/']",
            "SET allowed_configs = ['memory_limit']",
            "SET lock_configuration = false",
            "SET memory_limit = '1TB'",
            "SET autoload_known_extensions = true",
        ):
            with pytest.raises((duckdb.Error, DiskError)):
                store.rows(statement)
        store.rows("SET threads = 1")
    assert not (tmp_path / "out.csv").exists()


def test_logs_behind_links_are_read_as_before(tmp_path: Path) -> None:
    elsewhere = tmp_path / "var/log"
    elsewhere.mkdir(parents=True)
    (elsewhere / "app.log.1").write_text(lines(), encoding="utf-8")
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop/april.jsonl").symlink_to(elsewhere / "app.log.1")
    (tmp_path / "shop/[more]").symlink_to(elsewhere)
    (tmp_path / "shop/[more]/late.jsonl").write_text(late_lines(9, 200), encoding="utf-8")
    paths = DEFINITION.replace('"*.jsonl*"', '["*.jsonl*", "*/*.jsonl"]')
    config = open_shop(tmp_path / "shop", paths, other="")
    assert ledger_of(report_of(config)).loaded == 1449


def traced(config: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Load under strace; skip where there is none, or it may not trace."""
    strace = ["strace", "-f", "-qq", *options]
    try:
        subprocess.run(["strace", "-f", "-qq", "true"], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("no strace here, or it may not trace")
    command = [sys.executable, "-m", "slo_report", "load", "--config", str(config)]
    return subprocess.run([*strace, *command], capture_output=True, text=True, check=False)


@pytest.mark.long
def test_nothing_connects_anywhere(config: Path, tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    assert traced(config, "-e", "trace=socket,connect", "-o", str(trace)).returncode == 0
    assert trace.read_text(encoding="utf-8") == ""


@pytest.mark.soak
@pytest.mark.parametrize("call", ["fdatasync", "fsync", "pwrite64", "rename"])
@pytest.mark.parametrize("error", ["EIO", "ENOSPC"])
def test_a_disk_that_fails_at_any_write_costs_a_run_and_nothing_else(
    config: Path, call: str, error: str
) -> None:
    for number in (1, 2, 5):
        for left in config.parent.glob("slo.duckdb*"):
            left.unlink()
        fault = f"inject={call}:error={error}:when={number}"
        done = traced(config, "-o", os.devnull, "-e", f"trace={call}", "-e", fault)
        assert done.returncode in (0, 6), (number, done.stderr)
        assert "Traceback" not in done.stderr
        load_new(load_definition(config), lambda _: None)
        with open_store(config.parent / "slo.duckdb") as store:
            assert store.rows("SELECT count(*) FROM requests") == [(1440,)], number
            assert store.rows("SELECT lines FROM files") == [(1440,)], number


# Two at once


@pytest.mark.long
def test_of_twenty_starts_at_once_one_works_and_nineteen_leave(config: Path) -> None:
    (config.parent / "april.jsonl").write_text(lines() * 150, encoding="utf-8")
    # Each is ready before any begins: the starts themselves take longer than the load.
    code = (
        "import sys, slo_report.run; from slo_report import cli; print('ready', flush=True);"
        f"sys.argv = ['slo-report', 'load', '--config', {str(config)!r}];"
        "sys.stdin.read(1); cli.main()"
    )
    running = [
        subprocess.Popen(
            [sys.executable, "-c", code],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(20)
    ]
    for process in running:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in running:
        assert process.stdin is not None
        process.stdin.write("x")
        process.stdin.flush()
    ended = [(process.communicate()[1], process.returncode, process.pid) for process in running]
    [worker] = [pid for _, status, pid in ended if status == 0]
    left = [told for told, status, _ in ended if status == 75]
    assert len(left) == 19
    assert set(left) == {f"slo-report: another run (process {worker}) holds slo.duckdb\n"}


@pytest.mark.long
def test_the_lock_is_held_until_the_report_stands(
    config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    statuses = []

    def render_index(_: object) -> bytes:
        statuses.append(run_program("load", "--config", config).returncode)
        return b"index"

    monkeypatch.setattr("slo_report.editions.index.render_index", render_index)
    report_of(config)
    assert statuses == [75]


# Rebuild


@pytest.mark.long
def test_rebuild_makes_the_same_store_and_the_same_reports(tmp_path: Path) -> None:
    config = open_shop(tmp_path, b=lines(failing=[4]))
    report_of(config)
    (tmp_path / "a.jsonl").write_text(lines(failing=[4, 7]) + "{ no line\n", encoding="utf-8")
    report_of(config)
    reports = tree(tmp_path / "reports")
    done = run_program("rebuild", "--config", config)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("2 files, 2,880 requests, digest ")
    assert done.stdout.endswith(", as before\n")
    assert not report_of(config).is_new
    assert tree(tmp_path / "reports") == reports
    (tmp_path / "slo.duckdb").unlink()
    again = run_program("rebuild", "--config", config)
    assert done.stdout == again.stdout.replace("\n", ", as before\n")


@pytest.mark.long
def test_rebuild_keeps_the_old_store_where_logs_have_gone(tmp_path: Path) -> None:
    config = open_shop(tmp_path, april=lines(), more=late_lines(5, 200))
    report_of(config)
    (tmp_path / "more.jsonl").unlink()
    done = run_program("rebuild", "--config", config)
    assert done.returncode == 0
    assert (
        "the store before held something else; it is kept as slo.duckdb.replaced-1" in done.stderr
    )
    with open_store(tmp_path / "slo.duckdb.replaced-1") as old:
        assert old.rows("SELECT count(*) FROM files") == [(2,)]


def test_rebuild_replaces_a_store_that_cannot_be_read(config: Path) -> None:
    (config.parent / "slo.duckdb").write_bytes(b"no database" * 1000)
    done = run_program("rebuild", "--config", config)
    assert done.returncode == 0
    assert "it is kept as slo.duckdb.damaged-1" in done.stderr
    assert done.stdout.startswith("1 file, 1,440 requests")


@pytest.mark.long
def test_rebuild_leaves_while_another_run_holds_the_lock(config: Path) -> None:
    with (config.parent / "slo.duckdb.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        lock.write(str(os.getpid()))
        lock.flush()
        assert run_program("rebuild", "--config", config).returncode == 75
