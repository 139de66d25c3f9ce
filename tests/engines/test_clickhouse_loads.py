"""What a load into ClickHouse leaves when it is killed, and what the next one makes of it."""

import shutil
import time
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import polars as pl
import pytest

from slo_report.engines import clickhouse, clickhouse_store
from slo_report.engines.clickhouse import ClickHouseEngine, Connection
from slo_report.slo_yaml.build import load_definition
from slo_report.slo_yaml.definition import Definition

pytest.importorskip("chdb", reason="make test-clickhouse installs it")
pytest.importorskip("clickhouse_connect", reason="make test-clickhouse installs it")
pytestmark = pytest.mark.clickhouse

SLO_YAML = """\
service: shop
engine: {{clickhouse: "http://clickhouse:8123/shop"}}
logs: [{{path: "*.jsonl", fields: {{ts: time, status: status{more}}}}}]
slos: [{{id: up, good: status < 500, target: 99%}}]
"""
WAITING = "SELECT count(*) FROM system.mutations WHERE database = currentDatabase() AND NOT is_done"
TABLES = ("slo_requests", "slo_quarantine", "slo_duplicates", "slo_files")


class KilledError(Exception):
    """The process ended here."""


class Mortal(Connection):
    """A connection whose process is killed before its n-th statement that changes something."""

    def __init__(self, connection: Connection, left: int) -> None:
        self._connection = connection
        self._left = left

    def query(self, sql: str) -> pl.DataFrame:
        return self._connection.query(sql)

    def command(self, sql: str) -> None:
        self._live()
        self._connection.command(sql)

    def insert(self, table: str, columns: list[str], parquet: Path) -> None:
        self._live()
        self._connection.insert(table, columns, parquet)

    def _live(self) -> None:
        if not self._left:
            raise KilledError
        self._left -= 1


class Late(Mortal):
    """A connection whose process is gone with its first rows; the server gets to them later."""

    def __init__(self, connection: Connection, folder: Path) -> None:
        super().__init__(connection, 100)
        self._folder = folder
        self.arrive: Callable[[], None] = lambda: None

    def insert(self, table: str, columns: list[str], parquet: Path) -> None:
        rows = Path(shutil.copy(parquet, self._folder))
        self.arrive = lambda: self._connection.insert(table, columns, rows)
        raise KilledError


@pytest.fixture(scope="module")
def connection() -> Iterator[Connection]:
    from tests.engines.chdb_server import served

    with served() as address, clickhouse.connected(f"{address}/default") as connection:
        yield connection


def anew(connection: Connection, name: str) -> None:
    connection.command(f"CREATE DATABASE {name}")
    connection.command(f"USE {name}")


def shop(folder: Path, *, ids: bool, more: str = "") -> Definition:
    folder.mkdir(exist_ok=True)
    (folder / "slo.yaml").write_text(SLO_YAML.format(more=", request_id: id" * ids + more))
    return load_definition(folder / "slo.yaml")


def write(definition: Definition, name: str, ids: range) -> None:
    """Write a log of these requests, the last one twice, and of one line that is none."""
    lines = [f'{{"time":"2026-04-01T00:00:{i:02}Z","status":200,"id":"r{i}"}}\n' for i in ids]
    (definition.path.parent / name).write_text("".join([*lines, lines[-1], "no request\n"]))


def load(connection: Connection, definition: Definition) -> ClickHouseEngine:
    return clickhouse_store.over_files(connection, definition, lambda _text: None)


def seen(connection: Connection, engine: ClickHouseEngine) -> tuple[int, ...]:
    """Return requests, those of them that count, and quarantined lines."""
    [row] = connection.query(
        engine.over(
            None,
            "SELECT (SELECT count(*) FROM requests) AS requests, "
            "(SELECT count(*) FROM requests WHERE NOT duplicate) AS counted, "
            "(SELECT count(*) FROM quarantine) AS quarantined",
        )
    ).rows()
    return tuple(row)


