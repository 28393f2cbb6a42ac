"""Which country a list is from, by its rows; invented lists of many countries."""

import pytest

from datacoop.kinds.definition import kind
from datacoop.sources.addressing import assemble, country_code
from datacoop.sources.countries import find_country
from datacoop.sources.masking import mask
from datacoop.sources.normalising import Setting
from datacoop.sources.readers.table import Row
from datacoop.sources.refusing import ValueRefused
from datacoop.sources.rows import RowReader
from datacoop.sources.telephones import phone_of

MAPPING: dict[str, str | None] = {
    "nom": "name",
    "tel": "phones",
    "rue": "addresses.street",
    "code": "addresses.postal_code",
    "ville": "addresses.city",
    "pays": "addresses.country",
    "lat": "point.lat",
    "lon": "point.lon",
}
FRENCH = [{"tel": f"02 41 55 {n:02} 37", "code": "49000", "ville": "Angers"} for n in range(20)]
SWISS = [{"tel": f"021 555 12 {n:02}", "code": "1005", "ville": "Lausanne"} for n in range(20)]


def _found(cells, **given):
    rows = [Row(number, each) for number, each in enumerate(cells, start=1)]
    return find_country(rows, MAPPING, **{"remembered": None, "assumed": "CH", **given})


@pytest.mark.parametrize(
    ("cells", "country", "why"),
    [
        (FRENCH, "FR", "named"),
        (SWISS, "CH", "fits"),
        ([{"nom": "Club"}] * 5, "CH", "assumed"),
        ([{"code": "49000"}] * 9, None, "unclear"),
        (FRENCH[:10] + SWISS[:8], None, "unclear"),
        ([{"tel": "02 41 55 12 37"}] * 9, "FR", "named"),
        ([{"tel": f"+43 1 5550{n}00"} for n in range(9)], None, "unclear"),
        ([{"code": "1220", "lat": "48.22", "lon": "16.5"}] * 9, "AT", "named"),
        ([{"code": "60614", "lat": "41.92", "lon": "-87.65"}] * 9, "US", "named"),
        ([{"tel": f"555-21{n:02}", "code": "60614"} for n in range(20)], None, "unclear"),
        ([{"pays": "Italia", "code": "20121"}] * 4, "IT", "named"),
        ([{"code": "F-74100"}] * 4, "FR", "named"),
    ],
)
def test_takes_the_country_that_the_rows_name_clearly(cells, country, why):
    found = _found(cells)
    assert (found.country, found.why) == (country, why), found.sentence()


def test_says_on_what_it_relies():
    told = _found(FRENCH).as_json()
    assert told["evidence"] == {"postcodes": {"count": 20, "of": 20}, "phones": {"count": 20, "of": 20}}
    assert "20 of 20 postcodes" in _found(FRENCH).sentence()


def test_a_remembered_country_stays_and_the_contradiction_is_told():
    found = _found(FRENCH, remembered="CH")
    assert (found.country, found.why, found.other) == ("CH", "differs", "FR")
    assert _found(FRENCH, remembered="FR").why == "remembered"


def test_a_few_foreign_rows_change_nothing():
    assert _found(SWISS + FRENCH[:3]).country == "CH"


@pytest.mark.parametrize(
    ("text", "country"),
    [
        ("02 41 24 37 37", "CH"),
        ("02.41.24.37.37", "CH"),
        ("Tél. 02-41-24-37-37", "CH"),
        ("021 555 12 34", "FR"),
        ("00 21 555 12 34", "CH"),
        ("00 2 41 24 37 37", "FR"),
        ("02 41 24 37 37", None),
        ("021 555 12 34", None),
    ],
)
def test_never_makes_a_number_of_one_country_from_that_of_another(text, country):
    with pytest.raises(ValueRefused):
        phone_of(text, country)


def test_without_a_country_no_national_number_is_read_and_no_address_has_one():
    row = Row(1, {"nom": "Club", "tel": "02 41 24 37 37", "code": "49000", "ville": "Angers"})
    mapped = RowReader(MAPPING, kind("organisation"), Setting(None)).read(row)
    said = {each.property: each.value for each in mapped.values}
    assert said["addresses"] == {"postal_code": "49000", "city": "Angers"}
    assert "phones" not in said
    assert [each.code for each in mapped.problems] == ["phone-unreadable"]


def test_a_postcode_of_five_digits_is_not_called_swiss():
    address, refused = assemble({"postal_code": ["49000"], "city": ["Angers"]}, "CH")
    assert (address, refused) == ({"postal_code": "49000", "city": "Angers"}, [])


def test_without_a_country_numbers_of_all_neighbours_are_taken_out_of_texts():
    text = "Appelez le 01 44 55 12 34 ou le 021 555 12 34."
    assert mask(text, None) == "Appelez le … ou le …."


@pytest.mark.parametrize(("text", "code"), [("ch", "CH"), ("France", "FR"), ("ZZ", None), ("Mars", None)])
def test_knows_countries_that_are(text, code):
    assert country_code(text) == code
