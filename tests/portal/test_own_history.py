"""A subject's own history: complete, in words, with files that anybody can check; nothing for strangers."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.test import Client, override_settings

from datacoop.accounts.actions import create_link, give_mandate, open_account
from datacoop.accounts.rules import SELF
from datacoop.consent.actions import Wish, decide_many
from datacoop.consent.receipt_checks import faults_in
from datacoop.consent.rules import DecisionContext
from datacoop.disclosure.delivered import enter_deliveries
from datacoop.disclosure.describe import described
from datacoop.disclosure.own.history import WHATS
from datacoop.disclosure.readers import reader_of_agreement
from datacoop.disclosure.reading import reading
from datacoop.disclosure.reviewing import side_by_side
from datacoop.disclosure.search.finding import find
from datacoop.disclosure.search.questions import Question
from datacoop.ledger import signing
from datacoop.linking.actions import judge
from datacoop.portal.views.own import happened
from datacoop.records.actions.erasing import erase_subjects
from datacoop.records.actions.merging import merge
from datacoop.records.actions.revising import revision
from datacoop.records.rules import id_of
from datacoop.rights.links import Wanted, make_links
from tests.consent import independent
from tests.rights import people

pytestmark = pytest.mark.django_db(transaction=True)
REASON = "appel du 3 mars, numéro rappelé"


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path) -> Iterator[None]:
    with override_settings(DATACOOP_DATA_DIR=tmp_path):
        yield


@pytest.fixture
def village() -> people.Village:
    return people.settle()


def signed_in(subject: UUID) -> Client:
    now = datetime.now(UTC)
    account = open_account(email="marlyse@example.org", name="Marlyse", now=now).pk
    give_mandate(account_id=account, subject_uid=subject, scope=SELF, valid_from=now - timedelta(days=1))
    client = Client(headers={"accept-language": "fr"})
    client.post(f"/sign-in/{create_link(email='marlyse@example.org', now=now)}")
    return client


def with_link(subject: UUID) -> tuple[Client, int]:
    """Somebody who opened the link of a letter and proved nothing."""
    now = datetime.now(UTC)
    (link,) = make_links([Wanted(subject_uid=subject, channel="mail")], now=now)
    client = Client(headers={"accept-language": "fr"})
    client.get("/")
    session = client.session
    session["links"] = {subject.hex: [link, now.isoformat()]}
    session.save()
    client.cookies["session"] = session.session_key
    return client, link


def say(uid: UUID, wish: Wish, actor: str, context: DecisionContext, reason: str = "") -> int:
    with revision(actor=actor, now=datetime.now(UTC), why="answer") as draft:
        decide_many(draft, wishes=[(id_of(uid), wish)], reason=reason, context=context)
    return draft.number


HIDE = Wish("public", False, None)
LINKED = DecisionContext("link", "subject", "fr")


def text(client: Client, address: str) -> str:
    return client.get(address).content.decode()


class TestHistory:
    def test_tells_what_happened_by_whom_and_why(self, village: people.Village) -> None:
        client, now = signed_in(village.person), datetime.now(UTC)
        say(village.person, HIDE, "link:4", LINKED)
        say(village.in_choir, HIDE, "steward:3", DecisionContext("telephone", "steward"), reason=REASON)
        described(uid=village.person, actor="steward:3", reason="vérification d’une plainte", now=now)

        html = text(client, f"/my/{village.person}/history")

        assert html.count('<th scope="row">Décision : qui voit quoi') == 2
        assert REASON in html
        assert "Vos indications ont été consultées" in html
        assert "vérification d’une plainte" in html
        assert "la coopérative" in html

    def test_tells_which_of_several_records_and_what_was_asked(self, village: people.Village) -> None:
        client = signed_in(village.person)
        say(village.in_choir, HIDE, "link:4", LINKED)
        client.post(f"/my/{village.person}/rights", {"right": "rectify", "words": "faux"})

        html = text(client, f"/my/{village.person}/history")

        assert "Votre fonction dans Chœur de la Clairière" in html
        assert "Vous avez demandé : Faire corriger" in html
        assert "Tout : caché à tout le monde" in html

    def test_tells_of_a_merge_with_its_reason(self, village: people.Village) -> None:
        client = signed_in(village.choir)
        judge(first=village.choir, second=village.club, verdict="same", actor="steward:3", now=datetime.now(UTC))

        html = text(client, f"/my/{village.choir}/history")

        assert html.count('<th scope="row">Deux fiches ont été réunies') == 1
        assert "quelqu’un a comparé les deux fiches" in html
        assert "judged" not in html
        assert "Deux fiches ont été comparées" not in html

    def test_tells_why_the_machine_merged_in_words(self, village: people.Village) -> None:
        client = signed_in(village.choir)
        with revision(actor="linking", now=datetime.now(UTC), why="test") as draft:
            merge(draft, loser_id=id_of(village.club), survivor_id=id_of(village.choir), reason="same-phone,same-name")

        html = text(client, f"/my/{village.choir}/history")

        assert "même téléphone, même nom" in html
        assert "same-phone" not in html

    def test_tells_why_a_steward_compared_two_records_in_words(self, village: people.Village) -> None:
        client = signed_in(village.choir)
        side_by_side(first=village.choir, second=village.club, actor="steward:3", now=datetime.now(UTC))

        html = text(client, f"/my/{village.choir}/history")

        assert "comparaison de deux fiches qui se ressemblent" in html
        assert "review" not in html

    def test_tells_which_client_received_and_proves_it(self, village: people.Village) -> None:
        client = signed_in(village.choir)
        with reading() as connected:
            reader = reader_of_agreement(connected, village.client)
            assert reader is not None
            assert find(connected, reader, Question("organisation")).bodies
        address = f"/my/{village.choir}/history"
        assert "Preuve dans une heure" in text(client, address)

        enter_deliveries(now=datetime.now(UTC) + timedelta(hours=1))
        html = text(client, address)

        assert "Ville de Clairière" in html
        assert "Preuve dans une heure" not in html
        proof = proof_behind(client, html, "Des indications ont été transmises")
        assert proof["entry"]["payload"]["agreement"] == "city"
        assert independent.holds(proof, signing.public_keys())

    def test_shows_a_link_nothing_but_the_way_to_prove(self, village: people.Village) -> None:
        client, _ = with_link(village.person)
        say(village.person, HIDE, "link:999", LINKED, reason=REASON)

        answer = client.get(f"/my/{village.person}/history")

        assert answer.status_code == 403
        assert REASON not in answer.content.decode()

    def test_has_words_for_whatever_there_is_to_tell(self) -> None:
        assert happened.WHATS.keys() == WHATS


def proof_behind(client: Client, html: str, line: str) -> dict[str, Any]:
    """The file that the first line with these words offers."""
    row = next(each for each in html.split("<tr>") if line in each)
    address = re.search(r'href="([^"]*/proofs/\d+)"', row)
    assert address is not None
    found: dict[str, Any] = json.loads(client.get(address[1]).content)
    return found


class TestFiles:
    def test_receipt_and_proof_hold(self, village: people.Village) -> None:
        client = signed_in(village.person)
        number = say(village.person, HIDE, "account:1", DecisionContext("account", "subject", "fr"))

        answer = client.get(f"/my/{village.person}/receipts/{number}")
        proof = proof_behind(client, text(client, f"/my/{village.person}/history"), "Décision")

        assert answer.headers["Content-Type"] == "application/jose"
        assert faults_in(answer.content.decode(), signing.public_keys()) == []
        assert independent.holds(proof, signing.public_keys())
        assert "no-store" in answer.headers["Cache-Control"]

    def test_every_proof_of_a_history_holds(self, village: people.Village) -> None:
        client = signed_in(village.person)
        for shows in (True, False, None):
            say(village.person, Wish("public", shows, "name"), "link:4", LINKED)
        described(uid=village.in_club, actor="steward:3", reason="question", now=datetime.now(UTC))
        html = text(client, f"/my/{village.person}/history")
        numbers = {each.split('"')[0] for each in html.split("/proofs/")[1:]}

        assert len(numbers) >= 4
        for number in numbers:
            found = json.loads(client.get(f"/my/{village.person}/proofs/{number}").content)
            assert independent.holds(found, signing.public_keys()), found["entry"]["kind"]

    def test_a_link_gets_the_receipt_of_its_own_answer_alone(self, village: people.Village) -> None:
        client, link = with_link(village.person)
        own = say(village.person, HIDE, f"link:{link}", LINKED)
        other = say(
            village.person, Wish("cooperators", False, None), "account:1", DecisionContext("account", "subject")
        )

        assert client.get(f"/my/{village.person}/receipts/{own}").status_code == 200
        answers = [client.get(f"/my/{village.person}/receipts/{each}") for each in (other, 10**6)]
        assert [each.status_code for each in answers] == [403, 403]
        assert client.get(f"/my/{village.person}/proofs/1").status_code == 403

    def test_are_not_there_for_strangers_and_other_subjects(self, village: people.Village) -> None:
        number = say(village.person, HIDE, "account:1", LINKED)
        stranger, owner = Client(), signed_in(village.choir)
        proofs = f"/my/{village.choir}/proofs"

        for path in (f"receipts/{number}", "proofs/1", "history"):
            assert stranger.get(f"/my/{village.person}/{path}").status_code == 403
            assert owner.get(f"/my/{village.person}/{path}").status_code == 403
        assert owner.get(f"/my/{village.choir}/receipts/{number}").status_code == 404
        assert owner.get(f"{proofs}/999999").status_code == 404

    def test_end_with_an_erasure(self, village: people.Village) -> None:
        number = say(village.person, HIDE, "account:1", LINKED)
        client = signed_in(village.person)
        assert client.get(f"/my/{village.person}/receipts/{number}").status_code == 200

        erase_subjects(subject_ids=[id_of(village.person)], actor="steward:1", now=datetime.now(UTC), why="test")

        assert client.get(f"/my/{village.person}/receipts/{number}").status_code in (403, 404)
