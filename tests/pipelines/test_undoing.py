"""Undoing the last contribution: the world is what it was after the one before, and nothing is lost on the way."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from datacoop.consent.actions import Wish, decide
from datacoop.disclosure.models import View
from datacoop.disclosure.search.questions import Moved
from datacoop.ledger.models import Entry
from datacoop.linking.actions import judge
from datacoop.pipelines.undoing import UndoRefused, undo_last
from datacoop.sources.history import list_deliveries
from datacoop.sources.queries import find_list
from tests.pipelines.pouring import HOLDER, Row, answer, club, clubs, counts, seen, take, uid_of, verify, write

pytestmark = pytest.mark.django_db(transaction=True)
OTHER = "Paroisse d'Exemple"


def source_of(holder: str = HOLDER, kind: str = "organisation") -> int:
    listed = find_list(holder=holder, kind=kind)
    assert listed is not None
    return listed.source_id


def undo(holder: str = HOLDER) -> tuple[int, ...]:
    done = undo_last(source_id=source_of(holder), actor="steward:test")
    return tuple(done.counts[name] for name in ("new", "changed", "vanished"))


def shown() -> dict[tuple[int, int], object]:
    """Every live view of every audience, times of change apart."""
    rows = View.objects.filter(state__in="lm").values_list("tier", "record_id", "state", "body", "open_body")
    return {
        (tier, record): [state, _plain(body, state), _plain(opened, state)]
        for tier, record, state, body, opened in rows
    }


def _plain(body: Any, state: str) -> object:
    if body is None or state != "l":
        return body and bytes(body)
    return {name: value for name, value in json.loads(bytes(body)).items() if name != "modified"}


def changed_list() -> list[Row]:
    """Ten clubs of twelve, one renamed, one moved, one without phone, one new, one that shares another's contact."""
    rows = clubs(10)
    rows[0]["Nom"] = "Club tout à fait autre"
    rows[1]["Localité"], rows[1]["NPA"] = "Renens VD", "1020"
    rows[2]["Téléphone"] = ""
    return [*rows, club(50), club(51, **{"E-mail": rows[3]["E-mail"]})]


class TestUndo:
    def test_leaves_the_world_as_it_was_after_the_contribution_before(self, tmp_path: Path) -> None:
        take(write(tmp_path, clubs(12), "a.csv"))
        before, uids = shown(), {key: uid_of(key) for key in ("K1", "K11")}
        take(write(tmp_path, changed_list(), "b.csv"))
        assert shown() != before

        assert undo() == (2, 3, 2)

        assert shown() == before
        assert {key: uid_of(key) for key in uids} == uids
        assert verify() == []

    def test_lets_the_file_before_change_nothing_and_the_undone_one_change_as_it_did(self, tmp_path: Path) -> None:
        first, second = write(tmp_path, clubs(12), "a.csv"), write(tmp_path, changed_list(), "b.csv")
        take(first)
        report = take(second)
        after, uid = shown(), uid_of("K50")
        undo()

        assert counts(take(first), "new", "changed", "unchanged", "vanished") == (0, 0, 12, 0)
        again = take(second)

        names = ("new", "changed", "unchanged", "vanished", "visible", "with_contact")
        assert counts(again, *names) == counts(report, *names)
        assert uid_of("K50") == uid
        assert shown() == after
        assert verify() == []

    def test_is_not_confused_by_a_delivery_that_was_refused_or_tried_between(self, tmp_path: Path) -> None:
        first = write(tmp_path, clubs(12), "a.csv")
        take(first)
        before = shown()
        take(write(tmp_path, changed_list(), "b.csv"))
        take(write(tmp_path, clubs(11), "c.csv"), dry_run=True)
        with pytest.raises(Exception, match="missing"):
            take(write(tmp_path, clubs(2), "d.csv"))

        undo()

        assert shown() == before
        assert counts(take(first), "changed", "unchanged") == (0, 12)

    def test_of_the_first_contribution_leaves_an_empty_list(self, tmp_path: Path) -> None:
        path = write(tmp_path, clubs(3))
        take(path)
        uids = {uid_of(f"K{n}") for n in (1, 2, 3)}

        assert undo() == (0, 0, 3)

        assert seen() == {}
        assert verify() == []
        assert counts(take(path), "new") == (3,)
        assert {uid_of(f"K{n}") for n in (1, 2, 3)} == uids

    def test_is_one_more_contribution_in_the_history_and_one_entry_in_the_ledger(self, tmp_path: Path) -> None:
        take(write(tmp_path, clubs(3)))
        take(write(tmp_path, clubs(4)))
        undo()

        newest, undone, first = list_deliveries(source_of())

        assert (newest.number, newest.undoes, newest.state) == (3, 2, "accepted")
        assert (undone.is_undone, first.is_undone, newest.is_undone) == (True, False, False)
        entry = Entry.objects.get(kind="contribution.undone")
        assert (entry.payload["undone"], entry.payload["number"], entry.payload["records"]) == (2, 3, 1)

    def test_is_refused_twice_and_where_nothing_was_accepted(self, tmp_path: Path) -> None:
        take(write(tmp_path, clubs(3)))
        take(write(tmp_path, clubs(4)))
        undo()
        before = shown()

        with pytest.raises(UndoRefused, match="undone already"):
            undo()

        assert shown() == before


