"""The replayed alerts as the report has them."""

from fractions import Fraction

from slo_report.compose.rows import Frame, as_number
from slo_report.judge.alert_comparison import RuleSetFigures, compared
from slo_report.judge.burn_rate import (
    HOUR_S,
    Burn,
    BurnEpisode,
    burn_rates_by_hour,
    highest_burn_rate,
    is_reachable,
)
from slo_report.judge.threshold import ThresholdEpisode as RungThreshold
from slo_report.replay import Replay
from slo_report.report.parts.alerts import (
    BurnRateEpisode,
    BurnRates,
    RuleSet,
    ThresholdEpisode,
    UnreachableRule,
    WatchedRate,
)
from slo_report.report.texts import (
    format_amount,
    format_budget_percent,
    format_duration_s,
    format_exact,
    format_money,
    format_ratio,
    format_span,
)
from slo_report.rollup.alert_questions import Lane
from slo_report.slo_yaml.alert_definition import BurnRateAlert
from slo_report.slo_yaml.definition import Definition

SECOND_US = 1_000_000


def burn_rate_episodes(
    frame: Frame, definition: Definition, replay: Replay
) -> list[BurnRateEpisode] | None:
    """Return what the configured burn-rate rules told, in order of time; None without rules."""
    if not definition.burn_rate_alerts:
        return None
    end_us = {burn.question.id: _until(burn) for burn in replay.burns}
    rung = [episode for episodes in replay.own.values() for episode in episodes]
    rung.sort(key=lambda episode: episode.from_us)
    return [_burn_episode(frame, e, end_us[e.question.id]) for e in rung]


def threshold_episodes(
    frame: Frame, definition: Definition, replay: Replay
) -> list[ThresholdEpisode] | None:
    """Return what the threshold alerts told, in order of time; None without rules."""
    if not definition.threshold_alerts:
        return None
    rung = sorted(replay.thresholds, key=lambda episode: episode.from_us)
    return [_threshold_episode(frame, episode) for episode in rung]


def unreachable_rules(definition: Definition, replay: Replay) -> list[UnreachableRule] | None:
    """Return the rules that an objective can never make ring, whatever happens."""
    if not definition.burn_rate_alerts:
        return None
    found = []
    for question in replay.burn_questions:
        highest = highest_burn_rate(question)
        for rule in definition.burn_rate_alerts:
            if highest is None or is_reachable(rule, question):
                continue
            title = question.objective.title
            found.append(
                UnreachableRule(
                    objective=question.objective.id,
                    title=title,
                    severity=rule.severity,
                    window=format_span(rule.window_s),
                    short_window=_short_window(rule),
                    burn_rate=float(rule.burn_rate),
                    highest=float(highest),
                    highest_text=f"{format_amount(highest, up=False)}x",
                )
            )
    return found


def rule_sets(frame: Frame, definition: Definition, replay: Replay) -> list[RuleSet] | None:
    """Return the configured rules beside the workbook's, for each objective that any rang for."""
    if not definition.burn_rate_alerts:
        return None
    found = []
    for burn in replay.burns:
        own, workbook = replay.own[burn.question.id], replay.workbook[burn.question.id]
        if own or workbook:
            first, second = compared(burn, own, workbook)
            found.append(_rule_set(frame, burn, first, configured=True))
            found.append(_rule_set(frame, burn, second, configured=False))
    return found


def burn_rates(definition: Definition, replay: Replay) -> list[BurnRates] | None:
    """Return the burn rates through the month, for each window that a rule looks at."""
    if not definition.burn_rate_alerts:
        return None
    windows = sorted({rule.window_s for rule in definition.burn_rate_alerts})
    return [
        BurnRates(
            objective=burn.question.objective.id,
            window=format_span(window_s),
            rules=[
                WatchedRate(severity=rule.severity, burn_rate=float(rule.burn_rate))
                for rule in definition.burn_rate_alerts
                if rule.window_s == window_s
            ],
            step_s=HOUR_S,
            highest=[_significant(rate) for rate in burn_rates_by_hour(burn, window_s)],
        )
        for burn in replay.burns
        if burn.allowed_share
        for window_s in windows
    ]


