"""Reports of single customers: for each their own promises, and nothing of anybody else."""

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from slo_report.compose.customer import (
    CustomerSurroundings,
    compose_customer_report,
    own_requests,
    reserved_capacity,
)
from slo_report.published_reports import read_report
from slo_report.report.document import Report
from slo_report.report.files import render
from slo_report.rollup.customers import reported_customers, roll_up_customers
from slo_report.rollup.engine import Engine
from slo_report.rollup.roll_up import RollUp
from slo_report.slo_yaml.definition import CustomerPromise, Definition

FOLDER = "customers"
SLUG_CUT = 40
DIGEST_CUT = 8
_NOT_A_SLUG = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True)
class CustomerReport:
    """One customer's report, rendered."""

    promise: CustomerPromise
    report: Report
    folder: str
    """Inside the month's folder: customers/acme-7f83b165."""
    files: Mapping[str, bytes]
    """By their names inside `folder`: report.html, charts/burn-down.svg."""


def customer_reports(
    engine: Engine,
    definition: Definition,
    rolled: RollUp,
    month_report: Report,
    *,
    reports: Path,
    now: datetime,
    progress: Callable[[str], None],
    there: Path | None = None,
) -> Iterator[CustomerReport]:
    """Yield the report of each customer that slo.yaml names, or of all; one at a time is in memory.

    `rolled` and `month_report` are the month's own; `reports` holds the months before. Customers
    who have a folder in the edition that is `there` are left out; `progress` is told each made.
    """
    promises = reported_customers(engine, definition, rolled.windows)
    folders = customer_folders(promise.customer for promise in promises)
    if there is not None:
        promises = [one for one in promises if not (there / folders[one.customer]).is_dir()]
    before = reports / rolled.windows.month.previous.text
    for promise, own in roll_up_customers(engine, definition, promises, rolled.windows):
        folder = folders[promise.customer]
        around = CustomerSurroundings(
            now,
            month_report,
            reserved_capacity(rolled, promise.customer, own_requests(own)),
            _own_report(before / folder, promise.customer),
        )
        report = compose_customer_report(definition, promise, own, around)
        files = render(report)
        progress(f"rendering {folder}")
        yield CustomerReport(promise, report, folder, files)


def customer_folders(customers: Iterable[str]) -> dict[str, str]:
    """Return the folder of each customer: customers/acme-7f83b165, safe whatever the name is.

    The digest of the exact name keeps alike ones apart; where eight digits of it do not, all of it
    does.
    """
    short = {name: f"{_cleaned(name)}-{_digest(name)[:DIGEST_CUT]}" for name in customers}
    taken = Counter(short.values())
    return {
        name: f"{FOLDER}/{slug if taken[slug] == 1 else f'{_cleaned(name)}-{_digest(name)}'}"
        for name, slug in short.items()
    }


def _own_report(folder: Path, customer: str) -> Report | None:
    found = read_report(folder)
    return found if found and found.customer and found.customer.id == customer else None


def _cleaned(name: str) -> str:
    return _NOT_A_SLUG.sub("-", name[:1000].lower()).strip("-")[:SLUG_CUT].strip("-") or "customer"


def _digest(name: str) -> str:
    return hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()
