"""The section on what burned the budget: incidents, and whose the bad requests were."""

from collections.abc import Mapping, Sequence

from slo_report.report.document import Report
from slo_report.report.head import committed
from slo_report.report.parts.attribution import AttributedKey, Incident, Mark
from slo_report.report.parts.row import ObjectiveRow
from slo_report.report.tables import Column, Table
from slo_report.report.texts import exact, format_lift, format_ratio
from slo_report.wording import format_count

MOST_KEYS = 3
"""Keys of one column that are printed; report.json has more."""
EXPLAINED = (
    "An incident is a set of requests that failed at twice the rate of the others or more, has a "
    "tenth of the bad requests, and would show by chance less than once in 100 such searches."
)
SET_ASIDE = (
    "Where an objective has several incidents, the requests of the earlier ones are set aside: "
    "they are not among the others of a later one."
)


def burned_tables(report: Report) -> list[Table]:
    """Return the incidents, then for each looked-at objective whose its bad requests were."""
    rows = {row.id: row for row in report.objectives}
    tables = [_incidents(report, rows)] if report.incidents else []
    by_objective: dict[str, list[AttributedKey]] = {}
    for found in report.attribution:
        by_objective.setdefault(found.objective, []).append(found)
    tables += [
        _keys(rows[objective], found, report.customer_titles)
        for objective, found in by_objective.items()
        if objective in rows
    ]
    return [table for table in tables if table.rows]


def burned_lead(report: Report) -> list[str]:
    """Return what the section opens with."""
    if report.attribution and not report.incidents:
        return ["No time and no key marks the bad requests out from the others."]
    return []


def why(report: Report, rows: Sequence[ObjectiveRow]) -> str | None:
    """Return in one line what most of the bad requests of some objectives belong to."""
    ids = {row.id for row in rows if row.verdict == "missed" or row.budget is not None}
    found = [
        incident
        for incident in report.incidents
        if incident.objective in ids and not incident.scope
    ]
    if not found:
        return None
    titles = {row.id: row.title for row in committed(report.objectives)}
    worst = max(found, key=lambda incident: (incident.share_of_bad, -incident.number))
    of = f" of {titles.get(worst.objective, worst.objective)}" if len(ids) > 1 else ""
    return f"{worst.share_text} of the bad requests{of}: {worst.title}, {worst.when}"


def mark_name(mark: Mark | AttributedKey, titles: Mapping[str, str]) -> str:
    """Return a key with its customer's title."""
    return titles.get(mark.key, mark.key) if mark.by == "customer" else mark.key


def _incidents(report: Report, rows: Mapping[str, ObjectiveRow]) -> Table:
    columns = [
        Column("No.", "number"), Column("Objective"), Column("What marks it out"), Column("When"),
        Column("How it failed"), Column("Bad requests", "number"),
        Column("Times the others' rate", "number"), Column("By chance", "number"),
        Column("Of the budget", "number"), Column("Without it"),
    ]  # fmt: skip
    cells = [_incident(incident, rows, report.customer_titles) for incident in report.incidents]
    used = [i for i in range(len(columns)) if any(line[i] for line in cells)]
    return Table(
        "Incidents",
        [columns[i] for i in used],
        [[line[i] for i in used] for line in cells],
        notes=(EXPLAINED, *([SET_ASIDE] if any(one.set_aside for one in report.incidents) else [])),
    )


def _whose(incident: Incident, rows: Mapping[str, ObjectiveRow], titles: Mapping[str, str]) -> str:
    """Return `Turn p99`, `Availability for Acme Corp`."""
    row, customer = rows.get(incident.objective), incident.scope.get("customer")
    title = incident.objective.capitalize() if row is None else row.title
    return title if customer is None else f"{title} for {titles.get(customer, customer)}"


def _lift(incident: Incident) -> str:
    aside = ", ".join(map(str, incident.set_aside))
    text = incident.lift_text.removesuffix(" times")
    return f"{text}, without {aside}" if aside else text


def _incident(
    incident: Incident, rows: Mapping[str, ObjectiveRow], titles: Mapping[str, str]
) -> list[str]:
    return [
        str(incident.number),
        _whose(incident, rows, titles),
        incident.title,
        incident.when,
        ", ".join(f"{mark.by} {mark.key}" for mark in incident.symptoms),
        f"{format_count(incident.bad)} ({incident.share_text})",
        _lift(incident),
        incident.chance_text.replace("less than", "<"),
        incident.budget_text,
        incident.without.text,
    ]


def _keys(row: ObjectiveRow, found: Sequence[AttributedKey], titles: Mapping[str, str]) -> Table:
    by_column: dict[str, list[AttributedKey]] = {}
    for key in found:
        by_column.setdefault(key.by, []).append(key)
    cells = [
        [
            column,
            mark_name(key, titles),
            format_count(key.bad),
            format_ratio(exact(key.share_of_bad)),
            format_ratio(exact(key.share_of_valid)),
            "" if key.lift is None else format_lift(exact(key.lift)),
        ]
        for column, keys in by_column.items()
        if keys[0].valid < row.valid  # every event has the same: no news
        for key in keys[:MOST_KEYS]
        if key.bad
    ]
    labels = ("Bad requests", "Share of bad", "Share of all", "Times the others' rate")
    columns = [Column("By"), Column("Key"), *(Column(label, "number") for label in labels)]
    caption = f"Whose the bad requests of {row.title} were"
    return Table(caption, columns, cells, folded=True)
