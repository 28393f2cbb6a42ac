"""Representing: inviting, handing over, leaving, proposing that another leaves; and never answering for a person."""

from __future__ import annotations

from datetime import timedelta

import pytest

from datacoop.accounts.actions import close_account, give_mandate, open_account
from datacoop.accounts.queries import list_unrepresented
from datacoop.consent.actions import Wish, decide
from datacoop.consent.speaking import speaks_for
from datacoop.disclosure.actions import settle as settle_due
from datacoop.rights.actions import granting, inviting, representing
from datacoop.rights.actions.claim_steps import ClaimRefused, Wanted
from datacoop.rights.claim_links import REMOVAL, Objector, read_token
from datacoop.rights.published import published
from datacoop.rights.queries.claims import find_removal, list_frozen_removals
from datacoop.rights.rules.claims import INVITATION
from tests.rights.claimants import CHOIR_MAILBOX, WEEK, account, may, post, represent, token_in
from tests.rights.people import NOW, Village, settle

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def village() -> Village:
    found = settle()
    settle_due(NOW)
    return found


def invite(village: Village, by: int, who: int, scope: str = "decide", *, hands_over: bool = False) -> int:
    wanted = Wanted(village.choir, scope, INVITATION)
    return inviting.make_invitation(by=by, account_id=who, wanted=wanted, hands_over=hands_over, now=NOW)


def refusal(call: object, **values: object) -> str:
    with pytest.raises(ClaimRefused) as refused:
        call(**values, now=NOW)  # type: ignore[operator]
    return refused.value.code


class TestInviting:
    def test_changes_nothing_before_it_is_taken_up(self, village: Village) -> None:
        old, new = represent(village, "old"), account("new")
        number = invite(village, old, new, "edit")
        assert not may(village, new, "edit")
        (letter,) = post()
        assert letter.to == ["new@example.org"]

        inviting.take_up(claim_id=number, account_id=new, now=NOW)
        assert may(village, new, "edit")
        assert not may(village, new, "decide")
        assert may(village, old)

    def test_is_taken_up_by_the_one_invited_alone(self, village: Village) -> None:
        old, new = represent(village, "old"), account("new")
        number = invite(village, old, new)
        assert refusal(inviting.take_up, claim_id=number, account_id=account("other")) == "not-theirs"
        assert refusal(inviting.take_up, claim_id=number, account_id=old) == "not-theirs"

    def test_falls_when_whoever_invited_decides_no_more(self, village: Village) -> None:
        old, new = represent(village, "old"), account("new")
        number = invite(village, old, new)
        representing.keep_editing(account_id=old, subject_uid=village.choir, now=NOW)
        assert not inviting.is_standing(number, now=NOW)
        assert refusal(inviting.take_up, claim_id=number, account_id=new) == "closed"
        assert not may(village, new)

    def test_may_be_called_back_and_declined(self, village: Village) -> None:
        old, new = represent(village, "old"), account("new")
        inviting.call_back(claim_id=(number := invite(village, old, new)), account_id=old, now=NOW)
        assert refusal(inviting.take_up, claim_id=number, account_id=new) == "closed"

    def test_called_back_is_told_to_whoever_has_an_account_in_neutral_words(self, village: Village) -> None:
        old, new = represent(village, "old"), account("new")
        number = invite(village, old, new)
        post()

        inviting.call_back(claim_id=number, account_id=old, now=NOW)

        (letter,) = post()
        assert letter.to == ["new@example.org"]
        assert "n’est plus valable" in letter.subject
        assert "old@" not in letter.body

    def test_called_back_is_not_told_to_an_address_that_only_it_knew(self, village: Village) -> None:
        old, unknown = represent(village, "old"), open_account(email="inconnue@example.org", name="", now=NOW).pk
        number = invite(village, old, unknown)
        post()

        inviting.call_back(claim_id=number, account_id=old, now=NOW)

        assert post() == []

    @pytest.mark.parametrize("scopes", [("edit",), ("self",), ("guardian",)])
    def test_is_for_those_who_decide(self, village: Village, scopes: tuple[str, ...]) -> None:
        wanted = Wanted(village.choir, "edit", INVITATION)
        by = represent(village, "old", *scopes)
        assert (
            refusal(inviting.make_invitation, by=by, account_id=account("new"), wanted=wanted, hands_over=False)
            == "not-theirs"
        )

    def test_raises_one_who_corrects_to_deciding(self, village: Village) -> None:
        old, new = represent(village, "old"), represent(village, "new", "edit")
        inviting.take_up(claim_id=invite(village, old, new), account_id=new, now=NOW)
        assert may(village, new, "decide")

    def test_handing_over_ends_with_the_successor_alone(self, village: Village) -> None:
        old, new = represent(village, "old"), account("new")
        number = invite(village, old, new, hands_over=True)
        assert may(village, old)

        inviting.take_up(claim_id=number, account_id=new, now=NOW)

        assert may(village, new)
        assert not may(village, old)
        assert not may(village, old, "edit")


