"""YAML's own traps: which one was met, and the line as it should be written."""

import re

from ruamel.yaml.error import MarkedYAMLError

STARTS = {
    ">": "YAML takes `>` for folded text",
    "|": "YAML takes `|` for a block of text",
    "%": "YAML takes `%` at the start for a directive",
    "*": "YAML takes `*` for an alias",
    "&": "YAML takes `&` for an anchor",
    "@": "YAML keeps `@` for itself",
    "`": "YAML keeps the backtick for itself",
    "!": "YAML takes `!` for a tag",
    "'": "YAML takes the first quoted text for the whole value",
    '"': "YAML takes the first quoted text for the whole value",
    "{": "YAML takes `{` for a mapping",
    "[": "YAML takes `[` for a list",
    "}": "YAML takes `}` for the end of a mapping",
    "]": "YAML takes `]` for the end of a list",
}
_ENTRY = re.compile(r"(?P<key>\s*(?:- )*[\w.\-]+:\s+)(?P<value>\S.*)")
_FLOW_VALUE = re.compile(r":\s+(?P<value>[>|%@`*&!][^,}\]]*)")
_UNFINISHED = ("quoted scalar", "flow sequence", "flow mapping")


def explain(text: str, error: MarkedYAMLError) -> tuple[int, str]:
    """Return the line of a YAML error, and what to write instead."""
    lines = text.splitlines() or [""]
    problem = str(error.problem or "")
    mark = error.problem_mark or error.context_mark
    at = min(mark.line if mark else 0, len(lines) - 1)
    if "another document" in problem:
        return at + 1, "a second YAML document; take out the `---`, one file is one definition"
    for number in (at, error.context_mark.line if error.context_mark else at):
        line = lines[min(number, len(lines) - 1)]
        if re.match(r" *\t", line):
            return number + 1, "a tab at the start of the line; indent with spaces"
        if repaired := _repaired(line):
            reason, right = repaired
            return number + 1, f"{reason}; write {right}"
    if "could not find expected ':'" in problem and error.context_mark:
        return error.context_mark.line + 1, "no `: ` on this line; write key: value"
    if any(kind in str(error.context) for kind in _UNFINISHED) and error.context_mark:
        return (
            error.context_mark.line + 1,
            f"{error.context}: {problem}; close it, or put a value with such signs in it in quotes",
        )
    return at + 1, f"no YAML: {problem}; check the indentation and the quotes of this line"


def uncut(line: str) -> str | None:
    """Return a line whose value YAML cut at ` #`, with the whole value in quotes."""
    entry = _ENTRY.fullmatch(line)
    if entry is None or " #" not in entry["value"] or entry["value"][0] in "{[":
        return None
    escaped = entry["value"].strip().replace("\\", "\\\\").replace('"', '\\"')
    return f'{entry["key"].strip()} "{escaped}"'


def _repaired(line: str) -> tuple[str, str] | None:
    """Return why a line cannot be read and the line with its value in quotes."""
    entry = _ENTRY.fullmatch(line)
    if entry is None or entry["value"][0] in "{[":
        return _repaired_flow(line)
    value = entry["value"]
    first, rest = value[0], value[1:]
    if first in "'\"":
        ends = rest.find(first)
        if ends < 0 or not rest[ends + 1 :].strip():
            return None
        return STARTS[first], _quoted(entry["key"], value)
    if first in STARTS:
        return STARTS[first], _quoted(entry["key"], value)
    if ": " in value or value.endswith(":"):
        return "YAML takes `: ` inside the value for a key", _quoted(entry["key"], value)
    return None


def _repaired_flow(line: str) -> tuple[str, str] | None:
    trap = _FLOW_VALUE.search(line)
    if trap is None:
        return None
    value = trap["value"].strip()
    reason = STARTS[value[0]]
    return reason, line.replace(value, f'"{value}"', 1).strip()


def _quoted(key: str, value: str) -> str:
    bare = re.sub(r"\s+#.*", "", value)
    escaped = bare.replace("\\", "\\\\").replace('"', '\\"')
    return f'{key.strip()} "{escaped}"'
