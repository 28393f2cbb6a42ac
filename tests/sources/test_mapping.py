"""Columns recognised by their headers in four languages and by their values. Every list here is invented."""

import pytest

from datacoop.kinds.definition import kind
from datacoop.sources.mapping import PERSON, as_data, propose
from datacoop.sources.readers.table import Row

ORGANISATION = kind("organisation")
STREET, CITY, CODE, EXTRA = "addresses.street", "addresses.city", "addresses.postal_code", "addresses.extra"
VALUES = {
    "org": ["Chœur de la Clairière", "Club de tennis du Lac", "Turnverein Musterlingen", "Società di canto Alba",
            "Association des parents", "FC Exemple", "Amicale des aînés", "Verein Kulturhaus"],
    "street": ["Rue Haute 3", "Chemin des Prés 12", "Bahnhofstrasse 4", "Via Alta 3", "Avenue du Lac 7b",
               "Dorfplatz 1", "Route de Berne 45", "Gartenweg 9"],
    "road": ["Rue Haute", "Chemin des Prés", "Bahnhofstrasse", "Via Alta", "Avenue du Lac", "Dorfplatz", "Quai",
             "Rue"],
    "no": ["3", "12", "4", "3", "7b", "1", "45", "9"],
    "code": ["1005", "1020", "8001", "6600", "1110", "3000", "1260", "1400"],
    "town": ["Lausanne", "Renens", "Zürich", "Locarno", "Morges", "Bern", "Nyon", "Genève"],
    "code_town": ["1005 Lausanne", "1020 Renens", "8001 Zürich", "6600 Locarno", "1110 Morges", "3000 Bern",
                  "1260 Nyon", "1400 Yverdon"],
    "phone": ["021 555 12 34", "021 555 12 35", "044 555 12 36", "091 555 12 37", "021 555 12 38", "031 555 12 39",
              "022 555 12 40", "024 555 12 41"],
    "mail": [f"{name}@{name}.example.org" for name in ("info", "club", "chor", "coro", "ape", "fc", "aines", "haus")],
    "web": [f"www.{name}.example.org" for name in ("a", "b", "c", "d", "e", "f", "g", "h")],
    "first": ["Monique", "Hans", "Peter", "Maria", "Pierre", "Anna", "Luca", "Sophie"],
    "last": ["Tassonnier", "Mustermann", "Beispiel", "Esempio", "Dupré", "Example", "Rossini", "Martelet"],
    "person": ["Monique Tassonnier", "Hans Mustermann", "Peter Beispiel", "Maria Esempio", "Pierre Dupré",
               "Anna Example", "Luca Rossini", "Sophie Martelet"],
    "office": ["Présidente", "Caissier", "Präsident", "Presidente", "Secrétaire", "Aktuarin", "Membre", "Trésorière"],
    "text": ["Chanter ensemble", "Jouer au tennis pour le plaisir", "Turnen für alle", "Cantare insieme",
             "Représenter les parents", "Jouer au football", "Se rencontrer", "Kultur im Dorf"],
    "theme": ["Chant", "Tennis", "Turnen", "Chant", "Famille", "Football", "Aînés", "Culture"],
    "remark": ["appeler le soir", "a payé", "OK", "rappeler", "ne répond plus", "bezahlt", "vu 2024", "x"],
    "year": ["1987", "1990", "1923", "2001", "1888", "1950", "1975", "2010"],
    "day": ["01.02.2020", "03.04.2021", "05.06.2019", "07.08.2022", "09.10.2018", "11.12.2017", "01.03.2016", "2.5.15"],
    "count": ["120", "45", "300", "18", "60", "240", "33", "75"],
    "uid": [f"CHE-100.000.{n}" for n in ("006", "012", "029", "035", "041", "058", "064", "070")],
    "lat": ["46.52", "46.54", "47.37", "46.17", "46.51", "46.95", "46.38", "46.78"],
    "lon": ["6.63", "6.59", "8.54", "8.79", "6.50", "7.44", "6.24", "6.64"],
    "east": ["2538100", "2535000", "2683100", "2704000", "2527500", "2600000", "2507400", "2538900"],
    "north": ["1152300", "1154400", "1247900", "1114000", "1151200", "1200000", "1138000", "1181000"],
    "form": ["Association", "Association", "Verein", "Associazione", "Association", "Verein", "Fondation", "Verein"],
    "canton": ["VD", "VD", "ZH", "TI", "VD", "BE", "VD", "VD"],
    "country": ["CH"] * 8,
    "money": ["50.-", "20.-", "35.50", "40.-", "0.-", "60.-", "25.-", "30.-"],
    "box": ["Case postale 12", "", "Postfach 4", "", "CP 7", "", "", ""],
    "key": [f"A{n}" for n in range(8)],
    "tongue": ["fr", "fr", "de", "it", "fr", "de", "fr", "fr"],
    "bfs": ["5586", "5591", "261", "5113", "5642", "351", "5724", "5938"],
}  # fmt: skip
Wanted = tuple[str, str, str | None]
LISTS: dict[str, list[Wanted]] = {
    "fr, societies of a town": [
        ("Société locale", "org", "name"), ("Rue et n°", "street", STREET), ("NPA/Localité", "code_town", CITY),
        ("Tél. privé", "phone", PERSON), ("Tél. prof.", "phone", "phones"), ("Courriel", "mail", "email"),
        ("Site Internet", "web", "website"), ("Président·e", "person", PERSON), ("Remarques", "remark", None),
        ("Membre depuis", "year", None), ("Nombre de membres", "count", None), ("Cotisation", "money", None),
    ],
    "fr, members": [
        ("Titre", "office", PERSON), ("Nom", "last", PERSON), ("Prénom", "first", PERSON),
        ("Fonction", "office", PERSON), ("Association", "org", "name"), ("Adresse privée", "street", PERSON),
        ("Ville", "town", CITY), ("E-mail privé", "mail", PERSON), ("Notes internes", "remark", None),
    ],
    "fr, with coordinates": [
        ("N°", "key", "@id"), ("Dénomination", "org", "name"), ("But de l'association", "text", "description"),
        ("Adresse du siège social", "street", STREET), ("Case postale", "box", EXTRA), ("NPA", "code", CODE),
        ("Localité", "town", CITY), ("N° IDE", "uid", "identifiers.value"), ("X", "east", "point.lon"),
        ("Y", "north", "point.lat"), ("Année de fondation", "year", "founded_year"), ("Commentaires", "remark", None),
    ],
    "fr, street in parts": [
        ("Intitulé de la structure", "org", "name"), ("Numéro de voie", "no", STREET),
        ("Nom de la voie", "road", STREET), ("Code postal", "code", CODE), ("Nom commune", "town", CITY),
        ("Num tel", "phone", "phones"), ("Adresse mail", "mail", "email"), ("Adresse du site web", "web", "website"),
    ],
    "de, clubs": [
        ("Bezeichnung des Vereins", "org", "name"), ("Kontaktperson", "person", PERSON),
        ("Strasse / Nr.", "street", STREET), ("PLZ / Ort", "code_town", CITY), ("Telefon P", "phone", PERSON),
        ("Tel. Geschäft", "phone", "phones"), ("E-Mail-Adresse", "mail", "email"), ("Homepage", "web", "website"),
        ("Sparte", "theme", "theme"), ("Interne Bemerkung", "remark", None), ("Mitglieder", "count", None),
    ],
    "de, two names": [
        ("Name", "org", "name"), ("Vorname", "first", PERSON), ("Nachname", "last", PERSON),
        ("Funktion", "office", PERSON), ("Ort", "town", CITY), ("Eintrittsdatum", "day", None),
    ],
    "de, places": [
        ("Name der Organisation", "org", "name"), ("Kurzbeschrieb", "text", "description"),
        ("Strassenname", "road", STREET), ("Hausnummer", "no", STREET), ("PLZ", "code", CODE),
        ("Ortschaft", "town", CITY), ("Kanton", "canton", "addresses.canton"), ("Land", "country", "addresses.country"),
        ("E-Koordinate", "east", "point.lon"), ("N-Koordinate", "north", "point.lat"),
        ("BFS-Nr.", "bfs", "commune.bfs"), ("Gemeinde", "town", "commune.name"),
        ("UID-Nr.", "uid", "identifiers.value"), ("Sprache", "tongue", "languages"),
        ("Jahresbeitrag", "money", None), ("Notizen", "remark", None),
    ],
    "it, associations": [
        ("Ragione sociale", "org", "name"), ("Cognome", "last", PERSON), ("Nome", "first", PERSON),
        ("Carica", "office", PERSON), ("Via", "road", STREET), ("N. civico", "no", STREET), ("CAP", "code", CODE),
        ("Comune", "town", CITY), ("Recapito telefonico", "phone", "phones"), ("Tel. privato", "phone", PERSON),
        ("Indirizzo e-mail", "mail", "email"), ("Natura giuridica", "form", "nature"), ("Osservazioni", "remark", None),
        ("Scopo", "text", "description"), ("Quota", "money", None),
    ],
    "en, a register": [
        ("ORG_NAME", "org", "name"), ("STREET_ADDR", "street", STREET), ("CITY_NM", "town", CITY),
        ("PHONE_NBR", "phone", "phones"), ("EMAIL_ADDR", "mail", "email"), ("URL", "web", "website"),
        ("LAT", "lat", "point.lat"), ("LONG", "lon", "point.lon"), ("CEO", "person", PERSON),
        ("Comments", "remark", None), ("Date joined", "day", None),
    ],
    "fr, a form": [
        ("Nom de l'organisation (ou raison sociale)", "org", "name"),
        ("Adresse - Numéro et voie (ou lieu-dit)", "street", STREET), ("Adresse - code postal", "code", CODE),
        ("Adresse - commune", "town", CITY), ("Adresse e-mail de contact", "mail", "email"),
        ("Numéro de téléphone du lieu", "phone", "phones"), ("Site internet du lieu", "web", "website"),
        ("Latitude (Y)", "lat", "point.lat"), ("Longitude (X)", "lon", "point.lon"),
        ("Personne à contacter", "person", PERSON),
    ],
    "fr, a questionnaire": [
        ("Horodateur", "day", None), ("Quel est le nom de votre structure ?", "org", "name"),
        ("Quelle est votre adresse ?", "street", STREET), ("Dans quelle commune ?", "town", CITY),
        ("Quel est votre numéro de téléphone ?", "phone", "phones"), ("Votre site internet", "web", "website"),
        ("Avez-vous des remarques ?", "remark", None),
    ],
    "fr, an inventory": [
        ("NOM_EQUIP", "org", "name"), ("ADR_NUM", "no", STREET), ("ADR_VOIE", "road", STREET), ("LIBCOM", "town", CITY),
        ("TELEPHONE1", "phone", "phones"), ("xlong", "lon", "point.lon"), ("ylat", "lat", "point.lat"),
        ("Prénom conseiller", "first", PERSON), ("Nom conseiller", "last", PERSON),
    ],
    "de, two in one": [
        ("Verein / Organisation", "org", "name"), ("Adresse (Strasse, Nr.)", "street", STREET),
        ("Postleitzahl / Ort", "code_town", CITY), ("Telefon/Mobile", "phone", "phones"),
        ("Präsidium (Name, Vorname)", "person", PERSON), ("Angebot / Zweck", "text", "description"),
    ],
    "it, a form": [
        ("Nome dell'associazione", "org", "name"), ("Indirizzo (via e numero)", "street", STREET),
        ("CAP e località", "code_town", CITY), ("Presidente/Responsabile", "person", PERSON),
        ("Tipo di attività", "theme", "theme"), ("Descrizione attività", "text", "description"),
        ("Data di fondazione", "year", "founded_year"),
    ],
    "nested": [
        ("id", "key", "@id"), ("organisation.nom", "org", "name"), ("adresse.rue", "street", STREET),
        ("adresse.npa", "code", CODE), ("adresse.localite", "town", CITY), ("contacts.name", "person", PERSON),
        ("contact.prenom", "first", PERSON), ("geo.lat", "lat", "point.lat"), ("geo.lng", "lon", "point.lon"),
    ],
    "without names": [
        ("A", "key", None), ("B", "org", "name"), ("C", "person", PERSON), ("D", "street", STREET), ("E", "code", CODE),
        ("F", "town", CITY), ("G", "phone", "phones"), ("H", "mail", "email"), ("I", "web", "website"),
    ],
    "numbered columns": [
        ("Colonne 1", "org", "name"), ("Colonne 2", "street", STREET), ("Colonne 3", "code_town", CITY),
        ("Colonne 4", "phone", "phones"), ("Colonne 5", "count", None),
    ],
}  # fmt: skip


