"""`slos:` into values: what is measured, of which requests, over which window."""

import re
from collections.abc import Sequence
from decimal import Decimal

from slo_report.slo_yaml.definition import RESERVED, Concern, Slo, Window
from slo_report.slo_yaml.expressions import Expression
from slo_report.slo_yaml.kinds import Kind, with_article
from slo_report.slo_yaml.raw import RawSlo, RawTargets
from slo_report.slo_yaml.reading import condition, quantity
from slo_report.slo_yaml.slo_rows import RowReader, Scene, title_of
from slo_report.slo_yaml.source import Document, Path
from slo_report.slo_yaml.targets import Measure

_MOST_DAYS = 366


def read_slos(document: Document, raws: Sequence[RawSlo], scene: Scene) -> tuple[Slo, ...]:
    """Return the SLOs; one with a mistake is noted and left out."""
    slos: dict[str, Slo] = {}
    for index, raw in enumerate(raws):
        path = ("slos", index)
        if not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_-]{0,62}", raw.id):
            document.wrong(
                (*path, "id"), f"`id`: `{raw.id}` is no id; use letters, digits, _ and -"
            )
        if raw.id == RESERVED:
            document.wrong(
                (*path, "id"),
                f"`id`: `{RESERVED}` is the objective that `reserved:` of a customer makes;"
                " name the SLO otherwise",
            )
        if raw.id in slos or raw.id in document.unsound_slos:
            document.wrong((*path, "id"), f"duplicate id `{raw.id}`; give each SLO its own")
            continue
        before = len(document.mistakes)
        slo = _slo(document, path, raw, scene)
        if slo is not None and len(document.mistakes) == before:
            slos[raw.id] = slo
        else:
            document.unsound_slos.add(raw.id)
    return tuple(slos.values())


def improbable_percentiles(document: Document, raws: Sequence[RawSlo]) -> list[Concern]:
    """Return the percentiles that look like shares: p0.99 is what the fastest percent need."""
    concerns = []
    for index, raw in enumerate(raws):
        rows: list[tuple[Path, RawTargets]] = [(("slos", index), raw)]
        rows += [(("slos", index, "each", place), row) for place, row in enumerate(raw.each or ())]
        for path, row in rows:
            for key in row.percentiles:
                if 0 < Decimal(key[1:]) < 1:
                    meant = f"p{Decimal(key[1:]).scaleb(2).normalize():f}"
                    text = f"`{key}` of `{raw.id}` is below p1; {meant} is probably meant"
                    concerns.append(Concern(document.line((*path, key)), text))
    return concerns


def _slo(document: Document, path: Path, raw: RawSlo, scene: Scene) -> Slo | None:
    before = len(document.mistakes)
    kind = _sli_kind(document, path, raw)
    valid = condition(document, (*path, "valid"), raw.valid, scene.columns)
    good = condition(document, (*path, "good"), raw.good, scene.columns)
    value, summed, over = (
        quantity(document, (*path, key), text, scene.columns)
        for key, text in (("value", raw.value), ("sum", raw.sum), ("over", raw.over))
    )
    _check_sums(document, path, summed, over)
    measure, unit = _measure(document, path, raw, value)
    window = _window(document, path, raw.window)
    if kind is None or (raw.value is not None and value is None):
        return None
    rows = RowReader(document, raw, scene, measure).read(path)
    stated = ((raw.valid, valid), (raw.good, good), (raw.sum, summed), (raw.over, over))
    in_doubt = any(text is not None and expression is None for text, expression in stated)
    if window is None or in_doubt or len(document.mistakes) > before:
        return None
    return Slo(
        id=raw.id,
        title=title_of(raw),
        valid=valid,
        good=good,
        value=value,
        sum=summed,
        over=over,
        unit=unit,
        window=window,
        informational=bool(raw.informational),
        optional=bool(raw.optional),
        rows=rows,
    )


def _sli_kind(document: Document, path: Path, raw: RawSlo) -> str | None:
    kinds = [key for key in ("good", "value", "sum") if getattr(raw, key) is not None]
    if raw.over is not None and raw.sum is None:
        document.wrong((*path, "over"), f"`over` without `sum` in SLO `{raw.id}`; add sum: COLUMN")
        return None
    if len(kinds) != 1:
        found = " and ".join(f"`{kind}`" for kind in kinds) or "no `good`, `value` or `sum`"
        document.wrong(
            path, f"SLO `{raw.id}` has {found}; write one: good, value, or sum with over"
        )
        return None
    if raw.sum is not None and raw.over is None:
        document.wrong((*path, "sum"), f"`sum` without `over` in SLO `{raw.id}`; add over: COLUMN")
        return None
    return kinds[0]


def _check_sums(
    document: Document, path: Path, summed: Expression | None, over: Expression | None
) -> None:
    if summed and over and (summed.kind is Kind.DURATION) != (over.kind is Kind.DURATION):
        document.wrong(
            (*path, "over"),
            f"`over`: {with_article(summed.kind)} over {with_article(over.kind)};"
            " both are durations, or neither",
        )


def _measure(
    document: Document, path: Path, raw: RawSlo, value: Expression | None
) -> tuple[Measure, str]:
    if raw.sum is not None:
        return "sum_ratio", raw.unit or "ratio"
    if raw.value is None:
        if raw.unit is not None:
            document.wrong((*path, "unit"), "`unit` of a ratio; take it out, a ratio is in percent")
        return "ratio", "ratio"
    if value is not None and value.kind is Kind.DURATION:
        if raw.unit not in (None, "s"):
            document.wrong((*path, "unit"), "`unit` of a duration; take it out, a time is in s")
        return "duration", "s"
    return "number", raw.unit or ""


def _window(document: Document, path: Path, text: str) -> Window | None:
    if text == "month":
        return Window("month")
    if text == "day":
        return Window("day")
    shape = re.fullmatch(r"(\d{1,18})d", text)
    if shape and 1 <= int(shape[1]) <= _MOST_DAYS:
        return Window("days", int(shape[1]))
    wrong = "is no window; write month, day or 30d"
    if shape:
        wrong = f"is out of range; write 1d to {_MOST_DAYS}d"
    document.wrong((*path, "window"), f"`window`: `{text}` {wrong}")
    return None
