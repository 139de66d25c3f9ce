"""What the program prints: the result, and the log with its progress."""

import logging
import os
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from slo_report.errors import DiskError

log = logging.getLogger("slo_report")
"""What is worth a line on standard error; modules below say theirs to the same logger."""
_INVISIBLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_LINE_START = "\r\x1b[K"


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
    log.addHandler(handler)
    log.propagate = False
    log.setLevel(logging.ERROR if quiet else logging.WARNING)

    def show(text: str) -> None:
        if on_terminal:
            print(f"{_LINE_START}{printable(text)[:79]}", end="", file=sys.stderr, flush=True)

    try:
        yield show
    finally:
        if on_terminal:
            print(_LINE_START, end="", file=sys.stderr, flush=True)
        log.removeHandler(handler)


def complain(text: str) -> None:
    """Write to standard error as long as there is one."""
    try:
        print(text, file=sys.stderr, flush=True)
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())


def lines(text: str) -> str:
    """Return a text with the program's name before each line."""
    return "\n".join(f"slo-report: {printable(line)}" for line in text.split("\n"))


class _LogHandler(logging.Handler):
    """Writes a record as one line, in place of the progress that may stand there."""

    def __init__(self, line_start: str) -> None:
        super().__init__()
        self._line_start = line_start

    def emit(self, record: logging.LogRecord) -> None:
        level = record.levelname.lower()
        complain(f"{self._line_start}slo-report: {level}: {printable(record.getMessage())}")


def _spelled(code: int) -> str:
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
