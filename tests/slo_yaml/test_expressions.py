"""Expressions are checked before any engine sees them, and what passes runs without an error."""

import contextlib
import re

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlglot.dialects.duckdb import DuckDB

from slo_report.slo_yaml.expressions import ExpressionError, Kind, parse_expression

COLUMNS = {
    "route": Kind.TEXT,
    "status": Kind.INTEGER,
    "tokens": Kind.INTEGER,
    "cost": Kind.NUMBER,
    "cached": Kind.BOOLEAN,
    "duration": Kind.DURATION,
    "ts": Kind.TIMESTAMP,
    "order": Kind.INTEGER,
}
LANGUAGE = {
    *("and", "or", "not", "in", "between", "like", "ilike", "is", "from", "distinct"),
    *("case", "when", "then", "else", "end"),
}
TABLE = """
create table requests as
select * from (values
    ('GET /', 200, 12, 0.5, true, 1500000, timestamp '2026-04-01 00:00:00', 1),
    ('', 0, 0, 0, false, 0, timestamp '1970-01-01 00:00:00', 0),
    ('it''s %_', 599, 123456789, 99999.000000000000000001, true, 86400000000,
     timestamp '2026-04-30 23:59:59.999999', -1),
    (null, null, null, null, null, null, null, null)
) as t(route, status, tokens, cost, cached, duration, ts, "order")
"""
TYPES = (
    "route varchar, status bigint, tokens bigint, cost decimal(38, 18), cached boolean,"
    ' duration bigint, ts timestamp, "order" bigint'
)


def store() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(config={"threads": 1})
    connection.execute(TABLE.replace("requests as", "given as"))
    connection.execute(f"create table requests ({TYPES})")
    connection.execute("insert into requests select * from given")
    return connection


STORE = store()


def rendered(text: str) -> str:
    return parse_expression(text, COLUMNS).tree.sql(dialect="duckdb", identify=True)


def value_of(text: str) -> object:
    row = STORE.execute(f"select {rendered(text)} from requests limit 1").fetchone()
    assert row is not None
    return row[0]


@pytest.mark.parametrize(
    ("text", "sql"),
    [
        ("status < 500 and not (cached)", '"status" < 500 AND NOT ("cached")'),
        ("duration < 1.5 s", '"duration" < 1500000'),
        ("duration < 5min", '"duration" < 300000000'),
        ("duration <= 3 ns", '"duration" <= 0.003'),
        ("cost < 1e-6", '"cost" < 0.000001'),
        (
            "tokens / status",
            '(CAST("tokens" AS DOUBLE) / NULLIF(CAST("status" AS DOUBLE), 0))',
        ),
        ("tokens % 7 = 0", '("tokens" % NULLIF(7, 0)) = 0'),
        ("cost * cost", 'CAST("cost" AS DECIMAL(38, 9)) * CAST("cost" AS DECIMAL(38, 9))'),
        ("cost * 0.25", 'CAST("cost" AS DECIMAL(38, 16)) * 0.25'),
        ("tokens * 0.000003", '"tokens" * 0.000003'),
        ("route not like '%x'", "NOT \"route\" LIKE '%x'"),
        ('"order" = 1', '"order" = 1'),
        ("route = 'it''s'", "\"route\" = 'it''s'"),
        ("(status = 200) = cached", '("status" = 200) = "cached"'),
        (
            "ts >= TIMESTAMP '2026-04-01T02:00:00+02:00'",
            "\"ts\" >= CAST('2026-04-01 00:00:00' AS TIMESTAMP)",
        ),
    ],
)
def test_an_expression_is_rendered_exactly(text: str, sql: str) -> None:
    assert rendered(text) == sql


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("duration + 1 s", Kind.DURATION),
        ("duration * 2", Kind.DURATION),
        ("duration * 0.5", Kind.DURATION),
        ("duration / 1 s", Kind.DOUBLE),
        ("duration / tokens", Kind.DURATION),
        ("duration / 2 * 0.5", Kind.DURATION),
        ("tokens + status", Kind.INTEGER),
        ("tokens * 0.5", Kind.NUMBER),
        ("tokens / 2", Kind.DOUBLE),
        ("floor(tokens / 2)", Kind.DOUBLE),
        ("coalesce(tokens, 0.5)", Kind.NUMBER),
        ("length(route)", Kind.INTEGER),
        ("case when cached then duration end", Kind.DURATION),
        ("cached is distinct from null", Kind.BOOLEAN),
    ],
)
def test_the_kind_of_an_expression_is_known(text: str, kind: Kind) -> None:
    assert parse_expression(text, COLUMNS).kind is kind


