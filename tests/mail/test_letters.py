"""What is to be mailed to whom, from what lies in the reports folder."""

from dataclasses import replace
from pathlib import Path

import pytest

from slo_report.errors import InputError
from slo_report.mail.letters import MOST_ATTACHED_BYTES, published_letters
from slo_report.report.document import Report
from slo_report.report.files import report_json
from slo_report.slo_yaml.build import load_definition
from slo_report.slo_yaml.definition import Definition
from tests.conftest import SAMPLES
from tests.report import samples


@pytest.fixture(scope="module")
def definition() -> Definition:
    return load_definition(SAMPLES / "september" / "slo.yaml")


def publish(folder: Path, report: Report, page: bytes = b"<!doctype html>") -> None:
    folder.mkdir(parents=True)
    (folder / "report.json").write_text(report_json(report), encoding="utf-8")
    (folder / "report.html").write_bytes(page)


def test_everyones_report_goes_to_the_team_and_a_customers_own_to_the_customer(
    definition: Definition, tmp_path: Path
) -> None:
    month = tmp_path / "2026-04"
    fleet, own = samples.september(), samples.one_day()
    publish(month, fleet, b"everyone's")
    publish(month / "customers" / "acme-1", own, b"acme's")
    first = definition.customers[0]
    promises = [
        replace(first, customer="acme", email_to=("ops@acme.example", "cto@acme.example")),
        replace(first, customer="quiet", email_to=()),
        replace(first, customer="gone", email_to=("ops@gone.example",)),
    ]
    asked = replace(definition, customers=tuple(promises))
    folders = {name: f"customers/{name}-1" for name in ("acme", "quiet", "gone")}
    letters = published_letters(asked, month, folders)
    assert [(letter.document, letter.report) for letter in letters] == [("", fleet), ("acme", own)]
    assert [[to.addr_spec for to in letter.recipients] for letter in letters] == [
        ["engineering-review@september.example"], ["ops@acme.example", "cto@acme.example"],
    ]  # fmt: skip
    assert [list(letter.attachments.values()) for letter in letters] == [
        [b"everyone's"], [b"acme's"],
    ]  # fmt: skip


def test_an_address_that_stands_twice_gets_one_mail(definition: Definition, tmp_path: Path) -> None:
    publish(tmp_path / "2026-04", samples.september())
    assert definition.email is not None
    twice = replace(definition.email, to=("a@x.example", "A <a@X.example>"))
    (letter,) = published_letters(replace(definition, email=twice), tmp_path / "2026-04", {})
    assert [to.addr_spec for to in letter.recipients] == ["a@x.example"]


def test_a_page_too_large_for_mail_is_not_attached(definition: Definition, tmp_path: Path) -> None:
    publish(tmp_path / "2026-04", samples.september(), b" " * (MOST_ATTACHED_BYTES + 1))
    (letter,) = published_letters(definition, tmp_path / "2026-04", {})
    assert letter.attachments == {}


def test_a_damaged_report_is_not_mailed(definition: Definition, tmp_path: Path) -> None:
    publish(tmp_path / "2026-04", samples.september())
    (tmp_path / "2026-04" / "report.json").write_text('{"schema": "slo-report/1"}')
    with pytest.raises(InputError, match="is no report of this version"):
        published_letters(definition, tmp_path / "2026-04", {})
