"""Claiming an organisation: every way of showing oneself, the week in between, objections, rivals, constant replies."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import override_settings

from datacoop.accounts.actions import close_account
from datacoop.consent.actions import Wish, decide
from datacoop.disclosure.actions import settle as settle_due
from datacoop.disclosure.own.history import history, proof
from datacoop.jobs.models import Job
from datacoop.ledger import signing
from datacoop.ledger.models import Entry
from datacoop.records.actions.erasing import erase_subjects
from datacoop.records.models import Trace
from datacoop.records.rules import id_of
from datacoop.rights.actions import claiming, granting
from datacoop.rights.actions.claim_steps import ClaimRefused, Wanted
from datacoop.rights.actions.inviting import make_invitation
from datacoop.rights.actions.representing import leave, propose_removal
from datacoop.rights.claim_links import CLAIM, Objector, read_token, token_of
from datacoop.rights.models.claims import Claim
from datacoop.rights.published import published
from datacoop.rights.queries.claims import find_claim, list_claims_about, list_for_stewards, list_rivals
from datacoop.rights.rules.claims import INVITATION, LONGEST_REASON, REPRESENTATIVE, STEWARD
from tests.consent import independent
from tests.rights.claimants import (
    CHOIR_MAILBOX,
    WEEK,
    account,
    claim,
    code_in,
    may,
    post,
    proven,
    represent,
    state_of,
    token_in,
)
from tests.rights.people import NOW, Village, settle

pytestmark = pytest.mark.django_db(transaction=True)
#: What begins the kinds of entries about who represents an organisation, and those that the longest way makes.
_OF_REPRESENTING = frozenset({"claims", "removals", "representatives"})
_ENTERED = frozenset(
    {"claims.opened", "claims.proven", "claims.frozen", "claims.granted", "claims.invited", "removals.proposed",
     "representatives.left"}
)  # fmt: skip


@pytest.fixture
def village() -> Village:
    return settle()


class TestCodeToTheMailbox:
    def test_lets_in_after_seven_days_and_not_before(self, village: Village) -> None:
        who, number = proven(village)
        assert not may(village, who)

        granting.grant_due(now=NOW + WEEK - timedelta(seconds=1))
        assert not may(village, who, at=NOW + WEEK)
        granting.grant_due(now=NOW + WEEK)

        assert may(village, who, at=NOW + WEEK)
        assert may(village, who, "edit", at=NOW + WEEK)
        assert state_of(number) == "granted"

    def test_goes_to_the_published_address_alone_and_lies_in_no_queue(self, village: Village) -> None:
        claim(village, account("ana"))
        queued = str(list(Job.objects.values_list("payload", flat=True)))
        messages = post()

        assert {tuple(each.to) for each in messages} == {(CHOIR_MAILBOX,)}
        assert code_in(messages) not in queued
        assert "example.org" not in queued

    def test_knowing_the_address_proves_nothing(self, village: Village) -> None:
        who = account("ana")
        number = claim(village, who)
        post()

        for guess in (CHOIR_MAILBOX, "", "0000 0000"):
            assert not claiming.prove_by_code(claim_id=number, account_id=who, text=guess, now=NOW)

        granting.grant_due(now=NOW + 2 * WEEK)
        assert not may(village, who, at=NOW + 2 * WEEK)

    def test_of_somebody_else_opens_nothing(self, village: Village) -> None:
        ana, ben = account("ana"), account("ben")
        anas = claim(village, ana)
        code = code_in(post())
        bens = claim(village, ben)
        post()

        assert not claiming.prove_by_code(claim_id=bens, account_id=ben, text=code, now=NOW)
        with pytest.raises(ClaimRefused) as refused:
            claiming.prove_by_code(claim_id=anas, account_id=ben, text=code, now=NOW)
        assert refused.value.code == "not-theirs"
        assert claiming.prove_by_code(claim_id=anas, account_id=ana, text=code, now=NOW)

    def test_five_wrong_ones_end_it(self, village: Village) -> None:
        who = account("ana")
        number = claim(village, who)
        code = code_in(post())
        wrong = "1111 1111" if code != "1111 1111" else "2222 2222"
        for _ in range(5):
            assert not claiming.prove_by_code(claim_id=number, account_id=who, text=wrong, now=NOW)

        assert not claiming.prove_by_code(claim_id=number, account_id=who, text=code, now=NOW)
        claiming.send_again(claim_id=number, account_id=who, now=NOW)
        assert claiming.prove_by_code(claim_id=number, account_id=who, text=code_in(post()), now=NOW)

    def test_to_edit_alone_gives_no_deciding(self, village: Village) -> None:
        who = account("ana")
        number = claim(village, who, scope="edit")
        claiming.prove_by_code(claim_id=number, account_id=who, text=code_in(post()), now=NOW)
        granting.grant_due(now=NOW + WEEK)

        assert may(village, who, "edit", at=NOW + WEEK)
        assert not may(village, who, "decide", at=NOW + WEEK)

    def test_tells_the_mailbox_when_it_was_typed_though_nobody_represents_it(self, village: Village) -> None:
        _, number = proven(village)
        messages = post()

        assert [each.to for each in messages] == [[CHOIR_MAILBOX]]
        assert read_token(token_in(messages, CHOIR_MAILBOX)) == Objector(CLAIM, number, 0)
        assert "11.03.2030" in messages[0].body

    def test_closed_account_is_let_in_to_nothing(self, village: Village) -> None:
        who, number = proven(village)
        close_account(account_id=who, now=NOW)

        assert granting.grant_due(now=NOW + WEEK) == 0
        assert state_of(number) == "expired"

    def test_too_late_is_too_late_before_any_job_says_so(self, village: Village) -> None:
        who = account("ana")
        number = claim(village, who)
        code, late = code_in(post()), NOW + timedelta(days=15)

        with pytest.raises(ClaimRefused) as refused:
            claiming.prove_by_code(claim_id=number, account_id=who, text=code, now=late)
        assert refused.value.code == "closed"
        granting.grant_due(now=late)
        assert state_of(number) == "expired"


class TestObjections:
    def test_existing_representatives_are_told_at_once_and_one_freezes_it(self, village: Village) -> None:
        old = represent(village, "old", "edit")
        who, number = proven(village)
        messages = post()
        told = token_in(messages, "old@example.org")

        objector = read_token(told)
        assert objector == Objector(CLAIM, number, old)
        granting.object_to(claim_id=number, account_id=old, now=NOW + timedelta(days=6))

        assert state_of(number) == "frozen"
        assert granting.grant_due(now=NOW + 3 * WEEK) == 0
        assert not may(village, who, at=NOW + 3 * WEEK)
        assert {tuple(each.to) for each in post(NOW + timedelta(days=6))} == {
            ("ana@example.org",),
            ("old@example.org",),
        }

    def test_the_mailbox_may_object_before_and_after_the_code(self, village: Village) -> None:
        number = claim(village, account("ana"))
        _, other = proven(village, "ben")
        for each in (number, other):
            granting.object_to(claim_id=each, account_id=None, now=NOW)
            assert state_of(each) == "frozen"

    def test_strangers_and_claimants_cannot_object(self, village: Village) -> None:
        who, number = proven(village)
        for stranger in (account("stranger"), who):
            with pytest.raises(ClaimRefused) as refused:
                granting.object_to(claim_id=number, account_id=stranger, now=NOW)
            assert refused.value.code == "not-theirs"

    def test_one_who_left_meanwhile_cannot_object(self, village: Village) -> None:
        old = represent(village, "old")
        _, number = proven(village)
        close_account(account_id=old, now=NOW)
        with pytest.raises(ClaimRefused):
            granting.object_to(claim_id=number, account_id=old, now=NOW)

    def test_forged_and_changed_links_open_nothing(self) -> None:
        token = token_of(Objector(CLAIM, 7, 3))
        assert read_token(token) == Objector(CLAIM, 7, 3)
        for place in range(len(token) - 1):
            changed = "A" if token[place] != "A" else "B"
            assert read_token(token[:place] + changed + token[place + 1 :]) is None
        assert [read_token(each) for each in ("", "é", "x" * 500, "7:3")] == [None] * 4

    def test_a_steward_settles_with_a_reason(self, village: Village) -> None:
        old, steward = represent(village, "old"), account("steward", is_steward=True)
        who, number = proven(village)
        granting.object_to(claim_id=number, account_id=old, now=NOW)

        with pytest.raises(ClaimRefused) as refused:
            granting.settle(claim_id=number, steward=steward, granted=True, reason="  ", now=NOW)
        assert refused.value.code == "reason"
        assert [each.id for each in list_for_stewards(now=NOW)] == [number]
        granting.settle(claim_id=number, steward=steward, granted=True, reason="procès-verbal vu", now=NOW)

        assert may(village, who)
        assert may(village, old)
        assert list_for_stewards(now=NOW) == []

    def test_refused_lets_nobody_in_and_says_why(self, village: Village) -> None:
        _, number = proven(village)
        post()
        granting.settle(claim_id=number, steward=99, granted=False, reason="pas du comité", now=NOW)

        (letter,) = post()
        assert letter.to == ["ana@example.org"]
        assert "pas du comité" in letter.body
        assert granting.grant_due(now=NOW + WEEK) == 0

    def test_no_steward_settles_their_own(self, village: Village) -> None:
        who, number = proven(village)
        with pytest.raises(ClaimRefused) as refused:
            granting.settle(claim_id=number, steward=who, granted=True, reason="moi", now=NOW)
        assert refused.value.code == "own"

    def test_takes_in_what_the_same_account_asks_meanwhile(self, village: Village) -> None:
        """Found by the machine: let in to correct, asking to decide too, then objected to."""
        old, ana = represent(village, "old"), account("ana")
        first = claim(village, ana, REPRESENTATIVE, "edit")
        granting.agree(claim_id=first, account_id=old, now=NOW)
        second = claim(village, ana, REPRESENTATIVE, "decide")
        granting.object_to(claim_id=first, account_id=old, now=NOW)

        assert (state_of(first), state_of(second)) == ("frozen", "withdrawn")
        assert (found := find_claim(first)) is not None
        assert found.scope == "decide"


class TestRivals:
    def test_two_that_showed_themselves_are_both_frozen_and_see_each_other(self, village: Village) -> None:
        _, first = proven(village, "ana")
        _, second = proven(village, "ben")

        assert (state_of(first), state_of(second)) == ("frozen", "frozen")
        for mine, other in ((first, second), (second, first)):
            facts = find_claim(mine)
            assert facts is not None
            assert [each.id for each in list_rivals(facts, frozenset({village.choir}))] == [other]
        assert granting.grant_due(now=NOW + 2 * WEEK) == 0

    def test_the_steward_lets_one_in_and_the_other_stays_frozen(self, village: Village) -> None:
        _, first = proven(village, "ana")
        _, second = proven(village, "ben")
        granting.settle(claim_id=first, steward=99, granted=True, reason="élue", now=NOW)
        assert (state_of(first), state_of(second)) == ("granted", "frozen")

    def test_an_open_one_stops_nobody(self, village: Village) -> None:
        claim(village, account("ben"))
        _, number = proven(village, "ana")
        assert state_of(number) == "waiting"

    def test_one_that_withdrew_stops_nobody(self, village: Village) -> None:
        ana, first = proven(village, "ana")
        claiming.withdraw(claim_id=first, account_id=ana, now=NOW)
        _, second = proven(village, "ben")
        assert state_of(second) == "waiting"


class TestAgreement:
    def test_of_one_who_decides_counts_at_once_and_may_be_objected_to_for_a_week(self, village: Village) -> None:
        old, other = represent(village, "old"), represent(village, "other", "edit")
        who = account("ana")
        number = claim(village, who, REPRESENTATIVE)
        asked = post()
        assert {tuple(each.to) for each in asked} == {("old@example.org",)}

        granting.agree(claim_id=number, account_id=old, now=NOW)
        assert may(village, who)
        assert token_in(post(), "other@example.org")

        granting.object_to(claim_id=number, account_id=other, now=NOW + timedelta(days=3))
        assert not may(village, who, at=NOW + timedelta(days=3))
        assert state_of(number) == "frozen"

    def test_is_too_late_after_a_week(self, village: Village) -> None:
        old, other = represent(village, "old"), represent(village, "other")
        number = claim(village, account("ana"), REPRESENTATIVE)
        granting.agree(claim_id=number, account_id=old, now=NOW)
        with pytest.raises(ClaimRefused):
            granting.object_to(claim_id=number, account_id=other, now=NOW + WEEK)

    def test_objection_ends_what_the_claim_gave_and_nothing_older(self, village: Village) -> None:
        old, ana = represent(village, "old"), represent(village, "ana", "edit")
        number = claim(village, ana, REPRESENTATIVE)
        granting.agree(claim_id=number, account_id=old, now=NOW)
        assert may(village, ana)
        granting.object_to(claim_id=number, account_id=old, now=NOW + timedelta(hours=1))

        later = NOW + timedelta(hours=2)
        assert not may(village, ana, "decide", at=later)
        assert may(village, ana, "edit", at=later)

    @pytest.mark.parametrize("scopes", [("edit",), ("self",), ("guardian",)])
    def test_needs_the_mandate_to_decide(self, village: Village, scopes: tuple[str, ...]) -> None:
        other = represent(village, "other", *scopes)
        who = account("ana")
        number = claim(village, who, REPRESENTATIVE)
        with pytest.raises(ClaimRefused) as refused:
            granting.agree(claim_id=number, account_id=other, now=NOW)
        assert refused.value.code == "not-theirs"
        assert not may(village, who)

    def test_is_not_asked_of_a_frozen_one(self, village: Village) -> None:
        old = represent(village, "old")
        _, number = proven(village)
        granting.object_to(claim_id=number, account_id=None, now=NOW)
        with pytest.raises(ClaimRefused):
            granting.agree(claim_id=number, account_id=old, now=NOW)


class TestNobodyLearns:
    def test_a_hidden_address_from_how_one_may_claim(self, village: Village) -> None:
        """An organisation that hides its address is as one that never had any."""
        settle_due(NOW)
        without = published(village.club)
        decide(uid=village.choir, wish=Wish("public", False, "email"), actor="steward:1", reason="test", now=NOW)
        hidden = published(village.choir)

        assert hidden.methods == without.methods
        assert hidden.email == without.email == ""

    def test_representatives_from_claiming(self, village: Village) -> None:
        """The same answer and the same work at once, represented or not: who is there is found out by a job."""

        def opened(name: str) -> list[tuple[str, str]]:
            number = claim(village, account(name), REPRESENTATIVE)
            jobs = Job.objects.filter(payload__claim=number).values_list("name", "payload__what")
            facts = find_claim(number)
            assert facts is not None
            return [*jobs, (facts.state, facts.method)]

        before = opened("ana")
        represent(village, "old")
        assert opened("ben") == before

    @pytest.mark.parametrize("whom", ["person", "in_choir", "unknown"])
    def test_persons_functions_and_nobody_cannot_be_claimed_alike(self, village: Village, whom: str) -> None:
        uid = uuid.uuid4() if whom == "unknown" else getattr(village, whom)
        with pytest.raises(ClaimRefused) as refused:
            claiming.open_claim(
                account_id=account("ana"), wanted=Wanted(uid, "decide", STEWARD), possible=(STEWARD,), now=NOW
            )
        assert refused.value.code == "impossible"
        assert published(uid).methods == published(uuid.uuid4()).methods

    def test_no_address_is_written_to_that_was_hidden_since(self, village: Village) -> None:
        claim(village, account("ana"))
        decide(uid=village.choir, wish=Wish("public", False, "email"), actor="steward:1", reason="test", now=NOW)
        assert post() == []


class TestTraces:
    def test_entries_are_about_the_organisation_without_ids_or_names(self, village: Village) -> None:
        proven(village)
        granting.grant_due(now=NOW + WEEK)
        entries = list(Entry.objects.filter(kind__startswith="claims.").order_by("number"))

        assert [each.kind for each in entries] == ["claims.opened", "claims.proven", "claims.granted"]
        traced = Trace.objects.filter(record_id=id_of(village.choir)).values_list("entry", flat=True)
        assert {each.number for each in entries} <= set(traced)
        text = str([each.payload for each in entries])
        assert all(name not in text for name in (str(village.choir), village.choir.hex, "ana", "Chœur"))

    @pytest.fixture
    def _folder(self, tmp_path: Path) -> Iterator[None]:
        with override_settings(DATACOOP_DATA_DIR=tmp_path):
            yield

    @pytest.mark.usefixtures("_folder")
    def test_each_entry_can_be_proven_to_whoever_speaks_for_it(self, village: Village) -> None:
        deciding = represent(village, "deciding")
        _, claim_id = proven(village)
        granting.object_to(claim_id=claim_id, account_id=deciding, now=NOW)
        granting.settle(claim_id=claim_id, steward=account("steward"), granted=True, reason="vu les statuts", now=NOW)
        inviting = Wanted(village.choir, "edit", INVITATION)
        make_invitation(by=deciding, account_id=account("cleo"), wanted=inviting, hands_over=False, now=NOW)
        propose_removal(by=deciding, account_id=account("ana"), subject_uid=village.choir, scope="edit", now=NOW)
        leave(account_id=deciding, subject_uid=village.choir, now=NOW)

        told = [each for each in history(village.choir) if each.kind.partition(".")[0] in _OF_REPRESENTING]
        proofs = [proof(village.choir, each.entry or 0, now=NOW) for each in told]

        assert {each.kind for each in told} == _ENTERED
        assert all(independent.holds(each, signing.public_keys()) for each in proofs)
        assert not any(name in str(each["openings"]) for each in proofs for name in ("'account':", "'claim':"))

    def test_a_steward_s_reason_is_kept_as_long_as_the_form_takes_it(self, village: Village) -> None:
        reason = "é" * LONGEST_REASON
        _, number = proven(village)
        granting.settle(claim_id=number, steward=account("steward"), granted=False, reason=reason, now=NOW)

        assert Trace._meta.get_field("note").max_length == LONGEST_REASON  # SQLite takes any length
        assert [each.reason for each in history(village.choir) if each.kind == "claims.refused"] == [reason]

    def test_the_history_says_that_whoever_asked_did_it_and_no_program(self, village: Village) -> None:
        proven(village)
        told = {each.kind: each.who for each in history(village.choir)}
        assert told["claims.opened"] == told["claims.proven"] == "claimant"

    def test_erasing_the_organisation_forgets_its_claims(self, village: Village) -> None:
        proven(village)
        erase_subjects(subject_ids=[id_of(village.choir)], actor="steward:1", now=NOW, why="erasure")
        assert not Claim.objects.exists()

    def test_many_claims_of_one_account_are_too_many(self, village: Village, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("datacoop.rights.rules.claims.MOST_RUNNING", 0)
        with pytest.raises(ClaimRefused) as refused:
            claim(village, account("ana"))
        assert refused.value.code == "many"

    def test_a_second_one_leads_to_the_first(self, village: Village) -> None:
        who = account("ana")
        number = claim(village, who)
        with pytest.raises(ClaimRefused) as refused:
            claim(village, who, STEWARD)
        assert (refused.value.code, refused.value.claim_id) == ("running", number)

    def test_whoever_represents_it_sees_what_asks_waits_and_rests_only(self, village: Village) -> None:
        claim(village, account("open"))
        asking = claim(village, account("asking"), REPRESENTATIVE)
        _, waiting = proven(village, "waiting")
        assert [each.id for each in list_claims_about([village.choir], now=NOW)] == [asking, waiting]
