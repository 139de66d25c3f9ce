"""JSON lines the fast way: DuckDB's reader, every value as text unless it is surely a number.

DuckDB keeps a JSON number as a double and shows true, objects and numbers as the same text that
a string could hold; columns of its type JSON keep the quotes. Which columns are read as JSON is
chosen by a sample and decides speed only: each field has a condition under which its text does
not tell what stood in the file, and such a line is judged by the careful way.
"""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from slo_report.load.formats.json_doubts import doubt_sql
from slo_report.load.formats.reading import LogText, Relation
from slo_report.load.json_sample import Held, keys_of
from slo_report.load.preflight import Preflight
from slo_report.load.printed import printed_sql
from slo_report.load.quick import OF_NUMBER
from slo_report.quoting import quote_name, quote_text
from slo_report.slo_yaml.expressions import Kind
from slo_report.slo_yaml.log_definition import Field

_BEYOND_DOUBLE = "1e15"
"""From here on a double may not keep a whole number."""


@dataclass
class _Node:
    """A key of an object: a value, or an object with keys of its own."""

    type: str = ""
    """DuckDB's type of the value; "" where no value is wanted."""
    children: dict[str, "_Node"] = field(default_factory=dict)


def strict_sql(text: LogText) -> Relation | None:
    """Return the relation that fails on any line that is no object; None where DuckDB is lax."""
    return _relation(text, lenient=False)


def lenient_sql(text: LogText) -> Relation | None:
    """Return the relation with a row of NULLs for such a line; of a repeated key the first wins."""
    return _relation(text, lenient=True)


def repeated(text: LogText) -> Callable[[bytes], bool]:
    """Return what tells a line in which a mapped key may stand twice."""
    parts = {part for one in text.fields for part in keys_of(one.source)}
    keys = [json.dumps(part, ensure_ascii=False).encode() for part in sorted(parts)]
    escapes = [code for part in parts for code in {f"{ord(letter):04x}" for letter in part}]
    escaped = re.compile(rf"\\u(?:{'|'.join(escapes)}|d[89ab])".encode(), re.IGNORECASE)
    slashed = any("/" in part for part in parts)

    def is_repeated(line: bytes) -> bool:
        for key in keys:
            if line.count(key) > 1:
                return True
        if b"\\" not in line:
            return False
        return escaped.search(line) is not None or (slashed and b"\\/" in line)

    return is_repeated


def trap_pattern(fields: Sequence[Field]) -> str:
    """Return what DuckDB would let pass or misread: a pattern that both Python and Rust take.

    Commas before a closing bracket, nesting so deep that eight brackets close in a row, -0, and
    null for a whole dotted key.
    """
    dotted = {re.escape(key) for one in fields for key in keys_of(one.source) if "." in key}
    traps = [r",[ \t\r]*[}\]]", r"(?:[}\]][ \t\r]*){8}", r"[: \t]-0[, \t\r\n}\]]"]
    if dotted:
        traps += [rf'"(?:{"|".join(sorted(dotted))})"[ \t]*:[ \t]*n', r"\\u002[eE]"]
    return "|".join(traps)


class _Part(NamedTuple):
    """What one field adds to the relation, as SQL."""

    value: str
    """Of the JSON reader's columns."""
    text: str
    """Of the value: the field's text, or its number."""
    always: str = ""
    """A doubt; "" for none."""
    unless_plain: str = ""
    number: str = ""
    """Of the number: its text; "" where it is a text already."""


def _relation(text: LogText, *, lenient: bool) -> Relation | None:
    if text.facts.trap or text.facts.long_line:
        return None
    found = text.facts.held or (Held(),) * len(text.fields)
    sure = [
        "" if lenient else _sure_type(one, held, text.facts)
        for one, held in zip(text.fields, found, strict=True)
    ]
    root = _Node()
    for one, held, type_ in zip(text.fields, found, sure, strict=True):
        _claim(root, one.source, type_ or held.safe)
    # With two columns a line that is no object is an error; with one it would be a value.
    root.children.setdefault("slo-report: no such key", _Node("VARCHAR"))
    columns = _struct(root)
    if columns is None:
        return None
    parts = [
        _sure_part(one, index, type_)
        if type_
        else _part(one, index, root, long_decimal=text.facts.long_decimal)
        for index, (one, type_) in enumerate(zip(text.fields, sure, strict=True))
    ]
    values = ", ".join(f"{part.value} AS r{index}" for index, part in enumerate(parts))
    texts = ", ".join(f"{part.text} AS v{index}" for index, part in enumerate(parts))
    scan = (
        f"SELECT {values}, filename AS file_name FROM read_json($file, "
        f"format = 'newline_delimited', ignore_errors = {str(lenient).lower()}, "
        f"columns = {columns}, hive_partitioning = false, "
        f"compression = {quote_text(text.facts.packing.value)})"
    )
    return Relation(
        f"SELECT *, {texts} FROM ({scan})",
        tuple(dict.fromkeys(part.always for part in parts if part.always)),
        tuple(dict.fromkeys(part.unless_plain for part in parts if part.unless_plain)),
        tuple((index, part.number) for index, part in enumerate(parts) if part.number),
    )


