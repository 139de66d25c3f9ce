"""What a double prints is what stood in the file, or the file is known to hold such a number."""

import json
import re
from decimal import Decimal

import duckdb
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from slo_report.load.printed import LONG_NUMBER, print_as_written, printed_sql

digits = st.text("0123456789", min_size=1, max_size=20)
decimals = st.builds("{}.{}".format, digits.map(lambda text: str(int(text))), digits)
numbers = decimals | st.builds("{}e{}".format, decimals, st.integers(-12, 12))


def kept(number: str) -> bool:
    """Tell what the program takes for granted of a number in a file."""
    line = f'{{"cost":{number},"other":[{number}]}}\n'
    return re.search(LONG_NUMBER, line) is None or print_as_written(pl.Series([line]))


@given(numbers)
def test_a_number_that_is_taken_for_kept_is_what_its_double_prints(number: str) -> None:
    assert not kept(number) or Decimal(number) == Decimal(repr(float(number)))


@given(st.floats(0, 1e12))
def test_what_programs_print_is_kept(number: float) -> None:
    assert kept(repr(number))
    assert kept(f"{number:.17g}") == (Decimal(f"{number:.17g}") == Decimal(repr(number)))


@given(st.floats(0, 1e15))
def test_a_double_printed_by_sql_is_the_decimal_that_python_prints(number: float) -> None:
    [(text,)] = duckdb.execute(f"SELECT {printed_sql('$1::DOUBLE')}", [number]).fetchall()
    assert abs(Decimal(text) - Decimal(repr(number))) <= Decimal("0.5e-18")


@pytest.mark.parametrize("value", ["12345678901234567e12", "2026-04-01 00:00:00.123456789Z"])
def test_digits_in_a_string_are_no_number(value: str) -> None:
    assert print_as_written(pl.Series([json.dumps({"id": value, "cost": 0.25})]))
