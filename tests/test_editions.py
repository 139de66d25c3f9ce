"""A published month is frozen; what changes it makes an edition that says so."""

import json
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from slo_report.deliver import File
from slo_report.editions.publish import Published, publish
from slo_report.editions.sources import Logs
from slo_report.errors import InputError
from slo_report.report.document import Report
from slo_report.report.files import report_json
from tests.report.samples import september
from tests.shop import DEFINITION, late_lines, lines, open_shop, report_of, tree


@pytest.fixture(autouse=True)
def no_charts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Charts are drawn from the same report value and only cost time here."""
    monkeypatch.setattr("slo_report.report.files.draw_charts", lambda _: [])


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return open_shop(tmp_path)


def kinds(done: Published) -> list[str]:
    assert done.report.changes is not None
    return [reason.kind for reason in done.report.changes.reasons]


def times(folder: Path) -> dict[str, int]:
    return {str(path): path.stat().st_mtime_ns for path in folder.rglob("*")}


def test_a_finished_month_is_kept_as_its_first_edition(config: Path) -> None:
    done = report_of(config)
    month = config.parent / "reports/2026-04"
    top = {n: c for n, c in tree(month).items() if not n.startswith("editions/")}
    assert done.is_new
    assert tree(month / "editions/1") == top
    assert done.report.changes is None
    assert "What this edition changed" not in top["report.md"].decode()
    document = json.loads(top["report.json"])
    assert (document["edition"], document["changes"]) == (1, None)
    assert document["editions"] == [{"edition": 1, "reasons": []}]


def test_a_second_run_writes_nothing(config: Path) -> None:
    report_of(config)
    before, written = tree(config.parent / "reports"), times(config.parent / "reports")
    done = report_of(config, now=datetime(2026, 7, 1, tzinfo=UTC))
    assert not done.is_new
    assert done.report.edition == 1
    assert tree(config.parent / "reports") == before
    assert times(config.parent / "reports") == written


@pytest.mark.long
@pytest.mark.parametrize(
    "other",
    [
        "# A comment.\n" + DEFINITION,
        DEFINITION + "memory_limit: 1GB\n",
        # In force later: April's own promise is what it was.
        DEFINITION.replace("99.9%", "{2026-01: 99.9%, 2026-07: 99%}"),
    ],
    ids=["comment", "how it is run", "target of later months"],
)
def test_a_definition_that_says_the_same_of_the_month_makes_no_edition(
    config: Path, other: str
) -> None:
    report_of(config)
    config.write_text(other, encoding="utf-8")
    assert not report_of(config).is_new


def test_late_rows_make_an_edition_with_old_and_new_figures(config: Path) -> None:
    report_of(config)
    first = tree(config.parent / "reports/2026-04/editions/1")
    (config.parent / "late.jsonl").write_text(late_lines(10, 503), encoding="utf-8")
    done = report_of(config)
    assert done.report.edition == 2
    changes = done.report.changes
    assert changes is not None
    assert [(reason.kind, reason.text) for reason in changes.reasons] == [
        ("late", "late.jsonl"),
        ("requests", "10 more of the month are loaded"),
    ]
    flipped = changes.figures[0]
    assert (flipped.objective, flipped.verdict_before, flipped.verdict) == (
        "availability", "met", "missed",
    )  # fmt: skip
    assert (flipped.before, flipped.now) == ("100.00%", "99.31%")
    month = config.parent / "reports/2026-04"
    assert tree(month / "editions/1") == first
    assert json.loads((month / "report.json").read_bytes())["edition"] == 2
    text = (month / "report.md").read_text(encoding="utf-8")
    assert "| Availability | 100.00% | 99.31% | missed, was met | 1,440 → 1,450 |" in text
    assert "| Log file that came late | late.jsonl |" in text
    page = (month / "report.html").read_text(encoding="utf-8")
    assert "What this edition changed" in page
    assert "1,440 → 1,450" in page


def test_late_rows_that_move_a_day_and_no_figure_of_the_month_make_an_edition(
    tmp_path: Path,
) -> None:
    config = open_shop(tmp_path, april=lines(failing=[300]))
    report_of(config)
    # The same request, told earlier: that one counts. Its day is the second, not the thirteenth.
    row = {"time": "2026-04-02T05:00:00Z", "status": 500, "id": "2026-04-300-page", "kind": "page"}
    (tmp_path / "late.jsonl").write_text(json.dumps(row) + "\n", encoding="utf-8")
    done = report_of(config)
    assert done.report.edition == 2
    assert kinds(done) == ["late"]
    assert done.report.changes is not None
    assert [(f.title, f.now) for f in done.report.changes.figures] == [
        ("Availability: days counted otherwise", "2 days"),
        ("Asked: days counted otherwise", "2 days"),
    ]
    text = (tmp_path / "reports/2026-04/report.md").read_text(encoding="utf-8")
    assert "| Availability: days counted otherwise | none | 2 days |" in text
    assert not report_of(config).is_new


def test_late_rows_that_are_all_known_make_no_edition(config: Path) -> None:
    report_of(config)
    again = lines().splitlines(keepends=True)[100:110]
    (config.parent / "late.jsonl").write_text("".join(again), encoding="utf-8")
    assert report_of(config).report.edition == 1


def test_a_target_of_later_months_is_no_reason_for_what_late_rows_changed(config: Path) -> None:
    report_of(config)
    later = DEFINITION.replace("99.9%", "{2026-01: 99.9%, 2026-07: 99%}")
    config.write_text(later, encoding="utf-8")
    (config.parent / "late.jsonl").write_text(late_lines(10, 503), encoding="utf-8")
    assert kinds(report_of(config)) == ["late", "requests"]


def test_another_target_makes_an_edition_that_names_the_definition(tmp_path: Path) -> None:
    config = open_shop(tmp_path, april=lines(failing=[5, 6]))
    report_of(config)
    config.write_text(DEFINITION.replace("99.9%", "99.8%"), encoding="utf-8")
    done = report_of(config)
    assert kinds(done) == ["definition"]
    assert done.report.changes is not None
    [reason] = done.report.changes.reasons
    assert reason.text == "Availability"
    [figure] = done.report.changes.figures
    assert (figure.before, figure.now) == ("99.86% (target 99.9%)", "99.86% (target 99.8%)")
    assert [entry.edition for entry in done.report.editions] == [1, 2]


def test_another_mapping_makes_an_edition_of_what_it_reads_and_no_other(config: Path) -> None:
    report_of(config)
    mapped = DEFINITION.replace("kind: kind", "kind: {from: kind, default: call}")
    config.write_text(mapped, encoding="utf-8")
    done = report_of(config)
    assert done.report.changes is not None
    assert [(reason.kind, reason.text) for reason in done.report.changes.reasons] == [
        ("definition", "Asked")
    ]
    assert done.report.changes.figures == []
    # May's report marks what April, as it was then, had read otherwise.
    config.write_text(mapped.replace("default: call", "default: page"), encoding="utf-8")
    (config.parent / "may.jsonl").write_text(lines("2026-05", days=31), encoding="utf-8")
    may = report_of(config, "2026-05", now=datetime(2026, 6, 2, tzinfo=UTC)).report
    assert may.history is not None
    cells = {item.objective: item.cells[-2] for item in may.history.objectives}
    marked = {name: cell.reading_changed for name, cell in cells.items() if cell is not None}
    assert marked == {"availability": False, "asked": True}


@pytest.mark.long
def test_a_file_that_changed_and_notes_that_changed_are_reasons(tmp_path: Path) -> None:
    config = open_shop(tmp_path, DEFINITION + "notes: notes\n")
    report_of(config)
    (tmp_path / "april.jsonl").write_text(lines(failing=[9]), encoding="utf-8")
    assert kinds(report_of(config)) == ["changed"]
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes/2026-04.md").write_text("It was the cable.", encoding="utf-8")
    done = report_of(config)
    assert kinds(done) == ["notes"]
    assert [entry.edition for entry in done.report.editions] == [1, 2, 3]


@pytest.mark.long
def test_a_log_that_was_packed_or_renamed_makes_no_edition(config: Path) -> None:
    report_of(config)
    (config.parent / "april.jsonl").rename(config.parent / "april.jsonl.1")
    config.write_text(DEFINITION.replace("fields", "format: jsonl, fields"), encoding="utf-8")
    assert not report_of(config).is_new


@pytest.mark.long
def test_a_month_becomes_complete_in_a_new_edition(tmp_path: Path) -> None:
    config = open_shop(tmp_path, april=lines(), broken="")
    broken = tmp_path / "broken.jsonl.gz"
    broken.write_bytes(b"\x1f\x8b\x08 cut")
    first = report_of(config)
    assert (first.report.status, first.report.edition) == ("incomplete", 1)
    assert not report_of(config).is_new
    broken.unlink()
    config.write_text(DEFINITION.replace('"*.jsonl*"', '"*.jsonl"'), encoding="utf-8")
    (tmp_path / "slo.duckdb").unlink()
    done = report_of(config)
    assert (done.report.status, done.report.edition) == ("final", 2)
    assert "mended" in kinds(done)


def test_a_running_month_is_overwritten_but_never_a_published_one(config: Path) -> None:
    running = datetime(2026, 4, 30, 12, tzinfo=UTC)
    done = report_of(config, now=running)
    assert done.report.status == "provisional"
    assert not (config.parent / "reports/2026-04/editions").exists()
    assert report_of(config, now=running).is_new
    assert report_of(config).report.edition == 1
    before = tree(config.parent / "reports")
    late = report_of(config, now=running)  # a clock that is wrong
    assert (late.is_new, late.report.status) == (False, "final")
    assert tree(config.parent / "reports") == before


def test_a_lost_store_and_lost_logs_restate_nothing(tmp_path: Path) -> None:
    config = open_shop(tmp_path, april=lines(), more=late_lines(10, 200))
    report_of(config)
    before = tree(tmp_path / "reports")
    (tmp_path / "more.jsonl").unlink()
    assert not report_of(config).is_new, "the store still has it"
    (tmp_path / "slo.duckdb").unlink()
    with pytest.raises(InputError, match=r"edition 1 of 2026-04 stands: it counted .* more\.jsonl"):
        report_of(config)
    assert tree(tmp_path / "reports") == before
    ignoring = DEFINITION.replace('"*.jsonl*"', '"*.jsonl*", ignore: more.jsonl')
    config.write_text(ignoring, encoding="utf-8")
    assert "gone" in kinds(report_of(config))


def test_late_logs_that_outnumber_the_lost_restate_nothing(tmp_path: Path) -> None:
    rows = lines().splitlines(keepends=True)
    config = open_shop(tmp_path, d1="".join(rows[:100]), d2="".join(rows[100:]))
    report_of(config)
    (tmp_path / "slo.duckdb").unlink()
    (tmp_path / "d1.jsonl").rename(tmp_path / "elsewhere")
    (tmp_path / "late.jsonl").write_text(late_lines(150, 500), encoding="utf-8")
    with pytest.raises(InputError, match=r"edition 1 of 2026-04 stands: it counted .* d1\.jsonl"):
        report_of(config)
    (tmp_path / "elsewhere").rename(tmp_path / "d1.jsonl.1")
    assert kinds(report_of(config)) == ["late", "requests"]


def test_a_log_that_no_path_finds_any_more_is_left_out_and_not_lost(tmp_path: Path) -> None:
    config = open_shop(tmp_path, april=lines(), more=late_lines(10, 200))
    report_of(config)
    config.write_text(DEFINITION.replace('"*.jsonl*"', '"april.jsonl"'), encoding="utf-8")
    assert kinds(report_of(config)) == ["definition", "gone", "requests"]


def test_a_folder_that_lost_files_is_made_whole_from_its_edition(config: Path) -> None:
    report_of(config)
    month = config.parent / "reports/2026-04"
    before = tree(month)
    (month / "report.md").unlink()
    (month / "report.json").write_text("{}", encoding="utf-8")
    assert not report_of(config).is_new
    assert tree(month) == before


@pytest.mark.parametrize("store", ["kept", "lost"])
def test_files_that_a_killed_run_had_not_finished_are_removed_and_none_behind_a_link(
    config: Path, store: str
) -> None:
    report_of(config)
    reports, elsewhere = config.parent / "reports", config.parent / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / ".mine.7.new").touch()
    (reports / "2026-04/customers").mkdir()
    (reports / "2026-04/customers/link").symlink_to(elsewhere)
    before = tree(config.parent / "reports")
    for name in (
        ".index.html.7.new", "2026-04/.report.md.7.new", "2026-04/charts/.a.svg.7.new",
        "2026-04/customers/a-1/.report.md.7.new", "2026-04/customers/a-1/charts/.a.svg.7.new",
        "2026-04/editions/.2.7.new/report.md", "2026-04/editions/1/customers/.a-1.7.new/report.md",
    ):  # fmt: skip
        (reports / name).parent.mkdir(parents=True, exist_ok=True)
        (reports / name).touch()
    if store == "lost":
        (config.parent / "slo.duckdb").unlink()
    report_of(config)
    assert tree(reports) == before
    assert (elsewhere / ".mine.7.new").exists()


@pytest.mark.long
def test_an_edition_that_cannot_be_read_is_kept_and_followed(config: Path) -> None:
    report_of(config)
    damaged = config.parent / "reports/2026-04/editions/1/report.json"
    damaged.write_text("{", encoding="utf-8")
    assert report_of(config).report.edition == 2
    assert damaged.read_text(encoding="utf-8") == "{"


class Crash(BaseException):
    """The process ends here."""


def few_files(report: Report) -> Iterator[File]:
    """Give the files of a report; that of an incomplete month has a chart and a customer less."""
    yield "report.json", report_json(report).encode()
    yield from (("report.md", b"md"), ("charts/a.svg", b"svg"), ("report.html", b"h"))
    if report.status == "final":
        yield from (("charts/b.svg", b"svg"), ("customers/a-1/report.json", b"{}"))
        yield "customers/a-1/charts/c.svg", b"svg"


def put(folder: Path, report: Report) -> Published:
    return publish(folder, report, few_files, Logs((), list), mode=0o600)


def test_a_crash_at_any_step_of_publishing_costs_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = september()
    second = first.model_copy(update={"status": "incomplete"})
    expected = tmp_path / "expected"
    put(expected, first)
    put(expected, second)
    steps = 0
    while True:
        folder = tmp_path / f"crash-{steps}"
        put(folder, first)
        published = tree(folder)
        left = [steps]

        def step(left: list[int] = left) -> None:
            left[0] -= 1
            if left[0] < 0:
                raise Crash

        with monkeypatch.context() as patched:
            for name in ("rename", "replace", "unlink"):
                patched.setattr(Path, name, stepped(getattr(Path, name), step))
            try:
                put(folder, second)
            except Crash:
                crashed = True
            else:
                crashed = False
        top = json.loads((folder / "report.json").read_bytes())
        assert top["edition"] in (1, 2)
        assert {n: c for n, c in tree(folder).items() if n.startswith("editions/1/")} == {
            n: c for n, c in published.items() if n.startswith("editions/1/")
        }
        put(folder, second)
        assert tree(folder) == tree(expected), f"crash before step {steps}"
        shutil.rmtree(folder)
        if not crashed:
            break
        steps += 1
    assert steps >= 10


def stepped(real: Callable[..., Any], step: Callable[[], None]) -> Callable[..., Any]:
    def wrapper(*arguments: Any, **options: Any) -> Any:
        step()
        return real(*arguments, **options)

    return wrapper


def test_a_report_of_an_older_version_is_compared_by_what_it_says(tmp_path: Path) -> None:
    put(tmp_path, september())
    for path in (tmp_path / "report.json", tmp_path / "editions/1/report.json"):
        document = json.loads(path.read_bytes())
        document["provenance"]["version"] = "0.0.1"
        del document["burn_down"]
        path.write_text(json.dumps(document), encoding="utf-8")
    again = put(tmp_path, september())
    assert (again.is_new, again.report.edition) == (False, 1)


def test_the_reports_permissions_are_their_owners_or_those_of_mode(tmp_path: Path) -> None:
    for folder, more, file_mode, folder_mode in (
        ("own", "", 0o600, 0o700),
        ("shared", "mode: 0640\n", 0o640, 0o750),
    ):
        config = open_shop(tmp_path / folder, DEFINITION + more)
        report_of(config)
        for path in (tmp_path / folder / "reports").rglob("*"):
            expected = folder_mode if path.is_dir() else file_mode
            assert path.stat().st_mode & 0o777 == expected, path
        assert (tmp_path / folder / "slo.duckdb").stat().st_mode & 0o777 == 0o600
