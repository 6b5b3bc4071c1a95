"""CHECK constraints of SQL as conditions of policies: exactly that, or a reason why not."""

import pytest

from faasera.schema.check_constraints import translate
from faasera.schema.ddl import read_ddl
from faasera.schema.dialects import dialect_named
from faasera.schema.dialects.postgresql import POSTGRESQL
from faasera.schema.dialects.unsayable import UnsayableError
from faasera.schema.facts import facts_of
from faasera.schema.rendering import render
from faasera.schema.translator import UntranslatableError

TABLE = read_ddl(
    'CREATE TABLE t (a int, b int, s text, m text, d date, ts timestamp, ok boolean, j jsonb, "x y" int, tags text[], tm time, raw bytea, r int4range, g int GENERATED ALWAYS AS (a) STORED)',
    "t",
    "postgres",
).tables["t"]


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("((a >= 1) AND (a <= 5))", "(a >= 1) and (a <= 5)"),
        ("(m)::text = ANY ((ARRAY['sad'::character varying, 'ok'::character varying])::text[])", "m in ('sad', 'ok')"),
        ("m = ANY ('{sad,ok}'::text[])", "m in ('sad', 'ok')"),
        ("a <> ALL (ARRAY[1, 2])", "a not in (1, 2)"),
        ("a NOT IN (1, 2)", "not (a in (1, 2))"),
        ("s ~ '^[A-Z]{2}$'::text", "matches(s, '^[A-Z]{2}$')"),
        ("s !~* 'x'", "not matches(s, '(?i)x')"),
        ("s ~~ 'A%'::text", "s like 'A%'"),
        ("s ~ '^.$'", "matches(s, '(?s)^.$')"),
        ("s ~ E'^\\\\d'", r"matches(s, '^\d')"),
        ("s ~ '[[:<:]]a\\M'", r"matches(s, '\ba\b')"),
        (r"s !~ '\s'", r"not matches(s, '[\s\pZ\x{85}]')"),
        (r"s !~ '\w'", r"not matches(s, '[^\x00-/:-@\[-\^`{-\x7f]')"),
        ("s ~ ANY (ARRAY['^a', '^b'])", "matches(s, '^a') or matches(s, '^b')"),
        ("s SIMILAR TO '(a|b)_%'", "matches(s, '(?s)^(a|b).')"),
        ("s ~ similar_to_escape('x.%'::text)", r"matches(s, '^x\.')"),
        ("s LIKE '%!%%' ESCAPE '!'", "matches(s, '%')"),
        ("(s ~~ like_escape('%!%%'::text, '!'::text))", "matches(s, '%')"),
        (r"s NOT LIKE 'a\_%'", "not matches(s, '^a_')"),
        (r"s ~ '^(?=.*\d)(?!a).{2,}$'", r"matches(s, '(?s)^(?=.*\d)(?!a).{2,}$')"),
        (r"s ~ 'x{255}y{255}'", "matches(s, 'x{255}y{255}')"),
        ("s NOT LIKE '%@%'", "not (s like '%@%')"),
        ("s ILIKE 'It''s%'", "lower(s) like 'it''s%'"),
        ("char_length(s) BETWEEN 2 AND 10", "length(s) between 2 and 10"),
        ("octet_length(s) < 9", "octet_length(s) < 9"),
        ("length(btrim(s)) > 0", "length(trim(s)) > 0"),
        ("d < CURRENT_DATE", "d < as_of()"),
        ("now() >= ts", "as_of() >= ts"),
        ("status IS NULL OR d IS NOT NULL".replace("status", "s"), "(s is null) or (not (d is null))"),
        ("num_nonnulls(a, b) = 1", "(if(a is null, 0, 1) + if(b is null, 0, 1)) = 1"),
        ("(a IS NULL) <> (b IS NULL)", "(a is null) <> (b is null)"),
        ("ok IS NOT TRUE", "not (coalesce(ok, false) = true)"),
        ("CASE WHEN m = 'x' THEN a > 3 ELSE b < 2 END", "if(coalesce((m = 'x'), false), (a > 3), (b < 2))"),
        ("d <= ts + interval '30 days'", "d <= add_days(ts, 30)"),
        ("d <= (ts - '1 year'::interval)", "d <= add_months(ts, -12)"),
        ('"x y" BETWEEN -5 AND 3', "{x y} between -5 and 3"),
        ("EXTRACT(year FROM d) > 2000", "year(d) > 2000"),
        ("date_part('year', d) >= 1900", "year(d) >= 1900"),
        ("a::numeric / 2 > 1", "(a / 2) > 1"),
        ("tm < '18:00'", "tm < '18:00'"),
        ("cardinality(tags) <= 5", "(length(tags) - length(replace(tags, ',', '')) + 1) <= 5"),
        ("NOT (a = 1 AND b = 2)", "not ((a = 1) and (b = 2))"),
        ("raw IS NULL OR a > 1", "(raw is null) or (a > 1)"),
        ("a IN (-1, 0, 1)", "a in (-1, 0, 1)"),
        ("upper((m)::text) = ANY (ARRAY['SC'::text, 'VC'::text])", "upper(m) in ('SC', 'VC')"),
        ("jsonb_typeof(j) = 'object'", "json_type(j) = 'object'"),
        ("octet_length(raw) = 20 AND length(raw) < 30", "(octet_length(raw) = 20) and (octet_length(raw) < 30)"),
        ("bit_length(s) < 80", "(octet_length(s) * 8) < 80"),
        ("date_trunc('month'::text, (d)::timestamp with time zone) = d", "cut(d, 'month') = d"),
        ("ts::date = d", "date(ts) = d"),
        ("extract(isodow from d) = 1", "weekday(d) = 1"),
        ("ts - d::timestamp <= interval '1 day 2 hours'", "ts <= add_seconds(add_days(d, 1), 7200)"),
        ("extract(epoch from (ts - '2020-01-01'::timestamp)) >= 1800", "seconds_between('2020-01-01', ts) >= 1800"),
        ("CURRENT_DATE - d >= 6570", "days_between(d, as_of()) >= 6570"),
        ("date_part('year', age(d)) >= 18", "age(d) >= 18"),
        ("age(d) >= '18 years'::interval", "as_of() >= add_days(add_months(d, 216), 1)"),
        ("d > CURRENT_DATE", "d > add_months(as_of(), 120)"),
        ("NOT (ts > now())", "not (ts > as_of())"),
        ("d BETWEEN '1900-01-01' AND CURRENT_DATE", "(d >= '1900-01-01') and (d <= as_of())"),
        ("a BETWEEN SYMMETRIC 5 AND 1", "((a >= 5) and (a <= 1)) or ((a >= 1) and (a <= 5))"),
        ("a IS DISTINCT FROM b", "coalesce((a <> b), (not ((a is null) and (b is null))))"),
        ("ok IS UNKNOWN", "ok is null"),
        ("(ok)::integer + (a IS NOT NULL)::integer = 1", "(integer(ok) + integer((not (a is null)))) = 1"),
        ("num_nulls(a, raw) = 0", "(not (a is null)) and (not (raw is null))"),
        ("((a IS NOT NULL)::integer + (b IS NOT NULL)::integer) >= 1", "(not (a is null)) or (not (b is null))"),
        ("tags <@ ARRAY['x'::text]", r"""matches(tags, '^\[(?:(?:"x")(?:, ?(?:"x"))*)?\]$')"""),
        ("NOT ('x' = ANY (tags))", r"""not matches(tags, '[\[,] ?"x"[,\]]')"""),
        ("tags @> ARRAY['x', 'y']", r"""matches(tags, '[\[,] ?"x"[,\]]') and matches(tags, '[\[,] ?"y"[,\]]')"""),
        ("array_length(tags, 1) > 0", "tags <> '[]'"),
        ("array_position(tags, NULL) IS NULL", r"not matches(tags, '[\[,] ?null')"),
        ("position('@' in s) > 1", "position(s, '@') > 1"),
        ("strpos(s, '_') = 0", r"not (s like '%\_%')"),
        ("substring(s from 2 for 1) = 'x'", "substring(s, 2, 1) = 'x'"),
        ("starts_with(s, 'a%')", r"s like 'a\%%'"),
        ("s LIKE 'a!_%' ESCAPE '!'", "matches(s, '^a_')"),
        ("s NOT SIMILAR TO '(a|b)%'", "not matches(s, '^(a|b)')"),
        ("nullif(btrim(s), '') IS NOT NULL", "not ((trim(s) is null) or (trim(s) = ''))"),
        ("concat(s, '-') <> m || 'x'", "concat(coalesce(s, ''), '-') <> concat(m, 'x')"),
        ("a % 5 = 0 AND mod(a, 5) < 3", "((a % 5) = 0) and ((a - (integer(a / 5) * 5)) < 3)"),
        ("a / 2 = 1", "integer((a / 2)) = 1"),
        ("a & 4 = 0", "bit_and(a, 4) = 0"),
        ("a > ALL (ARRAY[1, 2])", "(a > 1) and (a > 2)"),
        ("isfinite(d) AND d <> 'infinity'::date", ""),
        ("NOT isempty(r) AND lower(r) < upper(r) AND NOT upper_inf(r)", ""),
        ("(a, b) IS NOT NULL", "(not (a is null)) and (not (b is null))"),
    ],
)
def test_translations(sql, expected):
    assert translate(sql, POSTGRESQL, TABLE) == (expected or None)


