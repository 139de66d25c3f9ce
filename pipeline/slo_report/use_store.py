"""The store in use: opened with nothing but the log folders in sight, and made anew if damaged."""

import logging
from collections.abc import Callable
from typing import TypeVar

from slo_report.errors import DamagedStoreError
from slo_report.load.discover import discover
from slo_report.slo_yaml.definition import Definition
from slo_report.store import Store, open_store
from slo_report.store_faults import move_aside

log = logging.getLogger("slo_report")

Result = TypeVar("Result")


def use_store(definition: Definition, work: Callable[[Store], Result]) -> Result:
    """Return what `work` makes of the open store; the caller holds the run's lock.

    A store that turns out to be damaged is moved aside, and `work` begins anew with an empty one:
    it must load the logs itself if it needs them.
    """
    try:
        return _opened(definition, work)
    except DamagedStoreError as damage:
        aside = move_aside(definition.store)
        log.warning("%s; it is now %s, and is made anew from the logs", damage, aside.name)
    return _opened(definition, work)


def _opened(definition: Definition, work: Callable[[Store], Result]) -> Result:
    with open_store(
        definition.store, memory_limit=definition.memory_limit, threads=definition.threads
    ) as store:
        files, _ = discover(definition)
        store.confine({file.path.resolve().parent for file in files})
        return work(store)
