"""Report files appear whole, each by rename; the last good one stays until the new one stands."""

import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from slo_report.errors import DiskError

PRIVATE_MODE = 0o600
"""Reports hold figures of customers: only their owner reads them unless `mode:` says otherwise."""

_OURS = (
    "charts/*.svg",
    *(f"customers/*/{name}" for name in ("report.md", "report.html", "report.json")),
    "customers/*/charts/*.svg",
)
"""What a month's folder may hold beside its three files; anything else somebody put there."""


def write_report(folder: Path, files: Mapping[str, bytes], mode: int = PRIVATE_MODE) -> list[Path]:
    """Write the files of a month's folder and return their paths.

    Names may lead into folders below; the month's own files come first in what is returned.
    report.json comes last: where it is new, everything beside it is. Charts and customers' reports
    that the month no longer has are removed. Raises DiskError.
    """
    try:
        for name in _in_order(files):
            write_whole(folder / name, files[name], mode)
        _remove_stale(folder, files)
    except OSError as error:
        raise DiskError(f"cannot write the report: {error}") from error
    return _paths(folder, files)


def _paths(folder: Path, files: Mapping[str, bytes]) -> list[Path]:
    """Return the files' paths, the month's own before those in folders."""
    return [folder / name for name in sorted(files, key=lambda name: (name.count("/"), name))]


def _remove_stale(folder: Path, files: Mapping[str, bytes]) -> None:
    """Remove what an earlier run wrote by a name that is not among `files`, and nothing else.

    What lies behind a link is not ours to remove.
    """
    found = {path for pattern in _OURS for path in folder.glob(pattern)}
    for path in sorted(found):
        inside = path.relative_to(folder)
        between = [folder / parent for parent in inside.parents][:-1]
        if inside.as_posix() in files or any(parent.is_symlink() for parent in between):
            continue
        path.unlink()
        for parent in between:
            with suppress(OSError):  # not empty
                parent.rmdir()


def bring_up_to_date(folder: Path, files: Mapping[str, bytes], mode: int) -> list[Path]:
    """Write what is missing or other than in `files`, which is nothing if nothing happened."""
    if any(_content(folder / name) != files[name] for name in files):
        write_report(folder, files, mode)
    return _paths(folder, files)


def write_folder(folder: Path, files: Mapping[str, bytes], mode: int) -> None:
    """Write a folder that is there with all of `files`, or not at all. Raises OSError."""
    aside = folder.with_name(f".{folder.name}.{os.getpid()}.new")
    for name in _in_order(files):
        write_whole(aside / name, files[name], mode)
    aside.rename(folder)
    _flush_folder(folder.parent)


def write_whole(path: Path, content: bytes, mode: int = PRIVATE_MODE) -> None:
    """Write a file under a temporary name, flush it to the disk and rename it."""
    make_folders(path.parent, mode)
    aside = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        with aside.open("wb") as file:
            os.fchmod(file.fileno(), mode)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)


def write_if_new(path: Path, content: bytes, mode: int = PRIVATE_MODE) -> None:
    """Write a file unless it lies there just so. Raises DiskError."""
    try:
        if _content(path) != content:
            write_whole(path, content, mode)
    except OSError as error:
        raise DiskError(f"cannot write {path.name}: {error}") from error


def make_folders(folder: Path, mode: int) -> None:
    """Make a folder and those above it, to be entered by whoever may read the files in it.

    Folders that are there keep the permissions somebody gave them.
    """
    for missing in reversed([one for one in (folder, *folder.parents) if not one.exists()]):
        missing.mkdir(exist_ok=True)
        missing.chmod(mode | 0o100 | (mode & 0o044) >> 2)


def _in_order(files: Mapping[str, bytes]) -> Iterator[str]:
    yield from sorted(files, key=lambda name: (name == "report.json", name))


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _flush_folder(folder: Path) -> None:
    """Have the disk know of a rename before anything relies on it."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
