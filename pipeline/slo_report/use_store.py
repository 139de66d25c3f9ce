"""The store in use: opened with nothing but the log folders in sight, and made anew if damaged."""

import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from slo_report.errors import DamagedStoreError
from slo_report.load.discover import discover, folders_of
from slo_report.slo_yaml.definition import Definition
from slo_report.store import Store, open_store
from slo_report.store_faults import move_aside

log = logging.getLogger("slo_report")

Result = TypeVar("Result")


def use_store(
    definition: Definition,
    work: Callable[[Store], Result],
    *,
    load: Callable[[Store], object] | None = None,
) -> Result:
    """Return what `work` makes of the open store; the caller holds the run's lock.

    With `load`, which puts the logs into the store, `work` finds it opened anew: from what it has
    just written DuckDB 2.0.0 chooses rows by their texts twenty times more slowly.

    A store that turns out to be damaged is moved aside, and all begins anew with an empty one:
    `work` must load the logs itself if it needs them and no `load` does.
    """
    try:
        return _opened(definition, work, load)
    except DamagedStoreError as damage:
        aside = move_aside(definition.store)
        log.warning("%s; it is now %s, and is made anew from the logs", damage, aside.name)
    return _opened(definition, work, load)


def _opened(
    definition: Definition,
    work: Callable[[Store], Result],
    load: Callable[[Store], object] | None,
) -> Result:
    files, _ = discover(definition)
    folders = folders_of(files)
    if load is not None:
        with open_confined(definition, folders) as store:
            load(store)
        folders = set()
    with open_confined(definition, folders) as store:
        return work(store)


@contextmanager
def open_confined(definition: Definition, folders: Iterable[Path] = ()) -> Iterator[Store]:
    """Open the store as slo.yaml has it run, with nothing but `folders` in sight.

    Raises as `open_store` does; the caller holds the run's lock.
    """
    with open_store(
        definition.store, memory_limit=definition.memory_limit, threads=definition.threads
    ) as store:
        store.confine(folders)
        yield store
