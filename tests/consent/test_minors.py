"""Minors are shown to nobody, whoever decides otherwise, and not by coming of age alone either."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

import pytest

from datacoop.accounts.actions import give_mandate
from datacoop.consent.actions import Wish, decide
from datacoop.consent.minors import correct_age
from datacoop.consent.models import Minority
from datacoop.consent.rules import of_age_from
from datacoop.consent.speaking import speaks_for
from datacoop.disclosure.asking import ask
from datacoop.disclosure.own.previewing import Preview
from datacoop.disclosure.readers import PUBLIC
from datacoop.disclosure.search.getting import get
from datacoop.disclosure.search.questions import Found
from datacoop.ledger.models import Entry
from datacoop.records.actions.erasing import erase_subjects
from datacoop.records.actions.merging import merge, split
from datacoop.records.actions.revising import revision
from datacoop.records.actions.stating import Said, create_record, retract, state
from datacoop.records.rules import Origin, id_of
from datacoop.rights.actions.answering import Answerer, answer
from datacoop.rights.actions.guarding import (
    GuardianRefused,
    Guarding,
    appoint_guardian,
    correct_birth_date,
    dismiss_guardian,
)
from datacoop.rights.rules.answers import MANDATE, Meaning, Meant
from tests.rights.claimants import account
from tests.rights.people import NOW, Village, settle

pytestmark = pytest.mark.django_db(transaction=True)
CHILD, ADULT = "2016-05-02", "1950-01-02"
OF_AGE = datetime(2034, 5, 1, 22, tzinfo=UTC)


@pytest.fixture
def village() -> Village:
    return settle()


def born(uid: uuid.UUID, day: str, *, quarantined: bool = False, now: datetime = NOW) -> None:
    with revision(actor="steward:1", now=now, why="test") as draft:
        state(
            draft, record_id=id_of(uid), said=[Said("birth_date", day)], origin=Origin.STEWARD, quarantined=quarantined
        )


def show(uid: uuid.UUID, now: datetime = NOW) -> None:
    """The person, or the guardian, shows the whole record; its values are released as an answer does."""
    with revision(actor="steward:1", now=now, why="test") as draft:
        state(draft, record_id=id_of(uid), said=[Said("name", "Ana Exemple")], origin=Origin.SUBJECT)
    decide(uid=uid, wish=Wish("public", True), actor="steward:1", reason="test", now=now)
    decide(uid=uid, wish=Wish("public", True, "name"), actor="steward:1", reason="test", now=now)


def is_shown(uid: uuid.UUID, kind: str = "person", now: datetime = NOW) -> bool:
    return isinstance(ask(lambda reading: get(reading, PUBLIC, kind, str(uid)), now=now), Found)


class TestMinors:
    def test_an_adult_who_decides_is_shown_and_a_child_is_not(self, village: Village) -> None:
        show(village.person)
        assert is_shown(village.person)

        born(village.person, CHILD)
        assert not is_shown(village.person)
        show(village.person)
        assert not is_shown(village.person)

    def test_a_birth_date_in_quarantine_counts(self, village: Village) -> None:
        show(village.person)
        born(village.person, CHILD, quarantined=True)
        assert not is_shown(village.person)

    def test_functions_of_a_child_are_hidden_with_it(self, village: Village) -> None:
        with revision(actor="steward:1", now=NOW, why="test") as draft:
            state(draft, record_id=id_of(village.in_choir), said=[Said("role", "member")], origin=Origin.SUBJECT)
        decide(uid=village.in_choir, wish=Wish("public", True), actor="steward:1", reason="test", now=NOW)
        assert is_shown(village.in_choir, "role")

        born(village.person, CHILD)
        assert not is_shown(village.in_choir, "role")

    def test_coming_of_age_shows_nothing_until_they_say_so_themselves(self, village: Village) -> None:
        born(village.person, CHILD)
        show(village.person)
        assert not is_shown(village.person, now=OF_AGE + timedelta(days=1))
        show(village.person, OF_AGE)
        assert is_shown(village.person, now=OF_AGE)

    def test_the_guardians_answer_is_taken_and_shows_nothing_now_or_later(self, village: Village) -> None:
        born(village.person, CHILD)
        guardian = account("guardian")
        give_mandate(account_id=guardian, subject_uid=village.person, scope="guardian", valid_from=NOW)
        by = Answerer(village.person, f"account:{guardian}", MANDATE, None, "guardian")
        number = id_of(village.person)
        answer(by=by, meaning=Meaning((Meant(number, "public", None, True),)), seen=None, now=NOW)
        assert not is_shown(village.person)
        wishes = [(number, Wish("public", True))]
        assert not Preview(village.person, now=NOW, wishes=wishes).widens(wishes)

    def test_the_note_stays_when_the_date_goes(self, village: Village) -> None:
        """Taking the date away is no way to show a child."""
        show(village.person)
        born(village.person, CHILD)
        born(village.person, ADULT)
        assert not is_shown(village.person)

    def test_a_wrong_date_is_corrected_by_a_steward(self, village: Village) -> None:
        show(village.person)
        born(village.person, CHILD)
        with revision(actor="steward:1", now=NOW, why="wrong date") as draft:
            assert correct_age(draft, uid=village.person, of_age=NOW - timedelta(days=1))
            assert not correct_age(draft, uid=village.choir, of_age=NOW)
        assert is_shown(village.person)

    def test_merging_with_a_child_hides_both_and_what_they_do_until_a_split(self, village: Village) -> None:
        show(village.person)
        with revision(actor="steward:1", now=NOW, why="test") as draft:
            state(draft, record_id=id_of(village.in_choir), said=[Said("role", "member")], origin=Origin.SUBJECT)
        decide(uid=village.in_choir, wish=Wish("public", True), actor="steward:1", reason="test", now=NOW)
        with revision(actor="steward:1", now=NOW, why="test") as draft:
            other = create_record(draft, kind="person")
            state(draft, record_id=other.id, said=[Said("birth_date", CHILD)], origin=Origin.STEWARD)
        assert is_shown(village.person)
        with revision(actor="steward:1", now=NOW, why="test") as draft:
            merge(draft, loser_id=other.id, survivor_id=id_of(village.person), reason="test")
        assert not is_shown(village.person)
        assert not is_shown(village.in_choir, "role")
        with revision(actor="steward:1", now=NOW, why="test") as draft:
            split(draft, loser_id=other.id)
        assert is_shown(village.person)
        assert is_shown(village.in_choir, "role")

    def test_erasing_forgets_the_note(self, village: Village) -> None:
        born(village.person, CHILD)
        assert Minority.objects.exists()
        erase_subjects(subject_ids=[id_of(village.person)], actor="steward:1", now=NOW, why="erasure")
        assert not Minority.objects.exists()


@pytest.mark.parametrize(
    ("day", "full"),
    [("2012-02-29", "2030-03-01"), ("2012-03-04", "2030-03-04"), ("2012", None), ("", None), (None, None)],
)
def test_full_age_is_eighteen(day: object, full: str | None) -> None:
    found = of_age_from(day)
    assert (found.date().isoformat() if found else None) == full


def test_is_seen_to_fail_without_the_note(village: Village, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("datacoop.consent.queries.minors_of", lambda _ids: {})
    show(village.person)
    born(village.person, CHILD)
    assert is_shown(village.person)


class TestGuardians:
    def appoint(self, village: Village, who: int, born: str = "", reason: str = "livret de famille") -> datetime:
        wanted = Guarding(who, village.person, born)
        return appoint_guardian(wanted=wanted, steward=999, reason=reason, now=NOW)

    def test_speaks_for_the_child_until_it_comes_of_age(self, village: Village) -> None:
        born(village.person, CHILD)
        who = account("parent")
        assert self.appoint(village, who) == OF_AGE
        for uid in (village.person, village.in_choir):
            assert speaks_for(account_id=who, uid=uid, now=OF_AGE - timedelta(seconds=1))
            assert not speaks_for(account_id=who, uid=uid, now=OF_AGE)

    def test_a_birth_date_that_no_list_says_hides_the_child_too(self, village: Village) -> None:
        show(village.person)
        with revision(actor="steward:1", now=NOW, why="test") as draft:
            retract(draft, record_id=id_of(village.person), properties=["birth_date"], origin=Origin.STEWARD)
        self.appoint(village, account("parent"), CHILD)
        assert not is_shown(village.person)

    @pytest.mark.parametrize(
        ("day", "reason", "code"), [("", "vu", "age"), (ADULT, "vu", "age"), (CHILD, " ", "reason")]
    )
    def test_needs_a_child_and_a_reason(self, village: Village, day: str, reason: str, code: str) -> None:
        who = account("parent")
        with pytest.raises(GuardianRefused) as refused:
            self.appoint(village, who, day, reason)
        assert refused.value.code == code
        assert not speaks_for(account_id=who, uid=village.person, now=NOW)

    def test_is_of_a_person_alone_and_of_no_steward_themselves(self, village: Village) -> None:
        for who, whom, code in (
            (1, village.choir, "nobody"),
            (1, village.in_choir, "nobody"),
            (999, village.person, "own"),
        ):
            with pytest.raises(GuardianRefused) as refused:
                appoint_guardian(wanted=Guarding(who, whom, CHILD), steward=999, reason="vu", now=NOW)
            assert refused.value.code == code

    def test_ends_at_once_when_dismissed(self, village: Village) -> None:
        who = account("parent")
        self.appoint(village, who, CHILD)
        dismiss_guardian(wanted=Guarding(who, village.person), steward=999, reason="jugement", now=NOW)
        assert not speaks_for(account_id=who, uid=village.person, now=NOW)


class TestAWrongDateOfBirth:
    def right(
        self, uid: uuid.UUID, born: str = ADULT, reason: str = "carte d’identité vue", steward: int = 999
    ) -> datetime:
        return correct_birth_date(person=uid, born=born, steward=steward, reason=reason, now=NOW)

    def test_shows_what_an_adult_decided_and_ends_the_guardian(self, village: Village) -> None:
        show(village.person)
        born(village.person, CHILD)
        who = account("parent")
        appoint_guardian(wanted=Guarding(who, village.person), steward=999, reason="vu", now=NOW)
        assert self.right(village.person) < NOW
        assert is_shown(village.person)
        assert not speaks_for(account_id=who, uid=village.person, now=NOW)
        entry = Entry.objects.get(kind="minors.age_corrected")
        assert ADULT not in repr(vars(entry))
        assert "carte" not in repr(vars(entry))

    def test_lasts_when_the_same_list_comes_again(self, village: Village) -> None:
        show(village.person)
        born(village.person, CHILD)
        self.right(village.person)
        born(village.person, CHILD, now=NOW + timedelta(days=1))
        assert is_shown(village.person)

    def test_a_child_that_is_younger_stays_hidden_and_guarded_longer(self, village: Village) -> None:
        born(village.person, CHILD)
        who = account("parent")
        appoint_guardian(wanted=Guarding(who, village.person), steward=999, reason="vu", now=NOW)
        later = self.right(village.person, "2018-01-01")
        assert later > OF_AGE
        assert speaks_for(account_id=who, uid=village.person, now=later - timedelta(seconds=1))
        assert not speaks_for(account_id=who, uid=village.person, now=later)

    @pytest.mark.parametrize(
        ("day", "reason", "code"),
        [(ADULT, " ", "reason"), ("2031-01-01", "vu", "date"), ("9999-12-31", "vu", "date"), ("hier", "vu", "date")],
    )
    def test_needs_a_date_and_a_reason(self, village: Village, day: str, reason: str, code: str) -> None:
        show(village.person)
        born(village.person, CHILD)
        with pytest.raises(GuardianRefused) as refused:
            self.right(village.person, day, reason)
        assert refused.value.code == code
        assert not is_shown(village.person)

    def test_is_of_a_noted_person_alone_and_of_no_steward_themselves(self, village: Village) -> None:
        for uid, code in ((village.choir, "nobody"), (village.person, "age")):
            with pytest.raises(GuardianRefused) as refused:
                self.right(uid)
            assert refused.value.code == code
        born(village.person, CHILD)
        for scope in ("self", "guardian"):
            who = account(f"steward-{scope}")
            give_mandate(account_id=who, subject_uid=village.person, scope=scope, valid_from=NOW)
            with pytest.raises(GuardianRefused, match="own"):
                self.right(village.person, steward=who)

    def test_never_shows_a_child_that_was_merged_with_it(self, village: Village) -> None:
        show(village.person)
        with revision(actor="steward:1", now=NOW, why="test") as draft:
            other = create_record(draft, kind="person")
            state(draft, record_id=other.id, said=[Said("birth_date", CHILD)], origin=Origin.STEWARD)
        with revision(actor="steward:1", now=NOW, why="test") as draft:
            merge(draft, loser_id=other.id, survivor_id=id_of(village.person), reason="test")
        with pytest.raises(GuardianRefused, match="merged"):
            self.right(village.person)
        assert not is_shown(village.person)
        assert Minority.objects.get().until == OF_AGE
