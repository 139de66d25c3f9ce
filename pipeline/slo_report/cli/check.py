"""`slo-report check`: is slo.yaml right?"""

from slo_report.cli.output import log, logged, printable, put
from slo_report.cli.program import ConfigOption, QuietOption, app, config_path


@app.command()
def check(config: ConfigOption = None, quiet: QuietOption = False) -> None:
    """Check slo.yaml, and its predicates against the requests that are loaded."""
    from slo_report.check import check_definition

    with logged(quiet=quiet):
        findings = check_definition(config_path(config))
        for warning in findings.warnings:
            log.warning("%s", warning)
    if not quiet:
        put(printable(findings.summary) + "\n")
