"""Which files count, decided from what each of them is. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields, replace

import polars as pl

from slo_report.load.result import LoadedFile, LoadResult


@dataclass(frozen=True)
class FileFacts:
    """One file as it was read: what the store's table `files` has of it."""

    file_id: int
    source: str
    name: str
    size: int
    modified_ns: int
    sha256: str
    content_sha256: str
    """Of the unpacked bytes; empty where the file could not be read."""
    reading_digest: str
    state: str
    """loaded, skipped or refused."""
    reason: str | None
    lines: int
    blank: int
    usable: int | None
    """None where the file was not loaded."""

    @property
    def content(self) -> tuple[str, str, str]:
        """What two files have in common that give the same rows."""
        return self.source, self.content_sha256, self.reading_digest


COLUMNS = tuple(field.name for field in fields(FileFacts))


def settled(files: Iterable[FileFacts]) -> list[FileFacts]:
    """Return the files by name, those whose content is that of an earlier one as skipped.

    Every file of one content has an id under which its rows are; the first one's is kept.
    """
    groups: dict[tuple[str, str, str], list[FileFacts]] = defaultdict(list)
    done = []
    for file in sorted(files, key=lambda file: (file.source, file.name)):
        if file.state == "refused":
            done.append(file)
        else:
            groups[file.content].append(file)
    for first, *others in groups.values():
        done.append(replace(first, state="loaded"))
        done += [replace(other, state="skipped", file_id=first.file_id) for other in others]
    return sorted(done, key=lambda file: (file.name, file.source))


def outcome(
    known: Iterable[FileFacts],
    files: Iterable[FileFacts],
    new: Mapping[int, LoadedFile],
    lying_there: Iterable[tuple[str, str]],
) -> LoadResult:
    """Return what a load did that knew `known`, found (source, name) and came to `files`.

    `new` are those whose rows are there since, by their ids.
    """
    before, there = set(known), set(lying_there)
    present = [file for file in files if (file.source, file.name) in there]
    refused = [file for file in present if file.state == "refused"]
    loaded = [file for file in present if file.state == "loaded" and file.file_id in new]
    skipped = [file for file in present if file.state == "skipped" and file not in before]
    told = {*refused, *loaded, *skipped}
    return LoadResult(
        files=[replace(new[file.file_id], name=file.name) for file in loaded],
        skipped=[file.name for file in skipped],
        refused=[(file.name, file.reason or "") for file in refused],
        known=[file.name for file in present if file not in told],
    )


def table_of(files: Iterable[FileFacts]) -> pl.DataFrame:
    """Return the files as `Engine.files` gives them."""
    kinds = dict.fromkeys(("file_id", "lines", "blank", "usable"), pl.Int64)
    names = ("file_id", "name", "state", "reason", "sha256", "lines", "blank", "usable")
    return pl.DataFrame(
        [{name: asdict(file)[name] for name in names} for file in files],
        schema={name: kinds.get(name, pl.String) for name in names},
    )


def tables_as_files(counts: Iterable[tuple[str, int, int]]) -> pl.DataFrame:
    """Return tables (name, rows, usable rows) as `Engine.files` gives files; none has a digest."""
    return table_of(
        FileFacts(number, "", name, 0, 0, "", "", "", "loaded", None, rows, 0, usable)
        for number, (name, rows, usable) in enumerate(counts, 1)
    )