@pytest.mark.parametrize(
    ("sql", "dialect", "expected"),
    [
        ("`b` IN (0, 1) AND JSON_VALID(`j`)", "mysql", "b in (0, 1)"),
        ("JSON_VALID(`j`)", "mysql", None),
        ("LENGTH(`s`) > 3", "mysql", "octet_length(s) > 3"),
        ("JSON_TYPE(`j`) = 'OBJECT'", "mysql", "json_type(j) = 'object'"),
        ("`a` & 4", "mysql", "bit_and(a, 4) <> 0"),
        ("a <=> 3", "mysql", "coalesce((a = 3), false)"),
        ("DATEDIFF(ts, d) >= 1", "mysql", "days_between(d, ts) >= 1"),
        ("d + INTERVAL 1 YEAR > ts", "mysql", "add_months(d, 12) > ts"),
        ("DAYOFMONTH(d) = 1", "mysql", "day(d) = 1"),
        ("m IN (_utf8mb4'x')", "mysql", "m in ('x')"),
        ("((a IS NULL) + (b IS NULL)) = 1", "mysql", "(integer((a is null)) + integer((b is null))) = 1"),
        ("typeof(raw) = 'blob' AND length(raw) = 32", "sqlite", "(not (raw is null)) and (octet_length(raw) = 32)"),
        ("s NOT GLOB '*[^0-9a-f]*'", "sqlite", "not matches(s, '[^0-9a-f]')"),
        (
            "date(s) IS s",
            "sqlite",
            "(s is null) or matches(s, '^(19|20)[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])$')",
        ),
        ("instr(s, '@') > 0", "sqlite", "s like '%@%'"),
        ("`s` REGEXP '^[A-Z]+$'", "mysql", "matches(s, '(?i)^[A-Z]+$')"),
        ("`ok` >= 0", "mysql", "integer(ok) >= 0"),
        ("`ok` IN (1)", "mysql", "ok in (true)"),
        ("s GLOB '[A-Z]*'", "sqlite", "matches(s, '^[A-Z]')"),
        ("s LIKE 'ab%'", "sqlite", "lower(s) like 'ab%'"),
        ('m IN ("x", "y")', "sqlite", "m in ('x', 'y')"),
        ("regexp_full_match(s, '[a-z]+')", "duckdb", "matches(s, '^[a-z]+$')"),
        ("regexp_full_match(s, 'a|b')", "duckdb", "matches(s, '^(?:a|b)$')"),
        ("s SIMILAR TO '[a-z]{2}'", "duckdb", "matches(s, '^[a-z]{2}$')"),
        ("s NOT GLOB '*[^0-9]*'", "sqlite", r"not matches(s, '\D')"),
        (r"s LIKE 'a\_%'", "sqlite", r"matches(s, '(?is)^a\\.')"),
        (r"s LIKE 'a\\_%'", "mysql", "matches(s, '(?i)^a_')"),
        ("REGEXP_LIKE(s, '^x', 'c')", "mysql", "matches(s, '^x')"),
        ("s COLLATE utf8mb4_bin REGEXP '^x'", "mysql", "matches(s, '^x')"),
        ("s REGEXP '^[[:alpha:]]++$'", "mysql", "matches(s, '^[A-Za-z]+$')"),
        ("REGEXP_LIKE(s, '^[^]$')", "", "matches(s, '(?s)^.$')"),
    ],
)
def test_dialects(sql, dialect, expected):
    assert translate(sql, dialect_named(dialect), TABLE) == expected


