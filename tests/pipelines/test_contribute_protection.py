"""Importing: what is protected in one list, or one record, is protected in all of them."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from datacoop.linking.actions import judge
from datacoop.pipelines.entering import Entry, enter
from tests.pipelines.pouring import KEY, club, feed, seen, tables, take, uid_of, verify, write

pytestmark = pytest.mark.django_db(transaction=True)
REFUGE = "Asile et accueil des réfugiés"
THEMED = {**KEY, "Thème": "theme"}
OTHER = "Agenda d'Exemple"
CANARIES = ("Caché", "46.5191", "6.6336", "Salle dérobée")


def _refuge(tmp_path: Path, **asked: Any) -> None:
    take(write(tmp_path, [club(1, Thème=REFUGE)], "refuge.csv"), mapping=THEMED, **asked)


def _activities(tmp_path: Path, *, holder: str = OTHER, organiser: str = club(1)["Nom"]) -> None:
    row = {
        "Titre": "Portes ouvertes", "Date": "2027-05-01", "Organisateur": organiser, "Rue": "Chemin Caché 7",
        "NPA": "1004", "Localité": "Lausanne", "lat": "46.5191", "lon": "6.6336", "Salle": "Salle dérobée",
    }  # fmt: skip
    mapping = {
        "Organisateur": "organiser", "Rue": "addresses.street", "lat": "point.lat", "lon": "point.lon", "Salle": "place"
    }  # fmt: skip
    take(write(tmp_path, [row], "agenda.csv"), kind="activity", mapping=mapping, holder=holder)


def _shown() -> str:
    return repr({name: rows for name, rows in tables().items() if name.startswith("disclosure")}) + repr(feed()[-1:])


def _is_nowhere(kind: str = "activity") -> bool:
    (body,) = seen(kind).values()
    return not {"addresses", "point", "place"} & body.keys()


class TestPlacesOfRefuges:
    def test_hides_the_place_of_what_a_refuge_organises(self, tmp_path: Path) -> None:
        _refuge(tmp_path)

        _activities(tmp_path)

        assert seen("activity")["Portes ouvertes"]["organiser"] == str(uid_of("K1"))
        assert _is_nowhere()
        assert not any(canary in _shown() for canary in CANARIES)
        assert verify() == []

    def test_even_where_the_refuge_itself_gives_no_address(self, tmp_path: Path) -> None:
        row = club(1, Thème=REFUGE, Adresse="", NPA="", Localité="")
        take(write(tmp_path, [row], "refuge.csv"), mapping=THEMED)

        _activities(tmp_path)

        assert _is_nowhere()

    def test_shows_the_place_of_what_others_organise(self, tmp_path: Path) -> None:
        take(write(tmp_path, [club(1)], "club.csv"))

        _activities(tmp_path)

        assert not _is_nowhere()
        assert "Salle dérobée" in _shown()

    @pytest.mark.parametrize("merging", [False, True])
    def test_hides_it_once_a_list_says_that_it_is_a_refuge(self, tmp_path: Path, merging: bool) -> None:
        take(write(tmp_path, [club(1)], "club.csv"))
        _activities(tmp_path)

        _refuge(tmp_path, **({"holder": "Paroisse d'Exemple"} if merging else {}))

        assert _is_nowhere("organisation")
        assert _is_nowhere()
        assert not any(canary in _shown() for canary in CANARIES)
        assert verify() == []

    def test_hides_it_once_somebody_judges_it_the_same_as_a_refuge(self, tmp_path: Path) -> None:
        mine = club(1, **{"E-mail": "", "Téléphone": "", "Adresse": "Rue Haute 9"})
        take(write(tmp_path, [mine], "club.csv"))
        _activities(tmp_path)
        theirs = club(2, Nom="Tout autre nom", Thème=REFUGE)
        take(write(tmp_path, [theirs], "refuge.csv"), mapping=THEMED, holder="Paroisse d'Exemple")
        assert not _is_nowhere()

        first, second = uid_of("K1"), uid_of("K2", holder="Paroisse d'Exemple")
        judge(first=first, second=second, verdict="same", actor="steward:test", now=datetime.now(UTC))

        assert _is_nowhere("organisation")
        assert _is_nowhere()
        assert verify() == []

    @pytest.mark.parametrize("refuge", [1, 2, 3])
    def test_hides_those_who_are_part_of_one_another_in_a_circle(self, tmp_path: Path, refuge: int) -> None:
        for whole in ({}, {"Partie": "part_of"}):
            rows = [club(number, **({"Partie": club(number % 3 + 1)["Nom"]} if whole else {})) for number in (1, 2, 3)]
            take(write(tmp_path, rows, "cercle.csv"), mapping={**KEY, **whole})
        assert all({"addresses", "part_of"} <= body.keys() for body in seen("organisation").values())
        theirs = club(9, Nom="Tout autre nom", Thème=REFUGE)
        take(write(tmp_path, [theirs], "refuge.csv"), mapping=THEMED, holder="Paroisse d'Exemple")

        first, second = uid_of(f"K{refuge}"), uid_of("K9", holder="Paroisse d'Exemple")
        judge(first=first, second=second, verdict="same", actor="steward:test", now=datetime.now(UTC))

        assert len(seen("organisation")) == 3
        assert not any({"addresses", "point"} & body.keys() for body in seen("organisation").values())
        assert verify() == []

    def test_a_stewards_correction_discloses_nothing(self, tmp_path: Path) -> None:
        _refuge(tmp_path)
        entry = Entry("organisation", {"name": club(1)["Nom"], "addresses.street": "Chemin Caché 7"}, uid_of("K1"))

        enter(entry, actor="steward:test", reason="letter", now=datetime.now(UTC))

        assert _is_nowhere("organisation")
        assert "Caché" not in _shown()

    @pytest.mark.parametrize(
        "cells",
        [
            {"Nom": "Frauenhaus Musterstadt"},
            {"Nom": "Stiftung Frauenhäuser"},
            {"Nom": "La Clairière", "Description": "Accueil des victimes de violences conjugales."},
            {"Nom": "La Clairière", "Description": "Maison d’accueil pour femmes"},
            {"Nom": "Casa delle Donne maltrattate"},
            {"Nom": "Exampletown Women’s Shelter"},
            {"Nom": "Foyer d'urgence pour femmes"},
        ],
    )
    def test_knows_a_refuge_by_its_words(self, tmp_path: Path, cells: dict[str, str]) -> None:
        take(write(tmp_path, [club(1, **cells)]))

        assert _is_nowhere("organisation")
        assert "1005" not in _shown()


class TestPersonalContacts:
    @pytest.mark.parametrize("knowing_first", [True, False])
    @pytest.mark.parametrize(
        ("cells", "hidden"),
        [({"Type": "Groupe informel"}, {"phones", "email"}), ({"Président": "Jeanne Exemple"}, {"phones"})],
    )
    def test_personal_in_one_list_is_personal_in_all(
        self, tmp_path: Path, cells: dict[str, str], hidden: set[str], knowing_first: bool
    ) -> None:
        mobile = {"Téléphone": "079 555 12 34"}
        mapping = {**KEY, "Type": "nature"} if "Type" in cells else KEY
        knowing = write(tmp_path, [club(1, **cells, **mobile)], "un.csv")
        unknowing = write(tmp_path, [club(1, **mobile)], "deux.csv")
        pours: list[Callable[[], Any]] = [
            lambda: take(knowing, mapping=mapping),
            lambda: take(unknowing, holder="Paroisse d'Exemple"),
        ]

        for pour in pours if knowing_first else reversed(pours):
            pour()

        (body,) = seen().values()
        assert not hidden & body.keys()
        assert verify() == []

    def test_and_after_somebody_judged_them_the_same(self, tmp_path: Path) -> None:
        shared = {"Téléphone": "079 555 12 34", "E-mail": ""}
        take(write(tmp_path, [club(1, Président="Jeanne Exemple", **shared)], "un.csv"))
        take(write(tmp_path, [club(1, Nom="Club numéro un", **shared)], "deux.csv"), holder="Paroisse d'Exemple")

        first, second = uid_of("K1"), uid_of("K1", holder="Paroisse d'Exemple")
        if first != second:
            judge(first=first, second=second, verdict="same", actor="steward:test", now=datetime.now(UTC))

        assert all("phones" not in body for body in seen().values())
        assert verify() == []

    @pytest.mark.parametrize("others", [False, True])
    def test_the_precise_point_of_a_shared_address_is_hidden_too(self, tmp_path: Path, others: bool) -> None:
        mapping = {**KEY, "lat": "point.lat", "lon": "point.lon"}
        rows = [club(n, Adresse="Rue Haute 3", lat="46.5191", lon="6.6336") for n in (1, 2)]
        if others:
            take(write(tmp_path, rows[:1], "un.csv"), mapping=mapping)
            take(write(tmp_path, rows[1:], "deux.csv"), mapping=mapping, holder="Paroisse d'Exemple")
        else:
            take(write(tmp_path, rows), mapping=mapping)

        assert len(seen()) == 2
        assert not any(body.get("point", {}).get("precision") == "exact" for body in seen().values())
        assert "46.5191" not in _shown()
        assert verify() == []

    def test_also_where_only_the_address_is_new(self, tmp_path: Path) -> None:
        mapping = {**KEY, "lat": "point.lat", "lon": "point.lon"}
        rows = [club(n, lat="46.5191", lon="6.6336") for n in (1, 2)]
        take(write(tmp_path, rows), mapping=mapping)

        take(write(tmp_path, [{**row, "Adresse": "Rue Haute 3"} for row in rows]), mapping=mapping)

        assert not any(body.get("point", {}).get("precision") == "exact" for body in seen().values())
        assert verify() == []


class TestContactsInTexts:
    def test_are_masked_and_counted(self, tmp_path: Path) -> None:
        text = "Fondé en 1998 à 1005 Lausanne. Jeanne : 079 555 98 76, jeanne.canari@example.org"

        report = take(write(tmp_path, [club(1, Description=text), club(2)]))

        body = seen()[club(1)["Nom"]]
        assert "Fondé en 1998 à 1005 Lausanne. Jeanne : …, …" in repr(body["description"])
        assert report.hidden_because["contact-in-text"] == 1
        assert not any(canary in repr(tables()) for canary in ("555 98 76", "jeanne.canari"))
        assert verify() == []

    def test_in_a_title_too(self, tmp_path: Path) -> None:
        row = {"Titre": "Concert, réservations 079 555 98 76", "Date": "2027-05-01"}

        take(write(tmp_path, [row]), kind="activity", mapping={})

        assert set(seen("activity")) == {"Concert, réservations …"}
        assert "555 98 76" not in repr(tables())

    def test_the_same_file_twice_changes_nothing(self, tmp_path: Path) -> None:
        path = write(tmp_path, [club(1, Description="Jeanne : 079 555 98 76")])
        take(path)

        report = take(path)

        assert report.counts["unchanged"] == 1
        assert report.hidden_because["contact-in-text"] == 1

    @pytest.mark.parametrize(
        "cells", [{"E-mail": "jean.exemple@club.example.ch"}, {"Adresse": "c/o Jeanne Exemple, Rue Haute 3"}]
    )
    def test_a_mobile_beside_a_persons_contact_is_personal(self, tmp_path: Path, cells: dict[str, str]) -> None:
        report = take(write(tmp_path, [club(1, Téléphone="079 555 12 34", **cells)]))

        assert "phones" not in seen()[club(1)["Nom"]]
        assert report.hidden_because["beside-person"] == 1
