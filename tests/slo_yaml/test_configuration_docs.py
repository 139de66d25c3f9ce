"""The configuration pages and the editor schema keep up with the keys that are understood."""

import json
import re
from pathlib import Path

import pytest

from slo_report.slo_yaml.build import load_definition
from slo_report.slo_yaml.document import json_schema, models
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


@pytest.mark.parametrize("key", KEYS)
def test_a_key_is_documented(key: str) -> None:
    section, _, name = key.rpartition(".")
    heading = section.split(".")[0]
    text = PAGE if not section else PAGE.split(f"\n## `{heading}`")[1].split("\n## ")[0]
    assert f"`{name}`" in text


@pytest.mark.parametrize("word", sorted(FUNCTIONS | MICROSECONDS.keys()))
def test_a_word_of_expressions_is_documented(word: str) -> None:
    assert f"`{word}`" in PAGE.split("\n## Expressions")[1].split("\n## ")[0]


def test_the_example_of_the_page_is_right(tmp_path: Path) -> None:
    example = PAGE.split("```yaml\n")[1].split("```")[0]
    path = tmp_path / "slo.yaml"
    path.write_text(example, encoding="utf-8")
    assert load_definition(path).service == "shop"
