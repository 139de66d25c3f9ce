"""Which files the logs of a definition are, by name."""

import glob
import os
import stat
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from slo_report.slo_yaml.definition import Definition
from slo_report.slo_yaml.log_definition import Field, Log, LogFormat, format_of


@dataclass(frozen=True)
class LogFile:
    """A regular file that belongs to a log, as the file system describes it."""

    log: Log
    name: str
    """Relative to slo.yaml, with forward slashes; bytes that are no UTF-8 are spelled out."""
    path: Path
    size: int
    modified_ns: int

    @property
    def format(self) -> LogFormat | None:
        """The log's format, else the one that the file's ending says, None if it says none."""
        return self.log.format or format_of(self.name)

    @property
    def has_lines(self) -> bool:
        """Tell text from what has rows of its own kind."""
        return self.format is None or self.format.has_lines

    @property
    def fields(self) -> tuple[Field, ...]:
        """How its lines become rows."""
        form = self.format
        return self.log.fields if form is None else self.log.fields_of(form)


class ChangedError(Exception):
    """The file was written to while it was read."""


def is_as_found(file: LogFile) -> bool:
    """Tell whether the file's size and time are those with which it was found."""
    try:
        now = file.path.stat()
    except OSError:
        return False
    return (now.st_size, now.st_mtime_ns) == (file.size, file.modified_ns)


def check_unchanged(file: LogFile) -> None:
    """Raise ChangedError unless the file is as it was when it was found."""
    if not is_as_found(file):
        raise ChangedError


def discover(definition: Definition) -> tuple[list[LogFile], list[str]]:
    """Return the log files, sorted by log and name, and the names that are no regular files."""
    folder = definition.path.parent
    files: list[LogFile] = []
    irregular: set[str] = set()
    taken: set[tuple[str, str]] = set()
    for log in definition.logs:
        ignored = set(_names(folder, log.ignore))
        for name in sorted(set(_names(folder, log.paths)) - ignored):
            if (log.name, name) in taken:
                continue
            taken.add((log.name, name))
            file = _describe(log, name, folder / name)
            if file is None:
                irregular.add(name)
            else:
                files.append(file)
    return files, sorted(irregular)


def still_asked_for(definition: Definition, names: Sequence[str]) -> list[str]:
    """Return those of some files, there or gone, that slo.yaml does not leave out.

    It leaves out what `ignore:` names, what lies there though no `path:` finds it, and all files
    where it reads tables.
    """
    if any(log.table is not None for log in definition.logs):
        return []
    folder, found = definition.path.parent, {file.name for file in discover(definition)[0]}
    return [
        name
        for name in names
        if not definition.ignores(name) and (name in found or not (folder / name).is_file())
    ]


def folders_of(files: Iterable[LogFile]) -> set[Path]:
    """Return where the files really lie, whatever links lead there."""
    beside = {
        file.path.resolve().parent if file.path.is_symlink() else file.path.parent for file in files
    }
    return {folder.resolve() for folder in beside}


def _names(folder: Path, patterns: tuple[str, ...]) -> Iterator[str]:
    """Yield what the patterns match, relative to `folder`."""
    for pattern in patterns:
        # Path.glob takes no absolute patterns, and its `**` finds no files.
        for found in glob.glob(pattern, root_dir=folder, recursive=True):  # noqa: PTH207
            path = Path(found)
            if path.is_absolute() or os.pardir in path.parts:
                path = Path(os.path.relpath(folder / found, folder))
            yield path.as_posix()


def _describe(log: Log, name: str, path: Path) -> LogFile | None:
    """Return the file's size and time, None for a pipe, a folder or a link that leads nowhere."""
    try:
        status = path.stat()
    except OSError:
        return None
    if not stat.S_ISREG(status.st_mode):
        return None
    shown = name.encode("utf-8", "backslashreplace").decode("utf-8")
    return LogFile(log, shown, path, status.st_size, status.st_mtime_ns)
