"""Contacts in free text are masked, other numbers stay. Every number here is invented."""

import time
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from datacoop.sources.masking import mask, mask_columns, mask_link, mask_name, plain_name


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("Appeler Jeanne au 079 555 12 34 le soir", "Appeler Jeanne au … le soir"),
        ("Tél. +41 (0)79 555 12 34.", "Tél. …."),
        ("Tel. 079/555.12.34", "Tel. …"),
        ("0795551234 (soir)", "… (soir)"),
        ("021-555-12-34 ou 079 555 12 34", "… ou …"),
        ("0041 21 555 12 34", "…"),
        ("Écrire à jeanne.exemple@example.org, merci", "Écrire à …, merci"),
        ("jeanne (at) example.org", "…"),
        ("jeanne[at]example[dot]org", "…"),
        ("IBAN CH93 0076 2011 6238 5295 7, tél. 079 555 12 34", "IBAN CH93 0076 2011 6238 5295 7, tél. …"),
    ],
)
def test_masks_contacts(text, masked):
    assert mask(text, "CH") == masked
    assert mask({"fr": text}, "CH") == {"fr": masked}


@pytest.mark.parametrize(
    "text",
    [
        "Fondée en 1998, rénovée en 2021-2023",
        "Saison 2022/2023, 2023–2024",
        "1005 Lausanne, 1700 Fribourg, 8001 Zürich",
        "Le 12.05.2027 à 19:30, le 2027-05-12T19:30, 01.02.2027-03.02.2027",
        "CHF 1'250.00 par an, 12000000 francs, 25.- / 30.-",
        "IBAN CH93 0076 2011 6238 5295 7",
        "IBAN CH9300762011623852957",
        "CCP 80-12345-6",
        "IDE CHE-217.456.789",
        "Horaire 08:00-12:00 13:30-17:30",
        "https://example.org/0795551234/page",
        "Moins de 30 ans (at home)",
        "Groupe 10 – 12 ans, 3 x 20 minutes",
        "79 membres, 555 concerts",
        "Semaines 01, 02, 03, 04, 05, départements 01,02,03,04,05 et 01|02|03|04|05",
        "CHF 1,250,00, 10,20,30,40 et 12'000'000.00",
        "Coordonnées 046,519123 006,633412; 2'538'000/1'152'000",
        "Les points (a) programme et (b), variante (a) www.example.org",
        "Art. 3 (a) z.B. 12.05.2027\n13.05.2027",
        "Lot 0012-345-67-89, réf. 012.345.67.89.10",
    ],
)
def test_keeps_other_numbers(text):
    assert mask(text, "CH") == text


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("info at club dot example dot ch", "…"),
        ("info[at]club[dot]ch", "…"),
        ("info (arobase) club (point) ch", "…"),
        ("info{at}club.ch", "…"),
        ("info @ club.ch", "…"),
        ("info＠club.ch", "…"),
        ("info &#64; club.ch", "…"),
        ("info%40club.ch", "…"),
        ("<jeanne@example.org>", "<…>"),
        ("mailto:jeanne@example.org?subject=x", "…?subject=x"),
        ("0 7 9 5 5 5 1 2 3 4", "…"),
        ("０７９ ５５５ １２ ３４", "…"),
        ("tel:+41795551234", "tel:…"),
        ("Tél. 06 12 34 56 78", "Tél. …"),
        ("WhatsApp: 0039 345 678 90 12", "WhatsApp: …"),
        ("voir https://example.org/?tel=0795551234&x=1", "voir https://example.org/?tel=…&x=1"),
        ("https://example.org/?c=079+555+12+12&x=1", "https://example.org/?c=…&x=1"),
        ("https://example.org/contact/0795551206.", "https://example.org/contact/…."),
        ("https://example.org/#tel=0795551218", "https://example.org/#tel=…"),
        ("Natel 079·555·12·02", "Natel …"),
        ("appeler 079,555,12,09, merci", "appeler …, merci"),
        ("079|555|12|10", "…"),
        ("079_555_12_11", "…"),
        ("le soir au 079\n555 12 34", "le soir au …"),
        ("le soir au 079 555\n12 34.", "le soir au …."),
        ("079*555*12*34", "…"),
        ("079/555'12'34 ou +41·79·555·12·34", "… ou …"),
        ("+33·6·12·34·56·78", "…"),
        ("zqa (a) example.org", "…"),
        ("zqa[a]club.example.ch", "…"),
        ("zqa﹫example.org", "…"),
        ("zqa*at*example.org", "…"),
        ("zqa|at|example.org", "…"),
        ("zqa%2540example.org", "…"),
        ("https://wa.me/41795551234", "https://…"),
        ("https://example.org/?m=jeanne@example.org", "https://example.org/?m=…"),
    ],
)
def test_masks_what_is_spelled_otherwise(text, masked):
    assert mask(text, "CH") == masked


