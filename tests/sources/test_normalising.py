"""Each type of value: what is read, what is refused, never a crash."""

import random
from pathlib import Path

import email_validator
import phonenumbers
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from datacoop.directory import themes
from datacoop.kinds.definition import all_kinds, kind
from datacoop.kinds.values import fault
from datacoop.lib.text import clean
from datacoop.sources.addressing import assemble, postal_code
from datacoop.sources.identifying import IdentifierRefusedError, identifier
from datacoop.sources.normalising import Setting, email_of, line_of, normalise, url_of
from datacoop.sources.refusing import ValueRefused
from datacoop.sources.telephones import phone_of
from datacoop.sources.theming import FILE, codes_of, themes_of

IN_FORCE = Path(themes.__file__).with_name("themes.yml")


def _of(name, value, setting=None):
    return normalise(kind("organisation").property(name), value, setting or Setting())


@pytest.mark.parametrize(
    ("text", "country", "wanted"),
    [
        ("021 555 12 34", "CH", "+41 21 555 12 34"),
        ("0041 (0)21/555.12.34", "CH", "+41 21 555 12 34"),
        ("+41 79 555 12 34", None, "+41 79 555 12 34"),
        ("Tél. 021 555 12 34", "CH", "+41 21 555 12 34"),
        ("01 99 00 12 34", "FR", "+33 1 99 00 12 34"),
        ("199001234", "FR", "+33 1 99 00 12 34"),
        ("(312) 555-2106", "US", None),
    ],
)
def test_writes_phones_one_way(text, country, wanted):
    if wanted is None:
        with pytest.raises(ValueRefused):
            phone_of(text[:8], country)
    else:
        assert phone_of(text, country) == wanted


def test_the_fast_way_agrees_with_the_library():
    drawn = random.Random(7)
    areas = [
        "21",
        "22",
        "24",
        "26",
        "27",
        "31",
        "32",
        "33",
        "41",
        "43",
        "44",
        "61",
        "62",
        "71",
        "76",
        "78",
        "79",
        "81",
        "91",
    ]
    for _ in range(500):
        national = drawn.choice(areas) + "".join(drawn.choices("0123456789", k=7))
        number = phonenumbers.parse(f"0{national}", "CH")
        wanted = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
        assert phone_of(f"0{national}", "CH") == wanted


def test_splits_several_phones_in_one_cell():
    assert _of("phones", "021 555 12 34 / 079 555 12 35; 021 555 12 34") == ["+41 21 555 12 34", "+41 79 555 12 35"]


@pytest.mark.parametrize("cell", ["pas une adresse", "a@b", "a@@b.ch", "info@localhost"])
def test_refuses_what_is_no_mailbox(cell):
    with pytest.raises(ValueRefused) as refused:
        _of("email", cell)
    assert cell not in refused.value.message


def test_lowers_the_domain_of_a_mailbox_alone():
    assert _of("email", "mailto:Info@Club.Example.ORG ") == ["Info@club.example.org"]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("www.example.org", "https://www.example.org"),
        ("HTTP://Example.org/Page?x=1", "http://example.org/Page?x=1"),
        ("//example.org/a", "https://example.org/a"),
    ],
)
def test_adds_the_scheme_to_web_addresses(text, wanted):
    assert url_of(text) == wanted


@pytest.mark.parametrize(
    "text",
    ["javascript:alert(1)", "data:text/html,x", "pas une url !", "http://user:pw@example.org", "file:///etc", "Yes"],
)
def test_refuses_dangerous_web_addresses(text):
    with pytest.raises(ValueRefused):
        url_of(text)


@pytest.mark.parametrize(
    ("cell", "country", "wanted"),
    [
        ("1005.0", "CH", "1005"),
        (1005.0, "CH", "1005"),
        ("CH-1005", "CH", "1005"),
        (1000, "FR", "01000"),
        ("1010", "AT", "1010"),
    ],
)
def test_writes_postcodes_as_their_country_does(cell, country, wanted):
    assert postal_code(cell, country) == wanted


def test_refuses_a_postcode_of_six_digits():
    with pytest.raises(ValueRefused):
        postal_code(750121, "FR")


