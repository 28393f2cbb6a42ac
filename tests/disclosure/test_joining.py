"""A client that waits is shown nothing that its class was granted; one that joined, no property it did not sign for."""

import json
from datetime import UTC, datetime
from uuid import UUID

import pytest

from datacoop.consent import conditions, hearing
from datacoop.consent.actions import Wish, add_agreement, decide
from datacoop.consent.conditions import Conditions, ConditionsError
from datacoop.disclosure.cursors import Position
from datacoop.disclosure.joining import join
from datacoop.disclosure.models import Tombstone
from datacoop.disclosure.readers import PUBLIC, Reader, reader_of_agreement
from datacoop.disclosure.reading import reading
from datacoop.disclosure.search.feeding import changes, feed_position
from datacoop.disclosure.search.finding import find
from datacoop.disclosure.search.questions import Question
from datacoop.disclosure.verify import differences
from datacoop.records.actions.revising import revision
from datacoop.records.actions.stating import create_record, state
from datacoop.records.rules import Origin
from datacoop.records.storing import Said

NOW = datetime(2026, 11, 1, tzinfo=UTC)
TERMS = "terms:public-bodies"
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def verified() -> object:
    """Whatever happened: views, index and counters are what statements and decisions make them."""
    yield
    assert list(differences(NOW)) == []


@pytest.fixture
def choir() -> UUID:
    """Everybody sees the name and the website, the class the e-mail and the phone too."""
    with revision(actor="steward:test", now=NOW, why="test") as draft:
        record = create_record(draft, kind="organisation")
        said = [
            Said("name", "Chœur"), Said("email", "info@choeur.example.org"), Said("phones", "+41 21 555 01 02"),
            Said("website", "https://x.example.org"),
        ]  # fmt: skip
        state(draft, record_id=record.id, said=said, origin=Origin.STEWARD)
    for name in ("email", "phones"):
        say(record.uid, "public", name, shows=False)
        say(record.uid, TERMS, name, shows=True)
    return record.uid


def say(uid: UUID, audience: str, prop: str | None = None, *, shows: bool) -> None:
    wish = Wish(audience, shows=shows, property=prop)
    decide(uid=uid, wish=wish, actor="steward:test", reason="test", now=NOW)


def hidden_from_the_class(count: int) -> list[UUID]:
    """So many public clubs of which the class is not to see the website."""
    found = []
    for number in range(count):
        with revision(actor="steward:test", now=NOW, why="test") as draft:
            record = create_record(draft, kind="organisation")
            said = [Said("name", f"Club {number}"), Said("website", "https://club.example.org")]
            state(draft, record_id=record.id, said=said, origin=Origin.STEWARD)
        say(record.uid, TERMS, "website", shows=False)
        found.append(record.uid)
    return found


def sign(*properties: str, waits: bool = True) -> str:
    conditions = Conditions(country="CH", properties=properties, waits=waits)
    return add_agreement(name="Ville", terms="public-bodies", actor="steward:1", now=NOW, conditions=conditions)


def reader_of(agreement: str) -> Reader:
    with reading() as connection:
        found = reader_of_agreement(connection, agreement)
    assert found is not None
    return found


def seen(agreement: str | None) -> dict[str, object]:
    """The one record as it stands in the list of a client, or of everybody."""
    reader = PUBLIC if agreement is None else reader_of(agreement)
    with reading() as connection:
        found = find(connection, reader, Question("organisation")).bodies
    assert len(found) <= 1
    return dict(json.loads(found[0])) if found else {}


def found_by(agreement: str, text: str) -> int:
    with reading() as connection:
        return len(find(connection, reader_of(agreement), Question("organisation", text=text)).bodies)


def follow(agreement: str, after: Position | None = None) -> tuple[list[dict[str, object]], Position]:
    with reading() as connection:
        page = changes(connection, reader_of(agreement), after, 100)  # type: ignore[arg-type]
    return [json.loads(each) for each in page.items], page.position


class TestWaiting:
    def test_is_shown_nothing_that_its_class_was_granted(self, choir: UUID) -> None:
        waiting = sign()

        assert not {"email", "phones"} & seen(waiting).keys()

        say(choir, TERMS, "phones", shows=True)
        assert "phones" not in seen(waiting)

    def test_is_not_shown_what_its_class_is_not_to_see(self, choir: UUID) -> None:
        before = sign()
        say(choir, TERMS, "website", shows=False)

        assert "website" not in seen(before)
        assert "website" not in seen(sign())
        assert "website" in seen(None)

    def test_is_shown_what_was_granted_to_itself(self, choir: UUID) -> None:
        waiting = sign()

        say(choir, f"agreement:{waiting}", "email", shows=True)

        assert "email" in seen(waiting)
        assert "phones" not in seen(waiting)

    def test_of_an_earlier_day_is_heard_by_whoever_was_hidden_before_anybody_waited(self, choir: UUID) -> None:
        say(choir, TERMS, shows=False)

        assert seen(sign()) == {}


