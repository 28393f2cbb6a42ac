"""Answers by paper and telephone: hiding holds at once, showing more waits for a code that comes back by post."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.core import mail
from django.core.mail import EmailMessage
from django.test import Client, override_settings

from datacoop.accounts import proofs
from datacoop.accounts.actions import create_link, open_account
from datacoop.charter.queries import current
from datacoop.consent.models import Decision
from datacoop.disclosure.asking import ask
from datacoop.disclosure.own.telling import own_records
from datacoop.disclosure.readers import PUBLIC
from datacoop.disclosure.search.getting import Found, get
from datacoop.jobs.actions import run_due
from datacoop.records.models import Record
from datacoop.rights.actions import printing
from datacoop.rights.actions.answering import Answerer, answer
from datacoop.rights.actions.entering import (
    DONE,
    NO_ADDRESS,
    NOT_POSTED,
    OVERTAKEN,
    SAME_HAND,
    TOO_EARLY,
    UNKNOWN,
    WAITS,
    Entry,
    confirm_answer,
    enter_answer,
    note_confirmation_posted,
)
from datacoop.rights.actions.printing import confirmation_pdf, letters_pdf, posted
from datacoop.rights.links import LETTER, Wanted, code_for, find_code, list_links, make_links, note_held
from datacoop.rights.models import Notice, PendingAnswer
from datacoop.rights.queries.foreseeing import asked_of
from datacoop.rights.rules.answers import chosen
from tests.rights.lists import CITY, NOW, bring, days, let_go, persons, run, signed

pytestmark = pytest.mark.django_db(transaction=True)
POSTAL = "1;Chœur de la Clairière;culture/chant;Rue du Lac 7;1005;Lausanne;;;"
STEWARD, OTHER, THIRD = "steward:3", "steward:4", "steward:5"


def posted_letter(folder: Path) -> tuple[Notice, str]:
    """A letter to an organisation without a mailbox, and its code."""
    holder = signed()
    bring(folder, [POSTAL])
    number = let_go(holder, channel="letter")
    letters_pdf(actor="steward:3", sending=number, now=NOW)
    posted(sending=number, channel="letter", now=NOW)
    run(5)
    notice = Notice.objects.get()
    return notice, code_for(list_links(notice_id=notice.pk, now=NOW)[0].id)


def seen(notice: Notice) -> dict[str, object] | None:
    uid = Record.objects.get(id=notice.subject_id).uid
    found = ask(lambda reading: get(reading, PUBLIC, "organisation", str(uid)))
    return None if not isinstance(found, Found) else {"body": found.body}


class TestWhoeverHeldTheLetter:
    def test_is_kept_each_of_them(self, tmp_path: Path) -> None:
        _, code = posted_letter(tmp_path)
        link = find_code(code, now=days(6))
        assert link is not None
        assert link.was_held_by(3)
        assert not link.was_held_by(4)
        assert not link.was_held_by(None)
        note_held([link.id], actor="account:4")
        again = find_code(code, now=days(6))
        assert again is not None
        assert again.held_by == {"steward:3", "account:4"}

    def test_does_not_prove_by_its_code_that_it_came(self, tmp_path: Path) -> None:
        notice, _ = posted_letter(tmp_path)
        uid, now = Record.objects.get(id=notice.subject_id).uid, datetime.now(UTC)
        clients, links = {}, make_links([Wanted(uid, LETTER, notice.pk)], now=now)
        for name in ("printer", "other"):
            account = open_account(email=f"{name}@example.org", name=name, now=now, is_steward=True)
            clients[name] = Client(headers={"accept-language": "fr"})
            clients[name].post(f"/sign-in/{create_link(email=f'{name}@example.org', now=now)}")
            if name == "printer":
                note_held(links, actor=f"steward:{account.pk}")
        code, address = code_for(links[0]), f"/my/{uid}"
        for client in clients.values():
            assert client.post("/code", {"code": code})["Location"] == f"{address}/"
        proven = {name: client.get(f"{address}/history").status_code == 200 for name, client in clients.items()}
        assert proven == {"printer": False, "other": True}
        answer = clients["printer"].post(f"{address}/prove", {"step": "letter", "code": code})
        assert answer.status_code == 422
        assert "d’ici, son code ne prouve rien" in answer.content.decode()
        assert clients["printer"].get(f"{address}/history").status_code == 403


class TestAnswersByACode:
    def answered(self, folder: Path, choice: str, proof: str | None) -> list[EmailMessage]:
        """What is mailed when somebody answers: the list names a treasurer with an address of her own."""
        bring(folder)
        (notice,) = persons()
        uid = Record.objects.get(id=notice.subject_id).uid
        asked = asked_of(own_records(uid, now=NOW))
        meaning = chosen(choice, asked, current("choices").text)
        mail.outbox.clear()
        answer(by=Answerer(uid, "link:1", proof), meaning=meaning, seen=None, now=NOW)
        run_due(NOW)
        return list(mail.outbox)

    def test_that_show_more_are_told_to_the_subjects_other_address(self, tmp_path: Path) -> None:
        (told,) = self.answered(tmp_path, "proposed", proofs.LETTER_CODE)
        assert told.to == ["marlyse@example.net"]
        assert "code d'une lettre" in told.subject
        for secret in ("Chœur", "Marlyse", "Ville", "trésor"):
            assert secret not in told.body

    @pytest.mark.parametrize(("choice", "proof"), [("nothing", proofs.LETTER_CODE), ("proposed", proofs.EMAIL_CODE)])
    def test_that_hide_and_those_by_another_proof_are_not(self, tmp_path: Path, choice: str, proof: str) -> None:
        assert self.answered(tmp_path, choice, proof) == []


class TestHiding:
    def test_holds_at_once(self, tmp_path: Path) -> None:
        notice, code = posted_letter(tmp_path)
        outcome, waits = enter_answer(entry=Entry(code.lower(), "nothing", "paper"), actor=STEWARD, now=days(6))
        assert (outcome, waits) == (DONE, None)
        assert seen(notice) is None
        assert Notice.objects.get().state == Notice.ANSWERED
        assert set(Decision.objects.values_list("method", "capacity")) == {("paper", "steward")}

    def test_a_code_nobody_has_changes_nothing(self, tmp_path: Path) -> None:
        posted_letter(tmp_path)
        for code in ("", "0000-0000-000", "ABCD-EFGH-JKM"):
            assert enter_answer(entry=Entry(code, "nothing", "paper"), actor=STEWARD, now=days(6)) == (UNKNOWN, None)
        assert not Decision.objects.exists()

    def test_the_way_it_came_is_paper_or_telephone(self, tmp_path: Path) -> None:
        _, code = posted_letter(tmp_path)
        with pytest.raises(ValueError, match="paper"):
            enter_answer(entry=Entry(code, "nothing", "rumour"), actor=STEWARD, now=days(6))


class TestShowingMore:
    def test_waits_for_the_code_of_a_second_letter(self, tmp_path: Path) -> None:
        notice, code = posted_letter(tmp_path)
        outcome, pending = enter_answer(entry=Entry(code, "proposed", "telephone"), actor=STEWARD, now=days(6))
        assert outcome == WAITS
        assert seen(notice) is None
        assert confirm_answer(code=code, actor=STEWARD, now=days(7)) == UNKNOWN
        assert pending is not None
        assert not note_confirmation_posted(pending=pending, now=days(6))
        pdf = confirmation_pdf(pending=pending, actor=STEWARD, now=days(6))
        assert pdf is not None
        assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == 1
        second = code_for(PendingAnswer.objects.get().link_id)
        assert note_confirmation_posted(pending=pending, now=days(6))
        assert confirm_answer(code=second, actor=OTHER, now=days(9)) == DONE
        assert seen(notice) is not None
        assert proofs.LETTER_CODE in set(Decision.objects.values_list("method", flat=True))
        assert confirm_answer(code=second, actor=STEWARD, now=days(9)) == UNKNOWN

    def test_its_second_letter_names_no_list(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        _, code = posted_letter(tmp_path)
        enter_answer(entry=Entry(code, "proposed", "paper"), actor=STEWARD, now=days(6))
        printed: list[dict[str, object]] = []
        monkeypatch.setattr(printing, "pdf_of", printed.extend)
        confirmation_pdf(pending=PendingAnswer.objects.get().pk, actor=STEWARD, now=days(6))
        (letter,) = printed
        assert CITY not in str(letter | {"qr": ""})
        assert letter["sender"] == "Coopérative de données de Clairière"
        assert "/genuine" in str(letter["legal"])

    def test_is_confirmed_by_a_hand_that_neither_entered_nor_printed_and_after_the_post(self, tmp_path: Path) -> None:
        notice, code = posted_letter(tmp_path)
        enter_answer(entry=Entry(code, "proposed", "paper"), actor=STEWARD, now=days(6))
        row = PendingAnswer.objects.get()
        second = code_for(row.link_id)
        for printer in (OTHER, STEWARD):
            confirmation_pdf(pending=row.pk, actor=printer, now=days(6))
        assert confirm_answer(code=second, actor=THIRD, now=days(30)) == NOT_POSTED
        note_confirmation_posted(pending=row.pk, now=days(6))
        assert not note_confirmation_posted(pending=row.pk, now=days(8))
        for hand in (STEWARD, OTHER):
            assert confirm_answer(code=second, actor=hand, now=days(30)) == SAME_HAND
        assert confirm_answer(code=second, actor=THIRD, now=days(7)) == TOO_EARLY
        assert seen(notice) is None
        assert confirm_answer(code=second, actor=THIRD, now=days(8)) == DONE
        assert seen(notice) is not None

    def test_no_reminder_bears_its_code(self, tmp_path: Path) -> None:
        notice, code = posted_letter(tmp_path)
        enter_answer(entry=Entry(code, "proposed", "telephone"), actor=STEWARD, now=days(6))
        row = PendingAnswer.objects.get()
        again = printing._link(notice, printing.read_anew(notice), days(20))  # type: ignore[arg-type]
        assert code_for(again) == code
        assert again != row.link_id

    def test_its_letter_is_not_printed_while_nobody_says_who_answers(self, tmp_path: Path) -> None:
        _, code = posted_letter(tmp_path)
        enter_answer(entry=Entry(code, "proposed", "telephone"), actor=STEWARD, now=days(6))
        row = PendingAnswer.objects.get()
        with override_settings(DATACOOP_PHONE=""):
            assert confirmation_pdf(pending=row.pk, actor=STEWARD, now=days(6)) is None
        assert PendingAnswer.objects.get().printed_at is None
        assert confirmation_pdf(pending=row.pk, actor=STEWARD, now=days(6)) is not None

    def test_the_person_types_the_second_code_themselves(self, tmp_path: Path) -> None:
        notice, code = posted_letter(tmp_path)
        enter_answer(entry=Entry(code, "proposed", "paper"), actor=STEWARD, now=days(6))
        second = code_for(PendingAnswer.objects.get().link_id)
        visitor = Client(headers={"accept-language": "fr"})
        page = visitor.post("/code", {"code": second})
        assert page.status_code == 302
        html = visitor.get(page["Location"]).content.decode()
        (token,) = set(re.findall(r'name="seen" value="(\d+)"', html))
        visitor.post(page["Location"] + "answer", {"what": "choice", "choice": "proposed", "seen": token})
        assert Decision.objects.filter(shows=True, method=proofs.LETTER_CODE).exists()
        assert seen(notice) is not None

    def test_a_later_word_counts_more(self, tmp_path: Path) -> None:
        notice, code = posted_letter(tmp_path)
        enter_answer(entry=Entry(code, "proposed", "telephone"), actor=STEWARD, now=days(6))
        enter_answer(entry=Entry(code, "nothing", "paper"), actor=STEWARD, now=days(7))
        row = PendingAnswer.objects.get()
        confirmation_pdf(pending=row.pk, actor=STEWARD, now=days(7))
        note_confirmation_posted(pending=row.pk, now=days(7))
        assert confirm_answer(code=code_for(row.link_id), actor=OTHER, now=days(9)) == OVERTAKEN
        assert seen(notice) is None

    def test_hides_at_once_what_the_answer_hides_and_needs_an_address_for_the_rest(self, tmp_path: Path) -> None:
        holder = signed()
        bring(tmp_path)
        let_go(holder)
        run(0, 3)
        (person,) = persons()
        code = code_for(list_links(notice_id=person.pk, now=NOW)[0].id)
        outcome = enter_answer(entry=Entry(code, "proposed", "telephone"), actor=STEWARD, now=days(4))
        assert outcome == (NO_ADDRESS, None)
        assert Decision.objects.exists()
        assert not Decision.objects.filter(shows=True).exists()
        assert not PendingAnswer.objects.exists()
