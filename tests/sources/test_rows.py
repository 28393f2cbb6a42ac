"""From a row to stated values: keys, rejections, problems, persons. Every name here is invented."""

import pytest

from datacoop.kinds.definition import kind
from datacoop.sources.mapping import as_data, faults, propose
from datacoop.sources.places import Commune, Gazetteer, Locality
from datacoop.sources.readers.table import Row
from datacoop.sources.rows import RowReader, Setting, read_row
from tests.yardstick import yardsticks

ORGANISATION = kind("organisation")
ACTIVITY = kind("activity")
COLUMNS = {
    "Nom": "name", "Adresse": "addresses.street", "NPA": "addresses.postal_code", "Localité": "addresses.city",
    "Mail": "email", "Tél": "phones", "Site": "website", "Président": "@person", "Zweck": "description.de",
}  # fmt: skip


def _row(**cells):
    return Row(7, {column.replace("_", " "): value for column, value in cells.items()})


def _values(mapped, name):
    return [each.value for each in mapped.values if each.property == name]


def test_states_what_the_row_says():
    mapped = read_row(
        _row(Nom=" Chœur  de la Clairière ", Adresse="Rue Haute 3", NPA=1880.0, Localité="Bex", Mail="INFO@Example.ORG",
             Tél="024 555 12 34", Site="www.example.org", Zweck="Singen"),
        COLUMNS, ORGANISATION,
    )  # fmt: skip
    assert _values(mapped, "name") == ["Chœur de la Clairière"]
    assert _values(mapped, "addresses") == [
        {"street": "Rue Haute 3", "postal_code": "1880", "city": "Bex", "country": "CH"}
    ]
    assert _values(mapped, "description") == [{"de": "Singen"}]
    assert _values(mapped, "phones") == ["+41 24 555 12 34"]
    assert not mapped.problems
    assert mapped.key == "choeur de la clairiere|1880|ru haute 3"


def test_a_row_without_name_is_rejected():
    mapped = read_row(_row(Mail="info@example.org"), COLUMNS, ORGANISATION)
    assert mapped.rejected
    assert [(each.row, each.column, each.code) for each in mapped.problems] == [(7, "Nom", "name-missing")]


def test_an_unreadable_value_leaves_the_row():
    mapped = read_row(_row(Nom="Gym", Mail="pas une adresse", NPA="18"), COLUMNS, ORGANISATION)
    assert not mapped.rejected
    assert {(each.column, each.code) for each in mapped.problems} == {
        ("Mail", "email-unreadable"), ("NPA", "postal-code-unreadable"),
    }  # fmt: skip
    assert not any("adresse pas" in each.message for each in mapped.problems)


@pytest.mark.parametrize("cells", [{"NPA": "99999", "Localité": "Lausanne"}, {"Localité": "99999 Lausanne"}])
def test_a_postcode_of_five_digits_beside_a_swiss_town_leaves_the_row(cells):
    mapped = read_row(_row(Nom="Gym", **cells), COLUMNS, ORGANISATION)
    assert _values(mapped, "addresses") == [{"city": "Lausanne", "country": "CH"}]
    assert [(each.column, each.code) for each in mapped.problems] == [(next(iter(cells)), "postal-code-unreadable")]


@pytest.mark.parametrize("city", ["Annemasse", "Saint-Gingolph", "Rheinfelden"])
def test_a_postcode_of_five_digits_stands_where_the_town_may_lie_abroad(city):
    mapped = read_row(_row(Nom="Gym", NPA="74500", Localité=city), COLUMNS, ORGANISATION)
    assert _values(mapped, "addresses") == [{"postal_code": "74500", "city": city}]
    assert not mapped.problems


def test_the_same_row_has_the_same_key_however_it_is_spelt():
    one = read_row(_row(Nom="Chœur", NPA="1880", Adresse="Rue Haute 3"), COLUMNS, ORGANISATION)
    other = read_row(_row(Nom="CHOEUR", NPA=1880.0, Adresse="rue haute 3"), COLUMNS, ORGANISATION)
    assert one.key == other.key


def test_the_holder_key_wins():
    for written in ("@id", "id"):
        assert read_row(_row(Nom="Gym", Nr=12.0), {"Nom": "name", "Nr": written}, ORGANISATION).key == "12"


def test_persons_are_named_only_when_asked_for():
    row = _row(Nom="Gym", Président="Monique Tassonnier", Tél="079 555 12 34")
    silent = RowReader(COLUMNS, ORGANISATION).read(row)
    asked = RowReader(COLUMNS, ORGANISATION, with_persons=True).read(row)
    assert (silent.persons, [each.text for each in asked.persons]) == ([], ["Monique Tassonnier"])
    assert "Tassonnier" not in str(silent.values)
    assert [each.personal_reason for each in silent.values if each.property == "phones"] == ["beside-person"]


