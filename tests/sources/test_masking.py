"""Contacts in free text are masked, other numbers stay. Every number here is invented."""

import pytest

from datacoop.sources.masking import mask


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
    ],
)
def test_keeps_other_numbers(text):
    assert mask(text, "CH") == text
