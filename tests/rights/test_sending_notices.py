"""Two hands, a stop, letters and tables: what leaves, and what does not."""

from __future__ import annotations

import io
import re
import smtplib
from email.header import decode_header, make_header
from pathlib import Path

import pytest
import qrcode
from django.core import mail
from django.db import IntegrityError, transaction
from django.test import Client, override_settings
from openpyxl import load_workbook

from datacoop.ledger.models import Entry
from datacoop.records.actions.erasing import erase_subjects
from datacoop.rights.actions import leaving, lettering, printing
from datacoop.rights.actions.agreeing import NoAgreement, NotSignable, Signature, leave, sign
from datacoop.rights.actions.rehearsing import show_message
from datacoop.rights.actions.sending import (
    NotPrepared,
    NotPressable,
    Plan,
    discard,
    prepare,
    press,
    resume,
    stop,
    stop_all,
)
from datacoop.rights.actions.ticking import tick
from datacoop.rights.links import find_code, find_link
from datacoop.rights.models import ContributionAgreement, Link, Notice, PendingAnswer, Sending, Told
from datacoop.rights.queries import readiness
from datacoop.rights.queries.agreements import find_agreement, find_text, has_agreement, languages_of
from datacoop.rights.queries.readiness import list_missing
from datacoop.rights.rules.agreements import GROUPS
from datacoop.sources.actions import register_holder
from tests.rights.lists import (
    CHOIR,
    CITY,
    HOLDERS_HAND,
    NOW,
    ROW,
    STEWARDS_HAND,
    bring,
    days,
    let_go,
    persons,
    run,
    signature,
    signed,
)

pytestmark = pytest.mark.django_db(transaction=True)
POSTAL = "1;Chœur de la Clairière;culture/chant;Rue du Lac 7;1005;Lausanne;;;"


class TestAgreement:
    def test_nothing_is_prepared_without_one(self, tmp_path: Path) -> None:
        holder = register_holder(name=CITY, now=NOW)
        bring(tmp_path)
        with pytest.raises(NoAgreement):
            prepare(holder=holder, plan=Plan("mail", NOW.date()), actor=STEWARDS_HAND, now=NOW)

    def test_leaving_stops_what_was_let_go(self, tmp_path: Path) -> None:
        holder = signed()
        bring(tmp_path)
        let_go(holder)
        assert leave(holder=holder, actor=HOLDERS_HAND, now=NOW)
        run(0, 1)
        assert mail.outbox == []
        assert not leave(holder=holder, actor=HOLDERS_HAND, now=NOW)

    def test_keeps_which_text_was_signed_and_on_what_footing(self) -> None:
        holder = signed()
        found, text = find_agreement(holder), find_text("contribution-agreement", "fr")
        assert found is not None
        assert text is not None
        assert (found.version, found.sha256, found.language) == (text.version, text.sha256, "fr")
        assert set(found.bases) == set(GROUPS)
        assert Entry.objects.filter(kind="contribution.agreed").count() == 1

    def test_a_later_one_ends_the_earlier(self) -> None:
        holder = signed()
        sign(holder=holder, signature=signature(), actor=HOLDERS_HAND, now=days(1))
        assert ContributionAgreement.objects.filter(ended_at=None).count() == 1
        assert ContributionAgreement.objects.count() == 2

    @pytest.mark.parametrize(
        ("wrong", "code"),
        [
            ({"bases": {"identity": "law"}}, "bases"),
            ({"bases": dict.fromkeys(GROUPS, "none")}, "bases"),
            ({"leaves": "perhaps"}, "leaves"),
            ({"signatory": " "}, "signatory"),
            ({"paper_on": days(2).date()}, "paper_on"),
        ],
    )
    def test_says_what_is_missing_under_it(self, wrong: dict[str, object], code: str) -> None:
        holder = register_holder(name=CITY, now=NOW)
        said = {"language": "fr", "bases": dict.fromkeys(GROUPS, "law"), "leaves": "keep", "signatory": "Ana Muster"}
        with pytest.raises(NotSignable) as refused:
            sign(holder=holder, signature=Signature(**(said | wrong)), actor=HOLDERS_HAND, now=NOW)  # type: ignore[arg-type]
        assert refused.value.code == code
        assert not has_agreement(holder)

    @pytest.mark.parametrize("language", ["fr", "de"])
    def test_is_two_pages_at_most(self, language: str) -> None:
        text = find_text("contribution-agreement", language)
        assert text is not None
        assert sum(len(words.split()) for each in text.sections for words in each["paragraphs"]) <= 900

    @pytest.mark.parametrize("language", ["fr", "de"])
    @pytest.mark.parametrize(
        "name", ["contribution-agreement", "participation-terms", "privacy-notice", "impact-assessment"]
    )
    def test_ships_with_its_documents(self, name: str, language: str) -> None:
        text = find_text(name, language)
        assert text is not None
        assert text.language == language
        assert all(each["heading"] and all(each["paragraphs"]) for each in text.sections)


