"""What `burn_rate_alerts:` and `threshold_alerts:` mean, as values."""

from dataclasses import dataclass
from decimal import Decimal

from slo_report.slo_yaml.expressions import Expression


@dataclass(frozen=True)
class BurnRateAlert:
    """A burn rate that rings when a window reaches it."""

    window_s: int
    burn_rate: Decimal
    severity: str
    short_window_s: int | None = None


@dataclass(frozen=True)
class ThresholdAlert:
    """A statistic, bad share or target of an SLO that rings when it is passed for long."""

    name: str
    slo: str
    over_s: int
    for_s: int
    statistic: str | None = None
    above_target_times: Decimal | None = None
    bad_ratio_above: Decimal | None = None
    below_target: bool = False
    valid: Expression | None = None
