"""A real server with the demo on a folder of its own, and a real browser; visitors start without cookies."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--enable-unsafe-swiftshader"]
START_SECONDS = 180


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything here drives a browser."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker("journey")


@dataclass(frozen=True)
class House:
    """A running server: its address, its characters' links (each works once), the secret of its client.

    `letter` is the code in the letter of somebody who has not answered it yet.
    """

    url: str
    characters: dict[str, str]
    token: str
    environment: dict[str, str]
    letter: str

    def sign_in_link(self, email: str) -> str:
        """A fresh link; each works once."""
        found = re.search(r"\S+/sign-in/\S+", _command(self.environment, "login-link", email))
        assert found
        return found.group()


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Serve the demo as an operator would: by the command line."""
    folder = tmp_path_factory.mktemp("house")
    url = f"http://127.0.0.1:{_free_port()}"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("DATACOOP_")}
    environment |= {"DATACOOP_DATA_DIR": str(folder), "DATACOOP_BASE_URL": url}
    _command(environment, "init")
    loaded = _command(environment, "demo", "load")
    characters = dict(re.findall(r"^CHARACTER (\S+) .* (\S+)$", loaded, re.MULTILINE))
    letters = re.findall(r"^LETTER (\S+) ", loaded, re.MULTILINE)
    secrets = re.findall(r"^CLIENT \S+ (\S+)$", loaded, re.MULTILINE)
    log = (folder / "serve.log").open("wb")
    arguments = [sys.executable, "-m", "datacoop", "serve", "--port", url.rpartition(":")[2], "--workers", "1"]
    with subprocess.Popen(arguments, env=environment, stdout=log, stderr=subprocess.STDOUT) as server:
        try:
            _wait_until_ready(folder / "serve.log", server)
            yield House(url, characters, secrets[0], environment, letters[0])
        finally:
            server.terminate()
            server.wait(30)
            log.close()


def command(house: House, *arguments: str) -> tuple[int, str]:
    """What an operator's command ends with and says."""
    done = subprocess.run(
        [sys.executable, "-m", "datacoop", *arguments],
        env=house.environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


def _command(environment: dict[str, str], *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "datacoop", *arguments], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def _wait_until_ready(log: Path, server: "subprocess.Popen[bytes]") -> None:
    for _ in range(START_SECONDS * 5):
        if "READY" in log.read_text(errors="replace"):
            return
        assert server.poll() is None, log.read_text(errors="replace")
        time.sleep(0.2)
    pytest.fail(f"the server did not start: {log.read_text(errors='replace')}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium; without one the journeys are skipped, visibly."""
    program = next((found for name in CHROMIUM_NAMES if (found := shutil.which(name))), None)
    if program is None:
        pytest.skip("no Chromium on this machine: make install-system")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield started
        started.close()


@pytest.fixture
def visit(browser: Browser, house: House) -> Iterator[Callable[..., Page]]:
    """Open a page as a new visitor; what the page complains about fails the journey."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def go(path: str = "/", **options: Any) -> Page:
        options = {"locale": "fr-CH", "viewport": {"width": 1280, "height": 900}, **options}
        context = browser.new_context(base_url=house.url, **options)
        context.set_default_timeout(15_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        page.goto(path)
        return page

    yield go
    for context in contexts:
        context.close()
    unexpected = [each for each in complaints if "the server responded with a status of" not in each]
    assert not unexpected, unexpected
