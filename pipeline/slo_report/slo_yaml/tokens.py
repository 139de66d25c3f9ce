"""The words of an expression: cut by sqlglot, measured, and refused where no syntax tree is needed.

Sizes and nesting are limited here, before the parser, which is recursive. Function names are
checked here too: the parser turns many of them into other constructs.
"""

import re
from collections.abc import Collection, Sequence
from decimal import Decimal
from typing import ClassVar

from sqlglot.dialects.duckdb import DuckDB
from sqlglot.errors import TokenError
from sqlglot.tokenizer_core import Token, TokenType

from slo_report.slo_yaml.kinds import ExpressionError, did_you_mean

MAX_CHARACTERS = 10_000
MAX_NESTING = 25
"""The parser needs some 25 Python frames a level."""

MICROSECONDS = {
    "ns": Decimal("0.001"),
    "us": Decimal(1),
    "ms": Decimal(1_000),
    "s": Decimal(1_000_000),
    "min": Decimal(60_000_000),
    "h": Decimal(3_600_000_000),
}
"""Time units of durations, in microseconds."""

FUNCTIONS = frozenset(
    {
        *("abs", "ceil", "coalesce", "contains", "ends_with", "floor", "greatest", "least"),
        *("length", "lower", "nullif", "starts_with", "upper"),
    }
)
_TYPOGRAPHIC_QUOTES = "\u2018-\u201f\u2039\u203a\u2032\u2033\u00ab\u00bb\u00b4"
DURATION_MARK = "\0"
"""Opens the identifiers that stand for durations; no column name can begin with it."""

_KEYWORDS_BEFORE_BRACKETS = frozenset(
    {
        *("and", "or", "not", "in", "between", "like", "ilike", "is", "from"),
        *("case", "when", "then", "else"),
    }
)
_WORDS = _KEYWORDS_BEFORE_BRACKETS | {"end", "null", "true", "false", "distinct", "timestamp"}
"""What a word means in an expression even where a column has its name; "quotes" mean the column."""
_REFUSED = {
    TokenType.SEMICOLON: "`;` ends a statement; write one expression without it",
    TokenType.DCOLON: "`::` casts are not allowed; give the column a `type:` in `fields:`",
    TokenType.DOT: "`.` is not allowed here; reach into objects in `fields:`, write 0.5 for .5",
    TokenType.L_BRACKET: "`[` is not allowed; give the element a column of its own in `fields:`",
    TokenType.L_BRACE: "`{` is not allowed; compare columns with plain values",
    TokenType.PARAMETER: "parameters are not allowed; write the value itself",
    TokenType.PLACEHOLDER: "parameters are not allowed; write the value itself",
    TokenType.COLON: "`:` is not allowed; texts stand in single quotes: 'a: b'",
    TokenType.DPIPE: "`||` is not allowed; compare the columns one by one",
    TokenType.DIV: "`//` is not allowed; write floor(a / b)",
    TokenType.ARROW: "lambdas and `->` are not allowed; reach into objects in `fields:`",
    TokenType.SELECT: "a subquery is not allowed; an expression reads one request at a time",
    TokenType.OVER: "window functions are not allowed; an expression reads one request at a time",
}


def tokenise(text: str, columns: Collection[str]) -> list[Token]:
    """Return the tokens of an expression, each number with a time unit as one of them.

    A column whose name is a word of SQL (cache, comment, set) is an identifier all the same.
    """
    if len(text) > MAX_CHARACTERS:
        raise ExpressionError(
            f"{len(text):,} characters; an expression has at most {MAX_CHARACTERS:,}"
        )
    if not text.strip():
        raise ExpressionError("the expression is empty; write one, such as status < 500")
    if control := re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", text):
        raise ExpressionError(
            f"control character U+{ord(control[0]):04X}; use printable characters"
        )
    if quote := re.search(f"[{_TYPOGRAPHIC_QUOTES}]", re.sub("'[^']*'|\"[^\"]*\"", "", text)):
        raise ExpressionError(
            f"`{quote[0]}` is a typographic quote; a text stands in straight single ones: 'x'"
        )
    # Durations come first: in `5 s`, s is the unit even where a column is named s.
    tokens = _as_columns(_join_durations(_cut(text)), columns)
    _refuse_unknown_words(tokens)
    _measure_nesting(tokens)
    return tokens


