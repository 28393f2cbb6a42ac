"""Importing: what a contribution changes, what it leaves, what it refuses, and what it reports."""

import json
from pathlib import Path

import pytest

from datacoop.ledger.models import Entry
from datacoop.pipelines.contribute import ContributionRefused
from datacoop.records.models import Record, Revision
from datacoop.sources.actions import UnclearListError
from datacoop.sources.models import Holder, SourceList
from datacoop.sources.queries import find_list, list_lists
from tests.pipelines.pouring import (
    HOLDER,
    club,
    clubs,
    counts,
    feed,
    seen,
    tables,
    take,
    uid_of,
    verify,
    write,
)

pytestmark = pytest.mark.django_db(transaction=True)


class TestAccepting:
    def test_makes_a_directory_of_a_list(self, tmp_path: Path) -> None:
        report = take(write(tmp_path, clubs(3)), page="https://example.ch/liste")

        shown = seen()
        assert len(shown) == 3
        first = next(b for b in shown.values() if b["addresses"][0]["street"] == "Rue de l'Exemple 1")
        assert first["email"].startswith("info@")
        assert first["phones"] == ["+41 21 555 00 01"]
        assert first["commune"] == {"bfs": 5586, "name": "Lausanne"}
        assert first["sources"] == [{"holder": HOLDER, "confirmed": False, "page": "https://example.ch/liste"}]
        assert counts(report, "read", "accepted", "rejected", "new", "visible", "with_contact") == (3, 3, 0, 3, 3, 3)
        assert verify() == []

    def test_registers_an_unknown_holder_with_a_list_of_its_own(self, tmp_path: Path) -> None:
        take(write(tmp_path, clubs(1)), holder="  Association faîtière  ")

        (listed,) = list_lists()
        assert (listed.holder, listed.name, listed.kind) == ("Association faîtière", "liste", "organisation")
        assert listed.last_counts["accepted"] == 1
        assert listed.last_counts["visible"] == 1

    def test_the_same_file_twice_changes_nothing(self, tmp_path: Path) -> None:
        path = write(tmp_path, clubs(5))
        take(path)
        before, told = tables(), feed()

        report = take(path)

        after = tables()
        changed = {name for name in before if before[name] != after[name]}
        assert changed == {"sources_contribution"}
        assert feed() == told
        assert counts(report, "unchanged", "new", "changed", "vanished", "visible") == (5, 0, 0, 0, 5)

    def test_a_changed_file_supersedes(self, tmp_path: Path) -> None:
        take(write(tmp_path, clubs(5)))
        kept = uid_of("K1")

        report = take(write(tmp_path, [club(1, Nom="Club rebaptisé"), *clubs(5)[1:]]))

        assert counts(report, "changed", "unchanged", "new") == (1, 4, 0)
        assert seen()["Club rebaptisé"]["id"] == str(kept)
        assert len(seen()) == 5
        assert verify() == []

    def test_a_value_that_is_gone_from_its_row_is_gone(self, tmp_path: Path) -> None:
        take(write(tmp_path, clubs(1)))

        take(write(tmp_path, [club(1, Téléphone="")]))

        (body,) = seen().values()
        assert "phones" not in body
        assert "email" in body

    def test_vanished_rows_are_retracted(self, tmp_path: Path) -> None:
        take(write(tmp_path, clubs(10)))
        gone = uid_of("K10")

        report = take(write(tmp_path, clubs(9)))

        assert report.counts["vanished"] == 1
        assert len(seen()) == 9
        assert [item["state"] for item in feed() if item["id"] == str(gone)] == ["deleted"]
        assert verify() == []

    def test_a_row_that_comes_back_is_the_same_record(self, tmp_path: Path) -> None:
        take(write(tmp_path, clubs(10)))
        uid = uid_of("K10")
        take(write(tmp_path, clubs(9)))

        report = take(write(tmp_path, clubs(10)))

        assert uid_of("K10") == uid
        assert report.counts["new"] == 1
        assert len(seen()) == 10

    def test_a_row_that_can_no_longer_be_read_has_not_vanished(self, tmp_path: Path) -> None:
        take(write(tmp_path, clubs(5)))

        report = take(write(tmp_path, [*clubs(4), club(5, Nom="")]))

        assert counts(report, "rejected", "vanished") == (1, 0)
        assert len(seen()) == 5

    def test_knows_rows_without_key_by_name_postcode_and_street(self, tmp_path: Path) -> None:
        take(write(tmp_path, [club(1), club(2)]), mapping={"Clé": None})

        report = take(write(tmp_path, [club(2, Téléphone="021 555 99 99"), club(1)]), mapping={"Clé": None})

        assert counts(report, "changed", "unchanged", "new", "vanished") == (1, 1, 0, 0)

    def test_a_list_attested_later_appears(self, tmp_path: Path) -> None:
        path = write(tmp_path, clubs(3))
        hidden = take(path, published=False)
        assert (seen(), hidden.counts["hidden"], hidden.hidden_because["unpublished-list"]) == ({}, 3, 3)

        shown = take(path, published=True)

        assert len(seen()) == 3
        assert counts(shown, "unchanged", "visible", "hidden") == (3, 3, 0)
        assert verify() == []

    def test_a_new_page_is_named_though_the_list_is_the_same(self, tmp_path: Path) -> None:
        path = write(tmp_path, clubs(1))
        take(path, page="https://example.ch/avant")

        take(path, page="https://example.ch/apres")

        (body,) = seen().values()
        assert body["sources"][0]["page"] == "https://example.ch/apres"
        assert verify() == []

    def test_takes_several_files_as_one(self, tmp_path: Path) -> None:
        one, two = write(tmp_path, clubs(2), "un.csv"), write(tmp_path, [club(3), club(4, Nom="")], "deux.csv")

        report = take(one, two)

        told = report.as_json()
        assert told["file"] == ["un.csv", "deux.csv"]
        columns = [column["column"] for column in told["mapping"]]
        assert sorted(columns) == sorted(set(columns))
        assert counts(report, "read", "accepted") == (4, 3)
        assert [(p.row, p.file) for p in report.problems] == [(3, "deux.csv")]
        assert counts(take(one, two), "unchanged", "vanished") == (3, 0)

    def test_takes_every_row_of_a_long_list(self, tmp_path: Path) -> None:
        report = take(write(tmp_path, [club(i % 1000, Clé=f"K{i}") for i in range(2105)]))

        assert counts(report, "read", "accepted", "new") == (2105, 2105, 2105)
        assert verify() == []


