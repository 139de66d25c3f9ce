"""`retention:` of slo.yaml: raw requests leave the store in time; records and reports stay."""

from datetime import datetime, timedelta
from pathlib import Path

from slo_report.errors import InputError
from slo_report.months import DAY_US, Month, parse_month
from slo_report.replay import reach_us
from slo_report.rollup.readings import MONTH_DAYS
from slo_report.slo_yaml.definition import Definition
from slo_report.store import Store
from slo_report.use_store import use_store
from slo_report.wording import counted

_EPOCH = datetime(1970, 1, 1)

# A request of a month that is kept may be a duplicate of an older one, which then has to stay.
_DROP = """
DELETE FROM requests WHERE ts < $before AND NOT coalesce({original}, false)
"""
_ORIGINAL = """request_id IN (
    SELECT request_id FROM requests WHERE duplicate AND ts >= $before)"""


def needed_from_us(definition: Definition, month: Month) -> int:
    """Return the first instant whose requests the month's report can read."""
    longest = max((slo.window.days or 0 for slo in definition.slos), default=0)
    return min(
        month.from_us - reach_us(definition),
        # A rolling window is also read at the end of the month's first day.
        month.days[0].to_us - longest * DAY_US,
        # The other reading of a month, which is longer than February.
        month.to_us - MONTH_DAYS * DAY_US,
    )


def drop_requests(definition: Definition, now: datetime) -> None:
    """Delete the requests of the store that none of the months kept needs any more.

    Kept are the running month and as many before it as `retention:` says, all without it. The
    files' records stay, so that nothing is read again. The caller holds the run's lock.
    """
    if definition.retention_months is None or definition.engine.name != "duckdb":
        return
    month = parse_month("current", definition.timezone, now)
    for _ in range(definition.retention_months):
        month = month.previous
    before = _timestamp(needed_from_us(definition, month))
    use_store(definition, lambda store: drop_before(store, before))


def drop_before(store: Store, before: datetime) -> None:
    """Delete the requests before an instant (naive UTC), and note it if there were any."""
    known = dropped_before(store)
    before = before if known is None else max(before, known)
    has_ids = "request_id" in store.column_types()
    drop = _DROP.format(original=_ORIGINAL if has_ids else "false")
    with store.transaction():
        [(gone,)] = store.rows(drop, {"before": before})
        if gone:
            store.rows("DELETE FROM retention")
            store.rows("INSERT INTO retention VALUES ($before)", {"before": before})
    if gone:
        store.rows("CHECKPOINT")


def dropped_before(store: Store) -> datetime | None:
    """Return the instant (naive UTC) before which requests were dropped, None if none ever were."""
    [(before,)] = store.rows("SELECT max(dropped_before) FROM retention")
    return before if isinstance(before, datetime) else None


def refuse_dropped(store: Store, definition: Definition, month: Month, reports: Path) -> None:
    """Raise InputError if requests that the month's report needs have been dropped."""
    before = dropped_before(store)
    if before is None or _timestamp(needed_from_us(definition, month)) >= before:
        return
    kept = definition.retention_months
    why, remedy = "by an earlier `retention:`", "run `slo-report rebuild`"
    if kept is not None:
        why = f"(retention: {counted(kept, 'month')} in slo.yaml)"
        remedy = f"take `retention:` out and {remedy}"
    published = reports / month.text / "report.html"
    stands = (
        f"its published report stands ({month.text}/{published.name})"
        if published.is_file()
        else f"it was never published; to measure it, {remedy}"
    )
    raise InputError(f"requests of {month.text} were dropped {why}; {stands}")


def _timestamp(instant_us: int) -> datetime:
    return _EPOCH + timedelta(microseconds=instant_us)
