"""Where roll-up queries run. DuckDB here; what comes back is small and exact on any engine."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

import polars as pl
from sqlglot import exp

from slo_report.months import us_of
from slo_report.rollup.calendar import Calendar
from slo_report.rollup.measures import timestamp
from slo_report.rollup.queries import filled, query
from slo_report.store import Store

_OVERFLOWING = (exp.Add, exp.Sub, exp.Mul)

Blanks = Mapping[str, exp.Expr | Sequence[exp.Expr]]


class Engine(Protocol):
    """Anything that can run a query of `queries/` over the relation `events`.

    `events` holds the requests without duplicates in the time of the calendar: the columns of
    slo.yaml, ts in UTC, and period (that of the calendar).
    """

    def run(
        self,
        name: str,
        calendar: Calendar | None,
        blanks: Blanks,
        wanted: pl.DataFrame | None = None,
    ) -> pl.DataFrame:
        """Return the rows of queries/`name`.sql over the time of `calendar`.

        `wanted` (period, key, measure, bucket) is the relation of that name, where one is used.
        Without a calendar there is no `events`, only `requests` and `quarantine` as they are.
        """
        ...

    def files(self) -> pl.DataFrame:
        """Return file_id, name, state, reason, sha256, lines, blank and usable of every file."""
        ...


class DuckDbEngine:
    """The engine that is built in; with `until` requests from then on are not there yet."""

    def __init__(self, store: Store, *, until: datetime | None = None) -> None:
        self._store = store
        self._until_us = None if until is None else us_of(until)
        self._calendar: Calendar | None = None
        self._rendered: dict[int, tuple[exp.Expr, str]] = {}

    def run(
        self,
        name: str,
        calendar: Calendar | None,
        blanks: Blanks,
        wanted: pl.DataFrame | None = None,
    ) -> pl.DataFrame:
        """See `Engine.run`."""
        if calendar is not None:
            self._set_calendar(calendar)
        if wanted is not None:
            self._set_wanted(wanted)
        texts = {
            "among": "TRUE",
            "bucket": query("bucket_of_value").selects[0].this.sql(dialect="duckdb"),
            **{
                blank: self._text(trees)
                if isinstance(trees, exp.Expr)
                else [self._text(tree) for tree in trees]
                for blank, trees in blanks.items()
            },
        }
        return self._store.to_polars(filled(name, texts, constant=_constant(calendar, blanks)))

    def files(self) -> pl.DataFrame:
        """See `Engine.files`."""
        return self._store.to_polars(
            "SELECT file_id, name, state, reason, sha256, lines, blank, usable FROM files "
            "ORDER BY name, source"
        )

    def _text(self, tree: exp.Expr) -> str:
        """Return a tree as SQL, rendered once; the tree is kept so that its id stays its own."""
        if id(tree) not in self._rendered:
            self._rendered[id(tree)] = (tree, _null_on_overflow(tree).sql(dialect="duckdb"))
        return self._rendered[id(tree)][1]

    def _set_calendar(self, calendar: Calendar) -> None:
        """Make `events` the requests of the calendar's time, each with its period."""
        if calendar == self._calendar:
            return
        from_ts, to_ts = (
            timestamp(instant).sql(dialect="duckdb")
            for instant in (calendar.from_us, min(calendar.to_us, self._until_us or calendar.to_us))
        )
        inside = f"NOT duplicate AND ts >= {from_ts} AND ts < {to_ts}"
        # The join below costs as much as the counting of most questions.
        if len(calendar.edges) == 2:
            source = f"SELECT *, 0 AS period FROM requests WHERE {inside}"
        elif calendar.even_slots is not None:
            period_us = calendar.even_slots * calendar.slot_us
            number = f"(epoch_us(ts) - {calendar.from_us}) // {period_us}"
            source = f"SELECT *, {number} AS period FROM requests WHERE {inside}"
        else:
            self._store.rows(
                "CREATE OR REPLACE TEMP TABLE calendar AS "
                "SELECT unnest(range(p.from_slot, p.to_slot)) AS slot, p.period AS period "
                "FROM (SELECT unnest($periods) AS p)",
                {"periods": calendar.periods},
            )
            source = (
                "SELECT requests.*, calendar.period FROM requests "
                f"JOIN calendar ON calendar.slot = epoch_us(requests.ts) // {calendar.slot_us} "
                f"WHERE {inside}"
            )
        self._store.rows(f"CREATE OR REPLACE TEMP VIEW events AS {source}")
        self._calendar = calendar

    def _set_wanted(self, wanted: pl.DataFrame) -> None:
        self._store.rows(
            "CREATE OR REPLACE TEMP TABLE wanted AS "
            "SELECT w.period AS period, CAST(w.key AS VARCHAR) AS key, w.measure AS measure, "
            "w.bucket AS bucket FROM (SELECT unnest($wanted) AS w)",
            {"wanted": wanted.select("period", "key", "measure", "bucket").to_dicts()},
        )


def _null_on_overflow(tree: exp.Expr) -> exp.Expr:
    """Return the tree with arithmetic that is NULL where a request's numbers are too large for it.

    Whoever controls a number in the logs could else keep the report from being made.
    """
    if tree.find(*_OVERFLOWING) is None:
        return tree
    return tree.transform(lambda n: exp.Try(this=n) if isinstance(n, _OVERFLOWING) else n)


def _constant(calendar: Calendar | None, blanks: Blanks) -> dict[str, str]:
    """Return those of period, key and measure that are one value throughout, as SQL."""
    found = {"period": "0"} if calendar is not None and len(calendar.edges) == 2 else {}
    key, measure = blanks.get("key"), blanks.get("measure")
    if isinstance(key, exp.Cast) and isinstance(key.this, exp.Null):
        found["key"] = key.sql(dialect="duckdb")
    # Events of no measure are not counted, so that one branch gives one number.
    if isinstance(measure, exp.Case) and len(branches := measure.args["ifs"]) == 1:
        found["measure"] = branches[0].args["true"].sql(dialect="duckdb")
    return found
