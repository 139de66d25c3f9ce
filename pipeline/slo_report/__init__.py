"""slo-report: the monthly SLO report, from request logs."""

__version__ = "0.1.0"
