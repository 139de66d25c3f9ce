"""A month's folder: each edition whole under editions/, the latest one on top.

Every edition appears by one rename, and only then takes the top folder, report.json last. A run
that was stopped anywhere between has lost nothing: the next one finds the edition and finishes.
"""

import json
import logging
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from slo_report.deliver import bring_up_to_date, write_folder, write_report
from slo_report.editions.changes import changes, vanished
from slo_report.editions.statement import Document, differs
from slo_report.errors import DiskError, InputError
from slo_report.report.document import Report
from slo_report.report.parts.editions import EditionEntry

log = logging.getLogger("slo_report")

Render = Callable[[Report], Mapping[str, bytes]]
"""Returns every file of a month's folder by its name, report.json among them."""


@dataclass(frozen=True)
class Published:
    """A month's report as it lies there now."""

    report: Report
    files: list[Path]
    is_new: bool
    """False where nothing had to be said anew."""


def publish(
    folder: Path, report: Report, render: Render, *, mode: int, is_ignored: Callable[[str], bool]
) -> Published:
    """Put a month's report into its folder, as a new edition if it says anything new.

    A running month has no editions: its report is overwritten, but never one that was published.
    Raises InputError where files that the published edition counted have been lost, DiskError.
    """
    _clear(folder)
    latest = _latest(folder)
    if report.status == "provisional" and latest is None:
        return Published(report, write_report(folder, render(report), mode), is_new=True)
    if latest is None:
        return _publish(folder, _first(report), render, mode)
    number, old = latest
    new = report.model_dump(mode="json", by_alias=True)
    if report.status == "provisional" or (old is not None and not differs(old, new)):
        return _standing(folder, number, report, mode)
    if old is None:
        log.warning("edition %d of %s cannot be read; it is kept", number, report.month)
        return _publish(folder, _following(report, number, []), render, mode)
    if lost := vanished(old, new, is_ignored):
        raise InputError(_lost(report.month, number, lost))
    entries = [EditionEntry.model_validate(entry) for entry in old["editions"]]
    following = _following(report, number, entries)
    told = changes(old, new)
    entries = [*following.editions[:-1], EditionEntry(edition=number + 1, reasons=told.reasons)]
    restated = following.model_copy(update={"changes": told, "editions": entries})
    return _publish(folder, restated, render, mode)


def standing(folder: Path, mode: int) -> Published | None:
    """Return the latest edition as it lies there, None where there is none that can be read."""
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


def _publish(folder: Path, report: Report, render: Render, mode: int) -> Published:
    files = render(report)
    try:
        write_folder(_editions(folder) / str(report.edition), files, mode)
    except OSError as error:
        raise DiskError(f"cannot write the report: {error}") from error
    return Published(report, write_report(folder, files, mode), is_new=True)


def _standing(folder: Path, number: int, report: Report, mode: int) -> Published:
    """Return the latest edition, and make the month's folder show it where it does not."""
    edition = _editions(folder) / str(number)
    try:
        files = {
            path.relative_to(edition).as_posix(): path.read_bytes()
            for path in sorted(edition.rglob("*"))
            if path.is_file()
        }
        paths = bring_up_to_date(folder, files, mode)
    except OSError as error:
        raise DiskError(f"cannot bring {folder.name} up to date: {error}") from error
    try:
        published = Report.model_validate_json(files["report.json"])
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
    for left in _editions(folder).glob(".*.new"):
        shutil.rmtree(left)
    for left in folder.glob(".*.new"):
        left.unlink()


def _editions(folder: Path) -> Path:
    return folder / "editions"


def _lost(month: str, number: int, lost: list[str]) -> str:
    names = ", ".join(lost[:5]) + (f" and {len(lost) - 5} more" if len(lost) > 5 else "")
    return (
        f"edition {number} of {month} stands: it counted requests of {names}, which the store no "
        "longer has and the logs neither. Put the files back; or name them in `ignore:` if they "
        "are not to count"
    )
