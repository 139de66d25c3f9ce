"""What stands in for a mistake in the shape of slo.yaml, so that the rest can be checked beside it.

Where the rest could only look wrong because of the stand-in, the document says what is in doubt.
"""

from collections.abc import Iterable

from pydantic_core import ErrorDetails

from slo_report.slo_yaml.keys import known_keys
from slo_report.slo_yaml.kinds import nearest
from slo_report.slo_yaml.logs import RESERVED
from slo_report.slo_yaml.shapes import CHOICES, PERCENTILES
from slo_report.slo_yaml.source import Document, Path

_TYPES = {
    **dict.fromkeys(("int", "int64", "bigint", "long", "Integer"), "integer"),
    **dict.fromkeys(("float", "double", "decimal", "numeric", "Number"), "number"),
    **dict.fromkeys(("str", "string", "varchar", "Text"), "text"),
    **dict.fromkeys(("bool", "Boolean"), "boolean"),
}
_FORMATS = {**dict.fromkeys(("json", "ndjson", "JSONL"), "jsonl"), "CSV": "csv"}
_WORDS = {"unit": "ms", "is": "start", "below": "target"}
"""A word of each key that takes one of several, where none makes others wrong."""
_SOME_LOG = {"path": "*.jsonl", "fields": {"ts": "ts"}}
_SOME_SLO = {"id": "slo", "good": "true", "target": "50%"}
_NEVER_EMPTY = ("slos", "error_budget_policy")
_SECTIONS = ("slos", "exclusions", "customers", "error_budget_policy")


def right_name(document: Document, detail: ErrorDetails) -> str | None:
    """Return the key that an unknown key was meant for, None where that is unsure or there."""
    if detail["type"] != "extra_forbidden":
        return None
    *place, key = detail["loc"]
    name = nearest(str(key), known_keys(detail["loc"]))
    return name if name and not document.has((*place, name)) else None


def mend(document: Document, place: Path, kind: str = "") -> Path | None:
    """Let something sound stand where a mistake is; return what has to be left out for want of it.

    `kind` is the model's word for the mistake, empty where nothing stands behind a key.
    """
    path = tuple(part for part in place if part not in (PERCENTILES, CHOICES))
    if path[0] == "engine":
        # A table needs the engine that was meant.
        document.told.add(("logs",))
    if kind == "value_error":
        # true or false, a whole number or an engine: each has a default.
        if path[0] == "logs":
            document.told.add(path[:-1])
        document.remove(path)
    elif kind == "literal_error":
        _put_word(document, path)
    elif path == ("service",):
        document.put(path, "service")
    elif path == ("slos",):
        document.put(path, [_SOME_SLO])
        document.left_out.add(path)
    elif path[0] == "logs":
        _doubt_log(document, path, kind)
    else:
        listed = path[0] in _SECTIONS or str(path[0]).endswith("_alerts")
        return path[: 2 if listed else 1]
    return None


def leave_out(document: Document, entries: Iterable[Path]) -> None:
    """Take entries out, and remember the SLOs among them: naming them is no second mistake."""
    for path in sorted(set(entries), key=lambda path: tuple(map(_sortable, path)), reverse=True):
        if path[0] == "slos" and (slo_id := document.text((*path, "id"))):
            document.unsound_slos.add(slo_id)
        elif path[0] == "slos":
            # Without an id it may be any that others name.
            document.left_out.add(path[:1])
        document.remove(path)
        document.left_out.add(path)
        if path[0] in _NEVER_EMPTY and not document.has((path[0], 0)):
            document.remove(path[:1])
            document.left_out.add(path[:1])
    if ("slos",) in document.left_out and not document.has(("slos",)):
        document.put(("slos",), [_SOME_SLO])


def _put_word(document: Document, path: Path) -> None:
    """Put one of its words behind a key that takes one of several."""
    key, found = str(path[-1]), document.text(path) or ""
    if word := _WORDS.get(key):
        document.put(path, word)
        document.told.add(path)
    elif key == "type":
        document.put(path, _TYPES.get(found, "text"))
        if found not in _TYPES:
            _doubt_column(document, path[:-1])
    elif key == "format":
        document.put(path, _FORMATS.get(found, "jsonl"))
        if found not in _FORMATS:
            # An access log would have columns that no `fields` names.
            document.told.add(path[:-1])
            document.knows_columns = False
    else:
        document.remove(path)


def _doubt_log(document: Document, path: Path, kind: str) -> None:
    """Put something sound in the place of a log, a key of it, or a field."""
    if len(path) <= 2:
        document.put(path, [_SOME_LOG] if len(path) == 1 else {**_SOME_LOG, "name": f"log {path}"})
        document.knows_columns = False
        document.doubtful_columns.add("source")
    elif len(path) > 3 and path[2] == "fields":
        if kind == "extra_forbidden":
            document.remove(path)
        else:
            document.put(path[:4], {"from": str(path[3])})
        _doubt_column(document, path[:4])
    else:
        document.remove(path[:3])
        document.told.add(path[:2])
        document.knows_columns = False
        if path[2] == "name":
            document.doubtful_columns.add("source")


def _doubt_column(document: Document, field: Path) -> None:
    document.told.add(field)
    if field[3] not in RESERVED:
        document.doubtful_columns.add(str(field[3]))


def _sortable(part: str | int) -> tuple[int, str]:
    return (part, "") if isinstance(part, int) else (0, part)
