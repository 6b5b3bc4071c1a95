"""Rules of texts with constraints: the semantic type first, then what meets the constraint, and nothing else degraded."""

import re

import pytest

import faasera
from faasera.schema.ddl import read_ddl
from faasera.schema.documents import read_document
from faasera.schema.infer import policy_of


def imported(ddl, dialect="postgres"):
    return policy_of(read_ddl(ddl, "x", dialect), name="x")


def rules(draft):
    (table,) = draft.policy["tables"]
    return table["columnRuleMap"]


def rule(column, dialect="postgres"):
    draft = imported(f"CREATE TABLE member (id int PRIMARY KEY, {column})", dialect)
    assert draft.problems == ()
    return list(rules(draft).values())[1]


def made(column, rows=200, dialect="postgres"):
    draft = imported(f"CREATE TABLE member (id int PRIMARY KEY, {column})", dialect)
    draft.policy["tables"][0]["rowCount"] = rows
    return faasera.generate(draft.policy)["member"].column(1).to_pylist()


@pytest.mark.parametrize(
    ("column", "semantic"),
    [
        (
            r"email text NOT NULL UNIQUE CHECK (email ~ '^[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}$')",
            "email-address",
        ),
        ("email text NOT NULL CHECK (email ~ '@')", "email-address"),
        ("email text NOT NULL CHECK (email LIKE '%@%.%')", "email-address"),
        ("email text CHECK (email IS NULL OR email ~* '^[A-Z]')", "email-address"),
        ("homepage text NOT NULL CHECK (homepage ~ '^https?://')", "url"),
        (r"ssn char(11) NOT NULL CHECK (ssn ~ '^\d{3}-\d{2}-\d{4}$')", "ssn"),
        ("first_name text NOT NULL CHECK (first_name ~ '^[[:alpha:]]+$')", "first-name"),
        (r"zip text NOT NULL CHECK (zip ~ '^\d{5}$' OR zip ~ '^\d{5}-\d{4}$')", "zip-code"),
        (r"ip varchar(15) NOT NULL CHECK (ip ~ '^(\d{1,3}\.){3}\d{1,3}$')", "ip-address"),
        ("iban varchar(34) NOT NULL CHECK (iban ~ '^[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}$')", "iban-code"),
        ("vin char(17) NOT NULL CHECK (vin ~ '^[A-HJ-NPR-Z0-9]{17}$')", "vin"),
        ("state char(2) NOT NULL CHECK (state ~ '^[A-Z]{2}$')", "state-code"),
        ("slug text NOT NULL CHECK (slug = lower(slug))", "word"),
    ],
)
def test_a_semantic_type_stays_where_its_values_meet_the_constraint(column, semantic):
    assert rule(column)["semanticType"] == semantic


@pytest.mark.parametrize(
    ("column", "form", "given_up"),
    [
        (r"phone text NOT NULL CHECK (phone ~ '^\+?[0-9]{7,15}$')", r"\+1[2-9]\d{2}55501\d{2}", "phone-number"),
        (
            r"phone text NOT NULL UNIQUE CHECK (phone ~ '^\d{3}-\d{3}-\d{4}$')",
            r"[2-9]\d{2}-555-01\d{2}",
            "phone-number",
        ),
        (r"ssn char(9) NOT NULL CHECK (ssn ~ '^\d{9}$')", r"9\d{2}[0-4]\d{5}", "ssn"),
        ("mac text NOT NULL CHECK (mac ~ '^([0-9A-F]{2}-){5}[0-9A-F]{2}$')", "02(-[0-9A-F]{2}){5}", "mac-address"),
        ("username text NOT NULL UNIQUE CHECK (username ~ '^u[0-9]{6}$')", "u[0-9]{6}", "username"),
    ],
)
def test_what_is_given_up_is_said_and_safe_values_stay_safe(column, form, given_up):
    assert f"values of {given_up} do not meet its constraints" in rule(column)["guess"]
    assert all(re.fullmatch(form, value) for value in made(column, 60))