@pytest.mark.parametrize(
    "address",
    [
        "rue du Lac 7", "Rue du Lac-Invisible 7b", "av. de la Gare 12", "Chemin des Vignes 3bis", "Ch. du 1er-Mars 12",
        "Route de Chêne n° 12", "Grand-Rue 5", "Place du Marché 4", "cours de Rive 12", "Bd. de Pérolles 12-14",
        "12, rue de la Paix", "12 bis, avenue de la République", "3 rue des fleurs", "5 impasse de la Gare",
        "Bahnhofstrasse 12", "Musterstr. 5a", "Lindenweg 3", "Alte Landstrasse 4", "Zürcher Strasse 12", "Postgasse 9",
        "An der Aare 4", "Im Feld 7", "Zum Sternen 3", "Kärntner Ring 5", "Mariahilfer Straße 12/3/5", "Hauptstraße 5a",
        "via alla Chiesa 12", "Via Nassa, 12", "Viale Stazione 3", "Piazza Grande 3", "Vicolo dei Fiori n. 4",
        "12 High Street", "3a Church Rd",
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    "around", ["{}", "Chez Jeanne, {}, 1005 Lausanne", "Treffpunkt: {}.", "Ci troviamo in\n{}\nogni lunedì"]
)
def test_masks_street_addresses(address, around):
    text = around.format(address)

    assert mask(text, "CH", streets=True) == around.format("…")
    assert mask(text, "CH") == text


@pytest.mark.parametrize(
    "text",
    [
        "Rue du Lac", "1005 Lausanne", "Am Samstag 12. Mai", "Im Jahr 2020", "Im Alter von 65", "Route 66",
        "cours de français 2 fois par semaine", "place pour 12 enfants", "Chemin des Dames 1917", "2 places de parc",
        "en route vers 12 communes", "dans la rue depuis 2 ans", "Spielplatz 2", "Bahnhof 3", "Training 12 Uhr",
        "via Zoom 12 h", "le chemin de 12 km", "3 cours de danse", "Groupe 10 – 12 ans", "Piazza Grande", "Frühling 24",
        "le 12 place aux jeunes", "Wir sind 12 am Weg",
    ],
)  # fmt: skip
def test_keeps_what_is_no_address(text):
    assert mask(text, "CH", streets=True) == text


@pytest.mark.parametrize(
    ("link", "masked"),
    [
        ("https://x.example.ch/contact?mail=a@b.example.ch", "https://x.example.ch/contact"),
        ("https://x.example.ch/c?lang=fr&tel=0795551234#top", "https://x.example.ch/c?lang=fr#top"),
        ("https://x.example.ch/u/a@b.example.ch/page", "https://x.example.ch/u"),
        ("https://wa.me/41795551234", "https://wa.me"),
        ("https://x.example.ch/mailto:a@b.example.ch", "https://x.example.ch"),
        ("https://x.example.ch/?to=a%40b.example.ch&x=1", "https://x.example.ch/?x=1"),
        ("https://x.example.ch/?to=a%2540b.example.ch&x=1", "https://x.example.ch/?x=1"),
        ("https://x.example.ch/?contact=079+555+12+12&x=1", "https://x.example.ch/?x=1"),
        ("https://x.example.ch/?t=0795551213", "https://x.example.ch/"),
        ("https://x.example.ch/?0795551213", "https://x.example.ch/"),
        ("https://x.example.ch/contact/0795551206", "https://x.example.ch/contact"),
        ("https://x.example.ch/fr/tel/079-555-12-17", "https://x.example.ch/fr/tel"),
        ("https://x.example.ch/#tel=0795551218", "https://x.example.ch/"),
    ],
)
def test_masks_links(link, masked):
    assert mask_link(link) == masked


@pytest.mark.parametrize(
    "link",
    [
        "https://x.example.ch/~jeanne.exemple", "https://www.facebook.example/groups/123456789012",
        "https://x.example.ch/@club", "https://maps.example.org/@46.52,6.63,15z", "https://x.example.ch/0795551234/page",
        "https://x.example.ch/?id=20260101&page=2", "https://x.example.ch/?id=0795551213&uid=0123456789",
        "https://x.example.ch/contact/2026", "https://x.example.ch/?from=2026-01-01&to=2026-12-31",
        "https://x.example.ch/?siret=21750001600019", "https://x.example.ch/?bbox=046.5,006.6,046.6,006.7",
    ],
)  # fmt: skip
def test_keeps_other_links(link):
    assert mask_link(link) == link


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("Liste_jeanne@example.org_079_555_12_34.xlsx", "Liste_…_….xlsx"),
        ("Mitglieder Bahnhofstrasse 12.csv", "Mitglieder ….csv"),
        ("liste 2024-2025.xlsx", "liste 2024-2025.xlsx"),
        ("sociétés.csv", "sociétés.csv"),
        ("079 555 12 34", "…"),
        ("zq@example.org", "…"),
        ("Liste zq@example.org", "Liste …"),
    ],
)
def test_masks_file_names(name, masked):
    assert mask_name(name) == masked


