"""Every kind of bad input costs what it must, with a reason, and nothing else."""

import json
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from slo_report.judge.ledger import LedgerFile, ledger
from slo_report.load.json_sample import SAMPLE_LINES
from slo_report.load.load import load_logs
from slo_report.months import Month, parse_month
from slo_report.rollup.engine import DuckDbEngine
from slo_report.slo_yaml.build import load_definition
from slo_report.slo_yaml.definition import Definition
from slo_report.store import Store, open_store
from tests.corpus import (
    access_logs,
    compression,
    csv_files,
    duplicates,
    mended,
    names,
    numbers,
    parquet_files,
    strings,
    structure,
    times,
)
from tests.corpus.case import FIELDS, Case, Ledger, Line, Refused, Skipped, with_

LINES: list[Line] = [
    *structure.LINES,
    *numbers.LINES,
    *times.LINES,
    *strings.LINES,
    *csv_files.LINES,
    *access_logs.LINES,
]
CASES: list[Case] = [
    *(line.case() for line in LINES),
    *structure.FILES,
    *duplicates.FILES,
    *csv_files.FILES,
    *access_logs.FILES,
    *compression.FILES,
    *names.FILES,
]
IDS = [case.name for case in CASES]
EACH = 48
"""One case in so many is tried by `make test`, all by `make test-long`."""
APRIL = "2026-04"


@dataclass
class Loaded:
    """What the store says of one case."""

    files: dict[str, tuple[str, str | None, int, int, int, str | None]] = field(
        default_factory=dict
    )
    """Name: state, reason, lines, blank, usable, skipped_for."""
    bad: dict[str, dict[int, str]] = field(default_factory=dict)
    rows: Counter[str] = field(default_factory=Counter)
    ledger: dict[str, LedgerFile] = field(default_factory=dict)
    values: dict[str, list[dict[str, object]]] = field(default_factory=dict)
    """Name: the requests, in their order."""


def write_case(folder: Path, case: Case) -> None:
    folder.mkdir(parents=True)
    for name, content in case.files.items():
        path = folder / (name if isinstance(name, str) else name.decode("utf-8", "surrogateescape"))
        path.write_bytes(content if isinstance(content, bytes) else content())


def write_definition(folder: Path, logs: list[dict[str, object]]) -> Path:
    path = folder / "slo.yaml"
    slos = [{"id": "availability", "good": "status < 500", "target": "99%"}]
    path.write_text(json.dumps({"service": "corpus", "logs": logs, "slos": slos}))
    return path


def april(zone: str = "UTC") -> Month:
    return parse_month(APRIL, ZoneInfo(zone), datetime(2026, 6, 1, tzinfo=UTC))


def load_cases(folder: Path, cases: list[Case]) -> list[Loaded]:
    """Load every case as a log of its own in one run, and return what came of each."""
    for number, case in enumerate(cases):
        write_case(folder / f"c{number}", case)
    definition = read_cases(folder, cases)
    with open_store(definition.store, threads=2) as store:
        load_logs(store, definition, lambda _: None)
        return _gathered(store, len(cases))


def read_cases(folder: Path, cases: list[Case]) -> Definition:
    """Return a definition with a log a case; slo.yaml has each way of reading once, for speed."""
    ways: dict[str, dict[str, object]] = {}
    asked = []
    for case in cases:
        way = json.dumps(case.log("way") | {"name": ""}, sort_keys=True)
        ways.setdefault(way, case.log(f"way{len(ways)}"))
        asked.append(list(ways).index(way))
    definition = load_definition(write_definition(folder, list(ways.values())))
    logs = (
        replace(definition.logs[way], name=f"c{number}", paths=(f"c{number}/*",))
        for number, way in enumerate(asked)
    )
    return replace(definition, logs=tuple(logs))


