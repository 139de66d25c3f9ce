"""The configuration pages and the editor schema keep up with the keys that are understood."""

import json
import re
from pathlib import Path

from slo_report.slo_yaml.build import load_definition
from slo_report.slo_yaml.document import json_schema
from slo_report.slo_yaml.keys import models
from slo_report.slo_yaml.log_definition import LogFormat
from slo_report.slo_yaml.shapes import CHOICES, PERCENTILES
from slo_report.slo_yaml.tokens import FUNCTIONS, MICROSECONDS

DOCS = Path(__file__).parents[2] / "docs" / "configuration"
PAGE = (DOCS / "README.md").read_text(encoding="utf-8")
KEYS = sorted(
    {
        ".".join(str(part) for part in (*at, key) if part not in ("*", PERCENTILES))
        for at, keys in models()
        for key in keys - {CHOICES, PERCENTILES}
    }
)


def test_the_schema_is_the_one_of_the_models() -> None:
    written = json.loads((DOCS / "slo.schema.json").read_text(encoding="utf-8"))
    assert written == json_schema(), "write it again: see docs/configuration/README.md"


def test_the_schema_knows_percentiles_by_pattern() -> None:
    slo = json_schema()["$defs"]["RawSlo"]
    (pattern,) = slo["patternProperties"]
    assert re.search(pattern, "p99.9")
    assert not re.search(pattern, "p99th")
    assert not {CHOICES, PERCENTILES} & set(json.dumps(json_schema()).split('"'))


def section(heading: str) -> str:
    return PAGE.split(f"\n## {heading}")[1].split("\n## ")[0]


def test_every_key_is_documented_in_the_section_of_its_mapping() -> None:
    assert len(KEYS) > 100
    undocumented = []
    for key in KEYS:
        place, _, name = key.rpartition(".")
        text = section(f"`{place.split('.')[0]}`") if place else PAGE
        if f"`{name}`" not in text:
            undocumented.append(key)
    assert undocumented == []


def test_every_format_of_log_is_documented_with_its_endings_and_sources() -> None:
    text = section("`logs`")
    for form in LogFormat:
        assert f"`{form}`" in text
        assert [ending for ending in form.traits.endings if f"`.{ending}`" not in text] == []
        assert [source for source in form.traits.sources if source not in text] == []


def test_every_word_of_expressions_is_documented() -> None:
    text = section("Expressions")
    assert [word for word in FUNCTIONS | MICROSECONDS.keys() if f"`{word}`" not in text] == []


def test_the_example_of_the_page_is_right(tmp_path: Path) -> None:
    example = PAGE.split("```yaml\n")[1].split("```")[0]
    path = tmp_path / "slo.yaml"
    path.write_text(example, encoding="utf-8")
    assert load_definition(path).service == "shop"
