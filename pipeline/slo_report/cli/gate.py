"""`slo-report gate`: what does the error budget policy say now?"""

from typing import Annotated

import typer

from slo_report.cli.output import complain, lines, log, logged, printable, put
from slo_report.cli.program import (
    AsOfOption,
    ConfigOption,
    QuietOption,
    app,
    config_path,
    present_time,
)

EXIT_STATUS = {"go": 0, "stop": 5, "undecidable": 3}


@app.command()
def gate(
    month: Annotated[
        str, typer.Option("--month", help="current: the month so far; or 2026-04, or last.")
    ] = "current",
    json_output: Annotated[bool, typer.Option("--json", help="Print the answer as JSON.")] = False,
    no_load: Annotated[
        bool, typer.Option("--no-load", help="Answer from what is loaded already.")
    ] = False,
    config: ConfigOption = None,
    quiet: QuietOption = False,
    as_of: AsOfOption = None,
) -> None:
    """Say by the error budgets of the month so far whether to go on or to stop."""
    from slo_report.months import parse_month
    from slo_report.slo_yaml.build import load_definition

    now = present_time(as_of)
    with logged(quiet=quiet) as progress:
        definition = load_definition(config_path(config))
        for concern in definition.warnings:
            log.warning("%s:%d: %s", definition.path.name, concern.line, concern.text)
        asked = parse_month(month, definition.timezone, now)
        from slo_report.gate import gate as answer_now
        from slo_report.gate import gate_text

        given = answer_now(definition, asked, now=now, load_new=not no_load, progress=progress)
    if json_output:
        put(given.model_dump_json(by_alias=True, indent=1) + "\n")
    elif not quiet:
        put("".join(f"{printable(line)}\n" for line in gate_text(given)))
    if given.decision == "stop":
        complain(lines(f"stop: the error budget of {given.month} is {given.state}"))
    elif given.decision == "undecidable":
        complain(lines(f"undecidable: {' '.join(given.reasons)}"))
    raise typer.Exit(EXIT_STATUS[given.decision])
