"""What the team wrote under Notable: its Markdown, for the page and for report.md.

Both come from one parse. Prose, lists, code and links pass; raw HTML stays text, an image becomes
its description, a heading a bold line, and a link keeps its address only if that is a web page or
a mail address.
"""

from collections.abc import Iterable

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markdown_it.tree import SyntaxTreeNode
from markupsafe import Markup

from slo_report.report.escape import Markdown, cut, disarm_block_start, markdown_span, visible

NOTE_CUT = 20_000
"""Characters of one note; a page of prose has about 3,000."""

_SCHEMES = ("https://", "http://", "mailto:")


def note_html(text: str) -> Markup:
    """Return a note as HTML."""
    parser = _parser()
    html: str = parser.renderer.render(_parse(parser, text), parser.options, {})
    # The renderer escapes every text and attribute; raw HTML is off in the parser.
    return Markup(html)


def note_markdown(text: str) -> Markdown:
    """Return a note as Markdown again, of the few forms that pass."""
    blocks = _blocks(SyntaxTreeNode(_parse(_parser(), text)))
    return Markdown("\n".join(blocks).strip("\n"))


def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False})


def _parse(parser: MarkdownIt, text: str) -> list[Token]:
    lines = cut(text, NOTE_CUT).replace("\r\n", "\n").expandtabs(4).split("\n")
    tokens = parser.parse("\n".join(visible(line) for line in lines))
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = "h4"
        if token.children:
            token.children = list(_safe_children(token.children))
    return tokens


def _safe_children(children: Iterable[Token]) -> Iterable[Token]:
    kept: list[bool] = []  # for each open link, whether it is one
    for token in children:
        if token.type == "link_open":
            kept.append(str(token.attrGet("href") or "").lower().startswith(_SCHEMES))
            if kept[-1]:
                token.attrs = {"href": token.attrs["href"], "rel": "noopener noreferrer"}
                yield token
        elif token.type == "link_close":
            if kept.pop():
                yield token
        elif token.type == "image":
            yield Token("text", "", 0, content=token.content)
        else:
            yield token


def _blocks(node: SyntaxTreeNode) -> list[str]:
    """Return a block's lines, with an empty one behind it."""
    lines: list[str] = []
    match node.type:
        case "paragraph":
            lines = [_line(node)]
        case "heading":
            lines = [f"**{_line(node)}**"]
        case "fence" | "code_block":
            lines = _fenced(node.content)
        case "blockquote":
            lines = [f"> {line}".rstrip() for line in _inner(node)]
        case "bullet_list" | "ordered_list":
            lines = [line for item in node.children for line in _item(_inner(item))]
        case "root":
            lines = _inner(node)
    return [*lines, ""] if lines else []


def _inner(node: SyntaxTreeNode) -> list[str]:
    lines = [line for child in node.children for line in _blocks(child)]
    return lines[:-1] if lines and not lines[-1] else lines


def _item(lines: list[str]) -> list[str]:
    first, *others = lines or [""]
    return [f"- {first}", *(f"  {line}".rstrip() for line in others)]


def _fenced(content: str) -> list[str]:
    fence = "`" * max(3, _longest_run(content) + 1)
    return [fence, *content.rstrip("\n").split("\n"), fence]


def _line(node: SyntaxTreeNode) -> str:
    text = "".join(_inline(child) for child in node.children[0].children)
    # Nothing at a line's start may begin a block that the parse did not see.
    return disarm_block_start(text)


def _inline(node: SyntaxTreeNode) -> str:
    text = "".join(_inline(child) for child in node.children)
    match node.type:
        case "text":
            text = str(markdown_span(node.content))
        case "softbreak" | "hardbreak":
            text = " "
        case "strong":
            text = f"**{text}**"
        case "em":
            text = f"*{text}*"
        case "code_inline":
            fence = "`" * (_longest_run(node.content) + 1)
            pad = " " if node.content.startswith("`") or node.content.endswith("`") else ""
            text = f"{fence}{pad}{node.content}{pad}{fence}"
        case "link":
            href = str(node.attrs["href"]).replace("(", "%28").replace(")", "%29")
            text = f"[{text}]({href})"
    return text


def _longest_run(text: str) -> int:
    longest = run = 0
    for character in text:
        run = run + 1 if character == "`" else 0
        longest = max(longest, run)
    return longest
