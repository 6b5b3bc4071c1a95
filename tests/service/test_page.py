"""The page, in a real browser, at the width of a desk and of a telephone."""

import json
import re
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import Browser
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from service_process import POLICY, Api, ServerProcess

DDL = """CREATE TABLE customers (id BIGINT PRIMARY KEY, email VARCHAR(80) NOT NULL UNIQUE, city VARCHAR(60));
CREATE TABLE orders (
  id BIGINT PRIMARY KEY,
  customer_id BIGINT NOT NULL REFERENCES customers (id),
  total DECIMAL(10,2) NOT NULL CHECK (total > 0)
);"""
WIDTHS = (1280, 390)


@pytest.fixture(params=WIDTHS, ids=str)
def browser(request, browsers, server: ServerProcess, tmp_path: Path) -> Iterator[Browser]:
    with browsers(request.param).visit(server.url, tmp_path, dark=request.param < 600) as found:
        yield found


def typed(browser: Browser, text: str) -> None:
    """Replace the text of the editor, as somebody who pastes."""
    browser.run(
        "const view = getElement(arguments[0]).editor;"
        "view.dispatch({changes: {from: 0, to: view.state.doc.length, insert: arguments[1]}})",
        int(browser.find("//div[contains(@class, 'nicegui-codemirror')]").get_attribute("id").removeprefix("c")),
        text,
    )


def document(browser: Browser) -> dict:
    identifier = browser.find("//div[contains(@class, 'nicegui-codemirror')]").get_attribute("id").removeprefix("c")
    return json.loads(browser.run("return getElement(arguments[0]).editor.state.doc.toString()", int(identifier)))


def test_from_a_schema_to_a_download(browser: Browser, server: ServerProcess):
    name = f"shop-{browser.width}"
    browser.open("/import")
    browser.see("Sign in")
    browser.fill("Key", "fsk_0123456789ab_" + "x" * 43)
    browser.click("Sign in")
    browser.see("The key is unknown or revoked.")
    browser.fill("Key", server.key)
    browser.click("Sign in")
    browser.click("Paste DDL")
    browser.fill("DDL: CREATE TABLE …", DDL)
    browser.click("Make a policy")
    browser.see("2 tables")
    browser.until(lambda: browser.driver.find_elements(By.CSS_SELECTOR, ".faasera-diagram svg"), "the diagram")
    drawn = browser.driver.find_element(By.CSS_SELECTOR, ".faasera-diagram").text
    assert {"customers", "orders", "customer_id", "PK", "FK"} <= set(re.split(r"\s+", drawn))
    browser.screenshot("import")
    assert browser.overflow() <= 0
    browser.fill("Name of the policy", name)
    browser.click("Save and edit")
    browser.see(f"Policy {name}")
    browser.see("No problems.")
    browser.see("of 1,000 rows")
    edited = document(browser)
    edited["tables"][0]["rowCount"] = 300_000
    typed(browser, json.dumps(edited, indent=2))
    browser.see("of 300,000 rows")
    browser.see("@example.")
    browser.screenshot("editor")
    assert browser.overflow() <= 0
    browser.click("Save")
    browser.see("version 2")
    browser.click("Start a job")
    browser.click("Start")
    browser.until(lambda: "customers: " in browser.text() or "All promises" in browser.text(), "progress, or the end")
    browser.screenshot("running")
    browser.see("All promises that SQL can prove are kept", 60)
    browser.see("Columns of orders")
    browser.until(lambda: len(browser.driver.find_elements(By.CSS_SELECTOR, ".nicegui-echart svg")) >= 6, "the charts")
    time.sleep(0.5)
    browser.screenshot("job")
    assert browser.overflow() <= 0
    job_page = browser.driver.current_window_handle
    browser.click("Open the report")
    browser.until(lambda: len(browser.driver.window_handles) == 2, "the report")
    browser.driver.switch_to.window(next(one for one in browser.driver.window_handles if one != job_page))
    browser.until(lambda: "promises kept, none broken" in browser.text(), "the report's verdict")
    assert browser.driver.find_elements(By.CSS_SELECTOR, "svg.diagram .box")
    browser.driver.close()
    browser.driver.switch_to.window(job_page)
    browser.click("Download all as ZIP")
    job = re.search(r"job-[0-9a-f]{16}", browser.driver.current_url)[0]
    archive = browser.downloaded(f"{job}.zip")
    browser.until(lambda: zipfile.is_zipfile(archive))
    with zipfile.ZipFile(archive) as found:
        assert found.read("customers.csv").count(b"\n") == 300_001
        assert found.read("orders.csv").startswith(b"id,customer_id,total\n")
    browser.open("/")
    browser.see(job)
    browser.screenshot("jobs")
    assert browser.overflow() <= 0
    browser.click("Sign out")
    browser.see("Sign in")
    browser.open("/policies")
    browser.see("The server printed an admin's key")


