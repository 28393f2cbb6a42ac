"""Whoever is named: from a letter's code to a hidden e-mail, a receipt and a proof; from a claim to a correction."""

import re
from collections.abc import Callable
from pathlib import Path

import orjson
from playwright.sync_api import BrowserContext, Page, expect

from tests.journeys.conftest import House, command

SECRETARY, CLAIMANT = "marlyse@example.org", "gaspard@example.org"
Visit = Callable[..., Page]


class Hand:
    """Presses what a person presses, and counts."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.clicks = 0

    def press(self, name: str, role: str = "button") -> None:
        self.clicks += 1
        self.page.get_by_role(role, name=name).first.click()  # type: ignore[arg-type]

    def keep(self, kind: str, folder: Path) -> Path:
        """Press the first link that gives a receipt, or a proof, and keep the file."""
        self.clicks += 1
        with self.page.expect_download() as waiting:
            self.page.locator(f'main a[href*="/{kind}/"]').first.click()
        file = folder / waiting.value.suggested_filename
        waiting.value.save_as(file)
        return file


def test_a_letter_leads_to_a_hidden_email_a_receipt_and_a_proof(visit: Visit, house: House, tmp_path: Path) -> None:
    page = visit("/code")
    hand = Hand(page)
    page.locator("#code").fill(house.letter.lower())

    hand.press("Ouvrir")
    subject = page.url.rstrip("/").rpartition("/")[2]
    email = re.search(r"[\w.]+@example\.net", page.locator("main").inner_text())
    assert email
    command(house, "decide", subject, "--audience", "terms:public-bodies", "--property", "email", "--show",
            "--reason", "elle l’a dit au téléphone")  # fmt: skip
    hand.press("Ne rien montrer")
    expect(page.locator("main")).to_contain_text("Rien")
    receipt = hand.keep("receipts", tmp_path)
    hand.press("Historique", "link")
    proof = hand.keep("proofs", tmp_path)

    assert hand.clicks <= 6
    for audience in ("public", "client:demo-commune-web"):
        code, said = command(house, "show", subject, "--as", audience)
        assert code == 2
        assert email.group() not in said
    assert command(house, "verify", "--receipt", str(receipt))[0] == 0
    assert command(house, "verify", "--proof", str(proof))[0] == 0
    whole = receipt.read_text("ascii")
    receipt.write_text(whole[:-20] + ("A" if whole[-20] != "A" else "B") + whole[-19:], "ascii")
    assert command(house, "verify", "--receipt", str(receipt))[0] == 1


def test_a_claim_that_a_representative_agrees_to_leads_to_a_corrected_address(visit: Visit, house: House) -> None:
    secretary, claimant = _entered(visit, house, SECRETARY), _entered(visit, house, CLAIMANT)
    claimant.goto("/account/")
    claimed = claimant.get_by_role("link", name=re.compile("La Ruche à Roulettes")).inner_text()
    secretary.goto("/account/")
    organisation = secretary.locator("main li", has_text=claimed).get_by_role("link").first.get_attribute("href")
    secretary.locator("main li", has_text=claimed).get_by_role("link", name="Qui la représente").click()
    secretary.get_by_role("button", name=re.compile("^D’accord")).click()
    expect(secretary.locator("main")).to_contain_text("Gaspard")

    assert organisation
    claimant.goto(f"{organisation}correct")
    claimant.get_by_role("link", name=claimed).first.click()
    claimant.locator('[name="addresses.street"]').fill("Rue des Corrections 9")
    claimant.get_by_role("button", name="Enregistrer").click()

    shows = claimant.get_by_role("button", name="Montrer à tout le monde: Adresses")
    if shows.count():
        shows.click()
        claimant.get_by_role("button", name="Faire ainsi").click()

    uid = organisation.strip("/").rpartition("/")[2]
    answer = claimant.request.get(f"/api/v1/organisations/{uid}")
    assert orjson.loads(answer.body())["addresses"][0]["street"] == "Rue des Corrections 9"


def test_the_letter_to_others_prints_alone_and_in_black_in_the_dark_too(visit: Visit, house: House) -> None:
    page = visit("/code", color_scheme="dark")
    page.locator("#code").fill(house.letter)
    page.get_by_role("button", name="Ouvrir").click()
    page.goto(page.url.rstrip("/") + "/correct/letter")
    expect(page.get_by_role("button", name="Télécharger la lettre (PDF)")).to_be_visible()

    page.emulate_media(media="print", color_scheme="dark")

    expect(page.locator(".sheet")).to_be_visible()
    for each in ("header", "footer", ".own-pages", "h1", "form.letter"):
        expect(page.locator(each).first).to_be_hidden()
    colour = page.locator(".sheet p").first.evaluate("each => getComputedStyle(each).color")
    assert max(int(part) for part in re.findall(r"\d+", colour)[:3]) < 60, colour


def test_ways_of_proving_stand_one_under_another(visit: Visit, house: House) -> None:
    page = _entered(visit, house, CLAIMANT)
    page.goto("/organisations")
    found = page.locator('main a[href^="/o/"]').first.get_attribute("href")
    assert found
    page.goto(found.replace("/o/", "/claim/"))

    boxes = [each.bounding_box() for each in page.locator(".ways .choice").all()]

    assert len(boxes) > 2
    assert len({round(box["x"]) for box in boxes if box}) == 1


def _entered(visit: Visit, house: House, email: str) -> Page:
    page = visit("/")
    page.goto(house.sign_in_link(email))
    page.get_by_role("button", name="Entrer").click()
    context: BrowserContext = page.context
    assert any(cookie["name"] == "session" for cookie in context.cookies())
    return page