def _burn_episode(frame: Frame, episode: BurnEpisode, until_us: int) -> BurnRateEpisode:
    rule, detection_us = episode.rule, episode.detection_us
    end_us = until_us if episode.to_us is None else episode.to_us
    return BurnRateEpisode(
        objective=episode.question.objective.id,
        title=episode.question.objective.title,
        severity=rule.severity,
        window=format_span(rule.window_s),
        short_window=_short_window(rule),
        burn_rate=float(rule.burn_rate),
        from_=frame.instant(episode.from_us),
        to=None if episode.to_us is None else frame.instant(episode.to_us),
        duration_text=format_span(-(-(end_us - episode.from_us) // SECOND_US)),
        peak=as_number(episode.peak),
        peak_text="" if episode.peak is None else f"{format_amount(episode.peak, up=True)}x",
        budget_used_at_start=as_number(episode.used_at_start),
        budget_used_by_end=as_number(episode.used_by_end),
        used_at_start_text=format_budget_percent(episode.used_at_start, frame.state_edges),
        used_by_end_text=format_budget_percent(episode.used_by_end, frame.state_edges),
        cost=as_number(episode.cost),
        cost_text=format_budget_percent(episode.cost, (Fraction(1, 100),)),
        page=episode.is_page,
        noise=episode.is_noise,
        already_ringing=episode.carried_in,
        first_bad=frame.instant(episode.began_us),
        detection_s=None if detection_us is None else detection_us / SECOND_US,
        detection_text=_detection_text(detection_us),
    )


def _threshold_episode(frame: Frame, episode: RungThreshold) -> ThresholdEpisode:
    objective = episode.lane.question.objective
    end_us = episode.steps.stop if episode.to_us is None else episode.to_us
    return ThresholdEpisode(
        name=episode.lane.rule.name,
        objective=objective.id,
        title=objective.title,
        from_=frame.instant(episode.from_us),
        to=None if episode.to_us is None else frame.instant(episode.to_us),
        duration_text=format_span((end_us - episode.from_us) // SECOND_US),
        peak=as_number(episode.peak),
        peak_text=_peak_text(episode),
        condition=condition_text(episode.lane),
    )


def condition_text(lane: Lane) -> str:
    """Return what makes an alert ring: `p95 > 400ms over 5m, for 10m`."""
    rule, target = lane.rule, lane.question.target
    if rule.bad_ratio_above is not None:
        what = f"bad > {format_exact(rule.bad_ratio_above, 'ratio')}"
    elif rule.below_target:
        what = f"below {format_exact(target.value, target.unit)}"
    else:
        limit = target.value * (rule.above_target_times or 1)
        what = f"{rule.statistic} > {format_exact(limit, target.unit)}"
    held = f", for {format_span(rule.for_s)}" if rule.for_s else ""
    return f"{what} over {format_span(rule.over_s)}{held}"


def _peak_text(episode: RungThreshold) -> str:
    """Return the worst figure, never on the quiet side of the condition."""
    if episode.peak is None:
        return ""
    if episode.lane.rule.bad_ratio_above is not None:
        return format_ratio(episode.peak, up=True)
    unit = episode.lane.question.target.unit
    up = not episode.lane.rule.below_target
    if unit == "ratio":
        return format_ratio(episode.peak, up=up)
    if unit == "s":
        return format_duration_s(episode.peak, up=up)
    return format_money(episode.peak, unit, up=up)


def _rule_set(frame: Frame, burn: Burn, figures: RuleSetFigures, *, configured: bool) -> RuleSet:
    used = figures.used_at_first_page
    return RuleSet(
        objective=burn.question.objective.id,
        title=burn.question.objective.title,
        rules="configured" if configured else "SRE workbook",
        pages=figures.pages,
        tickets=figures.tickets,
        noise=figures.noise,
        detection_s=None if figures.detection_us is None else figures.detection_us / SECOND_US,
        detection_text=_detection_text(figures.detection_us),
        budget_used_at_first_page=as_number(used),
        used_at_first_page_text=""
        if used is None
        else format_budget_percent(used, frame.state_edges),
        incidents=figures.incidents,
        missed=figures.missed,
    )


def _detection_text(detection_us: int | None) -> str:
    return "" if detection_us is None else format_span(-(-detection_us // SECOND_US))


def _short_window(rule: BurnRateAlert) -> str | None:
    return None if rule.short_window_s is None else format_span(rule.short_window_s)


def _until(burn: Burn) -> int:
    """Return the end of what was looked at."""
    return min(burn.end_us, burn.steps.stop)


def _significant(rate: float | None) -> float | None:
    # A picture needs no more digits, and a month has many of them.
    return None if rate is None else float(f"{rate:.6g}")