@pytest.mark.parametrize(
    ("column", "form"),
    [
        ("code text NOT NULL UNIQUE CHECK (code = upper(code) AND length(code) = 6)", "[0-9A-Z]{6}"),
        (
            "name text NOT NULL UNIQUE CHECK (char_length(name) BETWEEN 3 AND 20 AND name !~ '[^a-z0-9_]')",
            "[0-9a-z_]{3,20}",
        ),
        ("x text NOT NULL CHECK (x ~ '^[+*]+[a-z]{2,}$')", "[+*]{1,8}[a-z]{2,10}"),
        (
            r"x text NOT NULL CHECK (x ~ '^(?=.*\d)(?=.*[A-Z])[a-zA-Z\d]{8,12}$')",
            r"(?=.*\d)(?=.*[A-Z])[a-zA-Z\d]{8,12}",
        ),
        ("x varchar(5) NOT NULL CHECK (x ~ '^[a-z]+(-[a-z]+)*$')", "(?=.{1,5}$)[a-z]+(-[a-z]+)*"),
        ("x text NOT NULL CHECK (x ~ '^[a-z]+$' AND x ~ '^.{4,6}$')", "[a-z]{4,6}"),
        ("x text NOT NULL CHECK (x SIMILAR TO '[a-z]{2}-_%')", "(?s)[a-z]{2}-..*"),
        ("x text NOT NULL CHECK (x ~ ANY (ARRAY['^a', 'z$']))", "(?s)a.*|.*z"),
        (r"x text NOT NULL CHECK (x ~ '^(.)\1+$')", r"(.)\1+"),
        (r"x text NOT NULL UNIQUE CHECK (x ~ '^a(?=bc)b.[0-9]{4}$')", "abc[0-9]{4}"),
    ],
)
def test_texts_meet_their_constraint(column, form):
    assert rule(column)
    for value in made(column, 50):
        assert re.fullmatch(form, value), value


@pytest.mark.parametrize(
    ("column", "form"),
    [
        (r"iswc char(15) NOT NULL CHECK (iswc ~ '^T-?\d{3}.?\d{3}.?\d{3}[-.]?\d$')", r"T-\d{3}.\d{3}.\d{3}[-.]\d"),
        (r"zip char(10) NOT NULL CHECK (zip ~ '^\d{5}(-\d{4})?$')", r"\d{5}-\d{4}"),
        ("x char(8) NOT NULL CHECK (x !~ '[ A-Z]')", "[^ A-Z]{8}"),
    ],
)
def test_what_postgresql_fills_up_with_blanks_is_of_full_length(column, form):
    for value in made(column, 50):
        assert re.fullmatch(form, value), value
    lengths = {
        len(value) for value in made(column.replace("~ '^", "REGEXP '^").replace("!~", "NOT REGEXP"), 100, "mysql")
    }
    assert len(lengths) > 1 or "x char" in column


def test_one_check_that_cannot_be_met_degrades_nothing_else():
    ddl = """CREATE TABLE t (id int PRIMARY KEY, zip text NOT NULL CHECK (zip ~ '^[0-9]{5}$'), slug text NOT NULL CHECK (slug = lower(slug)),
        email text NOT NULL CHECK (email LIKE '%@%'), a int NOT NULL, b int NOT NULL, CONSTRAINT far CHECK (a > b * 10 AND b > 2000),
        x text NOT NULL CONSTRAINT never CHECK (x ~ 'a$b'))"""
    draft = imported(ddl)
    found = rules(draft)
    assert [found[name].get("semanticType") for name in ("zip", "slug", "email", "x")] == [
        "zip-code",
        "word",
        "email-address",
        "sentence",
    ]
    assert found["a"]["range"] == {"min": 1, "max": 1000}
    (table,) = draft.policy["tables"]
    assert not draft.problems and table["rowCount"] == 0
    assert "'far'" in table["guess"] and "'never'" in table["guess"]


def test_texts_that_were_tried_are_assumed_to_hold():
    draft = imported(
        r"CREATE TABLE t (id int PRIMARY KEY, x varchar(6) NOT NULL CONSTRAINT twice CHECK (x ~ '^(..)-\1$'))"
    )
    (check,) = draft.policy["tables"][0]["checks"]
    assert check["assumed"] and check["name"] == "twice"
    assert "tried" in rules(draft)["x"]["guess"]
    assert [note.broken for note in draft.notes] == [False]


@pytest.mark.parametrize(
    ("pattern", "form"),
    [
        ("^[0-9]{1,3}?$", "[0-9]{1,3}"),
        (r"^#(?:[0-9a-fA-F]{3}){1,2}$", r"#(?:[0-9a-fA-F]{3}){1,2}"),
        (r"^(?=.*\d)[\w-]{8,}$", r"(?=.*\d)[\w-]{8,}"),
        (r"^\p{Lu}\p{Ll}+$", "[A-Z][a-z]+"),
        (r"^(?!-)[a-z0-9-]{1,63}(?<!-)$", "(?!-)[a-z0-9-]{1,63}(?<!-)"),
        (r"^(\w)\1$", r"(\w)\1"),
    ],
)
def test_patterns_of_json_schema(pattern, form):
    schema = {"title": "t", "required": ["x"], "properties": {"x": {"type": "string", "pattern": pattern}}}
    draft = policy_of(read_document(schema, "x.json", "x"), name="x")
    assert draft.problems == ()
    draft.policy["tables"][0]["rowCount"] = 100
    for value in faasera.generate(draft.policy)["t"].column("x").to_pylist():
        assert re.fullmatch(form, value), value
