"""What the check says of each kind of rule in SQL is what the engine makes of it."""

import pytest
from policies import table

import faasera

BESIDE = {
    "b": {"type": "RANDOM", "range": {"min": -20, "max": 20}},
    "d": {"type": "RANDOM", "dataType": "DECIMAL(8,2)", "range": {"min": -9, "max": 99}},
    "x": {"type": "RANDOM", "dataType": "DOUBLE", "range": {"min": -5, "max": 5}},
    "s": {"type": "SEED", "values": ["Ann Lee", "bob", "ÉCLAIR", " x ", ""], "nullFraction": 0.1},
    "t": {"type": "DATE_RANDOM", "range": {"start": "1990-01-31", "end": "2024-02-29"}},
    "u": {"type": "DATE_RANDOM", "range": {"start": "1990-01-31 00:00:00", "end": "2024-02-29"}},
    "f": {"type": "RANDOM", "dataType": "BOOLEAN"},
}


def checked(tmp_path, rules, rows=2000):
    """The report, and the columns whose rules SQL cannot state."""
    faasera.load(table(rules, rows)).write(tmp_path / "o", format="parquet")
    report = faasera.check(tmp_path / "o")
    assert report.ok, [(finding.kind, finding.subject, finding.detail, finding.samples) for finding in report.failed]
    return report, {finding.subject for finding in report.skipped}


@pytest.mark.parametrize(
    "pattern",
    [
        r"\d{3}-\w{2}",
        r"(A|BX)[0-9]{4,6}-[a-z]?",
        r"[^a-y]{3}",
        r"a\.b\*c{2}",
        r"[\]\-\\]{2}x",
        r"(ab|cd){2,3}e?",
        r"é{1,2}[à-ü]",
        r"\$[1-9]\d{0,2}(,\d{3}){1,2}",
        r"x{0}y",
        r".{3}",
        r"[[:alpha:]]",
        r"(?:ab)c",
        r"[a'\"]{4}",
    ],
)
def test_patterns(tmp_path, pattern):
    assert checked(tmp_path, {"c": {"type": "RANDOM", "pattern": pattern}})[1] == set()


EXPRESSIONS = [
    "b % 7", "b / 3", "-b + 2 * (d - 1)", "if(f, b, d)", "coalesce(s, 'none')", "least(b, d, 3)", "greatest(t, u)", "concat(s, '-', b, ' ', t, ' ', f)",
    "text(u)", "lower(s)", "upper(s)", "trim(s)", "ascii(s)", "length(s)", "left(s, 2)", "right(s, 2)", "right(s, 0)", "substring(s, 2, 3)",
    "replace(s, 'b', 'BB')", "pad(b, 5)", "number(b)", "integer(x)", "round(x, 2)", "round(d)", "floor(x)", "ceil(d)", "abs(x)", "abs(b)", "sqrt(d)",
    "year(t)", "month(u)", "day(t)", "weekday(t)", "hour(u)", "days_between(t, u)", "add_days(t, b)", "add_days(u, b)", "add_months(t, 1)",
    "add_months(u, -13)", "age(t)", "as_of() > t", "t = '2000-01-01'", "t < u", "b in (1, 2, 3)", "not f and b > 0 or s = 'bob'", "if(b > 0, 'pos', null)",
    "s <> 'bob'", "days_between(t, as_of()) / 365.25", "d * 0.15", "x * x", "if(s = 'bob', 1, 2.5)", "d", "concat(d)", "title(s)",
    "substring(s, 2)", "position(s, 'o')", "power(b, 2)", "bit_and(b, 3)", "bit_or(b, 3)", "bit_xor(b, 3)", "json_type(s)", "minute(u)", "second(u)",
    "date(u)", "cut(t, 'month')", "cut(u, 'hour')", "cut(t, 'week')", "add_seconds(u, b)", "seconds_between(t, u)",
]  # fmt: skip