class TestDryRun:
    def test_leaves_nothing(self, tmp_path: Path) -> None:
        before = tables()

        take(write(tmp_path, [*clubs(3), club(4, Adresse="c/o Jean Exemple, Rue Basse 1")]), dry_run=True)

        assert _differences(before) == {}

    def test_leaves_nothing_beside_what_there_was(self, tmp_path: Path) -> None:
        take(write(tmp_path, clubs(10)))
        before = tables()

        take(write(tmp_path, [club(1, Nom="Autre"), club(30, Nom="c/o"), *clubs(9)[1:]]), dry_run=True)

        assert _differences(before) == {}

    def test_says_what_the_import_then_does(self, tmp_path: Path) -> None:
        rows = [
            *clubs(4),
            club(5, Téléphone="021 555 00 01"),
            club(6, **{"E-mail": "", "Téléphone": "", "Adresse": "c/o Jean Exemple, Rue Basse 5"}),
            club(7, Nom=""),
        ]
        path = write(tmp_path, rows)

        foretold = take(path, dry_run=True)
        done = take(path)

        assert foretold.as_json() == done.as_json()
        assert take(path, dry_run=True).as_json() == take(path).as_json()

    def test_says_it_of_an_unpublished_list_too(self, tmp_path: Path) -> None:
        path = write(tmp_path, clubs(3))

        foretold = take(path, published=False, dry_run=True)

        assert foretold.as_json() == take(path, published=False).as_json()
        assert foretold.hidden_because == {"unpublished-list": 3}

    def test_a_refused_one_leaves_nothing(self, tmp_path: Path) -> None:
        before = tables()

        with pytest.raises(ContributionRefused):
            take(write(tmp_path, [club(1, Nom="")]), dry_run=True)

        assert _differences(before) == {}