class TestLeaving:
    def test_of_the_last_one_leaves_decisions_in_force_and_tells_the_mailbox(self, village: Village) -> None:
        old = represent(village, "old")
        decide(uid=village.choir, wish=Wish("public", False, "phones"), actor="account:1", reason="", now=NOW)
        before = published(village.choir)
        assert list_unrepresented(now=NOW) == []

        assert not representing.leave(account_id=old, subject_uid=village.choir, now=NOW)

        assert not may(village, old)
        assert published(village.choir) == before
        assert list_unrepresented(now=NOW) == [village.choir]
        (letter,) = post()
        assert letter.to == [CHOIR_MAILBOX]
        assert "Chœur de la Clairière" in letter.subject

    def test_of_one_of_two_tells_no_mailbox(self, village: Village) -> None:
        old, _ = represent(village, "old"), represent(village, "other")
        assert representing.leave(account_id=old, subject_uid=village.choir, now=NOW)
        assert post() == []

    def test_of_a_hidden_organisation_writes_to_no_hidden_address(self, village: Village) -> None:
        old = represent(village, "old")
        decide(uid=village.choir, wish=Wish("public", False), actor="account:1", reason="", now=NOW)
        representing.leave(account_id=old, subject_uid=village.choir, now=NOW)
        assert post() == []

    def test_by_closing_the_account_is_seen_too(self, village: Village) -> None:
        close_account(account_id=represent(village, "old"), now=NOW)
        assert list_unrepresented(now=NOW) == [village.choir]

    def test_is_for_whoever_represents(self, village: Village) -> None:
        assert refusal(representing.leave, account_id=account("ana"), subject_uid=village.choir) == "not-theirs"

    def test_keeping_the_correcting_ends_the_deciding(self, village: Village) -> None:
        old = represent(village, "old")
        representing.keep_editing(account_id=old, subject_uid=village.choir, now=NOW)
        assert may(village, old, "edit")
        assert not may(village, old, "decide")