def _gathered(store: Store, count: int) -> list[Loaded]:
    loaded = {f"c{number}": Loaded() for number in range(count)}

    def of(name: str) -> tuple[Loaded, str]:
        case, _, file = name.partition("/")
        return loaded[case], file

    names = {}
    for file_id, name, *facts in store.rows(
        "SELECT file_id, name, state, reason, lines, blank, usable, skipped_for FROM files"
    ):
        names[file_id] = name
        case, file = of(name)
        case.files[file] = tuple(facts)
        case.bad[file] = {}
    for file_id, line, reason in store.rows("SELECT file_id, line, reason FROM quarantine"):
        case, file = of(names[file_id])
        assert line not in case.bad[file]
        case.bad[file][line] = reason
    frame = store.to_polars(
        "SELECT * EXCLUDE (file_id), file_id::BIGINT AS id FROM requests ORDER BY rowid"
    )
    for row in frame.iter_rows(named=True):
        case, file = of(names[row["id"]])
        case.rows[file] += 1
        case.values.setdefault(file, []).append(row)
    for counted in ledger(DuckDbEngine(store), april()).files:
        case, file = of(counted.name)
        case.ledger[file] = counted
    return list(loaded.values())


@pytest.fixture(scope="module")
def corpus(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Loaded]:
    """The cases that this run asks for, loaded together but for those that share ids."""
    params = [getattr(item, "callspec", None) for item in request.session.items]
    asked = {call.params["case"].name for call in params if call and "case" in call.params}
    cases = [case for case in CASES if case.name in asked]
    alone = [[case] for case in cases if case in duplicates.FILES]
    together = [case for case in cases if case not in duplicates.FILES]
    return {
        case.name: one
        for some in (*alone, together)
        for case, one in zip(some, load_cases(tmp_path_factory.mktemp("corpus"), some), strict=True)
    }


def check(case: Case, loaded: Loaded) -> None:
    """Hold what the store says of a case against what it must say, file by file."""
    for name, fate in case.fates.items():
        file = str(name)
        assert file in loaded.files, f"{file} left no record"
        state, reason, lines, blank, usable, twin = loaded.files[file]
        match fate:
            case Refused():
                assert (state, loaded.rows[file], loaded.bad[file]) == ("refused", 0, {})
                assert fate.why in str(reason)
            case Skipped():
                assert (state, loaded.rows[file]) == ("skipped", 0)
                assert Path(str(twin)).name == fate.twin
            case Ledger():
                assert (state, reason) == ("loaded", None)
                assert loaded.bad[file] == fate.bad
                assert lines == usable + len(fate.bad) + blank
                assert loaded.rows[file] == usable
                assert figures(loaded, file) == figures_of(fate)
                if case.stored:
                    row = loaded.values[file][case.stored_at]
                    assert {column: row[column] for column in case.stored} == case.stored


def figures(loaded: Loaded, file: str) -> tuple[int, ...]:
    """Return lines, loaded, quarantined, duplicates, outside and blank of a file.

    A file of other months alone is none of April's ledger: its requests are all outside.
    """
    counted = loaded.ledger.get(file)
    if counted is None:
        _, _, lines, blank, usable, _ = loaded.files[file]
        bad = len(loaded.bad[file])
        assert lines == usable + bad + blank
        return lines, 0, bad, 0, usable, blank
    ends = counted.loaded + counted.quarantined + counted.duplicates + counted.outside_period
    assert counted.lines == ends + counted.blank
    return (
        counted.lines,
        counted.loaded,
        counted.quarantined,
        counted.duplicates,
        counted.outside_period,
        counted.blank,
    )


def figures_of(fate: Ledger) -> tuple[int, ...]:
    """Return the same six counts as they must be."""
    return fate.lines, fate.loaded, len(fate.bad), fate.duplicates, fate.outside, fate.blank