@pytest.mark.parametrize(
    ("parts", "wanted"),
    [
        ({"street": ["Rue Haute 3, 1005 Lausanne"]}, ("Rue Haute 3", "1005", "Lausanne")),
        ({"street": ["Rue Haute 3"], "city": ["1005 Lausanne"]}, ("Rue Haute 3", "1005", "Lausanne")),
        (
            {"street": ["3 bis", "rue Haute"], "postal_code": [1005], "city": ["Lausanne"]},
            ("3 bis rue Haute", "1005", "Lausanne"),
        ),
        (
            {"street": [""], "extra": ["Bâtiment C", "3 rue Haute"], "postal_code": ["1005"]},
            ("3 rue Haute", "1005", None),
        ),
    ],
)
def test_puts_addresses_together_one_way(parts, wanted):
    address, refused = assemble(parts, "CH")
    assert not refused
    assert (address.get("street"), address.get("postal_code"), address.get("city")) == wanted


def test_checks_the_digit_of_a_swiss_number():
    assert identifier("che 100 000 006 TVA") == {"scheme": "CH-UID", "value": "CHE-100.000.006"}
    with pytest.raises(IdentifierRefusedError):
        identifier("CHE-100.000.007")


@pytest.mark.parametrize(
    ("cell", "wanted"),
    [
        ("Gesangverein", ("culture/chant",)),
        ("Sport; Football", ("sport", "sport/football")),
        ("Musica", ("culture/musique",)),
        ("Églises", ("religion",)),
        ("011065", ("sport",)),
        ("000000", ()),
        ("Tricot du mardi", ("tricot-du-mardi",)),
    ],
)
def test_maps_words_of_four_languages_to_themes(cell, wanted):
    assert themes_of(cell) == wanted


@pytest.mark.parametrize(
    ("cell", "wanted"), [("Verein", "association"), ("fondazione", "foundation"), ("Genossenschaft", "cooperative")]
)
def test_reads_legal_forms(cell, wanted):
    assert codes_of(kind("organisation").property("nature"))(cell) == wanted


def test_every_theme_of_a_word_is_one_that_pages_show():
    shown = yaml.safe_load(IN_FORCE.read_text("utf-8"))
    said = yaml.safe_load(FILE.read_text("utf-8"))
    paths = {*said["words"], *said["waldec"].values()}
    assert [path for path in paths if not isinstance(shown.get(path), list)] == []


@pytest.mark.parametrize(
    ("cell", "wanted"),
    [
        ("Basket", "sport/basketball"), ("Radsport", "sport/cyclisme"), ("Unihockey", "sport/unihockey"),
        ("Handball", "sport/volley"), ("Pétanque", "sport/petanque"), ("Segelclub", "sport/voile"),
        ("Jardins potagers", "environnement/jardins"), ("Elternverein", "jeunesse/parents"),
        ("021005", "jeunesse/parents"), ("Kita", "jeunesse/accueil"), ("Pfadi", "jeunesse/scoutisme"),
        ("Accueil", "accueil"), ("Centres", "centres"),
    ],
)  # fmt: skip
def test_names_themes_by_the_paths_in_force(cell, wanted):
    assert themes_of(cell) == (wanted,)


def test_keeps_texts_by_language_and_drops_markup():
    assert _of("description", "<p>Chanter<br>ensemble &amp; rire</p>", Setting(language="fr")) == [
        {"fr": "Chanter\nensemble & rire"}
    ]


ANYTHING = st.one_of(st.text(max_size=60), st.integers(), st.floats(), st.booleans(), st.datetimes(), st.dates(),
                     st.lists(st.text(max_size=5), max_size=3))  # fmt: skip


@given(value=ANYTHING, country=st.sampled_from(["CH", "FR", "AT", "US", None]))
def test_any_cell_is_read_well_or_refused(value, country):
    for each in all_kinds().values():
        for property_ in each.properties:
            if property_.type in {"address", "point", "commune"}:
                continue
            try:
                found = normalise(property_, value, Setting(country))
            except ValueRefused:
                continue
            for item in found:
                assert fault(property_.type, item, tuple(property_.values)) is None


@given(st.text(alphabet=st.sampled_from("aZ1 \t\n\u00a0\u200b\u00e9e\u0301-"), max_size=8))
def test_a_cell_is_one_clean_line(text):
    assert line_of(text) == clean(text)


@given(
    st.from_regex(r"[a-zA-Z0-9._+-]{1,70}@([a-z0-9-]{1,64}\.){1,3}(test|local|ch|swiss|[a-z]{2,12})", fullmatch=True)
)
def test_reads_addresses_as_the_library_does(text):
    try:
        expected = email_validator.validate_email(text, check_deliverability=False).normalized
    except email_validator.EmailNotValidError:
        expected = None
    try:
        found = email_of(text)
    except ValueRefused:
        found = None

    assert found == expected
