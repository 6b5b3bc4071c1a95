"""Regular expressions as trees: what engines mean by them, look-around as conditions, bounded languages, lengths."""

import re

import pyarrow as pa
import pytest
from policies import column, problem, table

import faasera
from faasera.generators.expression_functions import matches
from faasera.generators.regex.bounding import LADDER, Bounds, bounded, branches
from faasera.generators.regex.characters import ALL, complement, of, union
from faasera.generators.regex.conjuncts import conjuncts, searches
from faasera.generators.regex.flavours import ECMA, GLOB, LIKE, PERL, POSTGRESQL, PYTHON, RE2, SIMILAR
from faasera.generators.regex.lengths import fitted, span
from faasera.generators.regex.reading import read
from faasera.generators.regex.sampling import texts
from faasera.generators.regex.tree import RegexError, Repeat, sequence
from faasera.generators.regex.writing import write


def found(pattern, flavour, text, **how):
    made = write(read(pattern, flavour, **how), RE2)
    return matches(pa.array([text]), pa.scalar(made))[0].as_py()


@pytest.mark.parametrize(
    ("pattern", "flavour", "yes", "no"),
    [
        ("^[+*]{2}$", POSTGRESQL, ["+*"], ["+", "aa"]),
        ("^a.b$", POSTGRESQL, ["a\nb"], ["ab"]),
        ("^a.b$", PERL, ["a b"], ["a\nb"]),
        ("^a.b$", ECMA, ["a b"], ["a\rb", "a\u2028b"]),
        ("^[]-a]+$", POSTGRESQL, ["]", "_", "a"], ["b"]),
        ("^[^]$", ECMA, ["\n"], [""]),
        ("[]", ECMA, [], ["", "a"]),
        (r"^\x0041$", POSTGRESQL, ["A"], ["\x0041"]),
        (r"^\x41\x{42}$", PERL, ["AB"], []),
        (r"^\u0041\u{42}$", ECMA, ["AB"], []),
        (r"\mfoo\M", POSTGRESQL, ["a foo"], ["foot", "afoo"]),
        (r"\yfoo\Y", POSTGRESQL, ["foot"], ["foo"]),
        ("[[:<:]]foo[[:>:]]", PERL, ["a foo"], ["foot"]),
        (r"\m.x", POSTGRESQL, ["ax"], ["-x"]),
        ("[[.-.]][[=a=]]", POSTGRESQL, ["-a"], ["a"]),
        ("***=a.b", POSTGRESQL, ["a.b"], ["axb"]),
        ("***:(?i)a # b", POSTGRESQL, ["A # b"], ["a"]),
        ("(?x)a b # c", POSTGRESQL, ["ab"], ["a b"]),
        ("(?n)^b.$", POSTGRESQL, ["a\nbc"], ["b\n"]),
        (r"^\Qa.b\E$", PERL, ["a.b"], ["axb"]),
        ("^(?i:a)b$", PERL, ["Ab"], ["AB"]),
        ("^(?<x>a)(?'y'b)$", PERL, ["ab"], []),
        (r"^\p{Lu}\P{L}$", ECMA, ["A1"], ["AA", "a1"]),
        ("a{,2}", POSTGRESQL, ["a{,2}"], ["aa"]),
        ("^a{2", ECMA, ["a{2"], ["aa"]),
        ("^(a|^b)", ECMA, ["a", "b"], ["xb"]),
        ("a%", LIKE, ["a", "ab\n"], ["ba"]),
        ("_[b]", LIKE, ["a[b]"], ["ab"]),
        ("(a|b)+[0-9]%", SIMILAR, ["ab1x"], ["1", "xab1"]),
        ("a.", SIMILAR, ["a."], ["ab"]),
        ("[^a]*", GLOB, ["b"], ["a", ""]),
    ],
)
def test_what_engines_mean(pattern, flavour, yes, no):
    for text in yes:
        assert found(pattern, flavour, text), text
    for text in no:
        assert not found(pattern, flavour, text), text