@pytest.mark.slow
def test_a_schema_of_a_file_and_of_a_connection(browser: Browser, server: ServerProcess, tmp_path: Path):
    data = tmp_path / "cities.csv"
    data.write_text("id,city,founded\n1,Springfield,1796-04-02\n2,Shelbyville,1801-11-30\n")
    browser.sign_in(server.key)
    browser.open("/import")
    browser.click("Upload a file")
    browser.until(lambda: browser.driver.find_elements(By.CSS_SELECTOR, "input[type=file]"))[0].send_keys(str(data))
    browser.see("1 table,")
    browser.until(
        lambda: "founded" in browser.driver.find_element(By.CSS_SELECTOR, ".faasera-diagram").text, "the diagram"
    )
    with server.client() as client:
        Api(client).done(policy=POLICY, output={"to": "shop-file", "mode": "replace"}, check=False)
    browser.click("A connection")
    browser.choose("Connection", "shop-file")
    browser.find(
        "//div[@role='tabpanel' and not(contains(@style, 'none'))]//button[contains(., 'Make a policy')]"
    ).click()
    browser.until(
        lambda: "first_name" in browser.driver.find_element(By.CSS_SELECTOR, ".faasera-diagram").text, "the diagram"
    )


def test_problems_are_shown_where_they_are(browser: Browser, server: ServerProcess):
    browser.sign_in(server.key)
    browser.open("/policies/new")
    browser.see("No problems.")
    wrong = {**POLICY, "columnRuleMap": {**POLICY["columnRuleMap"], "amount": {"type": "RANDM"}}, "rowCount": "ten"}
    typed(browser, json.dumps(wrong, indent=2))
    browser.see("'ten' is not a row count")
    browser.see("Did you mean 'RANDOM'")
    marked = browser.until(lambda: browser.driver.find_elements(By.CSS_SELECTOR, ".faasera-wrong"), "the marks")
    assert '"rowCount": "ten"' in [mark.text for mark in marked]
    assert not browser.find("//button[contains(., 'Save')]").is_enabled()
    browser.screenshot("problems")
    typed(browser, '{"tableName": "t", ')
    browser.see("Line 1")
    typed(browser, json.dumps(POLICY))
    browser.see("No problems.")


@pytest.mark.slow
def test_completion_knows_what_fits(browser: Browser, server: ServerProcess):
    browser.sign_in(server.key)
    browser.open("/policies/new")
    browser.see("No problems.")
    editor = browser.find("//div[contains(@class, 'cm-content')]")
    assert editor.get_attribute("aria-label") == "The policy, as JSON"

    def offered(text: str) -> list[str]:
        typed(browser, "")
        editor.click()
        before, after = text.split("|")
        typed(browser, before + after)
        identifier = int(browser.find("//div[contains(@class, 'nicegui-codemirror')]").get_attribute("id")[1:])
        script = "const v = getElement(arguments[0]).editor; v.focus(); v.dispatch({selection: {anchor: arguments[1]}})"
        browser.run(script, identifier, len(before))
        editor.send_keys(Keys.CONTROL, " ")
        options = browser.until(lambda: browser.driver.find_elements(By.CSS_SELECTOR, ".cm-completionLabel"), text)
        found = [option.text for option in options]
        editor.send_keys(Keys.ESCAPE)
        return found

    assert {"SEQUENCE", "SEED", "RANDOM"} <= set(offered('{"columnRuleMap": {"a": {"type": "|"}}}'))
    assert "DATE" in offered('{"columnRuleMap": {"a": {"type": "RANDOM", "dataType": "|"}}}')
    assert {"seedFileName", "weightColumn"} <= set(offered('{"columnRuleMap": {"a": {"type": "SEED", "|"}}}'))
    assert "primaryKeyColumn" in offered('{"tableName": "t", "|"}')
    assert {"tables", "seed"} <= set(offered('{"tables": [], "|"}'))
    assert "rowCount" in offered('{"tables": [{"|"}]}')
    assert "references" in offered('{"tables": [{"foreignKeys": [{"|"}]}]}')
    assert "email" in offered('{"columnRuleMap": {"ema|"}}')


