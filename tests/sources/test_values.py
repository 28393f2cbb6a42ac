"""Values as lists hold them, through the whole row; and the quick ways of reading them agree with the slow ones."""

import random
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datacoop.kinds.definition import kind
from datacoop.lib import text as texts
from datacoop.sources import masking
from datacoop.sources.addressing import postal_code
from datacoop.sources.normalising import Setting, _url, email_of, normalise, url_of
from datacoop.sources.readers.table import Row
from datacoop.sources.refusing import ValueRefused
from datacoop.sources.rows import RowReader
from datacoop.sources.telephones import phone_of, phones_in, plain_phone
from tests.yardstick import yardsticks

ORGANISATION = kind("organisation")
MAPPING: dict[str, str | None] = {
    "N°": "@id", "Nom": "name", "Rue": "addresses.street", "NPA": "addresses.postal_code", "Loc": "addresses.city",
    "Mail": "email", "Tél": "phones", "Site": "website", "lat": "point.lat", "lon": "point.lon", "An": "founded_year",
    "IDE": "identifiers.value", "But": "description", "Thème": "theme", "Prés": "@person",
}  # fmt: skip


def _read(cells: dict[str, object], country: str = "CH") -> tuple[dict[str, list[object]], list[str]]:
    mapped = RowReader(MAPPING, ORGANISATION, Setting(country)).read(Row(2, {"Nom": "Club", **cells}))
    said: dict[str, list[object]] = {}
    for each in mapped.values:
        said.setdefault(each.property, []).append(each.value)
    return said, [each.code for each in mapped.problems]


@pytest.mark.parametrize(
    ("lat", "lon", "country"),
    [
        ("46.5197", "6.6323", "CH"),
        ("46,5197", "6,6323", "CH"),
        (46.5197, 6.6323, "CH"),
        ("6.6323", "46.5197", "CH"),  # swapped
        ("2538100", "1152500", "CH"),  # LV95, swapped
        ("1'152'500", "2'538'100", "CH"),
        (152500.0, 538100.0, "CH"),  # LV03
        ("152500", "538100", "CH"),
        ("46° 31' 11\" N", "6° 37' 56\" E", "CH"),
        ("46°31'11\"", "6°37'56\"", "CH"),
    ],
)
def test_reads_one_place_in_every_notation(lat: object, lon: object, country: str) -> None:
    said, problems = _read({"lat": lat, "lon": lon}, country)
    (point,) = said["point"]
    assert isinstance(point, dict)
    assert abs(point["lat"] - 46.5197) < 0.004
    assert abs(point["lon"] - 6.6323) < 0.004
    assert problems == []


def test_reads_lambert_93_with_decimal_commas() -> None:
    said, _problems = _read({"lat": "6692424,50691385", "lon": "475198,121680863"}, "FR")
    (point,) = said["point"]
    assert isinstance(point, dict)
    assert (round(point["lat"], 2), round(point["lon"], 2)) == (47.29, 0.02)


@pytest.mark.parametrize("lat", ["0", "néant", "999", "46.5"])
def test_refuses_coordinates_that_are_none(lat: str) -> None:
    said, problems = _read({"lat": lat, "lon": "0" if lat == "0" else "abc"})
    assert "point" not in said
    assert problems == ["coordinates-unreadable"]


@pytest.mark.parametrize(
    ("column", "property_", "cells", "wanted"),
    [
        # A column that changes its type half-way: numbers, then texts, then dates.
        ("NPA", "addresses", ["1005", 1005, 1005.0, "1005.0", "CH-1005", " 1005 "], "1005"),
        ("An", "founded_year", [1987, 1987.0, "1987", "02.04.1987", "1987-04-02"], 1987),
        ("IDE", "identifiers", ["CHE-100.000.006", "CHE100000006", "che 100 000 006 TVA"], "CHE-100.000.006"),
        ("Tél", "phones", ["0215551234", 215551234, 215551234.0, "+41 (0)21 555 12 34", "021/555.12.34"],
         "+41 21 555 12 34"),
        ("Site", "website", ["www.example.org", "example.org", "https://www.example.org", "HTTPS://www.example.org"],
         "example.org"),
    ],
)  # fmt: skip
def test_a_column_may_change_its_type(column: str, property_: str, cells: list[object], wanted: object) -> None:
    for cell in cells:
        said, problems = _read({column: cell})
        value = said[property_][0]
        shown = value.get("postal_code", value.get("value")) if isinstance(value, dict) else value
        assert str(wanted) in str(shown), cell
        assert problems == [], cell


@pytest.mark.parametrize(
    ("cell", "country", "wanted"),
    [
        (1000, "FR", "01000"),
        ("1000.0", "FR", "01000"),
        (6000, "FR", "06000"),
        ("1067", "DE", "01067"),
        (184, "CH", None),
    ],
)
def test_lost_zeros_come_back(cell: object, country: str, wanted: str | None) -> None:
    if wanted is None:
        with pytest.raises(ValueRefused):
            postal_code(cell, country)
    else:
        assert postal_code(cell, country) == wanted


