"""What is to be mailed to whom, from what lies in the reports folder."""

from dataclasses import replace
from pathlib import Path

import pytest

from slo_report.customer_reports import customer_folders
from slo_report.errors import InputError
from slo_report.mail.letters import MOST_ATTACHED_BYTES, published_letters
from slo_report.report.document import Report
from slo_report.report.files import report_json
from slo_report.report.parts.customer import Customer
from slo_report.slo_yaml.build import load_definition
from slo_report.slo_yaml.definition import Definition
from tests.conftest import SAMPLES
from tests.report import samples


@pytest.fixture(scope="module")
def definition() -> Definition:
    return load_definition(SAMPLES / "september" / "slo.yaml")


def report_of(customer: str) -> Report:
    whose = Customer(id=customer, title=customer.title(), contract=None)
    return samples.one_day().model_copy(update={"customer": whose})


def publish(folder: Path, report: Report, page: bytes = b"<!doctype html>") -> None:
    folder.mkdir(parents=True)
    (folder / "report.json").write_text(report_json(report), encoding="utf-8")
    (folder / "report.html").write_bytes(page)


def test_everyones_report_goes_to_the_team_and_a_customers_own_to_the_customer(
    definition: Definition, tmp_path: Path
) -> None:
    month = tmp_path / "2026-04"
    fleet, own = samples.september(), report_of("acme")
    publish(month, fleet, b"everyone's")
    publish(month / customer_folders(["acme"])["acme"], own, b"acme's")
    first = definition.customers[0]
    promises = [
        replace(first, customer="acme", email_to=("ops@acme.example", "cto@acme.example")),
        replace(first, customer="quiet", email_to=()),
        replace(first, customer="gone", email_to=("ops@gone.example",)),
    ]
    asked = replace(definition, customers=tuple(promises))
    letters = published_letters(asked, month)
    assert [(letter.document, letter.report) for letter in letters] == [("", fleet), ("acme", own)]
    assert [[to.addr_spec for to in letter.recipients] for letter in letters] == [
        ["engineering-review@september.example"], ["ops@acme.example", "cto@acme.example"],
    ]  # fmt: skip
    assert [list(letter.attachments.values()) for letter in letters] == [
        [b"everyone's"], [b"acme's"],
    ]  # fmt: skip


def test_nobody_is_mailed_a_report_about_somebody_else(
    definition: Definition, tmp_path: Path
) -> None:
    publish(tmp_path / "2026-04", samples.september())
    own = customer_folders(["acme"])["acme"]
    publish(tmp_path / "2026-04" / own, report_of("pico"))
    promise = replace(definition.customers[0], customer="acme", email_to=("ops@acme.example",))
    with pytest.raises(InputError, match="is about somebody else"):
        published_letters(replace(definition, customers=(promise,)), tmp_path / "2026-04")


def test_an_address_that_stands_twice_gets_one_mail(definition: Definition, tmp_path: Path) -> None:
    publish(tmp_path / "2026-04", samples.september())
    assert definition.email is not None
    twice = replace(definition.email, to=("a@x.example", "A <a@X.example>"))
    (letter,) = published_letters(replace(definition, email=twice), tmp_path / "2026-04")
    assert [to.addr_spec for to in letter.recipients] == ["a@x.example"]


def test_a_page_too_large_for_mail_is_not_attached(definition: Definition, tmp_path: Path) -> None:
    publish(tmp_path / "2026-04", samples.september(), b" " * (MOST_ATTACHED_BYTES + 1))
    (letter,) = published_letters(definition, tmp_path / "2026-04")
    assert letter.attachments == {}


def test_a_damaged_report_is_not_mailed(definition: Definition, tmp_path: Path) -> None:
    publish(tmp_path / "2026-04", samples.september())
    (tmp_path / "2026-04" / "report.json").write_text('{"schema": "slo-report/1"}')
    with pytest.raises(InputError, match="is no report of this version"):
        published_letters(definition, tmp_path / "2026-04")