class TestGuard:
    def test_refuses_when_more_than_a_fifth_vanished(self, tmp_path: Path) -> None:
        take(write(tmp_path, clubs(10)))
        before = tables()

        with pytest.raises(ContributionRefused, match="3 of 10 rows") as refused:
            take(write(tmp_path, clubs(7)))

        assert refused.value.report is not None
        assert refused.value.report.counts["vanished"] == 3
        assert set(_differences(before)) <= {"sources_contribution"}
        assert take(write(tmp_path, clubs(8))).counts["vanished"] == 2

    def test_accepts_removals_when_told(self, tmp_path: Path) -> None:
        take(write(tmp_path, clubs(10)))

        take(write(tmp_path, clubs(7)), accept_removals=True)

        assert len(seen()) == 7
        assert verify() == []

    def test_lets_nothing_vanish_from_a_part(self, tmp_path: Path) -> None:
        take(write(tmp_path, clubs(10)))

        report = take(write(tmp_path, [club(1, Nom="Autre nom"), club(11)]), partial=True)

        assert counts(report, "vanished", "changed", "new") == (0, 1, 1)
        assert len(seen()) == 11
        assert take(write(tmp_path, clubs(11))).counts["vanished"] == 0

    @pytest.mark.parametrize("text", ["", "Clé;Nom;NPA\n", "   \n"])
    def test_refuses_an_empty_file(self, tmp_path: Path, text: str) -> None:
        take(write(tmp_path, clubs(2)))
        empty = tmp_path / "vide.csv"
        empty.write_text(text)

        for asked in ({}, {"partial": True}):
            with pytest.raises(ContributionRefused):
                take(empty, **asked)

        assert len(seen()) == 2

    @pytest.mark.parametrize("text", ["", "Clé;Nom;NPA\n"])
    def test_an_empty_file_empties_the_list_when_told(self, tmp_path: Path, text: str) -> None:
        take(write(tmp_path, clubs(2)))
        empty = tmp_path / "vide.csv"
        empty.write_text(text)

        take(empty, accept_removals=True)

        assert seen() == {}
        assert verify() == []

    def test_refuses_a_list_without_an_acceptable_row(self, tmp_path: Path) -> None:
        with pytest.raises(ContributionRefused, match="No row could be taken"):
            take(write(tmp_path, [club(1, Nom=""), club(2, Nom="")]), accept_removals=True)

        assert not Holder.objects.exists()
        assert not SourceList.objects.exists()

    def test_leaves_nothing_of_a_new_list_that_is_refused(self, tmp_path: Path) -> None:
        before = tables()

        with pytest.raises(ContributionRefused):
            take(write(tmp_path, [club(1, Nom="")]))

        assert _differences(before) == {}
        assert (Record.objects.count(), Revision.objects.count(), Entry.objects.count()) == (0, 0, 0)


class TestMapping:
    def test_is_saved_with_the_list(self, tmp_path: Path) -> None:
        rows = [{"Clé": "1", "Xyz": "Club Un"}, {"Clé": "2", "Xyz": "Club Deux"}]
        take(write(tmp_path, rows), mapping={"Clé": "id", "Xyz": "name"})

        report = take(write(tmp_path, rows), mapping={})

        assert report.counts["unchanged"] == 2
        assert {m["column"]: m["property"] for m in report.mapping} == {"Clé": "id", "Xyz": "name"}

    def test_what_is_given_wins_over_what_another_column_looks_like(self, tmp_path: Path) -> None:
        rows = [{"Nom": "Trésorerie", "Désignation": "Club Un"}, {"Nom": "Secrétariat", "Désignation": "Club Deux"}]

        take(write(tmp_path, rows), mapping={"Désignation": "name"})

        assert set(seen()) == {"Club Un", "Club Deux"}

    def test_a_column_mapped_to_nothing_is_not_stored(self, tmp_path: Path) -> None:
        take(write(tmp_path, clubs(1)), mapping={"Clé": "id", "E-mail": None})

        (body,) = seen().values()
        assert "email" not in body
        assert "example.ch" not in json.dumps({k: v for k, v in tables().items() if k.startswith("rec")}, default=repr)

    @pytest.mark.parametrize("target", ["nom", "addresses.planet", "email.home", "", "id.x"])
    def test_refuses_what_is_no_property(self, tmp_path: Path, target: str) -> None:
        before = tables()

        with pytest.raises(ContributionRefused, match="no property of organisation"):
            take(write(tmp_path, clubs(1)), mapping={"Nom": target})

        assert _differences(before) == {}

    def test_tells_of_columns_that_are_not_there(self, tmp_path: Path) -> None:
        report = take(write(tmp_path, clubs(1)), mapping={"Clé": "id", "Natel": "phones"})

        assert report.notes == ["The mapping names columns that are not there: Natel."]

    def test_tells_paths_of_the_item(self, tmp_path: Path) -> None:
        report = take(write(tmp_path, [club(1, Président="Jean Exemple", Zzz="x")]))

        told = {m["column"]: m["property"] for m in report.mapping}
        assert told == {
            "Clé": "id", "Nom": "name", "Adresse": "addresses.street", "NPA": "addresses.postal_code",
            "Localité": "addresses.city", "E-mail": "email", "Téléphone": "phones", "Président": None, "Zzz": None,
        }  # fmt: skip
        assert all(0 <= m["confidence"] <= 1 for m in report.mapping)

    def test_the_report_can_be_given_back_as_a_mapping(self, tmp_path: Path) -> None:
        path = write(tmp_path, [club(1, Président="Jean Exemple", Téléphone="079 555 00 01")])
        told = {m["column"]: m["property"] for m in take(path, dry_run=True).mapping}

        report = take(path, mapping=told)

        assert report.counts["accepted"] == 1
        assert "phones" not in next(iter(seen().values()))


