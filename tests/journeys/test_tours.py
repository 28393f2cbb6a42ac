"""The tours of the documentation, as they stand there: with curl line by line, with a browser step by step."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.journeys.conftest import House

DOCS = Path(__file__).resolve().parents[2] / "docs"
MARK = "=== command %d ==="
STEP = re.compile(
    r"^\d+\. (?:Open `(?P<open>[^`]+)`|Fill “(?P<field>[^”]+)” with `(?P<value>[^`]+)`"
    r"|(?P<verb>Press|Unfold|See) “(?P<words>[^”]+)”)$",
    re.MULTILINE,
)


def commands() -> list[tuple[str, list[str]]]:
    """Each command of the tour with what its answer must hold."""
    found: list[tuple[str, list[str]]] = []
    document = (DOCS / "tour.md").read_text(encoding="utf-8")
    for block in re.findall(r"^```sh\n(.*?)^```", document, re.DOTALL | re.MULTILINE):
        for line in block.splitlines():
            if line.startswith("# → "):
                found[-1][1].append(line.removeprefix("# → "))
            else:
                found.append((line, []))
    return found


def read_out(line: str) -> str:
    """Whoever reads the first lines alone may end whoever writes the others, and with `pipefail` that is a mistake."""
    begun = line.removesuffix("| head")
    return line if begun == line else f"{begun}| (head; cat > /dev/null)"


def test_every_line_of_the_tour_with_curl_answers_as_it_says(house: House, tmp_path: Path) -> None:
    told = [(read_out(line.replace("http://127.0.0.1:8000", house.url)), wanted) for line, wanted in commands()]
    marked = [f"{line}\nprintf '\\n{MARK % number}\\n'" for number, (line, _) in enumerate(told)]
    path = f"{Path(sys.executable).parent}{os.pathsep}{house.environment['PATH']}"
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", "\n".join(marked)], cwd=tmp_path, env={**house.environment, "PATH": path},
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    rest = done.stdout
    for number, (line, wanted) in enumerate(told):
        answer, mark, rest = rest.partition(f"\n{MARK % number}\n")
        assert mark, f"{line}\nended the tour\n{done.stdout[-500:]}\n{done.stderr}"
        assert [each for each in wanted if each not in answer] == [], f"{line}\n{answer[-2000:]}"
    assert sum(len(wanted) for _, wanted in told) > 12


@pytest.mark.parametrize("width", [1440, 360])
def test_every_step_of_the_tour_with_a_browser_can_be_taken(visit: Callable[..., Page], width: int) -> None:
    page = visit("/", viewport={"width": width, "height": 900})
    document = (DOCS / "tour-browser.md").read_text(encoding="utf-8")
    steps = list(STEP.finditer(document))
    assert len(steps) == len(re.findall(r"^\d+\. ", document, re.MULTILINE)) > 10
    inside: Locator = page.locator("body")
    for step in steps:
        if step["open"]:
            page.goto(step["open"])
            inside = page.locator("body")
        elif step["field"]:
            inside.get_by_label(step["field"]).first.fill(step["value"])
        elif step["verb"] == "Unfold":
            inside = page.locator("details", has=page.locator("summary", has_text=step["words"]))
            inside.locator("summary").click()
        elif step["verb"] == "Press":
            inside.get_by_role("button", name=step["words"]).first.click()
        else:
            expect(inside).to_contain_text(step["words"])
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, f"{step.group()}: nobody scrolls sideways"


def test_without_a_script_a_form_leads_to_the_answer(visit: Callable[..., Page]) -> None:
    page = visit("/api/", java_script_enabled=False)
    form = page.locator("details", has=page.locator("summary", has_text="GET /api/v1/organisations –"))
    form.locator("summary").click()
    form.get_by_label("limit").fill("1")
    form.get_by_role("button", name="GET").click()

    assert page.url.endswith("/api/v1/organisations?limit=1")
    assert len(json.loads(page.locator("body").inner_text())["items"]) == 1


def test_a_token_is_used_and_kept_nowhere(visit: Callable[..., Page], house: House) -> None:
    page = visit("/api/")
    client, secret = page.locator("#sandbox + p code").all_inner_texts()
    answer = page.request.post(
        f"{house.url}/oauth/token",
        form={"grant_type": "client_credentials", "client_id": client, "client_secret": secret},
    )
    page.get_by_label("Jeton d’accès").fill(answer.json()["access_token"])
    form = page.locator("details", has=page.locator("summary", has_text="GET /api/v1/acknowledgements –"))
    form.locator("summary").click()
    form.get_by_role("button", name="GET").click()

    expect(form.locator("output")).to_contain_text("private, no-store")
    assert page.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]
    page.reload()
    assert page.get_by_label("Jeton d’accès").input_value() == ""