def test_a_form_for_a_rule(browser: Browser, server: ServerProcess):
    browser.sign_in(server.key)
    browser.open("/policies/new")
    browser.see("No problems.")
    browser.click("Edit a rule")
    browser.see("Rule of a column")
    browser.choose("Column, or a new name", "balance")
    browser.see("RANDOM:")
    browser.fill("range (JSON)", '{"min": 1, "max": ')
    browser.click("Write the rule")
    browser.see("'range' is no JSON")
    browser.fill("range (JSON)", '{"min": 7, "max": 1}')
    browser.click("Write the rule")
    browser.until(lambda: browser.driver.find_elements(By.CSS_SELECTOR, ".q-dialog .faasera-problem"))
    browser.fill("range (JSON)", '{"min": 7, "max": 8}')
    browser.screenshot("form")
    browser.click("Write the rule")
    browser.until(lambda: document(browser)["columnRuleMap"]["balance"]["range"] == {"min": 7, "max": 8}, "the rule")
    assert document(browser)["columnRuleMap"]["balance"]["dataType"] == "DECIMAL(8,2)"


def test_scripts_in_names_do_not_run(browser: Browser, server: ServerProcess):
    evil = "<img src=x onerror=\"document.title='broken'\"><script>document.title='broken'</script>"
    rules = {evil: {"type": "SEED", "values": [evil, "{{7*7}}"]}, "id": {"type": "SEQUENCE"}}
    policy = {"name": evil, "tables": [{"tableName": "t`" + "${7*7}", "rowCount": 5, "columnRuleMap": rules}]}
    with server.client() as client:
        api = Api(client)
        job = api.done(policy=policy)
        api.put(f"evil-{browser.width}", policy)
    browser.sign_in(server.key)
    for path, sign in (
        (f"/policies/evil-{browser.width}", "of 5 rows"),
        (f"/jobs/{job['id']}", "Columns of"),
        ("/", job["id"]),
    ):
        browser.open(path)
        browser.see(sign)
        time.sleep(0.7)
        assert browser.driver.title != "broken"
        assert not browser.driver.find_elements(By.CSS_SELECTOR, "main img")
        if path != "/":
            assert "<script>" in browser.text() and "49" not in browser.text().replace(job["id"], "")
    browser.open("/import")
    browser.fill("DDL: CREATE TABLE …", 'CREATE TABLE "<img src=x onerror=alert(1)>" ("a""><b>" INT PRIMARY KEY);')
    browser.click("Make a policy")
    browser.until(lambda: browser.driver.find_elements(By.CSS_SELECTOR, ".faasera-diagram svg"), "the diagram")
    assert not browser.driver.find_elements(By.CSS_SELECTOR, "main img")
    browser.complaints()


@pytest.mark.slow
def test_a_job_is_cancelled(browser: Browser, server: ServerProcess):
    with server.client() as client:
        job = Api(client).job(policy={**POLICY, "rowCount": 50_000_000}, check=False)
    browser.sign_in(server.key)
    browser.open(f"/jobs/{job['id']}")
    browser.see("rows/s")
    browser.click("Cancel")
    browser.see("CANCELLED")
    browser.click("Try again")
    browser.see("Cancel")
    browser.click("Cancel")
    browser.see("CANCELLED")


