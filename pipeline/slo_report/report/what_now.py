"""What is to do beside the policy's actions: open items, and misses that no budget speaks for."""

from slo_report.report.document import Report
from slo_report.report.head import committed
from slo_report.wording import counted, plural


def open_items(report: Report) -> list[str]:
    """Return what nobody has explained yet: `Turn p99: find the cause`."""
    titles = {row.id: row.title for row in report.objectives}
    return [
        f"{titles.get(item.objective or '', item.about)}: {item.to_do}"
        for item in report.notable
        if item.is_open and item.to_do
    ]


def policy_because(report: Report) -> str:
    """Return what sets the policy's state: `76% of the error budget of Availability is used`."""
    policy = report.policy
    if policy is None:
        return ""
    rows = {row.id: row for row in report.objectives}
    row = rows.get(policy.objective)
    title = policy.objective if row is None else row.title
    said = f"{policy.used_text} of the error budget of {title} is used"
    if row is not None and row.budget is not None and row.budget.used is None:
        bad = row.budget.used_events
        there_were = f"there {plural(bad, 'was', 'were')} {counted(bad, 'bad request')}"
        said = f"{title} allows no bad request, and {there_were}"
    if report.status == "incomplete":
        said += ", by what was measured, and too much of the month was not"
    return said


def beside_the_policy(report: Report) -> str:
    """Say which missed objectives the policy asks nothing for, since they have no error budget."""
    missed = [
        row.title
        for row in committed(report.objectives)
        if row.verdict == "missed" and row.budget is None
    ]
    if not missed or report.policy is None:
        return ""
    if len(missed) == 1:
        return f"{missed[0]} was missed; it has no error budget, so the policy asks nothing for it."
    how_many = counted(len(missed), "objective")
    return f"{how_many} without an error budget were missed; the policy asks nothing for them."
