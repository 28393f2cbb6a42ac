"""Announcing on a telephone: a recurring activity, one date of it cancelled, and everybody sees it."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta

from playwright.sync_api import Page, expect

from datacoop.lib.dates import ZURICH
from tests.journeys.conftest import House
from tests.journeys.test_accessibility import SCREENS, faults
from tests.journeys.test_named import SECRETARY

Visit = Callable[..., Page]
START = datetime.now(ZURICH).date() + timedelta(days=7)


def pages(page: Page) -> None:
    """Look at the page as it stands, narrow and wide."""
    for size in reversed(SCREENS.values()):
        page.set_viewport_size(size)
        assert faults(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def stands_everywhere(visit: Visit) -> None:
    """See it in the agenda, in a frame of another site and in a calendar."""
    # Of twelve dates one comes before, one is taken out.
    week = f"q=Atelier+de+la+Clairi%C3%A8re&from={START + timedelta(days=7)}"
    for address in (f"/activities?{week}", f"/embed/agenda?{week}&lang=fr"):
        listed = visit(address)
        expect(listed.locator(".event")).to_have_count(10)
        expect(listed.locator(".event.is-off")).to_have_count(1)
        assert listed.locator(".event").first.get_attribute("class") == "event is-off"
    calendar = listed.request.get("/agenda.ics?q=Atelier+de+la+Clairi%C3%A8re").text()
    assert calendar.count("RECURRENCE-ID") == calendar.count("STATUS:CANCELLED") == 1
    assert calendar.count("RRULE:FREQ=WEEKLY") == calendar.count("EXDATE") == 1


def test_a_recurring_activity_is_announced_and_one_date_cancelled(visit: Visit, house: House) -> None:
    page = visit("/", viewport=SCREENS["narrow"])
    page.goto(house.sign_in_link(SECRETARY))
    page.get_by_role("button", name="Entrer").click()
    page.goto("/account/")
    page.locator("main").get_by_role("link", name="Activités").first.click()
    page.get_by_role("link", name="Annoncer une activité").click()
    pages(page)

    page.get_by_role("button", name="Continuer").click()
    expect(page.locator("#title")).to_have_attribute("aria-invalid", "true")
    pages(page)
    page.get_by_label("Titre").fill("Atelier de la Clairière")
    page.get_by_label("Jour", exact=True).fill(START.isoformat())
    page.get_by_label("De", exact=True).fill("19:00")
    page.get_by_label("À", exact=True).fill("21:00")
    expect(page.get_by_text("Jusqu’à quand, et quand pas")).to_be_hidden()
    page.get_by_label("Se répète").select_option("weekly")
    page.get_by_text("Jusqu’à quand, et quand pas").click()
    page.get_by_label("Ou combien de fois").fill("12")
    page.get_by_label("Ailleurs").check()
    page.get_by_label("Nom du lieu").fill("Salle du Lac")
    pages(page)
    page.get_by_role("button", name="Continuer").click()

    expect(page.get_by_role("checkbox")).to_have_count(10)
    pages(page)
    page.get_by_role("checkbox").nth(2).check()
    page.get_by_role("button", name="Publier").click()
    expect(page.get_by_role("status")).to_contain_text("C’est publié")
    page.get_by_role("button", name=re.compile("^Annuler")).nth(1).click()
    expect(page.get_by_role("status")).to_contain_text("annulée")
    pages(page)

    own = page.url
    page.get_by_role("link", name="Voir la page publique").click()
    cancelled = page.locator("main li", has_text="Annulée")
    expect(cancelled.locator("s time")).to_have_attribute("datetime", re.compile(f"^{START + timedelta(days=7)}T19:00"))
    expect(page.locator("main")).to_contain_text("12 fois")
    expect(page.locator("main")).to_contain_text("sauf le")
    pages(page)
    everybody = visit(page.url)
    expect(everybody.locator("s")).to_have_count(1)

    stands_everywhere(visit)

    page.goto(own)
    page.get_by_role("button", name="Retirer").click()
    expect(page.get_by_role("status")).to_contain_text("Plus personne")
    answer = everybody.reload()
    assert answer
    assert answer.status == 404
