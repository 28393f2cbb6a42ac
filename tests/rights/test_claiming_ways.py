"""Showing that one may speak for an organisation: by its website, by a letter, by a steward."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.test import override_settings

from datacoop.accounts.codes import text_of
from datacoop.accounts.models import Account
from datacoop.accounts.rules import CODE_TRIES
from datacoop.consent.actions import Wish, decide
from datacoop.disclosure.actions import settle as settle_due
from datacoop.records.actions.stating import Said
from datacoop.rights.actions import claiming, granting
from datacoop.rights.actions.claim_steps import ClaimRefused, Wanted
from datacoop.rights.claim_links import site_token
from datacoop.rights.models.claims import Claim
from datacoop.rights.published import published
from datacoop.rights.queries.claims import find_claim, list_for_stewards
from datacoop.rights.rules.claims import LETTER, STEWARD, WEBSITE, own_site
from tests.pipelines.web import HOST, Answer, Web, served
from tests.rights.claimants import (
    CHOIR_MAILBOX,
    WEEK,
    account,
    claim,
    may,
    post,
    proven,
    represent,
    say,
    state_of,
)
from tests.rights.people import NOW, Village, settle

pytestmark = pytest.mark.django_db(transaction=True)


MINUTE = timedelta(minutes=1)


@pytest.fixture
def village() -> Village:
    return settle()


class TestWebsite:
    @pytest.fixture
    def web(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[Web]:
        """A server on this machine in place of the choir's; which addresses are asked is tested apart."""
        with served() as web, override_settings(DATACOOP_PULL_HOSTS=frozenset({f"{HOST}:{web.port}"})):
            monkeypatch.setattr(
                "datacoop.rights.claim_sites.proof_addresses",
                lambda site: (web.url("/file"), web.url("/")) if site == "https://choeur.example.ch" else (),
            )
            yield web

    def asked(self, village: Village) -> tuple[int, int, str]:
        say(village, Said("website", "https://choeur.example.ch"))
        who = account("ana")
        number = claim(village, who, WEBSITE)
        facts = find_claim(number)
        assert facts is not None
        return who, number, site_token(facts.seed)

    @pytest.mark.parametrize("place", ["/file", "/"])
    def test_token_in_file_or_head_is_found_and_waits_a_week(self, village: Village, web: Web, place: str) -> None:
        who, number, token = self.asked(village)
        claiming.ask_to_look(claim_id=number, account_id=who, now=NOW)
        post()
        assert state_of(number) == "open"

        page = f'<head><meta name="datacoop-claim" content="{token}"></head>' if place == "/" else token
        web.answers[place] = Answer(page.encode())
        claiming.ask_to_look(claim_id=number, account_id=who, now=NOW)
        post()

        assert state_of(number) == "waiting"
        granting.grant_due(now=NOW + WEEK)
        assert may(village, who, at=NOW + WEEK)

    def test_token_of_another_claim_proves_nothing(self, village: Village, web: Web) -> None:
        _, other, _ = self.asked(village)
        who = account("ben")
        number = claim(village, who, WEBSITE)
        facts = find_claim(other)
        assert facts is not None
        web.answers["/file"] = Answer(site_token(facts.seed).encode())
        claiming.ask_to_look(claim_id=number, account_id=who, now=NOW)
        post()
        assert state_of(number) == "open"

    def test_redirects_are_not_followed(self, village: Village, web: Web) -> None:
        who, number, token = self.asked(village)
        web.answers["/file"] = Answer(status=302, headers={"Location": web.url("/elsewhere")})
        web.answers["/elsewhere"] = Answer(token.encode())
        claiming.ask_to_look(claim_id=number, account_id=who, now=NOW)
        post()
        assert state_of(number) == "open"

    def test_one_no_longer_shown_is_not_asked(self, village: Village, web: Web) -> None:
        who, number, token = self.asked(village)
        web.answers["/file"] = Answer(token.encode())
        decide(uid=village.choir, wish=Wish("public", False, "website"), actor="steward:1", reason="test", now=NOW)
        claiming.ask_to_look(claim_id=number, account_id=who, now=NOW)
        post()
        assert web.asked == []
        assert state_of(number) == "open"

    @pytest.mark.parametrize(
        "site",
        [
            "https://choeur.wixsite.com",
            "https://www.facebook.com/choeur",
            "https://ville.example.ch/associations/choeur",
            "https://sites.google.com/view/choeur",
            "https://choeur.example.ch/?site=3",
            "https://user@choeur.example.ch",
            "https://choeur.example.ch:8443",
            "http://127.0.0.1",
            "http://[::1]/",
            "javascript:alert(1)",
            "https://",
        ],
    )
    def test_what_may_be_anybodys_is_no_way(self, village: Village, site: str) -> None:
        assert own_site(site) is None

    def test_is_offered_for_a_site_of_its_own_alone(self, village: Village) -> None:
        assert WEBSITE not in published(village.choir).methods
        say(village, Said("website", "https://choeur.wixsite.com"))
        assert WEBSITE not in published(village.choir).methods