def _proposed(columns: list[tuple[str, str]]) -> dict[str, str | None]:
    rows = [Row(n, {head: cells for head, of in columns if (cells := VALUES[of][n])}) for n in range(8)]
    return as_data(propose([head for head, _of in columns], rows, ORGANISATION))


@pytest.mark.parametrize("name", LISTS)
def test_recognises_the_columns_of_invented_lists(name: str) -> None:
    proposed = _proposed([(head, of) for head, of, _wanted in LISTS[name]])
    assert proposed == {head: wanted for head, _of, wanted in LISTS[name]}


@pytest.mark.parametrize(
    "head",
    ["Remarque", "Notes", "Bemerkung zur Adresse", "Kommentar", "Osservazioni", "Notes (e-mail)", "interne Notiz"],
)
@pytest.mark.parametrize("of", ["mail", "phone", "street", "uid", "org", "text"])
def test_never_maps_what_somebody_noted_for_themselves(head: str, of: str) -> None:
    assert _proposed([("Nom", "org"), (head, of)])[head] is None


@pytest.mark.parametrize("head", ["Interne Nummer", "N° interne", "Internal ID"])
def test_an_internal_number_is_the_key_of_the_holder(head: str) -> None:
    assert _proposed([(head, "key"), ("Nom", "org")])[head] == "@id"


