"""`slo-report send`: mail a month that is published."""

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from slo_report.cli.output import log, logged, printable, put
from slo_report.cli.program import ConfigOption, QuietOption, app, config_path
from slo_report.errors import DeliveryError, InputError

if TYPE_CHECKING:
    from slo_report.mail.send import Delivery
    from slo_report.slo_yaml.definition import Definition

_WORDS = {
    "sent": "sent", "known": "already sent", "withheld": "not sent", "pending": "not sent yet",
    "failed": "refused", "in_doubt": "in doubt",
}  # fmt: skip


@app.command()
def send(
    month: Annotated[
        str, typer.Option("--month", help="2026-04; last: the last complete month; or current.")
    ] = "last",
    resend: Annotated[
        bool, typer.Option("--resend", help="Also to who has it, was refused, or has an older one.")
    ] = False,
    resend_in_doubt: Annotated[
        bool, typer.Option("--resend-in-doubt", help="Also to who may have got it.")
    ] = False,
    received: Annotated[
        list[str] | None,
        typer.Option(
            "--received", metavar="ADDRESS", help="Who is in doubt but has it; may be repeated."
        ),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Also a month that is incomplete or not over.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Send nothing; write the mails as .eml files.")
    ] = False,
    eml: Annotated[
        Path | None, typer.Option("--eml", help="Folder for them; else mail/ in the month's.")
    ] = None,
    config: ConfigOption = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder of reports; else `reports:` of slo.yaml.")
    ] = None,
    quiet: QuietOption = False,
) -> None:
    """Mail the report of a month to those who have not got it."""
    from slo_report.months import parse_month
    from slo_report.slo_yaml.build import load_definition

    now = datetime.now(UTC)
    with logged(quiet=quiet):
        definition = load_definition(config_path(config))
        asked = parse_month(month, definition.timezone, now)
        from slo_report.mail.addresses import mailbox
        from slo_report.mail.month import send_month, write_mails
        from slo_report.mail.send import Choices

        folder = (out if out is not None else definition.reports) / asked.text
        if dry_run:
            written = write_mails(definition, folder, eml or folder / "mail")
            if not quiet:
                put("".join(printable(str(path)) + "\n" for path in written))
            return
        deliveries = send_month(
            definition, folder, environment=os.environ, now=now,
            choices=Choices(
                resend, resend_in_doubt,
                frozenset(mailbox(text).addr_spec for text in received or ()), force,
            ),
        )  # fmt: skip
    if not quiet:
        put("".join(printable(_line(delivery)) + "\n" for delivery in deliveries))
    _answer_for(deliveries)


def mail_after_run(
    definition: "Definition", folder: Path, now: datetime, *, force: bool
) -> list[str]:
    """Mail the month that a run has just published; return who has not got it, in sentences."""
    from slo_report.mail.month import send_month
    from slo_report.mail.send import Choices

    deliveries = send_month(
        definition, folder, environment=os.environ, now=now, choices=Choices(force=force)
    )
    for delivery in deliveries:
        # An incomplete month is told of anyway, and one that is not over waits for its end.
        if delivery.ending == "withheld" and delivery.letter.report.status == "final":
            log.warning("%s", _line(delivery))
    return [_line(delivery) for delivery in deliveries if delivery.is_missing]


def _line(delivery: "Delivery") -> str:
    whose = f" ({delivery.letter.document})" if delivery.letter.document else ""
    said = f": {delivery.text}" if delivery.text else ""
    return f"{delivery.recipient.addr_spec}{whose}: {_WORDS[delivery.ending]}{said}"


def _answer_for(deliveries: "list[Delivery]") -> None:
    """Raise what stands for the exit status, if not everyone has got the report."""
    held = [d for d in deliveries if d.ending == "withheld" and d.letter.report.status != "final"]
    if held:
        report = held[0].letter.report
        reasons = " ".join(report.status_reasons)
        raise InputError(
            f"{report.month} is {report.status} and not mailed without --force: {reasons}"
        )
    missing = [_line(delivery) for delivery in deliveries if delivery.is_missing]
    if missing:
        raise DeliveryError("\n".join(f"not delivered to {line}" for line in missing))
