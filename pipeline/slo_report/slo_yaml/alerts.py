"""Error budget policy, burn-rate alerts and threshold alerts into values."""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal

from slo_report.slo_yaml.alert_definition import BurnRateAlert, ThresholdAlert
from slo_report.slo_yaml.customers import unknown_slo
from slo_report.slo_yaml.definition import Concern, PolicyState, Slo
from slo_report.slo_yaml.kinds import Kind, did_you_mean
from slo_report.slo_yaml.raw import RawBurnRateAlert, RawPolicyState, RawThresholdAlert
from slo_report.slo_yaml.reading import condition, read, span_seconds
from slo_report.slo_yaml.source import Document, Path
from slo_report.slo_yaml.targets import decimal_text, parse_percentage

DEFAULT_POLICY = (
    PolicyState(
        "healthy",
        Decimal(0),
        (
            "Deploy freely.",
            "Take risks on infrastructure changes.",
            "Run experimental Engines in parallel.",
        ),
    ),
    PolicyState(
        "slow down",
        Decimal("0.5"),
        (
            "Slow down deploys; require canary.",
            "Defer non-critical infrastructure work.",
            "Investigate what is burning the budget.",
        ),
    ),
    PolicyState(
        "exhausted",
        Decimal(1),
        (
            "Stop non-critical deploys.",
            "All hands on reliability.",
            "Cool down until the next monthly window.",
        ),
    ),
)


def read_policy(
    document: Document, raws: Sequence[RawPolicyState] | None
) -> tuple[PolicyState, ...]:
    """Return the states in their order; the first begins at 0%."""
    if raws is None:
        return DEFAULT_POLICY
    states: list[PolicyState] = []
    for index, raw in enumerate(raws):
        path = ("error_budget_policy", index)
        start = read(document, (*path, "from"), _used_share, raw.from_)
        if start is None:
            continue
        if index == 0 and start != 0 and not _has_gap(document):
            document.wrong((*path, "from"), "the first state begins at 0%; write from: 0%")
        if states and start <= states[-1].from_used:
            document.wrong(
                (*path, "from"),
                f"`from`: `{raw.from_}` is not above the state before; put states in rising order",
            )
        if raw.state in [state.state for state in states]:
            document.wrong((*path, "state"), f"a second state `{raw.state}`; name it otherwise")
        states.append(PolicyState(raw.state, start, tuple(raw.actions)))
    return tuple(states)


def read_burn_rate_alerts(
    document: Document, raws: Sequence[RawBurnRateAlert], slos: Sequence[Slo]
) -> tuple[tuple[BurnRateAlert, ...], list[Concern]]:
    """Return the rules, and those that a target of the file can never reach."""
    rules, concerns = [], []
    for index, raw in enumerate(raws):
        path = ("burn_rate_alerts", index)
        window = read(document, (*path, "window"), span_seconds, raw.window)
        rate = read(document, (*path, "burn_rate"), _positive, raw.burn_rate)
        short = None
        if raw.short_window is not None:
            short = read(document, (*path, "short_window"), span_seconds, raw.short_window)
        if window is None or rate is None:
            continue
        if short is not None and short >= window:
            document.wrong(
                (*path, "short_window"),
                f"`short_window`: `{raw.short_window}` is not shorter than {raw.window};"
                " write a twelfth of the window",
            )
        rules.append(BurnRateAlert(window, rate, raw.severity, short))
        concerns += _unreachable(document.line((*path, "burn_rate")), rules[-1], slos)
    return tuple(rules), concerns


def read_threshold_alerts(
    document: Document,
    raws: Sequence[RawThresholdAlert],
    slos: Sequence[Slo],
    columns: Mapping[str, Kind],
) -> tuple[ThresholdAlert, ...]:
    """Return the rules over a statistic, the bad share, or the target of an SLO."""
    rules: dict[str, ThresholdAlert] = {}
    for index, raw in enumerate(raws):
        path = ("threshold_alerts", index)
        if raw.name in rules:
            document.wrong((*path, "name"), f"a second alert `{raw.name}`; name it otherwise")
        slo = next((slo for slo in slos if slo.id == raw.slo), None)
        if slo is None:
            unknown_slo(document, (*path, "slo"), raw.slo, slos)
        else:
            _check_rule(document, path, raw, slo)
        over = read(document, (*path, "over"), span_seconds, raw.over)
        held = read(document, (*path, "for"), span_seconds, raw.for_) if raw.for_ else 0
        times, share = _threshold(document, path, raw)
        rules[raw.name] = ThresholdAlert(
            raw.name,
            raw.slo,
            over or 0,
            held or 0,
            raw.statistic,
            times,
            share,
            raw.below is not None,
            condition(document, (*path, "valid"), raw.valid, columns),
        )
    return tuple(rules.values())