def test_believes_no_header_that_the_values_contradict() -> None:
    assert _proposed([("Nom", "org"), ("E-Mail", "street"), ("Latitude", "text"), ("PLZ", "person")]) == {
        "Nom": "name", "E-Mail": None, "Latitude": None, "PLZ": PERSON,
    }  # fmt: skip


def test_a_phone_is_no_pair_of_coordinates() -> None:
    assert _proposed([("Nom", "org"), ("Erreichbarkeit", "phone")])["Erreichbarkeit"] is None


def test_a_column_of_towns_with_a_name_of_its_own_is_not_the_address() -> None:
    assert _proposed([("Verein", "org"), ("Trainingsort", "town")])["Trainingsort"] is None


def test_the_language_of_a_contact_is_no_person_and_no_language_of_the_organisation() -> None:
    spoken = [[{"id": "1", "name": "Urdu"}]]
    rows = [Row(1, {"name": "Club Exemple", "contacts.phones.languages.name": "Urdu", "contacts.languages": spoken,
                    "phones.languages": '[{"id":"1"}]'})]  # fmt: skip
    columns = list(rows[0].values)
    assert as_data(propose(columns, rows, ORGANISATION)) == {"name": "name"} | dict.fromkeys(columns[1:])


def test_a_recurrence_may_be_the_text_of_an_object() -> None:
    rows = [Row(n, {"Titre": f"Cours {n}", "Répétition": '{"rrule": "FREQ=WEEKLY"}'}) for n in range(5)]
    assert as_data(propose(["Titre", "Répétition"], rows, kind("activity")))["Répétition"] == "recurrence"


