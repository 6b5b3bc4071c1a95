"""Who may do what: keys, roles, projects, tokens, rates, and what is written down of it."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from service_process import POLICY, Api, ServerProcess

OPEN = {"/healthz", "/readyz"}
NEEDS = {
    "viewer": {("GET", "/me"), ("GET", "/policies"), ("GET", "/catalog"), ("GET", "/jobs"), ("GET", "/seeds")},
    "author": {("POST", "/policies/validate"), ("PUT", "/policies/{name}"), ("DELETE", "/policies/{name}"),
               ("POST", "/preview"), ("POST", "/schema/import"), ("PUT", "/seeds/{name}"), ("DELETE", "/seeds/{name}")},
    "operator": {("POST", "/jobs"), ("POST", "/jobs/{id}/cancel"), ("POST", "/jobs/{id}/retry"), ("DELETE", "/jobs/{id}")},
    "admin": {("POST", "/keys"), ("GET", "/keys"), ("DELETE", "/keys/{id}"), ("GET", "/audit")},
}  # fmt: skip
BODIES = {
    "/policies/validate": {"policy": POLICY},
    "/policies/{name}": {"policy": POLICY},
    "/preview": {"policy": POLICY},
    "/schema/import": {"ddl": "CREATE TABLE t (id INT PRIMARY KEY)"},
    "/jobs": {"policy": POLICY},
    "/keys": {"name": "made-by-role", "role": "viewer"},
}


@pytest.fixture(scope="module")
def keys(server: ServerProcess) -> dict[str, str]:
    with server.client() as client:
        return {role: Api(client).key(role, f"only-{role}") for role in ("viewer", "author", "operator")}


def filled(path: str) -> str:
    return path.replace("{name}", "x.csv" if "seeds" in path else "role-made").replace("{id}", "job-0000000000000000")


def test_every_endpoint_wants_a_key(server: ServerProcess):
    with server.client("") as client:
        document = client.get("/api/v1/openapi.json").json()
        asked = 0
        for path, calls in document["paths"].items():
            for method in calls:
                plain = path.replace("{", "").replace("}", "")
                for header in ({}, {"Authorization": "Bearer nonsense"}, {"Authorization": "Basic !!!"}):
                    answer = client.request(method.upper(), plain, headers=header, json={} if method != "get" else None)
                    assert answer.status_code in ((200,) if path in OPEN else (401, 429)), (method, path)
                asked += 1
        assert asked > 35


def test_a_revoked_key_opens_nothing(server: ServerProcess, api: Api):
    key = api.key("operator", "soon-gone")
    with server.client(key) as client:
        other = Api(client)
        identifier = other.call("GET", "/me")["id"]
        assert other.call("GET", "/jobs") is not None
        api.call("DELETE", f"/keys/{identifier}")
        for method, path in (("GET", "/jobs"), ("POST", "/jobs"), ("GET", "/stream/x/y"), ("GET", "/me")):
            other.refused(method, path, 401, "bad-key")
    listed = {one["id"]: one for one in api.call("GET", "/keys?limit=500")["items"]}
    assert listed[identifier]["revoked"]
    api.refused("DELETE", "/keys/000000000000", 404, "unknown-key-id")


@pytest.mark.parametrize("needed", ["author", "operator", "admin"])
def test_too_small_a_role(server: ServerProcess, keys, needed):
    order = list(NEEDS)
    for role in order[: order.index(needed)]:
        with server.client(keys[role]) as client:
            for method, path in NEEDS[needed]:
                body = {"json": BODIES[path]} if path in BODIES else {}
                if method in ("PUT", "POST") or "{id}" not in path or needed == "admin":
                    Api(client).refused(method, filled(path), 403, "role-too-small", **body)


@pytest.mark.parametrize("role", ["viewer", "author", "operator"])
def test_large_enough_a_role(server: ServerProcess, keys, role):
    order = list(NEEDS)
    with server.client(keys[role]) as client:
        for needed in order[: order.index(role) + 1]:
            for method, path in sorted(NEEDS[needed], key=lambda one: one[0] == "DELETE"):
                body = {"json": BODIES[path]} if path in BODIES else {}
                answer = client.request(method, f"/api/v1{filled(path)}", **body)
                assert answer.status_code not in (401, 403), (method, path, answer.text)


def test_projects_do_not_see_each_other(server: ServerProcess, api: Api):
    keys = {name: api.key("operator", "worker", f"team-{name}") for name in ("a", "b")}
    with server.client(keys["a"]) as one, server.client(keys["b"]) as other:
        mine, theirs = Api(one), Api(other)
        mine.put("secret", POLICY)
        mine.call("PUT", "/seeds/secret.csv", content=b"n\n1\n")
        job = mine.done(policyName="secret")
        for path in ("/policies/secret", "/seeds/secret.csv", f"/jobs/{job['id']}", f"/jobs/{job['id']}/artifacts.zip"):
            theirs.refused("GET", path, 404)
            theirs.refused("GET", path, 403, "role-too-small", headers={"Faasera-Project": "team-a"})
        for method, path in (("POST", f"/jobs/{job['id']}/cancel"), ("DELETE", f"/jobs/{job['id']}")):
            theirs.refused(method, path, 404)
        assert theirs.call("GET", "/jobs")["items"] == []
        policy = {
            "tableName": "t",
            "columnRuleMap": {"n": {"type": "SEED", "seedFileName": "../team-a/seeds/secret.csv"}},
        }
        theirs.refused("POST", "/preview", 422, json={"policy": policy})
    assert api.call("GET", f"/jobs/{job['id']}", headers={"Faasera-Project": "team-a"})["project"] == "team-a"


def test_the_audit_log_says_who_did_what(server: ServerProcess, api: Api, keys):
    with server.client(keys["viewer"]) as client:
        Api(client).refused("PUT", "/policies/audited", 403, json={"policy": POLICY})
    api.put("audited", POLICY)
    job = api.done(policyName="audited")
    api.call("DELETE", "/policies/audited")
    lines = api.call("GET", "/audit?limit=500")["items"]
    found = {(line["name"], line["action"], line["subject"], line["outcome"]) for line in lines}
    assert ("admin", "policy.put", "audited 1", "done") in found
    assert ("admin", "job.create", job["id"], "done") in found
    assert ("admin", "policy.delete", "audited", "done") in found
    assert ("only-viewer", "put refused", "/api/v1/policies/audited", "role-too-small") in found
    assert any(line["action"] == "key.create" for line in lines)


def test_keys_are_not_kept(server: ServerProcess, api: Api, keys):
    secret = keys["operator"].split("_", 2)[2].encode()
    api.done(policy=POLICY)
    for path in [*server.data.rglob("*"), server.log]:
        if path.is_file():
            assert secret not in path.read_bytes(), path
    answers = [
        api.client.get(f"/api/v1{path}").text for path in ("/keys?limit=500", "/audit?limit=500", "/jobs?limit=500")
    ]
    assert not any(secret.decode() in answer for answer in answers)
    assert server.key.split("_", 2)[2] not in "".join(answers)


def test_rates(own: ServerProcess):
    own.options = ("--rate", "5")
    own.start()
    with own.client() as client:
        answers = [client.get("/api/v1/me") for _ in range(30)]
        refused = [answer for answer in answers if answer.status_code == 429]
        assert 10 <= len(refused) <= 25
        assert int(refused[0].headers["retry-after"]) >= 1
        assert refused[0].json()["errors"][0]["code"] == "too-many-requests"
        time.sleep(1.2)
        assert client.get("/api/v1/me").status_code == 200
    with own.client("fsk_0123456789ab_" + "x" * 43) as client:
        codes = [client.get("/api/v1/me").status_code for _ in range(5)]
        assert 429 in codes


@pytest.fixture
def issuer():
    """An identity provider with one key, and a function that signs claims."""
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(private.public_key()))

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            host = f"http://{self.headers['Host']}"
            documents = {
                "/.well-known/openid-configuration": {"jwks_uri": f"{host}/keys"},
                "/keys": {"keys": [{**public, "kid": "one", "alg": "RS256", "use": "sig"}]},
            }
            body = json.dumps(documents[self.path]).encode()
            self.send_response(200)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}"

    def sign(key=private, **claims):
        whole = {"iss": url, "aud": "faasera", "sub": "42", "exp": time.time() + 60, **claims}
        return jwt.encode(
            {name: value for name, value in whole.items() if value is not None}, key, "RS256", {"kid": "one"}
        )

    yield url, sign
    server.shutdown()
    server.server_close()


def test_tokens_of_an_identity_provider(own: ServerProcess, issuer):
    url, sign = issuer
    own.options = ("--oidc-issuer", url, "--oidc-audience", "faasera")
    own.start()
    good = {"faasera_role": "author", "faasera_project": "team", "email": "ann@example.com"}
    with own.client(sign(**good)) as client:
        me = Api(client).call("GET", "/me")
        assert (me["name"], me["role"], me["project"]) == ("ann@example.com", "author", "team")
        Api(client).put("from-token", POLICY)
        Api(client).refused("POST", "/jobs", 403, json={"policyName": "from-token"})
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    for bad in (
        sign(**good, aud="another"),
        sign(**good, iss="http://evil.example"),
        sign(**good, exp=time.time() - 5),
        sign(**{**good, "faasera_role": "king"}),
        sign(**{**good, "faasera_role": None}),
        sign(**{**good, "faasera_project": None}),
        sign(**good, sub=None),
        sign(other, **good),
        jwt.encode({"iss": url, "aud": "faasera", "sub": "42", "exp": time.time() + 60, **good}, "", "none"),
        "a.b.c",
    ):
        with own.client(bad) as client:
            Api(client).refused("GET", "/me", 401, "bad-token")
    with own.client() as client:
        assert Api(client).call("GET", "/me")["role"] == "admin"


def test_tokens_of_all_audiences_are_not_wanted(own: ServerProcess):
    own.options = ("--oidc-issuer", "http://127.0.0.1:1")
    own.start(wait=False)
    assert own.process is not None and own.process.wait(60) == 2
    assert "--oidc-audience" in own.log.read_text()


def test_paths_and_methods_that_do_not_exist(api: Api):
    api.refused("GET", "/nothing", 404, "unknown-path")
    assert api.client.patch("/api/v1/jobs/x").headers["allow"] == "GET, DELETE"
    api.refused("PATCH", "/jobs/x", 405, "unknown-method")
    api.refused("POST", "/seeds/x.csv", 405, "unknown-method")
