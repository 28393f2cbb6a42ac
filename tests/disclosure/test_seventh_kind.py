"""A new kind is one file: no migration, and everything follows."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from datacoop.disclosure.readers import PUBLIC
from datacoop.disclosure.reading import reading
from datacoop.disclosure.search.finding import find
from datacoop.disclosure.search.getting import get
from datacoop.disclosure.search.grouping import facets
from datacoop.disclosure.search.questions import Found, Question
from datacoop.disclosure.verify import differences
from datacoop.kinds import definition
from datacoop.records.actions.revising import revision
from datacoop.records.actions.stating import create_record, state
from datacoop.records.rules import Origin
from datacoop.records.storing import Said

NOW = datetime(2026, 11, 1, tzinfo=UTC)
ROOM = """
name: room
plural: rooms
labels: {fr: Salle, de: Raum, it: Sala, en: Room}
plural_labels: {fr: Salles, de: Räume, it: Sale, en: Rooms}
subject: self
schema_org: Place
properties:
  name:
    type: string
    default: published
    labels: {fr: Nom, de: Name, it: Nome, en: Name}
    slot: name
    search: name
    example: Salle des Tilleuls
  seats:
    type: integer
    default: published
    labels: {fr: Places, de: Plätze, it: Posti, en: Seats}
    facet: true
    example: 40
  keys_at:
    type: string
    labels: {fr: Clés, de: Schlüssel, it: Chiavi, en: Keys}
    example: Chez le concierge
"""


@pytest.mark.django_db(transaction=True)
def test_a_new_kind_is_said_compiled_found_and_filtered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "room.yml").write_text(ROOM, encoding="utf-8")
    monkeypatch.setenv("DATACOOP_KINDS_DIR", str(tmp_path))
    definition.reload()
    try:
        _live_with_rooms()
    finally:
        monkeypatch.delenv("DATACOOP_KINDS_DIR")
        definition.reload()


def _live_with_rooms() -> None:
    with revision(actor="steward:test", now=NOW, why="test") as draft:
        room = create_record(draft, kind="room")
        said = [Said("name", "Salle des Tilleuls"), Said("seats", 40), Said("keys_at", "Concierge")]
        state(draft, record_id=room.id, said=said, origin=Origin.STEWARD)
    with reading() as connection:
        page = find(connection, PUBLIC, Question("room", text="tilleuls", facets=(("seats", ("40",)),)))
        one = get(connection, PUBLIC, "room", str(room.uid))
        counts = facets(connection, PUBLIC, Question("room"))

    assert [json.loads(body)["name"] for body in page.bodies] == ["Salle des Tilleuls"]
    assert isinstance(one, Found)
    assert "keys_at" not in json.loads(one.body), "a property without a rule is shown to nobody"
    assert counts == {"seats": [{"value": "40", "count": 1, "count_relation": "eq"}]}
    assert list(differences(NOW)) == []
