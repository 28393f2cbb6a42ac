"""A kind is one file: a seventh one works everywhere, a malformed one is refused in plain words."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from datacoop.kinds import definition
from datacoop.kinds.checks import DefinitionError
from datacoop.kinds.docs import kind_page
from datacoop.kinds.labels import label
from datacoop.kinds.parts import column_words
from datacoop.kinds.schema import item_schema

ROOM = """
name: room
plural: rooms
labels: {fr: Salle, rm: Sala}
plural_labels: {fr: Salles}
subject: owner
schema_org: Room
properties:
  name: {type: string, labels: {fr: Nom}, slot: name, search: name, example: Salle du Four, columns: {fr: [salle]}}
  owner: {type: reference, labels: {fr: Propriétaire}, refers: organisation, example: abc}
  seats: {type: integer, labels: {fr: Places}, facet: true, example: 80}
  floor: {type: code, labels: {fr: Étage}, values: {ground: {fr: Rez}}, example: ground}
  addresses: {type: address, labels: {fr: Adresses}, many: true, personal: contact, example: [{city: Renens VD}]}
  email: {type: email, labels: {fr: E-mail}, personal: contact, open: false, example: salle@example.org}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("DATACOOP_KINDS_DIR", str(tmp_path))
    definition.reload()
    yield tmp_path
    monkeypatch.delenv("DATACOOP_KINDS_DIR")
    definition.reload()


class TestSeventhKind:
    def test_gets_schema_columns_and_docs_from_one_file(self, folder: Path) -> None:
        (folder / "room.yml").write_text(ROOM, encoding="utf-8")

        room = definition.kind("room")

        assert len(definition.all_kinds()) == 7
        assert definition.kind_of_plural("rooms") is room
        assert room.list_route
        item = {"id": "x", "kind": "room", **room.example}
        Draft202012Validator(item_schema(room)).validate(item)
        assert column_words(room)["name"] == {"fr": ("salle",)}
        assert column_words(room)["addresses.postal_code"]
        assert "`GET /api/v1/rooms`" in kind_page(room)

    def test_falls_back_to_the_first_language_there_is(self, folder: Path) -> None:
        (folder / "room.yml").write_text(ROOM.replace("labels: {fr: Nom}", "labels: {rm: Num}"), encoding="utf-8")

        assert label(definition.kind("room"), "rm") == "Sala"
        assert label(definition.kind("room").property("name"), "de") == "Num"

    def test_never_shares_sensitive_themes_unless_it_says_so(self, folder: Path) -> None:
        (folder / "room.yml").write_text(ROOM, encoding="utf-8")

        assert not definition.kind("room").sensitive_facets


MALFORMED = [
    ("name: room", "name: Room", "name"),
    ("plural: rooms", "plural: changes", "plural"),
    ("plural: rooms", "plural: organisations", "plural"),
    ("name: room", "name: person", "name"),
    ("plural: rooms\n", "", "plural"),
    ("subject: owner", "subject: seats", "subject"),
    ("schema_org: Room", "colour: red", "colour"),
    ("schema_org: Room", "list_route: perhaps", "list_route"),
    ("schema_org: Room", "labels: {fr: Salle}", "labels"),
    ("schema_org: Room", "schema_org: [", "YAML"),
    ("labels: {fr: Salle, rm: Sala}", "labels: {}", "labels"),
    ("labels: {fr: Salle, rm: Sala}", "labels: {French: Salle}", "labels.French"),
    ("type: integer", "typ: integer", "properties.seats.typ"),
    ("type: integer", "type: whole", "properties.seats.type"),
    ("example: 80", "example: eighty", "properties.seats.example"),
    (", example: 80", "", "properties.seats.example"),
    ("facet: true, example: 80", "facet: yes, example: 80", "properties.seats.facet"),
    ("labels: {fr: Places}", "labels: {fr: ''}", "properties.seats.labels.fr"),
    ("slot: name, search: name", "slot: place", "properties.name.slot"),
    ("search: name", "search: everywhere", "properties.name.search"),
    ("columns: {fr: [salle]}", "columns: {fr: [Salle]}", "properties.name.columns.fr"),
    ("columns: {fr: [salle]}", "columns: {fr: salle}", "properties.name.columns.fr"),
    ("columns: {fr: [salle]}", "terms: {hsds: 3}", "properties.name.terms.hsds"),
    ("columns: {fr: [salle]}", "follows: moon", "properties.name.follows"),
    ("refers: organisation", "refers: planet", "properties.owner.refers"),
    ("refers: organisation, ", "", "properties.owner.refers"),
    ("values: {ground: {fr: Rez}}, ", "", "properties.floor.values"),
    ("values: {ground: {fr: Rez}}", "values: {Ground: {fr: Rez}}", "properties.floor.values.Ground"),
    ("example: ground", "example: attic", "properties.floor.example"),
    ("many: true", "many: true, facet: true", "properties.addresses.facet"),
    ("example: [{city: Renens VD}]", "example: {city: Renens VD}", "properties.addresses.example"),
    ("personal: contact, open", "open", "properties.email.personal"),
    ("personal: contact, open", "personal: sensitive, default: published, open", "properties.email.default"),
    ("open: false, ", "", "properties.email.open"),
    ("  seats:", "  near:", "properties.near"),
    ("  seats:", "  modified:", "properties.modified"),
    ("  seats:", "  name:", "name"),
    (
        "  floor:",
        "  other: {type: string, labels: {fr: Autre}, slot: name, example: x}\n  floor:",
        "properties.other.slot",
    ),
]


class TestMalformed:
    @pytest.mark.parametrize(("good", "bad", "key"), MALFORMED)
    def test_names_the_file_and_the_key(self, folder: Path, good: str, bad: str, key: str) -> None:
        assert good in ROOM
        (folder / "room.yml").write_text(ROOM.replace(good, bad, 1), encoding="utf-8")

        with pytest.raises(DefinitionError) as refusal:
            definition.all_kinds()

        message = str(refusal.value)
        assert "room.yml: " in message
        assert key in message

    def test_refuses_a_file_that_is_no_mapping(self, folder: Path) -> None:
        (folder / "room.yml").write_text("- room\n", encoding="utf-8")

        with pytest.raises(DefinitionError, match=r"room\.yml: expected a mapping"):
            definition.all_kinds()

    def test_refuses_a_folder_that_is_not_there(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("DATACOOP_KINDS_DIR", str(folder / "nowhere"))

        with pytest.raises(DefinitionError, match="DATACOOP_KINDS_DIR"):
            definition.all_kinds()
