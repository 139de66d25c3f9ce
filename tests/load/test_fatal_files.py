"""A file that brings the database itself down costs that file, and no other."""

from pathlib import Path
from random import Random

import pytest

from slo_report.load.load import load_logs
from slo_report.slo_yaml.log_definition import LogFormat
from slo_report.store import open_store
from tests.fuzz.parquet_child import damaged, whole_file
from tests.load.definitions import definition, log

FATAL = "1-286"
"""The seed of a file on which DuckDB 2.0.0 fails with an internal error."""


@pytest.mark.parametrize("order", ["first", "last"])
def test_files_beside_it_are_loaded(tmp_path: Path, order: str) -> None:
    whole = whole_file(tmp_path)
    (tmp_path / "m.parquet").write_bytes(whole)
    name = {"first": "a.parquet", "last": "z.parquet"}[order]
    (tmp_path / name).write_bytes(damaged(Random(FATAL), whole))
    made = definition(tmp_path, log("*.parquet", form=LogFormat.PARQUET))
    with open_store(tmp_path / "slo.duckdb") as store:
        store.confine([tmp_path])
        first = load_logs(store, made, lambda _: None)
        assert "m.parquet" in first.loaded
        assert len(first.loaded) + len(first.refused) == 2
        assert store.rows("SELECT count(*) FROM requests WHERE status >= 200") >= [(500,)]
        assert load_logs(store, made, lambda _: None).loaded == []
        # It is as confined as before, and has the same settings.
        assert store.rows("SELECT current_setting('TimeZone')") == [("UTC",)]
        assert store.rows("SELECT current_setting('lock_configuration')") == [(True,)]
