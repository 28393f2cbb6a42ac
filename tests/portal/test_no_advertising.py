"""The mark that contacts are not for advertising (LCD art. 3 al. 1 let. u): from lists and subjects to all readers."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from django.test import Client

from datacoop.api.asgi import wrap
from datacoop.api.site import Site
from datacoop.consent.actions import Wish, decide
from datacoop.disclosure.own.telling import own_records
from datacoop.kinds.definition import all_kinds
from datacoop.kinds.definition import kind as kind_named
from datacoop.pipelines.contribute import contribute
from datacoop.pipelines.correcting import correct
from datacoop.pipelines.intake import Intake
from datacoop.records.actions.stating import Said
from datacoop.records.rules import id_of
from datacoop.sources.normalising import Setting
from datacoop.sources.readers.table import Row
from datacoop.sources.rows import RowReader
from tests.api import world
from tests.api.conftest import django
from tests.api.world import BASE_URL, Caller
from tests.pipelines.test_correcting import again, by, form, page
from tests.portal.conftest import page_of
from tests.rights.people import NOW, settle

pytestmark = pytest.mark.django_db(transaction=True)
LIST = "/api/v1/organisations"
HEADERS = {
    "fr": "Nom;Rue;NPA;Localité;E-mail;Pas de publicité",
    "de": "Vereinsname;Strasse;PLZ;Ort;E-Mail;Sterneintrag",
    "it": "Nome;Via;NPA;Località;E-mail;Niente pubblicità",
    "en": "Organisation name;Street;Postcode;City;Email;No advertising",
}


def bring(folder: Path, language: str, *marks: str) -> None:
    rows = [
        f"Chœur {number};Rue du Lac {number};1005;Lausanne;info{number}@choeur.example.org;{mark}"
        for number, mark in enumerate(marks)
    ]
    file = folder / "list.csv"
    file.write_text("\n".join([HEADERS[language], *rows]), encoding="utf-8")
    contribute(Intake((file,), "Registre d’essai", published=True), actor="steward:test")


@pytest.mark.parametrize("language", HEADERS)
def test_a_list_says_it_in_its_own_words(language: str, tmp_path: Path, transactional_db: None) -> None:
    yes, no = {"fr": ("oui", "non"), "de": ("Ja", "Nein"), "it": ("sì", "no"), "en": ("yes", "no")}[language]
    bring(tmp_path, language, yes, no, "*", "")

    items = Caller(wrap(django, Site(BASE_URL))).get(LIST).json()["items"]  # type: ignore[arg-type]

    assert [each.get("no_advertising") for each in items] == [True, False, True, None]


@pytest.mark.parametrize(("cell", "read"), [("*", True), ("✱", True), ("X", True), ("☑", True), ("0", False)])
def test_directories_write_it_as_a_sign(cell: str, read: bool) -> None:
    mapping = {"Nom": "name", "P": "no_advertising"}
    mapped = RowReader(mapping, kind_named("organisation"), Setting("CH")).read(Row(2, {"Nom": "Club", "P": cell}))

    assert [each.value for each in mapped.values if each.property == "no_advertising"] == [read]


def test_what_is_neither_yes_nor_no_is_refused(tmp_path: Path) -> None:
    mapping = {"Nom": "name", "P": "no_advertising"}
    row = Row(2, {"Nom": "Club", "P": "parfois"})
    mapped = RowReader(mapping, kind_named("organisation"), Setting("CH")).read(row)

    assert [each.code for each in mapped.problems] == ["boolean-unreadable"]


@pytest.mark.parametrize(
    ("language", "said"),
    [("fr", "pas de publicité à ces"), ("de", "keine Werbung"), ("it", "Non invii"), ("en", "Do not send advertising")],
)
def test_a_page_says_it_beside_the_contacts(language: str, said: str, tmp_path: Path, transactional_db: None) -> None:
    bring(tmp_path, "fr", "oui", "non")
    visitor = Client(headers={"accept-language": language})
    pages = [visitor.get(page_of(visitor, f"Chœur {number}")).content.decode() for number in (0, 1)]

    assert said in pages[0]
    assert "✱" in pages[0]
    assert said not in pages[1]


def test_every_format_carries_it(tmp_path: Path, transactional_db: None) -> None:
    bring(tmp_path, "fr", "oui")
    caller = Caller(wrap(django, Site(BASE_URL)))  # type: ignore[arg-type]
    uid = caller.get(LIST).json()["items"][0]["id"]

    for where in (f"{LIST}/{uid}", LIST, "/api/v1/exports/organisations"):
        row = next(csv.DictReader(io.StringIO(caller.get(f"{where}.csv").body.decode())))
        assert row["no_advertising"] == "true"
        assert b'"no_advertising":true' in caller.get(f"{where}.geojson").body
        assert b'"datacoop:no_advertising":true' in caller.get(f"{where}.jsonld").body
    assert b'"no_advertising":true' in caller.get("/api/v1/exports/organisations.ndjson").body
    assert b'"no_advertising":true' in caller.get("/api/v1/changes").body
    told = json.loads(Client().get(f"/hsds/organizations/{uid}").content)
    assert [(each["link_type"], each["value"]) for each in told["attributes"]] == [("no_advertising", "true")]


def test_a_calendar_says_it_beside_the_contact(transactional_db: None) -> None:
    caller = Caller(wrap(django, Site(BASE_URL)))  # type: ignore[arg-type]
    day, said = "2026-12-24T19:00:00+01:00", {"title": "Concert", "email": "concert@choeur.example.org"}
    uids = [world.add("activity", number, start=day, no_advertising=number == 1, **said) for number in (1, 2)]

    events = [caller.get(f"/api/v1/activities/{uid}.ics?lang=de").body for uid in uids]

    assert [b"COMMENT:Keine Werbung" in each for each in events] == [True, False]
    assert all(b"CONTACT:concert@choeur.example.org" in each for each in events)


def test_a_representative_sets_and_shows_it_and_a_list_cannot_take_it_back() -> None:
    """Nobody said it before, so it is shown by a press of its own (decision 0032)."""
    village = settle()
    typed = form(village.choir, {"no_advertising": "true"})
    correct(by=by(village.choir), record=id_of(village.choir), typed=typed, now=NOW)
    assert "no_advertising" not in page(village.choir)

    shown = Wish("public", shows=True, property="no_advertising")
    decide(uid=village.choir, wish=shown, actor="account:1", reason="test", now=NOW)
    again(village, [Said("no_advertising", False), Said("name", "Chœur")])

    assert page(village.choir)["no_advertising"] is True


def test_a_person_sets_it_for_themselves_and_reads_it_alone() -> None:
    village = settle()
    correct(
        by=by(village.person),
        record=id_of(village.person),
        typed=form(village.person, {"no_advertising": "true"}),
        now=NOW,
    )

    own = [value for each in own_records(village.person, now=NOW, proven=True) for value in each.values]

    assert [value.value for value in own if value.property == "no_advertising"] == [True]


def test_every_kind_with_contacts_has_it() -> None:
    """Lists and exports for everybody carry it too, for they carry postal addresses; those of persons are in none."""
    with_contacts = {
        each.name for each in all_kinds().values() if {"email", "phones"} & {prop.name for prop in each.properties}
    }

    assert with_contacts == {"organisation", "activity", "person"}
    assert [kind_named(name).property("no_advertising").open for name in sorted(with_contacts)] == [True, True, False]
