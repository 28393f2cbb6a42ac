"""A holder's logo: above what is safe, never where it would tell on somebody, never unseen by two people."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from PIL import Image

from datacoop.ledger.models import Entry
from datacoop.lib.pictures import Picture
from datacoop.rights.actions import printing
from datacoop.rights.actions.agreeing import leave
from datacoop.rights.actions.composing import Part, mail_of
from datacoop.rights.actions.logos import give_up_logo, keep_logo
from datacoop.rights.actions.sending import Plan, prepare, press
from datacoop.rights.links import MAIL, Wanted, make_links
from datacoop.rights.models import Logo
from datacoop.rights.queries.logos import find_logo
from datacoop.rights.queries.notices import find_sending
from tests.rights.lists import CITY, HOLDERS_HAND, NOW, ROW, STEWARDS_HAND, UNION, bring, days, let_go, run, signed
from tests.rights.test_notice_texts import known
from tests.rights.test_sending_notices import POSTAL

pytestmark = pytest.mark.django_db(transaction=True)
OWN, SHARED = "marlyse@example.net", "info@clairiere.example.org"


def drawing(colour: str = "navy") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (600, 200), colour).save(out, "PNG")
    return out.getvalue()


def keep(holder: Any, colour: str = "navy") -> Picture:
    keep_logo(holder=holder, content=drawing(colour), actor=HOLDERS_HAND, now=NOW)
    found = find_logo(holder)
    assert found is not None
    return found


def pictures(message: Any) -> list[bytes]:
    return [p.get_payload(decode=True) for p in message.message().walk() if p.get_content_type() == "image/png"]


def sent_to(address: str) -> Any:
    return next(each for each in mail.outbox if each.to == [address])


class TestMails:
    def test_bear_it_to_a_person_and_to_an_organisation(self, tmp_path: Path) -> None:
        holder = signed()
        logo = keep(holder)
        bring(tmp_path)
        let_go(holder)
        run(0)
        assert pictures(sent_to(OWN)) == [logo.png]
        assert pictures(sent_to(SHARED)) == [logo.png]
        assert not re.search(r'src="(?!cid:)', sent_to(OWN).alternatives[0][0])

    def test_so_does_the_reminder(self, tmp_path: Path) -> None:
        holder = signed()
        logo = keep(holder)
        bring(tmp_path)
        let_go(holder)
        run(0, 3)
        mail.outbox.clear()
        run(17.1)
        assert pictures(sent_to(OWN)) == [logo.png]

    @pytest.mark.parametrize(
        "said",
        [
            {"email": "comite@example.net"},
            {"email": "marlyse@chor.example.org", "own_domains": frozenset({"chor.example.org"})},
            {"email": "", "through": "marlyse@example.net"},
            {"is_sensitive": True},
            {"natural": False, "is_sensitive": True},
        ],
        ids=["function", "the association's domain", "through an association", "theme", "sensitive organisation"],
    )
    def test_bear_none_where_it_could_tell_on_somebody(self, said: dict[str, object]) -> None:
        reach, logo = known(**said), Picture(b"png", 10, 10)
        (link,) = make_links([Wanted(reach.uid, MAIL)], now=NOW)
        assert mail_of([Part(CITY, reach, link)], logo=logo).picture is None
        safe = known(natural=reach.natural)
        assert mail_of([Part(CITY, safe, link)], logo=logo).picture == logo
        assert mail_of([Part(CITY, safe, link), Part(UNION, reach, link)], logo=logo).picture is None


class TestTwoHands:
    def test_see_it_before_anything_leaves_with_it(self, tmp_path: Path) -> None:
        """Replaced after one hand, or both, pressed: what was prepared leaves without any."""
        holder = signed()
        keep(holder)
        bring(tmp_path)
        number = prepare(holder=holder, plan=Plan("mail", NOW.date()), actor=HOLDERS_HAND, now=NOW)
        assert find_sending(number).has_logo  # type: ignore[union-attr]
        press(sending=number, holder=holder, actor=HOLDERS_HAND, now=NOW)
        keep(holder, "red")
        assert not find_sending(number).has_logo  # type: ignore[union-attr]
        press(sending=number, holder=None, actor=STEWARDS_HAND, now=NOW)
        run(0)
        assert pictures(sent_to(OWN)) == []

    def test_none_that_came_later_is_on_what_was_prepared(self, tmp_path: Path) -> None:
        holder = signed()
        bring(tmp_path)
        let_go(holder)
        keep(holder)
        run(0)
        assert pictures(sent_to(OWN)) == []

    def test_giving_it_up_counts_between_two_messages(self, tmp_path: Path) -> None:
        holder = signed()
        keep(holder)
        bring(tmp_path)
        let_go(holder)
        assert give_up_logo(holder=holder, actor=HOLDERS_HAND, now=NOW)
        run(0)
        assert mail.outbox
        assert all(pictures(each) == [] for each in mail.outbox)
        assert not give_up_logo(holder=holder, actor=HOLDERS_HAND, now=NOW)

    def test_it_goes_with_the_agreement_and_is_told_to_the_ledger(self) -> None:
        holder = signed()
        keep(holder)
        assert leave(holder=holder, actor=HOLDERS_HAND, now=days(1))
        assert not Logo.objects.exists()
        assert Entry.objects.filter(kind="logo.kept").count() == 1


class TestLetters:
    def test_bear_it_on_the_one_page_beside_the_longest_name(self, tmp_path: Path) -> None:
        name = "Service des affaires culturelles et associatives de la " + "ville " * 19 + "X"
        holder = signed(name)
        keep(holder)
        bring(tmp_path, [POSTAL, POSTAL.replace("1;", "2;", 1).replace("Clairière", "Combe")], holder=name)
        number = let_go(holder, channel="letter")
        pdf, pages = printing.letters_pdf(actor="steward:3", sending=number, now=NOW)
        assert (pages, len(re.findall(rb"/Type\s*/Page\b", pdf))) == (2, 2)
        assert len(re.findall(rb"/Subtype\s*/Image\b", pdf)) >= 1
        give_up_logo(holder=holder, actor=HOLDERS_HAND, now=NOW)
        assert not re.findall(
            rb"/Subtype\s*/Image\b", printing.letters_pdf(actor="steward:3", sending=number, now=NOW)[0]
        )

    def test_bear_none_on_a_sensitive_theme(self) -> None:
        logo = Picture(drawing(), 600, 200)
        (link,) = make_links([Wanted(known().uid, "letter")], now=NOW)
        open_, closed = (
            printing.letter_of(printing.Page(CITY, known(is_sensitive=each), link, logo), now=NOW)
            for each in (False, True)
        )
        assert (open_["has_logo"], closed["has_logo"]) == (True, False)
        assert not re.findall(rb"/Subtype\s*/Image\b", printing.pdf_of([closed], logo=logo))
        assert "png" not in json.dumps(closed).lower()


def test_a_second_sending_after_the_change_bears_the_new_one(tmp_path: Path) -> None:
    holder = signed()
    keep(holder)
    fresh = keep(holder, "red")
    bring(tmp_path, [ROW])
    let_go(holder)
    run(0)
    assert pictures(sent_to(OWN)) == [fresh.png]
    assert Logo.objects.count() == 1
