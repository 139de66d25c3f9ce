"""The whole program against ClickHouse over HTTP, through clickhouse-connect."""

import pytest

from slo_report.engines import clickhouse, clickhouse_store
from slo_report.errors import EngineError
from tests.engines.cases import by_duckdb, prepared
from tests.engines.recording import measured

pytest.importorskip("chdb", reason="make test-clickhouse installs it")
pytest.importorskip("clickhouse_connect", reason="make test-clickhouse installs it")
pytestmark = pytest.mark.clickhouse


def test_what_comes_over_http_is_the_same_report() -> None:
    from tests.engines.chdb_connection import ChdbConnection
    from tests.engines.http_front import served

    local = ChdbConnection()
    local.use("front")
    definition, month = prepared("edges")
    with served(local.session) as address, clickhouse.connected(address) as connection:
        engine = clickhouse_store.over_files(connection, definition, lambda _text: None)
        mine = measured(engine, definition, month, definition.reports)
        with pytest.raises(EngineError, match=r"ClickHouse: .*nowhere"):
            connection.query("SELECT * FROM nowhere")
    assert mine.json == by_duckdb("edges").json


def test_a_server_that_is_not_there_is_told_in_a_sentence() -> None:
    with (
        pytest.raises(EngineError, match="ClickHouse: "),
        clickhouse.connected("http://127.0.0.1:9/slo"),
    ):
        pass