def test_the_names_of_cases_are_their_own() -> None:
    assert [name for name, count in Counter(IDS).items() if count > 1] == []


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(case, id=case.name, marks=() if number % EACH == 0 else pytest.mark.long)
        for number, case in enumerate(CASES)
    ],
)
def test_each_file_comes_to_its_figures(corpus: dict[str, Loaded], case: Case) -> None:
    loaded = corpus[case.name]
    check(case, loaded)


def test_no_file_of_the_corpus_is_left_without_a_record(corpus: dict[str, Loaded]) -> None:
    asked = sum(len(case.files) for case in CASES if case.name in corpus)
    assert sum(len(loaded.files) for loaded in corpus.values()) == asked


def test_a_month_begins_in_the_zone_of_the_report(tmp_path: Path) -> None:
    lines = [
        with_(ts=f'"{ts}"') for ts in ("2026-03-31T21:59:59Z", "2026-03-31T22:00:00Z",
                                      "2026-04-30T21:59:59Z", "2026-04-30T22:00:00Z")
    ]  # fmt: skip
    (tmp_path / "a.jsonl").write_bytes(b"\n".join(lines))
    path = write_definition(tmp_path, [{"name": "a", "path": "a.jsonl", "fields": dict(FIELDS)}])
    definition = load_definition(path)
    with open_store(definition.store) as store:
        load_logs(store, definition, lambda _: None)
        [file] = ledger(DuckDbEngine(store), april("Europe/Berlin")).files
    assert (file.loaded, file.outside_period) == (2, 2)


@pytest.mark.parametrize("case", mended.NAMES, ids=[case.name for case in mended.NAMES])
def test_a_name_that_is_no_text_is_loaded_or_named_but_no_crash(tmp_path: Path, case: Case) -> None:
    write_case(tmp_path / "c0", case)
    definition = load_definition(write_definition(tmp_path, [case.log("c0")]))
    with open_store(definition.store) as store:
        result = load_logs(store, definition, lambda _: None)
    assert len(result.loaded) + len(result.refused) + len(result.irregular) == 1


@pytest.mark.soak
def test_each_line_alone_comes_to_its_figures(tmp_path: Path) -> None:
    # UTF-16 with nothing else beside it is a file of UTF-16, which is refused as a whole.
    cases = [line.case(0, 0) for line in LINES if "between lines" not in line.name]
    for case, loaded in zip(cases, load_cases(tmp_path, cases), strict=True):
        check(case, loaded)


@pytest.mark.long
def test_each_parquet_file_comes_to_its_figures(tmp_path: Path) -> None:
    cases = parquet_files.FILES
    for case, loaded in zip(cases, load_cases(tmp_path, cases), strict=True):
        check(case, loaded)


@pytest.mark.parametrize("case", mended.CASES, ids=[case.name for case in mended.CASES])
def test_what_was_wrong_once_comes_to_its_figures(tmp_path: Path, case: Case) -> None:
    [loaded] = load_cases(tmp_path, [case])
    check(case, loaded)


@pytest.mark.long
def test_a_line_costs_the_same_after_a_sample_that_promises_otherwise(tmp_path: Path) -> None:
    cases = [line.case(SAMPLE_LINES, 1) for line in LINES]
    for case, loaded in zip(cases, load_cases(tmp_path, cases), strict=True):
        check(case, loaded)


_SHORT = [line for line in LINES if len(line.content()) < 3 << 20]


@pytest.mark.soak
@pytest.mark.parametrize("line", _SHORT, ids=[line.name for line in _SHORT])
def test_a_line_costs_the_same_in_the_middle_of_a_large_clean_file(
    line: Line, tmp_path: Path
) -> None:
    """Larger than what DuckDB reads with several threads, and than a block of the careful way."""
    half = (9 << 20) // (len(line.good_line) + 1)
    case = line.case(half, half)
    [loaded] = load_cases(tmp_path, [case])
    check(case, loaded)
    for path in (tmp_path / "c0").iterdir():
        path.unlink()
