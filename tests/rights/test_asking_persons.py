"""The yearly question to persons: who is asked, where, about what, and what each of the three links does."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core import mail

from datacoop.accounts.actions import give_mandate, open_account
from datacoop.accounts.rules import SELF
from datacoop.charter.queries import current
from datacoop.disclosure.own.subjects import uids_of_subjects
from datacoop.disclosure.own.telling import own_records
from datacoop.jobs.actions import run_due
from datacoop.jobs.models import Job
from datacoop.pipelines.correcting import Typed, correct
from datacoop.records.actions.erasing import erase_subjects
from datacoop.records.actions.merging import merge
from datacoop.records.actions.revising import revision
from datacoop.rights.actions import asking_persons
from datacoop.rights.actions.answering import Answerer, answer
from datacoop.rights.actions.asking_persons import ask_persons, way_to
from datacoop.rights.actions.returning import no_more
from datacoop.rights.links import find_link
from datacoop.rights.models import Confirmation, Link, Notice
from datacoop.rights.queries.foreseeing import asked_of
from datacoop.rights.rules.answers import NOTHING, PROPOSED, chosen
from tests.rights.lists import CHOIR, CITY, NOW, ROW, UNION, bring, days, let_go, persons, run, signed

pytestmark = pytest.mark.django_db(transaction=True)
OWN, SHARED = "marlyse@example.net", "comite@example.net"
YEAR = days(400)


def person() -> uuid.UUID:
    (notice,) = {each.subject_id for each in persons()}
    return uids_of_subjects([notice])[notice]


def decide(choice: str = PROPOSED, *, now: Any = None) -> uuid.UUID:
    """Let the person answer for everything, proven."""
    now, subject = now or days(4), person()
    meaning = chosen(choice, asked_of(own_records(subject, now=now)), current("choices").text)
    answer(by=Answerer(subject, "proof", "email_code"), meaning=meaning, seen=None, now=now)
    return subject


def told(folder: Path, row: str = ROW, *, holder: str = CITY, choice: str = PROPOSED) -> uuid.UUID:
    uid = signed(holder)
    bring(folder, [row], holder=holder)
    let_go(uid)
    run(0, 3)
    mail.outbox.clear()
    return decide(choice)


def ask(now: Any = YEAR) -> list[Any]:
    mail.outbox.clear()
    ask_persons(now=now)
    run_due(now)
    return [each for each in mail.outbox if "/still/" in str(each.body)]


def made_for(subject: uuid.UUID) -> list[Link]:
    return list(Link.objects.filter(subject_uid=subject, made_at=YEAR))


def links(message: Any) -> dict[str, str]:
    found = re.findall(r"https?://[^/]+(/still/[^\s/]+/(correct|change|withdraw))", str(message.body))
    return {answer: path for path, answer in found}


class TestWhoIsAsked:
    def test_whoever_shows_something_a_year_after_their_last_word_and_once_a_year(self, tmp_path: Path) -> None:
        told(tmp_path)
        found = [len(ask(days(day))) for day in (4, 300, 368, 370, 371, 700, 734, 736)]
        assert found == [0, 0, 0, 1, 0, 0, 0, 1]

    def test_nobody_who_shows_nothing(self, tmp_path: Path) -> None:
        told(tmp_path, choice=NOTHING)
        assert ask() == []

    def test_nobody_who_was_told_and_stayed_silent(self, tmp_path: Path) -> None:
        holder = signed()
        bring(tmp_path)
        let_go(holder)
        run(0, 3, 17)
        assert ask() == []

    def test_nobody_who_decided_something_since(self, tmp_path: Path) -> None:
        told(tmp_path)
        decide(now=days(200))
        assert ask() == []
        assert len(ask(days(570))) == 1

    def test_whoever_hid_everything_since_gets_no_mail_that_was_queued(self, tmp_path: Path) -> None:
        told(tmp_path)
        ask_persons(now=YEAR)
        erase_subjects(subject_ids=[persons()[0].subject_id], actor="steward:1", now=YEAR, why="test")
        run_due(YEAR)
        assert not [each for each in mail.outbox if "/still/" in str(each.body)]
        assert not Confirmation.objects.exists()

    def test_is_all_about_them_in_one_message(self, tmp_path: Path) -> None:
        """The person and their function are two records; one mail, three links."""
        subject = told(tmp_path)
        assert len(own_records(subject, now=YEAR)) == 2
        (message,) = ask()
        assert set(links(message)) == {"correct", "change", "withdraw"}
        assert len(set(re.findall(r"/still/([^\s/]+)/", str(message.body)))) == 1

    def test_in_waves(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        rows = [
            f"{n};Chœur {n};culture/chant;;1005;Lausanne;c{n}@example.org;Ana Muster-{n};ana{n}@example.net"
            for n in range(1, 6)
        ]
        uid = signed()
        bring(tmp_path, rows)
        let_go(uid)
        run(0, 3)
        for number in {each.subject_id for each in persons()}:
            subject = uids_of_subjects([number])[number]
            meaning = chosen(PROPOSED, asked_of(own_records(subject, now=days(4))), current("choices").text)
            answer(by=Answerer(subject, "proof", "email_code"), meaning=meaning, seen=None, now=days(4))
        monkeypatch.setattr(asking_persons, "PER_DAY", 2)
        assert [ask_persons(now=YEAR) for _ in range(4)] == [2, 2, 1, 0]


class TestWhere:
    def test_an_own_mailbox_is_asked_about_what_its_list_says(self, tmp_path: Path) -> None:
        told(tmp_path)
        (message,) = ask()
        assert message.to == [OWN]
        link = find_link(links(message)["correct"].split("/")[2], now=YEAR)
        assert link is not None
        assert (link.channel, link.notice_id) == ("mail", persons()[0].pk)
        for secret in ("Vernehaut", "Chœur", "trésor"):
            assert secret not in message.subject + str(message.body)
        assert message.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"

    def test_the_account_of_the_person_is_asked_about_everything(self, tmp_path: Path) -> None:
        subject = told(tmp_path)
        account = open_account(email="marlyse@example.org", name="", now=NOW)
        give_mandate(account_id=account.pk, subject_uid=subject, scope=SELF, valid_from=NOW)
        (message,) = ask()
        assert message.to == ["marlyse@example.org"]
        assert {(x.channel, x.notice_id) for x in made_for(subject)} == {("mail", None)}

    def test_so_is_an_address_that_the_person_gave_itself(self, tmp_path: Path) -> None:
        subject = told(tmp_path)
        (record,) = [each for each in own_records(subject, now=days(5)) if each.kind == "person"]
        by, cells = (
            Answerer(subject, "proof", "email_code"),
            {"name": "Marlyse de Vernehaut", "email": "neuve@example.net"},
        )
        correct(by=by, record=record.id, typed=Typed(cells, frozenset({"email"})), now=days(5))
        (message,) = ask()
        assert message.to == ["neuve@example.net"]
        assert [x.notice_id for x in made_for(subject)] == [None]

    def test_a_mailbox_others_read_is_told_less(self, tmp_path: Path) -> None:
        told(tmp_path, CHOIR + f"Marlyse de Vernehaut;{SHARED}")
        (message,) = ask()
        assert message.to == [SHARED]
        assert [x.channel for x in made_for(person())] == ["shared"]
        assert "d'autres" in str(message.body) or "others may read" in str(message.body)
        for secret in ("Vernehaut", "Chœur", "trésor"):
            assert secret not in message.subject + str(message.body)

    def test_nobody_without_a_mailbox_and_they_are_looked_at_again_later(self, tmp_path: Path) -> None:
        told(tmp_path, CHOIR.replace("info@clairiere.example.org", "") + f"Marlyse de Vernehaut;{OWN}")
        Notice.objects.update(quiet_at=NOW)
        assert ask() == []
        row = Confirmation.objects.get()
        assert (row.asked_at, row.looked_at) == (None, YEAR)
        Notice.objects.update(quiet_at=None)
        assert ask(YEAR + timedelta(days=29)) == []
        assert len(ask(YEAR + timedelta(days=31))) == 1

    def test_a_way_that_changed_since_counts_as_not_asked(self, tmp_path: Path) -> None:
        subject = told(tmp_path)
        ask_persons(now=YEAR)
        Notice.objects.update(quiet_at=NOW)
        run_due(YEAR)
        assert mail.outbox == []
        assert way_to(subject, now=YEAR) is None
        assert Confirmation.objects.get().asked_at is None
        assert not Link.objects.filter(made_at=YEAR).exists()

    def test_several_lists_at_one_address_are_one_message_with_three_links_each(self, tmp_path: Path) -> None:
        uids = [signed(CITY), signed(UNION)]
        for uid, name in zip(uids, (CITY, UNION), strict=True):
            bring(tmp_path, [ROW], holder=name)
            let_go(uid)
        run(0, 3)
        first, second = (each.subject_id for each in persons())
        with revision(actor="steward:1", now=days(3), why="test") as draft:
            merge(draft, loser_id=second, survivor_id=first, reason="test")
        subject = uids_of_subjects([first])[first]
        meaning = chosen(PROPOSED, asked_of(own_records(subject, now=days(4))), current("choices").text)
        answer(by=Answerer(subject, "proof", "email_code"), meaning=meaning, seen=None, now=days(4))
        messages = ask()
        (message,) = messages
        assert CITY in str(message.body)
        assert UNION in str(message.body)
        assert len(set(re.findall(r"/still/([^\s/]+)/", str(message.body)))) == 2
        assert {x.notice_id for x in made_for(subject)} == {each.pk for each in persons()}

    def test_no_more_ends_it(self, tmp_path: Path) -> None:
        told(tmp_path)
        (message,) = ask()
        no_more(token=links(message)["correct"].split("/")[2], now=YEAR)
        assert ask(days(800)) == []

    def test_no_more_from_an_account_ends_it_too(self, tmp_path: Path) -> None:
        subject = told(tmp_path)
        account = open_account(email="marlyse@example.org", name="", now=NOW)
        give_mandate(account_id=account.pk, subject_uid=subject, scope=SELF, valid_from=NOW)
        (message,) = ask()
        no_more(token=links(message)["correct"].split("/")[2], now=YEAR)
        assert ask(days(800)) == []

    def test_jobs_hold_no_address(self, tmp_path: Path) -> None:
        told(tmp_path)
        ask_persons(now=YEAR)
        job = Job.objects.get(name=asking_persons.ASK_ONE)
        assert list(job.payload) == ["links"]
        assert OWN not in str(job.payload)
