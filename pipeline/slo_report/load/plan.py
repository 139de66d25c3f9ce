"""What to do with each file, decided from what is stored and what lies there. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

State: TypeAlias = Literal["loaded", "skipped", "refused"]


@dataclass(frozen=True)
class Known:
    """A file as the store has it."""

    file_id: int
    source: str
    name: str
    size: int
    modified_ns: int
    content: str
    reading: str
    """Digest of how its lines were read: fields, endpoints, columns."""
    state: State
    skipped_for: str | None = None


@dataclass(frozen=True)
class Present:
    """A file as it lies there."""

    source: str
    name: str
    size: int
    modified_ns: int
    reading: str
    content: str
    """Digest of its unpacked bytes."""
    refusal: str = ""


@dataclass(frozen=True)
class Keep:
    """Nothing: the store has it already."""

    file: Present
    file_id: int


@dataclass(frozen=True)
class Rename:
    """The record is handed over to another name, or to a new time of the same: equal content."""

    file: Present
    file_id: int
    replaces: tuple[int, ...]


@dataclass(frozen=True)
class Load:
    """Read the file, in place of what it replaces."""

    file: Present
    replaces: tuple[int, ...]


@dataclass(frozen=True)
class Skip:
    """Its content is that of a file earlier by name."""

    file: Present
    skipped_for: str
    replaces: tuple[int, ...]


@dataclass(frozen=True)
class Refuse:
    """Record why the file cannot be used, in place of what it replaces."""

    file: Present
    replaces: tuple[int, ...]


Action: TypeAlias = Keep | Rename | Load | Skip | Refuse


def is_unchanged(known: Known, source: str, name: str, size: int, modified_ns: int) -> bool:
    """Tell whether a file is, by name, size and time, the one that the store knows."""
    there = (source, name, size, modified_ns)
    return (known.source, known.name, known.size, known.modified_ns) == there


def plan(known: Iterable[Known], present: Sequence[Present]) -> list[Action]:
    """Return one action for each present file, by source and name; files that are gone stay.

    The outcome depends on which contents lie under which names, not on when they were met.
    """
    records = sorted(known, key=lambda record: (record.source, record.name, record.file_id))
    holders: dict[tuple[str, str, str], list[Known]] = defaultdict(list)
    for record in records:
        if record.state == "loaded":
            holders[record.source, record.content, record.reading].append(record)
    groups: dict[tuple[str, str, str], list[Present]] = defaultdict(list)
    for file in sorted(present, key=lambda file: (file.source, file.name)):
        key = file.content if not file.refusal else f"refused {file.name}"
        groups[file.source, key, file.reading].append(file)

    keeps = {
        key: _holder(holders.get(key, []), files[0].name)
        for key, files in groups.items()
        if not files[0].refusal
    }
    kept = {holder.file_id for holder in keeps.values() if holder is not None}
    stale = _stale(records, present, groups, holders, kept)
    by_id = {record.file_id: record for record in records}
    actions = [
        _settled(_action(file, files[0], keeps.get(key), stale), by_id)
        for key, files in groups.items()
        for file in files
    ]
    return sorted(actions, key=lambda action: (action.file.source, action.file.name))


def _holder(records: Sequence[Known], owner: str) -> Known | None:
    """Return the record whose rows are kept: the owner's own, else the earliest by name."""
    own = [record for record in records if record.name == owner]
    return next(iter(own or records), None)


def _stale(
    records: Sequence[Known],
    present: Sequence[Present],
    groups: dict[tuple[str, str, str], list[Present]],
    holders: dict[tuple[str, str, str], list[Known]],
    kept: set[int],
) -> dict[tuple[str, str], list[int]]:
    """Return the records that a (source, name) replaces: its own, and vanished twins of it."""
    names = {(file.source, file.name) for file in present}
    stale: dict[tuple[str, str], list[int]] = defaultdict(list)
    for record in records:
        if (record.source, record.name) in names and record.file_id not in kept:
            stale[record.source, record.name].append(record.file_id)
    for key, files in groups.items():
        for twin in holders.get(key, []):
            if twin.file_id not in kept and (twin.source, twin.name) not in names:
                stale[files[0].source, files[0].name].append(twin.file_id)
    return stale


def _action(
    file: Present, owner: Present, holder: Known | None, stale: dict[tuple[str, str], list[int]]
) -> Action:
    replaces = tuple(stale.get((file.source, file.name), ()))
    if file.refusal:
        return Refuse(file, replaces)
    if file is not owner:
        return Skip(file, owner.name, replaces)
    if holder is None:
        return Load(file, replaces)
    if is_unchanged(holder, file.source, file.name, file.size, file.modified_ns) and not replaces:
        return Keep(file, holder.file_id)
    return Rename(file, holder.file_id, replaces)


def _settled(action: Action, records: dict[int, Known]) -> Action:
    """Return Keep in place of skipping or refusing what is on record as just that."""
    if not isinstance(action, Skip | Refuse) or len(action.replaces) != 1:
        return action
    record, file = records[action.replaces[0]], action.file
    state = "skipped" if isinstance(action, Skip) else "refused"
    same = is_unchanged(record, file.source, file.name, file.size, file.modified_ns)
    same = same and (record.state, record.reading) == (state, file.reading)
    if isinstance(action, Skip):
        same = same and record.skipped_for == action.skipped_for
    return Keep(file, record.file_id) if same else action
