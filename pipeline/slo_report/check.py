"""`slo-report check`: is slo.yaml right, and do its predicates fit the requests that are loaded?"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlglot import exp

from slo_report.errors import OtherLayoutError
from slo_report.lock import run_lock
from slo_report.quoting import quote_name
from slo_report.rollup.calendar import SLOT_US, Calendar
from slo_report.rollup.counts import NO_KEY, Hits, count_hits
from slo_report.rollup.engine import DuckDbEngine
from slo_report.rollup.measures import over_events
from slo_report.rollup.queries import is_null
from slo_report.slo_yaml.build import load_definition
from slo_report.slo_yaml.definition import Definition, Slo
from slo_report.store import STORE_TYPES, Store
from slo_report.use_store import open_confined
from slo_report.wording import counted, plural

MANY_ENDPOINTS = 200
"""No service has so many: ids make them."""


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
        try:
            warnings += _of_what_is_loaded(definition)
        except OtherLayoutError as other:
            warnings.append(f"{other}; the next load makes it anew from the logs")
    objectives = sum(len(row.objectives) for slo in definition.slos for row in slo.rows)
    slos = counted(len(definition.slos), "SLO")
    return Findings(f"{path.name}: {slos}, {counted(objectives, 'objective')}", warnings)


def _of_what_is_loaded(definition: Definition) -> list[str]:
    with run_lock(definition.store), open_confined(definition) as store:
        return [
            *_columns_without_values(store, definition),
            *_unnamed_endpoints(store, definition),
            *_null_predicates(store, definition),
        ]


def _columns_without_values(store: Store, definition: Definition) -> list[str]:
    """Name the fields that no loaded request has: most likely they are named otherwise."""
    stored = _columns_as_declared(store, definition)
    sources = {
        field.column: field.source
        for log in definition.logs
        for field in log.all_fields
        if field.column in stored
    }
    if not sources:
        return []
    counts = ", ".join(f"count({quote_name(column)})" for column in sources)
    [(requests, *values)] = store.rows(f"SELECT count(*), {counts} FROM requests")
    return [
        f"`{column}` is NULL in all of {counted(requests, 'loaded request')}: "
        f"no line has the field `{source}`; is that its name?"
        for (column, source), count in zip(sources.items(), values, strict=True)
        if requests and not count
    ]


def _unnamed_endpoints(store: Store, definition: Definition) -> list[str]:
    """Say where `endpoints:` is missing, so that each id in a path makes one, or never fits."""
    if "endpoint" not in _columns_as_declared(store, definition):
        return []
    [(named, others, different)] = store.rows(
        "SELECT count(endpoint), count(*) FILTER (endpoint = '(other)'), count(DISTINCT endpoint) "
        "FROM requests"
    )
    if definition.endpoints and named and others == named:
        return [f"no template of `endpoints:` fits any of {counted(named, 'loaded request')}"]
    if not definition.endpoints and different > MANY_ENDPOINTS:
        return [
            f"the logs have {counted(different, 'endpoint')}; if ids in paths make them so many, "
            "name templates under `endpoints:`, such as GET /items/{id}"
        ]
    return []


def _null_predicates(store: Store, definition: Definition) -> list[str]:
    """Name the predicates that are NULL for some loaded requests: such count as not holding."""
    [(first, last)] = store.rows(
        "SELECT min(epoch_us(first_ts)), max(epoch_us(last_ts)) FROM files"
    )
    known = _columns_as_declared(store, definition)
    asked = [part for slo in definition.slos for part in _parts(slo, known)]
    if first is None or not asked:
        return []
    calendar = Calendar((first // SLOT_US, last // SLOT_US + 1))
    hits = Hits()
    numbers = [hits.number_of(question) for _, _, question in asked]
    counts = count_hits(DuckDbEngine(store), hits, NO_KEY, calendar)
    nulls = dict(counts.select("hit", "hits").iter_rows())
    return [
        _told(slo, name, nulls[number])
        for number, (slo, name, _) in zip(numbers, asked, strict=True)
        if nulls.get(number)
    ]


def _told(slo: str, name: str, nulls: int) -> str:
    so = plural(nulls, "does not count as valid", "do not count as valid")
    if name == "good":
        so = plural(nulls, "counts as bad", "count as bad")
    return (
        f"{slo}: `{name}` is NULL for {counted(nulls, 'loaded request')}, which then {so};"
        " give its columns a `default:`, or say what holds with `is null`"
    )


def _parts(slo: Slo, known: Collection[str]) -> Iterator[tuple[str, str, exp.Expr]]:
    """Yield SLO, key and the question whether its predicate is NULL; `good` where it is valid."""
    valid = slo.valid if slo.valid is not None and slo.valid.columns <= set(known) else None
    if valid is not None:
        yield slo.id, "valid", is_null(over_events(valid.tree))
    if slo.good is not None and slo.good.columns <= set(known) and valid is slo.valid:
        good = is_null(over_events(slo.good.tree))
        yield slo.id, "good", exp.and_(over_events(valid.tree), good) if valid else good


def _columns_as_declared(store: Store, definition: Definition) -> set[str]:
    """Return the columns that the store keeps as slo.yaml declares them now."""
    kept = store.column_types()
    return {
        name for name, kind in definition.columns.items() if kept.get(name) == STORE_TYPES[kind]
    }
