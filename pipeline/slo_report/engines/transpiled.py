"""What engines beside DuckDB have in common: a query goes as text, a small frame comes back."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from datetime import datetime
from typing import Self

import polars as pl
from sqlglot import exp

from slo_report.engines.dialects import portable, refuse_unequal
from slo_report.errors import DefinitionError
from slo_report.months import us_of
from slo_report.rollup.calendar import Calendar
from slo_report.rollup.engine import Blanks
from slo_report.rollup.measures import timestamp
from slo_report.rollup.queries import filled, query
from slo_report.slo_yaml.kinds import Kind

_SUMMED = ("numerator", "denominator")


class TranspiledEngine(ABC):
    """An engine that runs the queries of `queries/` in its own dialect."""

    dialect: str
    """A name that `portable` knows."""

    def __init__(self, columns: Mapping[str, Kind]) -> None:
        self.columns = columns
        self._until_us: int | None = None
        self._calendars: dict[Calendar, str] = {}
        self._rendered: dict[int, tuple[exp.Expr, str]] = {}

    def limited(self, until: datetime | None) -> Self:
        """Let requests from `until` on be not there yet."""
        if until is not None:
            self._until_us = us_of(until)
        return self

    @abstractmethod
    def over(self, events: str | None, query_sql: str) -> str:
        """Return a statement in which the query finds requests, quarantine and `events`.

        `events` is the SELECT behind that name, None for a query that does not read it.
        """

    @abstractmethod
    def rows(self, sql: str) -> pl.DataFrame:
        """Run a statement of the engine's own dialect and return its rows."""

    @abstractmethod
    def upload(self, name: str, frame: pl.DataFrame) -> None:
        """Make a small frame a relation of this name, in place of one that was."""

    @abstractmethod
    def slot(self, slot_us: int) -> str:
        """Return the SQL of the number of the slot, `slot_us` long, that `requests.ts` lies in."""

    @abstractmethod
    def files(self) -> pl.DataFrame:
        """See `Engine.files`."""

    def finished(self, sql: str, _name: str) -> str:
        """Return a rendered query as it is to be run."""
        return sql

    def outgoing(self, text: str, _tree: exp.Expr, *, summed: bool) -> str:
        """Return the text of a value that comes back, as it is or `summed`."""
        del summed
        return text

    def run(
        self,
        name: str,
        calendar: Calendar | None,
        blanks: Blanks,
        wanted: pl.DataFrame | None = None,
    ) -> pl.DataFrame:
        """See `Engine.run`."""
        events = self._events(calendar) if calendar is not None else None
        if wanted is not None:
            self.upload("wanted", wanted.select("period", "key", "measure", "bucket"))
        dialect = portable(self.dialect)
        texts = {
            "among": "TRUE",
            "bucket": query("bucket_of_value").selects[0].this.sql(dialect=dialect),
            **{
                blank: self._text(blank, trees)
                if isinstance(trees, exp.Expr)
                else [self._text(blank, tree) for tree in trees]
                for blank, trees in blanks.items()
            },
        }
        ready = self.finished(filled(name, texts, dialect), name)
        return _normalised(self.rows(self.over(events, ready)))

    def render(self, tree: exp.Expr) -> str:
        """Return a checked expression in the engine's dialect."""
        return tree.sql(dialect=portable(self.dialect))

    def quoted(self, name: str) -> str:
        """Return a column's name as the engine quotes it."""
        return self.render(exp.to_identifier(name, quoted=True))

    def _text(self, blank: str, tree: exp.Expr) -> str:
        """Return a tree as SQL, rendered once; the tree is kept so that its id stays its own."""
        if id(tree) not in self._rendered:
            refuse_unequal(self.dialect, tree, self.columns, "slo.yaml")
            if blank in _SUMMED and tree.find(exp.Div):
                raise DefinitionError(
                    "a `sum` or `over` that divides adds up otherwise on another engine; "
                    "write it without `/`, or use engine: duckdb"
                )
            text = self.render(tree)
            if blank in ("value", *_SUMMED):
                text = self.outgoing(text, tree, summed=blank != "value")
            self._rendered[id(tree)] = (tree, text)
        return self._rendered[id(tree)][1]

    def _events(self, calendar: Calendar) -> str:
        """Return the requests of the calendar's time, each with its period."""
        from_ts, to_ts = (
            self.render(timestamp(instant))
            for instant in (calendar.from_us, min(calendar.to_us, self._until_us or calendar.to_us))
        )
        inside = f"NOT requests.duplicate AND requests.ts >= {from_ts} AND requests.ts < {to_ts}"
        names = [f"requests.{self.quoted(n)} AS {self.quoted(n)}" for n in self.columns]
        if len(calendar.edges) == 2:
            return f"SELECT {', '.join(names)}, 0 AS period FROM requests WHERE {inside}"
        if calendar.even_slots == 1:
            number = f"{self.slot(calendar.slot_us)} - {calendar.edges[0]}"
            return f"SELECT {', '.join(names)}, {number} AS period FROM requests WHERE {inside}"
        slots = self._slots(calendar)
        return (
            f"SELECT {', '.join(names)}, {slots}.period AS period FROM requests "
            f"JOIN {slots} ON {slots}.slot = {self.slot(calendar.slot_us)} WHERE {inside}"
        )

    def _slots(self, calendar: Calendar) -> str:
        """Return the name of the relation slot, period; it is sent once."""
        if calendar not in self._calendars:
            name = f"calendar_{len(self._calendars)}"
            frame = pl.DataFrame(
                calendar.periods, schema=dict.fromkeys(("period", "from_slot", "to_slot"), pl.Int64)
            )
            slots = frame.select("period", slot=pl.int_ranges("from_slot", "to_slot"))
            self.upload(name, slots.explode("slot").select("slot", "period"))
            self._calendars[calendar] = name
        return self._calendars[calendar]


def _normalised(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the frame with counts in 64 bits; sums keep their width, texts are texts."""
    return frame.with_columns(
        pl.col(name).cast(pl.Int128 if name in (*_SUMMED, "value") else pl.Int64)
        for name, kind in frame.schema.items()
        if kind.is_integer()
    ).with_columns(pl.selectors.datetime().cast(pl.Datetime("us")).dt.replace_time_zone(None))
