"""The columns that a request has, and `endpoints:` into the templates that name requests."""

import re
from collections.abc import Mapping, Sequence

from slo_report.slo_yaml.kinds import Kind
from slo_report.slo_yaml.log_definition import EndpointTemplate, Log
from slo_report.slo_yaml.logs import RESERVED
from slo_report.slo_yaml.source import Document


def columns_of(document: Document, logs: Sequence[Log], has_endpoints: bool) -> Mapping[str, Kind]:
    """Return every column of a request with its kind; logs must agree on kinds."""
    columns = {} if document.knows_columns else dict(RESERVED)
    for index, log in enumerate(logs):
        for field in log.all_fields:
            path = ("logs", index, "fields", field.column)
            twin = next((name for name in columns if name.lower() == field.column.lower()), None)
            if twin not in (None, field.column):
                document.wrong(path, f"columns `{twin}` and `{field.column}` differ in case only")
            kind = columns.setdefault(field.column, field.kind)
            if kind is not field.kind and field.column not in document.doubtful_columns:
                document.wrong(
                    path,
                    f"column `{field.column}` is {field.kind} here and {kind} in another log;"
                    f" give both the same type",
                )
    columns["source"] = Kind.TEXT
    if any(_names_endpoints(log) for log in logs):
        columns["endpoint"] = Kind.TEXT
    elif has_endpoints and document.knows_columns:
        columns["endpoint"] = Kind.TEXT
        document.wrong(
            ("endpoints",), "`endpoints` needs method and path (or route); map them in `fields:`"
        )
    return columns


def read_endpoints(document: Document, raws: Sequence[str]) -> tuple[EndpointTemplate, ...]:
    """Return the templates, in the order in which they are tried."""
    templates: dict[str, EndpointTemplate] = {}
    for index, text in enumerate(raws):
        path = ("endpoints", index)
        shape = re.fullmatch(r"([A-Z]+) (/[^\s?#]*)", text)
        if shape is None:
            document.wrong(path, f"`{text}` is no endpoint; write GET /v1/documents/{{id}}")
        elif any(
            ("{" in part or "}" in part) and not re.fullmatch(r"\{\w+\}", part)
            for part in shape[2].split("/")
        ):
            document.wrong(path, f"`{text}`: a `{{name}}` is one whole segment: /v1/{{id}}/pages")
        elif text in templates:
            document.wrong(path, f"`{text}` stands twice; take one out")
        else:
            templates[text] = EndpointTemplate(text, shape[1], shape[2])
    return tuple(templates.values())


def _names_endpoints(log: Log) -> bool:
    columns = {field.column for field in log.all_fields}
    return "method" in columns and bool(columns & {"path", "route"})
