"""Importing what its own subject hid, under another key or from another list: nobody sees it before a person looked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from django.db import connection

from datacoop.consent.actions import Wish, decide
from datacoop.disclosure.search.questions import Found
from datacoop.linking.actions import Linker, judge
from datacoop.linking.queries import list_judgements, list_review
from datacoop.linking.refreshing import refresh_review
from datacoop.linking.taking_back import take_back
from datacoop.pipelines.intake import Report
from datacoop.pipelines.undoing import undo_last
from datacoop.portal.telling import told
from datacoop.sources.queries import find_list
from tests.pipelines.pouring import HOLDER, answer, club, clubs, counts, feed, seen, take, uid_of, verify, write

pytestmark = pytest.mark.django_db(transaction=True)
OTHER = "Paroisse d'Exemple"
NAME = club(1)["Nom"]


def speak(uid: UUID, *, shows: bool) -> None:
    decide(uid=uid, wish=Wish("public", shows), actor="subject", reason="", now=datetime.now(UTC))


def hide_first(folder: Path) -> UUID:
    """A list of three clubs, of which the first then hides itself."""
    take(write(folder, clubs(3), "un.csv"))
    speak(uid_of("K1"), shows=False)
    assert NAME not in seen()
    return uid_of("K1")


def take_other(folder: Path, **asked: bool) -> Report:
    return take(write(folder, [club(1), club(7)], "deux.csv"), holder=OTHER, **asked)


def undo(holder: str) -> None:
    listed = find_list(holder=holder, kind="organisation")
    assert listed is not None
    undo_last(source_id=listed.source_id, actor="steward:test")


def say(one: UUID, other: UUID, verdict: str) -> None:
    judge(first=one, second=other, verdict=verdict, actor="steward:test", now=datetime.now(UTC))  # type: ignore[arg-type]


def is_asked(one: UUID, other: UUID) -> bool:
    """Whether a person is asked of the two."""
    return {one, other} in [{pair.first_uid, pair.second_uid} for pair in list_review(limit=9)]


class TestWaiting:
    def test_another_list_does_not_bring_it_back(self, tmp_path: Path) -> None:
        ours = hide_first(tmp_path)
        before = feed()

        report = take_other(tmp_path)

        theirs = uid_of("K1", holder=OTHER)
        assert NAME not in seen()
        assert answer(theirs) is None
        assert [item for item in feed() if item["id"] == str(theirs)] == []
        assert len(feed()) == len(before) + 1, "the other row of the list, and nothing else"
        assert counts(report, "matched", "visible", "hidden") == (0, 1, 1)
        assert report.hidden_because["awaits-review"] == 1
        assert is_asked(ours, theirs)
        assert verify() == []

    def test_its_own_list_does_not_under_a_new_key(self, tmp_path: Path) -> None:
        hide_first(tmp_path)

        take(write(tmp_path, [club(1, Clé="N1"), club(2), club(3)], "un.csv"), accept_removals=True)

        assert NAME not in seen()
        assert len(seen()) == 2
        assert verify() == []

    def test_nor_where_it_was_gone_from_every_list_meanwhile(self, tmp_path: Path) -> None:
        ours = hide_first(tmp_path)
        take(write(tmp_path, [club(2), club(3)], "un.csv"), accept_removals=True)

        take(write(tmp_path, [club(1, Clé="N1"), club(2), club(3)], "un.csv"), accept_removals=True)
        refresh_review(now=datetime.now(UTC))

        assert NAME not in seen()
        assert is_asked(ours, uid_of("N1"))
        assert verify() == []

    def test_nor_in_two_rows_of_one_list(self, tmp_path: Path) -> None:
        hide_first(tmp_path)

        take(write(tmp_path, [club(1, Clé="A"), club(1, Clé="B", Localité="Lausanne VD")], "deux.csv"), holder=OTHER)

        assert len(seen()) == 2
        assert verify() == []

    def test_a_changed_row_and_linking_anew_leave_it_waiting(self, tmp_path: Path) -> None:
        hide_first(tmp_path)
        take_other(tmp_path)

        take(write(tmp_path, [club(1, Adresse="Rue Nouvelle 3"), club(7)], "deux.csv"), holder=OTHER)
        refresh_review(now=datetime.now(UTC))

        assert answer(uid_of("K1", holder=OTHER)) is None
        assert verify() == []

    def test_what_was_hidden_while_the_list_came_waits_too(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        take(write(tmp_path, [club(1, Nom="Société de tir", Téléphone=""), *clubs(3)[1:]], "un.csv"))
        take(write(tmp_path, clubs(3), "trois.csv"), holder="Union d'Exemple", published=False)
        settle = Linker.settle

        def settled(self: Linker) -> object:
            found = settle(self)
            speak(uid_of("K1", holder="Union d'Exemple"), shows=False)
            return found

        monkeypatch.setattr(Linker, "settle", settled)

        take_other(tmp_path)

        assert answer(uid_of("K1", holder=OTHER)) is None
        assert verify() == []

    def test_what_only_the_default_hides_keeps_nobody_waiting(self, tmp_path: Path) -> None:
        take(write(tmp_path, clubs(3), "un.csv"), published=False)

        take_other(tmp_path)

        assert NAME in seen()

    def test_what_is_public_beside_it_stays_so(self, tmp_path: Path) -> None:
        take(write(tmp_path, clubs(3), "un.csv"))
        take(write(tmp_path, [club(1)], "trois.csv"), holder="Union d'Exemple", linked=False)
        speak(uid_of("K1"), shows=False)
        assert NAME in seen()

        take_other(tmp_path)

        assert isinstance(answer(uid_of("K1", holder="Union d'Exemple")), Found)
        assert verify() == []

    def test_a_dry_run_foretells_it(self, tmp_path: Path) -> None:
        hide_first(tmp_path)

        foretold = take_other(tmp_path, dry_run=True)

        assert foretold.as_json() == take_other(tmp_path).as_json()

    def test_the_holder_is_told_the_same_as_if_there_were_nothing(
        self, tmp_path: Path, clean_database: Callable[[], None]
    ) -> None:
        alone = told(take_other(tmp_path), for_holder=True)
        clean_database()
        hide_first(tmp_path)

        assert told(take_other(tmp_path), for_holder=True) == alone


class TestAnswering:
    @pytest.mark.parametrize("verdict", ["different", "part_of"])
    def test_who_is_another_is_shown(self, tmp_path: Path, verdict: str) -> None:
        ours = hide_first(tmp_path)
        take_other(tmp_path)
        theirs = uid_of("K1", holder=OTHER)

        say(ours, theirs, verdict)

        assert isinstance(answer(theirs), Found)
        assert answer(ours) is None
        assert verify() == []

    def test_who_is_the_same_stays_hidden_until_its_subject_speaks(self, tmp_path: Path) -> None:
        ours = hide_first(tmp_path)
        take_other(tmp_path)

        say(ours, uid_of("K1", holder=OTHER), "same")

        assert NAME not in seen()
        speak(ours, shows=True)
        assert {source["holder"] for source in seen()[NAME]["sources"]} == {HOLDER, OTHER}
        assert verify() == []

    def test_who_is_unsure_leaves_it_waiting(self, tmp_path: Path) -> None:
        ours = hide_first(tmp_path)
        take_other(tmp_path)

        say(ours, uid_of("K1", holder=OTHER), "unsure")

        assert NAME not in seen()

    @pytest.mark.parametrize("verdict", ["different", "same"])
    def test_an_answer_taken_back_lets_it_wait_again(self, tmp_path: Path, verdict: str) -> None:
        ours = hide_first(tmp_path)
        take_other(tmp_path)
        say(ours, uid_of("K1", holder=OTHER), verdict)

        later = datetime.now(UTC) + timedelta(seconds=1)
        take_back(judgement_id=list_judgements(limit=1)[0].id, actor="steward:test", now=later)

        assert answer(uid_of("K1", holder=OTHER)) is None
        assert NAME not in seen()
        assert is_asked(ours, uid_of("K1", holder=OTHER))
        assert verify() == []

    def test_who_shows_itself_again_is_one_with_it(self, tmp_path: Path) -> None:
        ours = hide_first(tmp_path)
        take_other(tmp_path)

        speak(ours, shows=True)
        refresh_review(now=datetime.now(UTC))

        assert {source["holder"] for source in seen()[NAME]["sources"]} == {HOLDER, OTHER}
        assert verify() == []


class TestUndoing:
    def test_what_is_undone_and_comes_again_waits_again(self, tmp_path: Path) -> None:
        ours = hide_first(tmp_path)
        take_other(tmp_path)

        undo(OTHER)
        assert len(seen()) == 2
        take_other(tmp_path)

        assert NAME not in seen()
        assert is_asked(ours, uid_of("K1", holder=OTHER))
        assert verify() == []

    def test_what_an_undoing_brings_back_waits_as_before(self, tmp_path: Path) -> None:
        hide_first(tmp_path)
        take_other(tmp_path)
        take(write(tmp_path, [club(7)], "deux.csv"), holder=OTHER, accept_removals=True)

        undo(OTHER)

        assert NAME not in seen()
        assert verify() == []

    def test_undoing_what_dropped_the_hidden_one_shows_nothing(self, tmp_path: Path) -> None:
        ours = hide_first(tmp_path)
        take(write(tmp_path, [club(1, Clé="N1"), club(2), club(3)], "un.csv"), accept_removals=True)

        undo(HOLDER)

        assert NAME not in seen()
        assert answer(ours) is None
        assert verify() == []


def test_the_wait_is_what_hides_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the protection off, the same row is seen."""
    if connection.vendor != "sqlite":
        pytest.skip("What is switched off knows no database: noticing it on SQLite is enough.")
    hide_first(tmp_path)
    for module in ("actions", "settling"):
        monkeypatch.setattr(f"datacoop.linking.{module}.to_await", lambda *args, **how: set())

    take_other(tmp_path)

    assert NAME in seen()
