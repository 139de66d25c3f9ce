"""A customer's report is made of their own requests, and nothing else can be read out of it."""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from itertools import count
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from slo_report.customer_reports import customer_folders
from slo_report.months import parse_month
from slo_report.report.document import Report
from slo_report.run import run_month
from slo_report.slo_yaml.build import load_definition
from tests.conftest import run_program

NOW = datetime(2026, 5, 2, tzinfo=UTC)
SLO_YAML = """\
service: shop
logs:
  - path: "*.jsonl"
    fields:
      ts: ts
      method: method
      route: route
      status: status
      duration: {from: ms, unit: ms}
      customer: customer
      replica: replica
      error_code: {from: error_code, default: ''}
      weight: {from: weight, type: integer, default: 1}
exclusions:
  - reason: Load test of Beta Industries
    where: customer = 'beta-corp' and error_code = 'BETA_LOAD'
  - {reason: Planned work, where: error_code = 'PLANNED'}
slos:
  - {id: availability, title: Availability, valid: "error_code <> 'BETA_ONLY_CODE'",
     good: status < 500, target: 99%}
  - {id: latency, title: Latency, value: duration, p50: < 200 ms, p99: < 1 s, max: < 5 s}
  - {id: rolling, title: Rolling, good: status < 500, target: 98%, window: 7d}
  - {id: daily, title: Daily, sum: weight, over: weight + 1, target: "> 40%", window: day}
  - {id: cost, title: Secret cost, value: weight, informational: true, p50: < 10, unit: USD}
  - id: routes
    title: Routes
    good: status < 500
    each:
      - {endpoint: GET /shared, target: 95%}
      - {endpoint: GET /beta-import, target: 95%}
      - {customer: beta-corp, target: 95%}
      - {customer: [acme, beta-corp], target: 95%}
notes: notes/
breakdowns: [endpoint, customer, replica, error_code]
"""
CUSTOMERS = """\
customers:
  acme:
    title: Acme Corp
    contract: MSA-2026-014
    slos: {availability: {target: 99.9%}, latency: {p99: < 800 ms}}
    reserved: [acme-node]
  beta-corp:
    title: Beta Industries
    contract: MSA-BETA-77
    slos: {availability: {target: 97.531%}}
    reserved: [beta-node]
    email: {to: [ceo@beta.example]}
"""
OF_BETA = (
    "beta", "MSA-BETA-77", "97.531", "BETA_LOAD", "BETA_ONLY_CODE", "PM-BETA", "secret cost",
)  # fmt: skip
"""What only the other customer has, or nobody outside is to see; looked for in any case."""


def requests(
    customer: str | None, number: int, *, bad: int = 0, first_day: int = 1, **more: object
) -> Iterator[dict[str, object]]:
    """Yield requests of a customer, some every day of the month; the first `bad` fail."""
    start = datetime(2026, 4, first_day, 0, 7, tzinfo=UTC)
    step = timedelta(days=30 - first_day) / number
    for i in range(number):
        yield {
            "ts": (start + i * step).isoformat(),
            "method": "GET",
            "route": "/shared",
            "status": 503 if i < bad else 200,
            "ms": 20 + i * 37 % 900,
            "customer": customer,
            "replica": "node-1",
            "weight": i % 7,
            **more,
        }


def of_acme() -> list[dict[str, object]]:
    return [
        *requests("acme", 1013, bad=5, replica="acme-node"),
        *requests("acme", 11, replica="node-2", route="/carts"),
        *requests("acme", 3, bad=3, error_code="PLANNED"),
    ]


def of_beta(number: int = 2029) -> list[dict[str, object]]:
    return [
        *requests("beta-corp", number, bad=17, replica="beta-node"),
        *requests("beta-corp", 31, replica="acme-node", route="/beta-import"),
        *requests("beta-corp", 13, bad=13, error_code="BETA_LOAD"),
        *requests("beta-corp", 19, error_code="BETA_ONLY_CODE", route="/beta-import"),
        *requests(None, 5, bad=1),
    ]


