"""The command line: options in, exit status out. The only place that prints errors.

Standard output carries the result, standard error the log; with --quiet a success prints nothing.
Heavy imports wait until a command needs them, so that --help answers at once.
"""

import os
import re
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Annotated, Any

import typer

from slo_report import __version__
from slo_report.errors import SloReportError

app = typer.Typer(
    help="The monthly SLO report, from request logs.",
    no_args_is_help=False,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)

INCOMPLETE = 3
MISSED = 5
INTERRUPTED = 130
TERMINATED = 143

ConfigOption = Annotated[
    Path | None,
    typer.Option("--config", help="slo.yaml; else $SLO_REPORT_CONFIG, else ./slo.yaml."),
]
QuietOption = Annotated[bool, typer.Option("--quiet", help="Print nothing but errors.")]


def main() -> None:
    """Run the command line; every failure becomes a sentence and an exit status."""
    signal.signal(signal.SIGTERM, _terminate)
    # Reports hold figures of customers: nobody but the user of the cron job reads them.
    os.umask(0o077)
    # Outside of any `except`, so that no traceback keeps the store alive until the interpreter ends.
    sys.exit(exit_status())


def exit_status() -> int:
    """Run the command line and return what it says to the shell."""
    try:
        app(standalone_mode=False)
        sys.stdout.flush()
    except typer.Exit as leave:
        return leave.exit_code
    except (typer.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except SloReportError as error:
        print(f"slo-report: {printable(str(error))}", file=sys.stderr)
        return error.exit_status
    except BrokenPipeError:
        # The reader of our output has gone, as in `| head -1`: that is no failure of ours.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except Exception as error:
        if hasattr(error, "show") and hasattr(error, "exit_code"):  # a usage error of click
            error.show()
            return int(error.exit_code)
        raise
    return 0


@app.callback(invoke_without_command=True)
def report(
    context: typer.Context,
    month: Annotated[
        str, typer.Option("--month", help="2026-04, or last: the last complete month.")
    ] = "last",
    config: ConfigOption = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder of reports; else `reports:` of slo.yaml.")
    ] = None,
    no_email: Annotated[bool, typer.Option("--no-email", help="Send nothing.")] = False,
    fail_on_miss: Annotated[
        bool, typer.Option("--fail-on-miss", help="Exit with 5 if an objective was missed.")
    ] = False,
    json_output: Annotated[
        bool, typer.Option("--json", help="Print the report document instead of its path.")
    ] = False,
    quiet: QuietOption = False,
    as_of: Annotated[
        datetime | None,
        typer.Option(
            "--as-of", help="Take this as the present time (UTC).", formats=["%Y-%m-%dT%H:%M:%S"]
        ),
    ] = None,
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    """Load new logs, measure a month, write its report."""
    if version:
        print(f"slo-report {__version__}")
        raise typer.Exit
    if context.invoked_subcommand is not None:
        return
    from slo_report.months import parse_month
    from slo_report.run import run_month
    from slo_report.slo_yaml.build import load_definition

    now = as_of.replace(tzinfo=UTC) if as_of else datetime.now(UTC)
    with progress_line(quiet=quiet) as progress:
        definition = load_definition(config_path(config))
        for concern in definition.warnings:
            progress(f"slo.yaml:{concern.line}: {concern.text}")
        outcome = run_month(
            definition,
            parse_month(month, definition.timezone, now),
            reports=out if out is not None else definition.reports,
            now=now,
            progress=progress,
        )
    if json_output:
        document = next(path for path in outcome.files if path.name == "report.json")
        sys.stdout.write(document.read_text(encoding="utf-8"))
    elif not quiet:
        print(next(path for path in outcome.files if path.name == "report.html"))
    raise typer.Exit(_status(outcome.report, fail_on_miss=fail_on_miss))


@app.command()
def check(config: ConfigOption = None, quiet: QuietOption = False) -> None:
    """Check slo.yaml, and its predicates against the requests that are loaded."""
    from slo_report.check import check_definition

    findings = check_definition(config_path(config))
    for finding in findings.warnings:
        print(f"warning: {printable(finding)}", file=sys.stderr)
    if not quiet:
        print(findings.summary)


@app.command()
def load(config: ConfigOption = None, quiet: QuietOption = False) -> None:
    """Load new log files into the store and stop."""
    from slo_report.run import load_new
    from slo_report.slo_yaml.build import load_definition

    with progress_line(quiet=quiet) as progress:
        result = load_new(load_definition(config_path(config)), progress)
    if not quiet:
        print(printable(result.summary))


def config_path(given: Path | None) -> Path:
    """Return the slo.yaml to use: --config, else $SLO_REPORT_CONFIG, else ./slo.yaml."""
    return given or Path(os.environ.get("SLO_REPORT_CONFIG") or "slo.yaml")


def printable(text: str) -> str:
    """Return a text for the terminal: control characters of file names and logs are shown as such."""
    return re.sub(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", lambda match: f"\\x{ord(match[0]):02x}", text)


@contextmanager
def progress_line(*, quiet: bool) -> Iterator[Callable[[str], None]]:
    """Give a function that tells what is going on: one changing line, on a terminal alone."""
    on_terminal = (
        sys.stderr.isatty() and not os.environ.get("CI") and os.environ.get("TERM") != "dumb"
    )
    if quiet or not on_terminal:
        yield lambda _text: None
        return

    def show(text: str) -> None:
        print(f"\r\x1b[K{printable(text)[:100]}", end="", file=sys.stderr, flush=True)

    try:
        yield show
    finally:
        print("\r\x1b[K", end="", file=sys.stderr, flush=True)


def _status(report: Any, *, fail_on_miss: bool) -> int:
    if report.status == "incomplete":
        return INCOMPLETE
    missed = any(row.verdict == "missed" and not row.informational for row in report.objectives)
    return MISSED if fail_on_miss and missed else 0


def _terminate(_signal: int, _frame: FrameType | None) -> None:
    raise SystemExit(TERMINATED)