class TestNaming:
    def test_needs_the_name_of_a_list_where_there_are_several(self, tmp_path: Path) -> None:
        path = write(tmp_path, clubs(1))
        take(path, source="Membres")
        take(path, source="Locations")

        with pytest.raises(UnclearListError, match="Locations, Membres"):
            take(path)

        assert take(path, source="Membres").counts["unchanged"] == 1

    def test_takes_the_only_list_by_default(self, tmp_path: Path) -> None:
        path = write(tmp_path, clubs(1))
        take(path, source="Membres")

        assert (take(path).source, take(path).counts["unchanged"]) == ("Membres", 1)

    def test_lists_of_other_kinds_do_not_count(self, tmp_path: Path) -> None:
        take(write(tmp_path, clubs(1)))

        report = take(write(tmp_path, [{"Titre": "Concert", "Date": "2027-05-01"}]), kind="activity", mapping={})

        assert report.counts["accepted"] == 1
        assert find_list(holder=HOLDER, kind="activity") is not None

    @pytest.mark.parametrize("holder", ["", "   ", "x" * 201])
    def test_refuses_a_holder_without_a_proper_name(self, tmp_path: Path, holder: str) -> None:
        with pytest.raises(ContributionRefused, match="name"):
            take(write(tmp_path, clubs(1)), holder=holder)

    def test_remembers_the_country(self, tmp_path: Path) -> None:
        rows = [club(1, NPA="75011", Localité="Paris", Téléphone="01 99 00 12 34")]
        take(write(tmp_path, rows), country="FR")

        report = take(write(tmp_path, rows))

        assert report.counts["unchanged"] == 1
        (body,) = seen().values()
        assert body["addresses"][0]["country"] == "FR"
        assert body["phones"] == ["+33 1 99 00 12 34"]


