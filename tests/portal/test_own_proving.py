"""Proving who one is: codes go to known addresses alone, and a mailbox that several read only ever narrows."""

from __future__ import annotations

import re
import uuid
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from django.core import mail
from django.test import Client

from datacoop.jobs.actions import run_due
from datacoop.jobs.models import Job
from datacoop.portal.limits import Limit
from datacoop.records.actions.revising import revision
from datacoop.records.actions.stating import Said, create_record, state
from datacoop.records.models import Source
from datacoop.records.rules import Origin, id_of
from datacoop.rights.links import LETTER, MAIL, code_for
from tests.portal.naming import choose, link_to, noticed, opened, page
from tests.rights.people import EMAIL, NAME, Village, settle

pytestmark = pytest.mark.django_db(transaction=True)

CHOIR = "Chœur de la Clairière"


@pytest.fixture
def village() -> Village:
    return settle()


def ask(client: Client, village: Village, which: str = "0") -> str:
    """Ask for a code and return the one that was mailed, empty where none was."""
    client.post(page(village.person, "prove"), {"step": "send", "which": which})
    run_due(datetime.now(UTC))
    found = re.search(r"\d{4} \d{4}", mail.outbox[-1].body) if mail.outbox else None
    return found.group() if found else ""


def type_in(client: Client, village: Village, code: str, *, name: str = NAME, known: str = CHOIR):
    """Type a code, and what the list has beside the address."""
    form = {"step": "code", "which": "0", "code": code, "name": name, "known": known}
    return client.post(page(village.person, "prove"), form)


def is_proven(client: Client, village: Village) -> bool:
    return NAME in client.get(page(village.person)).content.decode()


def says(village: Village, name: str, value: str, place: int = 0) -> None:
    """Let one of the two lists say something more of the person."""
    with revision(actor="holder", now=datetime.now(UTC), why="test") as draft:
        source = Source.objects.get(id=village.lists[place])
        said = [Said(name, value)]
        state(draft, record_id=id_of(village.person), said=said, origin=Origin.HOLDER, source=source, quarantined=True)


def alone(village: Village, name: str = "Zoé Perrin") -> uuid.UUID:
    """Somebody of whom the first list has an address, a name perhaps, and nothing else."""
    with revision(actor="holder", now=datetime.now(UTC), why="test") as draft:
        made = create_record(draft, kind="person")
        source = Source.objects.get(id=village.lists[0])
        said = [Said("email", "zoe@example.org"), *([Said("name", name)] if name else [])]
        state(draft, record_id=made.id, said=said, origin=Origin.HOLDER, source=source, quarantined=True)
    return made.uid


def hide_tokens(html: str) -> str:
    return re.sub(r'(csrfmiddlewaretoken" value=")[^"]*', r"\1", html)


def now_reads(village: Village, address: str) -> None:
    """Let the list know another address of the person."""
    with revision(actor="holder", now=datetime.now(UTC), why="test") as draft:
        source = Source.objects.get(id=village.lists[0])
        said = [Said("email", address)]
        state(draft, record_id=id_of(village.person), said=said, origin=Origin.HOLDER, source=source, quarantined=True)