def _has_gap(document: Document) -> bool:
    """Tell whether a state was left out for a mistake of its own."""
    return any(path[0] == "error_budget_policy" for path in document.left_out)


def _threshold(
    document: Document, path: Path, raw: RawThresholdAlert
) -> tuple[Decimal | None, Decimal | None]:
    above = None if raw.above is None else read(document, (*path, "above"), _times, raw.above)
    bad = raw.bad_ratio
    return above, None if bad is None else read(document, (*path, "bad_ratio"), _bad_share, bad)


def _check_rule(document: Document, path: Path, raw: RawThresholdAlert, slo: Slo) -> None:
    stated = [key for key in ("above", "bad_ratio", "below") if getattr(raw, key) is not None]
    if len(stated) != 1:
        found = " and ".join(f"`{key}`" for key in stated) or "no threshold"
        document.wrong(
            path,
            f'alert `{raw.name}` has {found}; write one: above: 2 x target, bad_ratio: "> 1%"'
            " or below: target",
        )
        return
    statistics = {objective.statistic for row in slo.rows for objective in row.objectives}
    measured = {name for name in statistics if name.startswith("p") or name == "max"}
    if stated == ["above"] and raw.statistic not in measured:
        if raw.statistic is None:
            document.wrong(path, "`above` without `statistic`; add statistic: p95")
        else:
            right = did_you_mean(raw.statistic, measured)
            document.wrong(
                (*path, "statistic"), f"SLO `{slo.id}` has no target `{raw.statistic}`; {right}"
            )
    if stated == ["bad_ratio"] and slo.good is None:
        document.wrong(
            (*path, "bad_ratio"),
            f"`bad_ratio`: SLO `{slo.id}` has no `good`; write above: 2 x target",
        )
    if stated == ["below"] and measured:
        document.wrong(
            (*path, "below"), f"`below`: SLO `{slo.id}` is no ratio; write above: 2 x target"
        )
    if raw.statistic is not None and stated != ["above"]:
        document.wrong((*path, "statistic"), f"`statistic` beside `{stated[0]}`; take it out")


def _unreachable(line: int, rule: BurnRateAlert, slos: Sequence[Slo]) -> list[Concern]:
    concerns = []
    for objective in (o for slo in slos for row in slo.rows for o in row.objectives):
        if not objective.has_budget:
            continue
        target = objective.target.changes[-1][1]
        good_share = objective.quantile or target.value
        if good_share < 1 and rule.burn_rate * (1 - good_share) > 1:
            concerns.append(
                Concern(
                    line,
                    f"burn rate {decimal_text(rule.burn_rate)} can never be reached by"
                    f" `{objective.id}`: with every request bad it is"
                    f" {decimal_text((1 / (1 - good_share)).quantize(Decimal('0.01')))}",
                )
            )
    return concerns


def _used_share(text: str) -> Decimal:
    shape = re.fullmatch(r"(\d{1,4}(?:\.\d{1,6})?)\s*%", text)
    if shape is None:
        raise ValueError(f"`{text}` is no percentage; write 50%")
    return Decimal(shape[1]).scaleb(-2)


def _positive(text: str) -> Decimal:
    if not re.fullmatch(r"\d{1,9}(\.\d{1,9})?", text) or not Decimal(text):
        raise ValueError(f"`{text}` is no burn rate; write a number above 0, such as 14")
    return Decimal(text)


def _times(text: str) -> Decimal:
    shape = re.fullmatch(r"(\d{1,6}(?:\.\d{1,6})?)\s*x\s*target", text)
    if shape is None or not Decimal(shape[1]):
        raise ValueError(f"`{text}` is no multiple of the target; write 2 x target")
    return Decimal(shape[1])


def _bad_share(text: str) -> Decimal:
    shape = re.fullmatch(r">\s*(.+)", text)
    if shape is None:
        raise ValueError(f'`{text}` has no comparison; write "> 1%"')
    return parse_percentage(shape[1])
