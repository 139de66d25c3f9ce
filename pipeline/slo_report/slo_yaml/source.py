"""The text of slo.yaml as nodes that know their lines; every scalar stays as it was written."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode

from slo_report.errors import DefinitionError
from slo_report.slo_yaml.traps import STARTS, explain, odd_space, spaced

Path = tuple[str | int, ...]
"""Where something stands: ("slos", 0, "good")."""

MAX_CHARACTERS = 1_000_000
MAX_DEPTH = 30


class MistakesError(DefinitionError):
    """All that is wrong with one slo.yaml."""

    def __init__(self, name: str, found: Sequence[tuple[int, str]]) -> None:
        self.found = sorted(set(found))
        super().__init__("\n".join(f"{name}:{line}: {text}" for line, text in self.found))


@dataclass
class Node:
    """A scalar, list or mapping of the file."""

    line: int
    """Of the key it stands under, or its own."""
    value: "str | list[Node] | dict[str, Node] | None"
    """None where nothing, ~ or null was written."""


@dataclass
class Document:
    """A parsed slo.yaml, and the mistakes found in it so far."""

    name: str
    lines: Sequence[str]
    root: Node
    mistakes: list[tuple[int, str]] = field(default_factory=list)
    left_out: set[Path] = field(default_factory=set)
    """Entries that were taken out for a mistake, so that the others can be checked."""
    unsound_slos: set[str] = field(default_factory=set)
    """Ids of SLOs that were left out for a mistake of their own; naming them is no second one."""

    def line(self, path: Path) -> int:
        """Return the line of what stands at `path`, or of the nearest part of it that exists."""
        node = self.root
        for part in path:
            node = _child(node, part) or node
        return node.line

    def source(self, path: Path) -> str:
        """Return the line of the file on which `path` stands."""
        return self.lines[self.line(path) - 1]

    def wrong(self, path: Path, text: str) -> None:
        """Note a mistake at `path`."""
        self.mistakes.append((self.line(path), text))

    def remove(self, path: Path) -> None:
        """Take out what stands at `path`, so that the rest can still be checked."""
        node = self.root
        for part in path[:-1]:
            node = _child(node, part) or node
        if isinstance(node.value, dict):
            node.value.pop(str(path[-1]), None)
        elif isinstance(node.value, list) and isinstance(path[-1], int):
            del node.value[path[-1]]

    def values(self) -> Any:
        """Return the file as plain dicts, lists and texts."""
        return _values(self.root)

    def refuse(self) -> None:
        """Raise the mistakes noted so far, if any."""
        if self.mistakes:
            raise MistakesError(self.name, self.mistakes)


def read_document(text: str, name: str) -> Document:
    """Return the nodes of a slo.yaml; MistakesError where it is no YAML of ours."""
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
        document.mistakes.append((1, f"{found}; begin with `service: NAME`"))
    document.refuse()
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
        document.mistakes.append((own_line, "nested too deep; write it flatter"))
        return Node(line, None)
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
        node = _node(value, line, document, depth + 1)
        if node.value is None:
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
    return Node(line, str(composed.value))


def _refuse_anchor(anchor: str, line: int, document: Document) -> None:
    document.mistakes.append(
        (line, f'YAML takes `&{anchor}` for an anchor; put the value in quotes: "&{anchor} ..."')
    )


def _child(node: Node, part: str | int) -> Node | None:
    if isinstance(node.value, dict):
        return node.value.get(str(part))
    if isinstance(node.value, list) and isinstance(part, int) and part < len(node.value):
        return node.value[part]
    return None


def _values(node: Node) -> Any:
    if isinstance(node.value, dict):
        return {key: _values(child) for key, child in node.value.items()}
    if isinstance(node.value, list):
        return [_values(child) for child in node.value]
    return node.value
