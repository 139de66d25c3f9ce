"""The process around a command: its exit status, its errors in sentences, its signals."""

import os
import signal
import sys
import threading
import time
from pathlib import Path
from types import FrameType
from typing import NoReturn, TextIO

import typer

from slo_report.cli.output import complain, lines, put
from slo_report.errors import DefinitionError, DiskError, SloReportError

INTERRUPTED = 130
TERMINATED = 143

_STATUS_OF_SIGNAL = {int(signal.SIGINT): INTERRUPTED, int(signal.SIGTERM): TERMINATED}
_GRACE_S = 3.0
"""How long a roll-back may take after a signal."""
_stop_status: list[int] = []
"""The status of a signal that came: an engine may turn its exception into another."""


class _StoppedError(BaseException):
    """A signal asked the program to stop; no `except Exception` on the way may keep it."""


def run(app: typer.Typer) -> NoReturn:
    """Run the command line and leave; every failure becomes a sentence and an exit status."""
    for number in (signal.SIGINT, signal.SIGTERM):
        if signal.getsignal(number) is not signal.SIG_IGN:  # as under nohup
            signal.signal(number, _stop)
    _leave_even_from_within_a_query()
    # Closed by `>&-` or `2>&-` they are None, and the next file opened would get their number.
    sys.stdout = sys.stdout or _nowhere()
    sys.stderr = sys.stderr or _nowhere()
    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot show a character is no reason to fail.
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    # Reports hold figures of customers: nobody but the user of the cron job reads them.
    os.umask(0o077)
    # Outside of any `except`, so that no traceback keeps the store alive until the end.
    sys.exit(exit_status(app))


def _nowhere() -> TextIO:
    return Path(os.devnull).open("w", encoding="utf-8")


def exit_status(app: typer.Typer) -> int:
    """Run the command line and return what it says to the shell."""
    try:
        status = app(standalone_mode=False)
        put("")
    except BaseException as error:
        return _failure(error)
    # Typer returns the status of an Exit, and what the command returned otherwise.
    return status if isinstance(status, int) else 0


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
        complain(lines(str(error)))
        return error.exit_status
    if isinstance(error, OSError) or _is_of_the_disk(error):
        complain(lines(f"disk or I/O error: {error}"))
        return DiskError.exit_status
    if hasattr(error, "format_message") and hasattr(error, "exit_code"):  # a usage error of Typer's
        complain(lines(f"{error.format_message()}; see --help"))
        return DefinitionError.exit_status
    raise error


def _is_of_the_disk(error: BaseException) -> bool:
    """Tell whether DuckDB or Polars, if they run at all, could not read or write."""
    duckdb, polars = sys.modules.get("duckdb"), sys.modules.get("polars")
    if polars is not None and isinstance(error, polars.exceptions.PolarsError):
        return "IO error: " in str(error)
    return duckdb is not None and isinstance(error, duckdb.IOException)


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
