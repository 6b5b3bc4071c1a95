"""The side panel of the editor: a change proposed by a model, shown as a difference, accepted or refused."""

import json
from pathlib import Path

import pytest
from browser import Browser
from chat import chat
from selenium.webdriver.common.by import By
from service_process import POLICY, ServerProcess


@pytest.fixture
def browser(browsers, own: ServerProcess, tmp_path: Path, monkeypatch):
    """A browser on a server that knows a model."""

    def script(request, _):
        current = json.loads(request["messages"][1]["content"])["policyToChange"]
        columns = current["columnRuleMap"]
        if "wrong" in request["messages"][1]["content"]:
            return {**current, "columnRuleMap": {**columns, "id": {"type": "SEQUENZ"}}}
        return {**current, "columnRuleMap": {**columns, "segment": {"type": "SEED", "values": ["new", "loyal"]}}}

    with chat(monkeypatch, script) as server:
        own.start()
        with browsers(1280).visit(own.url, tmp_path) as found:
            found.model = server
            yield found


def text(browser: Browser) -> str:
    identifier = browser.find("//div[contains(@class, 'nicegui-codemirror')]").get_attribute("id").removeprefix("c")
    return browser.run("return getElement(arguments[0]).editor.state.doc.toString()", int(identifier))


def test_a_change_is_proposed_accepted_and_refused(browser: Browser, own: ServerProcess):
    browser.sign_in(own.key)
    browser.open("/policies/new")
    browser.see("No problems.")
    before = text(browser)
    browser.click("Ask for a change")
    browser.fill("What do you want?", "add a segment")
    browser.click("Propose")
    browser.see("promises kept by a sample")
    added = [one.text for one in browser.driver.find_elements(By.CSS_SELECTOR, ".faasera-added")]
    assert any("segment" in one for one in added)
    browser.screenshot("copilot")
    browser.click("Refuse")
    browser.see("Nothing is changed.")
    assert text(browser) == before
    browser.click("Propose")
    browser.see("promises kept by a sample")
    browser.click("Accept")
    browser.until(lambda: "segment" in text(browser), "the change in the text")
    browser.fill("What do you want?", "something wrong")
    browser.click("Propose")
    browser.see("After 3 rounds it still has problems; nothing is changed.")
    assert "SEQUENZ" not in text(browser)
    sent = browser.model.bodies()[0]["messages"][1]["content"]
    assert set(json.loads(sent)) == {"wanted", "policyToChange"}


@pytest.mark.slow
def test_a_server_without_a_model_says_so(browsers, own: ServerProcess, tmp_path: Path, monkeypatch):
    monkeypatch.delenv("FAASERA_AI_BASE_URL", raising=False)
    own.start()
    with browsers(1280).visit(own.url, tmp_path) as browser:
        browser.sign_in(own.key)
        browser.open("/policies/new")
        browser.see("No problems.")
        browser.click("Ask for a change")
        browser.fill("What do you want?", json.dumps(POLICY["tableName"]))
        browser.click("Propose")
        browser.see("this server knows no model")
