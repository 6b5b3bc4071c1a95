"""What a constraint is translated to holds of the rows of which the database says so: asked of the servers, on rows."""

import json

import pytest
from database_fixtures import ask
from policies import table

import faasera
from faasera.databases.structure import TableStructure
from faasera.schema.check_constraints import translate
from faasera.schema.ddl import read_ddl
from faasera.schema.dialects import dialect_named

ROWS = 400
TEXTS = [
    "",
    " ",
    "a",
    "A",
    "ab@c.d",
    "@x",
    "a_b%",
    "2024-02-29",
    "x,y",
    "abc-def",
    "ÄÖ",
    "sha256:0af3",
    " pad ",
    "1",
    "http://x",
]
RULES = {
    "a": {"type": "RANDOM", "range": {"min": -9, "max": 20}, "nullFraction": 0.1},
    "b": {"type": "RANDOM", "range": {"min": -9, "max": 20}, "nullFraction": 0.1},
    "c": {"type": "RANDOM", "dataType": "DECIMAL(8,2)", "range": {"min": 0, "max": 1}, "nullFraction": 0.1},
    "e": {"type": "RANDOM", "dataType": "DECIMAL(8,2)", "range": {"min": 0, "max": 2}},
    "s": {"type": "SEED", "values": TEXTS, "nullFraction": 0.1},
    "m": {"type": "SEED", "values": TEXTS, "nullFraction": 0.1},
    "d": {"type": "DATE_RANDOM", "range": {"start": "1999-12-25", "end": "2000-03-05"}, "nullFraction": 0.1},
    "f": {"type": "DATE_RANDOM", "range": {"start": "{d} - P40D", "end": "{d} + P20Y"}},
    "ts": {"type": "DATE_RANDOM", "dataType": "TIMESTAMP", "range": {"start": "{d} - PT50H", "end": "{d} + PT50H"}},
    "later": {"type": "DATE_RANDOM", "range": {"start": "2025-06-01", "end": "2045-12-31"}},
    "ok": {"type": "RANDOM", "dataType": "BOOLEAN", "nullFraction": 0.1},
    "no": {"type": "RANDOM", "dataType": "BOOLEAN", "nullFraction": 0.1},
    "j": {"type": "SEED", "dataType": "JSON", "values": ["{}", "[]", "[1, 2]", '{"a": 1}', '"x"', "12", "true"]},
    "tags": {"type": "SEED", "dataType": "JSON", "values": ["[]", '["x"]', '["x", "y"]', '["y","z"]', '["x y"]']},
    "u": {"type": "RANDOM", "dataType": "UUID"},
    "raw": {"type": "RANDOM", "dataType": "BINARY", "length": 5, "nullFraction": 0.1},
}  # fmt: skip
TYPES = {
    "postgres": "a int, b int, c numeric(8,2), e numeric(8,2), s text, m text, d date, f date, ts timestamp, later date, ok boolean, no boolean, j jsonb, tags text[], u uuid, raw bytea",
    "mysql": "a int, b int, c decimal(8,2), e decimal(8,2), s varchar(40) character set utf8mb4, m varchar(40) character set utf8mb4, d date, f date, ts datetime, later date, ok tinyint(1), no tinyint(1), j longtext, u char(36)",
}  # fmt: skip
EXACT = {
    "postgres": [
        "a IN (-1, 0, 1)", "a <> ALL (ARRAY[1, -2])", "a > ANY (ARRAY[3, 9])", "upper(s) IN ('A', 'AB@C.D')", "lower(s) = s", "a % 3 = 0", "mod(a, 4) = -1",
        "a / 3 = -2", "a & 5 = 4", "a # 3 > 2", "a BETWEEN SYMMETRIC b AND 3", "NOT (a BETWEEN 1 AND b)", "a IS DISTINCT FROM b", "a IS NOT DISTINCT FROM 3",
        "ok IS NOT TRUE", "ok IS UNKNOWN OR no", "(ok IS TRUE) <> (no IS FALSE)", "ok::int + no::int = 1", "num_nonnulls(a, raw, s) = 2", "num_nulls(a, b) >= 1",
        "((a IS NULL)::int + (b IS NOT NULL)::int) <= 1", "CASE WHEN a > 3 THEN b > a WHEN ok THEN no END", "coalesce(a, 0) + coalesce(b, 0) > 0",
        "nullif(s, 'a') IS NOT NULL", "greatest(a, b) < 9", "c + c = e", "c + 0.1 <= e", "c % 0.5 = 0", "round(c, 1) = c", "power(a, 2) < 50", "sign(a) = -1",
        "position('@' in s) > 1", "strpos(s, 'b') = 0", "substring(s from 2 for 1) = 'b'", "substr(s, 3) = '@c.d'", "left(s, 1) <> 'a'", "right(s, 2) = 'y'",
        "starts_with(s, 'a_')", "s LIKE 'a!_%' ESCAPE '!'", "s NOT LIKE '%,%'", "s ILIKE 'A%'", "s SIMILAR TO '(a|x)%'", "s || m <> 'aa'", "concat(s, m) = ''",
        "replace(s, '-', '') = s", "s !~ '^[a-z]+$'", "octet_length(s) > 2", "char_length(s) = 2", "bit_length(s) <= 16", "octet_length(raw) = 5", "length(raw) > 5",
        "date_trunc('month', d)::date = d", "date_trunc('day', ts) = d", "date_trunc('hour', ts) = ts", "ts::date = d", "extract(isodow from d) IN (1, 7)",
        "extract(dow from d) = 0", "extract(quarter from f) = 2", "extract(doy from d) > 60", "date_part('minute', ts) IN (0, 15, 30)", "f - d >= 30", "d + 7 < f",
        "f <= d + interval '1 year 2 days'", "ts < d - interval '90 minutes'", "ts - d::timestamp <= interval '1 day 2 hours'",
        "extract(epoch from (ts - d::timestamp)) >= 1800", "to_char(d, 'DD') = '01'", "isfinite(d)", "d <> 'infinity'::date", "jsonb_typeof(j) = 'object'",
        "jsonb_typeof(j) NOT IN ('null', 'array')", "tags <@ ARRAY['x', 'y']", "tags @> ARRAY['x']", "tags && ARRAY['y', 'q']", "'x' = ANY (tags)",
        "NOT ('y' = ANY (tags))", "array_position(tags, NULL) IS NULL", "cardinality(tags) > 0", "tags <> '{}'::text[]", "u <> '00000000-0000-0000-0000-000000000000'::uuid",
        "substring(u::text from 15 for 1) = '4'", "(a, b) IS NOT NULL", "a::text ~ '^1'", "(a IS NULL) = (b IS NULL)", "s IN ('a', '') IS TRUE",
    ],
    "mysql": [
        "`a` in (-1, 0)", "`ok` in (0, 1)", "`ok` is true or `no` = 1", "a MOD 3 = 0", "a DIV 3 = 2", "a & 4", "a <=> b", "NOT (a <=> b)", "(a is null) + (b is null) = 1",
        "LENGTH(s) > 2", "CHAR_LENGTH(s) = 2", "LOCATE('@', s) > 1", "INSTR(s, 'b') = 0", "MID(s, 2, 1) = '_'", "s REGEXP '^[a-z]+$'",
        "IF(a > 1, b, 0) > 1", "IFNULL(a, 0) > 0", "DATEDIFF(ts, d) >= 1", "DAYOFMONTH(d) = 1", "DAYOFWEEK(d) = 1", "WEEKDAY(d) = 0", "f <= d + INTERVAL 1 YEAR",
        "DATE_ADD(d, INTERVAL 1 MONTH) > f", "TIMESTAMPDIFF(HOUR, d, ts) > 2", "c + c = e", "ROUND(c, 1) = c", "a XOR b", "concat(s, '-') = '1-'", "isnull(a) or b > 0",
        "JSON_TYPE(j) = 'OBJECT'",
    ],
}  # fmt: skip
STRICTER = {
    "postgres": [
        "later > CURRENT_DATE", "NOT (later <= now())", "later <= now()", "d <= now() - interval '18 years'", "date_part('year', age(f)) >= 18", "age(f, d) >= interval '18 years'",
        "age(f, d) < interval '6 months'", "CURRENT_DATE - f >= 6570", "d BETWEEN '1900-01-01' AND CURRENT_DATE", "extract(year from f) <= extract(year from now())",
        "s = btrim(s)", "btrim(s) <> ''", "array_length(tags, 1) >= 1",
    ],
    "mysql": ["JSON_VALID(s)", "s LIKE 'a%'", "later > CURDATE()", "TIMESTAMPDIFF(YEAR, f, CURDATE()) >= 18"],
}  # fmt: skip


