"""Importing: what two holders say of one organisation becomes one record, unless that would tell a secret."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from datacoop.disclosure.search.questions import Found, Moved
from datacoop.linking.actions import judge
from datacoop.linking.queries import list_review
from tests.pipelines.pouring import answer, club, clubs, counts, feed, seen, take, uid_of, verify, write

pytestmark = pytest.mark.django_db(transaction=True)
OTHER = "Paroisse d'Exemple"


def _pour_both(tmp_path: Path, **cells: str) -> Any:
    take(write(tmp_path, clubs(3), "un.csv"))
    return take(write(tmp_path, [club(1, **cells)], "deux.csv"), holder=OTHER)


#: What leaves nothing but the name.
NAME_ALONE = {"E-mail": "", "Téléphone": "", "Adresse": "", "NPA": "", "Localité": ""}


class TestMerging:
    def test_two_holders_organisation_is_one_record_that_names_both(self, tmp_path: Path) -> None:
        report = _pour_both(tmp_path, Adresse="", NPA="", Localité="")

        body = next(b for b in seen().values() if b["id"] == str(uid_of("K1")))
        assert [source["holder"] for source in body["sources"]] == ["Commune d'Exemple", OTHER]
        assert len(seen()) == 3
        assert counts(report, "new", "matched", "visible") == (1, 1, 1)
        assert verify() == []

    def test_an_id_that_was_public_leads_to_the_survivor(self, tmp_path: Path) -> None:
        _pour_both(tmp_path, **NAME_ALONE)
        ours, theirs = uid_of("K1"), uid_of("K1", holder=OTHER)
        assert isinstance(answer(theirs), Found)

        report = take(write(tmp_path, [club(1)], "deux.csv"), holder=OTHER)

        assert counts(report, "changed", "matched") == (1, 1)
        assert answer(theirs) == Moved(str(ours))
        assert isinstance(answer(ours), Found)
        assert len(seen()) == 3
        assert verify() == []

    def test_an_id_that_never_was_public_stays_unknown(self, tmp_path: Path) -> None:
        _pour_both(tmp_path)

        assert answer(uid_of("K1", holder=OTHER)) is None

    def test_pouring_the_same_again_changes_nothing(self, tmp_path: Path) -> None:
        _pour_both(tmp_path)
        before = feed()

        report = take(tmp_path / "deux.csv", holder=OTHER)

        assert counts(report, "unchanged", "matched") == (1, 0)
        assert feed() == before

    def test_a_dry_run_foretells_the_match(self, tmp_path: Path) -> None:
        take(write(tmp_path, clubs(3), "un.csv"))
        path = write(tmp_path, [club(1)], "deux.csv")

        foretold = take(path, holder=OTHER, dry_run=True)

        assert foretold.as_json() == take(path, holder=OTHER).as_json()
        assert foretold.counts["matched"] == 1

    def test_what_only_the_vanished_row_said_is_gone(self, tmp_path: Path) -> None:
        _pour_both(tmp_path, Téléphone="021 555 44 44")
        empty = tmp_path / "deux.csv"
        empty.write_text("Clé;Nom;NPA\n")

        take(empty, holder=OTHER, accept_removals=True)

        assert "+41 21 555 44 44" not in repr(seen())
        assert len(seen()) == 3
        assert verify() == []

    def test_names_alone_make_no_merge(self, tmp_path: Path) -> None:
        report = _pour_both(tmp_path, **NAME_ALONE)

        assert counts(report, "matched", "to_review") == (0, 1)
        assert len(list_review(limit=10)) == 1
        assert verify() == []


class TestJudgements:
    def test_different_survives_the_next_import(self, tmp_path: Path) -> None:
        _pour_both(tmp_path)
        ours, theirs = uid_of("K1"), uid_of("K1", holder=OTHER)
        judge(first=ours, second=theirs, verdict="different", actor="steward:test", now=datetime.now(UTC))
        assert len(seen()) in {3, 4}

        report = take(write(tmp_path, [club(1, Adresse="Rue Nouvelle 3")], "deux.csv"), holder=OTHER)

        assert counts(report, "matched", "changed") == (0, 1)
        assert isinstance(answer(ours), Found)
        assert isinstance(answer(theirs), Found)
        assert verify() == []


class TestExistence:
    @pytest.mark.parametrize("hidden_first", [True, False])
    def test_hidden_and_public_are_never_merged(self, tmp_path: Path, hidden_first: bool) -> None:
        lists = [("Commune d'Exemple", not hidden_first), (OTHER, hidden_first)]
        for number, (holder, published) in enumerate(lists):
            path = write(tmp_path, [club(1, Nom="Chœur de la Clairière")], f"{number}.csv")
            report = take(path, holder=holder, published=published)

        assert counts(report, "matched", "to_review") == (0, 1)
        assert len(seen()) == 1
        assert verify() == []

    def test_a_list_published_by_this_very_import_is_merged(self, tmp_path: Path) -> None:
        take(write(tmp_path, clubs(1), "un.csv"))

        report = take(write(tmp_path, clubs(1), "deux.csv"), holder=OTHER, published=True)

        assert report.counts["matched"] == 1


def test_compiles_a_match_of_a_row_that_says_nothing_new_but_of_a_person(tmp_path: Path) -> None:
    row = club(1, Président="Jeanne Exemple")
    take(write(tmp_path, [club(1)], "ours.csv"), holder="Paroisse d'Exemple")
    take(write(tmp_path, [row]), with_persons=True, linked=False)

    report = take(write(tmp_path, [{**row, "Président": "Jean Modèle"}]), with_persons=True)

    assert report.counts["matched"] == 1
    assert len(seen()) == 1
    assert verify() == []
