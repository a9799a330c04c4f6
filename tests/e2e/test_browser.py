"""The planes in a real browser: the owner at work, an outsider on a chat's page (`--write-pictures` keeps both)."""

import json
import shutil
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar, cast

import pytest
from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.wait import WebDriverWait

from analysis.stackfiles import ROOT
from tests.e2e.conftest import OUTSIDER, LocalEnvironment
from tests.e2e.forwarder import forwarder
from tests.e2e.model import WORDS, speaking_model

pytestmark = pytest.mark.parametrize("local_env", ["dev"], indirect=True)

T = TypeVar("T")
PICTURES = ROOT / "docs" / "pictures"
MISSING = "the browser test needs Chromium and its driver: run `make browser`, or install both and put them on the PATH"
_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-proxy-server",
    "--window-size=1100,700",
)
_CHAT_BOX = "return document.querySelector('flowise-fullchatbot')?.shadowRoot?.querySelector('textarea')"
_CHAT_TEXT = "return document.querySelector('flowise-fullchatbot')?.shadowRoot?.textContent ?? ''"
_ANSWER = """
const bubbles = document.querySelector('flowise-fullchatbot').shadowRoot.querySelectorAll('.chatbot-host-bubble');
return [...bubbles].at(-1)?.innerText ?? '';
"""
_MARKDOWN = """Text $\\int_0^1 \\mathbf{x}^2 + \\mathcal{A}\\,dx$

```sqf
private _x = 1; // a comment
```

```python
def double(x): return 2 * x
```
"""
_SIZES = """
const entries = [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')];
return Object.fromEntries(entries.map((entry) => [entry.name, entry.encodedBodySize]));
"""
_RENDERED = """
const names = [...document.querySelectorAll('[role=treeitem] *')].filter((each) => each.childElementCount === 0);
names.find((each) => each.textContent === 'CustomFunction')?.click();
const formula = document.querySelector('mjx-container');
const code = [...document.querySelectorAll('pre code')].filter((each) => each.querySelector('span'));
return formula && code.length === 2 ? [formula.outerHTML, ...code.map((each) => each.outerHTML)] : null;
"""
_WITH_ITS_OWN_SCRIPT = """
const request = new XMLHttpRequest();
request.open('GET', location.href, false);
request.send();
performance.clearResourceTimings();
document.open();
document.write(request.responseText.replace(/(index-[\\w-]{8})-[0-9a-f]{8}\\.js/, '$1.js'));
document.close();
"""


class Browser:
    """One Chromium."""

    def __init__(self, driver: Chrome, pictures: Path) -> None:
        self._driver = driver
        self._pictures = pictures

    def open(self, url: str) -> None:
        """Go to an address."""
        self._driver.get(url)

    def reload(self) -> None:
        """Load the page again."""
        self._driver.refresh()

    @property
    def path(self) -> str:
        """Where it is."""
        return str(self.script("return location.pathname"))

    @property
    def text(self) -> str:
        """What is to be read on the page."""
        return str(self.script("return document.body.innerText"))

    def script(self, source: str) -> Any:
        """Run a script in the page."""
        return self._driver.execute_script(source)  # pyright: ignore[reportUnknownMemberType]

    def cookies(self) -> list[dict[str, Any]]:
        """The cookies of the page."""
        return cast("list[dict[str, Any]]", self._driver.get_cookies())  # pyright: ignore[reportUnknownMemberType]

    def find(self, css: str) -> WebElement:
        """Wait for an element."""
        return self.until(lambda: next(iter(self._driver.find_elements(By.CSS_SELECTOR, css)), None))

    def until(self, look: Callable[[], T | None]) -> T:
        """Wait until there is something to see."""
        return WebDriverWait(self._driver, 60).until(lambda _: look() or False)

    def picture(self, name: str) -> None:
        """Keep what the page looks like."""
        self._pictures.mkdir(exist_ok=True)
        (self._pictures / f"{name}.png").write_bytes(self._driver.get_screenshot_as_png())

    def answers(self) -> dict[str, int]:
        """Status of every answer since the last call, by path."""
        found: dict[str, int] = {}
        entries = cast("list[dict[str, str]]", self._driver.get_log("performance"))  # pyright: ignore[reportUnknownMemberType]
        for entry in entries:
            message = json.loads(entry["message"])["message"]
            if message["method"] == "Network.responseReceived":
                response = message["params"]["response"]
                found[str(response["url"]).split("/", 3)[-1]] = int(response["status"])
        return found


@contextmanager
def chromium(profile: Path, pictures: Path) -> Generator[Browser]:
    """Start Chromium with a fresh profile."""
    program, driver = shutil.which("chromium") or shutil.which("google-chrome"), shutil.which("chromedriver")
    if not program or not driver:
        pytest.fail(MISSING)
    options = ChromeOptions()
    options.binary_location = program
    for flag in (*_FLAGS, f"--user-data-dir={profile}"):
        options.add_argument(flag)  # pyright: ignore[reportUnknownMemberType]
    options.set_capability("goog:loggingPrefs", {"performance": "ALL"})
    options.set_capability("timeouts", {"pageLoad": 60_000})
    started = Chrome(options=options, service=Service(driver))
    try:
        yield Browser(started, pictures)
    finally:
        started.quit()


@pytest.fixture
def browser(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Browser]:
    kept = cast("bool", request.config.getoption("--write-pictures"))
    with chromium(tmp_path / "profile", PICTURES if kept else tmp_path) as started:
        yield started


