"""A web team applies, a steward settles it, the secret is shown: anybody can use each page, on a telephone too."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.journeys.conftest import House
from tests.journeys.test_accessibility import SCREENS, faults

Visit = Callable[..., Page]
#: Where to keep pictures of the pages; none are made without it.
PICTURES = os.environ.get("JOURNEY_PICTURES", "")
NAME = "Office des loisirs de Clairière"


def enter(visit: Visit, house: House, email: str, **screen: object) -> Page:
    page = visit("/", **screen)
    page.goto(house.sign_in_link(email))
    page.get_by_role("button", name="Entrer").click()
    return page


def check(page: Page, name: str) -> None:
    """Nothing to find fault with, and nothing wider than the screen."""
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"{name}-{page.viewport_size['width']}.png", full_page=True)  # type: ignore[index]
    assert faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


@pytest.mark.parametrize("screen", SCREENS)
def test_apply_be_approved_and_get_a_secret(visit: Visit, house: House, screen: str) -> None:
    size, name = {"viewport": SCREENS[screen]}, f"{NAME} {screen}"
    page = enter(visit, house, "web@commune.example.org", **size)
    page.goto(f"{house.url}/clients/apply")
    check(page, "apply")
    page.get_by_role("button", name="Signer et envoyer").click()
    check(page, "apply-wrong")
    page.get_by_label("Nom officiel").fill(name)
    page.get_by_label("Droit applicable").select_option("cantonal")
    page.locator("input[name=terms]").first.check()
    page.get_by_label("Premier contact").fill("web@commune.example.org")
    page.get_by_label("Deuxième contact").fill("greffe@commune.example.org")
    page.locator("input[name=purpose]").first.check()
    page.get_by_label("Qui signe").fill("Ana Exemple, webmestre")
    page.get_by_role("button", name="Signer et envoyer").click()
    page.get_by_text("Votre demande est signée").wait_for()
    check(page, "signed")

    steward = enter(visit, house, "steward@example.org", **size)
    steward.goto(f"{house.url}/steward/clients")
    check(steward, "steward")
    waiting = steward.locator("section.panel", has_text=name)
    waiting.get_by_role("button", name="Approuver").click()
    steward.goto(f"{house.url}/clients")
    steward.get_by_text(name).wait_for()
    check(steward, "announced")
    steward.goto(f"{house.url}/steward/clients")
    waiting = steward.locator("section.panel", has_text=name).first
    waiting.get_by_text("Approuver par un vote").click()
    waiting.get_by_label("Numéro du vote").fill("2026-3")
    waiting.get_by_label("Date du vote").fill("2026-03-01")
    waiting.get_by_label("Où il est publié").fill("https://coop.example.org/votes/3")
    check(steward, "vote")
    waiting.get_by_role("button", name="Noter le vote").click()

    page.reload()
    page.get_by_role("button", name="Obtenir le secret").click()
    page.get_by_text("n'est montré qu'une fois. Gardez-le").wait_for()
    check(page, "secret")

    page.get_by_role("link", name="Être prévenu quand").click()
    page.get_by_label("Adresse").fill("https://10.0.0.1/hook")
    page.get_by_role("button", name="Me prévenir ici").click()
    page.get_by_text("réseau privé").wait_for()
    check(page, "webhook-wrong")
    page.get_by_label("Adresse").fill("https://hooks.commune.example.org/nouveautes")
    page.get_by_role("button", name="Me prévenir ici").click()
    page.get_by_text("n’est montré qu’une fois").wait_for()
    check(page, "webhook")
    page.get_by_role("link", name=name).click()
    page.get_by_role("link", name="Mettre fin").click()
    check(page, "end")
    page.get_by_role("button", name="Oui, y mettre fin").click()
    page.get_by_text("Vous y avez mis fin").wait_for()
    check(page, "ended")