def test_the_point_of_a_home_is_personal_too():
    mapping = {"Nom": "name", "Adresse": "addresses.street", "lat": "point.lat", "lon": "point.lon"}
    mapped = read_row(
        _row(Nom="Gym", Adresse="c/o Tassonnier, Rue Haute 3", lat="46.25", lon="7.01"), mapping, ORGANISATION
    )
    assert {each.property: each.personal_reason for each in mapped.values} == {
        "name": None, "addresses": "care-of", "point": "care-of",
    }  # fmt: skip


def test_a_name_that_is_a_persons_own_is_personal():
    row = _row(Nom="Monique Tassonnier - cours de chant", Président="Tassonnier Monique")
    marks = {each.property: each.personal_reason for each in read_row(row, COLUMNS, ORGANISATION).values}
    assert marks == {"name": "carries-person-name"}


def test_joins_the_day_and_the_hour_of_two_columns():
    mapping = {"Titel": "title", "Datum": "start", "Zeit": "start"}
    mapped = read_row(_row(Titel="Konzert", Datum="23.11.2026", Zeit="20:15"), mapping, ACTIVITY)
    assert _values(mapped, "start") == ["2026-11-23T20:15:00+01:00"]


def test_keeps_formulas_as_inert_text():
    assert _values(read_row(_row(Nom="=1+1"), COLUMNS, ORGANISATION), "name") == ["=1+1"]


def test_reads_several_addresses_of_one_record():
    mapped = read_row(_row(Nom="Coop", Adresse=["Rue A 1", "Rue B 2"], NPA=["1000", "1005"]), COLUMNS, ORGANISATION)
    assert [each["postal_code"] for each in _values(mapped, "addresses")] == ["1000", "1005"]


def test_places_a_row_by_postcode_and_locality():
    places = Gazetteer(
        [
            Locality("Bex", "1880", "00", "Bex", 5402, "VD", 46.25, 7.01),
            Locality("Lavey", "1892", "00", "Lavey-Morcles", 5406, "VD", 46.2, 7.0),
        ],
        [Commune(5402, "Bex", "VD", 46.24, 7.02)],
    )
    mapped = RowReader(COLUMNS, ORGANISATION, gazetteer=places).read(_row(Nom="Gym", NPA="1880", Localité="Bex"))
    assert _values(mapped, "commune") == [{"bfs": 5402, "name": "Bex"}]
    assert _values(mapped, "point") == [{"lat": 46.25, "lon": 7.01, "precision": "locality"}]
    elsewhere = RowReader(COLUMNS, ORGANISATION, Setting("FR"), gazetteer=places).read(_row(Nom="Gym", Localité="Bex"))
    assert _values(elsewhere, "commune") == [{"name": "Bex"}]


def test_contradicting_postcode_and_town_are_not_placed():
    places = Gazetteer(
        [
            Locality("Bex", "1880", "00", "Bex", 5402, "VD", 46.25, 7.01),
            Locality("Aigle", "1860", "00", "Aigle", 5401, "VD", 46.3, 6.9),
        ]
    )
    assert places.locate("1880", "Aigle") is None
    assert places.locate("1880", "Bex VD").bfs == 5402
    assert places.locate("1880", "Bexx").bfs == 5402
    assert places.locate(None, "AIGLE").bfs == 5401


@pytest.mark.parametrize(
    ("columns", "cells", "wanted"),
    [
        (["Vereinsname", "PLZ Ort", "E-Mail-Adresse"], ["Turnverein Bex", "1880 Bex", "info@tv.example.org"],
         ["name", "addresses.city", "email"]),
        (["Ragione sociale", "Via", "CAP", "Località", "Telefono"],
         ["Coro Alba", "Via Alta 3", "6600", "Locarno", "091 555 11 22"],
         ["name", "addresses.street", "addresses.postal_code", "addresses.city", "phones"]),
        (["Nom", "Prénom", "Association", "Natel privé"], ["Tassonnier", "Monique", "Gym Bex", "079 555 12 34"],
         ["@person", "@person", "name", "@person"]),
        (["Numéro IDE", "Intitulé", "But", "Beschreibung_de"], ["CHE-100.000.006", "Gym Bex", "Bouger", "Bewegen"],
         ["identifiers.value", "name", "description", "description.de"]),
        (["Colonne mystère", "Nom", "Fax"], ["abc", "Gym Bex", "024 555 12 34"], [None, "name", None]),
    ],
)  # fmt: skip
def test_proposes_columns_in_four_languages(columns, cells, wanted):
    rows = [Row(number, dict(zip(columns, cells, strict=True))) for number in range(2, 8)]
    assert [each.property for each in propose(columns, rows, ORGANISATION)] == wanted


def test_a_written_mapping_is_checked():
    said = faults(
        {"Nom": "name", "X": "nonsense", "Y": "addresses.planet", "Absent": None}, ["Nom", "X", "Y"], ORGANISATION
    )
    assert len(said) == 3