class TestJoining:
    def test_is_shown_what_its_class_was_granted(self, choir: UUID) -> None:
        client = sign()

        assert join(agreement=client, actor="clock", now=NOW)

        assert {"email", "phones"} <= seen(client).keys()

    def test_once_is_enough(self, choir: UUID) -> None:
        client = sign()
        join(agreement=client, actor="clock", now=NOW)

        assert not join(agreement=client, actor="clock", now=NOW)

    def test_shows_nothing_of_whoever_excluded_it(self, choir: UUID) -> None:
        client, other = sign(), sign()
        say(choir, f"agreement:{client}", shows=False)

        for each in (client, other):
            join(agreement=each, actor="clock", now=NOW)

        assert seen(client) == {}
        assert "email" in seen(other)

    def test_keeps_excluded_a_property_alone(self, choir: UUID) -> None:
        client = sign()
        say(choir, f"agreement:{client}", "phones", shows=False)

        join(agreement=client, actor="clock", now=NOW)

        assert "email" in seen(client)
        assert "phones" not in seen(client)

    def test_the_feed_tells_what_it_may_see_now_from_where_it_stood(self, choir: UUID) -> None:
        """Also where the waiting version moved on by more than the class had when the choir showed it something."""
        client = sign()
        clubs = hidden_from_the_class(4)
        _, stood = follow(client)
        assert follow(client, stood)[0] == []

        join(agreement=client, actor="clock", now=NOW)

        items, then = follow(client, stood)
        assert {each["id"] for each in items} == {str(choir), *map(str, clubs)}
        (own,) = (each for each in items if each["id"] == str(choir))
        assert own["data"]["email"] == "info@choeur.example.org"  # type: ignore[index]
        assert follow(client, then)[0] == []

    def test_an_export_from_before_and_the_feed_after_miss_nothing(self, choir: UUID) -> None:
        client = sign()
        hidden_from_the_class(4)
        with reading() as connection:
            stood = feed_position(connection, reader_of(client))

        join(agreement=client, actor="clock", now=NOW)

        assert str(choir) in [each["id"] for each in follow(client, stood)[0]]

    def test_what_it_was_sent_while_it_waited_is_to_be_erased_and_told(self, choir: UUID) -> None:
        client = sign()
        say(choir, TERMS, "website", shows=False)
        assert seen(client)
        stood = follow(client)[1]
        join(agreement=client, actor="clock", now=NOW)

        say(choir, TERMS, shows=False)

        told = follow(client, stood)[0]
        assert [each["state"] for each in told] == ["deleted"]
        assert told[0]["tombstone"] == str(Tombstone.objects.get().uid)


class TestProperties:
    def test_nothing_beyond_what_was_signed_whatever_the_class_was_granted(self, choir: UUID) -> None:
        client = sign("organisation.email", "activity.title")
        join(agreement=client, actor="clock", now=NOW)

        assert seen(client)["email"] == "info@choeur.example.org"
        assert "phones" not in seen(client)
        assert "website" in seen(client), "what everybody sees it sees too"
        assert found_by(client, "choeur") == 1

    def test_nor_what_the_whole_record_was_granted(self, choir: UUID) -> None:
        client = sign("organisation.email")
        join(agreement=client, actor="clock", now=NOW)
        say(choir, "public", shows=False)
        say(choir, TERMS, shows=True)

        assert seen(client).keys() - {"id", "kind", "sources", "modified"} == {"email"}

    def test_nor_what_it_was_granted_itself(self, choir: UUID) -> None:
        client = sign("organisation.email")
        join(agreement=client, actor="clock", now=NOW)

        say(choir, f"agreement:{client}", "phones", shows=True)

        assert "phones" not in seen(client)

    def test_a_grant_of_a_later_day_is_measured_alike(self, choir: UUID) -> None:
        client, all_of_it = sign("organisation.phones"), sign()
        for each in (client, all_of_it):
            join(agreement=each, actor="clock", now=NOW)

        say(choir, TERMS, "phones", shows=False)
        say(choir, TERMS, "phones", shows=True)

        assert seen(client).get("phones")
        assert "email" not in seen(client)
        assert "email" in seen(all_of_it)

    def test_nor_what_the_terms_themselves_do_not_name(self, choir: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
        """Whoever signs them is held to them, with or without a wish of its own, and whoever they name itself."""
        shipped = hearing.shipped_terms()
        narrow = {**shipped["public-bodies"], "properties": ["organisation.email"]}
        monkeypatch.setattr(hearing, "shipped_terms", lambda: {**shipped, "public-bodies": narrow})
        monkeypatch.setattr(conditions, "shipped_terms", hearing.shipped_terms)
        client = add_agreement(name="Ville", terms="public-bodies", actor="steward:1", now=NOW)

        say(choir, TERMS, "email", shows=True)
        say(choir, f"agreement:{client}", "phones", shows=True)

        assert "email" in seen(client)
        assert "phones" not in seen(client)
        with pytest.raises(ConditionsError):
            sign("organisation.phones")
        assert list(differences(NOW)) == []
        monkeypatch.undo()
        say(choir, TERMS, "email", shows=True)
        say(choir, f"agreement:{client}", "phones", shows=False)

    @pytest.mark.parametrize(
        "asked",
        [
            Conditions(properties=("organisation.shoe_size",), waits=True),
            Conditions(properties=("organisation.email",)),
            Conditions(purposes=("message",)),
            Conditions(hours_to_erase=73),
            Conditions(retention_days=366),
            Conditions(country="Suisse"),
        ],
    )
    def test_nobody_signs_for_more_than_the_terms_name(self, asked: Conditions) -> None:
        with pytest.raises(ConditionsError):
            add_agreement(name="Ville", terms="public-bodies", actor="steward:1", now=NOW, conditions=asked)