@pytest.mark.parametrize(
    ("sql", "reason"),
    [
        ("d = now()::date", "the clock"),
        ("CASE WHEN a > 1 THEN d > now() ELSE true END = ok", "the clock"),
        ("extract(month from now()) > a", "the clock"),
        ("j ->> 'kind' = 'x'", "j ->> 'kind'"),
        ("my.own(s)", "my.own(s)"),
        ("age(d, ts) < interval '3 days'", "AGE(d, ts)"),
        ("false", "no row"),
        ("price > 0", "no column price"),
        ("g > 0", "computed by the database"),
        ("r @> 3", "r @> 3"),
        ("a IN (SELECT 1)", "another table"),
        ("s ~ m", "no literal"),
        (r"s ~ '(a)\1'", "references to groups"),
        ("s ~ 'a(?=bc)b'", "look-around within"),
        ("s ~ '['", "ends too early"),
        ("((a >", "cannot be read"),
        ("s::date = d", "CAST"),
    ],
)
def test_what_cannot_be_said_is_said(sql, reason):
    with pytest.raises(UntranslatableError) as raised:
        translate(sql, POSTGRESQL, TABLE)
    assert reason in str(raised.value)


def test_facts():
    found = facts_of(
        [
            "a > 3 and a <= 9",
            "m in ('x', 'y')",
            "m in ('y', 'z')",
            "length(s) >= 2 and 5 > length(s)",
            "d >= ts",
            "not (s is null)",
            "b < -2",
            "matches(s, '^A')",
        ]
    )
    assert (found["a"].above, found["a"].high, found["m"].values) == (3, 9, ["y"])
    assert (found["s"].shortest, found["s"].longest, found["s"].required, len(found["s"].forms)) == (2, 4, True, 1)
    assert found["d"].after == ["ts"] and found["b"].below == -2