class TestRemoving:
    def propose(self, village: Village, by: int, who: int, scope: str = "edit") -> int:
        return representing.propose_removal(by=by, account_id=who, subject_uid=village.choir, scope=scope, now=NOW)

    def test_waits_a_week(self, village: Village) -> None:
        old, other = represent(village, "old"), represent(village, "other")
        self.propose(village, old, other)
        representing.remove_due(now=NOW + WEEK - timedelta(seconds=1))
        assert may(village, other, at=NOW + WEEK)
        representing.remove_due(now=NOW + WEEK)
        assert not may(village, other, at=NOW + WEEK)
        assert not may(village, other, "edit", at=NOW + WEEK)
        assert may(village, old, at=NOW + WEEK)

    def test_of_the_deciding_leaves_the_correcting(self, village: Village) -> None:
        old, other = represent(village, "old"), represent(village, "other")
        self.propose(village, old, other, "decide")
        representing.remove_due(now=NOW + WEEK)
        assert may(village, other, "edit", at=NOW + WEEK)
        assert not may(village, other, "decide", at=NOW + WEEK)

    def test_rests_when_the_one_concerned_objects_until_a_steward_settles(self, village: Village) -> None:
        old, other = represent(village, "old"), represent(village, "other")
        number = self.propose(village, old, other)
        objector = read_token(token_in(post(), "other@example.org"))
        assert objector == Objector(REMOVAL, number, other)

        representing.object_to_removal(removal_id=number, account_id=other, now=NOW)
        assert representing.remove_due(now=NOW + 2 * WEEK) == 0
        assert [each.id for each in list_frozen_removals()] == [number]
        settle_it = representing.settle_removal
        assert refusal(settle_it, removal_id=number, steward=99, removed=True, reason="") == "reason"
        assert refusal(settle_it, removal_id=number, steward=old, removed=True, reason="x") == "own"
        settle_it(removal_id=number, steward=99, removed=False, reason="élu", now=NOW)

        assert may(village, other)
        assert (found := find_removal(number)) is not None
        assert found.state == "dropped"

    def test_by_a_steward_ends_it_at_once(self, village: Village) -> None:
        old, other = represent(village, "old"), represent(village, "other")
        number = self.propose(village, old, other)
        representing.object_to_removal(removal_id=number, account_id=other, now=NOW)
        representing.settle_removal(removal_id=number, steward=99, removed=True, reason="exclu", now=NOW)
        assert not may(village, other)

    def test_falls_when_whoever_proposed_it_decides_no_more(self, village: Village) -> None:
        old, other = represent(village, "old"), represent(village, "other")
        self.propose(village, old, other)
        representing.leave(account_id=old, subject_uid=village.choir, now=NOW)
        assert representing.remove_due(now=NOW + WEEK) == 0
        assert may(village, other, at=NOW + WEEK)

    def test_is_objected_to_by_the_one_concerned_and_taken_back_by_the_proposer_alone(self, village: Village) -> None:
        old, other, third = represent(village, "old"), represent(village, "other"), represent(village, "third")
        number = self.propose(village, old, other)
        for who in (old, third):
            assert refusal(representing.object_to_removal, removal_id=number, account_id=who) == "not-theirs"
        for who in (other, third):
            assert refusal(representing.take_back, removal_id=number, account_id=who) == "not-theirs"
        representing.take_back(removal_id=number, account_id=old, now=NOW)
        assert representing.remove_due(now=NOW + WEEK) == 0

    def test_needs_deciding_and_another_who_represents(self, village: Village) -> None:
        editor, old = represent(village, "editor", "edit"), represent(village, "old")
        propose = representing.propose_removal
        some = {"subject_uid": village.choir, "scope": "edit"}
        assert refusal(propose, by=editor, account_id=old, **some) == "not-theirs"
        assert refusal(propose, by=old, account_id=old, **some) == "impossible"
        assert refusal(propose, by=old, account_id=account("ana"), **some) == "not-theirs"


class TestNobodyAnswersForAPerson:
    @pytest.mark.parametrize("scope", ["edit", "decide"])
    def test_whoever_represents_the_organisation_speaks_for_no_person_nor_function(
        self, village: Village, scope: str
    ) -> None:
        old = represent(village, "old")
        assert speaks_for(account_id=old, uid=village.choir, now=NOW, scope=scope)
        assert not speaks_for(account_id=old, uid=village.person, now=NOW, scope=scope)
        assert not speaks_for(account_id=old, uid=village.in_choir, now=NOW, scope=scope)

    def test_a_mandate_to_represent_a_person_is_worth_nothing(self, village: Village) -> None:
        who = account("ana")
        for scope in ("edit", "decide"):
            give_mandate(account_id=who, subject_uid=village.person, scope=scope, valid_from=NOW, proof="test")
        for uid in (village.person, village.in_choir):
            assert not speaks_for(account_id=who, uid=uid, now=NOW)
            assert not speaks_for(account_id=who, uid=uid, now=NOW, scope="edit")

    @pytest.mark.parametrize("scope", ["self", "guardian"])
    def test_the_person_and_the_guardian_hand_nothing_on(self, village: Village, scope: str) -> None:
        who = account("ana")
        give_mandate(account_id=who, subject_uid=village.person, scope=scope, valid_from=NOW, proof="test")
        assert speaks_for(account_id=who, uid=village.person, now=NOW)
        wanted = Wanted(village.person, "decide", INVITATION)
        assert (
            refusal(inviting.make_invitation, by=who, account_id=account("b"), wanted=wanted, hands_over=False)
            == "impossible"
        )
        assert refusal(representing.leave, account_id=who, subject_uid=village.person) == "impossible"

    def test_no_steward_lets_anybody_represent_a_person(self, village: Village) -> None:
        wanted = Wanted(village.person, "decide", "steward")
        assert (
            refusal(granting.give_by_steward, account_id=account("a"), wanted=wanted, steward=9, reason="x")
            == "impossible"
        )
