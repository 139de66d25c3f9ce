"""Where the text that DuckDB gives of a JSON value does not tell what stood in the file: SQL."""

from slo_report.load.quick import DIGITS_TO_US
from slo_report.quoting import quote_text
from slo_report.slo_yaml.expressions import Kind
from slo_report.slo_yaml.log_definition import Field

_ISO = (None, "iso")
_LONGEST_DOUBLE = 24
"""-2.2250738585072014e-308; what is longer was never made from a double."""


def doubt_sql(one: Field, raw: str, long_decimal: bool, *, as_json: bool) -> str:
    """Return the condition under which the value may have been written otherwise in the file."""
    exponent = f"contains({raw}, 'e')"
    dotted = f"({exponent} OR contains({raw}, '.'))"
    by_epoch = (one.time_format or "").startswith("epoch_")
    doubt = ""
    if one.kind is Kind.BOOLEAN or (one.kind is Kind.TIMESTAMP and one.time_format in _ISO):
        return ""
    if one.kind is Kind.INTEGER:
        doubt = dotted if long_decimal else exponent
    elif one.kind in (Kind.NUMBER, Kind.DOUBLE) or by_epoch:
        # What is small and negative would lose its sign.
        lossy = f"(contains({raw}, 'e+') OR {exponent} AND starts_with({raw}, '-'))"
        doubt = lossy if as_json and not by_epoch else exponent
        doubt = dotted if long_decimal else doubt
    elif one.kind is Kind.DURATION:
        # A double and its text differ far too little to round otherwise, but for a tie.
        tie = "." + "_" * DIGITS_TO_US.get(one.unit or "us", 0) + "5"
        doubt = (
            f"CASE WHEN {exponent} THEN true WHEN suffix({raw}, '5') THEN {raw} LIKE '%{tie}' END"
        )
    elif as_json:
        doubt = f"NOT regexp_full_match({raw}, '-?[0-9]+')"
    else:
        return _text_doubt(raw)
    if as_json:
        return f"CASE WHEN NOT starts_with({raw}, '\"') THEN {doubt} END"
    return doubt


_PRINTED_DOUBLE = r"-?[0-9]+\.[0-9]+|-?[0-9](?:\.[0-9]+)?e[+-][0-9]{2,3}"
"""How DuckDB prints a double. An id such as 10775e003 is none, so it stood there as a string."""


def _text_doubt(text: str) -> str:
    """Return whether a text may have been true, an object, an array, or a number's other form.

    Most texts are told by their first letter, and comparing with one letter looks no further. (An
    IN would become a join.) Of a double's form the marks are looked for before the form.
    """
    marks = " OR ".join(f"contains({text}, '{mark}')" for mark in ".+-")
    number = (
        f"strlen({text}) <= {_LONGEST_DOUBLE} AND ({marks}) "
        f"AND regexp_full_match({text}, '{_PRINTED_DOUBLE}')"
    )
    not_finite = " OR ".join(
        f"{text} >= '{a}' AND {text} < '{b}'" for a, b in ("IJ", "NO", "ij", "no")
    )
    return (
        f"CASE WHEN {text} >= '0' AND {text} < ':' THEN {number} "
        f"WHEN {text} >= '-' AND {text} < '.' "
        f"THEN {number} OR {_any_of(text, '-inf', '-infinity', '-nan')} "
        f"WHEN {text} >= '[' AND {text} < chr(92) THEN true "
        f"WHEN {text} >= '{{' AND {text} < '|' THEN true "
        f"WHEN {not_finite} THEN {_any_of(text, 'nan', 'inf', 'infinity')} "
        f"ELSE {text} = 'true' OR {text} = 'false' END"
    )


def _any_of(text: str, *words: str) -> str:
    """Return whether the text is one of some words, in whatever case."""
    return "(" + " OR ".join(f"lower({text}) = {quote_text(word)}" for word in words) + ")"
