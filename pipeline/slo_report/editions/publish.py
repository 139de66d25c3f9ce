"""A month's folder: each edition whole under editions/, the latest one on top.

Every edition appears by one rename, and only then takes the top folder, report.json last. A run
that was stopped anywhere between has lost nothing: the next one finds the edition and finishes.
"""

import json
import logging
import os
import shutil
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from slo_report.deliver import File, bring_up_to_date, remove_unfinished, write_folder
from slo_report.editions.changes import changes
from slo_report.editions.sources import Logs, vanished
from slo_report.editions.statement import Document, differs
from slo_report.errors import InputError
from slo_report.report.document import Report
from slo_report.report.parts.editions import EditionEntry

log = logging.getLogger("slo_report")

Render = Callable[[Report], Iterable[File]]
"""Gives every file of a month's folder, report.json among them."""


@dataclass(frozen=True)
class Published:
    """A month's report as it lies there now."""

    report: Report
    files: list[Path]
    is_new: bool
    """False where nothing had to be said anew."""


def publish(folder: Path, report: Report, render: Render, logs: Logs, *, mode: int) -> Published:
    """Put a month's report into its folder, as a new edition if it says anything new.

    A running month has no editions: its report is overwritten, but never one that was published.
    Raises InputError where files that the published edition counted have been lost, DiskError.
    """
    _clear(folder)
    latest = _latest(folder)
    if report.status == "provisional" and latest is None:
        return _overwrite(folder, report, render, mode)
    if latest is None:
        return _publish(folder, _first(report), render, mode)
    number, old = latest
    new = report.model_dump(mode="json", by_alias=True)
    if report.status == "provisional" or (old is not None and not differs(old, new)):
        return _standing(folder, number, report, mode)
    if old is None:
        log.warning("edition %d of %s cannot be read; it is kept", number, report.month)
        return _publish(folder, _following(report, number, []), render, mode)
    if lost := vanished(old, new, logs):
        raise InputError(_lost(report.month, number, lost))
    entries = [EditionEntry.model_validate(entry) for entry in old["editions"]]
    following = _following(report, number, entries)
    told = changes(old, new)
    entries = [*following.editions[:-1], EditionEntry(edition=number + 1, reasons=told.reasons)]
    restated = following.model_copy(update={"changes": told, "editions": entries})
    return _publish(folder, restated, render, mode)


def standing(folder: Path, mode: int) -> Published | None:
    """Return the latest edition as it lies there, None where there is none that can be read."""
    _clear(folder)
    latest = _latest(folder)
    if latest is None or latest[1] is None:
        return None
    try:
        report = Report.model_validate(latest[1])
    except ValueError:
        return None
    return _standing(folder, latest[0], report, mode)


def _first(report: Report) -> Report:
    entry = EditionEntry(edition=1, reasons=[])
    return report.model_copy(update={"edition": 1, "editions": [entry]})


def _following(report: Report, number: int, entries: list[EditionEntry]) -> Report:
    """Return the report as the edition behind `number`."""
    entry = EditionEntry(edition=number + 1, reasons=[])
    return report.model_copy(update={"edition": number + 1, "editions": [*entries, entry]})


def add_to(
    folder: Path, done: Published, added: Iterable[tuple[str, Iterable[File]]], mode: int
) -> Published:
    """Add folders to the edition that stands, each there with all of its files or not at all.

    For what was not asked for when the edition was made. Raises DiskError.
    """
    edition = edition_folder(folder, done.report.edition)
    for name, files in added:
        write_folder(edition / name, files, mode)
    return Published(done.report, bring_up_to_date(folder, edition, mode), is_new=done.is_new)


def edition_folder(folder: Path, number: int) -> Path:
    """Return where an edition of a month lies."""
    return _editions(folder) / str(number)


def _overwrite(folder: Path, report: Report, render: Render, mode: int) -> Published:
    """Show a report that is no edition, once all of it is rendered."""
    ready = folder / f".provisional.{os.getpid()}.new"
    write_folder(ready, render(report), mode)
    paths = bring_up_to_date(folder, ready, mode)
    shutil.rmtree(ready)
    return Published(report, paths, is_new=True)


def _publish(folder: Path, report: Report, render: Render, mode: int) -> Published:
    edition = edition_folder(folder, report.edition)
    write_folder(edition, render(report), mode)
    return Published(report, bring_up_to_date(folder, edition, mode), is_new=True)


def _standing(folder: Path, number: int, report: Report, mode: int) -> Published:
    """Return the latest edition, and make the month's folder show it where it does not."""
    edition = edition_folder(folder, number)
    paths = bring_up_to_date(folder, edition, mode)
    try:
        published = Report.model_validate_json((edition / "report.json").read_bytes())
    except ValueError:
        # Another version wrote it: the same figures, told as this one would.
        published = report.model_copy(update={"edition": number})
    return Published(published, paths, is_new=False)


def _latest(folder: Path) -> tuple[int, Document | None] | None:
    """Return the number and the report of the latest edition, None in its place if unreadable."""
    editions = _editions(folder)
    if not editions.is_dir():
        return None
    numbers = [int(path.name) for path in editions.iterdir() if path.name.isdecimal()]
    if not numbers:
        return None
    number = max(numbers)
    try:
        document = json.loads((editions / str(number) / "report.json").read_bytes())
    except (OSError, ValueError):
        return number, None
    known = isinstance(document, dict) and document.get("schema") == "slo-report/1"
    return number, document if known else None


def _clear(folder: Path) -> None:
    """Remove what a run that was stopped had not finished; the run's lock keeps others away."""
    remove_unfinished(folder)
    editions = _editions(folder)
    for left in [*editions.glob(".*.new"), *editions.glob("*/customers/.*.new")]:
        shutil.rmtree(left)


def _editions(folder: Path) -> Path:
    return folder / "editions"


def _lost(month: str, number: int, lost: Sequence[str]) -> str:
    names = ", ".join(lost[:5]) + (f" and {len(lost) - 5} more" if len(lost) > 5 else "")
    return (
        f"edition {number} of {month} stands: it counted requests of {names}, which the store no "
        "longer has and the logs neither. Put the files back; or name them in `ignore:` if they "
        "are not to count"
    )