class TestByMail:
    def test_a_code_to_ones_own_address_proves_it(self, village: Village) -> None:
        client = opened(village.person, notice=noticed(village).pk)

        code = ask(client, village)
        answer = type_in(client, village, code)

        assert mail.outbox[0].to == [EMAIL]
        assert answer.status_code == 302
        assert is_proven(client, village)

    def test_the_queue_holds_neither_address_nor_code(self, village: Village) -> None:
        client = opened(village.person)

        client.post(page(village.person, "prove"), {"step": "send", "which": "0"})

        (job,) = Job.objects.filter(name="portal.send_own_code")
        assert "@" not in str(job.payload)
        assert not re.search(r"\d{4} \d{4}", str(job.payload))

    def test_the_page_shows_nothing_of_an_address(self, village: Village) -> None:
        client = opened(village.person)

        html = client.post(page(village.person, "prove"), {"step": "send", "which": "0"}).content.decode()

        assert EMAIL not in html
        assert "•••@" not in html
        assert "Un code part pour votre adresse." in html

    @pytest.mark.parametrize("which", ["7", "x", "", "marie@example.org"])
    def test_a_visitor_cannot_choose_where_it_goes(self, village: Village, which: str) -> None:
        client = opened(village.person)

        answer = client.post(page(village.person, "prove"), {"step": "send", "which": which})

        assert answer.status_code == 422
        run_due(datetime.now(UTC))
        assert mail.outbox == []

    def test_a_wrong_code_proves_nothing_and_five_end_it(self, village: Village) -> None:
        client = opened(village.person)
        code = ask(client, village)

        for _ in range(5):
            assert type_in(client, village, "0000 0000").status_code == 422
        assert type_in(client, village, code).status_code == 422
        assert not is_proven(client, village)

    def test_a_code_works_once(self, village: Village) -> None:
        client = opened(village.person)
        code = ask(client, village)
        type_in(client, village, code)

        other = opened(village.person)

        assert type_in(other, village, code).status_code == 422
        assert not is_proven(other, village)

    def test_an_address_that_changed_meanwhile_gets_no_code(self, village: Village) -> None:
        client = opened(village.person)
        client.post(page(village.person, "prove"), {"step": "send", "which": "0"})

        now_reads(village, "info@example.org")
        run_due(datetime.now(UTC))

        assert mail.outbox == []

    def test_nobodys_mailbox_is_filled(self, village: Village, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("datacoop.portal.views.own.proving.PROOFS_TO", Limit(most=1, seconds=60))
        client = opened(village.person)
        form = {"step": "send", "which": "0"}

        answers = [client.post(page(village.person, "prove"), form).status_code for _ in range(2)]

        assert answers == [200, 429]


class TestAnAddressThatOnlyAListKnows:
    """It may be a stranger's, who gets the link and the code: what no message told is asked as well."""

    @pytest.mark.parametrize(
        ("name", "known"),
        [
            ("Vernehaut Marlyse", "choeur de la clairiere"),
            ("M. Vernehaut", "les grillons"),
            ("Marlise Vernehaut", "021 555 99 88"),
            ("Mme Marlyse de Vernehaut", "9988"),
        ],
    )
    def test_whoever_is_meant_says_it_in_their_own_words(self, village: Village, name: str, known: str) -> None:
        says(village, "phones", "+41 79 555 99 88")
        with revision(actor="steward:1", now=datetime.now(UTC), why="test") as draft:
            said = [Said("alternate_names", "Les Grillons")]
            state(draft, record_id=id_of(village.choir), said=said, origin=Origin.STEWARD)
        client = opened(village.person, notice=noticed(village).pk)

        type_in(client, village, ask(client, village), name=name, known=known)

        assert is_proven(client, village)

    @pytest.mark.parametrize(
        ("name", "known"),
        [
            (NAME, "un chœur"),
            (NAME, "la ville de Clairière"),
            (NAME, "la chorale de mon village"),
            (NAME, ""),
            (NAME, "0000"),
            ("Marlyse", CHOIR),
            ("Vernehaut", CHOIR),
            ("Anne Dupraz", CHOIR),
            ("", CHOIR),
        ],
    )
    def test_whoever_knows_only_what_the_message_said_learns_no_membership(
        self, village: Village, name: str, known: str
    ) -> None:
        client = opened(village.person, notice=noticed(village).pk)

        answer = type_in(client, village, ask(client, village), name=name, known=known)

        assert answer.status_code == 422
        assert not is_proven(client, village)
        assert "Chœur" not in client.get(page(village.person)).content.decode()
        assert "/done/" in choose(client, village.person, "nothing")["Location"]

    def test_a_wrong_code_and_a_wrong_word_read_the_same(self, village: Village) -> None:
        client = opened(village.person, notice=noticed(village).pk)
        code = ask(client, village)

        wrong_code = type_in(client, village, "0000 0000", name="x", known="y").content.decode()
        wrong_word = type_in(client, village, code, name="x", known="y").content.decode()

        assert hide_tokens(wrong_code) == hide_tokens(wrong_word)
        assert "écrit peut-être autrement" in wrong_word

    def test_five_tries_are_all_in_a_day_whatever_codes_are_asked_for(self, village: Village) -> None:
        notice = noticed(village).pk
        for _ in range(5):
            client = opened(village.person, notice=notice)
            assert type_in(client, village, ask(client, village), known="tennis").status_code == 422

        other = opened(village.person, notice=notice)

        assert type_in(other, village, ask(other, village)).status_code == 429
        assert not is_proven(other, village)

    def test_another_list_with_another_address_has_its_own_tries(self, village: Village) -> None:
        stranger = opened(village.person, notice=noticed(village).pk)
        for _ in range(6):
            type_in(stranger, village, "0000 0000", known="tennis")
        says(village, "email", "marlyse@lac.example.org", place=1)
        says(village, "name", NAME, place=1)

        client = opened(village.person, notice=noticed(village, 1).pk)
        says(village, "name", NAME, place=1)

        assert type_in(client, village, ask(client, village), known="le lac").status_code == 302

    def test_where_a_list_knows_neither_association_nor_telephone_the_name_is_enough(self, village: Village) -> None:
        lonely = replace(village, person=alone(village))
        client = opened(lonely.person, notice=noticed(village, subject=lonely.person).pk)

        assert type_in(client, lonely, ask(client, lonely), name="Zoé Perrin", known="").status_code == 302

    def test_where_a_list_knows_nothing_else_a_code_by_mail_opens_nothing(self, village: Village) -> None:
        lonely = replace(village, person=alone(village, name=""))
        client = opened(lonely.person, notice=noticed(village, subject=lonely.person).pk)

        answer = type_in(client, lonely, ask(client, lonely), name="Zoé Perrin", known="Clairière")

        assert answer.status_code == 422

    def test_an_address_that_the_person_gave_is_asked_for_nothing_more(self, village: Village) -> None:
        with revision(actor="subject", now=datetime.now(UTC), why="test") as draft:
            state(draft, record_id=id_of(village.person), said=[Said("email", EMAIL)], origin=Origin.SUBJECT)
        client = opened(village.person)

        assert "known" not in client.get(page(village.person, "prove")).content.decode()
        assert type_in(client, village, ask(client, village), name="", known="").status_code == 302


class TestSharedMailbox:
    def test_its_code_narrows_and_does_not_widen(self, village: Village) -> None:
        now_reads(village, "info@example.org")
        client = opened(village.person, notice=noticed(village).pk)
        assert "plusieurs personnes" in client.get(page(village.person, "prove")).content.decode()

        answer = type_in(client, village, ask(client, village))

        assert "plusieurs personnes" in answer.content.decode()
        assert not is_proven(client, village)
        assert "/prove" in choose(client, village.person, "proposed")["Location"]
        assert "/done/" in choose(client, village.person, "nothing")["Location"]

    def test_an_organisations_own_address_is_one(self, village: Village) -> None:
        html = opened(village.choir).get(page(village.choir, "prove")).content.decode()

        assert "plusieurs personnes" in html


class TestByLetter:
    def test_a_letters_code_proves_it(self, village: Village) -> None:
        client = opened(village.person)
        code = code_for(link_to(village.person, channel=LETTER))

        answer = client.post(page(village.person, "prove"), {"step": "letter", "code": code})

        assert answer.status_code == 302
        assert is_proven(client, village)

    @pytest.mark.parametrize("whose", ["another", "mail"])
    def test_a_code_of_somebody_else_or_of_no_letter_proves_nothing(self, village: Village, whose: str) -> None:
        client = opened(village.person)
        link = link_to(village.choir, channel=LETTER) if whose == "another" else link_to(village.person, channel=MAIL)

        answer = client.post(page(village.person, "prove"), {"step": "letter", "code": code_for(link)})

        assert answer.status_code == 422
        assert not is_proven(client, village)

    def test_nobody_is_led_elsewhere_afterwards(self, village: Village) -> None:
        client = opened(village.person)
        code = code_for(link_to(village.person, channel=LETTER))

        form = {"step": "letter", "code": code, "next": "https://evil.example.org/"}
        answer = client.post(page(village.person, "prove"), form)

        assert answer["Location"] == page(village.person)
