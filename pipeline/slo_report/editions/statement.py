"""What a report states about its month, and so what another edition would have to correct.

Reports are compared as the JSON they are published in: an older version's can be read that way too.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Document = Mapping[str, Any]
"""A report.json."""

LISTS = ("objectives", "endpoints", "customers", "replicas")
APART = frozenset(
    {
        # The editions themselves, and what the figures were made from.
        *("edition", "editions", "changes", "provenance"),
        # What other months have to do with: they are restated by editions of their own.
        *("history", "what_if", "outlook", "notable", "incidents"),
        # Which lines were left out without any effect on a figure.
        *("ledger", "warnings"),
    }
)
"""Parts of a report that are no statement about the month's requests."""

RowKey = tuple[str, str, tuple[tuple[str, str], ...]]


@dataclass(frozen=True)
class Claim:
    """One objective's figure as it was published."""

    title: str
    text: str
    target: str
    verdict: str
    valid: int
    good: int | None
    bad: int | None
    has_contract: bool


def claims(document: Document) -> dict[RowKey, Claim]:
    """Return every figure of a report: those of the whole first, then by endpoint and the like."""
    return {key: _claim(row) for key, row in _rows(document)}


def differs(old: Document, new: Document) -> bool:
    """Tell whether the new report says anything else of the month than the old one."""
    if _month_facts(old) != _month_facts(new) or claims(old) != claims(new):
        return True
    versions, definitions = (
        [document["provenance"][name] for document in (old, new)]
        for name in ("version", "config_sha256")
    )
    if versions[0] != versions[1] and definitions[0] == definitions[1]:
        # Another program may tell the same in other words.
        return counted_by_day(old) != counted_by_day(new)
    return bool(read_otherwise(old, new)) or other_parts(old, new) != set()


def other_parts(old: Document, new: Document) -> set[str]:
    """Return the parts in which two reports say something else of the month."""
    return {
        part
        for part in old.keys() - APART
        if old[part] is not None
        and new.get(part) is not None
        and _without_change(old[part]) != _without_change(new[part])
    }


def counted_by_day(document: Document) -> dict[tuple[str, str], tuple[int, int | None, str]]:
    """Return by objective and day what was counted of everyone: valid, good, the verdict."""
    return {
        (series["objective"], point["on"]): (point["valid"], point["good"], point["verdict"])
        for series in document["daily"]
        if not series["scope"]
        for point in series["days"]
    }


def read_otherwise(old: Document, new: Document) -> set[str]:
    """Return the SLOs whose requests both reports say how they read, and not alike."""
    then, now = (
        {row["id"]: (row["slo"], row.get("reading")) for row in document["objectives"]}
        for document in (old, new)
    )
    return {
        slo
        for objective, (slo, reading) in now.items()
        if reading and (then.get(objective) or (slo, None))[1] not in (None, reading)
    }


def hand_written(document: Document) -> list[str]:
    """Return the notes of the team."""
    return [item["text"] for item in document["notable"] if item.get("by_hand")]


def _month_facts(document: Document) -> object:
    ledger, coverage = document["ledger"], document["coverage"]
    return (
        document["status"],
        hand_written(document),
        (ledger["loaded"], ledger["quarantined"], ledger["reasons"], ledger["refused"]),
        (coverage["hours"], coverage["hours_with_data"], coverage["missing_hours"]),
        [(item["reason"], item["excluded"]) for item in document["exclusions"]],
    )


def _rows(document: Document) -> Iterator[tuple[RowKey, Mapping[str, Any]]]:
    lists = {name: document[name] for name in LISTS} | document["breakdowns"]
    for name, rows in lists.items():
        for row in rows:
            yield (name, row["id"], tuple(sorted(row["scope"].items()))), row


def _claim(row: Mapping[str, Any]) -> Claim:
    return Claim(
        title=row["title"],
        text=row["text"],
        target=row["target"]["text"],
        verdict=row["verdict"],
        valid=row["valid"],
        good=row["good"],
        bad=row["bad"],
        has_contract=row["contract_target"],
    )


def _without_change(part: Any) -> Any:
    """Return a part of a report without its comparisons with the month before.

    Nor with how it was read, which older versions do not tell.
    """
    if isinstance(part, Mapping):
        left_out = ("change", "reading")
        return {key: _without_change(value) for key, value in part.items() if key not in left_out}
    if isinstance(part, list):
        return [_without_change(item) for item in part]
    return part
