"""Reports as values: an April like September's, one like codex', and hard ones."""

from collections.abc import Sequence
from fractions import Fraction
from random import Random

from slo_report.report.document import Report
from slo_report.report.head import head_lines
from slo_report.report.parts.alerts import (
    BurnRateEpisode,
    BurnRates,
    RuleSet,
    ThresholdEpisode,
    UnreachableRule,
    WatchedRate,
)
from slo_report.report.parts.data import (
    Coverage,
    DefinitionText,
    ExclusionCount,
    Gap,
    Ledger,
    Provenance,
    Refused,
    SourceFile,
)
from slo_report.report.parts.days import BurnDown, DailySeries
from slo_report.report.parts.findings import Notable, PolicyNow
from slo_report.report.parts.history import (
    History,
    HistoryCell,
    HistoryMonth,
    ObjectiveHistory,
)
from slo_report.report.parts.other_readings import OtherReading
from slo_report.report.parts.row import Change, ObjectiveRow, Seen, Unmeasured
from slo_report.report.parts.what_if import Candidate, WhatIf
from tests.report.build import (
    APRIL,
    DAYS,
    burn_of,
    day_periods,
    day_series,
    percentile_row,
    ratio_row,
    target,
)

HOSTILE = (
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "a|b\n\n# heading\n\n![x](https://evil.example/p.png)",
    "`code` **bold** _it_ [link](javascript:alert(1)) ~~s~~ https://evil.example www.evil.example",
    "$\\frac{1}{0$ $x$ _hidden",
    "=cmd|' /C calc'!A1",
    "\x1b[31mred\x1b[0m\x00\x07\u202egnp\u2028\r\n",
    "\"' onmouseover='x' --> ]]> </style></svg> {{ 7*7 }} {% raw %}",
    "- item\n1. one\n> quote\n    code\n---",
    "<" * 100_000,
    "Ω" * 100_000,
)
HARMLESS = "name"


def report(
    objectives: Sequence[ObjectiveRow], titles: dict[str, str] | None = None, **more: object
) -> Report:
    """Return a whole report around some objectives."""
    slos = list(dict.fromkeys(row.slo for row in objectives))
    titles = {slo: (titles or {}).get(slo, slo) for slo in slos}
    definitions = [
        DefinitionText(slo=slo, title=title, lines=["good: status < 500", "window: calendar month"])
        for slo, title in titles.items()
    ]
    status_text = str(more.get("status_text", ""))
    fields: dict[str, object] = {
        "service": "September Engine", "month": "2026-04", "month_text": "April 2026",
        "timezone": "UTC", "window": APRIL, "status": "final", "status_text": "",
        "status_reasons": [], "edition": 1,
        "head": head_lines("April 2026", status_text, objectives, titles), "notable": [],
        "policy": None, "objectives": list(objectives), "endpoints": [], "customers": [],
        "replicas": [], "breakdowns": {}, "left_out": [], "daily": [], "burn_down": [],
        "customer_titles": {}, "definitions": definitions, "warnings": [], "exclusions": [],
        "coverage": Coverage(hours=720, hours_with_data=700, gaps=[], missing_hours=0,
                             missing_text="0%"),
        "ledger": Ledger(files=5, lines=14_321, loaded=14_203, quarantined=26, duplicates=31,
                         outside_period=58, blank=3, refused=[], skipped=[],
                         reasons={"json": 9, "missing:ts": 5, "type:status": 5, "format": 7}),
        "provenance": Provenance(version="0.1.0", config_sha256="c0" * 32, files=[
            SourceFile(name="logs/requests-2026-04-01.jsonl.gz", sha256="ab" * 32, lines=14_321)]),
    }  # fmt: skip
    return Report.model_validate({**fields, **more})


