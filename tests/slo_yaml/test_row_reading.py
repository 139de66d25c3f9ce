"""An objective's reading changes with what its requests are read by, and with nothing else."""

from pathlib import Path

import pytest

from slo_report.slo_yaml.build import load_definition
from slo_report.slo_yaml.row_reading import reading_of

PLAIN = """\
service: shop
logs:
  - path: "a/*.jsonl"
    fields: {ts: time, request_id: id, method: method, path: path, status: status,
             duration: {from: took, unit: ms}, fault: {from: fault, default: ""}, kind: kind}
  - path: "calls/*.jsonl"
    name: calls
    fields: {ts: time, model: model, status: status}
endpoints: ["GET /docs/{id}", GET /list, POST /docs]
exclusions:
  - {reason: Upstream, where: fault = 'upstream', slos: [reads]}
slos:
  - {id: reads, valid: "source = 'requests' and endpoint = 'GET /docs/{id}'", good: status < 500,
     target: 99%}
  - {id: speed, valid: endpoint <> 'GET /list', value: duration, p99: < 1 s}
  - {id: calls, valid: source = 'calls', good: model is not null, target: 90%}
"""


def readings(folder: Path, text: str) -> dict[str, str]:
    path = folder / "slo.yaml"
    path.write_text(text, encoding="utf-8")
    definition = load_definition(path)
    return {slo.id: reading_of(definition, slo, slo.rows[0]) for slo in definition.slos}


@pytest.mark.parametrize(
    ("before", "now", "changed"),
    [
        ("unit: ms", "unit: us", {"speed"}),
        ("from: took", "from: took_ms", {"speed"}),
        ('default: ""', "default: unknown", {"reads"}),
        ("request_id: id", "request_id: trace", {"reads", "speed"}),
        ("model: model", "model: name", {"calls"}),
        ("name: calls", "name: models", {"calls"}),
        ("path: path", "path: uri", {"reads", "speed"}),
        # A template before it may take its requests, if any path fits both.
        ('["GET /docs/{id}"', '[GET /docs/new, "GET /docs/{id}"', {"reads"}),
        ('["GET /docs/{id}"', '[GET /docs/new/x, "GET /docs/{id}"', set()),
        ("POST /docs]", 'POST /docs, "GET /docs/{id}/pages"]', set()),
        ("kind: kind", "kind: sort", set()),
        ("a/*.jsonl", "b/*.jsonl", set()),
        ("service: shop", "service: store  # renamed", set()),
        ("status < 500", "status < 400", set()),
        (
            "exclusions:",
            "exclusions:\n  - {reason: M, where: kind = 'x', from: 2026-04-01, to: 2026-04-02}",
            set(),
        ),
    ],
)
def test_only_what_an_objective_is_read_by_changes_its_reading(
    tmp_path: Path, before: str, now: str, changed: set[str]
) -> None:
    assert before in PLAIN
    plain, other = readings(tmp_path, PLAIN), readings(tmp_path, PLAIN.replace(before, now))
    same = {"models": "calls"}
    assert {same.get(name, name) for name in plain if plain[name] != other.get(name)} == changed


def test_any_template_matters_to_a_predicate_over_names(tmp_path: Path) -> None:
    text = PLAIN.replace("endpoint <> 'GET /list'", "endpoint like 'GET %'")
    more = text.replace("POST /docs]", "POST /docs, POST /other]")
    assert readings(tmp_path, text)["speed"] != readings(tmp_path, more)["speed"]


def test_the_reading_of_a_definition_stays_what_it_is_from_version_to_version(
    tmp_path: Path,
) -> None:
    """Else an update of the program marked every month before it."""
    assert readings(tmp_path, PLAIN)["speed"] == (
        "0a4239261fc65f23f442beb4913f742b94cebdefbfef95e8620669999a0f94ae"
    )
