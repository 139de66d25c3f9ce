"""The log files behind two editions of a month: which have changed, come or gone."""

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from slo_report.editions.statement import Document

_PACKED_ENDINGS = (".gz", ".zst", ".zstd")
# access.log.1, access.log-20260501, access-20260501.log
_ROTATION = re.compile(r"[-._]\d[-._\d]*(?=$|\.[A-Za-z]+$)")


@dataclass(frozen=True)
class Source:
    """A file of `provenance`."""

    name: str
    sha256: str
    lines: int
    loaded: int | None
    """None in reports of older versions."""

    @property
    def bare(self) -> str:
        """Its name without what packing has put behind it."""
        name = self.name
        for ending in _PACKED_ENDINGS:
            name = name.removesuffix(ending)
        return name


@dataclass(frozen=True)
class SourceChanges:
    """What is not the same; a file that was only renamed or packed is."""

    changed: list[str]
    come: list[str]
    gone: list[Source]


@dataclass(frozen=True)
class Logs:
    """What there is of logs, beside those that have requests in the month."""

    loaded: Collection[str]
    """Digests of all files that are loaded."""
    asked_for: Callable[[Sequence[str]], Sequence[str]]
    """Gives those of some names that slo.yaml does not leave out."""


def source_changes(old: Document, new: Document) -> SourceChanges:
    """Return which files two reports do not have in common."""
    before, now = _sources(old), _sources(new)
    gone, come = _not_in(now, before), _not_in(before, now)
    names = {was.name for was in gone}

    def is_packed(was: Source, new: Source) -> bool:
        # Packed and renamed it has another digest, and as many lines.
        is_other_packing = new.bare != new.name or _base(new) == _base(was)
        return new.name not in names and is_other_packing

    pairs = _paired(gone, come, lambda was: was.lines, lambda new: [new.lines], is_packed)
    gone, come = _left(gone, come, pairs)
    changed = _paired(gone, come, lambda was: was.bare, lambda new: [new.bare])
    gone, come = _left(gone, come, changed)
    # A live log is rotated with what has come since it was read.
    grown = _paired(
        gone, come, lambda was: was.bare, _before_rotation, lambda was, new: new.lines >= was.lines
    )
    gone, come = _left(gone, come, grown)
    # A name that was there may have other content, and its own another name.
    known = {was.name for was in before}
    other = {new for _, new in (*changed, *grown)} | {new for new in come if new.name in known}
    return SourceChanges(
        changed=[new.name for new in now if new in other],
        come=[new.name for new in come if new.name not in known],
        gone=gone,
    )


def vanished(old: Document, new: Document, logs: Logs) -> Sequence[str]:
    """Return the files whose requests the old report counted and that nothing has replaced.

    The store keeps what it has loaded, so this is a store that was made anew after logs had gone.
    How many requests are loaded proves nothing: late ones may outnumber the lost.
    """
    lost = [
        was.name
        for was in source_changes(old, new).gone
        if was.sha256 not in logs.loaded and (was.lines if was.loaded is None else was.loaded)
    ]
    return logs.asked_for(lost) if lost else []


def _sources(document: Document) -> list[Source]:
    return [
        Source(file["name"], file["sha256"], file["lines"], file.get("loaded"))
        for file in document["provenance"]["files"]
    ]


def _not_in(others: Iterable[Source], files: Iterable[Source]) -> list[Source]:
    digests = {other.sha256 for other in others}
    return [file for file in files if file.sha256 not in digests]


_Pairs = list[tuple[Source, Source]]


def _paired(
    gone: Iterable[Source],
    come: Iterable[Source],
    key: Callable[[Source], Hashable],
    keys: Callable[[Source], Iterable[Hashable]],
    fits: Callable[[Source, Source], bool] = lambda _was, _new: True,
) -> _Pairs:
    """Return old files, each with a new one that has its key and fits; no file is in two pairs."""
    by_key: dict[Hashable, list[Source]] = defaultdict(list)
    for new in come:
        for one in keys(new):
            by_key[one].append(new)
    pairs: _Pairs = []
    taken: set[Source] = set()
    for was in gone:
        some = by_key[key(was)]
        found = next((new for new in some if new not in taken and fits(was, new)), None)
        if found is not None:
            some.remove(found)
            taken.add(found)
            pairs.append((was, found))
    return pairs


def _left(
    gone: Iterable[Source], come: Iterable[Source], pairs: _Pairs
) -> tuple[list[Source], list[Source]]:
    """Return the files that are in no pair."""
    old, new = {was for was, _ in pairs}, {new for _, new in pairs}
    return [one for one in gone if one not in old], [one for one in come if one not in new]


def _base(file: Source) -> str:
    return PurePosixPath(file.bare).name


def _before_rotation(file: Source) -> list[str]:
    """Return what the log was called if this is a rotated one."""
    name = _ROTATION.sub("", _base(file))
    return [str(PurePosixPath(file.bare).with_name(name))] if name else []