def test_a_list_in_a_cell_is_no_thing_with_parts() -> None:
    rows = [Row(n, {"name": f"Club {n}", "tags": ["Sport", "Chant"]}) for n in range(5)]
    assert as_data(propose(["name", "tags"], rows, ORGANISATION))["tags"] == "theme"


def test_reads_names_below_groups_whatever_the_group_is_called() -> None:
    columns = ["Identité.Nom", "Stammdaten.Name", "Identité.Rue", "Siège.Localité", "Président.Nom"]
    rows = [[f"Chœur {number}", f"Chœur {number}", f"Rue Haute {number}", "Bex", "Nora Exemple"] for number in range(5)]
    for name in columns[:2]:
        used = [name, *columns[2:]]
        sample = [Row(number, dict(zip(used, [row[0], *row[2:]], strict=True))) for number, row in enumerate(rows, 2)]
        proposed = {entry.column: entry.property for entry in propose(used, sample, ORGANISATION)}
        assert proposed[name] == "name"
        assert (proposed["Identité.Rue"], proposed["Siège.Localité"]) == ("addresses.street", "addresses.city")


@pytest.mark.parametrize("end", ["/?mail=info{}@example.org", "/@club{}.example", "#info{}@example.org"])
def test_a_link_with_an_address_inside_is_a_website_and_no_email(end: str) -> None:
    rows = [
        Row(number, {"Nom": f"Chœur {number}", "Site web": f"https://chœur{number}.example.org{end.format(number)}"})
        for number in range(5)
    ]
    proposed = {entry.column: entry.property for entry in propose(["Nom", "Site web"], rows, ORGANISATION)}
    assert proposed["Site web"] == "website"