def structure(dialect: str) -> TableStructure:
    """The table of the columns."""
    return read_ddl(f"CREATE TABLE t ({TYPES[dialect]})", "t", dialect).tables["t"]


def source(dialect: str, rows: list[dict[str, object]]) -> str:
    """The rows as a table of a statement."""
    text = json.dumps(
        rows, ensure_ascii=False, default=lambda one: f"\\x{one.hex()}" if isinstance(one, bytes) else str(one)
    )
    text = text.replace("'", "''")
    if dialect == "postgres":
        return f"json_to_recordset('{text}') AS t({TYPES['postgres']})"
    columns = ", ".join(f"{one} PATH '$.{one.split()[0]}'" for one in TYPES["mysql"].replace("8,2", "8;2").split(", "))
    escaped = text.replace("\\", "\\\\")
    return f"JSON_TABLE('{escaped}', '$[*]' COLUMNS ({columns.replace(';', ',')})) AS t"


@pytest.mark.parametrize("dialect", ["postgres", "mysql"])
def test_conditions_mean_what_the_database_means(dialect, server_url):
    asked = [*EXACT[dialect], *STRICTER[dialect]]
    made = [translate(sql, dialect_named(dialect), structure(dialect)) for sql in asked]
    conditions = {f"q{place}": {"type": "PRESERVE", "expression": text} for place, text in enumerate(made) if text}
    found = faasera.generate(table(RULES | conditions, ROWS))["t"]
    rows = found.select(list(RULES)).to_pylist()
    for row in rows:
        row["j"] = row["j"] if dialect == "mysql" else json.loads(row["j"])
        row["tags"] = json.loads(row["tags"])
    questions = ", ".join(f"({sql}) IS NOT FALSE" for sql in asked)
    answers = ask(server_url(dialect), f"SELECT {questions} FROM {source(dialect, rows)}")
    assert len(answers) == ROWS
    wrong = []
    for place, sql in enumerate(asked):
        ours = [one is not False for one in found[f"q{place}"].to_pylist()] if made[place] else [True] * ROWS
        theirs = [bool(row[place]) for row in answers]
        same = (
            ours == theirs
            if sql in EXACT[dialect]
            else all(b or not a for a, b in zip(ours, theirs, strict=True)) and any(ours)
        )
        if not same:
            row = next(one for one, a, b in zip(rows, ours, theirs, strict=True) if a != b)
            wrong.append((sql, made[place], row))
    assert not wrong, "\n".join(map(str, wrong))
