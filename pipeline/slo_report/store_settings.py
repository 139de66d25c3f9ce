"""How DuckDB is set up for a store."""

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from slo_report.quoting import quote_text

Run = Callable[..., list[tuple[Any, ...]]]
"""Runs one statement with its parameters and returns all rows."""

_BASE_MB, _A_THREAD_MB = 250, 150
"""Each thread that inserts holds a row group of every column."""
_SPILL_SHARE = 0.8
"""Of the free disk at most this much is used for what memory cannot hold: the store needs some."""


def settle(run: Run, work: Path, memory_limit: str | None, threads: int | None) -> None:
    """Set what every query relies on: UTC, nothing on standard output, nothing from the network.

    `work` is the folder for what does not fit into memory.
    """
    spill_bytes = int(shutil.disk_usage(work).free * _SPILL_SHARE)
    settings: Sequence[tuple[str, str]] = (
        # The progress bar goes to standard output and would break --json.
        ("enable_progress_bar", "false"),
        ("TimeZone", "'UTC'"),
        ("allow_community_extensions", "false"),
        ("python_enable_replacements", "false"),
        # Rows of a file stay in the order of its lines: duplicates are decided by it.
        ("preserve_insertion_order", "true"),
        # A file is read once: keeping its bytes costs memory and was measured to gain nothing.
        ("enable_external_file_cache", "false"),
        ("temp_directory", quote_text(str(work / "spill"))),
        ("max_temp_directory_size", quote_text(f"{spill_bytes} bytes")),
    )
    for name, value in settings:
        run(f"SET {name} = {value}")
    if threads is not None:
        run(f"SET threads = {threads:d}")
    run(f"SET memory_limit = {quote_text(memory_limit or _enough_memory(run))}")


def _enough_memory(run: Run) -> str:
    """Return a limit that keeps a run of few threads below 1 GB, or the engine's own if less.

    The engine's own is most of the machine's memory; what does not fit is spilled.
    """
    [(own, threads)] = run("SELECT current_setting('memory_limit'), current_setting('threads')")
    limit = f"{_BASE_MB + _A_THREAD_MB * threads} MB"
    is_less = run("SELECT parse_formatted_bytes($1) < parse_formatted_bytes($2)", [own, limit])
    return str(own) if is_less == [(True,)] else limit