@pytest.mark.parametrize(
    "evil",
    ["rue " * 5000 + "1", "a@" * 5000, "Am " + "A" * 20000 + " 3", "1 " * 10000, "Rue " + "A-" * 9000 + " 3",
     "de la " * 5000 + "3", "(a) " * 5000, "a(a)" * 5000, "a.b" * 6000 + "(a)b", "079 " * 5000, "079\n555" * 3000,
     "a|at|" * 4000, "https://example.org/?" + "a=0&" * 5000, "https://example.org/?" + "tel" * 5000,
     "(at " * 5000, "12 " + "rue de la " * 3000, "A" * 20000 + "strasse 3"],
)  # fmt: skip
def test_no_text_takes_long(evil):
    started = time.process_time()
    mask(evil, "CH", streets=True)
    assert time.process_time() - started < 2


STREETS = ("Rue du Lac", "Chemin des Vignes", "Bahnhofstrasse", "Alte Landstraße", "Musterstr.", "Via Nassa", "")
TOWNS = ("Lausanne", "Biel/Bienne", "Paris 12", "Frankfurt am Main", "Saint-Étienne CEDEX 02", "Lausanne 16", "")
HOUSES = st.builds(
    "{}{}{}".format, st.integers(0, 999), st.sampled_from(["", "a", " bis", "-", "/", " – ", "+"]), st.integers(0, 999)
)


@given(
    street=st.sampled_from(STREETS),
    houses=st.lists(HOUSES, max_size=2).map(", ".join),
    box=st.sampled_from(["", "Case postale 1234", "CP 12", "Postfach 10 01 23", "BP 90007", "c/o Gym"]),
    code=st.one_of(st.integers(1000, 9999).map(str), st.integers(1000, 99999).map("{:05}".format)),
    town=st.sampled_from(TOWNS),
    country=st.sampled_from(["CH", "FR", "DE"]),
)
def test_no_part_of_an_address_is_a_telephone_number(street, houses, box, code, town, country):
    line = f"{street} {houses}".strip()
    parts = {"street": line, "extra": box, "postal_code": code, "city": town, "country": country}
    address = {name: text for name, text in parts.items() if text}

    assert mask(address, country) is address
    whole = ", ".join((*filter(None, (line, box)), f"{code} {town}"))
    assert mask(whole, country) == whole


def test_names_of_columns_that_become_nothing_lose_their_contacts():
    kept = {"Mail zq@example.org": "email", "Nom": "name", "Reste": None}

    assert mask_columns({"Adresse de zq@example.org 079 555 13 09": None, **kept}) == {"Adresse de … …": None, **kept}


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("Liste zq@example.org 079 555 13 01.xlsx", "Liste_…_….xlsx"),
        ("C:\\Listes\\zq@example.org.csv", "….csv"),
        ("表" * 110 + ".csv", "表" * 65 + ".csv"),
        ("../..", "list"),
    ],
)
def test_gives_files_a_plain_name(name, plain):
    assert plain_name(name) == plain


TEXTS = yaml.safe_load(Path(__file__).with_name("contacts_in_texts.yml").read_text(encoding="utf-8"))
WITH_CONTACTS = [each for sort in ("phones", "emails", "streets") for each in TEXTS[sort]]


def _is_masked(each: dict[str, Any]) -> bool:
    return mask(each["text"], each["country"], streets=True) != each["text"]


@pytest.mark.parametrize("each", WITH_CONTACTS, ids=lambda each: each["text"][:30])
def test_masks_contacts_as_people_write_them_and_nothing_beside(each: dict[str, Any]) -> None:
    contacts = each.get("masked", [])
    wanted = each["text"]
    for contact in [contacts] if isinstance(contacts, str) else contacts:
        assert contact in wanted
        wanted = wanted.replace(contact, "…")

    assert mask(each["text"], each["country"], streets=True) == wanted


@pytest.mark.parametrize("each", TEXTS["kept"], ids=lambda each: each["text"][:30])
def test_keeps_what_only_looks_like_a_contact(each: dict[str, Any]) -> None:
    assert not _is_masked(each)


def test_finds_nearly_all_and_masks_nothing_else() -> None:
    """Recall counts what is known to slip; precision is over the texts of the table."""
    found = sum(map(_is_masked, WITH_CONTACTS))
    wrong = sum(map(_is_masked, TEXTS["kept"]))

    assert len(WITH_CONTACTS) >= 100
    assert len(TEXTS["kept"]) >= 30
    assert found / len(WITH_CONTACTS) >= 0.92
    assert found / (found + wrong) == 1.0


@pytest.mark.parametrize("word", ["0795551234", "41795551234", "info@club", "٠٧٩٥٥٥١٢٣٤"])
def test_one_word_may_be_a_contact(word):
    """A single word is left alone only where no contact is so short, or has no letters but letters."""
    assert (mask(word, "CH") == word) == (word == "info@club")


@given(st.text(alphabet=st.characters(categories=["L", "Nd"]), max_size=6))
def test_short_words_and_postcodes_stay(word):
    assert mask({"city": word}, "CH") == {"city": word}
