"""What is no list of organisations is asked about. Every name here is invented."""

import pytest

from datacoop.kinds.definition import kind
from datacoop.sources.mapping import as_data, propose
from datacoop.sources.plausibility import doubt
from datacoop.sources.readers.table import Row

MENU = {
    "Nom": ["Soupe du jour", "Salade verte", "Rösti maison", "Filets de perche", "Tarte aux pommes", "Café crème"],
    "Description": ["avec croûtons", "du jardin", "et œuf", "frais du lac", "et crème", "ou thé"],
    "Prix": ["8.50", "9.–", "17.50", "34.–", "6.50", "4.20"],
}
PRICES = {
    "Artikel": ["Stuhl", "Tisch", "Bank", "Regal", "Lampe", "Teppich"],
    "Bezeichnung": ["Stuhl aus Holz", "Tisch rund", "Bank lang", "Regal hoch", "Lampe klein", "Teppich rot"],
    "Preis": ["CHF 120.00", "CHF 340.00", "CHF 210.00", "CHF 95.50", "CHF 45.00", "CHF 260.00"],
}
CALLS = {
    "Datum": ["01.02.2026", "01.02.2026", "02.02.2026", "03.02.2026", "03.02.2026", "04.02.2026"],
    "Zeit": ["09:10", "10:20", "11:00", "08:45", "14:30", "16:00"],
    "Verein": ["Turnverein Muster", "Turnverein Muster", "Chor Alba", "Chor Alba", "Turnverein Muster", "Chor Alba"],
    "Telefon": ["021 555 12 34"] * 6,
}
PEOPLE = {
    "Name": ["Monique Tassonnier", "Hans Mustermann", "Peter Beispiel", "Maria Esempio", "Pierre Dupré", "Anna Muster"],
    "Telefon": ["021 555 12 34"] * 6,
    "Ort": ["Bex", "Aigle", "Nyon", "Morges", "Lausanne", "Renens"],
}
MEASURES = {"t": ["1", "2", "3", "4", "5", "6"], "temp": ["12.5", "13.1", "12.9", "12.0", "11.8", "12.2"]}
WORDS = {"name": ["alpha", "beta", "gamma", "delta", "epsilon", "zeta"], "value": ["1", "2", "3", "4", "5", "6"]}
CLUBS = {"Nom": ["Club de tennis", "Chœur mixte", "FC Exemple", "Amicale des aînés", "Les Copains", "Atelier du lac"]}
PLACES = {"Nom": ["La Rampe", "Le Tilleul", "Zoom", "Les Sources", "Tandem", "Escale"], "Rue": ["Rue Haute 3"] * 6}
PAID = CLUBS | {"Cotisation": ["50.-"] * 6}


def _doubt(columns: dict[str, list[str]], kind_name: str = "organisation") -> str | None:
    rows = [Row(n + 2, {name: cells[n] for name, cells in columns.items()}) for n in range(6)]
    found = doubt(as_data(propose(list(columns), rows, kind(kind_name))), rows, kind(kind_name))
    return found.code if found else None


@pytest.mark.parametrize(
    ("columns", "code"),
    [
        (MENU, "like-a-price-list"),
        (PRICES, "like-a-price-list"),
        (CALLS, "like-a-log"),
        (PEOPLE, "names-of-people"),
        (MEASURES, "no-names"),
        (WORDS, "no-place-nor-contact"),
    ],
)
def test_asks_about_a_list_of_something_else(columns: dict[str, list[str]], code: str) -> None:
    assert _doubt(columns) == code


@pytest.mark.parametrize("columns", [CLUBS, PLACES, PAID], ids=["clubs", "places", "with fees"])
def test_takes_what_organisations_look_like(columns: dict[str, list[str]]) -> None:
    assert _doubt(columns) is None


def test_an_activity_may_cost_something_and_be_somebody() -> None:
    columns = {"Titre": MENU["Nom"], "Date": CALLS["Datum"], "Prix": MENU["Prix"]}
    assert _doubt(columns, "activity") is None


def test_an_agenda_has_days() -> None:
    assert _doubt({"Titre": MENU["Nom"], "Lieu": PEOPLE["Ort"]}, "activity") == "no-days"


def test_names_alone_are_believed_where_most_are_those_of_organisations() -> None:
    labels = ["Sociétés savantes", "Écologie", "Groupe de parole", "Loisirs", "Danse", "Chant"]
    assert _doubt({"Libellé": labels, "Code": ["1", "2", "3", "4", "5", "6"]}) == "no-place-nor-contact"


def test_an_empty_list_is_not_asked_about() -> None:
    assert doubt({"Nom": "name"}, [], kind("organisation")) is None
