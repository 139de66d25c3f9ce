"""A run that is killed, and the stage it had come to."""

import os
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress

from tests.faults.month import Place

_LINE_START = "\r\x1b[K"
_POLL_S = 0.01


class WatchedRun:
    """The monthly job with a terminal for its standard error, on which it tells what it does."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._terminal, its_end = os.openpty()
        environment = place.environment(TERM="xterm")
        environment.pop("CI", None)  # it would keep the progress to itself
        self._process = subprocess.Popen(
            place.command(), env=environment, stdout=subprocess.DEVNULL, stderr=its_end
        )
        os.close(its_end)

    def has_lock(self) -> bool:
        """Tell whether it is at work: what comes before is Python's and touches nothing."""
        return self._place.lock_holder() == str(self._process.pid)

    def comes_to(self, point: Callable[[], bool]) -> None:
        """Wait until something holds, or the run has ended."""
        while not point() and self._process.poll() is None:
            time.sleep(_POLL_S)

    def end(self) -> int:
        """Wait until it ends by itself, and return its status."""
        status = self._process.wait()
        self._said()
        return status

    def kill_after(self, seconds: float) -> str | None:
        """End the run as kill -9 does; return the stage it was in, None where it had ended."""
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(seconds)
        self._process.kill()
        status = self._process.wait()
        said = self._said()
        assert "Traceback" not in said, said
        return _stage(said) if status == -signal.SIGKILL else None

    def _said(self) -> str:
        said = b""
        try:
            while piece := os.read(self._terminal, 65536):
                said += piece
        except OSError:
            pass  # the other end is closed, and everything read
        finally:
            os.close(self._terminal)
        return said.decode()


def _stage(said: str) -> str:
    """Return the stage by the last line of progress; a file that is loaded is told by its name."""
    lines = [line for line in said.split(_LINE_START) if line]
    stages = {"measuring": "roll-up", "rendering": "render", "mailing": "send"}
    return stages.get(lines[-1].split(" ")[0], "load") if lines else "load"
