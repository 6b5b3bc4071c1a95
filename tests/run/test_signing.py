"""Signed manifests: what is found when somebody has changed something."""

import json
import subprocess

import pytest
from stores import s3
from typer.testing import CliRunner

import faasera
from faasera.core.errors import PolicyError
from faasera.core.storage import Location
from faasera.frontends.cli import app
from faasera.run.signing import fingerprint, private_key, public_key, sign, verify

POLICY = {"tableName": "people", "rowCount": 30, "columnRuleMap": {"first_name": {}, "email": {}}}


def command(*words, **environment):
    result = CliRunner().invoke(app, list(map(str, words)), env=environment)
    return result.exit_code, result.output


@pytest.fixture
def keys(tmp_path):
    path = tmp_path / "signing.key"
    assert command("manifest", "keygen", path)[0] == 0
    return path


@pytest.fixture
def signed(tmp_path, keys):
    out = tmp_path / "out"
    faasera.load(POLICY).write(out, format="parquet")
    sign(Location(out), private_key(keys))
    return out


def test_what_was_signed_is_verified(signed, tmp_path):
    public = public_key(tmp_path / "signing.key.pub")
    found = verify(Location(signed), [public])
    assert found.ok
    assert found.trusted is True
    assert found.key == fingerprint(public)
    assert verify(Location(signed)).trusted is None
    assert faasera.check(signed).ok


def test_the_private_key_is_for_its_owner_alone(keys):
    assert keys.stat().st_mode & 0o077 == 0
    assert command("manifest", "keygen", keys)[0] == 2


@pytest.mark.parametrize("change", ["seed", "digest", "rows", "sha256", "new key"])
def test_a_manifest_that_was_changed(signed, change):
    path = signed / "_manifest.json"
    manifest = json.loads(path.read_text())
    if change == "seed":
        manifest["seed"] += 1
    elif change == "digest":
        manifest["tables"][0]["columns"][0]["digest"] = "0" * 32
    elif change == "rows":
        manifest["tables"][0]["rows"] = 31
    elif change == "sha256":
        manifest["tables"][0]["files"][0]["sha256"] = "0" * 64
    else:
        manifest["more"] = True
    path.write_text(json.dumps(manifest))
    found = verify(Location(signed))
    assert not found.intact
    assert not found.ok
    code, text = command("manifest", "verify", signed)
    assert code == 3
    assert "not as it was signed" in text


def test_another_order_of_keys_and_white_space_change_nothing(signed):
    path = signed / "_manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()), sort_keys=True))
    assert verify(Location(signed)).ok


def test_a_file_that_was_changed_or_taken(signed):
    file = signed / "people.parquet"
    content = bytearray(file.read_bytes())
    content[40] ^= 1
    file.write_bytes(content)
    found = verify(Location(signed))
    assert found.intact
    assert found.changed == ["people.parquet"]
    file.unlink()
    found = verify(Location(signed))
    assert (found.changed, found.missing) == ([], ["people.parquet"])
    assert command("manifest", "verify", signed)[0] == 3


def test_somebody_else_has_signed(signed, tmp_path):
    command("manifest", "keygen", tmp_path / "other.key")
    code, text = command("manifest", "verify", signed, "--public-key", tmp_path / "other.key.pub")
    assert code == 3
    assert "none of those given" in text
    sign(Location(signed), private_key(tmp_path / "other.key"))
    code, _ = command(
        "manifest",
        "verify",
        signed,
        "--public-key",
        tmp_path / "other.key.pub",
        "--public-key",
        tmp_path / "signing.key.pub",
    )
    assert code == 0


@pytest.mark.parametrize(
    "signature", [{}, {"publicKey": "?", "value": "?"}, {"publicKey": "AAAA", "value": "AAAA"}, {"publicKey": 1}]
)
def test_nonsense_for_a_signature(signed, signature):
    path = signed / "_manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"signature": signature}))
    assert not verify(Location(signed)).ok


def test_a_manifest_that_nobody_signed(tmp_path):
    faasera.load(POLICY).write(tmp_path / "out")
    with pytest.raises(PolicyError) as caught:
        verify(Location(tmp_path / "out"))
    assert caught.value.problems[0].code == "not-signed"


def test_a_path_that_leads_elsewhere_is_not_followed(signed, tmp_path):
    (tmp_path / "secret").write_text("secret")
    path = signed / "_manifest.json"
    manifest = json.loads(path.read_text())
    manifest["tables"][0]["files"][0]["path"] = "../secret"
    path.write_text(json.dumps(manifest))
    assert verify(Location(signed)).missing == ["../secret"]


def test_keys_of_openssl_and_of_the_environment(tmp_path):
    faasera.load(POLICY).write(tmp_path / "out")
    key = tmp_path / "openssl.key"
    subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", str(key)], check=True, capture_output=True)
    subprocess.run(
        ["openssl", "pkey", "-in", str(key), "-pubout", "-out", f"{key}.pub"], check=True, capture_output=True
    )
    assert command("manifest", "sign", tmp_path / "out", FAASERA_SIGNING_KEY=key.read_text())[0] == 0
    assert verify(Location(tmp_path / "out"), [public_key(tmp_path / "openssl.key.pub")]).ok


@pytest.mark.parametrize("text", ["", "no key", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"])
def test_what_is_no_key(tmp_path, text):
    faasera.load(POLICY).write(tmp_path / "out")
    (tmp_path / "bad.key").write_text(text)
    code, told = command("manifest", "sign", tmp_path / "out", "--key", tmp_path / "bad.key")
    assert code == 2
    assert "Traceback" not in told


def test_generate_signs_what_it_made(tmp_path, keys):
    (tmp_path / "p.json").write_text(json.dumps(POLICY))
    code, text = command("generate", tmp_path / "p.json", "--out", tmp_path / "signed", "--sign", keys)
    assert code == 0, text
    assert verify(Location(tmp_path / "signed")).ok
    code, text = command(
        "generate", tmp_path / "p.json", "--out", tmp_path / "unsigned", "--sign", tmp_path / "none.key"
    )
    assert code == 2
    assert not (tmp_path / "unsigned").exists()


def test_in_an_object_store(keys, monkeypatch):
    with s3() as store:
        for name, value in store.environment.items():
            monkeypatch.setenv(name, value)
        place = "s3://exports/people"
        faasera.load(POLICY).write(place, format="parquet")
        sign(Location(place), private_key(keys))
        assert verify(Location(place)).ok
