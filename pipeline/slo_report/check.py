"""`slo-report check`: is slo.yaml right, and do its predicates fit the requests that are loaded?"""

from dataclasses import dataclass
from pathlib import Path

from slo_report.rollup.calendar import SLOT_US, Calendar
from slo_report.rollup.counts import NO_KEY, count_hits
from slo_report.rollup.engine import DuckDbEngine
from slo_report.rollup.measures import over_events
from slo_report.rollup.queries import is_null
from slo_report.slo_yaml.build import load_definition
from slo_report.slo_yaml.definition import Definition
from slo_report.store import Store, open_store


@dataclass(frozen=True)
class Findings:
    """What `check` tells."""

    summary: str
    warnings: list[str]


def check_definition(path: Path) -> Findings:
    """Return the findings about a slo.yaml; DefinitionError tells its mistakes."""
    definition = load_definition(path)
    warnings = [f"{path.name}:{concern.line}: {concern.text}" for concern in definition.warnings]
    if definition.store.is_file():
        with open_store(definition.store) as store:
            warnings += _null_predicates(store, definition)
    objectives = sum(len(row.objectives) for slo in definition.slos for row in slo.rows)
    summary = f"{path.name}: {len(definition.slos)} SLOs, {objectives} objectives"
    return Findings(summary, warnings)


def _null_predicates(store: Store, definition: Definition) -> list[str]:
    """Name the predicates that are NULL for some loaded requests: such count as not holding."""
    known = {
        name
        for (name,) in store.connection.execute(
            "SELECT column_name FROM information_schema.columns WHERE table_name = 'requests'"
        ).fetchall()
    }
    parts = [
        (slo.id, name, expression)
        for slo in definition.slos
        for name, expression in (("valid", slo.valid), ("good", slo.good))
        if expression is not None and expression.columns <= known
    ]
    bounds = store.connection.execute(
        "SELECT min(epoch_us(first_ts)), max(epoch_us(last_ts)) FROM files"
    ).fetchall()[0]
    if bounds[0] is None or not parts:
        return []
    calendar = Calendar((bounds[0] // SLOT_US, bounds[1] // SLOT_US + 1))
    hits = [is_null(over_events(expression.tree)) for _, _, expression in parts]
    counted = dict(
        count_hits(DuckDbEngine(store), hits, NO_KEY, calendar).select("hit", "hits").iter_rows()
    )
    return [
        f"{slo}: `{name}` is NULL for {counted[number]:,} loaded requests, which count as "
        f"{'not valid' if name == 'valid' else 'bad'}; give its columns a default"
        for number, (slo, name, _) in enumerate(parts)
        if counted.get(number)
    ]