def reported(
    folder: Path,
    lines: list[dict[str, object]],
    *,
    slo_yaml: str = SLO_YAML + CUSTOMERS,
    now: datetime = NOW,
    month: str = "2026-04",
    charts: bool = False,
) -> Path:
    """Return the month's folder of a run over `lines`; charts are slow, so they are asked for."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "slo.yaml").write_text(slo_yaml, encoding="utf-8")
    text = "".join(json.dumps(line) + "\n" for line in lines)
    (folder / "log.jsonl").write_text(text, encoding="utf-8")
    definition = load_definition(folder / "slo.yaml")
    asked = parse_month(month, ZoneInfo("UTC"), now)
    reports = folder / "reports"
    with pytest.MonkeyPatch.context() as patch:
        if not charts:
            patch.setattr("slo_report.report.files.draw_charts", lambda _: [])
        run_month(definition, asked, reports=reports, now=now, progress=lambda _: None)
    return reports / month


def files_of(month: Path, customer: str) -> dict[str, bytes]:
    """Return every file of a customer's report by its name."""
    folder = month / customer_folders([customer])[customer]
    return {
        path.relative_to(month).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def report_of(month: Path, customer: str) -> Report:
    folder = month / customer_folders([customer])[customer]
    return Report.model_validate_json((folder / "report.json").read_bytes())


@pytest.fixture(scope="module")
def month(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shop")
    (folder / "notes").mkdir()
    (folder / "notes" / "2026-04.md").write_text("Beta's import failed, see PM-BETA.", "utf-8")
    return reported(folder, of_acme() + of_beta(), charts=True)


def test_nothing_of_another_customer_is_in_any_byte(month: Path) -> None:
    files = files_of(month, "acme")
    assert {"report.md", "report.html", "report.json", "burn-down.svg"} <= {
        name.rpartition("/")[2] for name in files
    }
    for name, content in files.items():
        for marker in OF_BETA:
            assert marker.casefold() not in (name + content.decode()).casefold(), (name, marker)


@pytest.mark.long
def test_the_markers_would_be_found(month: Path) -> None:
    theirs = (month / "report.json").read_text("utf-8").casefold()
    # A contract's name stands in the report of its own customer alone.
    assert [m for m in OF_BETA if m.casefold() not in theirs] == ["MSA-BETA-77"]
    assert "MSA-BETA-77" in report_of(month, "beta-corp").model_dump_json()


def test_no_volume_of_the_fleet_or_of_the_other_is_in_any_byte(month: Path) -> None:
    """With two customers a total is as good as the other's name."""
    own, others = len(of_acme()), len(of_beta())
    on_replicas = 1013 + 31
    for number in (others, own + others, 2029, 2060, on_replicas, 1013 + 11 + 3 + 31):
        figure = re.compile(
            rf"(?<![\d.,]){number:,}(?![\d.])|(?<![\d.,]){number}(?![\d.])".encode()
        )
        for name, content in files_of(month, "acme").items():
            assert not figure.search(content), (name, number)


def test_the_report_is_the_same_whatever_others_did_and_were_promised(
    month: Path, tmp_path: Path
) -> None:
    """Nothing can be subtracted out of bytes that do not depend on it."""
    slo_yaml = (SLO_YAML + CUSTOMERS).replace("97.531%", "90%").replace("[beta-node]", "[b-2]")
    quarantined: list[dict[str, object]] = [{"ts": "never"}] * 9
    lines = of_acme() + of_beta(777) + quarantined
    other_month = reported(tmp_path, lines, slo_yaml=slo_yaml, charts=True)
    assert files_of(other_month, "acme") == files_of(month, "acme")


@pytest.mark.long
def test_the_figures_are_those_of_a_log_with_nobody_else_in_it(month: Path, tmp_path: Path) -> None:
    slo_yaml = SLO_YAML.replace("valid: \"error_code <> 'BETA_ONLY_CODE'\"", "valid: true")
    alone = Report.model_validate_json(
        (reported(tmp_path, of_acme(), slo_yaml=slo_yaml) / "report.json").read_bytes()
    )
    expected = {row.id: row for row in alone.objectives}
    own = {row.id: row for row in report_of(month, "acme").objectives}
    assert own.keys() == {
        "availability", "latency.p50", "latency.p99", "latency.max", "rolling", "daily",
        "routes[GET /shared]", "reserved",
    }  # fmt: skip
    for name in own.keys() - {"availability", "latency.p99", "reserved"}:
        everyones = {"unmeasured": None, "reading": None}  # what only the month's report has
        assert own[name] == expected[name].model_copy(update=everyones)
    assert own["availability"].valid == expected["availability"].valid == 1024
    assert own["availability"].bad == 5
    assert own["latency.p99"].value == expected["latency.p99"].value
    endpoints = {(r.id, r.scope["endpoint"], r.valid, r.bad) for r in alone.endpoints}
    theirs = report_of(month, "acme").endpoints
    without_contract = {
        (r.id, r.scope["endpoint"], r.valid, r.bad) for r in theirs if not r.contract_target
    }
    assert without_contract
    assert without_contract <= endpoints


@pytest.mark.long
def test_the_contract_replaces_everyones_target(month: Path) -> None:
    rows = {row.id: row for row in report_of(month, "acme").objectives}
    assert (rows["availability"].target.text, rows["availability"].contract_target) == (
        "99.9%",
        True,
    )
    assert rows["availability"].verdict == "missed"
    assert rows["availability"].budget is not None
    assert rows["availability"].budget.used == pytest.approx(5 / 1.024)
    assert rows["latency.p99"].target.text == "< 800ms"
    assert rows["latency.p50"].contract_target is False


@pytest.mark.long
def test_reserved_capacity_says_whether_it_was_shared_and_not_with_how_many(month: Path) -> None:
    row = report_of(month, "acme").objectives[-1]
    assert (row.id, row.text, row.verdict) == ("reserved", "shared with others", "missed")
    assert (row.valid, row.good, row.bad, row.value) == (1027, 1013, 14, None)


@pytest.mark.long
@pytest.mark.parametrize(
    ("lines", "verdict", "text"),
    [
        ([*requests("acme", 40, replica="acme-node")], "met", "100.00%"),
        ([*requests("acme", 40)], "missed", "0.00%"),
        ([*requests("other", 40)], "no_data", "no data"),
        ([*requests("other", 40, replica="acme-node")], "missed", "shared with others"),
        ([*requests(None, 40, replica="acme-node")], "missed", "shared with others"),
    ],
    ids=["kept", "served elsewhere", "unused", "used by another", "used by nobody known"],
)
def test_reserved_capacity_is_judged_as_in_the_months_report(
    tmp_path: Path, lines: list[dict[str, object]], verdict: str, text: str
) -> None:
    made = reported(tmp_path, lines)
    row = report_of(made, "acme").objectives[-1]
    assert (row.id, row.verdict, row.text) == ("reserved", verdict, text)
    everyones = Report.model_validate_json((made / "report.json").read_bytes())
    assert verdict in {
        r.verdict for r in everyones.customers
        if r.id == "reserved" and r.scope == {"customer": "acme"}
    }  # fmt: skip


@pytest.mark.long
def test_what_is_not_for_customers_is_null_or_empty_and_every_key_is_there(month: Path) -> None:
    own = json.loads((month / next(n for n in files_of(month, "acme") if "json" in n)).read_bytes())
    assert own.keys() == json.loads((month / "report.json").read_bytes()).keys()
    assert own["customer"] == {"id": "acme", "title": "Acme Corp", "contract": "MSA-2026-014"}
    for key in ("coverage", "ledger", "policy"):
        assert own[key] is None
    for key in ("customers", "replicas", "breakdowns", "warnings", "customer_titles", "left_out"):
        assert not own[key]
    assert own["provenance"]["files"] == []
    assert own["provenance"]["config_sha256"] == ""
    (excluded,) = own["exclusions"]
    assert (excluded["reason"], excluded["excluded"], excluded["rule"]) == ("Planned work", 3, "")


@pytest.mark.long
def test_a_rule_that_names_another_customer_is_counted_without_its_words(tmp_path: Path) -> None:
    slo_yaml = (SLO_YAML + CUSTOMERS).replace("Planned work", "Planned work for BETA-CORP")
    own = report_of(reported(tmp_path, of_acme(), slo_yaml=slo_yaml), "acme")
    assert [(e.reason, e.excluded) for e in own.exclusions] == [
        ("Not counted by a rule of the service", 3)
    ]


@pytest.mark.long
def test_only_named_customers_have_reports(tmp_path: Path) -> None:
    made = reported(tmp_path, [*of_acme(), *requests("gamma", 5)])
    folders = {path.name.rpartition("-")[0] for path in (made / "customers").iterdir()}
    assert folders == {"acme", "beta-corp"}
    assert report_of(made, "beta-corp").head[0] == "April 2026 SLO report for Beta Industries"


HOSTILE = (
    "../../../x", "..", "", "a/b\\c",
    "nul\x00byte", "x" * 200, "\U0001f469\u200d\U0001f680 e\u0301",
    "12:ab", "2:a=GET /0", "a=", "$\\frac{1}{0$", "<script>alert(1)</script>", "'; DROP TABLE x --",
    "line\nbreak", "CON", "Acme", "acme", "ACME ", "acme!", "(no customer)", "日本", "日本語",
)  # fmt: skip


@pytest.mark.long
def test_every_customer_of_the_log_gets_their_own_if_asked_whatever_their_name(
    tmp_path: Path,
) -> None:
    lines = [
        line
        for number, name in enumerate(HOSTILE)
        for line in requests(name, number + 1, bad=1, route=f"/{number}")
    ]
    slo_yaml = SLO_YAML + "customer_reports: all\n"
    made = reported(tmp_path / "in", lines, slo_yaml=slo_yaml)
    folders = sorted((made / "customers").iterdir())
    assert len(folders) == len(HOSTILE)
    assert all(re.fullmatch(r"[a-z0-9-]{1,49}", folder.name) for folder in folders)
    assert {path.name for path in tmp_path.iterdir()} == {"in"}
    found = {}
    for folder in folders:
        report = Report.model_validate_json((folder / "report.json").read_bytes())
        assert report.customer is not None
        endpoints = {
            (row.scope["endpoint"], row.valid, row.bad)
            for row in report.endpoints
            if row.id == "availability"
        }
        found[report.customer.id] = endpoints
        page = Tags()
        page.feed((folder / "report.html").read_text("utf-8"))
        assert "script" not in page.names
    assert found == {name: {(f"GET /{n}", n + 1, 1)} for n, name in enumerate(HOSTILE)}


class Tags(HTMLParser):
    """The names of a page's tags."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002
        self.names.add(tag)


@pytest.mark.long
def test_customers_that_are_spelt_alike_have_folders_of_their_own() -> None:
    names = ["Acme", "acme", "acme ", "ACME!", "../acme", "acme\x00"]
    folders = customer_folders(names)
    assert len(set(folders.values())) == len(names)
    digest = hashlib.sha256(b"acme").hexdigest()[:8]
    assert folders["acme"] == f"customers/acme-{digest}"
    assert all(folder.startswith("customers/acme-") for folder in folders.values())


@pytest.mark.long
def test_no_two_customers_share_a_folder_even_where_their_digests_begin_alike() -> None:
    one, other = _alike()
    folders = customer_folders([one, other, "acme"])
    assert len(set(folders.values())) == 3
    assert len(folders[one]) > len(folders["acme"]) + 40


def _alike() -> tuple[str, str]:
    """Return two names whose cleaned forms and first eight digits agree."""
    seen: dict[str, str] = {}
    for number in count():
        name = "日" * (number % 50) + chr(0x4E00 + number % 20_000) + chr(0x4E00 + number // 20_000)
        digest = hashlib.sha256(name.encode()).hexdigest()[:8]
        if seen.setdefault(digest, name) != name:
            return seen[digest], name
    raise AssertionError


@pytest.mark.long
def test_a_customer_who_is_asked_for_later_is_added_to_the_edition_that_stands(
    tmp_path: Path,
) -> None:
    lines = [*of_acme(), *requests("gamma", 5)]
    made = reported(tmp_path, lines)
    published = {path: path.read_bytes() for path in made.rglob("*") if path.is_file()}
    reported(tmp_path, lines, slo_yaml=f"{SLO_YAML}{CUSTOMERS}customer_reports: all\n")
    assert {path: path.read_bytes() for path in published} == published
    assert not (made / "editions" / "2").exists()
    added = customer_folders(["gamma"])["gamma"]
    assert (made / "editions" / "1" / added / "report.json").is_file()
    assert report_of(made, "gamma").edition == 1


@pytest.mark.long
def test_a_customer_who_is_named_no_more_has_no_report_any_more(tmp_path: Path) -> None:
    made = reported(tmp_path, of_acme())
    beta = made / customer_folders(["beta-corp"])["beta-corp"]
    mine = made / "customers" / "mine"
    mine.mkdir()
    (mine / "letter.txt").write_text("kept", "utf-8")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "report.md").write_text("kept", "utf-8")
    (made / "customers" / "linked").symlink_to(elsewhere)
    assert beta.is_dir()
    only_acme = CUSTOMERS[: CUSTOMERS.index("  beta-corp")]
    reported(tmp_path, of_acme(), slo_yaml=SLO_YAML + only_acme)
    assert not beta.exists()
    assert (mine / "letter.txt").read_text("utf-8") == "kept"
    assert (elsewhere / "report.md").read_text("utf-8") == "kept"
    assert report_of(made, "acme").head


@pytest.mark.long
def test_the_change_since_last_month_is_the_customers_own(tmp_path: Path) -> None:
    march = [
        {**line, "ts": str(line["ts"]).replace("2026-04", "2026-03")} for line in of_acme()[:500]
    ]
    lines = [*march, *of_acme(), *of_beta()]
    reported(tmp_path, lines, month="2026-03")
    row = report_of(reported(tmp_path, lines), "acme").objectives[0]
    assert row.change is not None
    assert (row.change.month, row.change.text) == ("2026-03", "99.00%")


@pytest.mark.long
def test_standard_output_is_about_the_month_and_not_about_a_customer(tmp_path: Path) -> None:
    made = reported(tmp_path, of_acme())
    config = ("--config", tmp_path / "slo.yaml", "--month", "2026-04")
    assert run_program(*config).stdout.strip() == str(made / "report.html")
    printed: Mapping[str, object] = json.loads(run_program(*config, "--json").stdout)
    assert printed["customer"] is None


@pytest.mark.long
def test_a_customer_without_any_request_is_told_so(tmp_path: Path) -> None:
    made = reported(tmp_path, [*requests("gamma", 50)])
    own = report_of(made, "acme")
    verdicts = {row.id: row.verdict for row in own.objectives}
    assert verdicts == dict.fromkeys(["availability", "latency.p99", "reserved"], "no_data")
    markdown = (made / customer_folders(["acme"])["acme"] / "report.md").read_text("utf-8")
    assert "gamma" not in markdown
