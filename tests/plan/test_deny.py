"""The deny list: left out where a list is drawn from, stopped where a value comes up, in plain and hashed."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from policies import problem, table
from typer.testing import CliRunner

import faasera
from faasera.frontends.cli import app
from faasera.plan.deny import hashes, normal

KEY = "2b7e151628aed2a6abf7158809cf4f3c"


def policy(folder, lines, rules, rows=500, **keys):
    (folder / "deny.txt").write_text("\n".join(lines) + "\n")
    path = folder / "policy.json"
    path.write_text(json.dumps(table(rules, rows, denyList={"file": "deny.txt", **keys.pop("deny", {})}, **keys)))
    return path


def test_a_list_is_drawn_from_without_what_is_denied(tmp_path):
    rules = {"c": {"type": "SEED", "values": ["a", "B", " c ", "d"], "weights": [9, 9, 9, 1]}}
    made = faasera.generate(policy(tmp_path, ["A", "b", "C"], rules))["t"]["c"].to_pylist()
    assert set(made) == {"d"}


@pytest.mark.parametrize("fmt", ["csv", "parquet"])
def test_a_value_that_comes_up_stops_the_run_and_nothing_is_written(tmp_path, fmt):
    rules = {"id": {"type": "SEQUENCE"}, "c": {"type": "PRESERVE", "pattern": "n{id}"}}
    path = policy(tmp_path, ["N321"], rules)
    with pytest.raises(faasera.RunError) as raised:
        faasera.load(path).write(tmp_path / "out", format=fmt)
    message = raised.value.problems[0].message
    assert message == "row 320 of 't.c' has a value of the deny list deny.txt"
    assert not [entry for entry in (tmp_path / "out").rglob("*") if entry.is_file()]


def test_numbers_and_dates_are_compared_as_they_are_written(tmp_path):
    rules = {"d": {"type": "DATE_RANDOM", "range": {"start": "2024-01-01", "end": "2024-01-09"}}}
    with pytest.raises(faasera.RunError):
        faasera.generate(policy(tmp_path, ["2024-01-05"], rules))


def test_a_name_that_is_joined_in_the_row_is_found(tmp_path):
    rules = {"full_name": {"type": "RANDOM", "semanticType": "firstname-lastname"}}
    name = faasera.generate(table(rules, 500))["t"]["full_name"][137].as_py()
    with pytest.raises(faasera.RunError, match="row 137"):
        faasera.generate(policy(tmp_path, [name.upper()], rules))


def test_hashes_are_the_published_ones():
    """RFC 4493, section 4."""
    text = bytes.fromhex("6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411")
    import pyarrow as pa

    given_texts = pa.array([b"", text[:16], text[:40]], pa.binary())
    made = [bytes(one).ljust(16, b"\0").hex() for one in hashes(given_texts, bytes.fromhex(KEY)).tolist()]
    assert made == [
        "bb1d6929e95937287fa37d129b756746",
        "070a16b46b4d4144f79bdd9dd04a287c",
        "dfa66747de9ae63030ca32611497c827",
    ]


@given(st.lists(st.text(max_size=40), min_size=1, max_size=20))
def test_hashes_agree_with_the_cipher_librarys(texts):
    import pyarrow as pa
    from cryptography.hazmat.primitives.ciphers.algorithms import AES
    from cryptography.hazmat.primitives.cmac import CMAC

    expected = []
    for text in texts:
        mac = CMAC(AES(bytes.fromhex(KEY)))
        mac.update(text.encode())
        expected.append(mac.finalize())
    assert [bytes(one).ljust(16, b"\0") for one in hashes(pa.array(texts), bytes.fromhex(KEY)).tolist()] == expected


def test_a_hashed_list_denies_the_same_and_tells_nothing(tmp_path, monkeypatch):
    monkeypatch.setenv("DENY_KEY", KEY)
    (tmp_path / "plain.txt").write_text("Ann\nBob\nEve \n")
    made = CliRunner().invoke(app, ["seeds", "hash", str(tmp_path / "plain.txt"), "--key-env", "DENY_KEY"])
    lines = made.output.split()
    assert made.exit_code == 0 and len(lines) == 3 and all(len(line) == 32 for line in lines)
    rules = {"c": {"type": "SEED", "values": ["ann", "bob", "eve", "kim"]}}
    keys = {"deny": {"keyId": "d"}, "fpeKeys": {"d": {"env": "DENY_KEY"}}}
    assert set(faasera.generate(policy(tmp_path, lines, rules, **keys))["t"]["c"].to_pylist()) == {"kim"}
    rules = {"id": {"type": "SEQUENCE"}, "c": {"type": "PRESERVE", "expression": "if(id = 77, 'Eve', 'x')"}}
    with pytest.raises(faasera.RunError, match="row 76"):
        faasera.generate(policy(tmp_path, lines, rules, **keys))


@pytest.mark.parametrize(
    "lines,deny,pointer,code",
    [
        ([], {}, "/denyList/file", "seed-file-empty"),
        (["x"], {"file": "../x.txt"}, "/denyList/file", "seed-file-outside"),
        (["x"], {"file": "y.txt"}, "/denyList/file", "seed-file-missing"),
        (["x"], {"keyId": "d"}, "/denyList/keyId", "unknown-key-id"),
    ],
)
def test_lists_that_cannot_be_read(tmp_path, lines, deny, pointer, code):
    found = problem(policy(tmp_path, lines, {"c": {"type": "SEQUENCE"}}, deny=deny))
    assert (found.pointer, found.code) == (pointer, code)


def test_a_list_of_hashes_holds_hashes(tmp_path, monkeypatch):
    monkeypatch.setenv("DENY_KEY", KEY)
    path = policy(
        tmp_path,
        ["a" * 32, "Ann"],
        {"c": {"type": "SEQUENCE"}},
        deny={"keyId": "d"},
        fpeKeys={"d": {"env": "DENY_KEY"}},
    )
    found = problem(path)
    assert found.code == "bad-value" and "line 2" in found.message and "Ann" not in str(found)


def test_blanks_and_case_play_no_part():
    import pyarrow as pa

    assert normal(pa.array([" Ünal ", "STRAßE"])).to_pylist() == ["ünal", "straße"]
