"""The other readings of a month's objectives, recounted request by request."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from zoneinfo import ZoneInfo

from .definition import Definition, EachRow, Slo
from .expected_report import chooses, objectives_of, without_excluded
from .expressions import Expression
from .ledger import load_month
from .log_lines import Request
from .months import Span, month_span, span_ending
from .readings import Event, events_of, read, within
from .rows import Objective
from .windows import objective_span

IN_THE_TOTAL, AS_ANY_OTHER = (
    "they stay in the total, as no errors",
    "they count as any other request",
)
NARROWED, EXCLUDED = "Requests that `valid`", "Excluded requests"


@dataclass(frozen=True)
class Recounted:
    """One objective by another reading."""

    objective: str
    ruling: str
    """The first two words, or as much as tells it from the others."""
    reading: str
    valid: int
    good: int
    met: bool


def recounted(folder: Path, definition: Definition) -> list[Recounted]:
    """Recount every other reading of ratios, percentiles and maxima that are not judged by day."""
    zone = ZoneInfo(definition.timezone)
    requests, _ = load_month(folder, definition, month_span(definition.month, zone))
    found: list[Recounted] = []
    for slo in definition.slos:
        if slo.window != "day" and slo.sum is None:
            kept = without_excluded(slo, definition, requests, zone)
            has_rule = any(
                rule.slos is None or slo.id in rule.slos for rule in definition.exclusions
            )
            for row in slo.rows:
                for objective in objectives_of(definition, slo, row):
                    scene = Scene(definition, slo, row, objective, zone)
                    found += scene.readings(kept, requests if has_rule else None)
    return found


def names(expression: Expression) -> set[str]:
    """Return the words of an expression that are no texts: its columns among them."""
    return set(re.findall(r"[a-z_]+", re.sub(r"'[^']*'", "", expression.sql))) - WORDS


WORDS = {"and", "or", "not", "in", "is", "null", "between"}


@dataclass(frozen=True)
class Scene:
    """One objective of a definition."""

    definition: Definition
    slo: Slo
    row: EachRow
    objective: Objective
    zone: ZoneInfo

    def readings(
        self, kept: list[Request], nothing_excluded: list[Request] | None
    ) -> Iterator[Recounted]:
        """Yield each reading; `kept` are the requests that no exclusion takes out."""
        span = objective_span(self.slo, self.definition.month, self.zone)
        own = self._events(self.slo, kept, span)
        if not own:
            return
        wider = self._with_every_outcome()
        if wider is not None:
            whole = self._events(wider, kept, span)
            yield from self._added(NARROWED, own, whole)
        if nothing_excluded is not None:
            seen = self._events(self.slo, nothing_excluded, span)
            yield from self._added(EXCLUDED, own, seen)
        if self.slo.good is not None and "status" in self.slo.good.sql:
            yield from self._without("Callers'", "they are left out", own, range(400, 500))
            yield from self._without("429 stays", "it is left out", own, range(429, 430))
        if self.slo.value is not None and self.slo.unit is None:
            left = "those with a status of 500 or above are left out"
            yield from self._without("Failed requests", left, own, range(500, 600))
        month = month_span(self.definition.month, self.zone)
        other = month if self.slo.window != "month" else span_ending(month[1], 30)
        if other != span:
            yield from self._recount("The window", "over ", self._events(self.slo, kept, other))

    def _with_every_outcome(self) -> Slo | None:
        """Return the SLO without its conditions on what some `good` reads; None without any."""
        if self.slo.valid is None:
            return None
        outcome = {"status"}.union(*(names(slo.good) for slo in self.definition.slos if slo.good))
        conditions = self.slo.valid.conditions or (self.slo.valid,)
        others = [
            condition
            for condition in conditions
            if not names(condition) & outcome or condition.sql.endswith("is not null")
        ]
        if len(others) == len(conditions):
            return None
        return replace(self.slo, valid=others[0] if others else None)

    def _events(self, slo: Slo, requests: list[Request], span: Span) -> list[Event]:
        chosen = [request for request in requests if chooses(self.row, request)]
        return within(events_of(slo, chosen), span)

    def _without(
        self, ruling: str, reading: str, own: list[Event], statuses: range
    ) -> Iterator[Recounted]:
        left = [event for event in own if event.request.columns["status"] not in statuses]
        yield from self._recount(ruling, reading, left)

    def _added(self, ruling: str, own: list[Event], whole: list[Event]) -> Iterator[Recounted]:
        yield from self._recount(ruling, AS_ANY_OTHER, whole)
        if self.objective.statistic == "ratio":
            lines = {(event.request.file, event.request.line) for event in own}
            forgiven = [
                event if (event.request.file, event.request.line) in lines
                else replace(event, good=True)
                for event in whole
            ]  # fmt: skip
            yield from self._recount(ruling, IN_THE_TOTAL, forgiven)

    def _recount(self, ruling: str, reading: str, events: list[Event]) -> Iterator[Recounted]:
        target = self.objective.target(self.definition.month)
        found = read(self.objective.statistic, target, events)
        if found.met is not None:
            yield Recounted(self.objective.id, ruling, reading, found.valid, found.good, found.met)