def test_expressions(tmp_path):
    rules = {f"e{number}": {"type": "PRESERVE", "expression": text} for number, text in enumerate(EXPRESSIONS)}
    for kind in ("INTEGER", "DECIMAL(12,3)", "DOUBLE"):
        rules |= {
            f"{kind} {text}": {"type": "PRESERVE", "dataType": kind, "expression": text}
            for text in ("b / 3", "d * 0.15", "x * x", "d")
        }
    rules["cut"] = {"type": "PRESERVE", "expression": "concat(s, s, s)", "maxLength": 5}
    skipped = checked(tmp_path, BESIDE | rules)[1]
    assert {EXPRESSIONS[int(name[1:])] for name in skipped} == {"concat(d)", "title(s)"}


def test_templates(tmp_path):
    texts = [
        "{s|lower}.{b}@example.com", "{s}", "{s|upper|left:2}-{b|pad:4}", "{s|slug}", "{t}|{u}", "{d}{f}", "{{x}} {s|trim}",
        "{s|ascii}.{s|right:1}@ex.org", "O'Neil {s}@example.com", "{x}", "{s|title}",
    ]  # fmt: skip
    rules = {f"t{number}": {"type": "PRESERVE", "pattern": text} for number, text in enumerate(texts)}
    assert checked(tmp_path, BESIDE | rules)[1] == {"t9", "t10"}


def test_dates(tmp_path):
    ranges = [
        {"start": "{t}", "end": "{t} + P1M"}, {"start": "{u} - P1Y", "end": "{u}"}, {"start": "asOf - P80Y", "end": "asOf"},
        {"start": "2024-01-01 12:00:00", "end": "2024-01-02"}, {"start": "{t} + PT5H", "end": "{t} + P3D"},
    ]  # fmt: skip
    rules = {f"r{number}": {"type": "DATE_RANDOM", "range": one} for number, one in enumerate(ranges)}
    rules |= {
        f"q{number}": {"type": "DATE_RANDOM", "range": one, "format": "%d.%m.%Y"} for number, one in enumerate(ranges)
    }
    for kind in ("DATE", "TIMESTAMP"):
        rules[kind] = {
            "type": "DATE_RANDOM",
            "dataType": kind,
            "range": {"start": "{u}", "end": "{u} + P20D"},
            "weekdays": ["SAT", "MON"],
        }
    rules["normal"] = {"type": "DATE_RANDOM", "range": {"start": "asOf - P9Y", "end": "asOf"}, "distribution": "NORMAL"}
    assert checked(tmp_path, BESIDE | rules)[1] == set()


def test_distributions(tmp_path):
    asked = [("INTEGER", 0, 100, one) for one in ("UNIFORM", "NORMAL", "EXPONENTIAL", "TRIANGULAR", "ZIPF")]
    asked += [
        ("INTEGER", 0, 100, {"type": "LOGNORMAL", "mean": 2, "stddev": 0.6}),
        ("INTEGER", 0, 100, {"type": "HISTOGRAM", "edges": [0, 10, 60, 100], "weights": [3, 1, 2]}),
        ("INTEGER", 1, 4, {"type": "WEIGHTED", "weights": [1, 0, 5, 2]}),
        ("BIGINT", -(10**15), 10**15, "NORMAL"),
        ("DOUBLE", 0, 1, "NORMAL"),
        ("DOUBLE", -3, 3, {"type": "HISTOGRAM", "edges": [-3, 0, 3], "weights": [1, 3]}),
        ("DECIMAL(8,2)", 0, 5, "EXPONENTIAL"),
        ("DATE", "2020-01-01", "2020-12-31", "NORMAL"),
        ("TIME", "08:00:00", "09:00:00", "TRIANGULAR"),
        (
            "TIMESTAMP",
            "2024-01-01 00:00:00",
            "2024-01-09 00:00:00",
            {"type": "NORMAL", "mean": "2024-01-04 00:00:00", "stddev": "P1D"},
        ),
    ]
    rules = {
        f"c{number}": {"type": "RANDOM", "dataType": kind, "range": {"min": low, "max": high}, "distribution": shape}
        for number, (kind, low, high, shape) in enumerate(asked)
    }
    report, skipped = checked(tmp_path, rules, 20_000)
    assert skipped == set()
    assert {finding.subject for finding in report.passed if finding.kind == "distribution"} == set(rules)