class TestWhatSurvives:
    def test_a_decision_taken_since(self, tmp_path: Path) -> None:
        take(write(tmp_path, clubs(3)))
        take(write(tmp_path, [club(1, Téléphone="021 555 99 99"), *clubs(3)[1:]]))
        decide(
            uid=uid_of("K1"), wish=Wish(audience="public", shows=False, property="phones"), actor="steward:test",
            reason="letter", now=datetime.now(UTC),
        )  # fmt: skip

        undo()

        body = next(b for b in seen().values() if b["id"] == str(uid_of("K1")))
        assert "phones" not in body
        assert "email" in body
        assert verify() == []

    def test_what_another_list_shares_since_then_stays_hidden(self, tmp_path: Path) -> None:
        take(write(tmp_path, [club(1), club(2)]))
        take(write(tmp_path, [club(1, Téléphone="021 555 99 99"), club(2)]))
        # Another organisation has the number now that the first one gave up.
        take(write(tmp_path, [club(70, Téléphone=club(1)["Téléphone"])], "autre.csv"), holder=OTHER)

        undo()

        assert all("phones" not in body for name, body in seen().items() if name != club(2)["Nom"])
        assert verify() == []


class TestMerges:
    ROW = {"Nom": "Chorale des Bords", "E-mail": "chorale@bords.example.ch", "Téléphone": "021 555 12 12"}

    def _merged(self, tmp_path: Path) -> dict[tuple[int, int], object]:
        """Another list's choir; ours first without it, then with the same choir."""
        take(write(tmp_path, [club(1, **self.ROW), club(2)], "autre.csv"), holder=OTHER)
        take(write(tmp_path, clubs(14)[2:], "a.csv"))
        before = shown()
        with_choir = [*clubs(14)[2:], club(80, **self.ROW, Adresse="Rue Neuve 9")]
        report = take(write(tmp_path, with_choir, "b.csv"))
        assert report.counts["matched"] == 1
        return before

    def test_are_taken_apart(self, tmp_path: Path) -> None:
        before = self._merged(tmp_path)
        assert shown() != before

        undo()

        assert shown() == before
        assert verify() == []

    def test_that_a_person_confirmed_stay(self, tmp_path: Path) -> None:
        take(write(tmp_path, [club(1, **self.ROW), club(2)], "autre.csv"), holder=OTHER)
        take(write(tmp_path, clubs(14)[2:], "a.csv"))
        report = take(write(tmp_path, [*clubs(13)[2:], club(14, **self.ROW)], "b.csv"))
        assert report.counts["matched"] == 1
        ours, theirs = uid_of("K14"), uid_of("K1", holder=OTHER)
        judge(first=ours, second=theirs, verdict="same", actor="steward:test", now=datetime.now(UTC))

        undo()

        assert isinstance(answer(ours), Moved)
        assert verify() == []