def september() -> Report:
    """Return an April with the head of the first seed."""
    random = Random(4)
    bad_days = [int(random.random() * 1.6) for _ in range(DAYS)]
    bad_days[15], bad_days[1] = 21, 4
    bad = sum(bad_days)
    valid = int(bad / Fraction("0.0038")) + 1
    availability = ratio_row(
        "availability", "Availability", target(">=", "0.995"), valid - bad, valid,
        interval_text="99.50% to 99.71%",
        change=Change(month="2026-03", value=0.9973, text="99.73%", verdict="met",
                      delta_text="-0.11 points"),
        as_seen=Seen(value=0.9931, text="99.31%", verdict="missed", valid=valid + 70,
                     good=valid - bad, bad=bad + 70),
        unmeasured=Unmeasured(lines=26, low=0.994, low_text="99.35%", high=0.9963,
                              high_text="99.62%", verdict_holds=False),
    )  # fmt: skip
    ttft = percentile_row("ttft.p99", "TTFT p99", target("<", "5", "s"), "4.782", valid)
    turn = percentile_row("turn.p99", "Turn p99", target("<", "60", "s"), "77.41", valid - 200)
    soft = [
        percentile_row("ttft.p50", "TTFT p50", target("<", "1.5", "s"), "1.178", valid,
                       informational=True),
        percentile_row("turn.p50", "Turn p50", target("<", "8", "s"), "5.9", valid - 200,
                       informational=True),
        percentile_row("cost.p50", "Cost per turn p50", target("<", "0.05", "USD"), "0.02881",
                       valid - 200, informational=True),
        percentile_row("cost.p99", "Cost per turn p99", target("<", "0.5", "USD"), "0.4723",
                       valid - 200, informational=True),
        ratio_row("cache_hit", "Cache hit ratio", target(">", "0.6"), 5480, 10_000, budget=False,
                  informational=True, verdict="missed", statistic="sum_ratio", good=None,
                  bad=None, interval=None, interval_text=None, needed_good=None,
                  window_text="each day of April 2026",
                  periods=day_periods(28, 30, "54.80%", "2026-04-08", "71.92%")),
    ]  # fmt: skip
    titles = {"availability": "Availability", "ttft": "TTFT", "turn": "Turn",
              "cost": "Cost per turn", "cache_hit": "Cache hit ratio"}  # fmt: skip
    policy = PolicyNow(
        state="slow down", objective="availability", used_text="76%",
        actions=["Slow down deploys; require canary.", "Defer non-critical infrastructure work.",
                 "Investigate what is burning the budget."],
    )  # fmt: skip
    return report(
        [availability, ttft, turn, *soft], titles=titles, policy=policy,
        notable=_september_notes(), customers=_september_customers(availability, ttft, turn),
        customer_titles={"acme": "Acme Corp"},
        endpoints=[r.model_copy(update={"scope": {"endpoint": "POST /execute"}})
                   for r in (availability, ttft, turn)],
        daily=_september_days([availability, ttft, turn, *soft], bad_days),
        burn_down=[burn_of(availability, bad_days)],
        exclusions=_september_exclusions(),
        coverage=Coverage(hours=720, hours_with_data=716, missing_hours=1, missing_text="0.14%",
                          gaps=[Gap(from_="2026-04-12T02:00:00+00:00",
                                    to="2026-04-12T03:00:00+00:00", hours=1, due=24)]),
    )  # fmt: skip


def _september_notes() -> list[Notable]:
    return [
        Notable(by_hand=True, text="Turn p99 missed due to a regression in compaction (fixed\n"
                "Apr 22). Action items in postmortem PM-2026-04-22."),
        Notable(text="Half of the error budget of Availability went on April 16, between 13:08 and "
                "13:42: 21 bad requests.", objective="availability"),
        Notable(text="Acme Corp missed its own Availability target: 99.83% (target 99.9%)."),
    ]  # fmt: skip


def _september_exclusions() -> list[ExclusionCount]:
    return [
        ExclusionCount(reason="Upstream failure, not the Engine's to promise", excluded=61,
                       rule="fault in ('llm_provider', 'mcp_server', 'network')"),
        ExclusionCount(reason="Announced database migration", excluded=9,
                       rule="2026-04-12T02:00 to 2026-04-12T03:30, availability only"),
    ]  # fmt: skip


def _september_customers(*objectives: ObjectiveRow) -> list[ObjectiveRow]:
    availability, ttft, turn = (row.id for row in objectives)
    figures = {
        "borealis": (2600, 8, "4.71", "81.2"), "cobalt": (1900, 9, "4.93", "71.0"),
        "dune": (1500, 5, "4.66", "58.4"), "acme": (1210, 2, "2.74", "49.7"),
        "ember": (1100, 3, "4.81", "88.3"), "fjord": (900, 4, "4.42", "57.3"),
        "glade": (600, 1, "4.38", "61.8"), "pico": (5, 1, "1.9", "11"),
        "(no customer)": (200, 0, "3.9", "44"),
    }  # fmt: skip
    rows = []
    for customer, (valid, bad, first, whole) in figures.items():
        own = customer == "acme"
        floor, most = (
            target(">=", "0.999" if own else "0.995"),
            target("<", "3" if own else "5", "s"),
        )
        scope = {"customer": customer}
        rows += [
            ratio_row(availability, "Availability", floor, valid - bad, valid, scope=scope,
                      contract_target=own),
            percentile_row(ttft, "TTFT p99", most, first, valid, scope=scope, contract_target=own),
            percentile_row(turn, "Turn p99", target("<", "60", "s"), whole, valid, scope=scope),
        ]  # fmt: skip
    return rows


