"""Programs that know nothing of us read what the portal serves: JSON-LD in pages, site maps, calendars, feeds."""

from collections.abc import Callable
from typing import Any

import extruct
import feedparser
import pytest
from django.conf import settings
from django.http import HttpResponse
from django.test import Client
from icalendar import Calendar
from usp.objects.sitemap import InvalidSitemap
from usp.tree import sitemap_tree_for_homepage
from usp.web_client.abstract_client import (
    AbstractWebClientResponse,
    LocalWebClient,
    LocalWebClientSuccessResponse,
    WebClientErrorResponse,
)

from tests.portal.conftest import page_of

BASE_URL = settings.DATACOOP_BASE_URL


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


def test_a_reader_of_site_maps_finds_every_page_from_the_address_alone(page: str, visitor: Client) -> None:
    tree = sitemap_tree_for_homepage(BASE_URL, web_client=Web(visitor), use_known_paths=False)

    found = {str(each.url): each.last_modified for each in tree.all_pages()}
    assert not [each for each in tree.all_sitemaps() if isinstance(each, InvalidSitemap)]
    assert len(found) == 3
    assert found[f"{BASE_URL}{page}"] is not None
    for address in found:
        assert visitor.get(address.removeprefix(BASE_URL)).status_code == 200


class Web(LocalWebClient):
    """Gives the reader what a visitor gets."""

    def __init__(self, visitor: Client) -> None:
        self.visitor = visitor

    def get(self, url: str) -> AbstractWebClientResponse:
        answer = self.visitor.get(url.removeprefix(BASE_URL))
        if answer.status_code != 200:
            return WebClientErrorResponse(str(answer.status_code), retryable=False)
        return LocalWebClientSuccessResponse(url, answer.content.decode())


def test_calendars_and_feed_readers_subscribe_to_the_agenda(published: Callable[..., None], visitor: Client) -> None:
    published()

    calendar = Calendar.from_ical(visitor.get("/agenda.ics").content)
    feed = feedparser.parse(visitor.get("/agenda.atom").content)

    assert calendar.errors == []
    assert (feed.bozo, feed.version) == (False, "atom10")
