"""WCAG 2.2 AA as far as a machine can tell, with axe-core, on every sort of page, light and dark, wide and narrow."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

import datacoop.portal
from tests.journeys.conftest import House

AXE = Path(datacoop.portal.__file__).parent / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PAGES = ["/", "/organisations", "/activities", "/about", "/data", "/sign-in", "/genuine", "/clients", "/nowhere"]
#: Of every box that could be scrolled sideways: by how much.
CUT_OFF = "[...document.querySelectorAll('.scroll')].map(each => each.scrollWidth - each.clientWidth)"
SCREENS = {"narrow": {"width": 360, "height": 740}, "wide": {"width": 1440, "height": 900}}


def faults(page: Page) -> list[str]:
    if not AXE.is_file():
        pytest.skip("axe-core is not installed: python src/datacoop/portal/frontend/build.py")
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("rules => axe.run({runOnly: rules})", RULES)
    return [
        f"{each['id']}: {each['help']} – {node['html'][:160]}" for each in found["violations"] for node in each["nodes"]
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("screen", SCREENS)
@pytest.mark.parametrize("path", PAGES)
def test_public_pages(visit: Callable[..., Page], path: str, screen: str, scheme: str) -> None:
    assert faults(visit(path, viewport=SCREENS[screen], color_scheme=scheme)) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("listing", ["/organisations?theme=culture", "/activities"])
def test_single_pages(visit: Callable[..., Page], listing: str, scheme: str) -> None:
    page = visit(listing, color_scheme=scheme)
    page.locator("main h2 a, main h3 a").first.click()
    page.wait_for_load_state()
    assert faults(page) == []


def test_map_once_it_is_drawn(visit: Callable[..., Page]) -> None:
    page = visit("/organisations")
    page.locator(".map-cluster").first.wait_for()
    assert faults(page) == []


def test_forms_with_mistakes(visit: Callable[..., Page]) -> None:
    page = visit("/organisations?theme=culture")
    page.locator(".card h2 a").first.click()
    page.get_by_role("button", name="Envoyer").click()
    assert page.locator("[aria-invalid=true]").count() == 2
    assert faults(page) == []


@pytest.mark.parametrize("scripts", [True, False])
def test_the_three_choices_stand_on_the_first_screen_of_a_telephone(
    visit: Callable[..., Page], house: House, scripts: bool
) -> None:
    page = visit("/code", viewport={"width": 360, "height": 800}, java_script_enabled=scripts)
    page.locator("#code").fill(house.letter)
    page.get_by_role("button", name="Ouvrir").click()

    boxes = [
        page.get_by_role("button", name=name, exact=True).bounding_box()
        for name in ("Montrer comme proposé", "Montrer moins", "Ne rien montrer")
    ]

    assert all(box and box["y"] + box["height"] <= 800 for box in boxes)
    assert len({(box["width"], box["height"]) for box in boxes if box}) == 1
