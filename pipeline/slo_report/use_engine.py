"""The engine in use: the store that is built in, or one elsewhere, with the logs loaded."""

import logging
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from slo_report.engines.choice import open_elsewhere
from slo_report.load.load import load_logs
from slo_report.months import Month
from slo_report.retention import refuse_dropped
from slo_report.rollup.engine import DuckDbEngine, Engine
from slo_report.slo_yaml.definition import Definition
from slo_report.store import Store
from slo_report.use_store import use_store

_log = logging.getLogger("slo_report")

Result = TypeVar("Result")


def use_engine(
    definition: Definition,
    month: Month,
    work: Callable[[Engine, Store | None], Result],
    *,
    reports: Path,
    now: datetime,
    progress: Callable[[str], None],
    load_new: bool = True,
) -> Result:
    """Return what `work` makes of the engine, in which requests after `now` are not there yet.

    `work` also gets the store of the engine that is built in, None of one elsewhere, and is begun
    anew where that store turns out to be damaged. `reports` is where the month would be published.
    The caller holds the run's lock. Raises InputError where requests that the month needs were
    dropped.
    """
    if definition.engine.name != "duckdb":
        with open_elsewhere(definition, now, progress) as engine:
            return work(engine, None)

    def load(store: Store) -> None:
        if load_new:
            _load(store, definition, progress)
        else:
            store.match_columns(definition.columns)

    def built_in(store: Store) -> Result:
        refuse_dropped(store, definition, month, reports)
        return work(DuckDbEngine(store, until=now), store)

    return use_store(definition, built_in, load=load)


def _load(store: Store, definition: Definition, progress: Callable[[str], None]) -> None:
    result = load_logs(store, definition, progress)
    if not result.found_any:
        patterns = ", ".join(pattern for log in definition.logs for pattern in log.paths)
        _log.warning("no log file found (looked for %s); what is loaded counts", patterns)
