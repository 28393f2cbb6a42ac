"""The pages of claims: constant for what is hidden, changed by presses alone, and only after a fresh proof."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from allauth.account.internal.flows import login
from django.core import mail
from django.http import HttpRequest
from django.test import Client

from datacoop.accounts.actions import create_link, give_mandate, open_account
from datacoop.accounts.queries import find_account, has_mandate, list_representing
from datacoop.consent.actions import Wish, decide
from datacoop.disclosure.actions import settle
from datacoop.jobs.actions import run_due
from datacoop.portal import limits, typed_codes
from datacoop.portal.views.organisations import find_one
from datacoop.rights.actions import granting
from datacoop.rights.claim_links import CLAIM, Objector, token_of
from datacoop.rights.models.claims import Claim
from datacoop.rights.published import published as publicly
from tests.portal.conftest import page_of
from tests.portal.sitting import signed_in, text_of

Brought = Callable[..., None]
LATER = timedelta(days=7, minutes=1)


@pytest.fixture(autouse=True)
def _nobody_asked_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CLAIMS", "CLAIMS_TO", "OBJECTIONS"):
        monkeypatch.setattr(f"datacoop.portal.views.claiming.{name}", limits.Limit(most=20, seconds=60))


@pytest.fixture
def choir(published: Brought, visitor: Client) -> tuple[str, UUID]:
    published()
    slug = page_of(visitor, "Clairière").removeprefix("/o/")
    found = find_one("organisation", slug)
    assert found is not None
    return slug, UUID(found["id"])


def somebody(email: str) -> Client:
    open_account(email=email, name="", now=datetime.now(UTC))
    return signed_in(email)


def id_of(email: str) -> int:
    found = find_account(email)
    assert found is not None
    return int(found.pk)


def represents(email: str, uid: UUID, scope: str = "decide") -> bool:
    return has_mandate(account_id=id_of(email), subject_uid=uid, scope=scope, now=datetime.now(UTC))


def represent(email: str, uid: UUID, *scopes: str) -> Client:
    client = somebody(email)
    for scope in scopes or ("edit", "decide"):
        give_mandate(account_id=id_of(email), subject_uid=uid, scope=scope, valid_from=datetime.now(UTC))
    return client


def stale(client: Client) -> Client:
    """The same session, when the proof of the sign-in is an hour old."""
    session = client.session
    kept = session[login.AUTHENTICATION_METHODS_SESSION_KEY]
    session[login.AUTHENTICATION_METHODS_SESSION_KEY] = [{**each, "at": each["at"] - 3600} for each in kept]
    session.save()
    return client


def fresh(client: Client) -> None:
    """The same session, proven just now."""
    session = client.session
    kept = session[login.AUTHENTICATION_METHODS_SESSION_KEY]
    session[login.AUTHENTICATION_METHODS_SESSION_KEY] = [{**each, "at": each["at"] + 3600} for each in kept]
    session.save()


def ask(client: Client, slug: str, **fields: str) -> str:
    answer = client.post(f"/claim/{slug}", {"name": "Ana", "method": "mailbox", "scope": "decide", **fields})
    assert answer.status_code == 302, text_of(answer)
    return str(answer["Location"])


def mailed() -> list[mail.EmailMessage]:
    run_due(datetime.now(UTC))
    found = list(mail.outbox)
    mail.outbox.clear()
    return found


def code_sent() -> str:
    found = re.search(r"\b\d{4} \d{4}\b", mailed()[-1].body)
    assert found is not None
    return found[0]


class TestClaiming:
    def test_from_the_organisations_page_to_representing_it(self, choir: tuple[str, UUID], visitor: Client) -> None:
        slug, uid = choir
        assert f'href="/claim/{slug}"' in text_of(visitor.get(f"/o/{slug}"))
        client = somebody("ana@example.org")
        own = ask(client, slug)
        assert client.post(own, {"step": "code", "code": code_sent()}).status_code == 302
        assert not represents("ana@example.org", uid)

        granting.grant_due(now=datetime.now(UTC) + LATER)

        later = datetime.now(UTC) + LATER
        assert has_mandate(account_id=id_of("ana@example.org"), subject_uid=uid, scope="decide", now=later)

    def test_says_how_to_visitors_and_asks_them_to_sign_in(self, choir: tuple[str, UUID], visitor: Client) -> None:
        html = text_of(visitor.get(f"/claim/{choir[0]}"))
        assert "info@clairiere.example.org" in html
        assert f"/sign-in?next=/claim/{choir[0]}" in html
        assert '<form class="letter"' not in html
        assert (
            visitor.post(f"/claim/{choir[0]}", {"name": "x", "method": "mailbox", "scope": "edit"}).status_code == 200
        )
        assert not Claim.objects.exists()

    def test_offers_what_everybody_sees_alone(self, choir: tuple[str, UUID], visitor: Client) -> None:
        """Without its address, byte for byte the page of an organisation that never had one."""
        slug, uid = choir
        other = page_of(visitor, "Pré-Vert").removeprefix("/o/")
        for name in ("email", "website", "addresses"):
            wish = Wish("public", False, name)
            decide(uid=uid, wish=wish, actor="steward:1", reason="test", now=datetime.now(UTC))
        settle(datetime.now(UTC))

        def ways(each: str) -> list[str]:
            return re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", text_of(visitor.get(f"/claim/{each}")))

        assert ways(slug) == ways(other)

    def test_page_is_the_same_whoever_represents_it(self, choir: tuple[str, UUID], visitor: Client) -> None:
        before = visitor.get(f"/claim/{choir[0]}").content
        represent("old@example.org", choir[1])
        assert visitor.get(f"/claim/{choir[0]}").content == before

    def test_hidden_and_unknown_are_the_same(self, choir: tuple[str, UUID], visitor: Client) -> None:
        slug, uid = choir
        decide(uid=uid, wish=Wish("public", False), actor="steward:1", reason="test", now=datetime.now(UTC))
        settle(datetime.now(UTC))
        hidden, unknown = visitor.get(f"/claim/{slug}"), visitor.get("/claim/nobody-00000000")
        assert (hidden.status_code, unknown.status_code) == (404, 404)

    def test_a_way_that_is_not_offered_is_refused(self, published: Brought, visitor: Client) -> None:
        published()
        slug = page_of(visitor, "Pré-Vert").removeprefix("/o/")
        answer = somebody("ana@example.org").post(
            f"/claim/{slug}", {"name": "Ana", "method": "mailbox", "scope": "decide"}
        )
        assert answer.status_code == 422
        assert not Claim.objects.exists()

    def test_too_many_are_refused_with_one_page(self, choir: tuple[str, UUID], monkeypatch: pytest.MonkeyPatch) -> None:
        client = somebody("ana@example.org")
        pages = []
        for name in ("CLAIMS", "CLAIMS_TO"):
            with monkeypatch.context() as patched:
                patched.setattr(f"datacoop.portal.views.claiming.{name}", limits.Limit(most=0, seconds=60))
                answer = client.post(f"/claim/{choir[0]}", {"name": "Ana", "method": "mailbox", "scope": "decide"})
                assert answer.status_code == 429
                pages.append(re.sub(r'value="[^"]{64}"', "", text_of(answer)))
        assert pages[0] == pages[1]


class TestOwnPage:
    def test_is_nobody_elses(self, choir: tuple[str, UUID]) -> None:
        own = ask(somebody("ana@example.org"), choir[0])
        code = code_sent()
        stranger = somebody("ben@example.org")
        for answer in (stranger.get(own), stranger.post(own, {"step": "code", "code": code})):
            assert answer.status_code == 404
        assert Claim.objects.get().state == "open"

    def test_typing_the_code_asks_for_a_fresh_proof(self, choir: tuple[str, UUID]) -> None:
        client = somebody("ana@example.org")
        own = ask(client, choir[0])
        answer = stale(client).post(own, {"step": "code", "code": code_sent()})
        assert answer["Location"].startswith("/account/confirm")
        assert Claim.objects.get().state == "open"

    def test_a_typed_code_outlives_the_fresh_proof_in_the_session_alone(self, choir: tuple[str, UUID]) -> None:
        client = somebody("ana@example.org")
        own, code = ask(client, choir[0]), code_sent()
        answer = stale(client).post(own, {"step": "code", "code": code})
        figures = code.replace(" ", "")
        assert code not in answer["Location"]
        assert figures not in answer["Location"].replace(" ", "")
        assert code not in str(dict(client.session)), "it lies sealed"

        html = text_of(client.get(own))

        assert f'value="{code}"' in html
        assert "encore une fois sur le bouton" in html
        assert Claim.objects.get().state == "open", "looking proves nothing"
        fresh(client)
        client.post(own, {"step": "code", "code": code})
        assert Claim.objects.get().state == "waiting"
        assert "typed_code" not in client.session

    def test_a_typed_code_is_forgotten_after_a_quarter_of_an_hour(self, choir: tuple[str, UUID]) -> None:
        client = somebody("ana@example.org")
        own, code, now = ask(client, choir[0]), code_sent(), datetime.now(UTC)
        stale(client).post(own, {"step": "code", "code": code})
        request = HttpRequest()
        request.session = client.session
        assert typed_codes.kept(request, now=now + timedelta(minutes=14)) == code
        assert typed_codes.kept(request, now=now + timedelta(minutes=16)) == ""

    def test_a_code_typed_where_letters_are_opened_waits_at_the_claim(self, choir: tuple[str, UUID]) -> None:
        own, code = ask(somebody("ana@example.org"), choir[0]), code_sent()
        visitor = Client(headers={"accept-language": "fr"})
        answer = visitor.post("/code", {"code": code})
        assert answer["Location"] == "/account/claims/code"
        assert visitor.get("/account/claims/code")["Location"] == "/sign-in?next=%2Faccount%2Fclaims%2Fcode"

        visitor.post(f"/sign-in/{create_link(email='ana@example.org', now=datetime.now(UTC))}")

        assert visitor.get("/account/claims/code")["Location"] == own
        assert f'value="{code}"' in text_of(visitor.get(own))

    def test_a_code_where_letters_are_opened_tells_nothing_of_which_there_are(self, choir: tuple[str, UUID]) -> None:
        ask(somebody("ana@example.org"), choir[0])
        answers = [Client().post("/code", {"code": each}) for each in (code_sent(), "1234 5678")]
        assert len({(each.status_code, each["Location"], each.content) for each in answers}) == 1

    def test_wrong_code_is_said(self, choir: tuple[str, UUID]) -> None:
        client = somebody("ana@example.org")
        answer = client.post(ask(client, choir[0]), {"step": "code", "code": "1"})
        assert answer.status_code == 422
        assert "Ce code n’est pas le bon" in text_of(answer)

    def test_frozen_shows_the_rival_without_naming_anybody(self, choir: tuple[str, UUID]) -> None:
        pages = []
        for name in ("ana", "ben"):
            client = somebody(f"{name}@example.org")
            own = ask(client, choir[0], name=f"Madame {name}")
            client.post(own, {"step": "code", "code": code_sent()})
            mailed()
            pages.append((client, own))
        for (client, own), other in zip(pages, ("ben", "ana"), strict=True):
            html = text_of(client.get(own))
            assert "Autres demandes pour la même association" in html
            assert f"Madame {other}" not in html
            assert f"{other}@example.org" not in html

    def test_withdraws(self, choir: tuple[str, UUID]) -> None:
        client = somebody("ana@example.org")
        client.post(ask(client, choir[0]), {"step": "withdraw"})
        assert Claim.objects.get().state == "withdrawn"


class TestObjection:
    @pytest.fixture
    def waiting(self, choir: tuple[str, UUID]) -> str:
        client = somebody("ana@example.org")
        client.post(ask(client, choir[0]), {"step": "code", "code": code_sent()})
        (letter,) = mailed()
        return "/claims/" + letter.body.split("/claims/")[1].split()[0]

    def test_opening_the_link_does_nothing_and_pressing_freezes(self, waiting: str, visitor: Client) -> None:
        html = text_of(visitor.get(waiting))
        assert "Chœur de la Clairière" in html
        assert "ana@example.org" not in html
        assert Claim.objects.get().state == "waiting"

        assert visitor.post(waiting).status_code == 200
        assert Claim.objects.get().state == "frozen"
        assert visitor.post(waiting).status_code == 410

    def test_unknown_forged_and_over_are_one_page(self, waiting: str, visitor: Client) -> None:
        visitor.post(waiting)
        answers = [visitor.get(each) for each in (waiting, "/claims/x", f"/claims/{token_of(Objector(CLAIM, 999, 0))}")]
        assert {each.status_code for each in answers} == {410}
        assert len({re.sub(r'name="back" value="[^"]*"', "", text_of(each)) for each in answers}) == 1

    def test_of_one_who_left_is_over(self, choir: tuple[str, UUID], waiting: str, visitor: Client) -> None:
        stranger = id_of("ana@example.org")
        link = f"/claims/{token_of(Objector(CLAIM, Claim.objects.get().pk, stranger))}"
        assert visitor.post(link).status_code == 410
        assert Claim.objects.get().state == "waiting"


class TestRepresentatives:
    def test_page_is_for_those_who_represent_it(self, choir: tuple[str, UUID]) -> None:
        address = f"/account/organisations/{choir[1]}"
        assert represent("old@example.org", choir[1]).get(address).status_code == 200
        for stranger in (somebody("ana@example.org"), represent("self@example.org", choir[1], "self")):
            for answer in (stranger.get(address), stranger.post(address, {"step": "leave"})):
                assert answer.status_code == 404

    def test_a_hidden_organisation_has_its_name_for_those_who_represent_it(self, choir: tuple[str, UUID]) -> None:
        address, old = f"/account/organisations/{choir[1]}", represent("old@example.org", choir[1])
        assert "n’est pas montr" not in text_of(old.get(address))
        decide(uid=choir[1], wish=Wish("public", False), actor="account:1", reason="", now=datetime.now(UTC))
        assert publicly(choir[1]).name == ""

        for html in (text_of(old.get(address)), text_of(old.post(address, {"step": "leave"}))):
            assert "Chœur de la Clairière" in html
        assert "n’est pas montr" in text_of(old.get(address))
        assert "Chœur de la Clairière" not in text_of(somebody("ana@example.org").get(address))

    @pytest.mark.parametrize("step", ["agree", "leave", "narrow", "invite", "propose"])
    def test_changes_ask_for_a_fresh_proof(self, choir: tuple[str, UUID], step: str) -> None:
        client = stale(represent("old@example.org", choir[1]))
        answer = client.post(f"/account/organisations/{choir[1]}", {"step": step, "email": "new@example.org"})
        assert answer["Location"].startswith("/account/confirm")
        assert represents("old@example.org", choir[1])
        assert find_account("new@example.org") is None

    def test_an_invitation_that_is_over_says_so_in_neutral_words(self, choir: tuple[str, UUID]) -> None:
        old, address = represent("old@example.org", choir[1]), f"/account/organisations/{choir[1]}"
        new = somebody("new@example.org")
        own = []
        for _ in range(2):
            old.post(address, {"step": "invite", "email": "new@example.org", "scope": "edit"})
            number = Claim.objects.latest("pk").pk
            own.append(f"/account/claims/{number}")
            assert "On vous invite" in text_of(new.get(own[-1]))
            if len(own) == 1:
                old.post(address, {"step": "call-back", "number": str(number)})
        old.post(address, {"step": "narrow"})

        for each in own:
            html = text_of(new.get(each))
            assert "Cette invitation n’est plus valable." in html
            assert 'value="take-up"' not in html
            assert "old@example.org" not in html
            assert new.post(each, {"step": "take-up"}).status_code == 422

    def test_a_claim_that_is_none_and_one_of_others_say_the_same(self, choir: tuple[str, UUID]) -> None:
        own = ask(somebody("ana@example.org"), choir[0])
        stranger = somebody("ben@example.org")
        seen = [text_of(stranger.get(each)).replace(each, "") for each in (own, "/account/claims/987654")]
        assert "n’est plus valable" in seen[0]
        assert len({re.sub(r'(csrfmiddlewaretoken" value=")\w+', r"\1", each) for each in seen}) == 1

    def test_sees_who_asks_and_agrees(self, choir: tuple[str, UUID]) -> None:
        old = represent("old@example.org", choir[1])
        ask(somebody("ana@example.org"), choir[0], method="representative", name="Ana Exemple")
        address = f"/account/organisations/{choir[1]}"
        assert "Ana Exemple" in text_of(old.get(address))

        old.post(address, {"step": "agree", "number": str(Claim.objects.get().pk)})
        assert represents("ana@example.org", choir[1])

    def test_cannot_answer_a_claim_of_another_organisation(self, choir: tuple[str, UUID], visitor: Client) -> None:
        old = represent("old@example.org", choir[1])
        other = page_of(visitor, "Amis").removeprefix("/o/")
        ask(somebody("ana@example.org"), other, method="representative")
        number = str(Claim.objects.get().pk)
        answer = old.post(f"/account/organisations/{choir[1]}", {"step": "agree", "number": number})
        assert answer.status_code == 422
        assert Claim.objects.get().state == "open"

    def test_hands_over(self, choir: tuple[str, UUID]) -> None:
        old, address = represent("old@example.org", choir[1]), f"/account/organisations/{choir[1]}"
        old.post(address, {"step": "invite", "email": "new@example.org", "scope": "decide", "hand_over": "on"})
        (letter,) = mailed()
        assert letter.to == ["new@example.org"]
        new, own = signed_in("new@example.org"), f"/account/claims/{Claim.objects.get().pk}"
        new.get(own)
        assert represents("old@example.org", choir[1])

        assert new.post(own, {"step": "take-up"}).status_code == 302
        assert represents("new@example.org", choir[1])
        assert not represents("old@example.org", choir[1])
        assert old.get(address).status_code == 404

    def test_an_invitation_called_back_keeps_no_address(self, choir: tuple[str, UUID]) -> None:
        old, address = represent("old@example.org", choir[1]), f"/account/organisations/{choir[1]}"
        old.post(address, {"step": "invite", "email": "new@example.org", "scope": "edit"})
        old.post(address, {"step": "call-back", "number": str(Claim.objects.get().pk)})
        assert find_account("new@example.org") is None

    def test_last_one_leaves(self, choir: tuple[str, UUID], steward: Client) -> None:
        old = represent("old@example.org", choir[1])
        address = f"/account/organisations/{choir[1]}"
        asked = old.post(address, {"step": "leave"}).content.decode()
        assert "la dernière personne" in asked
        assert list_representing([choir[1]], now=datetime.now(UTC))
        assert old.post(address, {"step": "leave", "sure": "yes"})["Location"] == "/account/?left"
        assert not represents("old@example.org", choir[1])
        assert "Plus personne ne les représente" in text_of(steward.get("/steward/claims"))


def second_steward() -> Client:
    open_account(email="other@example.org", name="Other", now=datetime.now(UTC), is_steward=True)
    return signed_in("other@example.org")


class TestSteward:
    def test_a_way_that_can_work_and_correcting_alone_are_ticked(self, choir: tuple[str, UUID]) -> None:
        html = somebody("ana@example.org").get(f"/claim/{choir[0]}").content.decode()
        assert re.findall(r'name="(?:method|scope)" value="(\w+)" checked', html) == ["mailbox", "edit"]
        assert "avec votre adresse e-mail" in html

    def test_settles_a_frozen_one_with_a_reason(self, choir: tuple[str, UUID], steward: Client) -> None:
        ask(somebody("ana@example.org"), choir[0])
        number = Claim.objects.get().pk
        granting.object_to(claim_id=number, account_id=None, now=datetime.now(UTC))
        address = f"/steward/claims/{number}"
        assert address in text_of(steward.get("/steward/claims"))
        assert steward.post(address, {"step": "grant", "reason": ""}).status_code == 422
        assert steward.post(address, {"step": "grant", "reason": "procès-verbal"}).status_code == 302
        assert not represents("ana@example.org", choir[1]), "nobody has shown anything yet"
        html = text_of(steward.get(address))
        assert 'value="grant"' not in html
        assert "procès-verbal" in html
        assert steward.post(address, {"step": "grant", "reason": "encore"}).status_code == 422

        other = second_steward()
        assert 'value="grant"' in text_of(other.get(address))
        assert other.post(address, {"step": "grant", "reason": "vérifié"}).status_code == 302
        assert represents("ana@example.org", choir[1])

    def test_lets_somebody_in(self, choir: tuple[str, UUID], steward: Client) -> None:
        form = {"step": "give", "organisation": f"/o/{choir[0]}", "email": "ana@example.org", "scope": "edit"}
        assert steward.post("/steward/claims", form).status_code == 422
        assert steward.post("/steward/claims", form | {"reason": "au guichet"}).status_code == 302
        assert not represents("ana@example.org", choir[1], "edit")
        assert "attend une deuxième personne" in text_of(steward.get("/steward/claims"))

        number = Claim.objects.get().pk
        told = text_of(signed_in("ana@example.org").get(f"/account/claims/{number}"))
        assert "dès qu’une deuxième personne" in told
        assert second_steward().post(f"/steward/claims/{number}", {"step": "grant", "reason": "vu"}).status_code == 302
        assert represents("ana@example.org", choir[1], "edit")

    def test_the_letter_is_shown_to_whoever_pressed_to_print_it(self, choir: tuple[str, UUID], steward: Client) -> None:
        ask(somebody("ana@example.org"), choir[0], method="letter")
        address = f"/steward/claims/{Claim.objects.get().pk}"
        printed, other = steward.post(address, {"step": "print"})["Location"], second_steward()

        assert other.get(printed).status_code == 404
        other.post(address, {"step": "print"})
        assert other.get(printed).status_code == 200
        assert len(Claim.objects.get().hands.split()) == 2

    @pytest.mark.parametrize(
        "path", ["/steward/claims", "/steward/claims/1", "/steward/claims/1/letter", "/steward/guardians"]
    )
    def test_pages_are_for_stewards(self, transactional_db: None, path: str) -> None:
        assert somebody("ana@example.org").get(path).status_code == 403

    def test_settling_asks_for_a_fresh_proof(self, choir: tuple[str, UUID], steward: Client) -> None:
        ask(somebody("ana@example.org"), choir[0], method="steward")
        number = Claim.objects.get().pk
        answer = stale(steward).post(f"/steward/claims/{number}", {"step": "grant", "reason": "x"})
        assert answer["Location"].startswith("/account/confirm")
        assert not represents("ana@example.org", choir[1])
