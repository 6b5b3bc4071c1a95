"""Where rows find a partition: lists, ranges, hashes, and partitions of partitions."""

from faasera.schema.dialects.partitions import Among, Between, Partition, of_column, regions


def leaf(name, bound):
    return Partition(name, bound=bound)


def said(table, within=None):
    return [
        ({key: limit.says(key) for key, limit in one.limits.items()}, set(one.leaves)) for one in regions(table, within)
    ]


def test_lists_are_joined_and_null_is_named_only_where_it_is_listed():
    parts = [leaf("a", "FOR VALUES IN ('x', 'it''s')"), leaf("b", "FOR VALUES IN ('z')")]
    assert said(Partition("t", "LIST", ("k",), parts=parts)) == [
        ({"k": "k IS NOT NULL AND k IN ('x', 'it''s', 'z')"}, {"a", "b"})
    ]
    parts.append(leaf("c", "FOR VALUES IN (NULL)"))
    assert said(Partition("t", "LIST", ("k",), parts=parts))[0][0] == {"k": "k IN ('x', 'it''s', 'z')"}


def test_ranges_that_follow_each_other_are_one_and_the_longest_comes_first():
    months = [
        leaf("m1", "FOR VALUES FROM ('2024-01-01') TO ('2024-02-01')"),
        leaf("m3", "FOR VALUES FROM ('2024-05-01') TO ('2024-06-01')"),
        leaf("m2", "FOR VALUES FROM ('2024-02-01') TO ('2024-03-01')"),
    ]
    table = Partition("t", "RANGE", ("d",), parts=months)
    first, other = said(table)
    assert first == ({"d": "d IS NOT NULL AND d >= '2024-01-01' AND d < '2024-03-01'"}, {"m1", "m2"})
    assert said(table, frozenset({"m3"})) == [other]
    open_ends = [leaf("a", "FOR VALUES FROM (MINVALUE) TO (5)"), leaf("b", "FOR VALUES FROM (5) TO (MAXVALUE)")]
    assert said(Partition("t", "RANGE", ("n",), parts=open_ends)) == [({"n": "n IS NOT NULL"}, {"a", "b"})]


def test_several_keys_are_bounded_by_the_first_that_differs():
    def only(bound):
        return said(Partition("t", "RANGE", ("a", "b"), parts=[leaf("p", bound)]))[0][0]

    assert only("FOR VALUES FROM (1, 5) TO (1, 9)") == {
        "a": "a IS NOT NULL AND a IN (1)",
        "b": "b IS NOT NULL AND b >= 5 AND b < 9",
    }
    assert only("FOR VALUES FROM (1, MINVALUE) TO (4, MAXVALUE)") == {"a": "a IS NOT NULL AND a >= 1 AND a <= 4"}
    assert only("FOR VALUES FROM (1, 5) TO (2, 3)") == {
        "a": "a IS NOT NULL AND a IN (1)",
        "b": "b IS NOT NULL AND b >= 5",
    }


def test_a_default_takes_what_no_other_does():
    parts = [leaf("a", "FOR VALUES IN (1)"), leaf("rest", "DEFAULT")]
    assert said(Partition("t", "LIST", ("k",), parts=parts)) == [({}, {"a", "rest"})]
    years = Partition("b", "RANGE", ("d",), "FOR VALUES IN (2)", [leaf("b1", "FOR VALUES FROM (10) TO (20)")])
    found = said(Partition("t", "LIST", ("k",), parts=[*parts, years]))
    assert ({"k": "k IS NOT NULL AND k IN (2)", "d": "d IS NOT NULL AND d >= 10 AND d < 20"}, {"b1"}) in found


def test_hashes_are_complete_or_nobody_knows():
    whole = [leaf(f"h{one}", f"FOR VALUES WITH (modulus 3, remainder {one})") for one in range(3)]
    assert said(Partition("t", "HASH", ("k",), parts=whole)) == [({}, {"h0", "h1", "h2"})]
    assert said(Partition("t", "HASH", ("k",), parts=whole[:2])) == []


def test_days_and_years_of_a_column_are_limits_on_it():
    assert of_column("date_trunc('month'::text, at)", Between("'2024-01-01'", None)) == ("at", Between("'2024-01-01'"))
    assert of_column("EXTRACT(year FROM at)", Between("2020", "2022")) == (
        "at",
        Between("'2020-01-01'", "'2022-01-01'"),
    )
    assert of_column("year(`at`)", Among(("2021", "2020"))) == ("`at`", Between("'2020-01-01'", "'2022-01-01'"))
    assert of_column("to_days(`at`)", Between(None, "739403")) == ("`at`", Between(None, "'2024-06-01'"))
    assert of_column("to_days(at)", Between(None, "TO_DAYS('2024-06-01')")) == ("at", Between(None, "'2024-06-01'"))
    assert of_column("unix_timestamp(at)", Between(None, "1709251200")) == (
        "at",
        Between(None, "'2024-03-01 00:00:00'"),
    )
    assert of_column("to_days(at)", Between(None, "now()")) == ("to_days(at)", Between(None, "now()"))
    assert of_column("lower(k)", Among(("'a'",))) == ("lower(k)", Among(("'a'",)))