def _september_days(rows: Sequence[ObjectiveRow], bad_days: Sequence[int]) -> list[DailySeries]:
    random = Random(9)
    requests = [120 + random.randrange(40) if day % 7 in (3, 4) else 480 + random.randrange(90)
                for day in range(DAYS)]  # fmt: skip
    requests[10] = 61
    series = []
    for row in rows:
        values: list[tuple[int, Fraction | None]] = []
        for day, valid in enumerate(requests):
            wobble = Fraction(85 + random.randrange(30), 100)
            if row.id == "availability":
                value = 1 - Fraction(bad_days[day], valid)
            elif row.id == "turn.p99":
                value = (96 if 7 <= day < 22 else 48) * wobble
            elif row.id == "cache_hit":
                value = Fraction("0.72") * wobble if day not in (7, 8) else Fraction("0.56")
            else:
                value = Fraction(repr(row.value)) * wobble * Fraction(98, 100)
            values.append((valid, value))
        series.append(day_series(row, values))
    return series


CODEX_ENDPOINTS = (
    "GET /v1/healthz", "POST /v1/extract", "GET /v1/documents/{id}/text-regions",
    "POST /v1/documents/{id}/conformance/{profile}", "GET /v1/documents/{id}/renders",
    "Render / sample / walk POSTs",
)  # fmt: skip


def codex() -> Report:
    """Return a month of 55 committed objectives, some of them opt-in and not in use."""
    random = Random(7)
    rows: list[ObjectiveRow] = []
    daily: list[DailySeries] = []
    burns: list[BurnDown] = []
    for place, endpoint in enumerate(CODEX_ENDPOINTS):
        bad_days = [random.randrange(3) for _ in range(DAYS)]
        if place == 1:
            bad_days[19] = 90
        row = ratio_row(f"availability[{endpoint}]", f"Availability {endpoint}",
                        target(">=", "0.999"), 60_000 - sum(bad_days), 60_000,
                        window_text="30 days to Apr 30", scope={"endpoint": endpoint})  # fmt: skip
        rows.append(row)
        burns.append(burn_of(row, bad_days))
        shares = [(0, None) if day == 5 and place == 4 else (900 if place else 2000,
                  1 - Fraction(bad, 2000)) for day, bad in enumerate(bad_days)]  # fmt: skip
        daily.append(day_series(row, shares))
    for number in range(9):
        where = f"{CODEX_ENDPOINTS[number % 6]}, {'warm' if number < 6 else 'cold'}"
        for statistic, limit in (("p50", 10), ("p95", 200), ("p99", 800)):
            value = Fraction(limit, 1000) * Fraction(70 + random.randrange(34), 100)
            row = percentile_row(
                f"latency.{statistic}[{where}]",
                f"Latency {statistic} {where}",
                target("<", str(limit / 1000), "s"),
                str(value),
                8000 + number,
            )
            rows.append(row)
            daily.append(day_series(row, [
                (90 + day * 9, value * Fraction(80 + random.randrange(40), 100))
                for day in range(DAYS)]))  # fmt: skip
    for kind in ("language", "classification", "spell", "barcodes", "logos", "symbols"):
        rows.append(ratio_row(f"ai_success[ai_kind={kind}]", f"AI success rate {kind}",
                              target(">=", "0.9"), 0, 0, budget=False, optional=True,
                              verdict="not_in_use"))  # fmt: skip
    for number in range(16):
        rows.append(ratio_row(f"cache_hit_rate[{number}]", f"Cache hit rate {number}",
                              target(">=", "0.8"), 900 if number != 3 else 0,
                              1000 if number != 3 else 0, budget=False))  # fmt: skip
    titles = {"availability": "Availability", "latency": "Latency", "ai_success": "AI success rate",
              "cache_hit_rate": "Cache hit rate"}  # fmt: skip
    return report(rows, service="codex-pdf", titles=titles, daily=daily, burn_down=burns)