@pytest.mark.parametrize(
    ("pattern", "text"), [(r"^\w$", "é"), ("^[[:alpha:]]$", "é"), (r"^\s$", "\u2003"), (r"^\W$", "é")]
)
def test_what_the_locale_decides_matches_perhaps_and_not_surely(pattern, text):
    assert not found(pattern, POSTGRESQL, text)
    assert found(pattern, POSTGRESQL, text, wide=True)
    assert found("^[^a]$", POSTGRESQL, text)


@pytest.mark.parametrize(
    ("pattern", "flavour", "says"),
    [
        ("(a", POSTGRESQL, "missing '\\)' at character 3"),
        ("[[:vowel:]]", PERL, "no class '\\[:vowel:\\]'"),
        ("(?R)", PERL, "'\\(\\?R' is not understood"),
        (r"\R", PERL, "is not understood"),
        (r"\p{Script=Greek}", ECMA, "category 'Script=Greek'"),
        (r"\2(a)", ECMA, "group that is not there"),
        ("(*FAIL)", PERL, "verbs"),
        ("^*", POSTGRESQL, "cannot be repeated"),
        ("x{99999999}", ECMA, "more than 100,000"),
    ],
)
def test_what_cannot_be_read_is_said(pattern, flavour, says):
    with pytest.raises(RegexError, match=says):
        read(pattern, flavour)


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("^(?=.*[0-9])(?!.*x).{2,}$", [("^.*[0-9]", True), ("^.*x", False), ("^.{2,}$", True)]),
        ("^a+(?<!aa)$", [("a+(?<!aa)", None)]),
        ("^(?!-)[a-z-]{1,3}(?<!-)$", [("^(?:[a-z]|[a-z][a-z-]{0,1}[a-z])$", True)]),
        ("^(?:(?!ab).)*$", [("^.*$", True), ("ab", False)]),
        ("x(?=[a-c])[b-z]+", [("x[bc][b-z]*", True)]),
    ],
)
def test_look_around_becomes_conditions(pattern, expected):
    made = searches(pattern)
    for text in ("", "a1", "x1", "a", "aa", "aaa", "-", "a-", "-a", "a-b", "ab", "xb", "xd", "xbz", "12", "1x"):
        judged = re.search(pattern.replace("(?<!aa)$", "(?<!aa)$"), text) is not None
        ours = all((re.search(one, text) is not None) == wanted for one, wanted in made)
        assert ours == judged, text
    if expected[0][1] is not None:
        assert [(read(one, RE2), wanted) for one, wanted in made] == [
            (read(one, RE2), wanted) for one, wanted in expected
        ]


def test_expressions_take_look_around_next_to_the_ends():
    rules = {"a": {"type": "RANDOM", "pattern": "[a-c1-3]{4}"}}
    rules["b"] = {"type": "PRESERVE", "expression": r"matches(a, '^(?=.*[a-c])(?!.*1)\w+$')"}
    made = faasera.generate(table(rules, 500))["t"]
    for text, said in zip(made.column("a").to_pylist(), made.column("b").to_pylist(), strict=True):
        assert said == (re.search(r"^(?=.*[a-c])(?!.*1)\w+$", text) is not None)
    rules["b"]["expression"] = "matches(a, 'a(?=bc)b')"
    assert "look-around within" in problem(table(rules)).message


@pytest.mark.parametrize(
    ("pattern", "flavour", "written"),
    [
        (r"^\d\w\s[^a]\z", PERL, r"^[0-9][0-9A-Z_a-z][\t-\r ][^a]\z"),
        (r"(?i)ab[^c]", POSTGRESQL, "(?i)ab[^Cc]"),
        ("(?:ab|c){2,3}", POSTGRESQL, "(?:ab|c){2,3}"),
        ("x{300}", POSTGRESQL, "x{255}x{45}"),
        (r"\bA\B", POSTGRESQL, r"\yA\Y"),
        (r"[\]\\^-]$", PYTHON, r"[\-\\-\^]\Z"),
        ("a++b", PERL, "a+b"),
        ("a++a", PERL, "a++a"),
        ("(?=a)b", POSTGRESQL, "(?=a)b"),
    ],
)
def test_trees_are_written_in_each_syntax(pattern, flavour, written):
    made = write(read(pattern, PERL), flavour)
    assert made == written