def unquoted_words(tokens: Sequence[Token], columns: Collection[str]) -> list[str]:
    """Return the words of the language that are columns as well and stand without quotes."""
    return [
        token.text
        for token in tokens
        if token.text in columns
        and token.text.lower() in _WORDS
        and token.token_type not in (TokenType.STRING, TokenType.IDENTIFIER)
    ]


class _Tokenizer(DuckDB.Tokenizer):
    """DuckDB's words, except that none of them opens a statement and swallows the rest as text."""

    COMMANDS: ClassVar[set[TokenType]] = set()


def _as_columns(tokens: Sequence[Token], columns: Collection[str]) -> list[Token]:
    """Return the tokens with each word that can only mean a column as an identifier.

    A word before a bracket is a function, or a list's `in`.
    """
    following = [*tokens[1:], None]
    return [
        Token(TokenType.IDENTIFIER, token.text, token.line, token.col, token.start, token.end)
        if token.text in columns
        and token.text.lower() not in _WORDS
        and token.token_type not in (TokenType.STRING, TokenType.NUMBER)
        and (after is None or after.token_type is not TokenType.L_PAREN)
        else token
        for token, after in zip(tokens, following, strict=True)
    ]


def _cut(text: str) -> list[Token]:
    try:
        tokens = _Tokenizer(dialect="duckdb").tokenize(text)
    except TokenError as error:
        raise ExpressionError(_unbalanced(text)) from error
    if any(token.comments for token in tokens) or not tokens:
        raise ExpressionError(
            "SQL comments are not allowed; write a YAML comment: ` #` behind the expression"
        )
    return tokens


def _unbalanced(text: str) -> str:
    for quote in ("'", '"'):
        if text.count(quote) % 2:
            tail = text[text.rindex(quote) :]
            return (
                f"{tail} is an unbalanced quote: YAML takes ` #` and all behind it for a comment;"
                ' close the quote, and put the whole expression in double quotes: "..."'
            )
    return "it cannot be read as SQL; write one expression, such as status < 500"


def _refuse_unknown_words(tokens: list[Token]) -> None:
    for token, following in zip(tokens, [*tokens[1:], None], strict=True):
        if token.token_type in _REFUSED:
            raise ExpressionError(_REFUSED[token.token_type])
        word = token.text.lower()
        calls = following is not None and following.token_type is TokenType.L_PAREN
        is_word = token.token_type is not TokenType.STRING and re.match(r"[^\W\d]", word)
        if calls and is_word and word not in FUNCTIONS | _KEYWORDS_BEFORE_BRACKETS:
            raise ExpressionError(
                f"unknown function `{token.text}`; {did_you_mean(word, FUNCTIONS)}"
            )


def _measure_nesting(tokens: list[Token]) -> None:
    open_brackets = prefixes = 0
    for token in tokens:
        if token.token_type in (TokenType.L_PAREN, TokenType.CASE):
            open_brackets += 1
        elif token.token_type in (TokenType.R_PAREN, TokenType.END):
            open_brackets -= 1
        prefix = token.token_type in (TokenType.NOT, TokenType.DASH, TokenType.PLUS)
        prefixes = prefixes + 1 if prefix else 0
        if open_brackets + prefixes > MAX_NESTING:
            raise ExpressionError(f"nested more than {MAX_NESTING} deep; write it flatter")


def _join_durations(tokens: list[Token]) -> list[Token]:
    joined: list[Token] = []
    for token in tokens:
        number = joined[-1] if joined and joined[-1].token_type is TokenType.NUMBER else None
        if number is None or token.token_type is not TokenType.VAR:
            joined.append(token)
            continue
        if token.text not in MICROSECONDS:
            hint = {"m": "min", "sec": "s", "msec": "ms", "hr": "h"}.get(token.text.lower())
            units = ", ".join(MICROSECONDS)
            right = f"did you mean `{hint}`?" if hint else f"time units are {units}"
            raise ExpressionError(f"`{number.text} {token.text}` has an unknown unit; {right}")
        joined[-1] = Token(
            TokenType.IDENTIFIER,
            f"{DURATION_MARK}{number.text} {token.text}",
            token.line,
            token.col,
        )
    return joined
