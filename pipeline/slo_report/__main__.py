"""`python -m slo_report` is `slo-report`."""

from slo_report.cli import main

main()
