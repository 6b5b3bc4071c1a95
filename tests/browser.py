"""Chromium, driven as a person would use it: by what is written on buttons and fields."""

import contextlib
import json
import os
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException, WebDriverException
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement

Found = TypeVar("Found")
KEPT = Path(os.environ.get("FAASERA_TEST_SCREENSHOTS", "test-output/screenshots"))
_FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-dev-shm-usage",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--force-color-profile=srgb",
)  # fmt: skip


def _quoted(text: str) -> str:
    """A text in XPath."""
    return json.dumps(text, ensure_ascii=False)


class Browser:
    """One window, for one test after the other.

    Args:
        profile: a folder of its own.
        width: in pixels.
    """

    def __init__(self, profile: Path, width: int) -> None:
        self.width = width
        options = webdriver.ChromeOptions()
        options.binary_location = "/usr/bin/chromium"
        for flag in (*_FLAGS, f"--user-data-dir={profile}"):
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        service = webdriver.ChromeService("/usr/bin/chromedriver")
        self.driver = webdriver.Chrome(options=options, service=service)
        self.window = self.driver.current_window_handle
        height = 844 if width < 600 else 900
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)

    @contextlib.contextmanager
    def visit(self, url: str, folder: Path, *, dark: bool = False) -> Iterator["Browser"]:
        """A test's time with the window, which knows nothing of the ones before; the console must have no complaints.

        Args:
            url: of the server; nothing for files.
            folder: for downloads and screenshots; these are kept in ``test-output``.
            dark: what the system prefers.
        """
        self._forget()
        self.url, self.folder, self.downloads = url, folder, folder / "downloads"
        self.downloads.mkdir(parents=True, exist_ok=True)
        run = self.driver.execute_cdp_cmd
        run("Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(self.downloads)})
        scheme = [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]
        run("Emulation.setEmulatedMedia", {"media": "", "features": scheme})
        try:
            yield self
            assert self.complaints() == []
        finally:
            KEPT.mkdir(parents=True, exist_ok=True)
            for picture in folder.glob("*.png"):
                shutil.copy(picture, KEPT / picture.name)
            self.driver.get("about:blank")  # A page that nobody looks at would go on drawing and asking.

    def _forget(self) -> None:
        """No windows, cookies, storage or complaints of the test before."""
        for other in self.driver.window_handles:
            if other != self.window:
                self.driver.switch_to.window(other)
                self.driver.close()
        self.driver.switch_to.window(self.window)
        origin = self.driver.execute_script("return location.origin")
        self.driver.get("about:blank")
        self.driver.execute_cdp_cmd("Network.clearBrowserCookies", {})
        if origin.startswith("http"):
            self.driver.execute_cdp_cmd("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": "all"})
        self.complaints()

    def close(self) -> None:
        self.driver.quit()

    def open(self, path: str) -> None:
        self.driver.get(self.url + path)

    def until(self, question: Callable[[], Found], what: str = "", seconds: float = 20) -> Found:
        """The first answer to a question that is not empty."""
        deadline = time.monotonic() + seconds
        while True:
            try:
                if answer := question():
                    return answer
            except (StaleElementReferenceException, WebDriverException):
                pass
            if time.monotonic() > deadline:
                self.screenshot("failed")
                raise AssertionError(f"{what or 'it'} did not come; the page says:\n{self.text()}")
            time.sleep(0.1)

    def text(self) -> str:
        # What is rendered, which the browser knows by itself; WebDriver walks through all elements for it.
        return str(self.driver.execute_script("return document.body.innerText"))

    def see(self, text: str, seconds: float = 20) -> None:
        self.until(lambda: text in self.text(), repr(text), seconds)

    def _visible(self, path: str) -> WebElement | None:
        found = [one for one in self.driver.find_elements(By.XPATH, path) if one.is_displayed()]
        return found[0] if found else None

    def find(self, path: str) -> WebElement:
        return self.until(lambda: self._visible(path), path)

    def click(self, text: str) -> None:
        """Click a button, a link, a tab or an option, by what is written on it."""
        quoted = _quoted(text)
        kinds = ("self::button", "self::a", "@role='tab'", "@role='option'", "@role='button'")
        path = f"//*[{' or '.join(kinds)}][@aria-label={quoted} or contains(., {quoted})]"

        def clicked() -> bool:
            # The one that says the least beside it: "Start", not "Start a job".
            found = [one for one in self.driver.find_elements(By.XPATH, path) if one.is_displayed()]
            element = min(found, key=lambda one: len(one.text), default=None)
            if element is None or not element.is_enabled() or element.get_attribute("disabled"):
                return False
            self.driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", element)
            element.click()
            return True

        self.until(clicked, f"the button {text!r}")

    def field(self, label: str) -> WebElement:
        """A field by its label, as a screen reader finds it."""
        return self.find(f"//*[(self::input or self::textarea) and @aria-label={_quoted(label)}]")

    def fill(self, label: str, text: str) -> None:
        element = self.field(label)
        self.driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", element)
        element.click()
        element.send_keys(Keys.CONTROL, "a")
        element.send_keys(Keys.BACKSPACE)
        element.send_keys(text)

    def choose(self, label: str, option: str) -> None:
        """Choose one of a select's options; a click while the page still moves may open nothing, as for people."""
        path = f"//*[@role='option' and contains(., {_quoted(option)})]"

        def opened() -> WebElement | None:
            found = self._visible(path)
            if found is None:
                self.find(f"//label[.//div[text()={_quoted(label)}]]").click()
                time.sleep(0.4)
                found = self._visible(path)
            return found

        self.until(opened, f"the option {option!r}").click()

    def run(self, script: str, *arguments: Any) -> Any:
        return self.driver.execute_script(script, *arguments)

    def screenshot(self, name: str) -> Path:
        path = self.folder / f"{name}-{self.width}.png"
        self.driver.save_screenshot(str(path))
        return path

    def sign_in(self, key: str) -> None:
        self.open("/signin")
        self.fill("Key", key)
        self.click("Sign in")
        self.see("Sign out")

    def overflow(self) -> int:
        """How many pixels the page is wider than the window."""
        return int(self.run("return document.documentElement.scrollWidth - document.documentElement.clientWidth"))

    def complaints(self) -> list[str]:
        """What the browser's console says is wrong."""
        log = self.driver.get_log("browser")
        return [entry["message"] for entry in log if entry["level"] == "SEVERE"]

    def downloaded(self, name: str, seconds: float = 30) -> Path:
        path = self.downloads / name
        self.until(path.exists, f"the download {name}", seconds)
        return path
