"""The kinds this package ships: complete in four languages, consistent, and their examples hold."""

from collections.abc import Iterator

import pytest
from jsonschema import Draft202012Validator

from datacoop.kinds.definition import Kind, Labels, Property, all_kinds, kind, kind_of_plural
from datacoop.kinds.docs import kind_page
from datacoop.kinds.labels import label, plural_label, value_label
from datacoop.kinds.parts import column_words, part_labels
from datacoop.kinds.schema import check_value, item_schema, value_schema
from datacoop.kinds.values import PARTS

LANGUAGES = {"fr", "de", "it", "en"}
NAMES = ("activity", "need", "offer", "organisation", "person", "role")


PROPERTIES = [
    pytest.param(prop, id=f"{each.name}.{prop.name}") for each in all_kinds().values() for prop in each.properties
]


def labels_of(each: Kind) -> Iterator[Labels]:
    yield each.labels
    yield each.plural_labels
    for prop in each.properties:
        yield prop.labels
        yield from prop.values.values()


class TestAllKinds:
    def test_loads_the_six_kinds(self) -> None:
        assert tuple(all_kinds()) == NAMES

    def test_finds_a_kind_by_its_plural(self) -> None:
        assert kind_of_plural("activities") is kind("activity")
        assert kind_of_plural("activity") is None

    @pytest.mark.parametrize("name", NAMES)
    def test_speaks_four_languages_everywhere(self, name: str) -> None:
        assert all(set(labels) == LANGUAGES for labels in labels_of(kind(name)))

    @pytest.mark.parametrize("prop", PROPERTIES)
    def test_recognises_columns_in_four_languages(self, prop: Property) -> None:
        assert set(prop.columns) == LANGUAGES
        assert all(prop.columns.values())

    @pytest.mark.parametrize("type_name", tuple(PARTS))
    def test_names_parts_in_four_languages(self, type_name: str) -> None:
        assert all(set(part_labels(type_name, part)) == LANGUAGES for part in PARTS[type_name])


class TestIndex:
    def test_fills_the_fixed_slots_of_an_activity(self) -> None:
        slots = {slot: prop.name for slot, prop in kind("activity").slots.items()}

        expected = {
            "name": "title", "start": "start", "end": "end", "zone": "tz", "recurrence": "recurrence",
            "place": "commune", "point": "point", "theme": "theme",
        }  # fmt: skip
        assert slots == expected

    def test_lists_facets_in_the_order_of_the_file(self) -> None:
        names = [each.name for each in kind("organisation").facets()]

        assert names == ["nature", "theme", "commune", "languages", "accessibility"]


class TestPrivacy:
    @pytest.mark.parametrize("name", ["person", "offer"])
    def test_gives_persons_and_offers_no_list(self, name: str) -> None:
        assert not kind(name).list_route

    @pytest.mark.parametrize("name", ["person", "role", "offer"])
    def test_marks_everything_about_natural_persons(self, name: str) -> None:
        assert all(each.personal != "none" for each in kind(name).properties)
        assert all(each.default == "nobody" for each in kind(name).properties)
        assert not kind(name).sensitive_facets

    def test_keeps_names_and_contacts_of_persons_out_of_open_lists(self) -> None:
        assert not any(each.open for each in kind("person").properties)
        assert not kind("role").property("display_name").open
        assert not kind("organisation").property("email").open
        assert not kind("organisation").property("phones").open

    @pytest.mark.parametrize("name", ["organisation", "activity", "need"])
    def test_hides_the_point_with_the_address(self, name: str) -> None:
        assert kind(name).property("point").follows == "addresses"


class TestItemSchema:
    @pytest.mark.parametrize("name", NAMES)
    def test_accepts_the_example(self, name: str) -> None:
        schema = item_schema(kind(name))
        item = {
            "id": "6f1c0c2e-52a4-4f0e-9a57-0d3b8e6f4a11",
            "kind": name,
            **kind(name).example,
            "sources": [{"holder": "Ville de Clairière", "confirmed": False, "page": "https://example.ch/"}],
            "modified": 1763900000,
        }

        Draft202012Validator.check_schema(schema)
        Draft202012Validator(schema).validate(item)

    def test_accepts_an_item_of_which_nothing_is_disclosed(self) -> None:
        Draft202012Validator(item_schema(kind("person"))).validate({"id": "x", "kind": "person"})

    def test_refuses_a_property_the_kind_does_not_have(self) -> None:
        item = {"id": "x", "kind": "organisation", "shoe_size": 42}

        assert not Draft202012Validator(item_schema(kind("organisation"))).is_valid(item)


@pytest.mark.parametrize("prop", PROPERTIES)
def test_check_and_schema_agree_on_every_example(prop: Property) -> None:
    assert check_value(prop, prop.example) is None
    assert Draft202012Validator(value_schema(prop)).is_valid(prop.example)


class TestLabels:
    def test_falls_back_to_french(self) -> None:
        assert label(kind("role"), "rm") == "Fonction"

    def test_names_many_and_codes(self) -> None:
        assert plural_label(kind("need"), "it") == "Bisogni"
        assert value_label(kind("role").property("role"), "treasurer", "de") == "Kasse"
        assert value_label(kind("role").property("role"), "jester", "de") == "jester"


class TestColumnWords:
    def test_reaches_the_parts_of_a_value(self) -> None:
        words = column_words(kind("organisation"))

        assert "npa" in words["addresses.postal_code"]["fr"]
        assert "latitude" in words["point.lat"]["fr"]
        assert "vereinsname" in words["name"]["de"]


@pytest.mark.parametrize("name", NAMES)
def test_reference_page_shows_every_property(name: str) -> None:
    page = kind_page(kind(name))

    assert all(f"### `{each.name}`" in page for each in kind(name).properties)