class TestAfterARestore:
    def test_what_was_leaving_waits_for_a_steward(self, tmp_path: Path) -> None:
        holder = signed()
        bring(tmp_path)
        number = let_go(holder)
        by = "steward:restore"

        assert (stop_all(actor=by, now=NOW), stop_all(actor=by, now=NOW)) == (1, 1)
        run(0)
        assert mail.outbox == []
        with pytest.raises(NotPressable, match="stopped_by_other"):
            resume(sending=number, holder=holder, actor=HOLDERS_HAND, now=NOW)

        resume(sending=number, holder=None, actor=STEWARDS_HAND, now=NOW)
        run(0)
        assert len(mail.outbox) > 0


class TestReadiness:
    @pytest.mark.parametrize("setting", ["CONTROLLER", "CONTROLLER_ADDRESS", "PHONE"])
    def test_nothing_is_signed_prepared_pressed_or_sent_while_nobody_says_who_answers(
        self, tmp_path: Path, setting: str
    ) -> None:
        holder = signed()
        bring(tmp_path)
        number = prepare(holder=holder, plan=Plan("mail", NOW.date()), actor=STEWARDS_HAND, now=NOW)
        press(sending=number, holder=holder, actor=HOLDERS_HAND, now=NOW)
        with override_settings(**{f"DATACOOP_{setting}": ""}):
            assert list_missing() == (setting,)
            with pytest.raises(NotPressable, match="unready"):
                press(sending=number, holder=None, actor=STEWARDS_HAND, now=NOW)
            for channel in ("mail", "letter", "merge"):
                with pytest.raises(NotPrepared, match="unready"):
                    prepare(holder=holder, plan=Plan(channel, NOW.date()), actor=STEWARDS_HAND, now=NOW)
            with pytest.raises(NotSignable, match="unready"):
                sign(holder=holder, signature=signature(), actor=HOLDERS_HAND, now=NOW)
        press(sending=number, holder=None, actor=STEWARDS_HAND, now=NOW)
        with override_settings(**{f"DATACOOP_{setting}": ""}):
            run(0)
            assert mail.outbox == []
        run(0)
        assert len(mail.outbox) > 0

    def test_nobody_is_reminded_by_mail_meanwhile(self, tmp_path: Path) -> None:
        holder = signed()
        bring(tmp_path)
        let_go(holder)
        run(0, 3)
        assert len(mail.outbox) == 2
        with override_settings(DATACOOP_PHONE=""):
            run(17, 18)
            assert len(mail.outbox) == 2
        run(19)
        assert len(mail.outbox) == 4

    def test_an_address_without_a_line_is_none(self) -> None:
        with override_settings(DATACOOP_CONTROLLER_ADDRESS=" ; "):
            assert list_missing() == ("CONTROLLER_ADDRESS",)

    def test_a_document_with_a_place_left_open_stops_it_too(self, monkeypatch: pytest.MonkeyPatch) -> None:
        text = find_text("privacy-notice", "fr", 1)
        assert text is not None
        assert "[" in str(text.sections)
        monkeypatch.setattr(readiness, "find_text", lambda name, language: find_text(name, language, 1))
        assert list_missing() == ("privacy-notice",)

    @pytest.mark.parametrize("name", ["contribution-agreement", "participation-terms", "privacy-notice"])
    def test_the_documents_name_who_answers(self, name: str) -> None:
        for language in languages_of(name):
            said = str(find_text(name, language).sections)  # type: ignore[union-attr]
            assert "Coopérative de données de Clairière" in said
            assert "Rue du Lac 1, 1000 Clairière" in said
            assert "[" not in said[1:-1].replace("['", "").replace('["', "")


