"""Law 4: whoever received a value is told to erase it; whoever still sees it is not."""

import json
from datetime import UTC, datetime
from uuid import UUID

import pytest
from django.db import connection

from datacoop.consent.actions import Wish, add_agreement, decide
from datacoop.disclosure.models import Tombstone
from datacoop.disclosure.readers import PUBLIC, Reader, reader_of_agreement
from datacoop.disclosure.reading import open_reading, reading
from datacoop.disclosure.search.feeding import changes
from datacoop.disclosure.search.finding import find
from datacoop.disclosure.search.getting import get
from datacoop.disclosure.search.questions import Gone, Question
from datacoop.records.actions.revising import revision
from datacoop.records.actions.stating import create_record, state
from datacoop.records.rules import Origin
from datacoop.records.storing import Said

NOW = datetime(2026, 11, 1, tzinfo=UTC)
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def choir() -> UUID:
    with revision(actor="steward:test", now=NOW, why="test") as draft:
        record = create_record(draft, kind="organisation")
        said = [
            Said("name", "Chœur"),
            Said("email", "info@choeur.example.org"),
            Said("website", "https://x.example.org"),
        ]
        state(draft, record_id=record.id, said=said, origin=Origin.STEWARD)
    return record.uid


def client(name: str) -> Reader:
    uid = add_agreement(name=name, terms="public-bodies", actor="steward:test", now=NOW)
    with reading() as connection:
        found = reader_of_agreement(connection, uid)
    assert found is not None
    return found


def hide(uid: UUID, audience: str, prop: str | None = None, *, shows: bool = False) -> None:
    wish = Wish(audience, shows=shows, property=prop)
    decide(uid=uid, wish=wish, actor="steward:test", reason="test", now=NOW)


def fetch(reader: Reader) -> None:
    with reading() as connection:
        assert find(connection, reader, Question("organisation")).bodies


def last_item(reader: Reader, uid: UUID) -> dict[str, object]:
    with reading() as connection:
        items = [json.loads(item) for item in changes(connection, reader, None, 100).items]
    return [item for item in items if item["id"] == str(uid)][-1]


def test_a_client_that_fetched_a_public_email_must_erase_it(choir: UUID) -> None:
    reader = client("Ville")
    fetch(reader)

    hide(choir, "public", "email")

    erase = last_item(reader, choir)["erase"]
    assert isinstance(erase, dict)
    assert erase["properties"] == ["email"]


def test_a_client_that_never_fetched_owes_nothing(choir: UUID) -> None:
    reader, other = client("Ville"), client("Canton")
    fetch(other)

    hide(choir, "public", "email")

    assert "erase" not in last_item(reader, choir)
    assert "erase" in last_item(other, choir)


def test_a_client_that_still_sees_it_owes_nothing(choir: UUID) -> None:
    reader = client("Ville")
    fetch(reader)

    hide(choir, f"agreement:{reader.agreement}", "email", shows=True)
    hide(choir, "public", "email")

    assert "erase" not in last_item(reader, choir)


def test_a_record_hidden_from_one_client_is_gone_for_it_alone(choir: UUID) -> None:
    reader = client("Ville")
    fetch(reader)

    hide(choir, f"agreement:{reader.agreement}")

    item = last_item(reader, choir)
    assert item["state"] == "deleted"
    assert "deadline" in item
    with reading() as connection:
        assert isinstance(get(connection, reader, "organisation", str(choir)), Gone)
        assert get(connection, PUBLIC, "organisation", str(choir)) is not None


def test_tells_everything_that_is_still_to_be_erased_of_a_record(choir: UUID) -> None:
    reader = client("Registre d'Exemple")
    fetch(reader)
    for name in ("email", "website"):
        hide(choir, "public", name)

    erase = last_item(reader, choir)["erase"]

    assert isinstance(erase, dict)
    assert sorted(erase["properties"]) == ["email", "website"]


def test_tells_the_deadline_in_utc_whatever_the_zone_of_the_server(
    choir: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = client("Ville")
    fetch(reader)
    hide(choir, "public", "email")
    if connection.vendor == "postgresql":
        monkeypatch.setitem(connection.settings_dict["OPTIONS"], "options", "-c timezone=Europe/Zurich")
    served = open_reading()

    items = [json.loads(item) for item in changes(served, reader, None, 100).items]
    served.close()

    (erase,) = [item["erase"] for item in items if "erase" in item]
    assert datetime.fromisoformat(erase["deadline"]) == Tombstone.objects.get().deadline
