"""Orders as values and as JSON, and what comes of them wherever they are carried out."""

import json
from pathlib import Path

import pytest
from policies import ROOT, table

import faasera
from faasera.core.errors import PolicyError
from faasera.run.carrying_out import carry_out
from faasera.run.order import Cluster, Files, IntoDatabase, Order
from faasera.run.signing import new_key

POLICY = table({"id": {"type": "SEQUENCE"}, "city": {}}, 500)
ORDERS = [
    Order("policy.json", Files("out")),
    Order(POLICY, Files("s3://bucket/shop?region=eu-central-1", "parquet", {"row_group_rows": 10}, 3, overwrite=True)),
    Order(POLICY, Files("out", resume=True, most_bytes=1 << 40, destination="gs://bucket/x"), version="7", workers=2),
    Order(POLICY, IntoDatabase("warehouse", "append"), seed=0, rows={"t": "10k"}, tables=("t",), check=True),
    Order(POLICY, IntoDatabase("postgresql://me@host/shop"), name="shop", directory="/data", rows=10),
    Order("s3://bucket/policy.yaml", Cluster("s3://bucket/x", "delta", shard_rows=5, master="local[2]"), rows="5m"),
    Order(POLICY, Files("out", options={"delimiter": ";"}), sign="key.pem"),
]


@pytest.mark.parametrize("order", ORDERS)
def test_an_order_comes_back_from_its_json(order):
    assert Order.from_dict(json.loads(json.dumps(order.as_dict()))) == order


@pytest.mark.parametrize(
    ("value", "pointer", "code"),
    [
        ([], "", "bad-option"),
        ({"policy": {}}, "/target", "bad-option"),
        ({"policy": {}, "target": {"out": "x"}}, "/target", "bad-option"),
        ({"policy": {}, "target": {"kind": "tape", "out": "x"}}, "/target", "bad-option"),
        ({"policy": {}, "target": {"kind": "files"}}, "/target/out", "bad-option"),
        ({"policy": {}, "target": {"kind": "files", "out": "x", "formt": "csv"}}, "/target/formt", "unknown-key"),
        ({"policy": {}, "target": {"kind": "rows", "to": "x", "parts": 2}}, "/target/parts", "unknown-key"),
        ({"policy": {}, "target": {"kind": "files", "out": "x"}, "seeds": 1}, "/seeds", "unknown-key"),
        ({"policy": {}, "target": {"kind": "files", "out": "x"}, "seed": "1"}, "/seed", "bad-option"),
        ({"policy": {}, "target": {"kind": "files", "out": "x"}, "rows": [1]}, "/rows", "bad-option"),
        ({"policy": {}, "target": {"kind": "files", "out": "x"}, "check": 1}, "/check", "bad-option"),
    ],
)
def test_what_is_no_order_is_refused_by_name(value, pointer, code):
    with pytest.raises(PolicyError) as raised:
        Order.from_dict(value)
    assert [(problem.pointer, problem.code) for problem in raised.value.problems] == [(pointer, code)]
    assert all(problem.remedy for problem in raised.value.problems)


def test_a_wrong_key_is_told_the_nearest():
    with pytest.raises(PolicyError, match="Did you mean 'shardRows'"):
        Order.from_dict({"policy": {}, "target": {"kind": "cluster", "out": "x", "shardRow": 5}})


@pytest.mark.parametrize(
    "target",
    [
        IntoDatabase("postgresql://me:s3cret@host/shop"),
        Files("s3://key:s3cret@bucket/x"),
        Files("out", destination="s3://key:s3cret@bucket/x"),
        Cluster("s3://key:s3cret@bucket/x"),
    ],
)
def test_the_json_of_an_order_holds_no_password(target):
    with pytest.raises(PolicyError) as raised:
        Order(POLICY, target).as_dict()
    assert "s3cret" not in str(raised.value)


def test_an_order_is_carried_out_with_all_that_it_says(tmp_path):
    (tmp_path / "key.pem").write_bytes(new_key()[0])
    order = Order(
        str(ROOT / "examples/shop/policy.json"),
        Files(str(tmp_path / "out"), "parquet", {"compression": "zstd"}),
        seed=3,
        rows={"customers": 50, "payments": 20},
        tables=("customers",),
        check=True,
        sign=str(tmp_path / "key.pem"),
    )
    made = carry_out(Order.from_dict(order.as_dict()))
    assert made.check is not None and made.check.ok and made.signature
    assert [entry.table.name for entry in made.manifest.tables] == ["customers"]
    told = made.as_dict()
    assert (told["seed"], told["options"], told["signedBy"]) == (3, {"compression": "zstd"}, made.signature)
    want = faasera.load(ROOT / "examples/shop/policy.json", seed=3, rows={"customers": 50, "payments": 20})
    want.write(tmp_path / "want", tables=["customers"])
    digests = [json.loads((tmp_path / one / "_manifest.json").read_text())["tables"] for one in ("out", "want")]
    assert digests[0][0]["digest"] == digests[1][0]["digest"]


@pytest.mark.parametrize(
    ("target", "more", "code"),
    [
        (Files("{}/out"), {"sign": "nowhere.pem"}, "signing-key"),
        (Files("{}/out", "xlsx"), {}, "unknown-format"),
        (Files("{}/out"), {"tables": ("other",)}, "unknown-table"),
        (Files("{}/out", most_bytes=100), {}, "size-limit"),
        (IntoDatabase("sqlite:///{}/out.db", "merge"), {}, "unknown-mode"),
        (IntoDatabase("sqlite:///{}/out.db"), {"sign": "key.pem"}, "no-effect"),
        (Cluster("{}/out"), {}, "bad-option"),
    ],
)
def test_a_wrong_order_leaves_nothing(tmp_path, target, more, code):
    place = {name: str(value).format(tmp_path) for name, value in vars(target).items() if name in ("out", "to")}
    with pytest.raises(PolicyError) as raised:
        carry_out(Order(POLICY, type(target)(**(vars(target) | place)), **more))
    assert raised.value.problems[0].code == code
    assert not (tmp_path / "out").exists()


def test_the_plan_that_is_there_is_the_one_that_is_run(tmp_path: Path):
    plan = faasera.load(POLICY, rows=10).plan
    order = Order.of(plan, Files(str(tmp_path / "out")))
    assert carry_out(order, plan=plan).manifest.rows == 10
    assert carry_out(Order.of(plan, Files(str(tmp_path / "again")))).manifest.rows == 10
