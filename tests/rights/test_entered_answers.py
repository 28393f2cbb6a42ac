"""Answers by paper and telephone: hiding holds at once, showing more waits for a code that comes back by post."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.test import Client

from datacoop.accounts import proofs
from datacoop.consent.models import Decision
from datacoop.disclosure.asking import ask
from datacoop.disclosure.readers import PUBLIC
from datacoop.disclosure.search.getting import Found, get
from datacoop.records.models import Record
from datacoop.rights.actions import printing
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
from datacoop.rights.links import code_for, list_links
from datacoop.rights.models import Notice, PendingAnswer
from tests.rights.lists import CITY, NOW, bring, days, let_go, persons, run, signed

pytestmark = pytest.mark.django_db(transaction=True)
POSTAL = "1;Chœur de la Clairière;culture/chant;Rue du Lac 7;1005;Lausanne;;;"
STEWARD, OTHER, THIRD = "steward:3", "steward:4", "steward:5"


def posted_letter(folder: Path) -> tuple[Notice, str]:
    """A letter to an organisation without a mailbox, and its code."""
    holder = signed()
    bring(folder, [POSTAL])
    number = let_go(holder, channel="letter")
    letters_pdf(sending=number, now=NOW)
    posted(sending=number, channel="letter", now=NOW)
    run(5)
    notice = Notice.objects.get()
    return notice, code_for(list_links(notice_id=notice.pk, now=NOW)[0].id)


def seen(notice: Notice) -> dict[str, object] | None:
    uid = Record.objects.get(id=notice.subject_id).uid
    found = ask(lambda reading: get(reading, PUBLIC, "organisation", str(uid)))
    return None if not isinstance(found, Found) else {"body": found.body}


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