class TestReport:
    def test_counts_rows_from_one_as_the_sheet_does(self, tmp_path: Path) -> None:
        path = tmp_path / "liste.csv"
        path.write_text(
            "Clubs de la commune;;\n;;\nClé;Nom;E-mail\n1;Un;info@un.example.ch\n2;;\n3;Trois;pas-un-mail\n"
        )

        report = take(path)

        assert report.header_row == 3
        assert [(p.row, p.column, p.code) for p in report.problems] == [
            (5, "Nom", "name-missing"),
            (6, "E-mail", "email-unreadable"),
        ]

    def test_has_no_header_row_where_there_is_none(self, tmp_path: Path) -> None:
        path = tmp_path / "liste.json"
        path.write_text(json.dumps([{"id": "1", "name": "Club Un"}, {"id": "2", "name": "Club Deux"}]))

        report = take(path, mapping={"id": "id"})

        assert (report.format, report.header_row, report.counts["accepted"]) == ("json", None, 2)

    def test_rejects_a_row_that_stands_twice(self, tmp_path: Path) -> None:
        report = take(write(tmp_path, [club(1), club(1), club(1, Nom="Club numéro deux")]))

        assert counts(report, "accepted", "rejected") == (2, 1)
        assert [(p.row, p.code) for p in report.problems] == [(3, "duplicate-row")]
        assert len(seen()) == 2
        again = take(write(tmp_path, [club(1), club(1), club(1, Nom="Club numéro deux")]))
        assert counts(again, "unchanged", "vanished") == (2, 0)

    def test_tells_a_holder_nothing_of_others(self, tmp_path: Path) -> None:
        report = take(write(tmp_path, [*clubs(2), club(3, Nom="")]))

        told = report.for_holder()

        assert told["counts"] == {"read": 3, "accepted": 2, "rejected": 1}
        assert "hidden_because" not in told
        assert len(told["rows"]) == 1

    def test_keeps_no_value(self, tmp_path: Path) -> None:
        take(write(tmp_path, [*clubs(2), club(3, Nom="", Adresse="Chemin du Canari 7")]))

        assert "Canari" not in repr(tables())

    @pytest.mark.parametrize(
        ("lat", "lon", "code", "sentence"),
        [
            ("6.63{}", "46.51{}", "swapped", "were put in the order latitude, longitude"),
            ("46,51{}", "6,63{}", "decimal-comma", "were read with a decimal comma"),
            ("115200{}", "253810{}", "lv95", "were converted from the Swiss grid LV95"),
        ],
    )
    def test_says_whose_coordinates_were_put_right(
        self, tmp_path: Path, lat: str, lon: str, code: str, sentence: str
    ) -> None:
        rows = [club(n, Latitude=lat.format(n), Longitude=lon.format(n)) for n in range(1, 8)]
        rows.insert(1, club(9, Latitude="46.52", Longitude="6.63"))
        path = write(tmp_path, rows)

        for report in (take(path, dry_run=True), take(path)):
            (told,) = report.corrected.values()
            first = [{"row": row} for row in (2, 4, 5, 6, 7)]
            assert told.as_json() == {"code": code, "count": 7, "first": first}
            assert told.sentence() == f"Coordinates {sentence} in 7 rows (2, 4, 5, 6, 7, …)."
            assert report.as_json()["corrected"] == report.for_holder()["corrected"] == [told.as_json()]

    def test_has_the_keys_of_the_contract(self, tmp_path: Path) -> None:
        told = take(write(tmp_path, clubs(1))).as_json()

        assert set(told) >= {
            "file", "holder", "source", "kind", "format", "encoding", "header_row", "mapping", "counts",
            "hidden_because", "rows",
        }  # fmt: skip
        assert set(told["counts"]) == {
            "read", "accepted", "rejected", "new", "changed", "unchanged", "vanished", "matched", "to_review",
            "visible", "with_contact", "relay_only", "hidden", "persons",
        }  # fmt: skip


def _differences(before: dict[str, list[tuple[object, ...]]]) -> dict[str, list[tuple[object, ...]]]:
    after = tables()
    return {name: [r for r in after[name] if r not in before[name]] for name in before if before[name] != after[name]}


class TestCountry:
    FRENCH = tuple(
        club(n, NPA="49000", Localité="Angers", Téléphone=f"02 41 55 {n:02} 37") for n in range(10, 20)
    )  # fmt: skip

    def test_is_the_one_that_the_rows_name_and_is_remembered(self, tmp_path: Path) -> None:
        report = take(write(tmp_path, self.FRENCH))
        assert (report.country.country, report.country.why) == ("FR", "named")  # type: ignore[union-attr]
        assert {body["phones"][0][:6] for body in seen().values()} == {"+33 2 "}
        assert {body["addresses"][0]["country"] for body in seen().values()} == {"FR"}
        again = take(write(tmp_path, self.FRENCH))
        assert again.country.why == "remembered"  # type: ignore[union-attr]
        assert again.as_json()["country"]["code"] == "FR"  # type: ignore[index]

    def test_that_is_given_wins(self, tmp_path: Path) -> None:
        report = take(write(tmp_path, self.FRENCH), country="BE")
        assert report.country.as_json()["why"] == "given"  # type: ignore[union-attr]
        assert list_lists()[0].country == "BE"

    def test_that_is_unclear_is_left_out_and_asked_again(self, tmp_path: Path) -> None:
        rows = [club(n, NPA="49000", Localité="Angers", Téléphone="") for n in range(10, 20)]
        assert take(write(tmp_path, rows)).country.why == "unclear"  # type: ignore[union-attr]
        assert all("country" not in body["addresses"][0] for body in seen().values())
        assert list_lists()[0].country == ""
        assert take(write(tmp_path, self.FRENCH)).country.why == "named"  # type: ignore[union-attr]

    def test_that_does_not_exist_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(ContributionRefused, match="There is no country “ZZ”"):
            take(write(tmp_path, self.FRENCH), country="ZZ")