def test_an_expression_knows_the_columns_it_reads() -> None:
    assert parse_expression("status < 500 or cached", COLUMNS).columns == {"status", "cached"}


def test_division_by_zero_gives_null() -> None:
    assert value_of("1 / (status - status)") is None
    assert value_of("tokens % (status - status)") is None


@pytest.mark.parametrize(
    "text", ["tokens + tokens", "tokens * tokens", "1 + tokens", "-tokens - 2"]
)
def test_the_largest_integers_do_not_overflow(text: str) -> None:
    largest = f"select {rendered(text)} from (select 9223372036854775807 as tokens)"
    assert STORE.execute(largest).fetchone() is not None


HOSTILE = """
(select 1) = 1
status in (select 1)
exists (select 1)
status < all (select 1)
status = any (1)
status = 1; drop table requests
1; 2
status -- comment
status /* comment */ = 1
status = ?
status = $1
status = :name
status = @name
status::text = '1'
cast(status as text) = '1'
try_cast(status as text) = '1'
date '2026-01-01' < ts
interval 1 day
count(*) > 1
sum(status)
row_number() over ()
status over ()
*
columns('a')
requests.status = 1
route.x = 1
route[1] = 'x'
[1, 2]
{'a': 1}
x -> x + 1
route ->> 'a' = 'x'
route || 'x' = 'y'
read_csv('/etc/passwd')
getenv('HOME')
pragma_version()
current_setting('threads')
if(cached, 1, 2)
ifnull(status, 1)
status // 2
status ^ 2
status ** 2
status & 1
~status
status << 1
route ~ 'x'
route similar to 'x'
route glob 'x'
route collate nocase = 'x'
route like route
route like 'x' escape '!'
route like any ('x', 'y')
regexp_matches(route, 'x')
ts at time zone 'UTC' = ts
current_date > ts
now() > ts
current_user = 'x'
cached is true
status between symmetric 2 and 1
status in route
status in ()
status = null
status in (1, null)
null
route = E'x'
route = $$x$$
status = 0x10
status b
status as b
'x' 'y' = route
floor(cost, 2)
struct_pack(status)
list_value(1)
set threads = 1
attach 'x'
install httpfs
rowid = 1
status =
= status
(status
status)
route = 'x
""".strip().splitlines()


@pytest.mark.parametrize("text", HOSTILE)
def test_what_is_not_on_the_list_is_refused(text: str) -> None:
    with pytest.raises(ExpressionError, match=r"(?s)."):
        parse_expression(text, COLUMNS)


def test_many_hostile_expressions_are_tried() -> None:
    assert len(HOSTILE) >= 40


@pytest.mark.parametrize(
    "text",
    [
        "(" * 100_000 + "cached" + ")" * 100_000,
        "(" * 4_000 + "cached" + ")" * 4_000,
        "not " * 2_000 + "cached",
        "- " * 2_000 + "1",
        "abs(" * 1_000 + "1" + ")" * 1_000,
        "case when cached then " * 200 + "1" + " end" * 200,
        "status" + " + status" * 1_000,
        "cached" + " and cached" * 800,
        "status < 1" + "0" * 9_000,
        "cost < 1e999999999",
        "duration < 1e99 h",
    ],
)
def test_size_is_limited_without_a_crash(text: str) -> None:
    with pytest.raises(ExpressionError):
        parse_expression(text, COLUMNS)


