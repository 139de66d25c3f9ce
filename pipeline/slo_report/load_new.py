"""New logs into the store and nothing else, so that what makes reports need not be imported."""

from collections.abc import Callable

from slo_report.engines.choice import load_elsewhere
from slo_report.load.load import load_logs
from slo_report.load.result import LoadResult
from slo_report.lock import run_lock
from slo_report.slo_yaml.definition import Definition
from slo_report.use_store import use_store


def load_new(definition: Definition, progress: Callable[[str], None]) -> LoadResult:
    """Load what is new and stop.

    Raises DefinitionError for an engine that keeps nothing between two runs.
    """
    with run_lock(definition.store):
        if definition.engine.name != "duckdb":
            return load_elsewhere(definition, progress)
        return use_store(definition, lambda store: load_logs(store, definition, progress))
