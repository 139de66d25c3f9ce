"""JSON lines the fast way: DuckDB's strict reader, every value as text.

DuckDB keeps a JSON number as a double and shows true, objects and numbers as the same text that
a string could hold. So each field has a condition under which its text does not tell what stood
in the file; such a line is `unsure` and is read again by the careful way.
"""

from dataclasses import dataclass, field
from typing import TypeAlias

from slo_report.load.formats.reading import LogText
from slo_report.slo_yaml.definition import Field
from slo_report.slo_yaml.expressions import Kind
from slo_report.store import quote_name, quote_text

_SAFE_WHOLE_DIGITS = 4
"""With the 11 decimals that preflight looks for, as many digits as a double always keeps."""

_DIGITS_TO_US = {"s": 6, "ms": 3, "us": 0, "ns": 0}
_NO_NUMBERS = ("NaN", "Infinity", "-Infinity")
_ISO = (None, "iso")

Access: TypeAlias = str


@dataclass
class _Node:
    """A key of an object: a text, or an object with keys of its own."""

    is_text: bool = False
    children: dict[str, "_Node"] = field(default_factory=dict)


def columns_sql(text: LogText) -> str | None:
    """Return the relation of v0, v1, ... and `unsure`; None where DuckDB cannot be strict."""
    if text.facts.json_trap or text.facts.long_line:
        return None
    root = _Node()
    values: list[str] = []
    unsure: list[str] = []
    for index, one in enumerate(text.fields):
        access = _claim(root, one.source, "", unsure)
        values.append(f"{access} AS v{index}")
        doubt = _doubt(one, access, text.facts.long_decimal)
        if doubt:
            unsure.append(doubt)
    # With two columns a line that is no object is an error; with one it would be a value.
    root.children.setdefault("slo-report: no such key", _Node(is_text=True))
    columns = _struct(root)
    if columns is None:
        return None
    # A CASE stops at the first that holds; OR would work out every one for every line.
    whens = " ".join(f"WHEN {doubt} THEN true" for doubt in dict.fromkeys(unsure))
    doubts = f"CASE {whens} ELSE false END" if whens else "false"
    return (
        f"SELECT {', '.join(values)}, {doubts} AS unsure FROM read_json($file, "
        f"format = 'newline_delimited', columns = {columns}, hive_partitioning = false, "
        f"compression = {quote_text(text.facts.packing.value)})"
    )


def _claim(node: _Node, source: str, access: Access, unsure: list[str]) -> Access:
    """Put a source into the tree of keys; a key of the whole dotted name makes a line unsure."""
    here = f"{access}.{quote_name(source)}" if access else quote_name(source)
    head, dot, rest = source.partition(".")
    whole = node.children.setdefault(source, _Node())
    whole.is_text = True
    if not dot:
        return here
    unsure.append(f"{here} IS NOT NULL")
    inner = f"{access}.{quote_name(head)}" if access else quote_name(head)
    return _claim(node.children.setdefault(head, _Node()), rest, inner, unsure)


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
    """Return the DuckDB type of a key, None if it is wanted both as a text and as an object."""
    if not node.children:
        return "VARCHAR"
    if node.is_text or len({key.lower() for key in node.children}) < len(node.children):
        return None
    kinds = {key: _type(child) for key, child in node.children.items()}
    if None in kinds.values():
        return None
    return "STRUCT(" + ", ".join(f"{quote_name(key)} {kind}" for key, kind in kinds.items()) + ")"


def _doubt(one: Field, text: Access, long_decimal: bool) -> str:
    """Return the condition under which `text` may have been written otherwise in the file."""
    exponent = f"contains({text}, 'e')"
    dotted = f"({exponent} OR contains({text}, '.'))"
    by_epoch = (one.time_format or "").startswith("epoch_")
    doubt = _text_doubt(text)
    if one.kind is Kind.BOOLEAN or (one.kind is Kind.TIMESTAMP and one.time_format in _ISO):
        doubt = ""
    elif one.kind is Kind.INTEGER:
        doubt = dotted
    elif one.kind in (Kind.NUMBER, Kind.DOUBLE) or by_epoch:
        # An instant is cut, not rounded, and its ten digits before the point are always there.
        large = "" if by_epoch else f" OR strpos({text}, '.') > {_SAFE_WHOLE_DIGITS + 1}"
        doubt = dotted if long_decimal else f"({exponent}{large})"
    elif one.kind is Kind.DURATION:
        # A double and its text differ far too little to round otherwise, but for a tie.
        tie = "." + "_" * _DIGITS_TO_US[one.unit or "us"] + "5"
        doubt = (
            f"CASE WHEN {exponent} THEN true WHEN suffix({text}, '5') THEN {text} LIKE '%{tie}' END"
        )
    return doubt


def _text_doubt(text: Access) -> str:
    """Return whether a text may have been true, an object, an array, or a number's other form."""
    point = f"contains({text}, '.') OR contains({text}, 'e') OR contains({text}, 'E')"
    number = f"CASE WHEN {point} THEN TRY_CAST({text} AS DOUBLE) IS NOT NULL END"
    words = " ".join(
        f"WHEN {text} = {quote_text(word)} THEN true" for word in ("true", "false", *_NO_NUMBERS)
    )
    # Comparing with one letter looks at the first bytes only.
    return (
        f"CASE WHEN {text} < 'A' THEN {number} "
        f"WHEN {text} >= '[' AND {text} < chr(92) THEN true "
        f"WHEN {text} >= '{{' AND {text} < '|' THEN true {words} END"
    )