def test_twenty_five_levels_are_read() -> None:
    assert parse_expression("(" * 25 + "cached" + ")" * 25, COLUMNS).kind is Kind.BOOLEAN


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("statsu < 500", "unknown column `statsu`; did you mean `status`?"),
        ("duration < 300", "a duration needs a unit: 300 ms"),
        ("status = '500'", "write 500 without quotes"),
        ("route = 500", "write '500'"),
        ("status <> null", "write `status is null`"),
        ("cached = 'true'", "a boolean stands alone: `cached` or `not cached`"),
        ("ts > '2026-04-01'", "write TIMESTAMP '2026-04-12 02:00:00'"),
        ("duration + 5", "give the number a time unit: 5 ms"),
        ("duration < 5 m", "did you mean `min`?"),
        ("cached and tokens", "`and` joins conditions, found `tokens` (integer)"),
        ("case when cached then 1 else 'x' end", "cannot compare `1` (integer) with `'x'` (text)"),
    ],
)
def test_a_refusal_says_what_would_be_right(text: str, answer: str) -> None:
    with pytest.raises(ExpressionError) as refusal:
        parse_expression(text, COLUMNS)
    assert answer in str(refusal.value)


def numbers(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    pairs = st.tuples(inner, inner)
    return st.one_of(
        st.tuples(inner, st.sampled_from(list("+-*/%")), inner).map(
            lambda parts: f"({' '.join(parts)})"
        ),
        inner.map(lambda x: f"abs({x})"),
        inner.map(lambda x: f"floor({x})"),
        inner.map(lambda x: f"- {x}"),
        pairs.map(lambda p: f"coalesce({p[0]}, {p[1]})"),
        pairs.map(lambda p: f"least({p[0]}, {p[1]}, 3)"),
        pairs.map(lambda p: f"nullif({p[0]}, {p[1]})"),
        pairs.map(lambda p: f"case when {p[0]} > 0 then {p[1]} else null end"),
    )


def conditions(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        inner.map(lambda x: f"not {x}"),
        st.tuples(inner, st.sampled_from([" and ", " or "]), inner).map(
            lambda p: f"({''.join(p)})"
        ),
        st.tuples(inner, inner).map(lambda p: f"({p[0]}) is distinct from ({p[1]})"),
        inner.map(lambda x: f"({x}) is null"),
    )


NUMBERS = st.recursive(
    st.sampled_from(
        [
            "status",
            "tokens",
            "cost",
            "0",
            "1",
            "7",
            "0.000003",
            "2.5",
            "length(route)",
            # In brackets: behind another `/` it would divide by `status / duration` first.
            "(duration/1s)",
        ]
    ),
    numbers,
    max_leaves=4,
)
DURATIONS = st.recursive(
    st.sampled_from(["duration", "1.5 s", "300 ms", "0 s", "5 ns"]),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from([" + ", " - "]), inner).map(lambda p: f"({''.join(p)})"),
        inner.map(lambda x: f"{x} * 0.5"),
        inner.map(lambda x: f"greatest({x}, 1 s)"),
    ),
    max_leaves=3,
)
TEXTS = st.sampled_from(
    ["route", "lower(route)", "upper('x''y')", "coalesce(route, '')", "'%'", "nullif(route, 'x')"]
)
TIMES = st.sampled_from(["ts", "TIMESTAMP '2026-04-12 02:00:00'", "coalesce(ts, ts)"])
COMPARED = st.one_of(
    *(
        st.tuples(side, st.sampled_from(["=", "<>", "<", "<=", ">", ">="]), side).map(" ".join)
        for side in (NUMBERS, DURATIONS, TEXTS, TIMES)
    ),
    st.tuples(NUMBERS, NUMBERS, NUMBERS).map(lambda p: f"{p[0]} between {p[1]} and {p[2]}"),
    st.tuples(NUMBERS, NUMBERS).map(lambda p: f"{p[0]} not in (1, {p[1]})"),
    TEXTS.map(lambda x: f"{x} not ilike 'a%_'"),
    st.tuples(TEXTS, TEXTS).map(lambda p: f"contains({p[0]}, {p[1]})"),
    st.just("cached"),
)
CONDITIONS = st.recursive(COMPARED, conditions, max_leaves=4)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.one_of(NUMBERS, DURATIONS, CONDITIONS), min_size=4, max_size=8))
def test_whatever_is_accepted_runs_on_every_row(texts: list[str]) -> None:
    accepted = []
    for text in texts:
        with contextlib.suppress(ExpressionError):
            accepted.append(rendered(text))
    if accepted:
        assert len(STORE.execute(f"select {', '.join(accepted)} from requests").fetchall()) == 4


