"""A sample promises how values are written; any byte of the file that breaks it is found."""

import re

import pytest

from slo_report.load.json_sample import digits_matter, held, odd_pattern
from slo_report.load.scan import has_trap
from slo_report.slo_yaml.expressions import Kind
from slo_report.slo_yaml.log_definition import Field

FIELDS = (
    Field("customer", "customer", Kind.TEXT),
    Field("status", "status", Kind.INTEGER),
    Field("duration", "ms", Kind.DURATION, unit="ms"),
    Field("cost", "cost", Kind.NUMBER),
)
GOOD = b'{"customer":"a","status":200,"ms":1.5,"cost":0.25}\n'
SURE = tuple(one.sure for one in held([GOOD], FIELDS))


def promised(line: str, field: int) -> str:
    return held([GOOD, line.encode()], FIELDS)[field].sure


def is_odd(line: str) -> bool:
    """Tell what Rust says of the line among good ones, once Python has said the same of it."""
    pattern = odd_pattern(FIELDS, held([GOOD], FIELDS))
    found = re.search(pattern.encode(), GOOD + line.encode()) is not None
    assert has_trap(GOOD * 100 + line.encode() + GOOD, pattern) == found
    return found


def test_values_of_one_type_are_read_as_what_they_are() -> None:
    assert SURE == ("VARCHAR", "BIGINT", "DOUBLE", "DOUBLE")


def test_what_a_sample_has_not_is_taken_to_be_as_the_definition_has_it() -> None:
    assert tuple(one.sure for one in held([b"{}\n", b"no JSON\n"], FIELDS)) == SURE


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ('{"customer":1}', 0),
        ('{"customer":true}', 0),
        ('{"status":"200"}', 1),
        ('{"status":200.0}', 1),
        ('{"status":true}', 1),
        ('{"ms":"1.5"}', 2),
        ('{"cost":"0.25"}', 3),
    ],
)
def test_a_sample_with_another_type_promises_nothing(line: str, field: int) -> None:
    assert promised(line, field) == ""


@pytest.mark.parametrize(
    "source", ["http.status", "sta tus", "st\u00e4tus", "a/b"], ids=["dot", "space", "umlaut", "/"]
)
def test_a_key_that_could_be_written_otherwise_promises_nothing(source: str) -> None:
    field = Field("status", source, Kind.INTEGER)
    assert held([f'{{"{source}":200}}'.encode()], [field])[0].sure == ""


def test_a_key_that_two_fields_read_promises_nothing() -> None:
    fields = [Field("status", "s", Kind.INTEGER), Field("code", "s", Kind.TEXT)]
    assert [one.sure for one in held([b'{"s":200}'], fields)] == ["", ""]


@pytest.mark.parametrize(
    "line",
    [
        '{"customer": "b","status": 500,"ms": 3,"cost": 0}',
        '{"customer":null,"status":null,"ms":null,"cost": null}',
        '{"customer":"true","status":-5,"ms":1.5e-3,"cost":-2.5E-05}',
        '{"customer":"status","other":"200"}',
        '{"customer":"\\u003cb\\u003e","other":[1,"2",true]}',
    ],
)
def test_what_the_sample_promises_is_not_odd(line: str) -> None:
    assert not is_odd(line)


@pytest.mark.parametrize(
    "line",
    [
        '{"status":"200"}',
        '{"status": "200"}',
        '{"status":\t"200"}',
        '{"status":  "200"}',
        '{"status" :"200"}',
        '{"status"\t: "200"}',
        '{"status"/**/:"200"}',
        '{"status":true}',
        '{"status": false}',
        '{"status":[200]}',
        '{"status":{"code":200}}',
        '{"status":200.0}',
        '{"status":200.4}',
        '{"status": 2e2}',
        '{"stat\\u0075s":"200"}',
        '{"\\u0073tatus":true}',
        '{"cu\\u0073tomer":1}',
        '{"c\\u006Fst":"1"}',
        '{"customer":1}',
        '{"customer":true}',
        '{"customer": {}}',
        '{"customer":nan}',
        '{"customer": Infinity}',
        '{"ms":"1.5"}',
        '{"ms":true}',
        '{"cost":"0.25"}',
        '{"other":1,"status":"200","customer":"a"}',
        '{"other":"\u00e4\u00f6","status":"200"}',
    ],
)
def test_another_type_or_another_writing_is_odd(line: str) -> None:
    assert is_odd(line)


def test_digits_matter_but_for_durations_and_what_is_surely_whole() -> None:
    whole, duration = FIELDS[1:2], FIELDS[2:3]
    assert digits_matter(FIELDS, held([GOOD], FIELDS))
    assert not digits_matter(duration, held([GOOD], duration))
    assert not digits_matter(whole, held([GOOD], whole))
    assert digits_matter(whole, held([b'{"status":200.0}'], whole))