def kept(connection: Connection) -> tuple[int, ...]:
    """Return the rows in each table."""
    return tuple(connection.query(f"SELECT count(*) FROM {table}").item() for table in TABLES)


@pytest.mark.parametrize("ids", [True, False], ids=["with ids", "without ids"])
def test_a_load_killed_at_any_step_costs_nothing(
    connection: Connection, tmp_path: Path, ids: bool
) -> None:
    for step in count():
        anew(connection, f"killed_{ids}_{step}")
        definition = shop(tmp_path / str(step), ids=ids)
        write(definition, "a.jsonl", range(10))
        load(connection, definition)
        write(definition, "a.jsonl", range(5))
        write(definition, "b.jsonl", range(4, 20))
        try:
            load(Mortal(connection, step), definition)
            break
        except KilledError:
            pass
        # Other rows in other places, so that what is left behind cannot pass for them.
        write(definition, "b.jsonl", range(3, 18))
        for _ in range(2):
            engine = load(connection, definition)
            assert seen(connection, engine) == (22, 18 if ids else 22, 2), step
            assert kept(connection) == (22, 2, 4 if ids else 0, 2), step
    assert step > 8


def test_a_first_load_killed_at_any_step_costs_nothing(
    connection: Connection, tmp_path: Path
) -> None:
    definition = shop(tmp_path / "shop", ids=True)
    write(definition, "a.jsonl", range(10))
    for step in count():
        anew(connection, f"first_{step}")
        try:
            load(Mortal(connection, step), definition)
            break
        except KilledError:
            pass
        for _ in range(2):
            engine = load(connection, definition)
            assert seen(connection, engine) == (11, 10, 1), step
            assert kept(connection) == (11, 1, 1, 1), step
    assert step > 8


def test_rows_that_arrive_after_their_load_was_killed_are_never_counted(
    connection: Connection, tmp_path: Path
) -> None:
    anew(connection, "late")
    definition = shop(tmp_path / "shop", ids=True)
    write(definition, "a.jsonl", range(10))
    dying = Late(connection, tmp_path)
    with pytest.raises(KilledError):
        clickhouse_store.over_files(dying, definition, lambda _text: None)
    engine = load(connection, definition)
    dying.arrive()
    assert seen(connection, engine) == (11, 10, 1)
    assert seen(connection, load(connection, definition)) == (11, 10, 1)
    assert kept(connection) == (11, 1, 1, 1)


def test_a_deletion_that_waited_deletes_only_what_it_was_asked_for(
    connection: Connection, tmp_path: Path
) -> None:
    anew(connection, "slow")
    definition = shop(tmp_path / "shop", ids=True)
    write(definition, "a.jsonl", range(10))
    write(definition, "b.jsonl", range(20, 25))
    load(connection, definition)
    connection.command("SYSTEM STOP MERGES slo_requests")
    connection.command("SET mutations_sync = 0")
    try:
        for last in (6, 8):
            write(definition, "a.jsonl", range(last))
            engine = load(connection, definition)
            assert seen(connection, engine) == (6 + last + 1, 5 + last, 2)
    finally:
        connection.command("SET mutations_sync = 1")
        connection.command("SYSTEM START MERGES slo_requests")
    while connection.query(WAITING).item():
        time.sleep(0.1)
    assert seen(connection, engine) == (15, 13, 2)


def test_a_load_of_no_file_counts_too(connection: Connection, tmp_path: Path) -> None:
    anew(connection, "none")
    definition = shop(tmp_path / "shop", ids=True)
    write(definition, "a.jsonl", range(10))
    load(connection, definition)
    slo_yaml = definition.path
    slo_yaml.write_text(slo_yaml.read_text().replace("*.jsonl", "*.json"))
    for _ in range(2):
        engine = load(connection, load_definition(slo_yaml))
        assert (seen(connection, engine), len(engine.files())) == ((0, 0, 0), 0)
    assert kept(connection) == (0, 0, 0, 1)
    slo_yaml.write_text(slo_yaml.read_text().replace("*.json", "*.jsonl"))
    assert seen(connection, load(connection, load_definition(slo_yaml))) == (11, 10, 1)