class TestLetter:
    def test_code_is_printed_by_a_steward_and_waits_a_week(self, village: Village) -> None:
        say(village, Said("addresses", {"street": "Rue du Lac 7", "postal_code": "1005", "city": "Lausanne"}))
        who = account("ana")
        number = claim(village, who, LETTER)
        assert post() == []
        assert [each.id for each in list_for_stewards(now=NOW)] == [number]

        code = text_of(claiming.new_letter(claim_id=number, steward=9, now=NOW), now=NOW)
        assert code is not None
        claiming.note_posted(claim_id=number, steward=9, now=NOW)
        assert list_for_stewards(now=NOW) == []
        later = NOW + timedelta(days=20)
        assert claiming.prove_by_code(claim_id=number, account_id=who, text=code, now=later)
        assert state_of(number) == "waiting"
        granting.grant_due(now=later + WEEK)
        assert may(village, who, at=later + WEEK)

    def test_a_code_that_was_not_posted_proves_nothing_and_is_not_used_up(self, village: Village) -> None:
        say(village, Said("addresses", {"street": "Rue du Lac 7", "postal_code": "1005", "city": "Lausanne"}))
        who = account("ana")
        number = claim(village, who, LETTER)
        code = text_of(claiming.new_letter(claim_id=number, steward=9, now=NOW), now=NOW) or ""

        for text in (code, "0000 0000", *[code] * 5):
            with pytest.raises(ClaimRefused) as refused:
                claiming.prove_by_code(claim_id=number, account_id=who, text=text, now=NOW)
            assert refused.value.code == "not-posted"
        assert state_of(number) == "open"

        claiming.note_posted(claim_id=number, steward=9, now=NOW)
        assert claiming.prove_by_code(claim_id=number, account_id=who, text=code, now=NOW)

    def test_a_new_code_is_to_be_posted_anew(self, village: Village) -> None:
        say(village, Said("addresses", {"street": "Rue du Lac 7", "postal_code": "1005", "city": "Lausanne"}))
        who = account("ana")
        number = claim(village, who, LETTER)
        claiming.new_letter(claim_id=number, steward=9, now=NOW)
        claiming.note_posted(claim_id=number, steward=9, now=NOW)
        claiming.send_again(claim_id=number, account_id=who, now=NOW)
        code = text_of(claiming.new_letter(claim_id=number, steward=9, now=NOW), now=NOW) or ""

        with pytest.raises(ClaimRefused):
            claiming.prove_by_code(claim_id=number, account_id=who, text=code, now=NOW)

    def test_its_code_lasts_as_long_as_the_claim(self, village: Village) -> None:
        say(village, Said("addresses", {"street": "Rue du Lac 7", "postal_code": "1005", "city": "Lausanne"}))
        who = account("ana")
        number = claim(village, who, LETTER)
        code_id = claiming.new_letter(claim_id=number, steward=9, now=NOW + timedelta(days=2))
        claiming.note_posted(claim_id=number, steward=9, now=NOW + timedelta(days=2))
        code, last = text_of(code_id, now=NOW + timedelta(days=2)) or "", NOW + timedelta(days=60) - MINUTE

        assert claiming.new_letter(claim_id=number, steward=9, now=last) == code_id, "printed again, it is the same"
        assert text_of(code_id, now=last) == code
        assert claiming.prove_by_code(claim_id=number, account_id=who, text=code, now=last)

    def test_printed_again_it_carries_a_code_that_works(self, village: Village) -> None:
        say(village, Said("addresses", {"street": "Rue du Lac 7", "postal_code": "1005", "city": "Lausanne"}))
        who = account("ana")
        number = claim(village, who, LETTER)
        worn = text_of(claiming.new_letter(claim_id=number, steward=9, now=NOW), now=NOW) or ""
        claiming.note_posted(claim_id=number, steward=9, now=NOW)
        for _ in range(CODE_TRIES):
            assert not claiming.prove_by_code(claim_id=number, account_id=who, text="0000 0000", now=NOW)
        assert not claiming.prove_by_code(claim_id=number, account_id=who, text=worn, now=NOW)

        code = text_of(claiming.new_letter(claim_id=number, steward=9, now=NOW), now=NOW) or ""

        assert code_of(claiming.prove_by_code, claim_id=number, account_id=who, text=code) == "not-posted"
        claiming.note_posted(claim_id=number, steward=9, now=NOW)
        assert not claiming.prove_by_code(claim_id=number, account_id=who, text=worn, now=NOW)
        assert claiming.prove_by_code(claim_id=number, account_id=who, text=code, now=NOW)

    def test_nobody_notes_their_own_as_posted(self, village: Village) -> None:
        say(village, Said("addresses", {"street": "Rue du Lac 7", "postal_code": "1005", "city": "Lausanne"}))
        who = account("ana", is_steward=True)
        number = claim(village, who, LETTER)
        claiming.new_letter(claim_id=number, steward=9, now=NOW)

        with pytest.raises(ClaimRefused) as refused:
            claiming.note_posted(claim_id=number, steward=who, now=NOW)
        assert refused.value.code == "own"

    def test_needs_a_published_letter_box(self, village: Village) -> None:
        with pytest.raises(ClaimRefused) as refused:
            claim(village, account("ana"), LETTER)
        assert refused.value.code == "impossible"


