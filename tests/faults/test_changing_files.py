"""Files that grow, change, vanish, or are no files, between two loads and while one reads."""

import os
import random
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from slo_report.load import ahead, loader
from slo_report.load.discover import LogFile
from slo_report.load.duplicates import Tie, mark_duplicates
from slo_report.load.formats.reading import LogText, Reader
from slo_report.load.load import load_logs
from slo_report.load.preflight import Preflight
from slo_report.load.result import LoadResult
from slo_report.load.ways import text_of
from slo_report.store import Store, open_store
from tests.load.definitions import definition, log

LINE = b'{"ts":"2026-04-01T00:00:00Z","status":200,"request_id":"%09d"}\n'


def load(folder: Path, store: str = "slo.duckdb") -> tuple[LoadResult, list[tuple[Any, ...]]]:
    """Load what is there; return the result, and of each file state, lines, usable and rows."""
    with open_store(folder / store) as opened:
        result = load_logs(opened, definition(folder, log("*.jsonl")), lambda _: None)
        return result, opened.rows(
            "SELECT name, state, lines, usable, blank, content_sha256, "
            "(SELECT count(*) FROM requests WHERE requests.file_id = files.file_id), "
            "(SELECT bit_xor(hash(request_id)) FROM requests "
            "WHERE requests.file_id = files.file_id), "
            "(SELECT count(*) FROM quarantine WHERE quarantine.file_id = files.file_id) "
            "FROM files ORDER BY name"
        )


def lines(first: int, count: int) -> bytes:
    return b"".join(LINE % number for number in range(first, first + count))


@pytest.mark.parametrize("count", [10, 300_000], ids=["small", "large"])
def test_a_file_that_is_gone_before_it_is_read_is_refused_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(lines(0, count))
    (tmp_path / "b.jsonl").write_bytes(lines(count, 3))

    def removed_meanwhile(file: LogFile, at: Path, facts: Preflight) -> tuple[Reader, LogText]:
        path.unlink(missing_ok=True)
        return text_of(file, at, facts)

    for module in (ahead, loader):
        monkeypatch.setattr(module, "text_of", removed_meanwhile)
    result, _ = load(tmp_path)
    assert [name for name, _ in result.refused] == ["a.jsonl"]
    assert result.usable == 3


def test_a_cut_last_line_is_quarantined_until_the_file_has_grown(tmp_path: Path) -> None:
    path, whole = tmp_path / "a.jsonl", lines(0, 3)
    path.write_bytes(whole[:-10])
    assert (load(tmp_path)[0].usable, load(tmp_path)[1][0][8]) == (2, 1)
    path.write_bytes(whole)
    result, [file] = load(tmp_path)
    assert (result.loaded, result.usable, result.quarantined, file[6]) == (["a.jsonl"], 3, 0, 3)