def _flow(local_env: LocalEnvironment, name: str) -> str:
    with local_env.login() as api:
        return api.create_agent_flow(name, public=True)


def test_the_owner_signs_in_finds_a_flow_and_builds_one(local_env: LocalEnvironment, browser: Browser) -> None:
    flow = _flow(local_env, "Shouting")
    browser.open(f"{local_env.url}/signin")
    email, password = local_env.owner()
    browser.find("input[type=email]").send_keys(email)
    browser.picture("login")
    browser.find("input[type=password]").send_keys(password, Keys.ENTER)
    browser.until(lambda: browser.path != "/signin")
    cookies = browser.cookies()
    assert cookies
    assert all(cookie["secure"] for cookie in cookies)
    assert {"token", "refreshToken"} <= {cookie["name"] for cookie in cookies if cookie["httpOnly"]}

    browser.open(f"{local_env.url}/agentflows")
    browser.until(lambda: "Shouting" in browser.text)
    browser.reload()
    browser.until(lambda: "Shouting" in browser.text)
    assert browser.path == "/agentflows"

    browser.open(f"{local_env.url}/v2/agentcanvas/{flow}")
    browser.until(lambda: "Shouting" in browser.text and "CustomFunction" in browser.text)
    browser.picture("canvas")

    browser.open(f"{local_env.url}/v2/agentcanvas")
    browser.find("[title='Save Agents']").click()
    browser.find("#chatflow-name").send_keys("Built by hand")
    browser.find("[role=dialog] .MuiButton-contained:not(:disabled)").click()
    browser.until(lambda: browser.path != "/v2/agentcanvas")
    with local_env.login() as api:
        assert "Built by hand" in api.list_flows()


def test_a_stranger_chats_and_sees_nothing_else(local_env: LocalEnvironment, browser: Browser) -> None:
    flow = _flow(local_env, "Public")
    with forwarder(OUTSIDER, local_env.port) as port:
        away = f"http://localhost:{port}"
        browser.open(f"{away}/chatbot/{flow}")
        box = cast("WebElement", browser.until(lambda: browser.script(_CHAT_BOX)))
        box.send_keys("wait 3000 and then shout", Keys.ENTER)
        # The events of the stream draw the flow's steps while it works, and its answer at the end.
        browser.until(lambda: "Process Flow" in browser.script(_CHAT_TEXT))
        assert "answer:" not in browser.script(_CHAT_TEXT)
        browser.until(lambda: "answer:WAIT 3000 AND THEN SHOUT" in browser.script(_CHAT_TEXT))
        browser.picture("chat")
        answers = browser.answers()
        ours = {path: status for path, status in answers.items() if path.startswith(("api/", "assets/", "chatbot/"))}
        assert f"api/v1/prediction/{flow}" in ours
        assert {path for path, status in ours.items() if status >= 400} == set()

        for path in ("/", "/api/v1/chatflows"):
            browser.open(away + path)
            assert browser.answers()[path.removeprefix("/")] == 403
            assert "This address may not reach this path." in browser.text
        browser.picture("stranger")


def test_an_answer_grows_word_by_word(local_env: LocalEnvironment, browser: Browser) -> None:
    """The model says a word only when the one before it is to be read on the page."""
    with speaking_model() as model, local_env.login() as api, forwarder(OUTSIDER, local_env.port) as port:
        flow = api.create_model_flow("Words", model.url)
        browser.open(f"http://localhost:{port}/chatbot/{flow}")
        box = cast("WebElement", browser.until(lambda: browser.script(_CHAT_BOX)))
        box.send_keys("Which words do you know?", Keys.ENTER)
        for count in range(1, len(WORDS) + 1):
            model.say_next()
            _until_it_reads(browser, WORDS[:count])
            if count == len(WORDS) // 2:
                browser.picture("stream")


def test_the_sign_in_page_asks_no_other_host_and_loads_half(local_env: LocalEnvironment, browser: Browser) -> None:
    """Half of the 1,889 KiB in gzip that Flowise's own page takes through an edge (docs/benchmarks.md)."""
    browser.open(f"{local_env.url}/signin")
    browser.find("input[type=email]")
    sizes = cast("dict[str, int]", browser.script(_SIZES))
    assert {name for name in sizes if not name.startswith(local_env.url)} == set()
    assert not any("/later-" in name for name in sizes)
    assert sum(size for name, size in sizes.items() if name.endswith((".js", ".css", "/signin"))) < 1889 * 1024 / 2


def test_formulas_and_code_look_as_in_the_script_of_flowise(local_env: LocalEnvironment, browser: Browser) -> None:
    """The same page by Flowise's own script, which stays beside what was made of it, and by the two scripts."""
    with local_env.login() as api:
        api.create_variable("shown", _MARKDOWN)
        flow = api.create_variable_flow("Shows", "shown")
        api.predict(flow, "please")
        (execution,) = api.list_executions(flow)
        api.share_execution(execution)
    address = f"{local_env.url}/execution/{execution}"
    browser.open(address)
    split = browser.until(lambda: browser.script(_RENDERED))
    assert any("/later-" in name for name in cast("dict[str, int]", browser.script(_SIZES)))
    browser.open(address)
    browser.script(_WITH_ITS_OWN_SCRIPT)
    whole = browser.until(lambda: browser.script(_RENDERED))
    assert not any("/later-" in name for name in cast("dict[str, int]", browser.script(_SIZES)))
    assert split == whole


def _until_it_reads(browser: Browser, words: Sequence[str]) -> None:
    browser.until(lambda: str(browser.script(_ANSWER)).split() == list(words))
