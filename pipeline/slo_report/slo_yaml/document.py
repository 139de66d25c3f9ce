"""slo.yaml against its models: shape mistakes noted and mended, and the JSON Schema for editors."""

from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from slo_report.slo_yaml.mending import leave_out, mend, right_name
from slo_report.slo_yaml.raw import RawDefinition
from slo_report.slo_yaml.sentences import sentence_of
from slo_report.slo_yaml.shapes import CHOICES, PERCENTILE_PATTERN, PERCENTILES
from slo_report.slo_yaml.source import Document

_MOST_PASSES = 5


def validated(document: Document) -> RawDefinition:
    """Return the models of a document; what has a mistake is noted, and mended or left out.

    MistakesError where that leaves no sound models.
    """
    leave_out(document, [entry for path in document.empty() if (entry := mend(document, path))])
    for _ in range(_MOST_PASSES):
        try:
            return RawDefinition.model_validate(document.values())
        except ValidationError as error:
            _mend_all(document, error.errors(include_url=False))
    document.refuse()
    raise AssertionError("mistakes in the shape of slo.yaml, and none noted")


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of slo.yaml, for editors."""
    schema = RawDefinition.model_json_schema(mode="validation")
    for part in [schema, *schema["$defs"].values()]:
        properties = part.get("properties", {})
        if percentiles := properties.pop(PERCENTILES, None):
            pattern = f"^{PERCENTILE_PATTERN}$"
            part["patternProperties"] = {pattern: percentiles["additionalProperties"]}
        if choices := properties.pop(CHOICES, None):
            part["additionalProperties"] = choices["additionalProperties"]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **schema,
        "title": "slo.yaml of slo-report",
    }


def _mend_all(document: Document, details: list[ErrorDetails]) -> None:
    """Note mistakes and mend them; under their right names keys come first, as others lack them."""
    names = [(detail, name) for detail in details if (name := right_name(document, detail))]
    for detail, name in names:
        document.wrong(detail["loc"], sentence_of(detail))
        document.rename(detail["loc"], name)
    if not names:
        for detail in details:
            document.wrong(detail["loc"], sentence_of(detail))
        entries = (mend(document, detail["loc"], detail["type"]) for detail in details)
        leave_out(document, [entry for entry in entries if entry])
