"""Proving who one is: codes go to known addresses alone, and a mailbox that several read only ever narrows."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from django.core import mail
from django.test import Client

from datacoop.jobs.actions import run_due
from datacoop.jobs.models import Job
from datacoop.portal.limits import Limit
from datacoop.records.actions.revising import revision
from datacoop.records.actions.stating import Said, state
from datacoop.records.models import Source
from datacoop.records.rules import Origin, id_of
from datacoop.rights.links import LETTER, MAIL, code_for
from tests.portal.naming import choose, link_to, noticed, opened, page
from tests.rights.people import EMAIL, NAME, Village, settle

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def village() -> Village:
    return settle()


def ask(client: Client, village: Village, which: str = "0") -> str:
    """Ask for a code and return the one that was mailed, empty where none was."""
    client.post(page(village.person, "prove"), {"step": "send", "which": which})
    run_due(datetime.now(UTC))
    found = re.search(r"\d{4} \d{4}", mail.outbox[-1].body) if mail.outbox else None
    return found.group() if found else ""


def type_in(client: Client, village: Village, code: str, which: str = "0"):
    return client.post(page(village.person, "prove"), {"step": "code", "which": which, "code": code})


def is_proven(client: Client, village: Village) -> bool:
    return NAME in client.get(page(village.person)).content.decode()


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
