"""`slo-report init`: a slo.yaml to start from."""

from pathlib import Path
from typing import Annotated

import typer

from slo_report.cli.output import log, logged, printable, put
from slo_report.cli.program import ConfigOption, QuietOption, app, config_path


@app.command()
def init(
    log_file: Annotated[
        Path | None, typer.Option("--log", help="A log file to take format and fields from.")
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Overwrite the slo.yaml that is there.")
    ] = False,
    config: ConfigOption = None,
    quiet: QuietOption = False,
) -> None:
    """Write a slo.yaml to start from."""
    from slo_report.init.definition_text import write_definition

    path = config_path(config)
    with logged(quiet=quiet):
        for doubt in write_definition(path, log_file, force=force):
            log.warning("%s", doubt)
    if not quiet:
        put(printable(str(path)) + "\n")
