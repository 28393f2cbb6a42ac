"""Importing: what reaches a person, or a refuge, is hidden from the first moment, and counted."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from datacoop.consent.actions import Wish, decide
from datacoop.disclosure.describe import self_body
from datacoop.records.models import Record, Statement
from datacoop.sources.masking import CONTACT_IN_TEXT
from tests.pipelines.pouring import KEY, club, clubs, counts, feed, seen, tables, take, uid_of, verify, write

pytestmark = pytest.mark.django_db(transaction=True)
REFUGE = "Asile et accueil des réfugiés"


def _only() -> dict[str, Any]:
    (body,) = seen().values()
    return body


class TestPersonalMarks:
    @pytest.mark.parametrize(
        ("cells", "hidden", "code"),
        [
            ({"E-mail": "jean.exemple@club.example.ch"}, "email", "carries-person-name"),
            ({"Président": "Jeanne Exemple", "Téléphone": "079 555 12 34"}, "phones", "beside-person"),
            ({"Adresse": "c/o Jeanne Exemple, Rue Haute 3"}, "addresses", "care-of"),
            ({"Type": "Groupe informel"}, "phones", "informal-group"),
        ],
    )
    def test_hides_and_counts(self, tmp_path: Path, cells: dict[str, str], hidden: str, code: str) -> None:
        mapping = {**KEY, "Type": "nature"} if "Type" in cells else KEY

        report = take(write(tmp_path, [club(1, **cells)]), mapping=mapping)

        assert hidden not in _only()
        assert report.hidden_because[code] == 1
        assert verify() == []

    def test_hides_a_contact_that_serves_two_organisations(self, tmp_path: Path) -> None:
        rows = [club(1), club(2, Téléphone="021 555 00 01"), club(3)]

        report = take(write(tmp_path, rows))

        assert [("phones" in body) for body in seen().values()].count(True) == 1
        assert report.hidden_because["shared"] == 2
        assert verify() == []

    def test_hides_what_another_list_shares_with_it(self, tmp_path: Path) -> None:
        take(write(tmp_path, clubs(2)))
        other = club(7, Téléphone="021 555 00 01")

        take(write(tmp_path, [other], "autre.csv"), holder="Paroisse d'Exemple")

        assert [body["phones"] for body in seen().values() if "phones" in body] == [["+41 21 555 00 02"]]
        assert verify() == []

    def test_a_contact_of_activities_of_one_organiser_serves_one(self, tmp_path: Path) -> None:
        take(write(tmp_path, clubs(1)))
        rows = [
            {"Titre": f"Concert {n}", "Date": f"2027-05-0{n}", "Organisateur": "K1", "Téléphone": "021 555 00 01"}
            for n in (1, 2)
        ]

        take(write(tmp_path, rows, "agenda.csv"), kind="activity", mapping={"Organisateur": "organiser"})

        assert all("phones" in body for body in [*seen().values(), *seen("activity").values()])

    def test_an_unpublished_list_takes_no_contact_from_a_published_one(self, tmp_path: Path) -> None:
        take(write(tmp_path, clubs(2)))
        before = feed()

        take(write(tmp_path, clubs(2), "autre.csv"), holder="Paroisse d'Exemple", published=False)

        assert all("phones" in body for body in seen().values())
        assert feed() == before

    def test_shows_only_the_place_beside_a_personal_address(self, tmp_path: Path) -> None:
        row = club(1, Adresse="c/o Jeanne Exemple, Rue Haute 3", lat="46.519", lon="6.6335")

        take(write(tmp_path, [row]), mapping={**KEY, "lat": "point.lat", "lon": "point.lon"})

        body = _only()
        assert "addresses" not in body
        assert body["point"]["precision"] in {"locality", "commune"}
        assert (body["point"]["lat"], body["point"]["lon"]) != (46.519, 6.6335)

    def test_keeps_the_precise_point_of_an_office(self, tmp_path: Path) -> None:
        row = club(1, lat="46.519", lon="6.6335")

        take(write(tmp_path, [row]), mapping={**KEY, "lat": "point.lat", "lon": "point.lon"})

        assert _only()["point"] == {"lat": 46.519, "lon": 6.6335, "precision": "exact"}

    def test_keeps_what_is_personal_sealed(self, tmp_path: Path) -> None:
        take(write(tmp_path, [club(1, **{"E-mail": "jeanne.exemple@club.example.ch"})]))

        stored = repr({name: rows for name, rows in tables().items() if not name.startswith("disclosure")})
        assert "jeanne.exemple" not in stored
        uid = uid_of("K1")
        assert "jeanne.exemple@club.example.ch" in json.dumps(self_body(uid=uid, now=datetime.now(UTC)))

    def test_the_subjects_word_survives_the_next_file(self, tmp_path: Path) -> None:
        take(write(tmp_path, clubs(1)))
        wish = Wish(audience="public", shows=False, property="phones")
        decide(uid=uid_of("K1"), wish=wish, actor="steward:test", reason="letter", now=datetime.now(UTC))

        take(write(tmp_path, [club(1, Téléphone="021 555 77 77")]))

        assert "phones" not in _only()
        assert verify() == []


class TestContactsInPlaces:
    TOLD = {"Adresse": "Rue du Lac 7, tél. 079 555 12 01", "Localité": "Lausanne zqb.canari@example.org"}
    READ = {"Adresse": "addresses.street", "NPA": "addresses.postal_code", "Localité": "addresses.city"}

    def test_are_nowhere_in_clear_and_counted(self, tmp_path: Path) -> None:
        report = take(
            write(tmp_path, [club(1, **self.TOLD, NPA="1005 zqc.canari@example.org")]), mapping={**KEY, **self.READ}
        )

        assert [(a["street"], a["city"]) for a in _only()["addresses"]] == [("Rue du Lac 7, tél. …", "Lausanne …")]
        assert report.hidden_because[CONTACT_IN_TEXT] == 1
        assert not [told for told in ("555 12 01", "zqb.canari", "zqc.canari") if told in repr(tables())]
        assert verify() == []

    def test_nor_in_those_of_an_activity(self, tmp_path: Path) -> None:
        row = {"Titre": "Concert", "Date": "2027-05-01", **self.TOLD}

        take(write(tmp_path, [row]), kind="activity", mapping={k: v for k, v in self.READ.items() if k in row})

        assert "Rue du Lac 7, tél. …" in repr(seen("activity"))
        assert not [told for told in ("555 12 01", "zqb.canari") if told in repr(tables())]

    def test_the_same_file_twice_changes_nothing(self, tmp_path: Path) -> None:
        path = write(tmp_path, [club(1, **self.TOLD)])
        take(path, mapping={**KEY, **self.READ})

        assert counts(take(path, mapping={**KEY, **self.READ}), "unchanged", "changed", "new") == (1, 0, 0)


class TestRefuges:
    def test_the_place_of_a_refuge_is_nowhere(self, tmp_path: Path) -> None:
        row = club(1, Thème=REFUGE, Adresse="Chemin Caché 7", NPA="1004", lat="46.5191", lon="6.6336")

        report = take(
            write(tmp_path, [row]),
            mapping={**KEY, "Thème": "theme", "lat": "point.lat", "lon": "point.lon"},
        )

        body = _only()
        assert not {"addresses", "point"} & body.keys()
        assert body["commune"]["name"] == "Lausanne"
        shown = repr({name: rows for name, rows in tables().items() if name.startswith("disclosure")}) + repr(feed())
        assert not any(canary in shown for canary in ("Caché", "1004", "46.519", "6.6336"))
        assert report.hidden_because["withheld"] == 1

    @pytest.mark.parametrize("organises_first", [True, False])
    def test_nor_the_place_of_a_single_date(self, tmp_path: Path, *, organises_first: bool) -> None:
        single = {"recurrence_id": "2027-05-08T19:00:00", "place": "Chemin Caché 7"}
        when = json.dumps({"rrule": "FREQ=WEEKLY", "overrides": [single]}, ensure_ascii=False)
        row = {"Titre": "Café", "Début": "2027-05-01 19:00", "Organisateur": "K1", "Répétition": when}
        as_it_is = {"Organisateur": "organiser", "Répétition": "recurrence"}
        told = club(1, Thème=REFUGE if organises_first else "Chant")
        take(write(tmp_path, [told]), mapping={**KEY, "Thème": "theme"})

        take(write(tmp_path, [row], "agenda.csv"), kind="activity", mapping=as_it_is)
        assert ("Caché" in repr(seen("activity"))) is not organises_first
        take(write(tmp_path, [club(1, Thème=REFUGE)]), mapping={**KEY, "Thème": "theme"})

        assert seen("activity")["Café"]["start"] == "2027-05-01T19:00:00+02:00"
        assert "Caché" not in repr(seen("activity"))
        assert verify() == []

    def test_not_even_where_the_subject_says_so(self, tmp_path: Path) -> None:
        take(write(tmp_path, [club(1, Thème=REFUGE)]), mapping={**KEY, "Thème": "theme"})
        wish = Wish(audience="public", shows=True, property="addresses")

        decide(uid=uid_of("K1"), wish=wish, actor="steward:test", reason="letter", now=datetime.now(UTC))

        assert "addresses" not in _only()

    @pytest.mark.parametrize("refuge_first", [True, False])
    def test_nor_from_another_list_that_does_not_know(self, tmp_path: Path, refuge_first: bool) -> None:
        knowing = write(tmp_path, [club(1, Thème=REFUGE)], "un.csv")
        unknowing = write(tmp_path, [club(1)], "deux.csv")
        pours = [
            lambda: take(knowing, mapping={**KEY, "Thème": "theme"}),
            lambda: take(unknowing, holder="Paroisse d'Exemple"),
        ]

        for pour in pours if refuge_first else reversed(pours):
            pour()

        body = _only()
        assert not {"addresses", "point"} & body.keys()
        assert verify() == []

    def test_nor_when_the_other_list_changes_later(self, tmp_path: Path) -> None:
        take(write(tmp_path, [club(1, Thème=REFUGE)], "un.csv"), mapping={**KEY, "Thème": "theme"})
        take(write(tmp_path, [club(1)], "deux.csv"), holder="Paroisse d'Exemple")

        take(write(tmp_path, [club(1, Adresse="Rue Nouvelle 9")], "deux.csv"), holder="Paroisse d'Exemple")

        assert not {"addresses", "point"} & _only().keys()
        assert verify() == []


class TestPersons:
    ROW = club(1, Président="Jeanne Canari", Caissier="Paul Merle", Téléphone="021 555 12 34")

    def test_columns_about_persons_are_not_stored(self, tmp_path: Path) -> None:
        report = take(write(tmp_path, [self.ROW]))

        stored = repr(tables())
        assert "Canari" not in stored
        assert {r.kind for r in Record.objects.all()} == {"organisation"}
        assert [m["column"] for m in report.mapping if m.get("person")] == ["Président", "Caissier"]

    def test_are_stored_for_nobody_when_asked_for(self, tmp_path: Path) -> None:
        report = take(write(tmp_path, [self.ROW]), with_persons=True)

        assert sorted(Record.objects.values_list("kind", flat=True)) == [
            "organisation", "person", "person", "role", "role",
        ]  # fmt: skip
        assert counts(report, "read", "accepted", "new", "visible") == (1, 1, 1, 1)
        assert "Canari" not in repr(tables())
        assert not Statement.objects.filter(record__kind__in=("person", "role"), state="l").exists()
        assert "Canari" not in repr(feed()) + repr(seen())
        person = Record.objects.filter(kind="person").order_by("id")
        names = {json.dumps(self_body(uid=p.uid, now=datetime.now(UTC)), ensure_ascii=False) for p in person}
        assert any("Jeanne Canari" in name for name in names)
        assert verify() == []

    def test_the_same_file_with_persons_twice_changes_nothing(self, tmp_path: Path) -> None:
        path = write(tmp_path, [self.ROW])
        take(path, with_persons=True)
        before = tables()

        report = take(path, with_persons=True)

        after = tables()
        assert {name for name in before if before[name] != after[name]} == {"sources_contribution"}
        assert counts(report, "unchanged", "vanished") == (1, 0)

    def test_persons_no_longer_named_are_retracted(self, tmp_path: Path) -> None:
        take(write(tmp_path, [self.ROW]), with_persons=True)

        report = take(write(tmp_path, [{**self.ROW, "Caissier": ""}]), with_persons=True)

        assert counts(report, "changed", "vanished") == (1, 0)
        standing = Statement.objects.filter(record__kind="person", end_contribution__isnull=True)
        assert standing.values("record_id").distinct().count() == 1

    def test_a_dry_run_with_persons_leaves_nothing(self, tmp_path: Path) -> None:
        before = tables()

        take(write(tmp_path, [self.ROW]), with_persons=True, dry_run=True)

        assert tables() == before

    def test_a_list_of_persons_is_quarantined(self, tmp_path: Path) -> None:
        rows = [{"Nr": "P1", "Nom complet": "Jeanne Canari", "E-mail": "jeanne@example.org"}]

        report = take(
            write(tmp_path, rows), kind="person", mapping={"Nr": "id", "Nom complet": "name", "E-mail": "email"}
        )

        assert counts(report, "accepted", "visible", "hidden") == (1, 0, 1)
        assert set(Statement.objects.values_list("state", flat=True)) == {"q"}
        assert "Canari" not in repr(tables())
        assert feed() == []
        assert verify() == []


class TestReferences:
    MAPPING = {"Organisateur": "organiser"}

    def _activities(self, tmp_path: Path, *organisers: str, **asked: Any) -> Any:
        rows = [
            {"Titre": f"Concert {n}", "Date": "2027-05-01", "Organisateur": organiser}
            for n, organiser in enumerate(organisers)
        ]
        return take(write(tmp_path, rows, "agenda.csv"), kind="activity", mapping=self.MAPPING, **asked)

    def test_finds_the_organiser_by_the_holders_key(self, tmp_path: Path) -> None:
        take(write(tmp_path, clubs(2)))

        report = self._activities(tmp_path, "K2", "K1")

        assert report.problems == []
        shown = seen("activity")
        assert shown["Concert 0"]["organiser"] == str(uid_of("K2"))
        assert verify() == []

    def test_finds_the_organiser_by_its_public_name(self, tmp_path: Path) -> None:
        take(write(tmp_path, [club(1, Nom="Chœur de la Clairière")]))

        self._activities(tmp_path, "choeur de la clairière", holder="Agenda d'Exemple")

        assert seen("activity")["Concert 0"]["organiser"] == str(uid_of("K1"))

    def test_keeps_a_row_whose_organiser_is_unknown(self, tmp_path: Path) -> None:
        report = self._activities(tmp_path, "Nul ne connaît")

        assert [(p.row, p.code) for p in report.problems] == [(2, "reference-unknown")]
        assert counts(report, "accepted", "rejected", "visible") == (1, 0, 1)
        assert "organiser" not in seen("activity")["Concert 0"]

    def test_finds_no_organiser_that_the_public_does_not_know(self, tmp_path: Path) -> None:
        take(write(tmp_path, [club(1, Nom="Chœur de la Clairière")]), published=False)

        report = self._activities(tmp_path, "Chœur de la Clairière", holder="Agenda d'Exemple")

        assert [p.code for p in report.problems] == ["reference-unknown"]
