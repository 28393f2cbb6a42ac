"""A steward reviews, merges, reads why, splits and takes back: with keys alone, and once without JavaScript."""

import json
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import House, command
from tests.journeys.test_accessibility import CUT_OFF, faults

Visit = Callable[..., Page]
STEWARD = "steward@example.org"


@pytest.fixture
def enter(visit: Visit, house: House) -> Callable[..., Page]:
    """A steward's browser, as it is asked for."""

    def go(**options: object) -> Page:
        page = visit("/", **options)
        page.goto(house.sign_in_link(STEWARD))
        page.get_by_role("button", name="Entrer").click()
        return page

    return go


def pair_of(page: Page) -> tuple[str, str]:
    first, second = (page.locator(f".verdicts input[name={name}]").input_value() for name in ("first", "second"))
    return first, second


def waiting(page: Page) -> int:
    found = re.search(r"(\d+) à comparer", page.locator(".progress").inner_text())
    assert found
    return int(found[1])


def answered(page: Page) -> int:
    found = re.search(r"(\d+) répondue", page.locator(".progress").inner_text())
    assert found
    return int(found[1])


def api(page: Page, uid: str) -> tuple[int, object]:
    """What the public gets of an organisation, without the time of its change."""
    reply = page.request.get(f"/api/v1/organisations/{uid}", max_redirects=0)
    if reply.status != 200:
        return reply.status, reply.headers.get("location", "")
    return 200, {name: value for name, value in json.loads(reply.body()).items() if name != "modified"}


def find_public_pair(page: Page, onward: Callable[[], None]) -> tuple[str, str]:
    """Pass over pairs until both of one are public."""
    for _ in range(40):
        if page.get_by_text("pas publique").count() == 0:
            return pair_of(page)
        onward()
    pytest.fail("no pair of two public entries")


def assert_one(page: Page, pair: tuple[str, str]) -> None:
    """One of both leads to the other, for machines and for people."""
    answers = {uid: api(page, uid) for uid in pair}
    (loser,) = (uid for uid in pair if answers[uid][0] == 301)
    (survivor,) = set(pair) - {loser}
    assert str(answers[loser][1]).endswith(f"/api/v1/organisations/{survivor}")
    assert answers[survivor][0] == 200


def test_with_keys_alone(enter: Callable[..., Page], house: House) -> None:
    page = enter()
    keys = page.keyboard
    page.goto("/steward/review")
    top = pair_of(page)
    keys.press("ArrowRight")
    page.wait_for_url("**/review?at=1")
    assert pair_of(page) != top
    keys.press("ArrowLeft")
    page.wait_for_url("**/review?at=0")
    assert pair_of(page) == top

    def onward() -> None:
        with page.expect_navigation():
            keys.press("ArrowRight")

    pair = find_public_pair(page, onward)
    before, left, done = [api(page, uid) for uid in pair], waiting(page), answered(page)
    expect(page.get_by_role("heading", name="Ce qui parle pour, ce qui parle contre")).to_be_visible()
    expect(page.get_by_role("heading", name="Pourquoi elles ne sont pas réunies")).to_be_visible()

    keys.press("s")
    expect(page.get_by_text("Votre réponse est gardée.")).to_be_visible()
    assert answered(page) > done
    assert_one(page, pair)
    code, told = command(house, "link", "--explain", *pair, "--language", "fr")
    assert (code, "Réunies en une fiche" in told) == (0, True), told

    page.goto(f"/steward/review/{pair[0]}/{pair[1]}")
    expect(page.get_by_text("Ces deux fiches sont réunies en une.")).to_be_visible()
    keys.press("d")
    expect(page.get_by_text("Votre réponse est gardée.")).to_be_visible()
    assert [api(page, uid) for uid in pair] == before
    assert "une personne a dit que ce sont deux choses" in page.content()

    keys.press("z")
    expect(page.get_by_text("La réponse est reprise")).to_be_visible()
    assert_one(page, pair)
    keys.press("z")
    expect(page.get_by_text("Ces deux fiches sont réunies en une.")).to_have_count(0)
    assert [api(page, uid) for uid in pair] == before
    page.goto("/steward/review")
    assert waiting(page) == left


def test_keys_can_be_turned_off_and_stay_off(enter: Callable[..., Page]) -> None:
    page = enter()
    page.goto("/steward/review")
    pair = pair_of(page)
    page.get_by_label("Répondre avec les touches du clavier").uncheck()
    page.reload()
    page.keyboard.press("u")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_label("Répondre avec les touches du clavier")).not_to_be_checked()
    assert page.url.endswith("/steward/review")
    assert pair_of(page) == pair
    page.get_by_label("Répondre avec les touches du clavier").check()
    page.keyboard.press("u")
    expect(page.get_by_text("Votre réponse est gardée.")).to_be_visible()
    assert pair_of(page) != pair
    page.keyboard.press("z")
    expect(page.get_by_text("La réponse est reprise")).to_be_visible()


def test_without_javascript(enter: Callable[..., Page], house: House) -> None:
    page = enter(java_script_enabled=False, viewport={"width": 360, "height": 800})
    page.goto("/steward/review")
    expect(page.get_by_label("Répondre avec les touches du clavier")).to_be_hidden()

    def onward() -> None:
        page.get_by_role("link", name="Paire suivante").click()

    pair = find_public_pair(page, onward)
    before = [api(page, uid) for uid in pair]

    page.get_by_role("button", name="C’est la même").click()
    expect(page.get_by_text("Votre réponse est gardée.")).to_be_visible()
    assert_one(page, pair)

    survivor = next(uid for uid in pair if api(page, uid)[0] == 200)
    page.goto(f"/steward/records/{survivor}")
    page.get_by_label("Motif").fill("Vérifier une fusion")
    page.get_by_role("button", name="Ouvrir").click()
    expect(page.get_by_role("heading", name="Fiches réunies en celle-ci")).to_be_visible()
    page.locator(f"li:has-text('{pair[0]}'):has-text('{pair[1]}')").get_by_role(
        "link", name="Comparer ou séparer"
    ).click()
    page.get_by_role("button", name="Séparer : ce sont deux différentes").click()
    expect(page.get_by_text("Votre réponse est gardée.")).to_be_visible()
    assert [api(page, uid) for uid in pair] == before

    page.get_by_role("link", name="Réponses données").click()
    page.get_by_role("button", name="Reprendre").first.click()
    expect(page.get_by_text("La réponse est reprise")).to_be_visible()
    assert_one(page, pair)
    page.get_by_role("button", name="Reprendre ma dernière réponse").click()
    expect(page.get_by_text("La réponse est reprise")).to_be_visible()
    assert [api(page, uid) for uid in pair] == before
    code, told = command(house, "link", "--explain", *pair)
    assert code == 0
    assert "Not merged:" in told


@pytest.mark.parametrize("width", [360, 1440])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_are_accessible_and_fit(enter: Callable[..., Page], width: int, scheme: str) -> None:
    page = enter(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page.goto("/steward/review")
    first, second = pair_of(page)
    page.keyboard.press("u")
    expect(page.get_by_text("Votre réponse est gardée.")).to_be_visible()
    for path in ("review", f"review/{first}/{second}", "judgements"):
        page.goto(f"/steward/{path}")
        assert faults(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        assert max(page.evaluate(CUT_OFF), default=0) <= 0, path
    page.goto("/steward/review")
    page.keyboard.press("z")
    expect(page.get_by_text("La réponse est reprise")).to_be_visible()