def test_possessive_repetition_is_kept_where_it_says_something():
    assert write(read("^a*+[^a]$", PERL), RE2) == "^a*[^a]$"
    for pattern in ("a*+a", "(?>a|ab)c", "(?:[ab]*+)+b", "(a*+)a"):
        with pytest.raises(RegexError, match="possessive"):
            write(read(pattern, PERL), RE2)


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("^[+*]+[a-z]*$", "[*+]{1,8}[a-z]{0,8}"),
        ("^[0-9]{3,}$", r"\d{3,11}"),
        ("^([a-z]+-)*x$", "([a-z]{1,8}-){0,2}x"),
        ("@", "[0-9a-z]{1,8}@[0-9a-z]{1,8}"),
        ("^https?://", "https?://[0-9a-z]{1,8}"),
        ("^a$|b$", "a|[0-9a-z]{1,8}b"),
        ("(^|,)a", "a[0-9a-z]{1,8}|[0-9a-z]{1,8},a[0-9a-z]{1,8}"),
        (r"\bfoo\b", "foo"),
        ("^[^@ ]+@.+$", "[0-9a-z]{1,8}@[0-9a-z]{1,8}"),
        ("^[a-z]{1,5000}$", "[a-z]{1,17}"),
    ],
)
def test_bounded_languages_of_unbounded_ones(pattern, expected):
    fill = bounded(Repeat(read(".", RE2), 1, None), LADDER[0])
    made = [bounded(one.whole(fill), LADDER[0]) for one in branches(read(pattern, RE2))]
    assert "|".join(write(one, RE2) for one in made) == expected


def test_a_place_that_no_text_has_is_refused():
    with pytest.raises(RegexError, match="no text"):
        branches(read("a$b", RE2))


@pytest.mark.parametrize(
    ("pattern", "low", "high", "possible"),
    [
        (r"T-?\d{3}.?\d{3}[-.]?", 10, 10, True),
        (r"\d{5}(-\d{4})?", 10, 10, True),
        (r"\d{5}(-\d{4})?", 6, 9, False),
        ("([a-z]{1,8}-){0,4}x", 20, 24, True),
        ("a|b{2,9}|c{20}", 3, 6, True),
        ("[a-z]{1,8}@[a-z]{1,8}", 12, 12, True),
        ("x{3}", 4, 9, False),
    ],
)
def test_trees_of_a_wanted_length(pattern, low, high, possible):
    node = read(pattern, RE2)
    made = fitted(node, low, high)
    assert (made is not None) == possible
    if made is not None:
        shortest, longest = span(made)
        assert low <= shortest <= longest <= high
        for value in column({"type": "RANDOM", "pattern": write(made, RE2)}, 50):
            assert re.fullmatch(pattern, value) and low <= len(value) <= high


def test_texts_that_no_sets_of_characters_tell():
    made = texts(read(r"^(\w)x\1(?=y)..$", POSTGRESQL), 20, 0, 9)
    assert len(set(made)) == 20
    assert all(re.fullmatch(r"(\w)x\1(?=y)..", one) for one in made)
    assert made == texts(read(r"^(\w)x\1(?=y)..$", POSTGRESQL), 20, 0, 9)
    assert texts(read("^a(?=b)c$", POSTGRESQL), 5, 0, 9) == []


def test_sets_of_characters():
    assert complement(complement(of("az-"))) == of("-az")
    assert union(of("abc"), of("cde")) == ((97, 101),)
    assert complement(ALL) == ()
    assert sequence([read("ab", RE2), read("c", RE2)]) == read("abc", RE2)
    assert [one.wanted for one in conjuncts(read("^(?!a)$", RE2))] == [False, True]
    assert bounded(read("a*", RE2), Bounds(3, 1)) == read("a{0,3}", RE2)