def test_takes_several_values_of_one_cell_apart() -> None:
    cells: dict[str, object] = {
        "Tél": "021 555 12 34 / 079 555 12 35", "Thème": "Sport; Chant", "Mail": "a@b.example.ch; c@d.example.ch",
    }  # fmt: skip
    said, problems = _read(cells)
    assert said["phones"] == ["+41 21 555 12 34", "+41 79 555 12 35"]
    assert said["theme"] == ["sport", "culture/chant"]
    assert said["email"] == ["a@b.example.ch"]
    assert problems == []


def test_keeps_what_the_cell_said() -> None:
    row = Row(2, {"Nom": "Club", "Tél": "021/555 12 34", "NPA": 1005.0, "Loc": "Lausanne"})
    mapped = RowReader(MAPPING, ORGANISATION).read(row)
    assert {each.property: each.original for each in mapped.values} == {
        "name": "Club", "phones": "021/555 12 34", "addresses": "1005 · Lausanne",
    }  # fmt: skip


def _or_refused(read: object, *given_: object) -> object:
    try:
        return read(*given_)  # type: ignore[operator]
    except ValueRefused as refused:
        return refused.code


@given(st.from_regex(r"(\+41 ?|\+33 ?|0)?[1-9]\d?( ?\d{2,3}){3,4}", fullmatch=True), st.sampled_from(["CH", "FR"]))
def test_the_plain_phone_is_what_the_long_way_reads(text: str, country: str) -> None:
    found = plain_phone(text, country)
    if found is not None:
        assert found == phone_of(text, country)
        assert phones_in(text) == [text]


@given(
    st.from_regex(r"(https?://|HTTP://)?[a-zA-Z0-9.-]{1,30}\.[a-z]{2,5}(/[a-zA-Z0-9._~/?#-]{0,20})?", fullmatch=True)
)
def test_the_plain_web_address_is_what_the_long_way_reads(text: str) -> None:
    website = ORGANISATION.property("website")
    assert _or_refused(lambda: _url(text, website, Setting(), None)) == _or_refused(lambda: [url_of(text)])


@given(st.from_regex(r"[A-Za-z0-9._+-]{1,20}@[A-Za-z0-9.-]{1,20}\.[a-z]{1,4}", fullmatch=True))
def test_the_plain_mailbox_is_what_the_library_reads(text: str) -> None:
    from email_validator import EmailNotValidError, validate_email  # noqa: PLC0415

    try:
        wanted: object = validate_email(text, check_deliverability=False).normalized
    except EmailNotValidError:
        wanted = "email-unreadable"
    assert _or_refused(email_of, text) == wanted
    found = _or_refused(normalise, ORGANISATION.property("email"), text, Setting())
    assert found in (wanted, [wanted]) or text.strip(" <>.,;\"'") != text


@given(st.text(max_size=60))
def test_a_clean_text_is_what_cleaning_makes_of_it(text: str) -> None:
    slowly = unicodedata.normalize("NFC", text).translate(texts._CLEAN)
    assert texts.clean(text) == " ".join(slowly.split())


PIECES = [
    "079 555 12 34", "jeanne@example.org", "jeanne at example dot org", "jeanne_at_example.org", "rue Haute 3", "12",
    "le club", "%40", "Tél.", "wa.me/41795551234", "https://x.example.org/?tel=0795551234", "[at]", "natation",
]  # fmt: skip


@given(st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=8)), max_size=6).map(" ".join))
def test_nothing_is_masked_less_for_having_been_looked_at_first(text: str) -> None:
    assert masking.mask(text, "CH", streets=True) == masking._searched(text, "CH", streets=True)
    contacts = (masking._EMAIL, masking._DIALLED, masking._ASKED)
    assert masking._holds_contact(text) == any(pattern.search(text) for pattern in contacts)


def test_reads_a_row_of_twelve_columns_in_a_moment() -> None:
    dice = random.Random(5)
    rows = []
    for n in range(4000):
        word = "".join(dice.choice("aeioulmnrst") for _ in range(8))
        rows.append(Row(n, {
            "N°": f"A{n}", "Nom": f"Association {word.title()}", "But": f"Réunir celles et ceux qui aiment {word}",
            "Rue": f"Rue Haute {n % 200}", "NPA": "1005", "Loc": "Lausanne", "Mail": f"info@{word}{n}.example.org",
            "Tél": f"021 555 {n // 100 % 100:02} {n % 100:02}", "Site": f"www.{word}{n}.example.org", "Thème": "Chant",
            "An": "1987", "Prés": "Nora Exemple" if n % 2 else "",
        }))  # fmt: skip
    reader = RowReader(MAPPING, ORGANISATION)

    def reads(row: Row) -> None:
        assert not reader.read(row).problems

    assert yardsticks(reads, rows) < 5
