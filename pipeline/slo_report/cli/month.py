"""`slo-report --month 2026-04`: the monthly job."""

import os
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from slo_report import __version__
from slo_report.cli.output import complain, lines, log, logged, printable, put
from slo_report.cli.program import (
    AsOfOption,
    ConfigOption,
    QuietOption,
    app,
    config_path,
    present_time,
)
from slo_report.cli.send import mail_after_run
from slo_report.errors import DefinitionError, DeliveryError, InputError

if TYPE_CHECKING:
    from slo_report.editions.publish import Published
    from slo_report.months import Month
    from slo_report.report.document import Report

INCOMPLETE = 3
MISSED = 5


@app.callback(invoke_without_command=True)
def report(
    context: typer.Context,
    month: Annotated[
        str,
        typer.Option("--month", help="2026-04; last: the last complete month; or current."),
    ] = "last",
    since: Annotated[
        str | None,
        typer.Option(
            "--since", help="Report every month from this one on, oldest first; mail only the last."
        ),
    ] = None,
    config: ConfigOption = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder of reports; else `reports:` of slo.yaml.")
    ] = None,
    no_email: Annotated[bool, typer.Option("--no-email", help="Send nothing.")] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Mail a month that is incomplete or not over.")
    ] = False,
    fail_on_miss: Annotated[
        bool, typer.Option("--fail-on-miss", help="Exit with 5 if an objective was missed.")
    ] = False,
    json_output: Annotated[
        bool, typer.Option("--json", help="Print the report document instead of its path.")
    ] = False,
    quiet: QuietOption = False,
    as_of: AsOfOption = None,
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    """Load new logs, measure a month, write its report."""
    if version:
        put(f"slo-report {__version__}\n")
        raise typer.Exit
    if context.invoked_subcommand is not None:
        _refuse_options_before(context)
        return
    from slo_report.months import parse_month
    from slo_report.slo_yaml.build import load_definition

    now = present_time(as_of)
    with logged(quiet=quiet) as progress:
        definition = load_definition(config_path(config))
        for concern in definition.warnings:
            log.warning("%s:%d: %s", definition.path.name, concern.line, concern.text)
        asked = parse_month(month, definition.timezone, now)
        earlier = _earlier(asked, since, now)
        # Only now, so that a mistake is answered at once.
        from slo_report.mail.watch import watched
        from slo_report.run import run_month

        reports = out if out is not None else definition.reports
        mail = definition.email is not None and not no_email
        with watched(definition, asked.text, os.environ, mail=mail) as troubles:
            for before in earlier:
                try:
                    run_month(
                        definition, before,
                        reports=reports, now=now, progress=progress, keep_requests=True,
                    )  # fmt: skip
                except InputError as error:
                    log.warning("%s", error)
            outcome = run_month(definition, asked, reports=reports, now=now, progress=progress)
            ledger = outcome.report.ledger
            for refused in ledger.refused if ledger else []:
                log.warning("refused %s: %s", refused.file, refused.reason)
            if outcome.report.status == "incomplete":
                troubles.extend(outcome.report.status_reasons)
            progress("mailing")
            undelivered = (
                mail_after_run(definition, reports / asked.text, now, force=force) if mail else []
            )
            troubles.extend(undelivered)
    if json_output:
        document = next(path for path in outcome.files if path.name == "report.json")
        put(document.read_text(encoding="utf-8"))
    elif not quiet:
        put(
            printable(str(next(path for path in outcome.files if path.name == "report.html")))
            + "\n"
        )
    if not quiet:
        _tell_edition(outcome)
    raise typer.Exit(_verdict(outcome.report, undelivered, fail_on_miss=fail_on_miss))


def _earlier(asked: "Month", since: str | None, now: datetime) -> "list[Month]":
    """Return the months from --since to the one asked for, without it, oldest first."""
    if since is None:
        return []
    from slo_report.months import parse_month

    months = asked.since(parse_month(since, asked.zone, now, option="--since"))
    if not months:
        raise DefinitionError(f"--since {since} is after --month {asked.text}")
    return months[:-1]


def _tell_edition(outcome: "Published") -> None:
    """Say that a published month stands as it is, or that it was restated."""
    report = outcome.report
    if not outcome.is_new:
        complain(lines(f"{report.month} is up to date, edition {report.edition}"))
    elif report.edition > 1:
        complain(lines(f"{report.month} is published anew, edition {report.edition}"))


def _verdict(report: "Report", undelivered: list[str], *, fail_on_miss: bool) -> int:
    """Return the status of a report that is written; standard error says why it is not 0."""
    for line in undelivered:
        complain(lines(f"the report is written, but not delivered to {line}"))
    if report.status == "incomplete":
        reasons = " ".join(report.status_reasons)
        complain(lines(f"the report is written, but {report.month} is incomplete: {reasons}"))
        return INCOMPLETE
    if undelivered:
        return DeliveryError.exit_status
    missed = [
        row.id for row in report.objectives if row.verdict == "missed" and not row.informational
    ]
    if fail_on_miss and missed:
        complain(lines(f"missed in {report.month}: {', '.join(missed)}"))
        return MISSED
    return 0


def _refuse_options_before(context: typer.Context) -> None:
    """Refuse `slo-report --config x check`: the option would be lost on the command."""
    for name in context.params:
        source = context.get_parameter_source(name)
        if source is not None and source.name == "COMMANDLINE":
            option = name.removesuffix("_output").replace("_", "-")
            raise DefinitionError(
                f"--{option} stands before `{context.invoked_subcommand}`; write it behind"
            )
