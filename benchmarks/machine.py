"""Where and when figures were measured."""

import os
import platform
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

_BUSY = 0.5
"""A load average above this many processes was work of others: we measure one at a time."""


def conditions() -> str:
    """Return a sentence: the date, the machine, what else it was doing, and the versions."""
    busy_processes = os.getloadavg()[0]
    other_work = (
        f"other work on the machine while measuring (load average {busy_processes:.1f} at the "
        "start): times are too long, ratios uncertain"
        if busy_processes > _BUSY
        else "nothing else running"
    )
    programs = ", ".join(f"{name} {version(name)}" for name in ("slo-report", "duckdb", "polars"))
    return (
        f"{datetime.now(UTC):%Y-%m-%d}, {_processor()}, {os.cpu_count()} cores, "
        f"{_memory_gib():.0f} GiB of memory, {platform.system()}; "
        f"Python {platform.python_version()}, {programs}; {other_work}."
    )


def _processor() -> str:
    """Return the processor's model, or its kind where the system does not tell."""
    return _line_of("/proc/cpuinfo", "model name", str) or platform.machine()


def _memory_gib() -> float:
    kib = _line_of("/proc/meminfo", "MemTotal", lambda text: text.split()[0])
    return int(kib or 0) / (1 << 20)


def _line_of(path: str, name: str, read: Callable[[str], str]) -> str | None:
    try:
        lines = Path(path).read_text(encoding="utf-8").splitlines()
    except OSError:
        return None
    found = [line.partition(":")[2] for line in lines if line.startswith(name)]
    return read(found[0].strip()) if found else None
