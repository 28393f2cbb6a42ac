"""A client applies on a page, stewards settle it on theirs, its secret is shown once, subjects exclude it at once."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from django.test import Client

from datacoop.accounts.actions import give_mandate, issue_token, open_account
from datacoop.clients import joining
from datacoop.clients.models import Application
from datacoop.clients.rules import APPROVED, ENDED, REFUSED
from datacoop.clients.suspending import suspend_client
from datacoop.consent.actions import Wish, decide
from datacoop.consent.models import Decision
from datacoop.consent.queries import get_audience, list_agreements
from datacoop.disclosure.readers import acknowledging_reader, reader_of_agreement, reader_of_token
from datacoop.disclosure.reading import reading
from datacoop.ledger.models import Entry
from datacoop.records.actions.revising import revision
from datacoop.records.actions.stating import create_record, state
from datacoop.records.rules import Origin
from datacoop.records.storing import Said
from tests.portal.sitting import folder, signed_in

__all__ = ["folder"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("folder")]
NOW = datetime.now(UTC)
APPLICANT = "web@ville.example.org"
FORM = {
    "name": "Ville d'Exemple", "country": "ch", "regime": "cantonal", "terms": "public-bodies",
    "contact_1": APPLICANT, "contact_2": "greffe@ville.example.org", "purpose": ["directory", "agenda"],
    "which": "all", "retention": "180", "hours": "48", "signatory": "Ana Muster", "language": "fr", "version": "1",
}  # fmt: skip


def browser(email: str, *, is_steward: bool = False) -> Client:
    open_account(email=email, name=email.partition("@")[0].title(), now=NOW, is_steward=is_steward)
    return signed_in(email)


def applied(client: Client, **other: object) -> str:
    reply = client.post("/clients/apply", {**FORM, **other})
    assert reply.status_code == 302, reply.content.decode()
    return Application.objects.latest("pk").agreement


def settle(agreement: str, steward: Client, step: str = "assent", **fields: str) -> int:
    return steward.post("/steward/clients", {"client": agreement, "step": step, **fields}).status_code


def approved() -> tuple[Client, str]:
    applicant = browser(APPLICANT)
    agreement = applied(applicant)
    for name in ("ada", "bob"):
        assert settle(agreement, browser(f"{name}@coop.example.org", is_steward=True)) == 302
    return applicant, agreement


def secret_in(reply: object) -> str:
    found = re.search(r"client_secret</dt><dd><code>([^<]+)</code>", reply.content.decode())  # type: ignore[attr-defined]
    assert found is not None
    return found[1]


class TestApplying:
    def test_whoever_is_not_signed_in_signs_in_first(self) -> None:
        assert Client().get("/clients/apply").headers["Location"].startswith("/sign-in?next=")

    def test_signs_what_stands_in_the_form(self) -> None:
        applicant = browser(APPLICANT)

        agreement = applied(applicant, which="some", property=["organisation.email"])

        row = Application.objects.get()
        assert (row.country, row.hours_to_erase, row.properties) == ("CH", 48, "organisation.email")
        html = applicant.get(f"/clients/{agreement}?signed").content.decode()
        assert "Ana Muster" in html
        assert "client_secret" not in html

    @pytest.mark.parametrize(
        ("field", "typed", "problem"),
        [
            ("name", "", "nom officiel"),
            ("country", "Suisse", "deux lettres"),
            ("contact_2", APPLICANT, "deux adresses"),
            ("hours", "73", "de 1 à 72"),
            ("hours", "x", "de 1 à 72"),
            ("retention", "366", "365 au plus"),
            ("purpose", [], "au moins un but"),
            ("which", "some", "au moins une donnée"),
            ("version", "7", "a changé"),
        ],
    )
    def test_says_what_is_wrong_and_keeps_the_rest(self, field: str, typed: object, problem: str) -> None:
        reply = browser(APPLICANT).post("/clients/apply", {**FORM, field: typed})

        html = reply.content.decode()
        assert reply.status_code == 422
        assert problem in html
        assert "Ana Muster" in html
        assert not Application.objects.exists()

    def test_is_nobody_elses_to_look_at(self) -> None:
        agreement = applied(browser(APPLICANT))

        other = browser("other@example.org")
        assert other.get(f"/clients/{agreement}").status_code == 404
        assert other.post(f"/clients/{agreement}/secret").status_code == 404

    def test_gets_no_secret_before_it_is_approved(self) -> None:
        applicant = browser(APPLICANT)
        agreement = applied(applicant)

        assert applicant.post(f"/clients/{agreement}/secret").status_code == 404


class TestStewards:
    def test_two_of_them_approve(self) -> None:
        _, agreement = approved()

        assert Application.objects.get().state == APPROVED
        assert [each.uid for each in list_agreements()] == [agreement]

    def test_the_second_press_of_one_is_told_why_not(self) -> None:
        agreement = applied(browser(APPLICANT))
        ada = browser("ada@coop.example.org", is_steward=True)
        browser("bob@coop.example.org", is_steward=True)
        settle(agreement, ada)

        reply = ada.post("/steward/clients", {"client": agreement, "step": "assent"})

        assert reply.status_code == 422
        assert "déjà approuvé" in reply.content.decode()

    def test_one_alone_announces_it_to_everybody(self) -> None:
        agreement = applied(browser(APPLICANT))

        settle(agreement, browser("ada@coop.example.org", is_steward=True))

        html = Client(headers={"accept-language": "fr"}).get("/clients").content.decode()
        assert "Ville d&#x27;Exemple" in html
        assert "Ana Muster" not in html
        assert APPLICANT not in html
        assert list_agreements() == []

    def test_refuse_with_a_reason_that_the_applicant_reads(self) -> None:
        applicant = browser(APPLICANT)
        agreement = applied(applicant)
        ada = browser("ada@coop.example.org", is_steward=True)
        assert settle(agreement, ada, "refuse", reason="") == 422

        assert settle(agreement, ada, "refuse", reason="But trop vague.") == 302

        assert Application.objects.get().state == REFUSED
        assert "But trop vague." in applicant.get(f"/clients/{agreement}").content.decode()

    def test_record_a_vote(self) -> None:
        agreement = applied(browser(APPLICANT))
        ada = browser("ada@coop.example.org", is_steward=True)
        given = {"vote": "2026-7", "vote_on": "2026-01-15", "vote_at": "https://coop.example.org/votes/7"}

        assert settle(agreement, ada, "vote", **{**given, "vote_on": ""}) == 422
        assert settle(agreement, ada, "vote", **given) == 302

        assert Application.objects.get().state == APPROVED

    def test_suspend_at_once(self) -> None:
        _, agreement = approved()

        assert settle(agreement, browser("ada@coop.example.org", is_steward=True), "suspend") == 302

        assert list_agreements()[0].suspended

    def test_nobody_else_comes_near(self) -> None:
        agreement = applied(browser(APPLICANT))

        assert settle(agreement, browser("eve@example.org")) == 403
        assert Application.objects.get().assents.count() == 0


class TestSecrets:
    def test_are_shown_once_and_open(self) -> None:
        applicant, agreement = approved()

        secret = secret_in(applicant.post(f"/clients/{agreement}/secret"))

        assert issue_token(client_id=agreement, client_secret=secret, now=datetime.now(UTC))
        assert secret not in applicant.get(f"/clients/{agreement}").content.decode()

    def test_follow_one_another_or_end_at_once(self) -> None:
        applicant, agreement = approved()
        first = secret_in(applicant.post(f"/clients/{agreement}/secret"))
        second = secret_in(applicant.post(f"/clients/{agreement}/secret"))
        for each in (first, second):
            assert issue_token(client_id=agreement, client_secret=each, now=datetime.now(UTC))

        third = secret_in(applicant.post(f"/clients/{agreement}/secret", {"replace": ""}))

        assert issue_token(client_id=agreement, client_secret=third, now=datetime.now(UTC))
        for each in (first, second):
            with pytest.raises(Exception, match="wrong secret"):
                issue_token(client_id=agreement, client_secret=each, now=datetime.now(UTC))


class TestThoseConcerned:
    def granting(self, *, terms: str = "public-bodies") -> tuple[UUID, Client]:
        with revision(actor="steward:1", now=NOW, why="test") as draft:
            record = create_record(draft, kind="organisation")
            said = [Said("name", "Chœur"), Said("email", "info@choeur.example.org")]
            state(draft, record_id=record.id, said=said, origin=Origin.STEWARD)
        for audience, shows in (("public", False), (f"terms:{terms}", True)):
            wish = Wish(audience, shows, "email")
            decide(uid=record.uid, wish=wish, actor="account:1", reason="", now=NOW)
        bea = browser("bea@choeur.example.org")
        account = open_account(email="bea@choeur.example.org", name="", now=NOW).pk
        for scope in ("edit", "decide"):
            give_mandate(account_id=account, subject_uid=record.uid, scope=scope, valid_from=NOW - timedelta(days=1))
        return record.uid, bea

    def test_see_who_comes_and_exclude_it_with_one_press(self) -> None:
        choir, bea = self.granting()
        _, agreement = approved()
        assert "Exclure" not in bea.get(f"/my/{choir}/").content.decode(), "nobody was told yet"
        joining.tell_of_new(now=datetime.now(UTC))

        html = bea.get(f"/my/{choir}/").content.decode()
        assert "Exclure Ville d&#x27;Exemple" in html
        assert "Suisse" in html
        seen = re.search(r'name="seen" value="(\d+)"><span><strong', html)
        assert seen is not None
        reply = bea.post(f"/my/{choir}/answer", {"what": "reader", "reader": f"agreement:{agreement}", "seen": seen[1]})

        assert reply.status_code == 302
        assert "/done/" in reply.headers["Location"]
        word = Decision.objects.get(audience_id=get_audience(f"agreement:{agreement}"))
        assert (word.property, word.shows, word.end_revision) == ("", False, None)
        assert "Exclure" not in bea.get(f"/my/{choir}/").content.decode()

    def test_are_not_bothered_by_clients_of_another_class(self) -> None:
        choir, bea = self.granting(terms="commercial")
        approved()
        joining.tell_of_new(now=datetime.now(UTC))

        assert "Exclure" not in bea.get(f"/my/{choir}/").content.decode()

    def test_everybody_reads_who_comes_and_from_when(self) -> None:
        self.granting()
        approved()
        joining.tell_of_new(now=datetime.now(UTC))

        html = Client(headers={"accept-language": "de"}).get("/clients").content.decode()

        assert "Kommen bald dazu" in html
        assert "Ville d&#x27;Exemple" in html


@pytest.mark.parametrize("language", ["fr", "de", "it", "en"])
def test_every_page_is_there_in_every_language(language: str, tmp_path: Path) -> None:
    applicant, agreement = approved()
    ada = browser("ada@coop.example.org", is_steward=True)
    pages = [(applicant, "/clients/apply"), (applicant, f"/clients/{agreement}"), (applicant, "/account/"),
             (ada, "/steward/clients"), (ada, "/steward/"), (ada, "/clients")]  # fmt: skip

    for client, path in pages:
        reply = client.get(path, headers={"accept-language": language})
        assert reply.status_code == 200, path


class TestEnding:
    def test_a_client_ends_its_agreement_and_still_owes(self) -> None:
        applicant, agreement = approved()
        secret = secret_in(applicant.post(f"/clients/{agreement}/secret"))
        token, _ = issue_token(client_id=agreement, client_secret=secret, now=datetime.now(UTC))
        assert "Oui, y mettre fin" in applicant.get(f"/clients/{agreement}/end").content.decode()

        assert applicant.post(f"/clients/{agreement}/end").status_code == 302

        with reading() as connected:
            assert reader_of_token(connected, token, NOW.timestamp()) is None
            assert reader_of_agreement(connected, agreement) is None
            again, _ = issue_token(client_id=agreement, client_secret=secret, now=datetime.now(UTC))
            assert reader_of_token(connected, again, NOW.timestamp()) is None
            assert acknowledging_reader(connected, again, NOW.timestamp()) is not None
        html = applicant.get(f"/clients/{agreement}").content.decode()
        assert "Vous y avez mis fin" in html
        assert f"/clients/{agreement}/end" not in html
        assert Entry.objects.filter(kind="client.ended").count() == 1
        assert applicant.post(f"/clients/{agreement}/end").status_code == 404

    def test_one_that_was_suspended_ends_it_too(self) -> None:
        applicant, agreement = approved()
        suspend_client(agreement=agreement, actor="steward:1", now=NOW)

        assert applicant.post(f"/clients/{agreement}/end").status_code == 302

        assert Application.objects.get().state == ENDED
        assert Entry.objects.filter(kind="agreement.suspended").count() == 1

    def test_is_nobody_elses_to_end(self) -> None:
        _, agreement = approved()

        assert browser("other@example.org").post(f"/clients/{agreement}/end").status_code == 404
        assert not any(each.suspended for each in list_agreements())

    def test_whoever_did_not_prove_lately_that_it_is_them_proves_it_first(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        applicant, agreement = approved()
        monkeypatch.setattr("datacoop.portal.freshness.is_fresh", lambda _request: False)

        assert applicant.post(f"/clients/{agreement}/end").headers["Location"].startswith("/account/confirm")
        assert Application.objects.get().state == APPROVED
