"""The command line: options in, exit status out. The only place that prints errors.

Standard output carries the result, standard error the log; with --quiet a success prints nothing.
Heavy imports wait until a command needs them, so that --help answers at once.
"""

import logging
import os
import re
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from slo_report import __version__
from slo_report.errors import DefinitionError, DiskError, InputError, SloReportError

if TYPE_CHECKING:
    from slo_report.load.load import LoadResult
    from slo_report.report.document import Report

app = typer.Typer(
    help="The monthly SLO report, from request logs.",
    no_args_is_help=False,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)

INTERNAL = 1
INCOMPLETE = 3
MISSED = 5
INTERRUPTED = 130
TERMINATED = 143

_log = logging.getLogger("slo_report")
"""What is worth a line on standard error; modules below say theirs to the same logger."""
_INVISIBLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_LINE_START = "\r\x1b[K"

ConfigOption = Annotated[
    Path | None,
    typer.Option("--config", help="slo.yaml; else $SLO_REPORT_CONFIG, else ./slo.yaml."),
]
QuietOption = Annotated[bool, typer.Option("--quiet", help="Print nothing but errors.")]


class _StoppedError(BaseException):
    """A signal asked the program to stop; no `except Exception` on the way may keep it."""


_STATUS_OF_SIGNAL = {int(signal.SIGINT): INTERRUPTED, int(signal.SIGTERM): TERMINATED}
_GRACE_S = 3.0
"""How long a roll-back may take after a signal."""
_stop_status: list[int] = []
"""The status of a signal that came: an engine may turn its exception into another."""


def main() -> None:
    """Run the command line; every failure becomes a sentence and an exit status."""
    for number in (signal.SIGINT, signal.SIGTERM):
        if signal.getsignal(number) is not signal.SIG_IGN:  # as under nohup
            signal.signal(number, _stop)
    _leave_even_from_within_a_query()
    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot show a character is no reason to fail.
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    # Reports hold figures of customers: nobody but the user of the cron job reads them.
    os.umask(0o077)
    # Outside of any `except`, so that no traceback keeps the store alive until the end.
    sys.exit(exit_status())


def exit_status() -> int:
    """Run the command line and return what it says to the shell."""
    try:
        status = app(standalone_mode=False)
        put("")
    except BaseException as error:
        return _failure(error)
    # Typer returns the status of an Exit, and what the command returned otherwise.
    return status if isinstance(status, int) else 0


@app.callback(invoke_without_command=True)
def report(
    context: typer.Context,
    month: Annotated[
        str,
        typer.Option("--month", help="2026-04; last: the last complete month; or current."),
    ] = "last",
    config: ConfigOption = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder of reports; else `reports:` of slo.yaml.")
    ] = None,
    no_email: Annotated[  # noqa: ARG001 - there is no mail yet to withhold
        bool, typer.Option("--no-email", help="Send nothing.")
    ] = False,
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
            "--as-of",
            help="Take this as the present time: 2026-05-01T06:00:00 (UTC).",
            formats=["%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%d"],
            metavar="TIME",
        ),
    ] = None,
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

    now = as_of.replace(tzinfo=UTC) if as_of else datetime.now(UTC)
    with logged(quiet=quiet) as progress:
        definition = load_definition(config_path(config))
        for concern in definition.warnings:
            _log.warning("%s:%d: %s", definition.path.name, concern.line, concern.text)
        asked = parse_month(month, definition.timezone, now)
        # Only now, so that a mistake is answered at once.
        from slo_report.run import run_month

        outcome = run_month(
            definition,
            asked,
            reports=out if out is not None else definition.reports,
            now=now,
            progress=progress,
        )
        for refused in outcome.report.ledger.refused:
            _log.warning("refused %s: %s", refused.file, refused.reason)
    if json_output:
        document = next(path for path in outcome.files if path.name == "report.json")
        put(document.read_text(encoding="utf-8"))
    elif not quiet:
        put(
            printable(str(next(path for path in outcome.files if path.name == "report.html")))
            + "\n"
        )
    raise typer.Exit(_verdict(outcome.report, fail_on_miss=fail_on_miss))


