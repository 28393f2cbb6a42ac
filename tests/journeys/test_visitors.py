"""What visitors come for: find, read, write, in their language, with whatever browser they have."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import House

Visit = Callable[..., Page]
TELEPHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}


def write(page: Page, text: str) -> None:
    page.get_by_label("Votre message").fill(text)
    page.get_by_label("Votre adresse e-mail").fill("nora@example.org")
    page.get_by_role("button", name="Envoyer").click()


def test_search_open_an_organisation_and_write_to_it(visit: Visit, house: House) -> None:
    page = visit("/")
    page.get_by_role("searchbox").fill("choeur")
    page.get_by_role("button", name="Rechercher").click()
    page.locator(".card h2 a").first.click()
    name = page.locator("h1").inner_text()
    assert "Chœur" in name or "chœur" in page.content()
    write(page, "Puis-je venir chanter mardi ?")
    expect(page.get_by_role("heading", level=1)).to_have_text("Merci, c’est noté")

    steward = visit(house.sign_in_link("steward@example.org"))
    steward.get_by_role("button", name="Entrer").click()
    steward.get_by_role("link", name=re.compile("Messages en attente")).click()
    expect(steward.get_by_text("Puis-je venir chanter mardi ?")).to_be_visible()
    steward.get_by_role("button", name="Je l’ai transmis").click()
    expect(steward.get_by_text("Aucun message n’attend.")).to_be_visible()


def test_language_switches_and_stays(visit: Visit) -> None:
    page = visit("/organisations?theme=sport")
    page.get_by_role("button", name="DE – Deutsch").click()
    expect(page).to_have_url(re.compile(r"/organisations\?theme=sport$"))
    expect(page.locator("html")).to_have_attribute("lang", "de")
    page.get_by_role("link", name="Über uns").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Über uns")


def test_everything_works_without_javascript(visit: Visit) -> None:
    page = visit("/organisations", java_script_enabled=False, **TELEPHONE)
    page.get_by_label("Thème").select_option("culture")
    page.get_by_role("button", name="Afficher").click()
    first = page.locator(".card h2").all_inner_texts()
    assert len(first) == 20
    page.get_by_role("link", name="Page suivante").click()
    second = page.locator(".card h2").all_inner_texts()
    assert second
    assert not set(first) & set(second)
    page.locator(".card h2 a").first.click()
    write(page, "Sans JavaScript")
    expect(page.get_by_role("heading", level=1)).to_have_text("Merci, c’est noté")


def test_map_shows_the_same_as_the_list(visit: Visit) -> None:
    page = visit("/organisations?theme=sport/football&commune=5586")
    expect(page.locator(".map canvas")).to_be_visible()
    expect(page.locator(".map-cluster, .map-spot").first).to_be_visible()
    total = int(re.search(r"\d+", page.locator(".count").inner_text()).group())  # type: ignore[union-attr]
    spots = page.locator(".map-spot").count()
    clusters = sum(int(text) for text in page.locator(".map-cluster").all_inner_texts())
    assert 0 < spots + clusters <= total


def test_map_shows_everything_at_first_and_lists_what_lies_on_one_spot(visit: Visit) -> None:
    page = visit("/organisations?commune=Lutry")
    page.locator(".map-cluster").first.wait_for()
    view = page.locator(".map").bounding_box()
    assert view
    for marker in page.locator(".map-cluster, .map-spot").all():
        shown = marker.bounding_box()
        assert shown
        assert view["x"] <= shown["x"] <= view["x"] + view["width"] - shown["width"]
        assert view["y"] <= shown["y"] <= view["y"] + view["height"] - shown["height"]
    counts = [int(text) for text in page.locator(".map-cluster").all_inner_texts()]
    page.locator(".map-cluster", has_text=re.compile(f"^{max(counts)}$")).click()
    way = page.locator(".map-all a")
    expect(way).to_have_text(f"Voir les {max(counts)} organisations")
    way.click()
    expect(page.locator(".count")).to_have_text(f"{max(counts)} organisations")


def test_map_on_a_telephone_comes_only_when_asked_for(visit: Visit) -> None:
    page = visit("/organisations", **TELEPHONE)
    heavy: list[str] = []
    page.on("request", lambda request: heavy.append(request.url) if "/build/map" in request.url else None)
    page.wait_for_load_state("networkidle")
    assert heavy == []
    page.get_by_role("button", name="Afficher la carte").click()
    expect(page.locator(".map canvas")).to_be_visible()


def test_keyboard_reaches_the_content_first(visit: Visit) -> None:
    page = visit("/organisations")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Aller au contenu")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_label("Rechercher")).to_be_focused()


@pytest.mark.parametrize("path", ["/", "/organisations", "/activities", "/about", "/data", "/sign-in", "/nowhere"])
def test_nothing_runs_off_a_small_screen(visit: Visit, path: str) -> None:
    page = visit(path, viewport={"width": 320, "height": 640})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_activities_lead_to_their_organiser(visit: Visit) -> None:
    page = visit("/activities")
    item = page.locator(".event", has=page.get_by_text("Proposée par")).first
    organiser = item.get_by_text("Proposée par").inner_text().removeprefix("Proposée par ")
    item.locator("h3 a").click()
    page.get_by_role("link", name=organiser).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(organiser)