def test_lists_and_everything_else(tmp_path):
    kinds = [
        "STRING",
        "INTEGER",
        "BIGINT",
        "DECIMAL(5,2)",
        "DOUBLE",
        "BOOLEAN",
        "DATE",
        "TIMESTAMP",
        "TIME",
        "UUID",
        "JSON",
        "BINARY",
    ]
    rules = {f"k{number}": {"type": "RANDOM", "dataType": kind} for number, kind in enumerate(kinds)} | {
        "repeated": {"type": "SEED", "values": [1, 2, 2, 3], "weights": [1, 1, 1, 1]},
        "dates": {"type": "SEED", "values": ["2024-01-01", "2024-02-01"], "dataType": "DATE"},
        "truths": {"type": "SEED", "values": [True, False], "weights": [1, 3]},
        "decimals": {"type": "SEED", "values": [1.5, 2.25], "dataType": "DECIMAL(4,2)"},
        "cut": {"type": "SEED", "values": ["abcdef", "xyz"], "maxLength": 4},
        "mixed": {"type": "SEED", "values": [1, "x", True, 1e300]},
        "reals": {"type": "SEED", "values": [0.1, 0.2, 1e-7]},
        "quarters": {"type": "RANDOM", "dataType": "DOUBLE", "range": {"min": 0, "max": 5, "step": 0.25}},
        "weeks": {"type": "RANDOM", "range": {"min": "2024-01-01", "max": "2024-03-01", "step": "P7D"}},
        "number": {"type": "CONSTANT", "value": 1.5},
        "day": {"type": "CONSTANT", "value": "2024-01-01", "dataType": "DATE"},
        "letters": {"type": "RANDOM", "length": {"min": 0, "max": 3}, "alphabet": "a'-\""},
        "city": {"type": "RANDOM", "semanticType": "city", "maxLength": 5},
    }
    assert checked(tmp_path, rules)[1] == set()


def test_columns_of_one_line_of_a_file_that_a_case_takes_its_values_from(tmp_path):
    (tmp_path / "towns.csv").write_text("town,code\nHoya,1\nBonn,2\n")
    towns = {"type": "SEED", "seedFileName": "towns.csv", "group": "g"}
    case = [{"where": {"f": True}, "rule": towns}]
    rules = {"f": BESIDE["f"], "town": {"type": "CONSTANT", "value": "Rome", "when": case}}
    policy = {"seedDirectory": str(tmp_path), **table(rules, 50)}
    faasera.load(policy).write(tmp_path / "o")
    report = faasera.check(tmp_path / "o", seed_directory=tmp_path)
    assert report.ok
    assert [finding.kind for finding in report.passed if finding.subject == "town"].count("values") == 2


def test_json_is_compared_by_its_value_and_patterns_by_its_text(tmp_path):
    rules = {
        "kind": {"type": "SEED", "dataType": "JSON", "values": ['{"a": 1}', '{ "a":2 }']},
        "made": {"type": "RANDOM", "dataType": "JSON", "pattern": r'\{"n":  [1-9]\}'},
        "case": {"type": "CONSTANT", "value": 0, "when": [{"where": {"kind": '{"a": 1}'}, "rule": {"type": "CONSTANT", "value": 1}}]},
    }  # fmt: skip
    faasera.load(table(rules, 50)).write(tmp_path / "o")
    report = faasera.check(tmp_path / "o")
    assert report.ok
    assert {finding.subject for finding in report.passed if finding.kind in ("values", "pattern")} == set(rules)
