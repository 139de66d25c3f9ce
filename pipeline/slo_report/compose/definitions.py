"""The appendix: each SLO as it was measured, in the words of slo.yaml."""

from slo_report.report.parts.data import DefinitionText, ExclusionCount
from slo_report.report.texts import format_target
from slo_report.rollup.extras import Extras
from slo_report.rollup.windows import Windows
from slo_report.slo_yaml.definition import Definition, Exclusion, Slo, SloRow

CHOICES_OF = "requests of "
TARGET_OF = "target of "
NOT_COUNTED = "not counted: "
"""How lines of the appendix begin that months are compared by."""


def definition_texts(
    definition: Definition, windows: Windows, extras: Extras
) -> list[DefinitionText]:
    """Return one entry per SLO: predicates, window, targets in force, rules that applied."""
    return [
        DefinitionText(
            slo=slo.id,
            title=slo.title,
            lines=_lines(definition, slo, windows),
            null_valid=extras.null_valid.get(slo.id),
            null_good=extras.null_good.get(slo.id),
        )
        for slo in definition.slos
    ]


def exclusion_counts(
    definition: Definition, windows: Windows, extras: Extras
) -> list[ExclusionCount]:
    """Return each exclusion with the requests of the month that it took out."""
    return [
        ExclusionCount(
            reason=rule.reason,
            excluded=count,
            rule=_rule_text(rule, windows),
            is_dated=rule.from_us is not None or rule.to_us is not None,
        )
        for rule, count in zip(definition.exclusions, extras.excluded, strict=True)
    ]


def _lines(definition: Definition, slo: Slo, windows: Windows) -> list[str]:
    parts = [
        (name, expression.text)
        for name, expression in (
            ("valid", slo.valid),
            ("good", slo.good),
            ("value", slo.value),
            ("sum", slo.sum),
            ("over", slo.over),
        )
        if expression is not None
    ]
    lines = [f"{name}: {' '.join(text.split())}" for name, text in parts]
    lines += how_measured(slo, windows)
    lines += [_choices(slo, row) for row in slo.rows if not _says_its_choices(row)]
    for row in slo.rows:
        for objective in row.objectives:
            target = objective.target.in_month(windows.month.text)
            if target is not None:
                kind = " (informational)" if objective.informational else ""
                lines.append(f"{TARGET_OF}{objective.id}: {format_target(target)}{kind}")
    lines += [
        f"{NOT_COUNTED}{rule.reason}" for rule in definition.exclusions if rule.applies_to(slo.id)
    ]
    return lines


def _says_its_choices(row: SloRow) -> bool:
    return all(value in row.suffix for values in row.choices.values() for value in values)


def _choices(slo: Slo, row: SloRow) -> str:
    chosen = [f"{column} = {' | '.join(values)}" for column, values in row.choices.items()]
    return f"{CHOICES_OF}{slo.id}{row.suffix}: {', '.join(chosen)}"


def how_measured(slo: Slo, windows: Windows) -> list[str]:
    """Return the window of an SLO and the rule of its percentiles."""
    lines = [f"window: {_window(slo, windows)}"]
    if slo.value is not None:
        lines.append("percentile: nearest rank, the ceil(q n)-th smallest value, exact")
    return lines


def _window(slo: Slo, windows: Windows) -> str:
    zone = windows.month.zone.key
    if slo.window.kind == "day":
        return f"each local day of the calendar month in {zone}; met when every day with traffic is"
    if slo.window.days is not None:
        return f"the {slo.window.days} x 24 h that end with the month in {zone}"
    return f"the calendar month in {zone}"


def _rule_text(rule: Exclusion, windows: Windows) -> str:
    parts = [] if rule.where is None else [" ".join(rule.where.text.split())]
    if rule.from_us is not None:
        parts.append(f"from {windows.month.local(rule.from_us).isoformat()}")
    if rule.to_us is not None:
        parts.append(f"to {windows.month.local(rule.to_us).isoformat()}")
    if rule.slos is not None:
        parts.append(f"in {', '.join(rule.slos)}")
    return ", ".join(parts)
