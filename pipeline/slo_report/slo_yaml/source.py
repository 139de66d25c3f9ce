"""slo.yaml as nodes that know their lines, and what is wrong or unsure about them."""

import re
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from slo_report.errors import DefinitionError

Path = tuple[str | int, ...]
"""Where something stands: ("slos", 0, "good")."""


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
    last_line: int = 0
    """Of a text that runs over several lines; 0 where that is of no use."""


@dataclass
class Document:
    """A parsed slo.yaml, and the mistakes found in it so far."""

    name: str
    lines: Sequence[str]
    root: Node
    mistakes: list[tuple[int, str]] = field(default_factory=list)
    left_out: set[Path] = field(default_factory=set)
    """Entries that were taken out for a mistake, so that the others can be checked."""
    told: set[Path] = field(default_factory=set)
    """Places of which a mistake was told that others would only follow from: they are not noted."""
    doubtful_columns: set[str] = field(default_factory=set)
    """Columns of unknown kind, for a mistake in their field: nothing is wrong with their use."""
    knows_columns: bool = True
    """False where a log was not understood: a column that no other log has may be its own."""
    unsound_slos: set[str] = field(default_factory=set)
    """Ids of SLOs that were left out for a mistake of their own; naming them is no second one."""

    def line(self, path: Path) -> int:
        """Return the line of what stands at `path`, or of the nearest part of it that exists."""
        return self._nearest(path).line

    def source(self, path: Path) -> str:
        """Return the line of the file on which `path` stands."""
        return self.lines[self.line(path) - 1]

    def has(self, path: Path) -> bool:
        """Tell whether something stands at `path` itself."""
        return self._at(path) is not None

    def text(self, path: Path) -> str | None:
        """Return the text at `path`, None where there is none."""
        node = self._at(path)
        return node.value if node is not None and isinstance(node.value, str) else None

    def is_in_doubt(self, column: str, columns: Container[str]) -> bool:
        """Tell whether a mistake in `logs` leaves open if there is such a column, or its kind."""
        return column in self.doubtful_columns or not (self.knows_columns or column in columns)

    def wrong(self, path: Path, text: str, word: str = "") -> None:
        """Note a mistake at `path`, unless it would follow from one that was told.

        `word` is where in a text of several lines it is.
        """
        if path not in self.told:
            self.mistakes.append((self._line_of(word, path), text))

    def put(self, path: Path, value: Any) -> None:
        """Let a plain value stand at `path`, on the line of what stood there."""
        line = self.line(path)
        node = self._nearest(path[:-1])
        if isinstance(node.value, dict):
            node.value[str(path[-1])] = _planted(value, line)
        elif isinstance(node.value, list) and isinstance(path[-1], int):
            node.value[path[-1]] = _planted(value, line)

    def rename(self, path: Path, key: str) -> None:
        """Give what stands at `path` another key."""
        node = self._nearest(path[:-1])
        if isinstance(node.value, dict):
            node.value[key] = node.value.pop(str(path[-1]))

    def empty(self) -> list[Path]:
        """Return the keys behind which nothing stands."""
        return list(_empty(self.root, ()))

    def remove(self, path: Path) -> None:
        """Take out what stands at `path`, so that the rest can still be checked."""
        node = self._nearest(path[:-1])
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

    def _at(self, path: Path) -> Node | None:
        node: Node | None = self.root
        for part in path:
            node = _child(node, part) if node is not None else None
        return node

    def _line_of(self, word: str, path: Path) -> int:
        """Return the one line of what stands at `path` that has the word, else its first line."""
        node = self._nearest(path)
        pattern = rf"(?<!\w){re.escape(word)}(?!\w)"
        lines = range(node.line, node.last_line + 1) if word else range(0)
        found = [line for line in lines if re.search(pattern, self.lines[line - 1])]
        return found[0] if len(found) == 1 else node.line

    def _nearest(self, path: Path) -> Node:
        """Return what stands at `path`, or at the last part of it that exists."""
        node = self.root
        for part in path:
            node = _child(node, part) or node
        return node


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


def _planted(value: Any, line: int) -> Node:
    if isinstance(value, dict):
        return Node(line, {key: _planted(child, line) for key, child in value.items()})
    if isinstance(value, list):
        return Node(line, [_planted(child, line) for child in value])
    return Node(line, value)


def _empty(node: Node, path: Path) -> Iterator[Path]:
    if isinstance(node.value, dict):
        for key, child in node.value.items():
            if child.value is None:
                yield (*path, key)
            yield from _empty(child, (*path, key))
    if isinstance(node.value, list):
        for index, child in enumerate(node.value):
            yield from _empty(child, (*path, index))