@app.command()
def init(
    log: Annotated[
        Path | None, typer.Option("--log", help="A log file to take format and fields from.")
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Overwrite the slo.yaml that is there.")
    ] = False,
    config: ConfigOption = None,
    quiet: QuietOption = False,
) -> None:
    """Write a slo.yaml to start from."""
    from slo_report.init import write_definition

    path = config_path(config)
    with logged(quiet=quiet):
        for doubt in write_definition(path, log, force=force):
            _log.warning("%s", doubt)
    if not quiet:
        put(printable(str(path)) + "\n")


@app.command()
def check(config: ConfigOption = None, quiet: QuietOption = False) -> None:
    """Check slo.yaml, and its predicates against the requests that are loaded."""
    from slo_report.check import check_definition

    with logged(quiet=quiet):
        findings = check_definition(config_path(config))
        for warning in findings.warnings:
            _log.warning("%s", warning)
    if not quiet:
        put(printable(findings.summary) + "\n")


@app.command()
def load(config: ConfigOption = None, quiet: QuietOption = False) -> None:
    """Load new log files into the store and stop."""
    from slo_report.run import load_new
    from slo_report.slo_yaml.build import load_definition

    with logged(quiet=quiet) as progress:
        definition = load_definition(config_path(config))
        result = load_new(definition, progress)
        if not quiet:
            put(_summary(result) + "\n")
    if not (result.loaded or result.known or result.skipped or result.refused):
        patterns = ", ".join(pattern for log in definition.logs for pattern in log.paths)
        raise InputError(
            f"no log file found (looked for {patterns}, beside {definition.path.name})"
        )
    if result.refused:
        raise InputError("\n".join(f"refused {name}: {reason}" for name, reason in result.refused))


def config_path(given: Path | None) -> Path:
    """Return the slo.yaml to use: --config, else $SLO_REPORT_CONFIG, else ./slo.yaml."""
    return given or Path(os.environ.get("SLO_REPORT_CONFIG") or "slo.yaml")


def printable(text: str) -> str:
    """Return a text as one line for a terminal: characters that would steer it are spelled out."""
    return _INVISIBLE.sub(lambda match: _spelled(ord(match[0])), text)


def put(text: str) -> None:
    """Write to standard output; a reader that has gone, as in `| head -1`, is no failure."""
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise DiskError(f"cannot write to standard output: {error.strerror}") from error


@contextmanager
def logged(*, quiet: bool) -> Iterator[Callable[[str], None]]:
    """Let the log through to standard error unless quiet, and give a function that shows progress.

    Progress is one changing line, on a terminal alone.
    """
    on_terminal = (
        not quiet
        and sys.stderr.isatty()
        and not os.environ.get("CI")
        and os.environ.get("TERM") != "dumb"
    )
    handler = _LogHandler(_LINE_START if on_terminal else "")
    _log.addHandler(handler)
    _log.propagate = False
    _log.setLevel(logging.ERROR if quiet else logging.WARNING)

    def show(text: str) -> None:
        if on_terminal:
            print(f"{_LINE_START}{printable(text)[:79]}", end="", file=sys.stderr, flush=True)

    try:
        yield show
    finally:
        if on_terminal:
            print(_LINE_START, end="", file=sys.stderr, flush=True)
        _log.removeHandler(handler)


class _LogHandler(logging.Handler):
    """Writes a record as one line, in place of the progress that may stand there."""

    def __init__(self, line_start: str) -> None:
        super().__init__()
        self._line_start = line_start

    def emit(self, record: logging.LogRecord) -> None:
        level = record.levelname.lower()
        _complain(f"{self._line_start}slo-report: {level}: {printable(record.getMessage())}")


