"""What changed between two editions of a month, and why."""

from collections import Counter
from collections.abc import Iterator, Mapping

from slo_report.editions.sources import source_changes
from slo_report.editions.statement import (
    Claim,
    Document,
    RowKey,
    claims,
    counted_by_day,
    hand_written,
    other_parts,
    read_otherwise,
)
from slo_report.report.parts.editions import Changes, FigureChange, Reason
from slo_report.wording import counted, format_count, plural

MOST_FIGURES = 500
"""Changed figures that report.json lists; a late file moves thousands a little."""


def changes(old: Document, new: Document) -> Changes:
    """Return the differences between a published report and the one to follow it."""
    figures = [*_of_the_month(old, new), *_of_objectives(claims(old), claims(new))]
    figures = figures or list(_of_days(old, new))
    ordered = sorted(figures, key=lambda figure: figure.verdict_before == figure.verdict)
    return Changes(
        since=old["edition"],
        reasons=reasons(old, new),
        figures=ordered[:MOST_FIGURES],
        more=len(ordered[MOST_FIGURES:]),
    )


def reasons(old: Document, new: Document) -> list[Reason]:
    """Return what is not as it was, the definition first, then file by file."""
    found = [*_files(old, new), *_refusals(old, new)]
    # Logs that are gone may have been left out by slo.yaml itself.
    by_logs = any(reason.kind != "gone" for reason in found)
    found = [*_definition(old, new, is_explained=by_logs), *found]
    if hand_written(old) != hand_written(new):
        found.append(Reason(kind="notes", text="the team's notes"))
    versions = [document["provenance"]["version"] for document in (old, new)]
    if versions[0] != versions[1]:
        found.append(Reason(kind="version", text=f"slo-report {versions[0]}, now {versions[1]}"))
    more = new["ledger"]["loaded"] - old["ledger"]["loaded"]
    if more or not found:
        found.append(Reason(kind="requests", text=_requests(more)))
    return found


def _requests(more: int) -> str:
    if not more:
        return "the same number, but not the same ones"
    are = plural(abs(more), "is", "are")
    return f"{format_count(abs(more))} {'more' if more > 0 else 'fewer'} of the month {are} loaded"


_DEFINED = frozenset({"service", "timezone", "customer_titles", "unreachable_alerts"})
"""Parts that slo.yaml alone decides, beside the definitions themselves."""


def _definition(old: Document, new: Document, *, is_explained: bool) -> Iterator[Reason]:
    if old["provenance"]["config_sha256"] == new["provenance"]["config_sha256"]:
        return
    before = {item["slo"]: item for item in old["definitions"]}
    now = {item["slo"]: item for item in new["definitions"]}
    titles = [
        (now.get(slo) or before[slo])["title"]
        for slo in dict.fromkeys([*now, *before])
        if _lines(before.get(slo)) != _lines(now.get(slo)) or slo in read_otherwise(old, new)
    ]
    # What changed in slo.yaml may be of later months alone.
    if titles or not is_explained or other_parts(old, new) & _DEFINED:
        yield Reason(kind="definition", text=", ".join(titles) or "slo.yaml")


def _lines(definition: Mapping[str, object] | None) -> object:
    return None if definition is None else definition["lines"]


def _files(old: Document, new: Document) -> Iterator[Reason]:
    files = source_changes(old, new)
    for name in files.changed:
        yield Reason(kind="changed", text=name)
    for name in files.come:
        yield Reason(kind="late", text=name)
    for source in files.gone:
        yield Reason(kind="gone", text=source.name)


def _refusals(old: Document, new: Document) -> Iterator[Reason]:
    before, now = (
        {item["file"]: item["reason"] for item in document["ledger"]["refused"]}
        for document in (old, new)
    )
    for name, reason in now.items():
        if name not in before:
            yield Reason(kind="refused", text=f"{name}: {reason}")
    for name in before:
        if name not in now:
            yield Reason(kind="mended", text=name)


def _of_the_month(old: Document, new: Document) -> Iterator[FigureChange]:
    facts = (
        ("Status of the month", old["status"], new["status"]),
        ("Requests loaded", _loaded(old), _loaded(new)),
        ("Hours missing", _missing(old), _missing(new)),
        ("Burn-rate alerts that would have rung", _rang(old), _rang(new)),
    )
    for title, before, now in facts:
        if before != now:
            yield FigureChange(objective="", title=title, scope={}, before=before, now=now)


def _of_days(old: Document, new: Document) -> Iterator[FigureChange]:
    """Yield how many days of each objective were counted otherwise, though its month was not."""
    was, is_ = counted_by_day(old), counted_by_day(new)
    days = Counter(key[0] for key in was.keys() | is_.keys() if was.get(key) != is_.get(key))
    for row in new["objectives"]:
        if number := days[row["id"]]:
            title = f"{row['title']}: days counted otherwise"
            yield FigureChange(
                objective=row["id"],
                title=title,
                scope={},
                before="none",
                now=counted(number, "day"),
            )


def _rang(document: Document) -> str | None:
    episodes = document.get("burn_rate_alerts")
    return None if episodes is None else format_count(len(episodes))


def _loaded(document: Document) -> str:
    return format_count(document["ledger"]["loaded"])


def _missing(document: Document) -> str:
    return format_count(document["coverage"]["missing_hours"])


def _of_objectives(
    before: Mapping[RowKey, Claim], now: Mapping[RowKey, Claim]
) -> Iterator[FigureChange]:
    """Yield the changed figures: all of the whole and of contracts, else changed verdicts only."""
    for key in dict.fromkeys([*now, *before]):
        was, is_ = before.get(key), now.get(key)
        name, objective, scope = key
        either = is_ or was
        if was == is_ or either is None:
            continue
        weighty = name == "objectives" or either.has_contract
        if not weighty and was is not None and is_ is not None and was.verdict == is_.verdict:
            continue
        with_target = was is not None and is_ is not None and was.target != is_.target
        yield FigureChange(
            objective=objective,
            title=either.title,
            scope=dict(scope),
            before=_figure(was, with_target=with_target),
            now=_figure(is_, with_target=with_target),
            verdict_before=None if was is None else was.verdict,
            verdict=None if is_ is None else is_.verdict,
            valid_before=None if was is None else was.valid,
            valid=None if is_ is None else is_.valid,
        )


def _figure(claim: Claim | None, *, with_target: bool) -> str | None:
    if claim is None:
        return None
    return f"{claim.text} (target {claim.target})" if with_target else claim.text
