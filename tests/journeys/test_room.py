"""On a telephone a thumb presses one control, not its neighbour; and nothing stands outside of the screen."""

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page

from tests.journeys.conftest import House

NARROW = {"width": 360, "height": 740}
#: As much as WCAG 2.2 (2.5.8) leaves between small targets, and a little for what is rounded.
NEAREST = 7.5
STEWARDS = [
    *("/steward/", "/steward/answers", "/steward/holders", "/steward/claims", "/steward/notices", "/steward/reports"),
    *("/steward/requests", "/steward/lists", "/steward/upload", "/steward/guardians", "/steward/review"),
]
#: Links in running text, what lies in boxes that are scrolled, and what stays closed are no neighbours;
#: the lines of a drawing reach beyond its frame, which cuts them.
CROWDED = """nearest => {
  const apart_by_itself = '.unseen, .trap, .skip, nav, .scroll, .ticks, svg *, details:not([open]) > :not(summary)';
  const shown = e => e.checkVisibility() && !e.closest(apart_by_itself);
  const controls = 'main :is(.button, button, input:not([type=hidden]), select, textarea, summary)';
  const all = [...document.querySelectorAll(controls)].filter(shown);
  const name = e => (e.innerText || e.name || '').trim().slice(0, 40);
  const small = e => ['radio', 'checkbox'].includes(e.type);
  const found = [];
  for (const [i, a] of all.entries()) for (const b of all.slice(i + 1)) {
    if (a.contains(b) || b.contains(a) || (small(a) && small(b))) continue;
    const r = a.getBoundingClientRect(), q = b.getBoundingClientRect();
    const apart = Math.max(q.left - r.right, r.left - q.right, q.top - r.bottom, r.top - q.bottom);
    if (apart < nearest) found.push(`${name(a)} | ${name(b)}: ${apart}`);
  }
  const goes_out = e => shown(e) && e.getBoundingClientRect().right > innerWidth + 1;
  const out = [...document.querySelectorAll('main *')].filter(goes_out);
  return [...found, ...out.map(e => `outside: ${name(e)}`)];
}"""


def crowded(page: Page) -> Any:
    return page.evaluate(CROWDED, NEAREST)


def entered(visit: Callable[..., Page], house: House, email: str) -> Page:
    page = visit(house.sign_in_link(email).removeprefix(house.url), viewport=NARROW)
    page.locator("main form button").first.click()
    return page


def test_on_stewards_pages(visit: Callable[..., Page], house: House) -> None:
    page = entered(visit, house, "steward@example.org")
    for path in STEWARDS:
        page.goto(path)
        assert crowded(page) == [], path


def test_on_the_desk_of_a_holder(visit: Callable[..., Page], house: House) -> None:
    page = entered(visit, house, "huguette@example.org")
    page.goto("/desk/")
    desk = page.url
    links = {each.get_attribute("href") or "" for each in page.locator("main a.button").all()}
    for address in [desk, *sorted(links)]:
        page.goto(address)
        assert crowded(page) == [], address


def test_a_crowded_page_is_found(visit: Callable[..., Page]) -> None:
    page = visit("/sign-in", viewport=NARROW)
    assert crowded(page) == []
    page.evaluate("document.querySelector('main form button').style.marginTop = '-1.2rem'")
    assert crowded(page) != []
