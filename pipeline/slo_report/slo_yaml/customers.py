"""`customers:` into values: promises that replace the targets of everyone."""

from collections.abc import Mapping, Sequence

from slo_report.slo_yaml.definition import Concern, CustomerPromise, Objective, Slo, TargetByMonth
from slo_report.slo_yaml.kinds import Kind, did_you_mean
from slo_report.slo_yaml.raw import RawCustomer, RawPromisedTargets
from slo_report.slo_yaml.reading import address, read
from slo_report.slo_yaml.slo_rows import months_of
from slo_report.slo_yaml.source import Document, Path
from slo_report.slo_yaml.targets import Measure


def read_customers(
    document: Document,
    raws: Mapping[str, RawCustomer],
    slos: Sequence[Slo],
    columns: Mapping[str, Kind],
) -> tuple[tuple[CustomerPromise, ...], list[Concern]]:
    """Return the promises, and those that are looser than what everyone gets."""
    promises, concerns = [], []
    for name, raw in raws.items():
        path = ("customers", name)
        if "customer" not in columns and document.knows_columns:
            document.wrong(path, "no log maps `customer`; map it in `fields:` to promise by it")
        if raw.reserved and "replica" not in columns and document.knows_columns:
            document.wrong(
                (*path, "reserved"), "no log maps `replica`; map it in `fields:` to reserve some"
            )
        targets: dict[str, TargetByMonth] = {}
        for slo_id, promised in raw.slos.items():
            at = (*path, "slos", slo_id)
            slo = next((slo for slo in slos if slo.id == slo_id), None)
            if slo is None:
                unknown_slo(document, at, slo_id, slos)
                continue
            for objective, target, line in _replaced(document, at, slo, promised):
                targets[objective.id] = target
                if _is_looser(objective.target, target):
                    text = f"`{name}` is promised less by `{objective.id}` than everyone gets"
                    concerns.append(Concern(line, text))
        mail = raw.email.to if raw.email else ()
        to = [read(document, (*path, "email", "to"), address, text) for text in mail]
        promises.append(
            CustomerPromise(
                name,
                raw.title or name,
                raw.contract,
                targets,
                tuple(raw.reserved),
                tuple(text for text in to if text),
            )
        )
    return tuple(promises), concerns


def unknown_slo(document: Document, path: Path, slo: str, slos: Sequence[Slo]) -> None:
    """Note that an SLO is named that there is not."""
    if slo not in document.unsound_slos and ("slos",) not in document.left_out:
        known = {*document.unsound_slos, *(slo.id for slo in slos)}
        document.wrong(path, f"unknown SLO `{slo}`; {did_you_mean(slo, known)}")


def _replaced(
    document: Document, path: Path, slo: Slo, promised: RawPromisedTargets
) -> list[tuple[Objective, TargetByMonth, int]]:
    """Return each objective of the SLO with the target that one customer was promised."""
    measure, unit = _measure(slo)
    keys = [("target", promised.target), *promised.percentiles.items(), ("max", promised.max)]
    replaced = []
    for key, texts in keys:
        if texts is None:
            continue
        at = (*path, key)
        objectives = [objective for objective in _objectives(slo) if _key(objective) == key]
        if not objectives:
            known = sorted({_key(objective) for objective in _objectives(slo)})
            document.wrong(
                at, f"SLO `{slo.id}` has no `{key}` to replace; it has: {', '.join(known)}"
            )
        elif target := months_of(document, at, texts, measure, unit):
            line = document.line(at)
            replaced += [(objective, target, line) for objective in objectives]
    return replaced


def _objectives(slo: Slo) -> list[Objective]:
    return [objective for row in slo.rows for objective in row.objectives]


def _key(objective: Objective) -> str:
    return "target" if objective.statistic in ("ratio", "sum_ratio") else objective.statistic


def _measure(slo: Slo) -> tuple[Measure, str]:
    if slo.good is not None:
        return "ratio", "ratio"
    if slo.sum is not None:
        return "sum_ratio", "" if slo.unit == "ratio" else slo.unit
    is_duration = slo.value is not None and slo.value.kind is Kind.DURATION
    return ("duration", "s") if is_duration else ("number", slo.unit)


def _is_looser(everyone: TargetByMonth, own: TargetByMonth) -> bool:
    general, promised = everyone.changes[-1][1], own.changes[-1][1]
    if general.op in (">", ">="):
        return promised.value < general.value
    return promised.value > general.value
