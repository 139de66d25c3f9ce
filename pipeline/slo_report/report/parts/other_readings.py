"""What a definition can also be read to say, and what the month is by that reading."""

from slo_report.judge.verdicts import Verdict
from slo_report.report.parts.part import Part


class OtherReading(Part):
    """One objective by another reading of its definition."""

    objective: str
    title: str
    ruling: str
    """How it was read: "Excluded requests leave the total"."""
    reading: str
    """The other way: "they stay in the total, as no errors"."""
    valid: int
    good: int | None
    needed_good: int | None
    value: float | None
    """Share of good events; for a percentile the share of requests within its target.

    Of a `window: day` and of a ratio of sums it is the value itself.
    """
    text: str
    reported_text: str
    """The same share by the report's own reading."""
    verdict: Verdict
    reported_verdict: Verdict
    flips: bool
    """True where the two verdicts differ."""
