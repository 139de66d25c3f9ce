"""Months of a few slots, counted by hand."""

from collections.abc import Mapping
from decimal import Decimal

import polars as pl

from slo_report.judge.burn_rate import Burn
from slo_report.judge.steps import STEP_US, Totals, totals
from slo_report.rollup.calendar import Calendar
from slo_report.rollup.slots import COUNTS_BY_SLOT, SlotCounts
from slo_report.slo_yaml.alert_definition import BurnRateAlert
from slo_report.slo_yaml.targets import Target
from tests.judge.test_compliance import question

MONTH_US = 400 * 86_400 * 1_000_000
"""An instant at which the month of a test begins."""
HOUR = 12
"""Steps of an hour."""
DAYS_BEFORE = 4

Slots = Mapping[int, tuple[int, int]]
"""Slot, counted from the month's start: valid and bad events."""


def totals_of(slots: Slots, steps: int) -> Totals:
    """Return the running totals of some slots; the calendar reaches four days back."""
    from_us = MONTH_US - DAYS_BEFORE * 24 * HOUR * STEP_US
    calendar = Calendar.every_slot(from_us, MONTH_US + steps * STEP_US)
    rows = [("o", DAYS_BEFORE * 24 * HOUR + slot, *counts) for slot, counts in slots.items()]
    counts = pl.DataFrame(rows, schema=COUNTS_BY_SLOT, orient="row")
    return totals(SlotCounts(calendar, counts))["o"]


def burn_of(slots: Slots, *, target: str = "0.9", steps: int = 24 * HOUR) -> Burn:
    """Return an objective over a month of `steps` steps."""
    end_us = MONTH_US + steps * STEP_US
    asked = question("ratio", Target(">=", Decimal(target), "ratio"))
    return Burn(asked, totals_of(slots, steps), range(MONTH_US, end_us, STEP_US), end_us)


def rule(
    rate: str, steps: int = HOUR, short: int | None = None, severity: str = "Sev1"
) -> BurnRateAlert:
    """Return a rule whose windows are given in steps."""
    return BurnRateAlert(
        steps * 300, Decimal(rate), severity, None if short is None else short * 300
    )


def in_steps(from_us: int, to_us: int | None) -> tuple[int, int | None]:
    """Return an episode's ends in steps since the month's start."""
    start = (from_us - MONTH_US) // STEP_US
    return start, None if to_us is None else (to_us - MONTH_US) // STEP_US
