"""A holder of a list: from a tried workbook to a contribution, and from there to what the list covers."""

import re
from collections import Counter
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import orjson
import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import House
from tests.journeys.test_accessibility import CUT_OFF, faults
from tests.journeys.test_holders import taken_back, try_file

HOLDER, STEWARD = "huguette@example.org", "steward@example.org"
HEAD = ["N°", "Nom", "Rue", "NPA", "Localité", "E-mail", "Téléphone"]
STRANGERS = [
    [91, "Compagnie des Réverbères", "Rue Basse 3", 1005, "Lausanne", "info reverberes", "021 555 44 10"],
    [92, "Ligue des Marmottes", "Rue Basse 5", 1005, "Lausanne", "ligue@marmottes.example.org", ""],
]
Visit = Callable[..., Page]


@pytest.fixture(scope="module")
def _entered() -> dict[str, str]:
    return {}


@pytest.fixture
def signed_in(visit: Visit, house: House, _entered: dict[str, str]) -> Callable[..., Page]:
    """A browser of somebody who signed in; each link works once, so sessions are kept between the journeys."""

    def enter(email: str, **options: Any) -> Page:
        page = visit("/", **options)
        if email not in _entered:
            page.goto(house.sign_in_link(email))
            page.get_by_role("button", name="Entrer").click()
            _entered[email] = next(c["value"] for c in page.context.cookies() if c["name"] == "session")
        page.context.add_cookies([{"name": "session", "value": _entered[email], "url": house.url}])
        return page

    return enter


def everything_public(page: Page) -> list[dict[str, Any]]:
    """What anybody can download."""
    lines = page.request.get("/api/v1/exports/organisations.ndjson").body().splitlines()
    return [orjson.loads(line) for line in lines if line.strip()]


