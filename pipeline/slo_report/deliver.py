"""Report files appear whole, each by rename; the last good one stays until the new one stands."""

import os
from collections.abc import Mapping
from pathlib import Path

from slo_report.errors import DiskError


def write_report(folder: Path, files: Mapping[str, bytes]) -> list[Path]:
    """Write the files of a month's folder and return their paths.

    report.json comes last: where it is new, everything beside it is. Charts that the month no
    longer has are removed. Raises DiskError.
    """
    try:
        for name in sorted(files, key=lambda name: (name == "report.json", name)):
            write_whole(folder / name, files[name])
        for chart in sorted((folder / "charts").glob("*.svg")):
            if f"charts/{chart.name}" not in files:
                chart.unlink()
    except OSError as error:
        raise DiskError(f"cannot write the report: {error}") from error
    return [folder / name for name in sorted(files)]


def write_whole(path: Path, content: bytes) -> None:
    """Write a file under a temporary name, flush it to the disk and rename it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        with aside.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)