def test_a_type_that_was_changed_and_changed_back_loses_no_value(
    connection: Connection, tmp_path: Path
) -> None:
    anew(connection, "types")
    numbers, texts = (f", paid: {{from: status, type: {kind}}}" for kind in ("integer", "text"))
    write(shop(tmp_path, ids=True), "a.jsonl", range(10))
    load(connection, shop(tmp_path, ids=True, more=numbers))
    for step in count():
        try:
            load(Mortal(connection, step), shop(tmp_path, ids=True, more=texts))
            break
        except KilledError:
            pass
        engine = load(connection, shop(tmp_path, ids=True, more=numbers))
        paid = connection.query(engine.over(None, "SELECT sum(paid) AS paid FROM requests"))
        assert paid.item() == 11 * 200, step


def test_a_file_of_very_many_months_is_loaded(connection: Connection, tmp_path: Path) -> None:
    anew(connection, "months")
    definition = shop(tmp_path, ids=False)
    days = [f"{year}-{month:02}-01" for year in range(1970, 2200) for month in range(1, 13)]
    lines = [f'{{"time":"{day}T00:00:00Z","status":200}}\n' for day in days]
    (tmp_path / "a.jsonl").write_text("".join(lines))
    assert seen(connection, load(connection, definition)) == (len(days), len(days), 0)


def test_a_load_tells_what_it_did(connection: Connection, tmp_path: Path) -> None:
    anew(connection, "told")
    definition = shop(tmp_path / "shop", ids=True)
    folder = definition.path.parent
    write(definition, "a.jsonl", range(10))
    write(definition, "b.jsonl", range(10))
    write(definition, "c.jsonl", range(20, 25))
    (folder / "d.jsonl").write_bytes(b"\x1f\x8b no gzip")
    (folder / "e.jsonl").mkdir()
    told: list[str] = []
    _, first = clickhouse_store.load_files(connection, definition, told.append)
    assert (first.loaded, first.skipped, first.known) == (["a.jsonl", "c.jsonl"], ["b.jsonl"], [])
    assert (first.usable, first.quarantined) == (17, 2)
    assert first.bad_lines[0] == "json, 1 line, first a.jsonl:12"
    assert [name for name, _ in first.refused] == ["d.jsonl"]
    assert first.irregular == ["e.jsonl"]
    assert "c.jsonl: 6 requests, 1 quarantined: json, 1 line, first c.jsonl:7" in told

    (folder / "a.jsonl").unlink()
    (folder / "c.jsonl").rename(folder / "z.jsonl")
    write(definition, "f.jsonl", range(30, 33))
    _, second = clickhouse_store.load_files(connection, definition, told.append)
    assert (second.loaded, second.usable) == (["f.jsonl"], 4)
    assert (second.skipped, second.known) == ([], ["b.jsonl", "z.jsonl"])
    assert [name for name, _ in second.refused] == ["d.jsonl"]

    told.clear()
    _, third = clickhouse_store.load_files(connection, definition, told.append)
    assert (third.loaded, third.usable) == ([], 0)
    assert third.known == ["b.jsonl", "f.jsonl", "z.jsonl"]
    assert told == ["e.jsonl: no regular file, left out"]


def test_a_file_that_could_not_be_read_is_tried_again(
    connection: Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    anew(connection, "unreadable")
    definition = shop(tmp_path / "shop", ids=True)
    write(definition, "a.jsonl", range(10))
    with monkeypatch.context() as broken:
        broken.setattr("slo_report.load.examine.preflight", denied)
        [file] = load(connection, definition).files().to_dicts()
    assert (file["state"], file["reason"]) == ("refused", "cannot be read: Permission denied")
    assert seen(connection, load(connection, definition)) == (11, 10, 1)


def denied(*_: object, **__: object) -> None:
    raise PermissionError(13, "Permission denied")
