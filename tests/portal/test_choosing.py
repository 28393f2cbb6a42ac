"""What tells entries and choices apart: themes in several spellings, the order of places, entries of one name."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from html import unescape

import pytest
from django.http import QueryDict
from django.test import Client

from datacoop.kinds.definition import kind
from datacoop.portal.asking import asked
from datacoop.portal.choices import choices_of
from datacoop.portal.views.steward.values import shown_value
from tests.portal.conftest import Announce

pytestmark = pytest.mark.django_db(transaction=True)

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
ROWS = [
    "1;Basket du Lac;;sport/basket;association;;1005;Lausanne;;;",
    "2;Paniers de l’Aube;;sport/basketball;association;;1005;Lausanne;;;",
    "3;Ballon rond et panier;;sport/basket, sport/basketball;association;;1066;Epalinges;;;",
]


def choices_in(html: str, name: str) -> list[str]:
    """What a visitor reads in one of the filters."""
    field = html.partition(f'<select id="{name}"')[2].partition("</select>")[0]
    return [unescape(each).strip() for each in re.findall(r"<option[^>]+>([^<]+)</option>", field)][1:]


class TestThemesInSeveralSpellings:
    def test_are_one_choice_that_counts_each_record_once(self, visitor: Client, published: Callable[..., None]) -> None:
        published(ROWS)
        html = visitor.get("/organisations").content.decode()
        assert choices_in(html, "theme") == ["Sport (3)", "Basketball (3)"]

    @pytest.mark.parametrize("spelling", ["sport/basket", "sport/basketball"])
    def test_find_the_same_under_each(self, visitor: Client, published: Callable[..., None], spelling: str) -> None:
        published(ROWS)
        html = visitor.get("/organisations", {"theme": spelling}).content.decode()
        assert "3 organisations" in html
        assert 'data-query="theme=sport%2Fbasketball&amp;theme=sport%2Fbasket"' in html
        assert html.count("<li>Basketball</li>") == 3

    def test_are_one_filter_in_force(self) -> None:
        wish = asked("organisation", "/organisations", QueryDict("theme=sport/basket&theme=sport/basketball"), now=NOW)
        assert [each.label for each in wish.chosen("de")] == ["Basketball"]


def test_places_are_in_the_order_people_look_for_them() -> None:
    wish = asked("organisation", "/organisations", QueryDict(""), now=NOW)
    counts = {"commune": [{"value": f"={name}", "count": 1} for name in ("Zoug", "Évian", "AJACCIO", "Abbeville")]}
    labels = [each.label for each in choices_of(wish, counts, "fr")["commune"]]
    assert labels == ["Abbeville", "AJACCIO", "Évian", "Zoug"]


def test_a_value_reads_the_same_in_whatever_order_its_parts_came() -> None:
    of = kind("organisation").property("addresses")
    first = {"street": "Rue du Lac 7", "postal_code": "1005", "city": "Lausanne"}
    second = dict(reversed(first.items()))
    assert shown_value(first, of, "fr") == shown_value(second, of, "fr") == "Rue du Lac 7, 1005 Lausanne"


def test_activities_of_one_name_are_told_apart_by_day_and_organiser(steward: Client, announce: Announce) -> None:
    announce("Grand chœur", 2)
    announce("Grand chœur", 9)
    html = steward.get("/steward/find", {"record": "Grand chœur"}).content.decode()
    assert len(set(re.findall(r'<time datetime="([^"]+)"', html))) == 2
    assert html.count("Proposée par Chœur de la Clairière") == 2
