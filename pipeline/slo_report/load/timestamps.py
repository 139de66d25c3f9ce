"""Instants from text, as SQL: naive UTC, cut to the microsecond."""

from slo_report.quoting import quote_text
from slo_report.slo_yaml.log_definition import Field

NATIVE = "native"
"""The time format of a column that holds timestamps already, not text."""
_LOCAL = r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ](?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]+)?"
_OFFSET = r"(?:Z|[+-](?:[01][0-9]|2[0-3]):?[0-5][0-9])"
_LOOKS_LIKE = r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?"
_PLAIN = r"-?[0-9]+(?:\.[0-9]+)?"
_FAR_US = 60_000_000_000_000_000
"""About 1,900 years."""
_EPOCH_DIGITS = {"epoch_s": 6, "epoch_ms": 3, "epoch_us": 0}


def timestamp_sql(field: Field, text: str) -> str:
    """Return the instant that the text names, NULL where it names none."""
    form = field.time_format
    if form == NATIVE:
        return text
    if form is None or form == "iso":
        zone = field.time_zone if form == "iso" else None
        return _iso(text, zone)
    if form.startswith("epoch_"):
        return f"CASE WHEN {_is(text, _PLAIN)} THEN {_epoch(text, form)} END"
    parsed = f"try_strptime({text}, {quote_text(form)})"
    if "%z" in form or "%Z" in form:
        return _naive(parsed)
    if "%n" in form:
        # Nanoseconds have a type of their own, which knows no zones and rounds where we cut.
        parsed = f"make_timestamp({whole_us_sql(f'epoch_ns({parsed})')})"
    return _naive(f"timezone({quote_text(field.time_zone or 'UTC')}, {parsed})")


def timestamp_reason(field: Field, text: str, value: str) -> str:
    """Return WHEN branches: right in form but no instant of 1970 to 2200 is range, else type."""
    column = field.column
    shaped = "false"
    if field.time_format == NATIVE:
        shaped = "true"
    elif field.time_format is None or (field.time_format == "iso" and field.time_zone is None):
        shaped = _is(f"upper({text})", _LOOKS_LIKE + _OFFSET)
    elif field.time_format == "iso":
        shaped = _is(f"upper({text})", _LOOKS_LIKE + _OFFSET + "?")
    elif field.time_format.startswith("epoch_"):
        shaped = _is(text, _PLAIN)
    range_ = quote_text(f"range:{column}")
    return (
        f"WHEN {text} IS NOT NULL AND {value} IS NULL "
        f"THEN CASE WHEN {shaped} THEN {range_} ELSE {quote_text(f'type:{column}')} END "
        f"WHEN {value} < TIMESTAMP '1970-01-01' OR {value} >= TIMESTAMP '2201-01-01' THEN {range_}"
    )


def _iso(text: str, zone: str | None) -> str:
    """Match the whole text first: the cast alone takes zone names, padding and `infinity` too."""
    upper = f"upper({text})"
    # In DuckDB 2.0.0 the cheaper cast reads any offset and ignores it.
    instant = (
        f"CASE WHEN suffix({text}, 'Z') OR suffix({text}, '+00:00') "
        f"THEN TRY_CAST({text} AS TIMESTAMP) "
        f"ELSE {_naive(f'TRY_CAST({text} AS TIMESTAMPTZ)')} END"
    )
    branches = [f"WHEN {_is(text, _LOCAL + _OFFSET)} THEN {instant}"]
    if zone is not None:
        local = f"timezone({quote_text(zone)}, TRY_CAST({upper} AS TIMESTAMP))"
        branches.append(f"WHEN {_is(upper, _LOCAL)} THEN {_naive(local)}")
    branches.append(
        f"WHEN {_is(upper, _LOCAL + _OFFSET)} THEN {_naive(f'TRY_CAST({upper} AS TIMESTAMPTZ)')}"
    )
    return f"CASE {' '.join(branches)} END"


def _epoch(text: str, form: str) -> str:
    """Return the instant of a plain decimal; its digits past the microsecond are cut as text."""
    if form == "epoch_ns":
        us = whole_us_sql(f"TRY_CAST(split_part({text}, '.', 1) AS BIGINT)")
    else:
        digits = _EPOCH_DIGITS[form]
        fraction = f"(?:[.][0-9]{{1,{digits}}})?" if digits else ""
        cut = f"regexp_extract({text}, '^-?[0-9]+{fraction}')"
        us = scaled_sql(cut, digits, whole_digits=18)
    # make_timestamp raises beyond what a timestamp can hold; no log is that far away.
    believable = f"{us} BETWEEN -{_FAR_US} AND {_FAR_US}"
    return f"CASE WHEN {believable} THEN make_timestamp({us}) END"


def local_sql(timestamp: str, zone: str) -> str:
    """Return the instant of a timestamp that is a zone's clock; one beyond belief is left as is."""
    instant = _naive(f"timezone({quote_text(zone)}, {timestamp})")
    believable = f"{timestamp} > TIMESTAMP '1900-01-01' AND {timestamp} < TIMESTAMP '2300-01-01'"
    return f"CASE WHEN {believable} THEN {instant} ELSE {timestamp} END"


def whole_us_sql(ns: str) -> str:
    """Return whole microseconds of nanoseconds, cut towards the past (`//` cuts towards 1970)."""
    return f"(({ns}) - CASE WHEN ({ns}) < 0 THEN 999 ELSE 0 END) // 1000"


def scaled_sql(text: str, digits: int, whole_digits: int) -> str:
    """Return a plain decimal times 10^digits as BIGINT, rounded half up by its one cast.

    NULL with more than `whole_digits` before the point.
    """
    decimal = f"TRY_CAST({text} AS DECIMAL({whole_digits + digits},{digits}))"
    if whole_digits + 2 * digits > 18:
        decimal = f"CAST({decimal} AS DECIMAL(38,{digits}))"
    return f"TRY_CAST({decimal} * {10**digits} AS BIGINT)"


def _naive(instant: str) -> str:
    """Return a TIMESTAMPTZ as naive UTC; by epoch, which is twice as fast as the cast."""
    return f"make_timestamp(epoch_us({instant}))"


def _is(text: str, pattern: str) -> str:
    return f"regexp_full_match({text}, '{pattern}')"
