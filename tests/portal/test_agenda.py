"""The agenda as a subscription: a calendar and a feed of the next activities, for any search."""

import re
from datetime import UTC, datetime
from xml.etree import ElementTree

import pytest
from django.test import Client
from icalendar import Calendar

from datacoop.consent.actions import Wish, decide
from datacoop.portal.views import agenda
from tests.portal.conftest import Announce

pytestmark = pytest.mark.django_db(transaction=True)


def names_of(visitor: Client, address: str) -> list[str]:
    """What a calendar program reads at an address."""
    answer = visitor.get(address)
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    return [str(event["SUMMARY"]) for event in Calendar.from_ical(answer.content).walk("VEVENT")]


def test_tells_what_comes_next_in_order_and_nothing_that_is_over(visitor: Client, announce: Announce) -> None:
    announce("Aubade", 20)
    announce("Veillée", 2)
    announce("Bal d’hier", -3)
    assert names_of(visitor, "/agenda.ics") == ["Veillée", "Aubade"]


def test_holds_more_than_a_page_but_not_everything(
    visitor: Client, announce: Announce, monkeypatch: pytest.MonkeyPatch
) -> None:
    for day in range(1, 24):
        announce(f"Soirée {day}", day)
    assert len(names_of(visitor, "/agenda.ics")) == 23
    monkeypatch.setattr(agenda, "MOST", 5)
    assert names_of(visitor, "/agenda.ics") == [f"Soirée {day}" for day in range(1, 6)]


def test_a_search_can_be_subscribed_to_from_its_page(visitor: Client, announce: Announce) -> None:
    announce("Veillée", 2)
    announce("Tournoi", 3, "sport/football")
    html = visitor.get("/activities", {"theme": "sport", "q": "tournoi"}).content.decode()
    assert "S’abonner à cette recherche" in html
    shown = set(re.findall(r'href="(/agenda[^"]+)"', html))
    assert {
        "/agenda.ics?q=tournoi&amp;theme=sport&amp;lang=fr",
        "/agenda.atom?q=tournoi&amp;theme=sport&amp;lang=fr",
    } < shown
    assert names_of(visitor, "/agenda.ics?q=tournoi&theme=sport&lang=fr") == ["Tournoi"]


@pytest.mark.parametrize("path", ["/", "/activities"])
def test_pages_tell_programs_where_their_feed_is(visitor: Client, path: str) -> None:
    head = visitor.get(path).content.decode().partition("</head>")[0]
    assert re.findall(r'<link rel="alternate" type="([^"]+)"', head) == ["text/calendar", "application/atom+xml"]


def test_is_the_same_bytes_for_everybody_until_something_changes(visitor: Client, announce: Announce) -> None:
    announce("Veillée", 2)
    first = visitor.get("/agenda.ics")
    german = Client(headers={"accept-language": "de"}).get("/agenda.ics")
    assert (first.content, first.headers["ETag"]) == (german.content, german.headers["ETag"])
    again = visitor.get("/agenda.ics", headers={"if-none-match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    announce("Aubade", 20)
    assert visitor.get("/agenda.ics", headers={"if-none-match": first.headers["ETag"]}).status_code == 200


def test_says_themes_in_the_language_of_the_address(visitor: Client, announce: Announce) -> None:
    announce("Veillée", 2)
    assert "CATEGORIES:Gesang und Chöre" in visitor.get("/agenda.ics?lang=de").content.decode()
    assert "CATEGORIES:Chant et chœurs" in visitor.get("/agenda.ics?lang=xx").content.decode()


def test_leads_readers_of_the_feed_to_the_page_of_an_activity(visitor: Client, announce: Announce) -> None:
    uid = announce("Veillée", 2)
    feed = ElementTree.fromstring(visitor.get("/agenda.atom").content)
    links = [each.get("href", "") for each in feed.findall(".//{*}entry/{*}link")]
    assert [link.endswith(f"/a/veillee-{str(uid)[:8]}") for link in links] == [True]


def test_says_nothing_of_what_is_no_longer_shown(visitor: Client, announce: Announce) -> None:
    before = visitor.get("/agenda.ics").content
    uid = announce("Répétition secrète", 2)
    decide(uid=uid, wish=Wish("public", shows=False), actor="steward:1", reason="asked", now=datetime.now(UTC))
    assert visitor.get("/agenda.ics").content == before


@pytest.mark.parametrize("path", ["/agenda.csv", "/agenda", "/agenda.json"])
def test_is_written_as_calendar_and_feed_only(visitor: Client, path: str) -> None:
    assert visitor.get(path).status_code == 404
