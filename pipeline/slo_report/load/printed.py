"""Numbers that a double keeps: read as doubles and printed again, they say what they said.

A double keeps 15 digits, and prints as the shortest text that gives it back. Most programs write
their numbers so; of those with more digits it has to be seen.
"""

from decimal import Decimal

import polars as pl

LONG_NUMBER = r"[:, \t\[]-?(?:[0-9]*\.[0-9]{7}|[0-9]{10,}[.eE])"
"""Finds every number with more digits than a double surely keeps, and some with fewer."""
_NUMBER = r"[:, \t\[]-?[0-9]+(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?"
_KEPT_BYTES = 16
"""Fifteen digits and a point."""


def print_as_written(text: pl.Series) -> bool:
    """Tell whether all numbers with a point or an exponent print as they stand in a JSON text."""
    numbers = text.str.extract_all(_NUMBER).explode().str.strip_chars(":, \t[")
    numbers = numbers.filter(
        (numbers.str.len_bytes() > _KEPT_BYTES) & numbers.str.contains(r"[.eE]")
    )
    printed = numbers.cast(pl.Float64).cast(pl.String)
    # Python writes e-07 for Polars' e-7; what is left has a point where Polars has an exponent.
    others = numbers.filter(numbers.str.replace("e-0", "e-", literal=True) != printed).unique()
    return all(Decimal(number) == Decimal(repr(float(number))) for number in others)


def printed_sql(double: str) -> str:
    """Return the text of a double, as SQL: a plain decimal, of nines where it is too large."""
    text = f"{double}::VARCHAR"
    # Large and small ones print with an exponent; as a decimal they don't.
    beyond = f"CASE WHEN {double} < 0 THEN '-' ELSE '' END || repeat('9', 40)"
    decimal = f"coalesce(TRY_CAST({text} AS DECIMAL(38,18))::VARCHAR, {beyond})"
    return f"CASE WHEN contains({text}, 'e') THEN {decimal} ELSE {text} END"