@settings(max_examples=60, deadline=None)
@given(CONDITIONS)
def test_generated_conditions_are_accepted_as_conditions(text: str) -> None:
    assert parse_expression(text, COLUMNS).kind is Kind.BOOLEAN
    rows = STORE.execute(f"select {rendered(text)} from requests").fetchall()
    assert all(value in (True, False, None) for (value,) in rows)


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=60) | st.text(alphabet="abst ()'\"=<>-+*/%.,;:0159\\$?[]{}", max_size=40))
def test_any_text_is_read_or_refused_in_a_sentence(text: str) -> None:
    with contextlib.suppress(ExpressionError):
        parse_expression(text, COLUMNS)


# What sqlglot takes for a keyword of DuckDB, less the words that mean something here.
KEYWORDS = sorted(
    word.lower()
    for word in DuckDB.Tokenizer.KEYWORDS
    if re.fullmatch(r"[A-Za-z]\w*", word)
    and word.lower() not in LANGUAGE | {"true", "false", "null", "timestamp"}
)
LIKE_SQL = [*KEYWORDS, "value", "key", "user", "first", "if", "lower", "s", "ms", "min", "h"]


def test_a_column_may_be_named_like_a_word_of_sql() -> None:
    assert len(LIKE_SQL) > 200
    for name in LIKE_SQL:
        columns = {name: Kind.TEXT, "duration": Kind.DURATION}
        for text in (
            f"{name} = 'cold' or not {name} in ('a', 'b')",
            f"duration < 5 s and case when {name} like 'x' then lower({name}) end = {name}",
        ):
            assert name in parse_expression(text, columns).columns, text


@pytest.mark.parametrize("name", sorted(LANGUAGE))
def test_a_column_named_like_a_word_of_the_language_stands_in_quotes(name: str) -> None:
    columns = {name: Kind.TEXT}
    for text in (
        f"\"{name}\" = 'x'",
        f"not \"{name}\" in ('a', 'b') and \"{name}\" is not null",
        f"case when \"{name}\" like 'x' then \"{name}\" else 'y' end = 'x'",
    ):
        assert parse_expression(text, columns).columns == {name}


@pytest.mark.parametrize("name", ["and", "case", "like", "not", "or", "then", "when"])
def test_without_quotes_the_answer_shows_them(name: str) -> None:
    with pytest.raises(ExpressionError) as refusal:
        parse_expression(f"{name} = 'x'", {name: Kind.TEXT})
    assert f'write it as "{name}", in double quotes' in str(refusal.value)


def test_an_operator_stays_one_beside_a_column_of_its_name() -> None:
    columns = {"in": Kind.TEXT, "end": Kind.INTEGER}
    text = 'case when "in" in (\'a\') then "end" else 1 end > 0'
    assert parse_expression(text, columns).columns == {"in", "end"}
