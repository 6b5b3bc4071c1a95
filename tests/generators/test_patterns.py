import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from policies import column, problem, table

from faasera.core.streams import Stream
from faasera.core.types import STRING
from faasera.generators.patterns import PatternError, parse_pattern
from faasera.generators.texts import TextDomain

LITERALS = st.sampled_from(["a", "-", r"\.", r"\d", "[a-f]", "[^a-z]", "é", r"\w", "[x-z0]", "."])
PATTERNS = st.recursive(
    LITERALS,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map("".join),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: f"({'|'.join(parts)})"),
        st.tuples(inner, st.sampled_from(["?", "{2}", "{0,2}", "{1,3}"])).map(lambda pair: f"(?:{pair[0]}){pair[1]}"),
    ),
    max_leaves=6,
)


@given(PATTERNS, st.integers(0, 1000))
def test_texts_match_their_pattern(text, seed):
    try:
        domain = TextDomain(parse_pattern(text), STRING)
    except PatternError as error:
        assert "variants" in str(error)
        return
    rows = np.arange(50, dtype=np.uint64)
    random = domain.random(rows, Stream(seed, "t", "c", "value")).to_pylist()
    numbered = domain.at(rows % np.uint64(domain.size)).to_pylist()
    for value in (*random, *numbered):
        assert re.fullmatch(text, value, re.ASCII), (text, value)
        assert len(value) <= domain.max_length


@pytest.mark.parametrize(
    ("text", "size"),
    [("[ab]{3}", 8), ("a|b|cd", 3), ("[0-9]{1,3}", 1110), ("(a|b)?c", 3), ("x{0,3}", 4), ("", 1), ("^a$", 1)],
)
def test_every_text_of_a_language_has_one_number(text, size):
    pattern = parse_pattern(text)
    domain = TextDomain(pattern, STRING)
    assert (domain.size, domain.distinct) == (size, True)
    assert len(set(domain.at(np.arange(size, dtype=np.uint64)).to_pylist())) == size


@pytest.mark.parametrize(
    ("text", "letters"),
    [
        ("[[:alpha:]]{3}", "[A-Za-z]{3}"),
        ("[[:digit:][:upper:]_]{2}", "[0-9A-Z_]{2}"),
        ("[^[:alnum:][:punct:]]", " "),
        ("[+*?{}]{2}", r"[+*?{}]{2}"),
        ("[a-z]{1,3}?", "[a-z]{1,3}"),
        ("(?<word>[a-z])(?P<other>x)", "[a-z]x"),
        ("(?i)ab", "[aA][bB]"),
        ("(?i:a)b", "[aA]b"),
        (r"\x41\s\S", "A .*"),
        ("^a$|^b$", "a|b"),
        (r"\p{Lu}", "[A-Z]"),
        ("(?:a(?# says nothing )b)", "ab"),
    ],
)
def test_what_patterns_say(text, letters):
    values = column({"type": "RANDOM", "pattern": text}, 300)
    assert all(re.fullmatch(letters, value) for value in values), values[:3]
    assert len({value.lower() for value in values}) == 1 or len(set(values)) > 1


def test_ambiguous_patterns_cannot_be_unique():
    assert not TextDomain(parse_pattern("[ab]c?|ac"), STRING).distinct
    rule = {"type": "RANDOM", "pattern": "([ab]|[bc])x", "unique": True}
    assert problem(table({"c": rule}, 3)).code == "not-unique"


def test_lengths_and_alternatives_are_equally_likely():
    lengths = [len(value) for value in column({"type": "RANDOM", "pattern": "[a-z]{1,4}"}, 20_000)]
    for length in (1, 2, 3, 4):
        assert 4700 < lengths.count(length) < 5300
    values = column({"type": "RANDOM", "pattern": "(x|[0-9]{5})"}, 20_000)
    assert 9600 < values.count("x") < 10_400


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a*", "any length"),
        ("a+", "any length"),
        ("[a-z]{3,}", "any length"),
        ("(((((a{99}){99}){99}){99}){99}){99}", "longer than"),
        ("(a|b){30}", "variants"),
        ("(a?){30}", "variants"),
        ("(" * 50 + ")" * 50, "nested"),
        ("[z-a]", "turned round"),
        ("a{3,2}", "turned round"),
        ("[]", "too early"),
        ("[^ -~]", "empty"),
        ("(a", "missing ')'"),
        ("a)", "unmatched"),
        ("a{x}", "{m}"),
        ("*a", "nothing to repeat"),
        ("a$b", "can only stand"),
        (r"\b", "not understood"),
        ("(?=a)", "look-around"),
        ("[[:vowel:]]", "no class"),
        ("(?<=a)b", "look-around"),
        (r"(a)\1", "not understood"),
        ("(?x)a", "not understood"),
        ("(b|a$)c", "can only stand"),
        ("a\\", "too early"),
        ("x" * 5000, "characters"),
        ("a{20000}", "longer than"),
    ],
)
def test_patterns_that_are_refused(text, says):
    found = problem(table({"c": {"type": "RANDOM", "pattern": text}}))
    assert found.code == "pattern"
    assert found.pointer == "/columnRuleMap/c/pattern"
    assert says in found.message