def given(village: Village, who: int, *, steward: int) -> int:
    """A claim that rests on one steward's word."""
    settle_due(NOW)
    wanted = Wanted(village.choir, "decide", STEWARD)
    return granting.give_by_steward(account_id=who, wanted=wanted, steward=steward, reason="vue au guichet", now=NOW)


def code_of(action: Callable[..., object], **given: object) -> str:
    """Why something is refused."""
    with pytest.raises(ClaimRefused) as refused:
        action(**given, now=NOW)
    return refused.value.code


class TestSteward:
    def test_one_word_waits_a_week_and_is_told(self, village: Village) -> None:
        old, who = represent(village, "old"), account("ana")
        number = given(village, who, steward=99)

        row = Claim.objects.get(pk=number)
        assert (row.state, row.reason, row.settled_by) == ("waiting", "vue au guichet", "steward:99")
        assert not may(village, who)
        letters = post()
        assert {tuple(each.to) for each in letters} == {("old@example.org",), (CHOIR_MAILBOX,)}
        assert all("coopérative a accepté" in each.body for each in letters)
        assert [each.id for each in list_for_stewards(now=NOW)] == [number]

        granting.grant_due(now=NOW + WEEK - MINUTE)
        assert not may(village, who, at=NOW + WEEK)
        granting.grant_due(now=NOW + WEEK)
        assert may(village, who, at=NOW + WEEK)
        assert may(village, old, at=NOW + WEEK)
        assert Claim.objects.get(pk=number).settled_by == "steward:99"

    def test_a_second_steward_lets_in_at_once_and_the_first_does_not(self, village: Village) -> None:
        who = account("ana")
        number = given(village, who, steward=99)

        assert code_of(granting.settle, claim_id=number, steward=99, granted=True, reason="encore") == "second"
        assert not may(village, who)
        granting.settle(claim_id=number, steward=98, granted=True, reason="confirmé", now=NOW)

        assert may(village, who)

    def test_an_objection_freezes_it_and_the_first_steward_does_not_free_it(self, village: Village) -> None:
        old, who = represent(village, "old"), account("ana")
        number = given(village, who, steward=99)
        granting.object_to(claim_id=number, account_id=old, now=NOW)

        assert code_of(granting.settle, claim_id=number, steward=99, granted=True, reason="quand même") == "second"
        assert granting.grant_due(now=NOW + 2 * WEEK) == 0
        granting.settle(claim_id=number, steward=98, granted=True, reason="procès-verbal vu", now=NOW)
        assert may(village, who)

    def test_one_objected_to_before_anything_was_shown_needs_two(self, village: Village) -> None:
        old, who = represent(village, "old"), account("ana")
        number = claim(village, who, STEWARD)
        granting.object_to(claim_id=number, account_id=old, now=NOW)

        granting.settle(claim_id=number, steward=99, granted=True, reason="vue au guichet", now=NOW)
        assert (state_of(number), may(village, who)) == ("frozen", False)
        assert code_of(granting.settle, claim_id=number, steward=99, granted=True, reason="encore") == "second"
        granting.settle(claim_id=number, steward=98, granted=True, reason="confirmé", now=NOW)
        assert may(village, who)

    def test_where_nobody_can_be_told_time_alone_lets_nobody_in(self, village: Village) -> None:
        who = account("ana")
        number = given(village, who, steward=99)
        decide(uid=village.choir, wish=Wish("public", False), actor="steward:1", reason="test", now=NOW)
        settle_due(NOW)
        assert published(village.choir).email == ""

        assert granting.grant_due(now=NOW + 2 * WEEK) == 0
        assert [each.id for each in list_for_stewards(now=NOW + 2 * WEEK)] == [number]
        granting.settle(claim_id=number, steward=98, granted=True, reason="confirmé", now=NOW + 2 * WEEK)
        assert may(village, who, at=NOW + 2 * WEEK)

    def test_where_somebody_represents_it_no_mailbox_is_needed(self, village: Village) -> None:
        represent(village, "old")
        who = account("ana")
        given(village, who, steward=99)
        decide(uid=village.choir, wish=Wish("public", False), actor="steward:1", reason="test", now=NOW)
        settle_due(NOW)

        assert granting.grant_due(now=NOW + WEEK) == 1

    def test_what_the_claimant_showed_and_a_steward_confirms_counts_at_once(self, village: Village) -> None:
        who, number = proven(village)
        granting.settle(claim_id=number, steward=99, granted=True, reason="appelée", now=NOW)
        assert may(village, who)

    def test_who_printed_the_letter_is_not_the_other_hand(self, village: Village) -> None:
        say(village, Said("addresses", {"street": "Rue du Lac 7", "postal_code": "1005", "city": "Lausanne"}))
        who = account("ana")
        number = claim(village, who, LETTER)
        code = text_of(claiming.new_letter(claim_id=number, steward=9, now=NOW), now=NOW) or ""
        claiming.note_posted(claim_id=number, steward=8, now=NOW)
        claiming.prove_by_code(claim_id=number, account_id=who, text=code, now=NOW)

        for steward in (9, 8):
            assert code_of(granting.settle, claim_id=number, steward=steward, granted=True, reason="vu") == "second"
        granting.settle(claim_id=number, steward=7, granted=True, reason="vu", now=NOW)
        assert may(village, who)

    def test_a_steward_has_no_hand_in_what_another_address_of_theirs_claims(self, village: Village) -> None:
        say(village, Said("addresses", {"street": "Rue du Lac 7", "postal_code": "1005", "city": "Lausanne"}))
        steward, second = account("sol", is_steward=True), account("sol+club")
        number = claim(village, second, LETTER)

        assert code_of(claiming.new_letter, claim_id=number, steward=steward) == "own"
        claiming.new_letter(claim_id=number, steward=9, now=NOW)
        assert code_of(claiming.note_posted, claim_id=number, steward=steward) == "own"
        assert code_of(granting.settle, claim_id=number, steward=steward, granted=True, reason="moi") == "own"
        claiming.withdraw(claim_id=number, account_id=second, now=NOW)
        wanted = Wanted(village.choir, "decide", STEWARD)
        giving = {"account_id": second, "wanted": wanted, "reason": "moi"}
        assert code_of(granting.give_by_steward, steward=steward, **giving) == "own"

    def test_a_printer_who_took_the_claimants_address_since_proves_nothing(self, village: Village) -> None:
        say(village, Said("addresses", {"street": "Rue du Lac 7", "postal_code": "1005", "city": "Lausanne"}))
        printer, who = account("sol", is_steward=True), account("ana")
        number = claim(village, who, LETTER)
        code = text_of(claiming.new_letter(claim_id=number, steward=printer, now=NOW), now=NOW) or ""
        claiming.note_posted(claim_id=number, steward=printer, now=NOW)
        Account.objects.filter(pk=printer).update(email="ana+2@example.org")

        assert code_of(claiming.prove_by_code, claim_id=number, account_id=who, text=code) == "own"
        assert state_of(number) == "open"

    def test_needs_a_reason(self, village: Village) -> None:
        wanted = Wanted(village.choir, "decide", STEWARD)
        with pytest.raises(ClaimRefused):
            granting.give_by_steward(account_id=account("ana"), wanted=wanted, steward=99, reason="", now=NOW)
