"""The health check's URL, told of a run's start and end; never worth a run."""

import logging
from http.client import HTTPException
from threading import Thread
from typing import Literal
from urllib.error import URLError
from urllib.parse import urlsplit, urlunsplit
from urllib.request import Request, urlopen

from slo_report import __version__

TIMEOUT_S = 5
"""For the whole of it."""
_log = logging.getLogger("slo_report")

_SUFFIXES = {"start": "/start", "success": "", "fail": "/fail"}
"""What healthchecks.io and those that follow it append to the URL."""


Signal = Literal["start", "success", "fail"]


def ping(url: str | None, signal: Signal) -> None:
    """Tell the health check, if there is one; a failure is a line in the log."""
    if url is None:
        return
    # A server that sends a byte now and then never runs into the time of one read.
    asking = Thread(target=_ask, args=(url, signal), daemon=True)
    asking.start()
    asking.join(TIMEOUT_S)
    if asking.is_alive():
        _log.warning("the health check could not be told of the run (%s): no answer", signal)


def _ask(url: str, signal: Signal) -> None:
    try:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https"):
            raise ValueError("it is no web address")
        path = parts.path.rstrip("/") + _SUFFIXES[signal]
        address = urlunsplit((parts.scheme, parts.netloc, path, parts.query, ""))
        request = Request(address, headers={"User-Agent": f"slo-report/{__version__}"})
        with urlopen(request, timeout=TIMEOUT_S) as reply:
            reply.read(1024)
    except (OSError, HTTPException, ValueError) as error:
        reason = error.reason if isinstance(error, URLError) else error
        # Without the address: whoever has it can answer for us.
        _log.warning("the health check could not be told of the run (%s): %s", signal, reason)