def workbook(folder: Path, known: list[dict[str, Any]]) -> Path:
    """Three organisations that are public here, and two that nobody knows, one with a broken e-mail."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.title = "Membres"
    rows: list[list[object]] = []
    for number, item in enumerate(known, 1):
        where = item["addresses"][0]
        rows.append([number, item["name"], where["street"], int(where["postal_code"]), where["city"], "", ""])
    for row in (["Membres suivis"], [], HEAD, *rows, *STRANGERS):
        sheet.append(row)
    file = folder / "membres.xlsx"
    book.save(file)
    return file


def figures(page: Page) -> tuple[dict[str, Any], list[tuple[Any, ...]]]:
    """The figures of the coverage workbook, and its lines of what is missing."""
    with page.expect_download() as download:
        page.get_by_role("link", name="Télécharger (Excel)").click()
    book = openpyxl.load_workbook(BytesIO(download.value.path().read_bytes()))
    told = {str(row[0]): row[1] for row in book["Chiffres"].iter_rows(min_row=2, values_only=True)}
    return told, list(book["pas dans ma liste"].iter_rows(values_only=True))


def test_from_trying_to_the_same_workbook_to_a_contribution_to_the_coverage_sheet(
    visit: Visit, signed_in: Callable[..., Page], tmp_path: Path
) -> None:
    stranger = visit("/try")
    public = everything_public(stranger)
    known = [
        each
        for each in public
        if each.get("addresses") and {"street", "postal_code", "city"} <= each["addresses"][0].keys()
    ][:3]
    try_file(stranger, workbook(tmp_path, known))
    book = taken_back(stranger)
    sheet = book["Membres"]
    wrong = [cell for row in sheet.iter_rows() for cell in row if cell.comment and cell.value == "info reverberes"]
    assert len(wrong) == 1
    wrong[0].value = "info@reverberes.example.org"
    mended = tmp_path / "membres-corrigés.xlsx"
    book.save(mended)

    holder = signed_in(HOLDER)
    holder.goto("/desk/")
    expect(holder.get_by_role("heading", level=1)).to_contain_text("Bureau du bénévolat")
    holder.get_by_role("link", name="Envoyer une liste").click()
    holder.get_by_label("Fichier").set_input_files(mended)
    holder.get_by_label("Quelle liste").select_option(label="Une nouvelle liste")
    holder.get_by_label("Nom de la liste").fill("Membres suivis")
    holder.get_by_role("button", name="Voir l’aperçu").click()
    expect(holder.get_by_role("combobox", name="E-mail")).to_have_value("email")
    expect(holder.get_by_text("Verser une liste n’envoie aucun message, à personne.")).to_be_visible()
    assert faults(holder) == []
    holder.get_by_role("button", name="Envoyer pour confirmation").click()
    expect(holder.get_by_role("heading", level=1)).to_have_text("Votre fichier attend notre confirmation")
    assert faults(holder) == []

    steward = signed_in(STEWARD)
    steward.goto("/steward/waiting")
    assert faults(steward) == []
    steward.get_by_role("link", name="Bureau du bénévolat").click()
    steward.get_by_role("button", name="Verser").click()
    expect(steward.get_by_role("heading", level=1)).to_have_text("C’est fait")

    holder.goto("/desk/")
    panel = holder.locator(".panel", has=holder.get_by_role("heading", name="Membres suivis"))
    expect(panel.get_by_role("cell", name=re.compile("membres-corrigés"))).to_be_visible()
    assert faults(holder) == []
    panel.get_by_role("link", name="Ce que ma liste couvre").click()
    told, missing = figures(holder)
    assert told["lignes dans ma liste"] == 5
    assert told["de ces lignes sont publiques"] == 3
    assert told["publiques en tout"] == len(public)
    assert told["dans ma liste"] == 3
    assert told["pas dans ma liste"] == len(missing) - 1 == len(public) - 3
    assert told["en tout, au moins (estimation)"] > len(public)
    names = Counter(row[missing[0].index("Nom")] for row in missing[1:])
    # Counted: two of the public ones may bear one name.
    assert Counter(each["name"] for each in public) - Counter(each["name"] for each in known) == names
    assert {cell for row in missing[1:] for cell in row if "@" in str(cell)} == set()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1440])
def test_the_desk_is_accessible_and_fits(signed_in: Callable[..., Page], width: int, scheme: str) -> None:
    holder = signed_in(HOLDER, viewport={"width": width, "height": 900}, color_scheme=scheme)
    holder.goto("/desk/")
    panel = holder.locator(".panel").first
    own = panel.get_by_role("link", name="Ce que ma liste couvre").get_attribute("href") or ""
    of_desk = [f"{holder.url}{rest}" for rest in ("", "upload", "leave", "key")]
    for address in (*of_desk, own, f"{own}/../missing", f"{own}/../changes", f"{own}/../rejected"):
        holder.goto(address)
        assert faults(holder) == [], address
        assert holder.evaluate("document.documentElement.scrollWidth") <= width, address
        assert holder.evaluate(CUT_OFF) == [0] * holder.locator(".scroll").count(), address


def test_works_without_scripts(signed_in: Callable[..., Page]) -> None:
    holder = signed_in(HOLDER, java_script_enabled=False)
    holder.goto("/desk/")
    holder.get_by_role("link", name="Ce que d’autres y changeraient").first.click()
    expect(holder.get_by_role("heading", level=1)).to_contain_text("Ce que d’autres y changeraient")
    with holder.expect_download() as download:
        holder.get_by_role("link", name="Télécharger (Excel)").click()
    book = openpyxl.load_workbook(BytesIO(download.value.path().read_bytes()))
    assert book.sheetnames == ["Différences", "Dans mes colonnes"]


@pytest.mark.parametrize("path", ["waiting", "holders"])
@pytest.mark.parametrize("width", [360, 1440])
def test_the_stewards_side_is_accessible_and_fits(signed_in: Callable[..., Page], path: str, width: int) -> None:
    steward = signed_in(STEWARD, viewport={"width": width, "height": 900})
    steward.goto(f"/steward/{path}")
    assert faults(steward) == []
    assert steward.evaluate("document.documentElement.scrollWidth") <= width