def test_by_keyboard_alone(browser: Browser, server: ServerProcess):
    browser.open("/signin")
    browser.see("Sign in")
    active = browser.driver.switch_to.active_element
    assert active.get_attribute("aria-label") == "Key"
    active.send_keys(server.key, Keys.ENTER)
    browser.see("Sign out")
    body = browser.driver.find_element(By.TAG_NAME, "body")
    body.send_keys(Keys.TAB)
    assert browser.driver.switch_to.active_element.text == "Skip to the content"
    seen = []
    for _ in range(10):
        browser.driver.switch_to.active_element.send_keys(Keys.TAB)
        active = browser.driver.switch_to.active_element
        seen.append(active.get_attribute("aria-label") or active.text)
    assert [name for name in seen if name in ("Jobs", "Policies", "Import", "Keys", "Light or dark", "Sign out")] == [
        "Jobs", "Policies", "Import", "Keys", "Light or dark", "Sign out",
    ]  # fmt: skip
    unnamed = browser.run(
        "return [...document.querySelectorAll('button, a, input, select, textarea')]"
        ".filter(e => e.offsetParent && !(e.innerText || e.ariaLabel || e.labels?.length)).map(e => e.outerHTML)"
    )
    assert unnamed == []


def test_light_and_dark(browser: Browser, server: ServerProcess):
    browser.sign_in(server.key)
    shade = "return document.body.classList.contains('body--dark')"
    before = browser.run(shade)
    assert before == (browser.width < 600)
    browser.click("Light or dark")
    browser.until(lambda: browser.run(shade) != before, "the other shade")
    browser.open("/policies")
    browser.until(lambda: browser.run(shade) != before, "the other shade")
    browser.click("Light or dark")


def test_a_role_sees_what_it_may_do(browser: Browser, server: ServerProcess):
    with server.client() as client:
        key = Api(client).key("viewer", f"looker-{browser.width}")
        Api(client).put("looked-at", POLICY)
    browser.sign_in(key)
    browser.open("/policies/looked-at")
    browser.see("of 1,000 rows")
    assert not browser.find("//button[contains(., 'Start a job')]").is_enabled()
    browser.open("/import")
    browser.see("this needs the role author")
    browser.open("/jobs/job-0000000000000000")
    browser.see("there is no job")
    with server.client() as client:
        api = Api(client)
        found = next(
            one for one in api.call("GET", "/keys?limit=500")["items"] if one["name"] == f"looker-{browser.width}"
        )
        api.call("DELETE", f"/keys/{found['id']}")
    browser.open("/")
    browser.see("The server printed an admin's key")


@pytest.mark.slow
def test_nothing_that_is_typed_gets_lost(browser: Browser, server: ServerProcess):
    browser.sign_in(server.key)
    browser.open("/policies/new")
    browser.see("No problems.")
    typed(browser, json.dumps({**POLICY, "rowCount": "ten", "description": ""}, indent=2))
    identifier = int(browser.find("//div[contains(@class, 'nicegui-codemirror')]").get_attribute("id")[1:])
    place = browser.run(
        'return getElement(arguments[0]).editor.state.doc.toString().indexOf(\'"description": "\')', identifier
    )
    anchor = "const v = getElement(arguments[0]).editor; v.focus(); v.dispatch({selection: {anchor: arguments[1]}})"
    browser.run(anchor, identifier, place + len('"description": "'))
    editor = browser.find("//div[contains(@class, 'cm-content')]")
    words = "the quick brown fox jumps over the lazy dog again and again"
    for word in words.split():
        editor.send_keys(word + " ")
        time.sleep(0.12)
    browser.see("'ten' is not a row count")
    assert document(browser)["description"] == words + " "


def test_keys_are_made_and_revoked(browser: Browser, server: ServerProcess):
    name = f"colleague-{browser.width}"
    browser.sign_in(server.key)
    browser.open("/keys")
    browser.fill("Name", name)
    browser.click("Make a key")
    browser.see("it is not shown again")
    key = re.search(r"fsk_[0-9a-f]{12}_[\w-]{43}", browser.text())[0]
    browser.screenshot("keys")
    assert browser.overflow() <= 0
    with server.client(key) as client:
        assert client.get("/api/v1/me").json()["data"]["role"] == "operator"
        browser.click(f"Revoke {name}")
        browser.until(lambda: client.get("/api/v1/me").status_code == 401, "the end of the key")
        browser.see("revoked 20")
    browser.fill("Name", "no name")
    browser.click("Make a key")
    browser.see("is no name of a key")