def _failure(error: BaseException) -> int:
    """Say what failed, and return the status that stands for it."""
    if _stop_status:
        return _stop_status[0]
    if isinstance(error, SystemExit):
        # Typer itself leaves with 1 where nobody reads its help any more.
        gone = isinstance(error.__context__, BrokenPipeError)
        return 0 if gone else int(error.code or 0)
    if isinstance(error, (typer.Abort, KeyboardInterrupt)):
        return INTERRUPTED
    if isinstance(error, SloReportError):
        _complain(_lines(str(error)))
        return error.exit_status
    if isinstance(error, OSError) or _is_of_the_disk(error):
        _complain(_lines(f"disk or I/O error: {error}"))
        return DiskError.exit_status
    if hasattr(error, "format_message") and hasattr(error, "exit_code"):  # a usage error of Typer's
        _complain(_lines(f"{error.format_message()}; see --help"))
        return DefinitionError.exit_status
    raise error


def _is_of_the_disk(error: BaseException) -> bool:
    """Tell whether DuckDB, if it runs at all, could not read or write."""
    duckdb = sys.modules.get("duckdb")
    return duckdb is not None and isinstance(error, duckdb.IOException)


def _complain(text: str) -> None:
    """Write to standard error as long as there is one."""
    try:
        print(text, file=sys.stderr, flush=True)
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())


def _lines(text: str) -> str:
    return "\n".join(f"slo-report: {printable(line)}" for line in text.split("\n"))


def _spelled(code: int) -> str:
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def _verdict(report: "Report", *, fail_on_miss: bool) -> int:
    """Return the status of a report that is written; standard error says why it is not 0."""
    if report.status == "incomplete":
        reasons = " ".join(report.status_reasons)
        _complain(_lines(f"the report is written, but {report.month} is incomplete: {reasons}"))
        return INCOMPLETE
    missed = [
        row.id for row in report.objectives if row.verdict == "missed" and not row.informational
    ]
    if fail_on_miss and missed:
        _complain(_lines(f"missed in {report.month}: {', '.join(missed)}"))
        return MISSED
    return 0


def _summary(result: "LoadResult") -> str:
    """Return what a load did, in one line."""
    told = f"{_count(len(result.loaded), 'file')} loaded, {_count(result.usable, 'request')}"
    for number, what in (
        (result.quarantined, "quarantined"),
        (len(result.known), "known before"),
        (len(result.skipped), "skipped"),
        (len(result.refused), "refused"),
    ):
        told += f", {number:,} {what}" if number else ""
    return told


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"


def _refuse_options_before(context: typer.Context) -> None:
    """Refuse `slo-report --config x check`: the option would be lost on the command."""
    for name in context.params:
        source = context.get_parameter_source(name)
        if source is not None and source.name == "COMMANDLINE":
            option = name.removesuffix("_output").replace("_", "-")
            raise DefinitionError(
                f"--{option} stands before `{context.invoked_subcommand}`; write it behind"
            )


def _leave_even_from_within_a_query() -> None:
    """Leave some seconds after a signal whatever the main thread is doing.

    A handler runs only between two steps of Python, and a query can be one long step. Nothing is
    lost: what its transaction had done is rolled back when the store is opened again.
    """
    read_end, write_end = os.pipe()
    os.set_blocking(write_end, False)
    signal.set_wakeup_fd(write_end, warn_on_full_buffer=False)

    def wait() -> None:
        number = 0
        while number not in _STATUS_OF_SIGNAL:
            number = os.read(read_end, 1)[0]
        time.sleep(_GRACE_S)
        os._exit(_STATUS_OF_SIGNAL[number])

    threading.Thread(target=wait, daemon=True).start()


def _stop(number: int, _frame: FrameType | None) -> NoReturn:
    """Leave by an exception, so that the store rolls back, undisturbed by a second signal."""
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, signal.SIG_IGN)
    _stop_status.append(_STATUS_OF_SIGNAL[number])
    raise _StoppedError
