"""Where roll-up queries run. DuckDB here; what comes back is small and exact on any engine."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import polars as pl
from sqlglot import exp

from slo_report.rollup.calendar import Calendar
from slo_report.rollup.measures import timestamp
from slo_report.rollup.queries import filled
from slo_report.store import Store

Blanks = Mapping[str, exp.Expr | Sequence[exp.Expr]]


class Engine(Protocol):
    """Anything that can run a query of `queries/` over the relation `events`.

    `events` holds the requests without duplicates: the columns of slo.yaml, ts in UTC, and slot
    (five-minute steps since 1970).
    """

    def run(
        self, query: str, calendar: Calendar, blanks: Blanks, wanted: pl.DataFrame | None = None
    ) -> pl.DataFrame:
        """Return the rows of queries/`query`.sql over the time of `calendar`.

        `wanted` (period, key, measure, bucket) is the relation of that name, where one is used.
        """
        ...


@dataclass(frozen=True)
class DuckDbEngine:
    """The engine that is built in."""

    store: Store

    def __post_init__(self) -> None:
        self.store.connection.execute(
            "CREATE OR REPLACE TEMP VIEW events AS "
            "SELECT *, epoch_us(ts) // 300000000 AS slot FROM requests WHERE NOT duplicate"
        )

    def run(
        self, query: str, calendar: Calendar, blanks: Blanks, wanted: pl.DataFrame | None = None
    ) -> pl.DataFrame:
        """See `Engine.run`."""
        connection = self.store.connection
        connection.execute(
            "CREATE OR REPLACE TEMP TABLE calendar AS "
            "SELECT unnest(range(p.from_slot, p.to_slot)) AS slot, p.period AS period "
            "FROM (SELECT unnest($periods) AS p)",
            {"periods": calendar.periods},
        )
        if wanted is not None:
            connection.execute(
                "CREATE OR REPLACE TEMP TABLE wanted AS "
                "SELECT w.period AS period, CAST(w.key AS VARCHAR) AS key, w.measure AS measure, "
                "w.bucket AS bucket "
                "FROM (SELECT unnest($wanted) AS w)",
                {"wanted": wanted.select("period", "key", "measure", "bucket").to_dicts()},
            )
        tree = filled(
            query,
            {
                **blanks,
                "from_ts": timestamp(calendar.from_us),
                "to_ts": timestamp(calendar.to_us),
            },
        )
        return self.store.to_polars(tree.sql(dialect="duckdb"))