def test_a_file_that_grew_by_whole_lines_counts_none_twice(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(lines(0, 3))
    load(tmp_path)
    (tmp_path / "a.jsonl").write_bytes(lines(0, 5))
    assert load(tmp_path)[1][0][6] == 5


def test_a_file_changed_in_place_replaces_its_rows(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(lines(0, 3))
    load(tmp_path)
    path.write_bytes(lines(5, 3))
    os.utime(path, ns=(1, 1))
    result, [file] = load(tmp_path)
    assert (result.loaded, file[6]) == (["a.jsonl"], 3)
    path.unlink()
    path.with_name("fresh.jsonl").write_bytes(lines(5, 3))
    assert load(tmp_path, "fresh.duckdb")[1][0][7] == file[7]


def test_a_file_cut_to_nothing_leaves_no_rows(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(lines(0, 3))
    load(tmp_path)
    (tmp_path / "a.jsonl").write_bytes(b"")
    assert load(tmp_path)[1][0][1:5] == ("loaded", 0, 0, 0)


def test_a_file_that_vanished_stays(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(lines(0, 3))
    load(tmp_path)
    (tmp_path / "a.jsonl").unlink()
    assert load(tmp_path)[1][0][6] == 3


def test_a_rotation_and_a_new_file_count_each_line_once(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(lines(0, 3))
    load(tmp_path)
    (tmp_path / "a.jsonl").rename(tmp_path / "a-1.jsonl")
    (tmp_path / "a.jsonl").write_bytes(lines(3, 2))
    assert [file[6] for file in load(tmp_path)[1]] == [3, 2]


def test_a_link_is_read_as_what_it_leads_to(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_bytes(lines(0, 3))
    (tmp_path / "a.jsonl").symlink_to("elsewhere")
    assert load(tmp_path)[0].usable == 3


def test_a_pipe_a_folder_a_device_and_a_loop_are_named_and_never_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jsonl")
    (tmp_path / "folder.jsonl").mkdir()
    (tmp_path / "device.jsonl").symlink_to("/dev/zero")
    (tmp_path / "loop.jsonl").symlink_to("loop.jsonl")
    (tmp_path / "a.jsonl").write_bytes(lines(0, 3))
    result, _ = load(tmp_path)
    assert result.irregular == ["device.jsonl", "folder.jsonl", "loop.jsonl", "pipe.jsonl"]
    assert result.usable == 3


def _append(path: Path) -> None:
    with path.open("ab") as file:
        file.write(lines(900_000, 1000))


def _truncate(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2 + 7)


def _rewrite(path: Path) -> None:
    path.write_bytes(lines(500_000, 100_000))


def _replace(path: Path) -> None:
    path.with_name("aside").write_bytes(lines(700_000, 50_000))
    path.with_name("aside").replace(path)


def _remove(path: Path) -> None:
    path.unlink()


@pytest.mark.soak
@pytest.mark.parametrize("change", [_append, _truncate, _rewrite, _replace, _remove])
def test_a_file_that_changes_while_it_is_read_is_whole_by_the_next_load(
    tmp_path: Path, change: Callable[[Path], None]
) -> None:
    rng = random.Random(5)
    for number in range(int(os.environ.get("CHANGES", "6"))):
        folder = tmp_path / str(number)
        folder.mkdir()
        path = folder / "a.jsonl"
        path.write_bytes(lines(0, 300_000))
        delay = rng.uniform(0, 1.2)

        def later(path: Path = path, delay: float = delay) -> None:
            time.sleep(delay)
            change(path)

        thread = threading.Thread(target=later)
        thread.start()
        result, files = load(folder)
        thread.join()
        for file in files:
            assert file[2] == 0 or file[1] != "loaded" or file[2] == file[3] + file[4] + file[8]
            assert file[6] == file[3]
        assert len(result.loaded) + len(result.refused) + len(result.irregular) <= 1
        if path.exists():
            again = load(folder)[1]
            assert again == load(folder, "fresh.duckdb")[1]
        for left in folder.iterdir():
            left.unlink()


TIED = b'{"ts":"2026-04-01T00:00:00Z","status":%d,"request_id":"%s"}\n'


def tied(request_id: bytes) -> bytes:
    """Return two requests of one id and moment, of which the first line's stays."""
    return TIED % (200, request_id) + TIED % (500, request_id)


def after_marking(monkeypatch: pytest.MonkeyPatch, happens: Callable[[], object]) -> None:
    """Have something happen between the first look for duplicates and what follows from it."""
    marking = iter([happens])

    def marked(store: Store, **named: bool) -> list[Tie]:
        ties = mark_duplicates(store, **named)
        next(marking, lambda: None)()
        return ties

    monkeypatch.setattr("slo_report.load.load.mark_duplicates", marked)


def kept(folder: Path) -> list[tuple[Any, ...]]:
    """Return of each file whether its order is sure and done with, and what stays of it."""
    with open_store(folder / "slo.duckdb") as store:
        return store.rows(
            "SELECT name, in_order, deduplicated, "
            "list(status ORDER BY r.rowid) FILTER (NOT duplicate) FROM files "
            "JOIN requests r USING (file_id) GROUP BY ALL ORDER BY ALL"
        )


def test_a_file_that_is_read_again_for_its_order_counts_once(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(tied(b"one"))
    result, _ = load(tmp_path)
    assert (result.loaded, result.known, result.usable) == (["a.jsonl"], [], 2)
    assert kept(tmp_path) == [("a.jsonl", True, True, [200])]


def test_a_file_that_grows_before_it_is_read_again_for_its_order_is_read_as_it_is_then(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(tied(b"one"))
    after_marking(monkeypatch, lambda: path.write_bytes(tied(b"one") + tied(b"two")))
    result, _ = load(tmp_path)
    assert (result.loaded, result.refused, result.usable) == (["a.jsonl"], [], 4)
    assert kept(tmp_path) == [("a.jsonl", True, True, [200, 200])]
    assert load(tmp_path)[0].known == ["a.jsonl"]


def test_a_file_that_keeps_growing_while_it_is_read_again_keeps_its_rows_till_the_next_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(tied(b"one"))

    def grow(file: LogFile, at: Path, facts: Preflight) -> tuple[Reader, LogText]:
        with path.open("ab") as log_file:
            log_file.write(tied(b"more"))
        return text_of(file, at, facts)

    after_marking(monkeypatch, lambda: monkeypatch.setattr(loader, "text_of", grow))
    result, _ = load(tmp_path)
    assert (result.loaded, result.refused, result.usable) == (["a.jsonl"], [], 2)
    monkeypatch.undo()
    result, _ = load(tmp_path)
    assert result.usable > 2
    assert kept(tmp_path) == [("a.jsonl", True, True, [200, 200])]


def test_a_file_that_is_gone_before_it_is_read_again_for_its_order_keeps_its_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(tied(b"one"))
    after_marking(monkeypatch, path.unlink)
    result, [file] = load(tmp_path)
    assert (result.loaded, result.refused, file[6]) == (["a.jsonl"], [], 2)


def test_a_run_killed_before_it_reads_a_file_again_for_its_order_leaves_that_to_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed() -> None:
        raise KeyboardInterrupt

    (tmp_path / "a.jsonl").write_bytes(tied(b"one"))
    (tmp_path / "b.jsonl").write_bytes(lines(0, 3))
    after_marking(monkeypatch, killed)
    with pytest.raises(KeyboardInterrupt):
        load(tmp_path)
    result, _ = load(tmp_path)
    assert (result.loaded, result.known) == (["a.jsonl"], ["b.jsonl"])
    assert [file[:3] for file in kept(tmp_path)] == [
        ("a.jsonl", True, True),
        ("b.jsonl", False, True),
    ]
    assert load(tmp_path)[0].known == ["a.jsonl", "b.jsonl"]
