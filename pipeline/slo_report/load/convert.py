"""From the text of a field to the value of its column, or the reason why not: SQL made of Fields.

Every function here takes SQL texts and returns SQL text; nothing is read or run.
"""

from slo_report.load.formats.reading import REQUIRED
from slo_report.load.quick import DIGITS_TO_US
from slo_report.load.timestamps import scaled_sql, timestamp_reason, timestamp_sql
from slo_report.quoting import quote_text
from slo_report.slo_yaml.expressions import Kind
from slo_report.slo_yaml.log_definition import Field

_PLAIN = r"-?[0-9]+(?:\.[0-9]+)?"
_WHOLE = r"-?[0-9]+(?:\.0+)?"


def is_sound_sql(field: Field, text: str, value: str, plain: str) -> str:
    """Return a cheap condition that rules out any reason against the field, "" for none needed.

    It is NULL or true where there is no text. `plain` is "" where the field has no cheap way.
    """
    if field.kind is Kind.TEXT:
        return ""
    if field.kind is Kind.TIMESTAMP:
        return f"{value} >= TIMESTAMP '1970-01-01' AND {value} < TIMESTAMP '2201-01-01'"
    if field.kind is Kind.BOOLEAN:
        return f"{value} IS NOT NULL OR {text} IS NULL"
    if not plain:
        return f"{text} IS NULL"
    bounds = f"{value} >= 0"
    if field.column == "status":
        bounds = f"{value} BETWEEN 100 AND 599"
    elif field.kind is Kind.DURATION:
        bounds = f"{value} BETWEEN 0 AND {field.max_us:d}"
    return f"{plain} AND {bounds}"


def value_sql(field: Field, text: str, quick: str) -> str:
    """Return the column's value, NULL where the text has none or is none of its kind.

    `quick` is the WHEN branch of the cheap way. Durations are whole microseconds, rounded half up;
    numbers DECIMAL(38,18), likewise.
    """
    match field.kind:
        case Kind.INTEGER:
            whole = f"TRY_CAST(split_part({text}, '.', 1) AS BIGINT)"
            return f"CASE {quick} WHEN {_is(text, _WHOLE)} THEN {whole} END"
        case Kind.NUMBER | Kind.DOUBLE:
            decimal = f"TRY_CAST({text} AS DECIMAL(38,18))"
            return f"CASE {quick} WHEN {_is(text, _PLAIN)} THEN {decimal} END"
        case Kind.DURATION:
            return f"CASE {quick} WHEN {_is(text, _PLAIN)} THEN {_microseconds(field, text)} END"
        case Kind.BOOLEAN:
            return f"CASE lower({text}) WHEN 'true' THEN true WHEN 'false' THEN false END"
        case Kind.TIMESTAMP:
            return timestamp_sql(field, text)
        case Kind.TEXT:
            return text


def is_usable_sql(field: Field, text: str, value: str) -> str:
    """Return the condition, dear but exact, that a text gives no reason, "" for none needed."""
    if field.kind in (Kind.TEXT, Kind.TIMESTAMP):
        return is_sound_sql(field, text, value, "")
    if field.kind is Kind.BOOLEAN:
        return f"{value} IS NOT NULL"
    limits = [f"NOT coalesce({limit}, false)" for limit in _limits(field, text, value)]
    return " AND ".join([f"{value} IS NOT NULL", *limits])


def reason_sql(field: Field, text: str, value: str) -> str:
    """Return WHEN branches that name why a row is unusable because of this field, "" for none."""
    column = field.column
    branches = [f"WHEN wrong = {quote_text(column)} THEN {quote_text('type:' + column)}"]
    if column in REQUIRED:
        branches.append(f"WHEN {text} IS NULL THEN {quote_text('missing:' + column)}")
    type_, range_ = quote_text(f"type:{column}"), quote_text(f"range:{column}")
    match field.kind:
        case Kind.TEXT:
            pass
        case Kind.TIMESTAMP:
            branches.append(timestamp_reason(field, text, value))
        case Kind.BOOLEAN:
            branches.append(f"WHEN {text} IS NOT NULL AND {value} IS NULL THEN {type_}")
        case _:
            form = _WHOLE if field.kind is Kind.INTEGER else _PLAIN
            branches.append(
                f"WHEN {text} IS NOT NULL AND {value} IS NULL "
                f"THEN CASE WHEN {_is(text, form)} THEN {range_} ELSE {type_} END"
            )
            branches += [f"WHEN {limit} THEN {range_}" for limit in _limits(field, text, value)]
    return " ".join(branches)


def _microseconds(field: Field, text: str) -> str:
    """Return whole microseconds of a plain decimal: the text's one cast does the rounding."""
    if field.unit == "ns":
        whole = f"TRY_CAST(split_part({text}, '.', 1) AS BIGINT)"
        return f"sign({whole})::BIGINT * ((abs({whole}) + 500) // 1000)"
    digits = DIGITS_TO_US[field.unit or "us"]
    # Sums of up to 18 digits are cheap; what does not fit is beyond `max` anyway.
    whole_digits = 18 - 2 * digits
    if field.max_us >= 10 ** (whole_digits + digits):
        whole_digits = 18
    return scaled_sql(text, digits, whole_digits)


def _limits(field: Field, text: str, value: str) -> list[str]:
    """Return the conditions under which a value of the right type is none to believe."""
    limits = []
    if field.column == "status":
        limits.append(f"{value} NOT BETWEEN 100 AND 599")
    if not field.signed:
        # By the text: what rounds to zero may still have been negative.
        # Inside a CASE the pattern runs only where there is a sign.
        limits.append(f"CASE WHEN {text} < '0' THEN regexp_matches({text}, '[1-9]') END")
    if field.kind is Kind.DURATION:
        limits.append(f"abs({value}) > {field.max_us:d}")
    return limits


def _is(text: str, pattern: str) -> str:
    return f"regexp_full_match({text}, '{pattern}')"
