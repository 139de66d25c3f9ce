"""The values of a table's columns as those of a request, and the reasons why one cannot be used.

Columns have types here, so there is nothing to parse; a column whose type cannot be taken exactly
is refused.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from slo_report.errors import DefinitionError
from slo_report.load.formats.reading import REQUIRED, reason_rank
from slo_report.slo_yaml.arithmetic import COLUMN_SCALE
from slo_report.slo_yaml.kinds import Kind
from slo_report.slo_yaml.log_definition import Field, Log

_MICROSECONDS = {
    "s": Decimal(1_000_000),
    "ms": Decimal(1_000),
    "us": Decimal(1),
    "ns": Decimal("0.001"),
}


class Held(StrEnum):
    """What a column of a table holds, whatever the engine calls it."""

    TEXT = "text"
    WHOLE = "whole numbers"
    DECIMAL = "decimals"
    BOOLEAN = "booleans"
    TIME = "instants"


@dataclass(frozen=True)
class Words:
    """How an engine says what the engines say differently."""

    types: Mapping[Kind, str]
    instant: str
    """Of a column `{0}` as UTC to the microsecond."""
    before: str
    """The instant `{0}` less `{1}` microseconds."""
    matches: str
    """Whether `{0}` matches the pattern `{1}`."""
    name_quote: str

    def name(self, name: str) -> str:
        """Return a column's name, quoted."""
        quote = self.name_quote
        return f"{quote}{name.replace(quote, quote * 2)}{quote}"

    @staticmethod
    def text(text: str) -> str:
        """Return a text as a literal; both engines read backslashes in it as escapes."""
        return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


_FITTING = {
    Kind.TEXT: {Held.TEXT, Held.WHOLE},
    Kind.INTEGER: {Held.WHOLE},
    Kind.NUMBER: {Held.WHOLE, Held.DECIMAL},
    Kind.DURATION: {Held.WHOLE, Held.DECIMAL},
    Kind.BOOLEAN: {Held.BOOLEAN},
    Kind.TIMESTAMP: {Held.TIME},
}


def value_sql(
    field: Field, log: Log, held: Mapping[str, tuple[str, Held | None]], words: Words
) -> str:
    """Return the SQL of the column's value, `{0}` in it for what the table has.

    Raises DefinitionError where the column's type cannot be taken exactly.
    """
    name, what = held[field.source]
    fitting = _FITTING[field.kind] - ({Held.DECIMAL} if field.unit == "ns" else set())
    if what not in fitting:
        raise DefinitionError(
            f"column `{field.source}` of table {log.table} is {name}, and {field.column} is a "
            f"{field.kind}; give it in a view as {' or '.join(sorted(fitting))}"
        )
    value = _typed(field, what, words)
    if field.default is None:
        return value
    default = field.default
    if field.kind is Kind.DURATION:
        default = str(_default_us(field))
    stand_in = f"CAST({words.text(default)} AS {words.types[field.kind]})"
    # Braces in it are not to be filled.
    stand_in = stand_in.replace("{", "{{").replace("}", "}}")
    return f"CASE WHEN {{0}} IS NULL THEN {stand_in} ELSE {value} END"


def _typed(field: Field, what: Held | None, words: Words) -> str:
    match field.kind:
        case Kind.TIMESTAMP:
            return words.instant
        case Kind.DURATION:
            return _microseconds(field, what, words)
        case Kind.BOOLEAN:
            return "{0}"
        case Kind.NUMBER if what is Held.DECIMAL:
            rounded = f"CAST(round({{0}}, {COLUMN_SCALE}) AS {words.types[Kind.NUMBER]})"
            return f"CASE WHEN {_within('1e20', words)} THEN {rounded} END"
        case _:
            return f"CAST({{0}} AS {words.types[field.kind]})"


def _microseconds(field: Field, what: Held | None, words: Words) -> str:
    """Return whole microseconds, rounded half up; NULL for what is far beyond `max`."""
    us = _MICROSECONDS[field.unit or "us"]
    # Twice, since a double is only about right: the reason asks the microseconds themselves.
    believable = _within(repr(float(2 * field.max_us / us)), words)
    if what is Held.WHOLE and us >= 1:
        scaled = f"CAST({{0}} AS {words.types[Kind.INTEGER]}) * {us}"
        return f"CASE WHEN {believable} THEN {scaled} END"
    # 38 digits hold the product: 18 of them behind the point, or 3 where it makes them.
    exact = f"CAST(abs({{0}}) AS {words.types[Kind.NUMBER]}) * {us}"
    if us < 1:
        exact = f"CAST(abs({{0}}) AS DECIMAL(25, 0)) * CAST('{us}' AS DECIMAL(4, 3))"
    whole = f"CAST(FLOOR({exact} + CAST('0.5' AS DECIMAL(2, 1))) AS BIGINT)"
    return f"CASE WHEN {believable} THEN CASE WHEN {{0}} < 0 THEN -{whole} ELSE {whole} END END"


def _within(limit: str, words: Words) -> str:
    """Return whether what the table has is below `limit`; no exact type would hold them all."""
    return f"abs(CAST({{0}} AS {words.types[Kind.DOUBLE]})) < {limit}"


def _default_us(field: Field) -> int:
    us = Decimal(field.default or 0) * _MICROSECONDS[field.unit or "us"]
    return min(int(us.to_integral_value(ROUND_HALF_UP)), field.max_us + 1)


def reasons_sql(fields: Sequence[Field]) -> list[str]:
    """Return the branches of the first failing reason: ts and status, then as declared.

    `v0`, `v1`, ... are what the table has of the fields, `t0`, `t1`, ... their values.
    """
    order = sorted(
        enumerate(fields),
        key=lambda item: reason_rank(item[1].column),
    )
    return [branch for index, field in order for branch in _reason(index, field)]


def _reason(index: int, field: Field) -> list[str]:
    taken, value = f"v{index}", f"t{index}"
    limits = []
    branches = []
    if field.column in REQUIRED:
        branches.append(f"WHEN {value} IS NULL THEN 'missing:{field.column}'")
    if field.column == "status":
        limits.append(f"{value} NOT BETWEEN 100 AND 599")
    if field.kind in (Kind.NUMBER, Kind.DURATION):
        limits.append(f"{taken} IS NOT NULL AND {value} IS NULL")
    if field.kind is Kind.TIMESTAMP:
        limits.append(f"EXTRACT(YEAR FROM {value}) NOT BETWEEN 1970 AND 2200")
    if field.kind is Kind.DURATION:
        limits.append(f"abs({value}) > {field.max_us}")
    if field.kind in (Kind.INTEGER, Kind.NUMBER, Kind.DURATION) and not field.signed:
        # What rounds to zero may still have been negative.
        limits.append(f"{taken} < 0 OR {value} < 0")
    return branches + [f"WHEN {limit} THEN 'range:{field.column}'" for limit in limits]
