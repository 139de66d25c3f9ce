"""The endpoint of a request: METHOD and the template that its path matches, as SQL."""

import re
from collections.abc import Sequence

from slo_report.quoting import quote_text
from slo_report.slo_yaml.definition import OTHER_ENDPOINT
from slo_report.slo_yaml.log_definition import EndpointTemplate

PARAMETER = re.compile(r"\{[^{}/]*\}")


def cut_query(path: str) -> str:
    """Return the SQL of a path (SQL text) without its query string."""
    return f"split_part({path}, '?', 1)"


def endpoint_sql(
    templates: Sequence[EndpointTemplate], method: str | None, path: str | None, route: str | None
) -> str:
    """Return the SQL of the endpoint; the arguments are SQL texts, None where not mapped.

    A request that nothing names is `(other)`; a log that maps neither path nor route is one of
    something else than requests, and has no endpoint: NULL.
    """
    target = path or route
    if target is None:
        return "CAST(NULL AS VARCHAR)"
    if templates:
        return _first_match(templates, method, target)
    named = [text for text in (route, path) if text is not None]
    name = f"coalesce({', '.join(named)})"
    if method is not None:
        name = f"{method} || ' ' || {name}"
    return f"coalesce({name}, {quote_text(OTHER_ENDPOINT)})"


def _first_match(templates: Sequence[EndpointTemplate], method: str | None, target: str) -> str:
    whens = []
    for template in templates:
        matches = _matches(template.path, target)
        if method is not None:
            matches = f"{method} = {quote_text(template.method)} AND {matches}"
        whens.append(f"WHEN {matches} THEN {quote_text(template.text)}")
    return f"CASE {' '.join(whens)} ELSE {quote_text(OTHER_ENDPOINT)} END"


def _matches(template: str, target: str) -> str:
    """Compare by text where the template has no parameters, else by its text up to the first."""
    literals = PARAMETER.split(template)
    if len(literals) == 1:
        return f"{target} = {quote_text(template)}"
    pattern = "[^/]+".join(re.escape(literal) for literal in literals)
    return (
        f"starts_with({target}, {quote_text(literals[0])}) "
        f"AND regexp_full_match({target}, {quote_text(pattern)})"
    )
