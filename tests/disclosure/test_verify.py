"""`verify` finds every view and index row that is not what statements and decisions make it."""

from collections.abc import Callable

import pytest
from django.db import connection
from hypothesis import given, settings

from datacoop.disclosure.models import Counter, Entry, Facet, View
from datacoop.disclosure.verify import differences
from tests.laws.catalogue import CATALOGUE, said
from tests.laws.replaying import replay
from tests.laws.worlds import Create, Decide, Merge, World, worlds

pytestmark = pytest.mark.django_db(transaction=True)

WORLD = CATALOGUE["wider by property"]


@settings(max_examples=15)
@given(world=worlds())
def test_finds_nothing_where_nobody_tampered(world: World) -> None:
    assert list(differences(replay(world))) == []


@pytest.mark.parametrize("shows", [True, False], ids=["appears", "vanishes"])
def test_finds_nothing_where_the_survivor_of_a_merged_organiser(shows: bool) -> None:
    organised = said("a0", "list:1", title="Zeta Chor", organiser="o1")
    known = said("o0", "list:1", name="Alpha Lac")
    hidden = said("o1", "list:1", mark="s", email="zeta@example.org")
    world: World = (Create("o0"), Create("o1"), Create("a0"), hidden, Merge("o1", "o0"), organised, known)
    assert list(differences(replay(world if shows else (*world, Decide("o0", "public", False))))) == []


def _body() -> None:
    view = View.objects.filter(state="l", tier=1).order_by("key").first()
    assert view is not None
    view.body = bytes(view.body).replace(b"Lausanne", b"Nowhere!").replace(b"Chanter", b"Hurler!")
    view.save()


def _open_body() -> None:
    view = View.objects.filter(open_body__isnull=False).order_by("key").first()
    assert view is not None
    View.objects.filter(key=view.key).update(open_body=view.body)


def _words() -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT rowid FROM disclosure_words_public LIMIT 1")
            row = cursor.fetchone()[0]
            cursor.execute("DELETE FROM disclosure_words_public WHERE rowid = %s", [row])
        else:
            cursor.execute("UPDATE disclosure_words SET words = to_tsvector('simple', 'anything') WHERE tier = 1")


def _words_of_nobody() -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("INSERT INTO disclosure_words_wider (rowid, name, text, deeper) VALUES (7, '', 'x', '')")
        else:
            cursor.execute("INSERT INTO disclosure_words (tier, record_id, kind, words) VALUES (3, 7, 1, '')")


TAMPERINGS: dict[str, Callable[[], object]] = {
    "a body": _body,
    "a body for anonymous lists": _open_body,
    "a view taken away": lambda: View.objects.filter(tier=1, state="l").first().delete(),  # type: ignore[union-attr]
    "a view declared gone": lambda: View.objects.filter(tier=1).update(state="d"),
    "a name to sort by": lambda: Entry.objects.filter(tier=1, theme="").update(name=b"AAA"),
    "a place": lambda: Entry.objects.filter(tier=1, theme="").update(place="5591"),
    "a theme taken away": lambda: Entry.objects.exclude(theme="").filter(tier=1).delete(),
    "a facet": lambda: Facet.objects.filter(tier=1).update(value="it"),
    "a facet of nobody": lambda: Facet.objects.create(record_id=7, tier=1, name="languages", value="fr", kind=1),
    "an entry of nobody": lambda: Entry.objects.create(record_id=7, tier=1, theme="", kind=1, place="", name=b""),
    "words": _words,
    "words of nobody": _words_of_nobody,
    "who has a row below": lambda: View.objects.filter(tier=1).exclude(deeper="").update(deeper=""),
    "who has an entry below": lambda: Entry.objects.filter(tier=1).exclude(deeper="").update(deeper=""),
    "who has a facet below": lambda: Facet.objects.filter(tier=1).exclude(deeper="").update(deeper=""),
    "a private id": lambda: View.objects.filter(tier=1, state="l").update(private="x"),
    "the counter": lambda: Counter.objects.filter(tier=1).update(seq=99),
}


@pytest.mark.parametrize("what", TAMPERINGS)
def test_finds_tampering_with(what: str) -> None:
    end = replay(WORLD)
    assert list(differences(end)) == []

    TAMPERINGS[what]()

    assert list(differences(end)) != []