def no_data() -> Report:
    """Return a month in which nothing was asked."""
    rows = [
        ratio_row("availability", "Availability", target(">=", "0.995"), 0, 0),
        percentile_row("ttft.p99", "TTFT p99", target("<", "5", "s"), None, 0, good=0, bad=0),
        ratio_row("ai", "AI success", target(">=", "0.9"), 0, 0, optional=True,
                  verdict="not_in_use"),
    ]  # fmt: skip
    daily = [day_series(row, [(0, None)] * DAYS) for row in rows]
    return report(rows, status="incomplete", status_text="(INCOMPLETE)", daily=daily,
                  status_reasons=["logs/a.jsonl.gz was refused: not gzip."])  # fmt: skip


def one_day() -> Report:
    """Return a month of which one day is over."""
    row = ratio_row("availability", "Availability", target(">=", "0.995"), 480, 482)
    slow = percentile_row("ttft.p99", "TTFT p99", target("<", "5", "s"), "4.97", 482)
    daily = [
        day_series(row, [(482, Fraction(480, 482))]),
        day_series(slow, [(482, Fraction("4.97"))]),
    ]
    return report([row, slow], status="provisional", status_text="(provisional, to Apr 1)",
                  daily=daily, burn_down=[burn_of(row, [2])])  # fmt: skip


def named(text: str) -> Report:
    """Return a report in which every name that a log or a person gives is this text."""
    row = ratio_row("availability", "Availability", target(">=", "0.995"), 990, 1000)
    quick = percentile_row("ttft.p99", "TTFT p99", target("<", "5", "s"), "4.1", 1000)
    scopes = {
        column: {column: text} for column in ("endpoint", "customer", "replica", "error_code")
    }
    scoped = {
        column: [item.model_copy(update={"scope": scope}) for item in (row, quick)]
        for column, scope in scopes.items()
    }
    chosen = row.model_copy(update={"id": f"availability[{text}]", "title": f"Availability {text}"})
    ledger = Ledger(
        files=1,
        lines=1,
        loaded=1,
        quarantined=0,
        duplicates=0,
        outside_period=0,
        blank=0,
        reasons={text: 1},
        refused=[Refused(file=text, reason=text)],
        skipped=[text],
    )
    days = [(500, Fraction(499, 500)), (500, Fraction(1, 2))]
    return report(
        [row, quick, chosen], service=text, endpoints=scoped["endpoint"], ledger=ledger,
        customers=scoped["customer"], replicas=scoped["replica"], warnings=[text],
        breakdowns={"error_code": scoped["error_code"]}, customer_titles={text: text},
        notable=[Notable(text=text)], status_reasons=[text],
        policy=PolicyNow(state=text, objective=text, used_text="76%", actions=[text]),
        exclusions=[ExclusionCount(reason=text, excluded=1, rule=text)],
        daily=[day_series(row, days), day_series(quick, [(500, Fraction(4))]),
               day_series(row, days, {"endpoint": text}), day_series(row, days, {"endpoint": "b"}),
               day_series(chosen, days)],
        burn_down=[burn_of(row, [1, 2]), burn_of(chosen, [5, 5])],
        history=two_months([row, quick, chosen], text),
        what_if=[what_if(chosen, {}), what_if(chosen, {"endpoint": text})],
        other_readings=[OtherReading(
            objective=chosen.id, title=text, ruling=text, reading=text, valid=10, good=9,
            needed_good=10, value=0.9, text=text, reported_text=text, verdict="missed",
            reported_verdict="met", flips=True,
        )],
    ).model_copy(update=alerts(row.id, text, text))  # fmt: skip


def two_months(rows: Sequence[ObjectiveRow], text: str) -> History:
    """Return a history in which March said this text of every objective."""

    def cell(row: ObjectiveRow, month: str, said: str) -> HistoryCell:
        return HistoryCell(
            month=month, value=row.value, text=said, verdict="missed", target=row.target,
            valid=row.valid, good=row.good, budget_used=None, budget_text=None,
            target_changed=month == "2026-03", definition_changed=False,
        )  # fmt: skip

    return History(
        months=[HistoryMonth(month="2026-03", month_text="Mar 2026", state="incomplete"),
                HistoryMonth(month="2026-04", month_text="Apr 2026", state="final")],
        objectives=[
            ObjectiveHistory(
                objective=row.id, title=row.title, informational=False, judged=2, missed=2,
                cells=[cell(row, "2026-03", text), cell(row, "2026-04", row.text)],
                pattern="second miss in a row",
            )
            for row in rows
        ],
    )  # fmt: skip


