"""Which format a file has, and that each file of an entry is read as its own."""

import gzip
from pathlib import Path

import pytest

from slo_report.load.formats import READERS
from slo_report.load.formats.combined import LINE_PARTS, REQUEST_PARTS
from slo_report.load.load import load_logs
from slo_report.slo_yaml.build import load_definition
from slo_report.slo_yaml.log_definition import LogFormat, format_of
from slo_report.store import open_store

JSONL = '{"time":"2026-04-01T00:00:00Z","status":200,"team":"a"}\n'
CSV = "time,status,team\n2026-04-01T00:00:01Z,201,b\n"
COMBINED = '1.2.3.4 - ann [01/Apr/2026:00:00:02 +0000] "GET /x HTTP/1.1" 202 5 "-" "-" 0.5\n'
DEFINITION = """\
service: shop
logs: [{path: PATHS, FIELDS}]
slos: [{id: a, good: status < 500, target: 99%}]
"""


def loaded(
    folder: Path, paths: str, fields: str, **files: str | bytes
) -> list[tuple[int | str | None, ...]]:
    """Load files (their names with _ for every dot) and return what was read of each."""
    for name, content in files.items():
        data = content if isinstance(content, bytes) else content.encode()
        (folder / name.replace("_", ".")).write_bytes(data)
    text = DEFINITION.replace("PATHS", paths).replace("FIELDS", fields)
    (folder / "slo.yaml").write_text(text, encoding="utf-8")
    definition = load_definition(folder / "slo.yaml")
    with open_store(folder / "slo.duckdb") as store:
        assert load_logs(store, definition, lambda _: None).bad_lines == []
        columns = [name for name in ("status", "path", "team") if name in definition.columns]
        return store.rows(
            f"SELECT name, second(ts), {', '.join(columns)} FROM requests JOIN files "
            "USING (file_id) ORDER BY name"
        )


MAPPED = "fields: {ts: time, status: status, team: {from: team, default: none}}"


def test_files_of_several_formats_share_an_entry_and_each_has_what_its_own_format_gives(
    tmp_path: Path,
) -> None:
    paths = '["*.jsonl", "*.csv", access.log]'
    files: dict[str, str | bytes] = {"a_jsonl": JSONL, "b_csv": CSV, "access_log": COMBINED}
    assert loaded(tmp_path, paths, MAPPED, **files) == [
        ("a.jsonl", 0, 200, None, "a"),
        ("access.log", 1, 202, "/x", "none"),
        ("b.csv", 1, 201, None, "b"),
    ]


def test_rotated_and_packed_files_have_the_format_that_their_ending_tells(tmp_path: Path) -> None:
    paths = '["*.jsonl.*", "*.csv*", "access.log*"]'
    packed = gzip.compress(COMBINED.encode())
    files: dict[str, str | bytes] = {
        "a_jsonl_1": JSONL,
        "b_csv_2": CSV,
        "access_log-20260401_gz": packed,
    }
    found = loaded(tmp_path, paths, MAPPED, **files)
    assert [row[0] for row in found] == ["a.jsonl.1", "access.log-20260401.gz", "b.csv.2"]


def test_a_field_of_an_access_log_overrides_what_it_gives_beside_files_of_another_format(
    tmp_path: Path,
) -> None:
    fields = "fields: {ts: time, status: status, team: remote_user}"
    files: dict[str, str | bytes] = {"a_jsonl": JSONL, "access_log": COMBINED}
    assert loaded(tmp_path, '["*.jsonl", access.log]', fields, **files) == [
        ("a.jsonl", 0, 200, None, None),
        ("access.log", 1, 202, "/x", "ann"),
    ]


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("app.jsonl.1", LogFormat.JSONL),
        ("app.JSON-20260401.zst", LogFormat.JSONL),
        ("a.ndjson.zstd", LogFormat.JSONL),
        ("access.log.2.gz", LogFormat.COMBINED),
        ("access.log.gz.2", LogFormat.COMBINED),
        ("logs/access.log-20260401.gz", LogFormat.COMBINED),
        ("access.log.[0-9]*", LogFormat.COMBINED),
        ("a.log.json", LogFormat.JSONL),
        ("a.csv.d/access.log", LogFormat.COMBINED),
        ("a.jsonl.old", None),
        ("a.txt", None),
        ("jsonl", None),
        ("*", None),
    ],
)
def test_a_name_tells_the_format_by_its_ending_through_packing_and_rotation(
    name: str, form: LogFormat | None
) -> None:
    assert format_of(name) is form


def test_every_format_has_a_reader_and_endings_of_its_own() -> None:
    assert set(READERS) == set(LogFormat)
    endings = [ending for form in LogFormat for ending in form.traits.endings]
    assert len(endings) == len(set(endings))


def test_every_field_of_an_access_log_that_slo_yaml_may_name_is_read() -> None:
    traits = LogFormat.COMBINED.traits
    assert set(traits.sources) < {*LINE_PARTS, *REQUEST_PARTS}
    assert {field.source for field in traits.fields} < set(traits.sources)
