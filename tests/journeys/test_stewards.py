"""A steward brings a list in, looks, hides an e-mail, decides on pairs; every page can be used by everybody."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import House
from tests.journeys.test_accessibility import CUT_OFF, faults

EMAIL = "bureau@voix-du-belvedere.example.org"
LIST = f"""Nom;Rue;NPA;Localité;Courriel;Site web;Présidente
Les Voix du Belvédère;Rue du Belvédère 4;1005;Lausanne;{EMAIL};https://voix-du-belvedere.example.org;Ada Exemple
Club des Cerfs-volants;;1009;Pully;vent@cerfs-volants.example.org;;Léa Exemple
"""

Visit = Callable[..., Page]


@pytest.fixture(scope="module")
def _entered() -> dict[str, str]:
    return {}


@pytest.fixture
def steward(visit: Visit, house: House, _entered: dict[str, str]) -> Page:
    """The steward's browser; the link works once, so the session is kept between the journeys."""
    page = visit("/")
    if "session" not in _entered:
        page.goto(house.sign_in_link("steward@example.org"))
        page.get_by_role("button", name="Entrer").click()
        _entered["session"] = next(c["value"] for c in page.context.cookies() if c["name"] == "session")
    page.context.add_cookies([{"name": "session", "value": _entered["session"], "url": house.url}])
    return page


def test_bring_in_a_list_look_and_hide_an_email(steward: Page, visit: Visit, tmp_path: Path) -> None:
    file = tmp_path / "voix.csv"
    file.write_text(LIST, encoding="utf-8")
    steward.goto("/steward/upload")
    steward.get_by_label("Fichier").set_input_files(file)
    steward.get_by_label("Qui tient cette liste").fill("Faîtière du Belvédère")
    steward.get_by_label("Cette liste est publiée par celui qui la tient").check()
    steward.get_by_role("button", name="Voir l’aperçu").click()
    expect(steward.get_by_role("combobox", name="Courriel")).to_have_value("email")
    expect(steward.get_by_role("combobox", name="Présidente")).to_have_value("")
    assert faults(steward) == []
    steward.get_by_role("button", name="Verser").click()
    expect(steward.get_by_role("heading", level=1)).to_have_text("C’est fait")

    visitor = visit("/organisations?q=belvedere")
    visitor.get_by_role("link", name="Les Voix du Belvédère").click()
    assert EMAIL not in visitor.content()
    visitor.get_by_role("link", name="Montrer l’adresse e-mail").click()
    expect(visitor.get_by_role("link", name=EMAIL)).to_be_visible()
    uid = next(
        each["id"]
        for each in visitor.request.get("/api/v1/organisations?q=belvedere").json()["items"]
        if each["name"] == "Les Voix du Belvédère"
    )
    assert EMAIL in visitor.request.get(f"/api/v1/organisations/{uid}").text()

    steward.goto("/steward/")
    steward.get_by_label("Adresse de la page").fill(visitor.url)
    steward.get_by_role("button", name="Ouvrir").click()
    steward.get_by_label("Motif").fill("L’association l’a demandé au téléphone")
    steward.get_by_role("button", name="Ouvrir").click()
    assert faults(steward) == []
    steward.get_by_label("Quelle information").select_option("email")
    steward.get_by_label("Pour qui").select_option("public")
    steward.get_by_label("Comment l’avez-vous appris ?").fill("Appel du secrétariat, rappelé au numéro publié")
    steward.get_by_role("button", name="Cacher").click()
    expect(steward.get_by_text("C’est enregistré et déjà en vigueur.")).to_be_visible()

    visitor.reload()
    expect(visitor.get_by_role("heading", level=1)).to_have_text("Les Voix du Belvédère")
    assert EMAIL not in visitor.content()
    assert EMAIL not in visitor.request.get(f"/api/v1/organisations/{uid}").text()


def test_what_columns_become_is_seen_on_a_telephone(steward: Page, tmp_path: Path) -> None:
    file = tmp_path / "voix.csv"
    file.write_text(LIST, encoding="utf-8")
    steward.set_viewport_size({"width": 360, "height": 800})
    steward.goto("/steward/upload")
    steward.get_by_label("Fichier").set_input_files(file)
    steward.get_by_label("Qui tient cette liste").fill("Faîtière du téléphone")
    steward.get_by_role("button", name="Voir l’aperçu").click()
    choice = steward.get_by_role("combobox", name="Courriel").bounding_box()
    assert choice
    assert choice["x"] >= 0
    assert choice["x"] + choice["width"] <= 360
    assert faults(steward) == []


def test_lists_and_deliveries_are_read_on_a_telephone_without_scrolling_sideways(steward: Page, tmp_path: Path) -> None:
    steward.set_viewport_size({"width": 360, "height": 800})
    file = tmp_path / "telephone.csv"
    file.write_text(LIST + "Société sans boîte;;1009;Pully;courriel illisible;;\n", encoding="utf-8")
    steward.goto("/steward/upload")
    steward.get_by_label("Fichier").set_input_files(file)
    steward.get_by_label("Qui tient cette liste").fill("Faîtière des téléphones")
    steward.get_by_role("button", name="Voir l’aperçu").click()
    expect(steward.get_by_role("heading", name="Lignes à regarder")).to_be_visible()
    cut = [steward.evaluate(CUT_OFF)]
    steward.get_by_role("button", name="Verser").click()
    steward.goto("/steward/lists")
    steward.get_by_role("link", name="Faîtière des téléphones").click()
    cut.append(steward.evaluate(CUT_OFF))
    steward.locator(".stacked").get_by_role("link").first.click()
    cut.append(steward.evaluate(CUT_OFF))
    assert list(map(len, cut)) == [2, 1, 2]
    assert [max(each) for each in cut] == [0, 0, 0]
    assert faults(steward) == []


@pytest.mark.parametrize("path", ["", "lists", "upload", "review", "messages", "new/organisations"])
@pytest.mark.parametrize("width", [360, 1440])
def test_steward_pages_are_accessible_and_fit(steward: Page, path: str, width: int) -> None:
    steward.set_viewport_size({"width": width, "height": 900})
    steward.goto(f"/steward/{path}")
    assert faults(steward) == []
    assert steward.evaluate("document.documentElement.scrollWidth") <= width


def test_a_pair_that_looks_alike_is_decided_side_by_side(steward: Page) -> None:
    steward.goto("/steward/review")
    first = steward.locator(".panel").first.inner_text()
    steward.get_by_role("button", name="Ce sont deux différentes").first.click()
    expect(steward.get_by_text("Votre réponse est gardée.")).to_be_visible()
    assert steward.locator(".panel").first.inner_text() != first
