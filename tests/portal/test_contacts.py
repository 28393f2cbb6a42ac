"""E-mail and telephone of a page: for whoever presses, one sort at a time, and not for whoever gathers them."""

import json
import re
from collections.abc import Callable

import pytest
from django.test import Client

from datacoop.portal import limits
from tests.portal.conftest import page_of

pytestmark = pytest.mark.django_db(transaction=True)
EMAIL, PHONE = "info@clairiere.example.org", "+41 21 555 12 34"


@pytest.fixture(autouse=True)
def _nothing_shown_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("datacoop.portal.contacts.CONTACTS", limits.Limit(most=2, seconds=60))


@pytest.fixture
def address(visitor: Client, published: Callable[..., None]) -> str:
    published()
    return page_of(visitor, "Clairière")


def test_stand_on_no_page_before_somebody_presses(visitor: Client, address: str) -> None:
    html = visitor.get(address).content.decode()

    assert EMAIL not in html
    assert "555 12 34" not in html
    assert "Montrer l’adresse e-mail" in html
    assert "Montrer le téléphone" in html


@pytest.mark.parametrize(("sort", "shown", "not_shown"), [("email", EMAIL, "555 12 34"), ("phones", PHONE, EMAIL)])
def test_are_shown_one_sort_at_a_time(visitor: Client, address: str, sort: str, shown: str, not_shown: str) -> None:
    html = visitor.get(f"{address}?show={sort}").content.decode()

    assert re.search(rf'<a href="(mailto|tel):[^"]+">{re.escape(shown)}</a>', html)
    assert not_shown not in html
    assert '<meta name="robots" content="noindex">' in html


def test_are_not_in_what_machines_read_of_a_page(visitor: Client, address: str) -> None:
    html = visitor.get(f"{address}?show=email").content.decode()
    told = json.loads(html.split('<script type="application/ld+json">')[1].split("</script>")[0])

    assert told["name"] == "Chœur de la Clairière"
    assert not {"email", "telephone"} & told.keys()
    assert "@clairiere" not in json.dumps(told)


def test_come_to_an_end_and_leave_the_form(visitor: Client, address: str) -> None:
    for _ in range(2):
        assert EMAIL in visitor.get(f"{address}?show=email").content.decode()

    html = visitor.get(f"{address}?show=email").content.decode()

    assert EMAIL not in html
    assert "revenez dans une heure" in html
    assert 'id="write"' in html


def test_looking_at_pages_counts_for_nothing(visitor: Client, address: str) -> None:
    for _ in range(5):
        visitor.get(address)
        visitor.get(f"{address}?show=fax")

    assert EMAIL in visitor.get(f"{address}?show=email").content.decode()


def test_nothing_is_offered_where_there_is_nothing(visitor: Client, address: str) -> None:
    html = visitor.get(page_of(visitor, "Pré-Vert") + "?show=email").content.decode()

    assert "Montrer" not in html
    assert "mailto:" not in html