class TestTwoHands:
    @pytest.mark.parametrize("hand", [HOLDERS_HAND, STEWARDS_HAND])
    def test_one_hand_lets_nothing_go(self, tmp_path: Path, hand: str) -> None:
        holder = signed()
        bring(tmp_path)
        number = prepare(holder=holder, plan=Plan("mail", NOW.date()), actor=STEWARDS_HAND, now=NOW)
        assert press(sending=number, holder=None, actor=hand, now=NOW) is False
        press(sending=number, holder=None, actor=hand, now=NOW)
        run(0, 5)
        assert mail.outbox == []

    def test_one_person_in_two_roles_is_one_hand(self, tmp_path: Path) -> None:
        holder = signed()
        bring(tmp_path)
        number = prepare(holder=holder, plan=Plan("mail", NOW.date()), actor=STEWARDS_HAND, now=NOW)
        press(sending=number, holder=holder, actor="account:7", now=NOW)
        with pytest.raises(NotPressable, match="same_person"):
            press(sending=number, holder=None, actor="steward:7", now=NOW)

    def test_the_database_refuses_the_same_name_twice(self, tmp_path: Path) -> None:
        holder = signed()
        bring(tmp_path)
        number = prepare(holder=holder, plan=Plan("mail", NOW.date()), actor=STEWARDS_HAND, now=NOW)
        with pytest.raises(IntegrityError), transaction.atomic():
            Sending.objects.filter(pk=number).update(holder_pressed_by="steward:3", steward_pressed_by="steward:3")

    def test_another_holder_does_not_press(self, tmp_path: Path) -> None:
        holder, other = signed(), signed("Autre")
        bring(tmp_path)
        number = prepare(holder=holder, plan=Plan("mail", NOW.date()), actor=STEWARDS_HAND, now=NOW)
        with pytest.raises(NotPressable, match="gone"):
            press(sending=number, holder=other, actor="account:9", now=NOW)

    def test_stops_at_once_and_only_who_stopped_goes_on(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        holder = signed()
        bring(tmp_path, [f"{n};Chœur {n};culture/chant;;1005;Lausanne;c{n}@example.org;;" for n in range(1, 6)])
        number = let_go(holder)
        really = leaving.send

        def press_stop_after_the_second(message: object) -> None:
            really(message)  # type: ignore[arg-type]
            if len(mail.outbox) == 2:
                stop(sending=number, holder=holder, actor=HOLDERS_HAND, now=NOW)

        monkeypatch.setattr(leaving, "send", press_stop_after_the_second)
        run(0, 1)
        assert len(mail.outbox) == 2
        with pytest.raises(NotPressable, match="stopped_by_other"):
            resume(sending=number, holder=None, actor=STEWARDS_HAND, now=days(1))
        resume(sending=number, holder=holder, actor=HOLDERS_HAND, now=days(1))
        run(1.1)
        assert len(mail.outbox) == 5

    def test_giving_up_lets_them_wait_for_another(self, tmp_path: Path) -> None:
        holder = signed()
        bring(tmp_path)
        number = let_go(holder)
        discard(sending=number, holder=holder, actor=HOLDERS_HAND, now=NOW)
        run(0)
        assert mail.outbox == []
        let_go(holder)
        run(0)
        assert len(mail.outbox) == 2

    def test_does_not_begin_before_its_first_day(self, tmp_path: Path) -> None:
        holder = signed()
        bring(tmp_path)
        number = prepare(holder=holder, plan=Plan("mail", days(3).date()), actor=STEWARDS_HAND, now=NOW)
        for hand in (HOLDERS_HAND, STEWARDS_HAND):
            press(sending=number, holder=None, actor=hand, now=NOW)
        run(0, 2)
        assert mail.outbox == []
        run(3)
        assert len(mail.outbox) == 2

    @pytest.mark.parametrize(
        ("plan", "code"),
        [
            (Plan("pigeon", NOW.date()), "channel"),
            (Plan("mail", NOW.date(), 0), "per_day"),
            (Plan("mail", days(-1).date()), "first_on"),
            (Plan("letter", NOW.date()), "none"),
        ],
    )
    def test_says_why_nothing_can_be_prepared(self, tmp_path: Path, plan: Plan, code: str) -> None:
        holder = signed()
        bring(tmp_path)
        with pytest.raises(NotPrepared) as refused:
            prepare(holder=holder, plan=plan, actor=STEWARDS_HAND, now=NOW)
        assert refused.value.code == code


class TestMails:
    def test_are_in_the_holders_name_with_one_press_to_hear_no_more(self, tmp_path: Path, client: Client) -> None:
        holder = signed()
        bring(tmp_path)
        let_go(holder)
        run(0)
        message = next(each for each in mail.outbox if each.to == ["marlyse@example.net"])
        assert CITY in str(make_header(decode_header(message.from_email)))
        assert message.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert [kind for _, kind in message.alternatives] == ["text/html"]
        address = message.extra_headers["List-Unsubscribe"].strip("<>")
        path = "/n/" + address.partition("/n/")[2]
        client.get(path)
        assert persons()[0].quiet_at is None
        strict = Client(enforce_csrf_checks=True)
        assert strict.post(path, {"List-Unsubscribe": "One-Click"}).status_code == 200
        assert persons()[0].quiet_at is not None
        mail.outbox.clear()
        run(3, 17, 30)
        assert ["marlyse@example.net"] not in [each.to for each in mail.outbox]

    def test_say_nothing_of_whom_or_of_what_a_stranger_could_learn(self, tmp_path: Path) -> None:
        holder = signed()
        bring(tmp_path)
        let_go(holder)
        run(0)
        message = next(each for each in mail.outbox if each.to == ["marlyse@example.net"])
        for secret in ("Marlyse", "Vernehaut", "Clairière et", "Chœur de la"):
            assert secret not in message.subject + str(message.body)
        assert find_link(re.findall(r"/n/([\w-]{43})", str(message.body))[0], now=NOW) is not None

    def test_unknown_links_get_the_same_page(self, client: Client) -> None:
        answers = [client.post(f"/n/{token}/no-more") for token in ("x" * 43, "é", "y" * 43)]
        assert {each.status_code for each in answers} == {200}

    def test_a_refusal_is_a_return(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def refused(message: object) -> None:
            raise smtplib.SMTPRecipientsRefused({})

        monkeypatch.setattr(leaving, "send", refused)
        holder = signed()
        bring(tmp_path)
        let_go(holder)
        run(0, 4)
        assert {row.state for row in Notice.objects.all()} == {Notice.RETURNED}

    def test_a_silent_server_is_asked_again(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def silent(message: object) -> None:
            raise OSError("no route")

        holder = signed()
        bring(tmp_path)
        let_go(holder)
        with monkeypatch.context() as broken:
            broken.setattr(leaving, "send", silent)
            run(0)
        assert {row.state for row in Notice.objects.all()} == {Notice.WAITING}
        run(0.1)
        assert len(mail.outbox) == 2


class TestLetters:
    def test_have_one_page_each_and_wait_until_they_are_posted(self, tmp_path: Path) -> None:
        holder = signed()
        bring(tmp_path, [POSTAL, POSTAL.replace("1;", "2;", 1).replace("Clairière", "Combe")])
        number = let_go(holder, channel="letter")
        assert Sending.objects.get(pk=number).cost_cents == 300
        pdf, pages = printing.letters_pdf(actor="steward:3", sending=number, now=NOW)
        assert (pages, len(re.findall(rb"/Type\s*/Page\b", pdf))) == (2, 2)
        run(0, 6)
        assert {row.state for row in Notice.objects.all()} == {Notice.WAITING}
        assert printing.posted(sending=number, channel="letter", now=days(6)) == 2
        run(10.9)
        assert {row.state for row in Notice.objects.all()} == {Notice.SENT}
        run(11)
        assert {row.state for row in Notice.objects.all()} == {Notice.DELIVERED}

    @pytest.mark.parametrize("language", ["fr", "de", "it", "en", ""])
    def test_stay_on_one_page_with_the_longest_of_everything(self, tmp_path: Path, language: str) -> None:
        holder = signed("Service des affaires culturelles et associatives de la " + "ville " * 19 + "X")
        bring(
            tmp_path, [POSTAL], holder="Service des affaires culturelles et associatives de la " + "ville " * 19 + "X"
        )
        number = let_go(holder, channel="letter")
        (page,) = printing._composed(number, "letter", NOW)
        reach = printing.Reach(**{**vars(page.reach), "language": language, "address": ("c/o " + "x" * 60,) * 3})
        letter = printing.letter_of(printing.Page(page.holder, reach, page.link_id), now=NOW)
        assert len(re.findall(rb"/Type\s*/Page\b", printing.pdf_of([letter]))) == 1
        assert len(letter["ticks"]) == 3  # type: ignore[arg-type]
        assert "+41 21 555 00 00" in str(letter["phone"])
        assert find_code(str(letter["code"]), now=NOW) is not None

    def test_say_the_same_code_when_they_are_printed_again(self, tmp_path: Path) -> None:
        holder = signed()
        bring(tmp_path, [POSTAL])
        number = let_go(holder, channel="letter")
        codes = {printing.code_for(printing._composed(number, "letter", NOW)[0].link_id) for _ in range(2)}
        assert len(codes) == 1

    def test_are_printed_from_their_first_day_on_and_once_a_day(self, tmp_path: Path) -> None:
        holder = signed()
        bring(tmp_path, [POSTAL])
        number = prepare(holder=holder, plan=Plan("letter", days(2).date(), 50), actor=STEWARDS_HAND, now=NOW)
        for hand in (HOLDERS_HAND, STEWARDS_HAND):
            press(sending=number, holder=None, actor=hand, now=NOW)
        for make in (printing.letters_pdf, printing.merge_workbook):
            with pytest.raises(NotPressable, match="gone" if make is printing.merge_workbook else "too_early"):
                make(sending=number, actor="steward:3", now=days(1))
        assert printing.letters_pdf(sending=number, actor="steward:3", now=days(2))[1] == 1

    def test_need_both_hands(self, tmp_path: Path) -> None:
        holder = signed()
        bring(tmp_path, [POSTAL])
        number = prepare(holder=holder, plan=Plan("letter", NOW.date()), actor=STEWARDS_HAND, now=NOW)
        press(sending=number, holder=None, actor=STEWARDS_HAND, now=NOW)
        with pytest.raises(NotPressable):
            printing.letters_pdf(actor="steward:3", sending=number, now=NOW)

    def test_the_square_leads_to_the_page(self) -> None:
        """The modules of the square are those of the address, by the library's own matrix."""
        address = f"https://example.org/n/{'x' * 43}"
        made = qrcode.QRCode(border=2)
        made.add_data(address)
        made.make(fit=True)
        drawn = lettering.qr_svg(address)
        dark = sum(sum(bool(cell) for cell in row) for row in made.modules)
        assert len(re.findall(r"M\d", drawn)) == dark
        assert lettering.qr_svg(address + "y") != drawn


class TestRehearsing:
    def test_shows_a_message_in_the_folder_for_trying_out_and_nowhere_else(self, tmp_path: Path) -> None:
        lists, outbox = tmp_path / "lists", tmp_path / "outbox"
        lists.mkdir()
        signed()
        bring(lists)
        (person,) = persons()
        show_message(notice=person.pk, now=NOW)
        assert mail.outbox == []
        filebased = "django.core.mail.backends.filebased.EmailBackend"
        with override_settings(EMAIL_BACKEND=filebased, EMAIL_FILE_PATH=outbox):
            show_message(notice=person.pk, now=NOW)
        (kept,) = outbox.iterdir()
        assert "marlyse@example.net" in kept.read_text()


class TestTables:
    def test_hold_nothing_a_spreadsheet_would_run(self, tmp_path: Path) -> None:
        holder = signed()
        bring(
            tmp_path, [CHOIR.replace("Chœur de la", "=HYPERLINK(1) Chœur de la") + ";", POSTAL.replace("1;", "2;", 1)]
        )
        number = let_go(holder, channel="merge")
        content, count = printing.merge_workbook(actor="steward:3", sending=number, now=NOW)
        rows = list(load_workbook(io.BytesIO(content)).active.iter_rows(values_only=True))  # type: ignore[union-attr]
        assert (count, len(rows)) == (2, 3)
        assert not any(str(cell).startswith(("=", "+", "@")) for row in rows for cell in row if cell)
        assert all(find_code(str(row[6]), now=NOW) for row in rows[1:])
        assert mail.outbox == []


def test_erasing_forgets_notices_links_and_answers(tmp_path: Path) -> None:
    holder = signed()
    bring(tmp_path)
    let_go(holder)
    run(0, 3)
    (person,) = persons()
    uid = Link.objects.get(notice_id=person.pk).subject_uid
    PendingAnswer.objects.create(
        subject_uid=uid, notice_id=person.pk, choice="proposed", method="paper", link_id=99, seen=0,
        entered_by="steward:1", entered_at=NOW,
    )  # fmt: skip
    ContributionAgreement.objects.update(signatory="Marlyse de Vernehaut, trésorière")
    erase_subjects(subject_ids=[person.subject_id], actor="steward:1", now=days(5), why="test")
    assert persons() == []
    assert not Link.objects.filter(subject_uid=uid).exists()
    assert not PendingAnswer.objects.exists()
    assert ContributionAgreement.objects.get().signatory == ""
    assert Told.objects.count() == 2
    tick(now=days(6))
    bring(tmp_path, [ROW], now=days(7))
    assert persons() == []
