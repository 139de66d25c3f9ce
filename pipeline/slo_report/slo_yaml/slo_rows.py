"""The rows of an SLO: which requests each chooses, and the objectives set on them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from slo_report.slo_yaml.definition import OTHER_ENDPOINT, Objective, SloRow, TargetByMonth
from slo_report.slo_yaml.kinds import Kind, did_you_mean
from slo_report.slo_yaml.raw import RawRow, RawSlo, RawTarget, RawTargets
from slo_report.slo_yaml.shapes import MONTH_PATTERN
from slo_report.slo_yaml.source import Document, Path
from slo_report.slo_yaml.targets import Measure, Target, parse_target


@dataclass(frozen=True)
class Scene:
    """What an SLO may refer to."""

    columns: Mapping[str, Kind]
    endpoints: tuple[str, ...]
    """Texts of the templates; empty where endpoints are not named by template."""
    sources: tuple[str, ...]


def months_of(
    document: Document, path: Path, texts: Mapping[str, str], measure: Measure, unit: str
) -> TargetByMonth | None:
    """Return a target with the months from which it holds, oldest first."""
    changes: list[tuple[str, Target]] = []
    for month, text in sorted(texts.items()):
        at = (*path, month) if month else path
        if month and not re.fullmatch(MONTH_PATTERN, month):
            document.wrong(at, f"`{month}` is no month; write 2026-07")
            continue
        try:
            changes.append((month, parse_target(text, measure, unit)))
        except ValueError as error:
            document.wrong(at, f"`{path[-1]}`: {error}")
    return TargetByMonth(tuple(changes)) if len(changes) == len(texts) and changes else None


def title_of(raw: RawSlo) -> str:
    """Return the title of an SLO; without one, its id in words: cache_hit is "Cache hit"."""
    words = raw.id.replace("_", " ").replace("-", " ").strip() or raw.id
    return raw.title or words[0].upper() + words[1:]


class RowReader:
    """Reads the rows of one SLO."""

    def __init__(self, document: Document, raw: RawSlo, scene: Scene, measure: Measure) -> None:
        self.document, self.raw, self.scene, self.measure = document, raw, scene, measure
        self.title = title_of(raw)

    def read(self, path: Path) -> tuple[SloRow, ...]:
        """Return the rows of `each`, or the one row of all requests."""
        if self.raw.each is None:
            return (SloRow({}, "", self.title, self._objectives(path, self.raw, "", "")),)
        for key, _ in _targets(self.raw):
            self.document.wrong(
                (*path, key), f"`{key}` beside `each`; write it in each row of `each`"
            )
        rows = [self._row((*path, "each", i), row) for i, row in enumerate(self.raw.each)]
        suffixes: set[str] = set()
        for index, row in enumerate(rows):
            if row.suffix in suffixes:
                self.document.wrong(
                    (*path, "each", index),
                    f"a second row {row.suffix}; give rows that choose alike a `title` each",
                )
            suffixes.add(row.suffix)
        return tuple(rows)

    def _row(self, path: Path, raw: RawRow) -> SloRow:
        choices = {
            column: self._choice((*path, column), column, values)
            for column, values in raw.choices.items()
        }
        words = [_word(column, values, self.scene.columns) for column, values in choices.items()]
        if not words and raw.title is None:
            self.document.wrong(
                path, "a row of `each` chooses nothing; name a column, such as endpoint: GET /"
            )
        suffix = f"[{raw.title or ','.join(words)}]"
        title = raw.title or ", ".join(words)
        return SloRow(choices, suffix, title, self._objectives(path, raw, suffix, title))

    def _choice(self, path: Path, column: str, values: Sequence[str]) -> tuple[str, ...]:
        columns = self.scene.columns
        if self.document.is_in_doubt(column, columns):
            return tuple(values)
        if column not in columns:
            own = {"title", "target", "max", "informational", "optional", "budget"}
            self.document.wrong(
                path,
                f"unknown column `{column}` in `each`; {did_you_mean(column, own | {*columns})}",
            )
            return tuple(values)
        if not values:
            self.document.wrong(path, f"`{column}` is an empty list; name the values to choose")
        if columns[column] not in (Kind.TEXT, Kind.INTEGER, Kind.BOOLEAN):
            self.document.wrong(
                path, f"`{column}` is a {columns[column]}; choose by texts, integers and booleans"
            )
        for value in values:
            self._check_choice(path, column, value)
        return tuple(values)

    def _check_choice(self, path: Path, column: str, value: str) -> None:
        kind = self.scene.columns[column]
        if kind is Kind.BOOLEAN and value not in ("true", "false"):
            self.document.wrong(path, f"`{column}`: found `{value}`; true or false is right")
        if kind is Kind.INTEGER and not re.fullmatch(r"-?(0|[1-9]\d*)", value):
            self.document.wrong(path, f"`{column}`: found `{value}`; a whole number is right")
        known = {
            "endpoint": (*self.scene.endpoints, OTHER_ENDPOINT) if self.scene.endpoints else (),
            "source": self.scene.sources,
        }.get(column, ())
        if known and value not in known:
            self.document.wrong(path, f"unknown {column} `{value}`; {did_you_mean(value, known)}")

    def _objectives(
        self, path: Path, raw: RawTargets, suffix: str, row_title: str
    ) -> tuple[Objective, ...]:
        targets = _targets(raw)
        if not targets:
            where = f"row {suffix} of SLO" if suffix else "SLO"
            self.document.wrong(
                path, f"{where} `{self.raw.id}` has no target; write {self._example()}"
            )
        objectives, quantiles = [], set()
        for key, target in targets:
            if not self._fits(path, key) or key in quantiles:
                continue
            quantiles.add(key)
            if objective := self._objective((*path, key), key, target, raw, (suffix, row_title)):
                objectives.append(objective)
        return tuple(objectives)

    def _objective(
        self, path: Path, key: str, raw: RawTarget, row: RawTargets, at: tuple[str, str]
    ) -> Objective | None:
        own_unit = self.raw.unit or ""
        by_month = months_of(self.document, path, raw.target, self.measure, own_unit)
        budget = next(
            (own for own in (raw.budget, row.budget, self.raw.budget) if own is not None), None
        )
        if budget and (key == "max" or self.measure == "sum_ratio"):
            what = "max allows no bad request" if key == "max" else "a ratio of sums has no events"
            self.document.wrong(path, f"`budget: true`: {what}; take it out")
        if by_month is None:
            return None
        statistic = "sum_ratio" if self.measure == "sum_ratio" else key
        statistic = "ratio" if statistic == "target" else statistic
        suffix, row_title = at
        is_ratio = key == "target"
        name = self.title if is_ratio else f"{self.title} {key}"
        return Objective(
            id=f"{self.raw.id}{suffix}" if is_ratio else f"{self.raw.id}.{key}{suffix}",
            slo=self.raw.id,
            title=f"{name}: {row_title}" if suffix else name,
            statistic=statistic,
            target=by_month,
            informational=_first(raw.informational, row.informational, self.raw.informational),
            optional=_first(row.optional, self.raw.optional),
            has_budget=_has_budget(statistic, budget),
        )

    def _fits(self, path: Path, key: str) -> bool:
        wants_target = self.measure in ("ratio", "sum_ratio")
        if (key == "target") != wants_target:
            right = self._example()
            self.document.wrong(
                (*path, key), f"`{key}` does not go with SLO `{self.raw.id}`; write {right}"
            )
            return False
        if key.startswith("p") and not 0 < Decimal(key[1:]) < 100:
            self.document.wrong(
                (*path, key), f"`{key}` is out of range; percentiles are above p0 and below p100"
            )
            return False
        if key.startswith("p") and f"p{Decimal(key[1:]).normalize():f}" != key:
            plain_key = f"p{Decimal(key[1:]).normalize():f}"
            self.document.wrong((*path, key), f"`{key}`; write {plain_key}")
            return False
        return True

    def _example(self) -> str:
        if self.measure in ("ratio", "sum_ratio"):
            return "target: 99.5%"
        return "p99: < 5 s" if self.measure == "duration" else "p99: < 0.50"


def _has_budget(statistic: str, budget: bool | None) -> bool:
    if statistic == "ratio":
        return budget is not False
    return statistic.startswith("p") and budget is True


def _first(*stated: bool | None) -> bool:
    return next((own for own in stated if own is not None), False)


def _targets(raw: RawTargets) -> list[tuple[str, RawTarget]]:
    targets = [("target", raw.target), *raw.percentiles.items(), ("max", raw.max)]
    return [(key, target) for key, target in targets if target is not None]


def _word(column: str, values: Sequence[str], columns: Mapping[str, Kind]) -> str:
    joined = "|".join(values)
    return joined if columns.get(column) in (Kind.TEXT, None) else f"{column}={joined}"
