"""The one reminder by post: pressed by two hands, for whoever is still silent, then nothing more."""

from __future__ import annotations

import io
import re
from pathlib import Path
from uuid import UUID

import pytest
from django.core import mail
from openpyxl import load_workbook

from datacoop.ledger.models import Entry
from datacoop.rights.actions import printing
from datacoop.rights.actions.answering import Answerer, answer
from datacoop.rights.actions.returning import came_back_by_code, no_more
from datacoop.rights.actions.sending import ZONE, NotPrepared, NotPressable, Plan, discard, prepare, press
from datacoop.rights.links import find_code, token_of
from datacoop.rights.models import Notice, Sending
from datacoop.rights.queries.notices import find_sending
from datacoop.rights.queries.reminders import count_silent
from datacoop.rights.rules.answers import NOTHING, chosen
from tests.rights.lists import HOLDERS_HAND, NOW, STEWARDS_HAND, bring, days, run, signed
from tests.rights.test_logos import keep
from tests.rights.test_notice_texts import known
from tests.rights.test_sending_notices import POSTAL

pytestmark = pytest.mark.django_db(transaction=True)
TWO = [POSTAL, POSTAL.replace("1;", "2;", 1).replace("Clairière", "Combe")]


def let_go(holder: UUID, *, channel: str = "letter", day: float = 0, is_reminder: bool = False) -> int:
    now = days(day)
    plan = Plan(channel, now.astimezone(ZONE).date(), is_reminder=is_reminder)
    number = prepare(holder=holder, plan=plan, actor=STEWARDS_HAND, now=now)
    press(sending=number, holder=holder, actor=HOLDERS_HAND, now=now)
    press(sending=number, holder=None, actor=STEWARDS_HAND, now=now)
    return number


def told_by_post(folder: Path, *, channel: str = "letter") -> UUID:
    """Two organisations whose letters were posted on the first day and arrived on the fifth."""
    holder = signed()
    bring(folder, TWO)
    number = let_go(holder, channel=channel)
    make = printing.letters_pdf if channel == "letter" else printing.merge_workbook
    make(actor="steward:3", sending=number, now=NOW)
    assert printing.posted(sending=number, channel=channel, now=NOW) == 2
    run(5)
    return holder


def code_of(notice: Notice) -> str:
    (link,) = [each for each in printing.list_links(notice_id=notice.pk, now=days(5)) if each.channel == "letter"]
    return printing.code_for(link.id)


class TestTheBatch:
    def test_is_there_two_weeks_after_the_letters_arrived_and_not_before(self, tmp_path: Path) -> None:
        holder = told_by_post(tmp_path)
        assert count_silent(holder, now=days(18.9)) == {}
        with pytest.raises(NotPrepared, match="none"):
            let_go(holder, day=18.9, is_reminder=True)
        assert count_silent(holder, now=days(19)) == {"letter": 2}
        let_go(holder, day=19, is_reminder=True)
        assert count_silent(holder, now=days(19)) == {}
        with pytest.raises(NotPrepared, match="open"):
            let_go(holder, day=19, is_reminder=True)

    def test_goes_through_the_same_two_hands(self, tmp_path: Path) -> None:
        holder = told_by_post(tmp_path)
        plan = Plan("letter", days(19).date(), is_reminder=True)
        number = prepare(holder=holder, plan=plan, actor=STEWARDS_HAND, now=days(19))
        assert find_sending(number).cost_cents == 300  # type: ignore[union-attr]
        press(sending=number, holder=holder, actor="account:7", now=days(19))
        with pytest.raises(NotPressable, match="same_person"):
            press(sending=number, holder=None, actor="steward:7", now=days(19))
        with pytest.raises(NotPressable):
            printing.letters_pdf(actor="steward:3", sending=number, now=days(19))

    def test_has_the_same_layout_code_and_logo_and_says_that_it_is_the_only_one(self, tmp_path: Path) -> None:
        holder = told_by_post(tmp_path)
        logo = keep(holder)
        codes = {code_of(each) for each in Notice.objects.all()}
        number = let_go(holder, day=19, is_reminder=True)
        pages = printing._composed(number, "letter", days(19))
        letters = [printing.letter_of(page, now=NOW) for page in pages]
        assert {str(each["code"]) for each in letters} == codes
        assert {page.logo for page in pages} == {logo}
        assert all("Rappel – c'est le seul." in str(each["opening"]) for each in letters)
        pdf, count = printing.letters_pdf(actor="steward:3", sending=number, now=days(19))
        assert (count, len(re.findall(rb"/Type\s*/Page\b", pdf))) == (2, 2)

    def test_nothing_is_written_after_it(self, tmp_path: Path) -> None:
        holder = told_by_post(tmp_path)
        number = let_go(holder, day=19, is_reminder=True)
        printing.letters_pdf(actor="steward:3", sending=number, now=days(19))
        assert printing.posted(sending=number, channel="letter", now=days(20)) == 2
        run(30, 100, 400)
        bring(tmp_path, TWO, now=days(401))
        run(402)
        assert count_silent(holder, now=days(403)) == {}
        for is_reminder in (False, True):
            with pytest.raises(NotPrepared, match="none"):
                let_go(holder, day=403, is_reminder=is_reminder)
        assert Entry.objects.filter(kind="notice.reminded").count() == 2
        facts = find_sending(number)
        assert facts is not None
        assert (facts.state, facts.sent, facts.count) == ("finished", 2, 2)
        assert mail.outbox == []

    def test_new_words_begin_anew(self, tmp_path: Path) -> None:
        holder = told_by_post(tmp_path)
        let_go(holder, day=19, is_reminder=True)
        bring(tmp_path, [each.replace("Rue du Lac", "Rue du Four") for each in TWO], now=days(20))
        run(20)
        assert {(n.state, n.reminder_id, n.generation) for n in Notice.objects.all()} == {("waiting", None, 2)}