@pytest.mark.parametrize(
    ("text", "dialect", "expected"),
    [
        ("a >= 1 and {x y} <> 'it''s'", "postgres", "((\"a\" >= 1) AND (\"x y\" <> 'it''s'))"),
        ("matches(s, '^A')", "postgres", "\"s\" ~ '^A'"),
        ("matches(s, '^A')", "mysql", "(REGEXP_INSTR(`s`, '^A') > 0)"),
        (r"matches(s, '\bA$')", "postgres", "\"s\" ~ '\\yA$'"),
        (r"matches(s, '^\d$')", "mysql", r"(REGEXP_INSTR(`s`, '^[0-9]\\z') > 0)"),
        ("matches(s, '^(?!aa)b')", "duckdb", "(NOT (REGEXP_MATCHES(\"s\", '^aa')) AND REGEXP_MATCHES(\"s\", '^b'))"),
        ("not (s is null) or length(s) < 3", "mysql", "((NOT (`s` IS NULL)) OR (CHAR_LENGTH(`s`) < 3))"),
        ("if(ok, a, b) > 1", "duckdb", '(CASE WHEN "ok" THEN "a" ELSE "b" END > 1)'),
    ],
)
def test_conditions_become_sql_again(text, dialect, expected):
    assert render(text, dialect_named(dialect)) == expected


def test_what_a_dialect_cannot_say_is_said():
    with pytest.raises(UnsayableError, match=r"matches\(\)"):
        render("matches(s, 'a')", dialect_named("sqlite"))
    with pytest.raises(UnsayableError, match=r"age\(\)"):
        render("age(d) > 3", POSTGRESQL)
