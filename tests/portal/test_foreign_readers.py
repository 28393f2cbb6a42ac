"""Programs that know nothing of us read what the portal serves: JSON-LD in pages, site maps, calendars, feeds."""

import re
from collections.abc import Callable
from datetime import date
from typing import Any

import extruct
import feedparser
import pytest
from django.conf import settings
from django.http import HttpResponse
from django.test import Client
from icalendar import Calendar
from lxml import etree

from tests.portal.conftest import page_of

BASE_URL = settings.DATACOOP_BASE_URL
SITEMAPS = "http://www.sitemaps.org/schemas/sitemap/0.9"


def described(answer: HttpResponse) -> list[dict[str, Any]]:
    """What a harvester of pages finds in one."""
    found = extruct.extract(answer.content.decode(), base_url=BASE_URL, syntaxes=["json-ld"], errors="strict")
    things: list[dict[str, Any]] = found["json-ld"]
    return things


@pytest.fixture
def page(published: Callable[..., None], visitor: Client) -> str:
    published()
    return page_of(visitor, "Clairière")


def test_extruct_reads_the_description_out_of_a_page(page: str, visitor: Client) -> None:
    found = extruct.extract(
        visitor.get(page).content.decode(), base_url=BASE_URL, syntaxes=["json-ld"], errors="strict"
    )

    (thing,) = found["json-ld"]
    assert (thing["@context"], thing["name"]) == ("https://schema.org", "Chœur de la Clairière")
    assert thing["url"] == f"{BASE_URL}{page}"
    assert thing["address"][0]["addressLocality"] == "Lausanne"
    assert "email" not in thing
    assert "telephone" not in thing


def test_the_address_in_the_description_is_the_record_in_the_api(page: str, visitor: Client) -> None:
    (thing,) = described(visitor.get(page))

    identifier = thing["@id"].rpartition("/")[2]
    assert thing["@id"] == f"{BASE_URL}/api/v1/organisations/{identifier}"
    assert page.endswith(identifier[:8])


def test_a_reader_of_site_maps_finds_every_page_from_robots_txt_alone(page: str, visitor: Client) -> None:
    """As sitemaps.org tells a crawler to: robots.txt names the index, the index the maps, the maps the pages."""
    (start,) = re.findall(r"^Sitemap: (\S+)$", visitor.get("/robots.txt").content.decode(), re.MULTILINE)

    maps = entries(visitor, start, "sitemapindex", "sitemap")
    found = dict(each for address, _ in maps for each in entries(visitor, address, "urlset", "url"))

    assert len(found) == 3
    assert found[f"{BASE_URL}{page}"] is not None
    for address in found:
        assert visitor.get(address.removeprefix(BASE_URL)).status_code == 200


def entries(visitor: Client, address: str, root: str, name: str) -> list[tuple[str, date | None]]:
    """The addresses of one map with the day each changed; everything in the namespace, on this host, at most 50,000."""
    answer = visitor.get(address.removeprefix(BASE_URL))
    assert answer.headers["Content-Type"].partition(";")[0] == "application/xml"
    tree = etree.fromstring(answer.content)
    assert tree.tag == f"{{{SITEMAPS}}}{root}"
    assert {child.tag for child in tree} <= {f"{{{SITEMAPS}}}{name}"}
    assert len(tree) <= 50_000
    told = [(each.findtext(f"{{{SITEMAPS}}}loc") or "", each.findtext(f"{{{SITEMAPS}}}lastmod")) for each in tree]
    assert all(loc.startswith(f"{BASE_URL}/") for loc, _ in told)
    return [(loc, date.fromisoformat(changed) if changed else None) for loc, changed in told]


def test_calendars_and_feed_readers_subscribe_to_the_agenda(published: Callable[..., None], visitor: Client) -> None:
    published()

    calendar = Calendar.from_ical(visitor.get("/agenda.ics").content)
    feed = feedparser.parse(visitor.get("/agenda.atom").content)

    assert calendar.errors == []
    assert (feed.bozo, feed.version) == (False, "atom10")
