"""Text of unknown origin made harmless: shown as it is, unable to change what surrounds it."""

import re
import unicodedata

MARKDOWN_CUT = 120
"""Characters of one name in Markdown; report.json has it whole."""
HTML_CUT = 200
CHART_CUT = 40

_INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
_SPECIAL = re.compile(r"[\\|`*_\[\]!~#$]")
# `< 5s` and `<= 0.1` open no tag and stay readable; any other bracket becomes an entity.
_TAG_OPEN = re.compile(r"<(?![ =])")
_TAG_CLOSE = re.compile(r"(?<![ (])>|>(?![ =])|^>")
_AUTOLINK = re.compile(r"(://)|(\bwww)\.", re.IGNORECASE)
# What would begin a list, a rule or a quotation at the start of a line.
_BLOCK_START = re.compile(r"^(?:([-+=])(?=[-+=\s]|$)|(\d{1,9})([.)])(?=\s|$))")


class Markdown(str):
    """Text that is Markdown already, so that nothing escapes it a second time."""

    __slots__ = ()


def cut(text: str, length: int) -> str:
    """Return the text, or its beginning and an ellipsis where it is longer."""
    return text if len(text) <= length else text[: length - 1] + "…"


def visible(text: str) -> str:
    """Return the text on one line, its control and format characters made visible."""
    return "".join(_visible_character(c) for c in text)


def name(text: str, length: int) -> str:
    """Return a name from the logs as it is shown anywhere: visible, and of bearable length."""
    # Cut twice: making characters visible lengthens the text, and 100 kB need not be looked at.
    return cut(visible(cut(text, length)), length)


def markdown(text: str) -> Markdown:
    """Return the text as inline Markdown that renders as itself, in a table cell too."""
    if isinstance(text, Markdown):
        return text
    return markdown_inline(name(text, MARKDOWN_CUT))


def markdown_inline(text: str) -> Markdown:
    """Return a line of any length as inline Markdown that renders as itself."""
    return Markdown(disarm_block_start(markdown_span(text.strip())))


def markdown_span(text: str) -> str:
    """Return text from within a line as Markdown; its outer spaces stay."""
    shown = visible(text).replace("&", "&amp;")
    shown = _SPECIAL.sub(r"\\\g<0>", shown)
    shown = _TAG_CLOSE.sub("&gt;", _TAG_OPEN.sub("&lt;", shown))
    return _AUTOLINK.sub(lambda m: r":\/\/" if m[1] else rf"{m[2]}\.", shown)


def disarm_block_start(line: str) -> str:
    """Return a line of Markdown that begins neither list nor rule nor quotation."""
    return _BLOCK_START.sub(_disarm, line)


def _disarm(match: re.Match[str]) -> str:
    # A digit takes no backslash, so the mark behind the number gets it.
    return f"\\{match[1]}" if match[1] else f"{match[2]}\\{match[3]}"


def _visible_character(c: str) -> str:
    if unicodedata.category(c) not in _INVISIBLE:
        return c
    code = ord(c)
    if code < 0x20:
        return chr(0x2400 + code)
    return "␡" if code == 0x7F else f"‹U+{code:04X}›"