def _sure_type(one: Field, held: Held, facts: Preflight) -> str:
    """Return the type that the sample promises, "" where the file does not keep the promise."""
    inexact = facts.long_decimal and one.kind in (Kind.NUMBER, Kind.DOUBLE)
    return "" if facts.odd_value or inexact else held.sure


def _sure_part(one: Field, index: int, type_: str) -> _Part:
    key, raw, value = quote_name(one.source), f"r{index}", f"v{index}"
    if type_ == "VARCHAR":
        return _Part(key, raw)
    if type_ == "BIGINT":
        return _Part(key, raw, number=f"{value}::VARCHAR")
    if one.kind is Kind.DURATION:
        plain = OF_NUMBER.is_plain(one, raw, f"({OF_NUMBER.cast(one, raw)})")
        doubt = f"NOT coalesce({plain}, true)"
    else:
        doubt = f"NOT ({raw} >= 0 AND {raw} < {_BEYOND_DOUBLE})"
    return _Part(key, raw, unless_plain=doubt, number=printed_sql(value))


def _part(one: Field, index: int, root: _Node, *, long_decimal: bool) -> _Part:
    """Return a field read as text, or as JSON where the tree of keys has it so."""
    raw = f"r{index}"
    access, as_json = _access(root, one.source)
    doubt = doubt_sql(one, raw, long_decimal, as_json=as_json)
    content = _unquoted(raw, _decimal(one, raw)) if as_json else raw
    exact = (Kind.INTEGER, Kind.DURATION) + (() if long_decimal else (Kind.NUMBER, Kind.DOUBLE))
    if one.kind in exact:
        return _Part(access, content, unless_plain=doubt)
    return _Part(access, content, always=doubt)


def _claim(node: _Node, source: str, type_: str) -> None:
    """Put a source into the tree of keys, its whole dotted name as well."""
    whole = node.children.setdefault(source, _Node())
    whole.type = "JSON" if "JSON" in (whole.type, type_) else type_
    head, dot, rest = source.partition(".")
    if dot:
        _claim(node.children.setdefault(head, _Node()), rest, type_)


def _access(node: _Node, source: str, path: str = "") -> tuple[str, bool]:
    """Return the SQL of a source and whether it is JSON; the whole dotted key goes first."""
    here = f"{path}.{quote_name(source)}" if path else quote_name(source)
    as_json = node.children[source].type == "JSON"
    here = f"{here}::VARCHAR" if as_json else here
    head, dot, rest = source.partition(".")
    if not dot:
        return here, as_json
    inner = f"{path}.{quote_name(head)}" if path else quote_name(head)
    within, within_json = _access(node.children[head], rest, inner)
    if as_json != within_json:
        # A text that another field wants as JSON there: put both on the same footing.
        here = here if as_json else f"to_json({here})::VARCHAR"
        within = within if within_json else f"to_json({within})::VARCHAR"
    return f"coalesce({here}, {within})", as_json or within_json


def _struct(node: _Node) -> str | None:
    """Return the columns as DuckDB's struct literal, None if two keys are one to DuckDB."""
    if len({key.lower() for key in node.children}) < len(node.children):
        return None
    parts = []
    for key, child in node.children.items():
        kind = _type(child)
        if kind is None:
            return None
        parts.append(f"{quote_text(key)}: {quote_text(kind)}")
    return "{" + ", ".join(parts) + "}"


def _type(node: _Node) -> str | None:
    """Return the DuckDB type of a key, None if it is wanted both as a value and as an object."""
    if not node.children:
        return node.type
    if node.type or len({key.lower() for key in node.children}) < len(node.children):
        return None
    kinds = {key: _type(child) for key, child in node.children.items()}
    if None in kinds.values():
        return None
    return "STRUCT(" + ", ".join(f"{quote_name(key)} {kind}" for key, kind in kinds.items()) + ")"


def _decimal(one: Field, raw: str) -> str:
    """Return a number without its exponent where it is small and all its digits count."""
    if one.kind not in (Kind.NUMBER, Kind.DOUBLE):
        return raw
    decimal = f"TRY_CAST({raw} AS DECIMAL(38,18))::VARCHAR"
    return f"CASE WHEN contains({raw}, 'e-') THEN {decimal} ELSE {raw} END"


def _unquoted(raw: str, number: str) -> str:
    """Return a JSON text's content; for anything else `number`."""
    return (
        f"CASE WHEN NOT starts_with({raw}, '\"') THEN {number} "
        f"WHEN contains({raw}, chr(92)) THEN json_extract_string({raw}, '$') "
        f"ELSE substring({raw}, 2, length({raw}) - 2) END"
    )
