"""The text of slo.yaml as nodes that know their lines; every scalar stays as it was written."""

import re
from collections.abc import Iterator
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode

from slo_report.slo_yaml.source import Document, MistakesError, Node
from slo_report.slo_yaml.traps import STARTS, explain, odd_space, spaced

MAX_CHARACTERS = 1_000_000
MAX_DEPTH = 30


def read_document(text: str, name: str) -> Document:
    """Return the nodes of a slo.yaml, the mistakes of single keys noted.

    MistakesError where it is no YAML of ours: no mapping, or nested beyond measure.
    """
    if len(text) > MAX_CHARACTERS:
        raise MistakesError(name, [(1, f"{len(text):,} characters; at most {MAX_CHARACTERS:,}")])
    if brackets := re.search(rf"(?:[\[{{]\s*){{{MAX_DEPTH + 1}}}", text):
        line = text.count("\n", 0, brackets.start()) + 1
        raise MistakesError(name, [(line, "nested too deep; write it flatter")])
    document = Document(name, text.splitlines() or [""], Node(1, None))
    composed = _compose(text, name)
    if isinstance(composed, MappingNode):
        document.root = _node(composed, 1, document, 0)
    else:
        found = "the file is empty" if composed is None else "the file is no mapping"
        raise MistakesError(name, [(1, f"{found}; begin with `service: NAME`")])
    return document


def _compose(text: str, name: str) -> Any:
    try:
        return YAML(typ="safe", pure=True).compose(text)
    except MarkedYAMLError as error:
        raise MistakesError(name, [explain(text, error)]) from error
    except RecursionError as error:
        raise MistakesError(name, [(1, "nested too deep; write it flatter")]) from error
    except YAMLError as error:
        line = text.count("\n", 0, getattr(error, "position", 0)) + 1
        message = "a character that YAML does not allow; save the file as plain UTF-8 text"
        raise MistakesError(name, [(line, message)]) from error


def _node(composed: Any, line: int, document: Document, depth: int) -> Node:
    own_line = composed.start_mark.line + 1
    if depth > MAX_DEPTH:
        raise MistakesError(document.name, [(own_line, "nested too deep; write it flatter")])
    if composed.anchor:
        _refuse_anchor(composed.anchor, own_line, document)
    if isinstance(composed, ScalarNode):
        return _scalar(composed, line, document)
    if isinstance(composed, SequenceNode):
        children = [
            _node(child, child.start_mark.line + 1, document, depth + 1) for child in composed.value
        ]
        return Node(line, children)
    return Node(line, dict(_entries(composed, document, depth)))


def _entries(composed: Any, document: Document, depth: int) -> Iterator[tuple[str, Node]]:
    first_lines: dict[str, int] = {}
    for key, value in composed.value:
        line = key.start_mark.line + 1
        if not isinstance(key, ScalarNode):
            document.mistakes.append((line, "a key is a list or mapping; write it as a text"))
            continue
        if key.value in first_lines:
            first = first_lines[key.value]
            document.mistakes.append(
                (line, f"duplicate key `{key.value}`, first on line {first}; keep one of them")
            )
            continue
        first_lines[key.value] = line
        before = len(document.mistakes)
        node = _node(value, line, document, depth + 1)
        if node.value is None and len(document.mistakes) == before:
            document.mistakes.append((line, _nothing(key.value, value.value, composed.flow_style)))
        yield key.value, node


def _nothing(key: str, written: str, in_braces: bool) -> str:
    """Return why no value stands behind a key, and what would be right."""
    if written:
        return (
            f"`{written}` is no value, and it stands behind `{key}`; write another or take the key"
            f' out, and put it in quotes if it is a text: "{written}"'
        )
    found = f"nothing stands behind `{key}`"
    if odd := odd_space(key):
        return f"{found}: {odd}"
    if right := spaced(key):
        return f"{found}: there is no `: ` in it; write {right}"
    remedy = "give it a value or take the key out"
    if in_braces:
        remedy += ", or put the value before it in quotes: in braces a comma ends a value"
    return f"{found}; {remedy}"


def _scalar(composed: ScalarNode, line: int, document: Document) -> Node:
    tag = str(composed.tag or "")
    is_plain = composed.style is None or composed.style == ""
    if tag.startswith("!") or (tag and not tag.startswith("tag:yaml.org,2002:")):
        document.mistakes.append(
            (line, f"the tag {tag} is not understood; put the value in quotes if it begins with !")
        )
    if is_plain and re.fullmatch(r"~|null|Null|NULL|", composed.value):
        return Node(line, None)
    if composed.style in (">", "|") and not composed.value.strip():
        document.mistakes.append((line, f"{STARTS[composed.style]}; put the value in quotes"))
        return Node(line, None)
    end = composed.end_mark
    # A block of text ends where the next line begins.
    return Node(line, str(composed.value), last_line=end.line + (1 if end.column else 0))


def _refuse_anchor(anchor: str, line: int, document: Document) -> None:
    document.mistakes.append(
        (line, f'YAML takes `&{anchor}` for an anchor; put the value in quotes: "&{anchor} ..."')
    )
