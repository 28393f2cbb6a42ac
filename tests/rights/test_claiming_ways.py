"""Showing that one may speak for an organisation: by its website, by a letter, by a steward."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.test import override_settings

from datacoop.accounts.codes import text_of
from datacoop.consent.actions import Wish, decide
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
    say,
    state_of,
)
from tests.rights.people import NOW, Village, settle

pytestmark = pytest.mark.django_db(transaction=True)


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
        claiming.note_posted(claim_id=number, actor="steward:9", now=NOW)
        assert list_for_stewards(now=NOW) == []
        later = NOW + timedelta(days=20)
        assert claiming.prove_by_code(claim_id=number, account_id=who, text=code, now=later)
        assert state_of(number) == "waiting"
        granting.grant_due(now=later + WEEK)
        assert may(village, who, at=later + WEEK)

    def test_needs_a_published_letter_box(self, village: Village) -> None:
        with pytest.raises(ClaimRefused) as refused:
            claim(village, account("ana"), LETTER)
        assert refused.value.code == "impossible"


class TestSteward:
    def test_lets_in_at_once_with_a_recorded_reason(self, village: Village) -> None:
        who = account("ana")
        wanted = Wanted(village.choir, "decide", STEWARD)
        number = granting.give_by_steward(account_id=who, wanted=wanted, steward=99, reason="vue au guichet", now=NOW)

        assert may(village, who)
        row = Claim.objects.get(pk=number)
        assert (row.reason, row.settled_by) == ("vue au guichet", "steward:99")
        assert {tuple(each.to) for each in post()} == {("ana@example.org",), (CHOIR_MAILBOX,)}

    def test_needs_a_reason(self, village: Village) -> None:
        wanted = Wanted(village.choir, "decide", STEWARD)
        with pytest.raises(ClaimRefused):
            granting.give_by_steward(account_id=account("ana"), wanted=wanted, steward=99, reason="", now=NOW)
