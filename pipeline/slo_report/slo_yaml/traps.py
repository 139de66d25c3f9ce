"""YAML's own traps: which one was met, and the line as it should be written."""

import re
from collections.abc import Iterator

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.tokens import ScalarToken, Token, ValueToken

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
_UNSPACED = re.compile(r"(?P<key>\s*(?:- )*[\w.\-]+):(?P<value>[^\s:].*)")
_COLONLESS = re.compile(r"(?P<key>\s*(?:- )*[\w.\-]+) +(?P<value>\S.*)")
_ODD_SPACES = "\u00a0\u1680\u2000-\u200b\u202f\u205f\u3000\ufeff"
_MISREAD_SPACE = re.compile(rf"^ *[{_ODD_SPACES}]|[:,\-][{_ODD_SPACES}]")
_UNFINISHED = ("quoted scalar", "flow sequence", "flow mapping")


def explain(text: str, error: MarkedYAMLError) -> tuple[int, str]:
    """Return the line of a YAML error, and what to write instead."""
    return next(_answers(text, error))


def odd_space(line: str) -> str | None:
    """Return what is wrong with a space that YAML takes for a letter, None where there is none."""
    found = _MISREAD_SPACE.search(line)
    if found is None:
        return None
    right = re.sub(f"[{_ODD_SPACES}]", " ", line).strip()
    return (
        f"a space that is none to YAML (U+{ord(found[0][-1]):04X}); a plain one is right: {right}"
    )


def spaced(line: str) -> str | None:
    """Return a line such as `id:latency` with the space that it lacks."""
    return _with_space(_UNSPACED.fullmatch(line))


def uncut(line: str) -> str | None:
    """Return a line whose value YAML cut at ` #`, with the whole value in quotes."""
    entry = _ENTRY.fullmatch(line)
    if entry is None or " #" not in entry["value"] or entry["value"][0] in "{[":
        return None
    escaped = entry["value"].strip().replace("\\", "\\\\").replace('"', '\\"')
    return f'{entry["key"].strip()} "{escaped}"'


def _answers(text: str, error: MarkedYAMLError) -> Iterator[tuple[int, str]]:
    """Yield what a YAML error may come from, the surest first; the last always holds."""
    lines = text.splitlines() or [""]
    problem = str(error.problem or "")
    mark = error.problem_mark or error.context_mark
    at = min(mark.line if mark else 0, len(lines) - 1)
    begun = min(error.context_mark.line if error.context_mark else at, len(lines) - 1)
    if "another document" in problem:
        yield at + 1, "a second YAML document; take out the `---`, one file is one definition"
    for number in (at, begun):
        yield from ((number + 1, answer) for answer in _of_line(lines[number], problem))
    if "could not find expected ':'" in problem:
        right = spaced(lines[begun]) or "key: value"
        yield begun + 1, f"no `: ` on this line; write {right}"
    yield from _of_earlier_lines(lines, at, _tokens(text))
    if dash := re.fullmatch(r"\s*-(\w.*)", lines[at]):
        yield at + 1, f"no space behind `-`; write - {dash[1]}"
    if any(kind in str(error.context) for kind in _UNFINISHED):
        yield (
            begun + 1,
            f"{error.context}: {problem}; close it, or put a value with such signs in it in quotes",
        )
    yield at + 1, f"no YAML: {problem}; check the indentation and the quotes of this line"


def _of_line(line: str, problem: str) -> Iterator[str]:
    """Yield what may be wrong with a line by itself."""
    if re.match(r" *\t", line):
        yield "a tab at the start of the line; indent with spaces"
    if "\t" in line and "'\\t'" in problem:
        right = re.sub(r"\s*\t\s*", " ", line).strip()
        yield f"a tab between words; a space is right: {right}"
    if odd := odd_space(line):
        yield odd
    if repaired := _repaired(line):
        reason, right = repaired
        yield f"{reason}; write {right}"


def _with_space(entry: re.Match[str] | None) -> str | None:
    if entry is None:
        return None
    right = f"{entry['key']}: {entry['value']}"
    reason_and_right = _repaired(right)
    return reason_and_right[1] if reason_and_right else right.strip()


def _tokens(text: str) -> list[Token]:
    """Return the pieces that YAML cuts a text into, up to the one that it cannot read."""
    tokens: list[Token] = []
    try:
        tokens.extend(YAML(typ="safe", pure=True).scan(text))
    except YAMLError:
        # list.extend keeps what came before the error.
        return tokens
    return tokens


def _of_earlier_lines(lines: list[str], at: int, tokens: list[Token]) -> Iterator[tuple[int, str]]:
    """Yield the mistake of an earlier line of which YAML takes line `at` for a part."""
    for before, token in zip([None, *tokens], tokens, strict=False):
        start, end = token.start_mark.line, token.end_mark.line
        if not isinstance(token, ScalarToken) or start == end or end != at:
            continue
        if token.style in ("'", '"'):
            yield start + 1, f"the quote that opens here closes on line {end + 1}; close it here"
        elif token.style is None and not isinstance(before, ValueToken) and token is tokens[-1]:
            if odd := odd_space(lines[start]):
                yield start + 1, odd
            right = spaced(lines[start]) or _with_space(_COLONLESS.fullmatch(lines[start]))
            yield start + 1, f"no `: ` on this line; write {right or 'key: value'}"


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
