import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from functools import cache

import pytest

from slo_report.report.document import Report
from slo_report.report.files import month_entry, render, render_index, report_json, report_schema
from tests.report import samples

SAMPLES = [samples.september, samples.codex, samples.no_data, samples.one_day, samples.large]
SCRIPT = """
import hashlib
from slo_report.report.files import render
from tests.report import samples
for name, data in sorted(render(samples.september()).items()):
    print(name, hashlib.sha256(data).hexdigest())
"""


@cache
def rendered(sample: Callable[[], Report]) -> dict[str, bytes]:
    return render(sample())


@pytest.fixture(scope="module")
def september() -> dict[str, bytes]:
    return rendered(samples.september)


@pytest.mark.parametrize("sample", SAMPLES)
def test_every_report_has_its_three_files(sample: Callable[[], Report]) -> None:
    files = rendered(sample)
    assert {"report.md", "report.html", "report.json"} <= set(files)
    assert len(files["report.html"]) < 1_000_000
    assert len(files["report.md"]) < 100_000


def test_the_markdown_begins_with_the_head_and_what_is_notable(september: dict[str, bytes]) -> None:
    lines = september["report.md"].decode().splitlines()
    assert lines[:5] == samples.september().head
    assert lines[6] == (
        "Notable: Turn p99 missed due to a regression in compaction (fixed Apr 22). "
        "Action items in postmortem PM-2026-04-22."
    )


def test_the_parts_stand_in_the_order_they_are_read(september: dict[str, bytes]) -> None:
    parts = re.findall(r"^## (.*)$", september["report.md"].decode(), re.MULTILINE)
    assert parts == [
        "What to do now", "Every objective", "The error budget over the month", "Availability",
        "TTFT", "Turn", "Endpoints", "Customers", "Informational objectives", "Data",
        "Appendix: how it was measured",
    ]  # fmt: skip


@pytest.mark.parametrize("sample", SAMPLES)
def test_the_page_loads_nothing_and_runs_nothing(sample: Callable[[], Report]) -> None:
    html = rendered(sample)["report.html"].decode()
    assert not re.search(r"<(script|link|iframe|object|embed|img|base|form)\b", html)
    assert not re.search(r"""(src|srcset|action)\s*=\s*["']""", html)
    assert not re.search(r"url\((?!#)", html)
    assert "@import" not in html
    assert all(link.startswith("#") for link in re.findall(r'href="([^"]*)"', html))
    assert "default-src 'none'" in html


@pytest.mark.parametrize("sample", SAMPLES)
def test_ids_on_the_page_are_unique_and_references_resolve(sample: Callable[[], Report]) -> None:
    html = rendered(sample)["report.html"].decode()
    ids = re.findall(r'\bid="([^"]*)"', html)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'href="#([^"]*)"', html)) <= set(ids)
    assert set(re.findall(r"url\(#([^)]*)\)", html)) <= set(ids)


def test_a_verdict_is_a_sign_and_a_word(september: dict[str, bytes]) -> None:
    html = september["report.html"].decode()
    for found in re.findall(r'<span class="verdict [^>]*>(.*?)</span> ([a-z ]+)</span>', html):
        sign, word = found
        assert re.sub(r"<[^>]*>", "", sign) in "✓✗–"
        assert word in ("met", "missed", "no data", "not in use")


def test_long_tables_are_cut_and_say_so() -> None:
    html = rendered(samples.large)["report.html"].decode()
    assert re.search(r"[\d,]+ more in report\.json\.", html)


def test_the_json_is_the_value_in_its_declared_order(september: dict[str, bytes]) -> None:
    text = september["report.json"].decode()
    value = json.loads(text)
    assert list(value)[:3] == ["schema", "service", "month"]
    assert value["window"] == {
        "from": "2026-04-01T00:00:00+00:00", "to": "2026-05-01T00:00:00+00:00",
    }  # fmt: skip
    assert Report.model_validate(value) == samples.september()
    assert text.endswith("}\n")


def test_the_json_has_no_not_a_number() -> None:
    row = samples.september().objectives[0].model_copy(update={"value": float("nan")})
    with pytest.raises(ValueError, match="JSON compliant"):
        report_json(samples.september().model_copy(update={"objectives": [row]}))


def test_the_schema_names_the_pinned_keys() -> None:
    properties = report_schema()["properties"]
    assert isinstance(properties, dict)
    assert {"schema", "objectives", "ledger", "coverage", "provenance"} <= set(properties)


def test_the_index_lists_the_months_newest_first() -> None:
    april = month_entry(samples.september())
    march = month_entry(samples.september().model_copy(
        update={"month": "2026-03", "month_text": "March 2026", "status": "incomplete"}
    ))  # fmt: skip
    page = render_index([march, april]).decode()
    assert page.index("2026-04/report.html") < page.index("2026-03/report.html")
    assert "1 of 3" in page
    assert "incomplete" in page


@pytest.mark.long
def test_the_same_value_gives_the_same_bytes_wherever_it_is_rendered() -> None:
    digests = set()
    for zone, seed, locale in (("UTC", "0", "C"), ("Asia/Kathmandu", "77", "C.UTF-8")):
        environment = {**os.environ, "TZ": zone, "PYTHONHASHSEED": seed, "LC_ALL": locale,
                       "SOURCE_DATE_EPOCH": seed}  # fmt: skip
        done = subprocess.run(
            [sys.executable, "-c", SCRIPT], env=environment, capture_output=True, check=True,
            text=True,
        )  # fmt: skip
        digests.add(done.stdout)
    assert len(digests) == 1