def test_reads_rows_quickly():
    rows = [
        Row(n, {"Nom": f"Association {n}", "Adresse": f"Rue Haute {n}", "NPA": "1005", "Localité": "Lausanne",
                "Mail": f"info{n}@example.org", "Tél": f"021 555 {n // 100 % 100:02} {n % 100:02}",
                "Site": f"www.a{n}.example.org"})
        for n in range(4000)
    ]  # fmt: skip
    mapping = as_data(propose(list(COLUMNS), rows, ORGANISATION))
    reader = RowReader(mapping, ORGANISATION)

    def reads(row: Row) -> None:
        assert not reader.read(row).problems

    assert yardsticks(reads, rows) < 5


@pytest.mark.parametrize(
    ("columns", "numbers", "target"),
    [
        (["Nr", "Name", "Strasse", "PLZ", "Ort"], ["1", "2", "3", "4"], "@id"),
        (["Nr.", "Strasse", "Name"], ["1", "2", "3", "4"], "@id"),
        (["No", "Nom", "Rue", "NPA"], ["12", "12", "12", "7"], None),
        (["Name", "Strasse", "Nr", "PLZ", "Ort"], ["1", "2", "3", "4"], "addresses.street"),
        (["Nom", "N°", "Rue", "NPA"], ["12", "12 bis", "12", "7"], "addresses.street"),
    ],
)
def test_a_bare_number_is_that_of_the_house_only_beside_the_street(columns, numbers, target):
    cells = {"Strasse": "Musterweg", "Rue": "Rue Haute", "PLZ": "1005", "NPA": "1005", "Ort": "Lausanne"}
    (column,) = [each for each in columns if each in {"Nr", "Nr.", "No", "N°"}]
    rows = [
        Row(n, {each: cells.get(each, f"Chor {'abcd'[n]}") for each in columns} | {column: number})
        for n, number in enumerate(numbers)
    ]
    assert as_data(propose(columns, rows, ORGANISATION))[column] == target


def test_for_whom_an_organisation_is_does_not_describe_it():
    rows = [Row(number, {"name": f"Club {number}", "dedicated_to": "elderly people"}) for number in range(5)]
    assert as_data(propose(["name", "dedicated_to"], rows, ORGANISATION)) == {"name": "name", "dedicated_to": None}


@pytest.mark.parametrize("kind_of_row", [ORGANISATION, ACTIVITY])
def test_contacts_are_taken_out_of_addresses_and_communes(kind_of_row):
    name = "name" if kind_of_row is ORGANISATION else "title"
    columns = {**{c: t for c, t in COLUMNS.items() if t.startswith("addresses")}, "Nom": name, "Commune": "commune"}
    cells = {"Nom": "Gym", "Adresse": "Rue du Lac 7, tél. 079 555 12 01", "NPA": "1005 zqb@example.org",
             "Localité": "Lausanne tel 079 555 12 03", "Commune": "Lausanne zqc@example.org"}  # fmt: skip

    mapped = read_row(_row(**cells), columns, kind_of_row)

    assert mapped.masked
    said = {each.property: each for each in mapped.values}
    assert said["addresses"].value == {
        "street": "Rue du Lac 7, tél. …", "postal_code": "1005", "city": "Lausanne tel …", "country": "CH",
    }  # fmt: skip
    assert said["commune"].value == {"name": "Lausanne …"}
    assert said["commune"].unmasked == {"name": "Lausanne zqc@example.org"}
    assert said["addresses"].unmasked["street"] == cells["Adresse"]
    assert (said["addresses"].original, said["commune"].original) == (None, None)


def test_a_contact_that_only_the_original_holds_is_not_kept():
    cells = {"Nom": "Gym", "Adresse": "Rue du Lac 7", "NPA": "1005 zqb@example.org", "Localité": "Lausanne"}

    mapped = read_row(_row(**cells), COLUMNS, ORGANISATION)

    assert mapped.masked
    (address,) = [each for each in mapped.values if each.property == "addresses"]
    assert (address.value["street"], address.original, address.unmasked) == ("Rue du Lac 7", None, None)


def test_the_original_of_a_commune_that_is_located_holds_no_contact():
    gazetteer = Gazetteer([Locality("Lausanne", "1005", "00", "Lausanne", 5586, "VD", 46.52, 6.63)], [])
    columns = {"Nom": "name", "NPA": "addresses.postal_code", "Localité": "addresses.city", "Commune": "commune"}
    cells = {"Nom": "Gym", "NPA": "1005", "Localité": "Lausanne", "Commune": "Lausanne 079 555 12 34"}

    mapped = read_row(_row(**cells), columns, ORGANISATION, gazetteer=gazetteer)

    assert _values(mapped, "commune") == [{"bfs": 5586, "name": "Lausanne"}]
    assert "555" not in repr(mapped.values)