def what_if(row: ObjectiveRow, scope: dict[str, str]) -> WhatIf:
    """Return a row under its own target alone."""
    now = Candidate(target=row.target, is_current=True, verdict=row.verdict, budget_used=0.5,
                    budget_text="50%", months_met=3)  # fmt: skip
    return WhatIf(
        objective=row.id, title=row.title, informational=False, scope=scope,
        target=row.target, months=3, call="achievable", reason="met in 3 of 3 months",
        kept=row.target, candidates=[now],
    )  # fmt: skip


def alerts(objective: str, title: str, severity: str) -> dict[str, object]:
    """Return what alerts tell of an April with one page, one noisy page and a slow morning."""
    rung = {
        "objective": objective, "title": title, "severity": severity, "window": "1h",
        "short_window": "5m", "burn_rate": 14.4, "peak": 55.2, "peak_text": "55.2x",
        "page": True, "already_ringing": False,
    }  # fmt: skip
    page = BurnRateEpisode.model_validate({
        **rung, "from": "2026-04-16T13:15:00+00:00", "to": "2026-04-16T14:40:00+00:00",
        "duration_text": "1h 25m", "budget_used_at_start": 0.28, "budget_used_by_end": 0.61,
        "used_at_start_text": "28%", "used_by_end_text": "61%", "cost": 0.43, "cost_text": "43%",
        "noise": False, "first_bad": "2026-04-16T13:08:16+00:00", "detection_s": 404.0,
        "detection_text": "7m",
    })  # fmt: skip
    noise = page.model_copy(update={
        "from_": "2026-04-25T08:40:00+00:00", "to": None, "noise": True, "cost_text": "0.8%",
    })  # fmt: skip
    slow = ThresholdEpisode.model_validate({
        "objective": objective, "title": title, "name": severity, "condition": "p95 > 10s over 5m",
        "from": "2026-04-09T08:40:00+00:00", "to": None, "duration_text": "20m", "peak": 12.1,
        "peak_text": "13s",
    })  # fmt: skip
    never = UnreachableRule(
        objective=objective, title=title, severity=severity, window="24h", short_window=None,
        burn_rate=300, highest=200, highest_text="200x",
    )  # fmt: skip
    told = RuleSet(
        objective=objective, title=title, rules="configured", pages=2, tickets=0, noise=1,
        detection_s=404.0, detection_text="7m", budget_used_at_first_page=0.28,
        used_at_first_page_text="28%", incidents=2, missed=1,
    )  # fmt: skip
    rates = [0.4] * 300 + [None] * 40 + [0.2] * 45 + [55.2, 20.0] + [0.8] * 333
    watched = BurnRates(
        objective=objective, window="1h", step_s=3600, highest=rates,
        rules=[WatchedRate(severity=severity, burn_rate=14.4),
               WatchedRate(severity=severity, burn_rate=14)],
    )  # fmt: skip
    return {
        "burn_rate_alerts": [page, noise], "threshold_alerts": [slow],
        "unreachable_alerts": [never], "burn_rates": [watched],
        "alert_comparison": [told, told.model_copy(update={"rules": "SRE workbook"})],
    }  # fmt: skip


def large() -> Report:
    """Return a report with 300 endpoints and 1,000 customers."""
    random = Random(1)
    goal = target(">=", "0.99")
    whole = ratio_row("availability", "Availability", goal, 995_000, 1_000_000)

    def rows(column: str, keys: Sequence[str]) -> list[ObjectiveRow]:
        return [
            ratio_row("availability", "Availability", goal, 1000 - random.randrange(14), 1000,
                      scope={column: key})
            for key in keys
        ]  # fmt: skip

    endpoints = rows("endpoint", [f"GET /v1/resources/{n}/parts" for n in range(300)])
    daily = [
        day_series(whole, [(50, 1 - Fraction(random.randrange(2), 50))] * DAYS, row.scope)
        for row in endpoints
    ]
    customers = rows("customer", [f"customer-{n:04}" for n in range(1000)])
    return report([whole], endpoints=endpoints, daily=daily, customers=customers)
