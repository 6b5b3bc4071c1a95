"""Policies over HTTP: checked, kept, compared, protected against each other's edits."""

import pytest
from service_process import POLICY, Api, ServerProcess


def changed(**keys):
    return {**POLICY, **keys}


def test_all_problems_of_a_policy_come_at_once(api: Api):
    wrong = changed(rowCount="ten", primaryKeyColum="id")
    found = api.call("POST", "/policies/validate", json={"policy": wrong})
    assert not found["valid"]
    assert {problem["pointer"] for problem in found["problems"]} == {"/rowCount", "/primaryKeyColum"}
    assert api.call("POST", "/policies/validate", json={"policy": POLICY})["valid"]


def test_versions(api: Api):
    first = api.put("versions", POLICY)
    assert (first["version"], first["policy"]) == (1, POLICY)
    assert api.put("versions", POLICY)["version"] == 1
    second = api.put("versions", changed(rowCount=2000))
    assert second["version"] == 2
    assert api.call("GET", "/policies/versions")["policy"]["rowCount"] == 2000
    assert api.call("GET", "/policies/versions?version=1")["policy"] == POLICY
    assert api.call("GET", "/policies/versions/versions/1")["policy"] == POLICY
    listed = api.call("GET", "/policies/versions/versions")
    assert [entry["version"] for entry in listed["items"]] == [2, 1]
    api.refused("GET", "/policies/versions?version=3", 404, "unknown-version")


def test_diff(api: Api):
    api.put("diff", POLICY)
    rules = {**POLICY["columnRuleMap"], "city": {}}
    api.put("diff", changed(rowCount=5, columnRuleMap=rules))
    assert api.call("GET", "/policies/diff/diff?from=1&to=2") == [
        {"op": "replace", "path": "/rowCount", "before": 1000, "value": 5},
        {"op": "add", "path": "/columnRuleMap/city", "value": {}},
    ]


def test_two_people_do_not_overwrite_each_other(api: Api):
    tag = api.client.put("/api/v1/policies/shared", json={"policy": POLICY}).headers["ETag"]
    path, mine = "/api/v1/policies/shared", {"policy": changed(rowCount=1)}
    assert api.client.put(path, json=mine, headers={"If-Match": tag}).status_code == 201
    api.refused("PUT", "/policies/shared", 412, "policy-changed", json=mine, headers={"If-Match": tag})
    api.refused("PUT", "/policies/shared", 412, "policy-exists", json=mine, headers={"If-None-Match": "*"})
    now = api.client.get(path).headers["ETag"]
    assert api.client.get(path, headers={"If-None-Match": now}).status_code == 304
    api.refused("DELETE", "/policies/shared", 412, headers={"If-Match": tag})
    api.call("DELETE", "/policies/shared", headers={"If-Match": now})
    api.refused("GET", "/policies/shared", 404, "unknown-policy")


def test_pages(server: ServerProcess, api: Api):
    with server.client(api.key("author", "pages", "pages")) as client:
        other = Api(client)
        names = [f"p{number:02}" for number in range(7)]
        for name in names:
            other.put(name, POLICY)
        seen, path = [], "/policies?limit=3"
        for _ in range(3):
            page = other.call("GET", path)
            seen += [entry["name"] for entry in page["items"]]
            path = f"/policies?limit=3&cursor={page['next']}"
        assert page["next"] is None
        assert seen == names
        assert "policy" not in page["items"][0]
    with server.client() as client:
        assert not {entry["name"] for entry in Api(client).call("GET", "/policies?limit=500")["items"]} & set(names)
        moved = Api(client).call("GET", "/policies", headers={"Faasera-Project": "pages"})
        assert [entry["name"] for entry in moved["items"]] == names


@pytest.mark.parametrize(
    ("name", "policy", "status", "code"),
    [
        ("a b", POLICY, 400, "bad-name"),
        ("..", POLICY, 404, None),
        ("x" * 64, POLICY, 400, "bad-name"),
        ("ok", changed(rowCount="ten"), 422, "bad-value"),
        ("ok", changed(seedDirectory="/etc"), 422, "seed-directory"),
        ("ok", changed(seedDirectory="a/../../b"), 422, "seed-directory"),
        ("ok", changed(rowCount=10**15), 422, "too-many-rows"),
        ("ok", changed(rowCount=50_000_001), 422, "too-many-rows"),
    ],
)
def test_refused(api: Api, name, policy, status, code):
    api.refused("PUT", f"/policies/{name}", status, code, json={"policy": policy})


def test_the_servers_secrets_are_out_of_reach(api: Api):
    rules = {**POLICY["columnRuleMap"], "ssn": {"type": "FPE_ENCODED", "pattern": "###-##-####", "fpeKeyId": "k"}}
    for source, pointer in (({"file": "../lock"}, "/fpeKeys/k/file"), ({"env": "HOME"}, "/fpeKeys/k/env")):
        policy = {"fpeKeys": {"k": source}, **changed(columnRuleMap=rules)}
        found = api.refused("PUT", "/policies/keys", 422, "key-source", json={"policy": policy})
        assert found["pointer"] == pointer


def test_the_catalog_is_the_command_lines(api: Api):
    from faasera.frontends.catalog import catalog, schema

    whole = api.call("GET", "/catalog")
    assert list(whole) == list(catalog())
    assert api.call("GET", "/catalog/generationTypes") == whole["generationTypes"]
    assert api.call("GET", "/catalog/generationTypes/seed")["name"] == "SEED"
    assert "SEED" in api.refused("GET", "/catalog/generationTypes/SED", 404)["remedy"]
    assert api.call("GET", "/json-schema") == schema()
