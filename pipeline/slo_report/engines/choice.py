"""The engines of slo.yaml that are somewhere else, brought up to date with the logs."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING

from slo_report.errors import DefinitionError
from slo_report.load.result import LoadResult
from slo_report.slo_yaml.definition import Definition

if TYPE_CHECKING:
    # With the dialects of engines that most runs do not need.
    from slo_report.engines.transpiled import TranspiledEngine


@contextmanager
def open_elsewhere(
    definition: Definition, until: datetime | None, progress: Callable[[str], None]
) -> "Iterator[TranspiledEngine]":
    """Open the engine with what is new loaded; with `until` later requests are not there yet.

    The run's lock is held by the caller. Raises EngineError where the engine cannot be reached,
    DefinitionError where it cannot do what is asked.
    """
    address, has_tables = definition.engine.address, definition.logs[0].table is not None
    if definition.engine.name == "spark":
        from slo_report.engines import spark
        from slo_report.engines.spark_session import connected

        progress(f"reading on {address}")
        with connected(address) as session:
            over = spark.over_tables if has_tables else spark.over_files
            yield over(session, definition).limited(until)
    else:
        from slo_report.engines import clickhouse, clickhouse_store, clickhouse_tables

        with clickhouse.connected(address) as connection:
            if has_tables:
                yield clickhouse_tables.over_tables(connection, definition).limited(until)
            else:
                engine = clickhouse_store.over_files(connection, definition, progress)
                yield engine.limited(until)


def load_elsewhere(definition: Definition, progress: Callable[[str], None]) -> LoadResult:
    """Load what is new into ClickHouse.

    Raises EngineError where it cannot be reached, DefinitionError where there is nothing to load
    into.
    """
    if definition.engine.name != "clickhouse" or definition.logs[0].table is not None:
        raise DefinitionError(
            "there is nothing to load: tables, and files on Spark, are read when a report is made"
        )
    from slo_report.engines import clickhouse, clickhouse_store

    with clickhouse.connected(definition.engine.address) as connection:
        _, result = clickhouse_store.load_files(connection, definition, progress)
    return result
