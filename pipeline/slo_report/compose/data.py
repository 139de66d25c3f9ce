"""What the report says of its data: coverage, ledger, provenance, and whether it is complete."""

from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from math import ceil

from slo_report import __version__
from slo_report.compose.rows import Frame
from slo_report.judge.coverage import CoverageFigures
from slo_report.judge.ledger import LedgerFigures
from slo_report.months import HOUR_US, day_text, us_of
from slo_report.report.document import Status
from slo_report.report.parts.data import Coverage, Gap, Ledger, Provenance, Refused, SourceFile
from slo_report.report.texts import format_ratio
from slo_report.slo_yaml.definition import Definition, Limits
from slo_report.wording import out_of, plural


@dataclass(frozen=True)
class Completeness:
    """Whether a month's figures stand, and why not."""

    status: Status
    text: str
    """Behind the report's first line: "", "(INCOMPLETE)", "(provisional, to Apr 24)"."""
    reasons: list[str]


def completeness(
    frame: Frame, now: datetime, limits: Limits, ledger: LedgerFigures, covered: CoverageFigures
) -> Completeness:
    """Return the status: a month that still runs is provisional, one that lacks data incomplete."""
    month = frame.windows.month
    if us_of(now) < month.to_us:
        today = day_text(now.astimezone(month.zone).date())
        return Completeness(
            "provisional",
            f"(provisional, to {today})",
            [f"The month runs until {month.days[-1].date}."],
        )
    reasons = lacking(limits, ledger, covered)
    if reasons:
        return Completeness("incomplete", "(INCOMPLETE)", reasons)
    return Completeness("final", "", [])


def lacking(limits: Limits, ledger: LedgerFigures, covered: CoverageFigures) -> list[str]:
    """Return in sentences what of the month is missing beyond the limits."""
    reasons = []
    lines, quarantined = ledger.total("lines"), ledger.total("quarantined")
    share = Fraction(quarantined, lines) if lines else Fraction(0)
    if share > Fraction(limits.quarantined):
        reasons.append(
            f"{out_of(quarantined, lines, 'line')} "
            f"({format_ratio(share, up=True)}) could not be used; "
            f"the limit is {format_ratio(limits.quarantined)}. By reason: {ledger.unusable}."
        )
    if covered.missing_share > Fraction(limits.missing_time):
        are = plural(covered.missing_hours, "is", "are")
        reasons.append(
            f"{out_of(covered.missing_hours, covered.hours, 'hour')} "
            f"({format_ratio(covered.missing_share, up=True)}) {are} missing; "
            f"the limit is {format_ratio(limits.missing_time)}."
        )
    if ledger.refused:
        names = ", ".join(name for name, _ in ledger.refused)
        reasons.append(f"Refused: {names}. Mend, remove or ignore each such file.")
    return reasons


def coverage_part(frame: Frame, covered: CoverageFigures) -> Coverage:
    """Return the coverage as the report has it, gaps in the report's zone."""
    month = frame.windows.month
    return Coverage(
        hours=covered.hours,
        hours_with_data=covered.hours_with_data,
        gaps=[
            Gap(
                from_=frame.instant(month.from_us + gap.first * HOUR_US),
                to=frame.instant(min(month.from_us + gap.end * HOUR_US, month.to_us)),
                hours=gap.end - gap.first,
                due=ceil(gap.due),
            )
            for gap in covered.gaps
        ],
        missing_hours=covered.missing_hours,
        missing_text=format_ratio(covered.missing_share, up=True),
    )


def ledger_part(ledger: LedgerFigures) -> Ledger:
    """Return the ledger's totals over the month's files."""
    return Ledger(
        files=len(ledger.files),
        lines=ledger.total("lines"),
        loaded=ledger.total("loaded"),
        quarantined=ledger.total("quarantined"),
        duplicates=ledger.total("duplicates"),
        outside_period=ledger.total("outside_period"),
        blank=ledger.total("blank"),
        reasons=ledger.reasons,
        refused=[Refused(file=name, reason=reason) for name, reason in ledger.refused],
        skipped=list(ledger.skipped),
    )


def provenance(definition: Definition, ledger: LedgerFigures) -> Provenance:
    """Return what the figures were made from: version, definition and files with their digests."""
    return Provenance(
        version=__version__,
        config_sha256=definition.sha256,
        files=[
            SourceFile(name=file.name, sha256=file.sha256, lines=file.lines, loaded=file.loaded)
            for file in ledger.files
        ],
    )
