"""How the values of JSON lines are best read: by what the first lines have, if all lines have it.

A number read as a number, and a string that needs no look at what else it may have been, are the
fastest. But DuckDB turns strings, true and fractions into numbers without a word, and any value
into a string; so every byte of the file is searched for what the sample does not promise. What the
sample has no value of is taken to be as the definition has it.
"""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence, Set
from contextlib import suppress
from itertools import islice
from typing import Any, NamedTuple

from slo_report.slo_yaml.expressions import Kind
from slo_report.slo_yaml.log_definition import Field

SAMPLE_LINES = 100
_ISO = (None, "iso")
_LIKE_NO_TEXT = re.compile(r"[\[{]|(?:true|false|NaN|-?Infinity)\Z|-?[0-9]+(?:\.[0-9]+)?\Z")
_PLAIN_KEY = re.compile(r"[A-Za-z0-9_@-]+\Z")
_ANY = "(?s:.)"
"""Something comes before every key; said first, it has Rust go through without looking for starts
of matches, of which there are too many."""


class Held(NamedTuple):
    """How a field is read from JSON lines, as types of DuckDB."""

    safe: str = "VARCHAR"
    """Right for whatever stands in the file: VARCHAR, or JSON, which keeps the quotes."""
    sure: str = ""
    """Right if every line has what the sample has: VARCHAR for strings, BIGINT for whole numbers,
    DOUBLE for others; "" if the sample promises none of them."""


def held(lines: Iterable[bytes], fields: Sequence[Field]) -> tuple[Held, ...]:
    """Return how each field is best read, by the first of the lines."""
    records: list[dict[str, Any]] = []
    for line in islice(lines, SAMPLE_LINES):
        with suppress(ValueError, RecursionError):
            record = json.loads(line, parse_float=_Written)
            if isinstance(record, dict):
                records.append(record)
    claims = Counter(part for field in fields for part in keys_of(field.source))
    return tuple(
        Held(_safe(field, sample), _sure(field, sample) if claims[field.source] == 1 else "")
        for field in fields
        for sample in [[_found(record, field.source) for record in records]]
    )


def keys_of(source: str) -> Iterator[str]:
    """Yield every key that a source may be found under."""
    yield source
    head, dot, rest = source.partition(".")
    if dot:
        yield head
        yield from keys_of(rest)


def digits_matter(fields: Sequence[Field], found: Sequence[Held]) -> bool:
    """Tell whether a number that its double does not keep could be taken for another one.

    Durations are rounded to the microsecond, and what is surely whole has no digits to lose.
    """
    return any(
        field.kind in (Kind.NUMBER, Kind.DOUBLE)
        or (field.kind is Kind.INTEGER and one.sure != "BIGINT")
        or (field.time_format or "").startswith("epoch_")
        for field, one in zip(fields, found, strict=True)
    )


def odd_pattern(fields: Sequence[Field], found: Sequence[Held]) -> str:
    """Return a pattern, for Python and Rust, of values that are not what the sample promises.

    Keys with escaped letters are odd, too, and so is unusual white space. It overlooks NaN
    and infinity, which are in doubt wherever they are read as numbers.
    """
    strings, whole, doubles = (
        [field.source for field, one in zip(fields, found, strict=True) if one.sure == type_]
        for type_ in ("VARCHAR", "BIGINT", "DOUBLE")
    )
    odd: list[str] = []
    if strings:
        odd.append(_after(strings, r':(?:[ \t][^"n]|[^"n \t]|[ \t]?n[^u])'))
    if whole or doubles:
        odd.append(_after([*whole, *doubles], r":(?:[ \t][^-0-9n]|[^-0-9n \t])"))
    if whole:
        odd.append(_after(whole, r":[ \t]?-?[0-9]+[.eE]"))
    if odd:
        names = [*strings, *whole, *doubles]
        odd += [_after(names, r"[ \t\r/]"), _escaped({letter for name in names for letter in name})]
    return "|".join(odd)


def _escaped(letters: Set[str]) -> str:
    """Return the pattern of ASCII letters written as escapes, whatever the case of their digits."""
    second: dict[str, set[str]] = defaultdict(set)
    for letter in letters:
        code = f"{ord(letter):02x}"
        second[code[0]] |= {code[1], code[1].upper()}
    codes = [f"{first}[{''.join(sorted(last))}]" for first, last in sorted(second.items())]
    return rf"{_ANY}\\u00(?:{'|'.join(codes)})"


class _Written(str):
    """A number with a point or an exponent, as it is written."""

    __slots__ = ()


def _found(record: dict[str, Any], source: str) -> object:
    if source in record:
        return record[source]
    head, dot, rest = source.partition(".")
    inner = record.get(head) if dot else None
    return _found(inner, rest) if isinstance(inner, dict) else None


def _safe(field: Field, sample: Sequence[object]) -> str:
    """Return JSON where quotes must be kept to tell values apart, or where numbers are many."""
    texts = [value for value in sample if _is_text(value)]
    if field.kind is Kind.TEXT:
        return "JSON" if any(map(_LIKE_NO_TEXT.match, map(str, texts))) else "VARCHAR"
    if field.kind is Kind.BOOLEAN or (field.kind is Kind.TIMESTAMP and field.time_format in _ISO):
        return "VARCHAR"
    return "VARCHAR" if len(texts) * 2 > sum(value is not None for value in sample) else "JSON"


def _sure(field: Field, sample: Sequence[object]) -> str:
    values = [value for value in sample if value is not None]
    if not _PLAIN_KEY.match(field.source) or field.signed:
        return ""
    if field.kind is Kind.TEXT:
        return "VARCHAR" if all(map(_is_text, values)) else ""
    return _sure_number(field, values) if field.default is None else ""


def _sure_number(field: Field, values: Sequence[object]) -> str:
    if not all(map(_is_number, values)):
        return ""
    match field.kind:
        case Kind.INTEGER:
            return "BIGINT" if all(isinstance(value, int) for value in values) else ""
        case Kind.NUMBER | Kind.DOUBLE:
            return "DOUBLE"
        case Kind.DURATION:
            return "DOUBLE" if field.unit != "ns" else ""
        case _:
            return ""


def _is_text(value: object) -> bool:
    return isinstance(value, str) and not isinstance(value, _Written)


def _is_number(value: object) -> bool:
    return isinstance(value, int | _Written) and not isinstance(value, bool)


def _after(names: Sequence[str], what: str) -> str:
    return f'{_ANY}"(?:{"|".join(names)})"{what}'
