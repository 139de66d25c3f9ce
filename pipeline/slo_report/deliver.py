"""Report files appear whole, each by rename; the last good one stays until the new one stands."""

import os
import shutil
from collections.abc import Container, Iterable
from contextlib import suppress
from pathlib import Path

from slo_report.errors import DiskError

File = tuple[str, bytes]
"""A name, which may lead into folders below, and the content."""

PRIVATE_MODE = 0o600
"""Reports hold figures of customers: only their owner reads them unless `mode:` says otherwise."""

_OURS = (
    "charts/*.svg",
    *(f"customers/*/{name}" for name in ("report.md", "report.html", "report.json")),
    "customers/*/charts/*.svg",
)
"""What a month's folder may hold beside its three files; anything else somebody put there."""
_LAST = "report.json"
_UNFINISHED = (".*.new", "charts/.*.new", "customers/*/.*.new", "customers/*/charts/.*.new")
"""What a run that is killed between writing and renaming leaves there."""


def bring_up_to_date(folder: Path, model: Path, mode: int) -> list[Path]:
    """Make a month's folder show the files of another one, and return their paths there.

    The month's own files come first in what is returned, and report.json is written last: where it
    is new, everything beside it is. Charts and customers' reports that the month does not have are
    removed before it, also those that a run left which was stopped while it removed them. Where all
    is as it should be nothing is touched. Raises DiskError.
    """
    try:
        names = [path.relative_to(model).as_posix() for path in model.rglob("*") if path.is_file()]
        is_new = any(_content(folder / name) != (model / name).read_bytes() for name in names)
        for name in names if is_new else ():
            if name != _LAST:
                write_whole(folder / name, (model / name).read_bytes(), mode)
        _remove_stale(folder, frozenset(names))
        if is_new and _LAST in names:
            write_whole(folder / _LAST, (model / _LAST).read_bytes(), mode)
    except OSError as error:
        raise DiskError(f"cannot write the report: {error}") from error
    return [folder / name for name in sorted(names, key=lambda name: (name.count("/"), name))]


def _remove_stale(folder: Path, names: Container[str]) -> None:
    """Remove what an earlier run wrote by a name that is not among `names`, and nothing else."""
    for path in _found(folder, _OURS):
        inside = path.relative_to(folder)
        if inside.as_posix() in names:
            continue
        path.unlink()
        for parent in inside.parents[:-1]:
            with suppress(OSError):  # not empty
                (folder / parent).rmdir()


def remove_unfinished(folder: Path) -> None:
    """Remove from a month's folder what a run that was stopped had not finished."""
    for left in _found(folder, _UNFINISHED):
        if left.is_dir():
            shutil.rmtree(left)
        else:
            left.unlink(missing_ok=True)


def _found(folder: Path, patterns: Iterable[str]) -> list[Path]:
    """Return what has such names, but for what lies behind a link: that is not ours to remove."""
    paths = sorted({path for pattern in patterns for path in folder.glob(pattern)})
    return [
        path
        for path in paths
        if not any(
            (folder / parent).is_symlink() for parent in path.relative_to(folder).parents[:-1]
        )
    ]


def write_folder(folder: Path, files: Iterable[File], mode: int) -> None:
    """Write a folder that is there with all of `files`, or not at all. Raises DiskError.

    Each file is written as it comes, so that no more than one has to be in memory.
    """
    aside = folder.with_name(f".{folder.name}.{os.getpid()}.new")
    try:
        for name, content in files:
            write_whole(aside / name, content, mode)
        aside.rename(folder)
        _flush_folder(folder.parent)
    except OSError as error:
        raise DiskError(f"cannot write the report: {error}") from error


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
    """Write a file unless it lies there just so. Raises DiskError.

    The caller holds the run lock: what other runs had begun to write by this name is removed.
    """
    try:
        for left in path.parent.glob(f".{path.name}.*.new"):
            left.unlink()
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
