"""A definition over the columns of generated months."""

from pathlib import Path

from slo_report.rollup.measures import Question, measures, questions
from slo_report.slo_yaml.build import load_definition
from slo_report.slo_yaml.definition import Definition
from tests.attribution.generated import MONTH

SLO_YAML = """\
service: generated
timezone: Europe/Berlin
logs:
  - path: "*.jsonl"
    fields: {ts: ts, method: method, route: route, status: status, customer: customer,
             replica: replica, release: release, request_id: request_id}
slos:
  - {id: availability, good: status < 500, target: 99.9%}
"""


def definition_in(folder: Path, text: str = SLO_YAML) -> Definition:
    """Return the definition, written into the folder."""
    (folder / "slo.yaml").write_text(text, encoding="utf-8")
    return load_definition(folder / "slo.yaml")


def question_of(definition: Definition) -> Question:
    """Return its one question."""
    (question,) = questions(definition, measures(definition), MONTH.text)
    return question