class TestWhoIsNotReminded:
    @pytest.mark.parametrize("how", ["answered", "no more", "came back"])
    def test_whoever_is_no_longer_silent(self, tmp_path: Path, how: str) -> None:
        """Before the batch is printed, and after it: only the other one is left."""
        holder = told_by_post(tmp_path)
        number = let_go(holder, day=19, is_reminder=True)
        first, second = Notice.objects.order_by("pk")
        link = find_code(code_of(first), now=days(19))
        assert link is not None
        if how == "answered":
            answer(by=Answerer(link.subject_uid, f"link:{link.id}"), meaning=chosen(NOTHING, [], {}), seen=None,
                   now=days(19))  # fmt: skip
        elif how == "no more":
            no_more(token=token_of(link.id), now=days(19))
        else:
            assert came_back_by_code(text=code_of(first), actor=STEWARDS_HAND, now=days(19))
        (page,) = printing._composed(number, "letter", days(19))
        assert page.reach.subject_id == second.subject_id
        assert printing.posted(sending=number, channel="letter", now=days(19)) == 1
        assert Sending.objects.get(pk=number).finished_at == days(19)
        first.refresh_from_db()
        assert first.reminded_at is None

    def test_whoever_the_list_no_longer_names(self, tmp_path: Path) -> None:
        holder = told_by_post(tmp_path)
        number = let_go(holder, day=19, is_reminder=True)
        bring(tmp_path, TWO[:1], now=days(20))
        assert printing.letters_pdf(actor="steward:3", sending=number, now=days(20))[1] == 1

    def test_nobody_by_mail_for_a_letter_or_by_letter_for_a_mail(self, tmp_path: Path) -> None:
        holder = told_by_post(tmp_path)
        run(19, 40)
        assert mail.outbox == []
        with pytest.raises(NotPrepared, match="channel"):
            prepare(holder=holder, plan=Plan("mail", days(40).date(), is_reminder=True), actor=STEWARDS_HAND,
                    now=days(40))  # fmt: skip


def test_giving_it_up_lets_them_wait_for_another(tmp_path: Path) -> None:
    holder = told_by_post(tmp_path)
    number = let_go(holder, day=19, is_reminder=True)
    printing.letters_pdf(actor="steward:3", sending=number, now=days(19))
    discard(sending=number, holder=holder, actor=HOLDERS_HAND, now=days(19))
    assert {(n.state, n.reminder_id, n.composed_at) for n in Notice.objects.all()} == {("told", None, None)}
    assert (
        printing.letters_pdf(actor="steward:3", sending=let_go(holder, day=20, is_reminder=True), now=days(20))[1] == 2
    )


def test_leaves_in_waves_of_its_own(tmp_path: Path) -> None:
    holder = told_by_post(tmp_path)
    plan = Plan("letter", days(19).date(), 1, is_reminder=True)
    number = prepare(holder=holder, plan=plan, actor=STEWARDS_HAND, now=days(19))
    for hand in (HOLDERS_HAND, STEWARDS_HAND):
        press(sending=number, holder=None, actor=hand, now=days(19))
    for day in (19, 20):
        assert printing.letters_pdf(actor="steward:3", sending=number, now=days(day))[1] == 1
        assert printing.posted(sending=number, channel="letter", now=days(day)) == 1
        assert printing._composed(number, "letter", days(day)) == [] if day == 19 else True


def test_a_holder_that_sends_itself_reminds_itself(tmp_path: Path) -> None:
    holder = told_by_post(tmp_path, channel="merge")
    number = let_go(holder, channel="merge", day=19, is_reminder=True)
    content, count = printing.merge_workbook(actor="steward:3", sending=number, now=days(19))
    rows = list(load_workbook(io.BytesIO(content)).active.iter_rows(values_only=True))  # type: ignore[union-attr]
    assert count == 2
    assert all("Rappel" in str(row[8]) for row in rows[1:])


@pytest.mark.parametrize("language", ["fr", "de", "it", "en", ""])
@pytest.mark.parametrize("natural", [True, False])
def test_stays_on_one_page(tmp_path: Path, language: str, natural: bool) -> None:
    holder = told_by_post(tmp_path)
    number = let_go(holder, day=19, is_reminder=True)
    page = printing._composed(number, "letter", days(19))[0]
    reach = known(
        language=language, natural=natural, address=("c/o " + "x" * 60,) * 3, name="Chœur " + "de la Clairière " * 5
    )
    letter = printing.letter_of(
        printing.Page("Service des affaires " + "ville " * 19, reach, page.link_id, keep(holder), is_reminder=True),
        now=NOW,
    )
    assert len(re.findall(rb"/Type\s*/Page\b", printing.pdf_of([letter], logo=keep(holder)))) == 1
