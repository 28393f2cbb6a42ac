"""Time passes over notices: sent, arrived, reminded once, lapsed, erased; importing sends nothing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.core import mail

from datacoop.accounts.actions import open_account
from datacoop.consent.models import NoticeState
from datacoop.consent.rules import PUBLIC
from datacoop.disclosure.actions import settle
from datacoop.disclosure.compile.drafting import LIVE
from datacoop.disclosure.models import View
from datacoop.jobs.models import Job
from datacoop.records.models import Record, Statement
from datacoop.rights.actions.returning import came_back
from datacoop.rights.actions.ticking import tidy
from datacoop.rights.models import Alert, Notice, Sending, Told
from tests.rights.lists import CHOIR, CITY, NOW, ROW, UNION, bring, days, let_go, persons, run, signed

pytestmark = pytest.mark.django_db(transaction=True)
POSTAL = "1;Chœur de la Clairière;culture/chant;Rue du Lac 7;1005;Lausanne;;;"


def people_known() -> int:
    people = Record.objects.filter(kind="person").values_list("id", flat=True)
    return Statement.objects.filter(record_id__in=people, end_revision=None).values("record_id").distinct().count()


class TestImporting:
    def test_sends_nothing_however_long_nobody_presses(self, tmp_path: Path) -> None:
        signed()
        bring(tmp_path)
        run(0, 1, 5, 15)
        assert mail.outbox == []
        assert {row.state for row in Notice.objects.all()} == {Notice.WAITING}

    def test_makes_one_notice_for_each_subject_and_holder_due_in_thirty_days(self, tmp_path: Path) -> None:
        signed()
        bring(tmp_path)
        bring(tmp_path, [ROW, ROW.replace("1;Chœur de la", "2;Chœur du Lac et de la")])
        assert Notice.objects.filter(natural=False).count() == 2
        assert {row.due_at for row in Notice.objects.filter(subject_id=persons()[0].subject_id)} == {days(30)}


class TestSending:
    def test_leaves_once_and_counts_as_delivered_three_days_later(self, tmp_path: Path) -> None:
        holder = signed()
        bring(tmp_path)
        let_go(holder)
        run(0)
        assert sorted(each.to[0] for each in mail.outbox) == ["info@clairiere.example.org", "marlyse@example.net"]
        run(0.1, 2.9)
        assert len(mail.outbox) == 2
        assert NoticeState.objects.count() == 0
        run(3)
        assert {row.state for row in Notice.objects.all()} == {Notice.DELIVERED}
        assert NoticeState.objects.filter(delivered_at=days(3)).count() >= 2
        assert Told.objects.count() == 2

    def test_leaves_in_waves(self, tmp_path: Path) -> None:
        holder = signed()
        bring(tmp_path, [f"{n};Chœur {n};culture/chant;;1005;Lausanne;c{n}@example.org;;" for n in range(1, 6)])
        let_go(holder, per_day=2)
        for day, left in ((0, 2), (0.2, 2), (1, 4), (2, 5), (3, 5)):
            run(day)
            assert len(mail.outbox) == left, day

    def test_reminds_once_then_never_again(self, tmp_path: Path) -> None:
        holder = signed()
        bring(tmp_path)
        let_go(holder)
        run(0, 3, 16.9)
        assert len(mail.outbox) == 2
        run(17, 18, 40, 100, 400)
        assert len(mail.outbox) == 4

    def test_jobs_hold_no_value(self, tmp_path: Path) -> None:
        holder = signed()
        bring(tmp_path)
        let_go(holder)
        run(0, 3)
        held = " ".join(str(row) for row in Job.objects.values_list("name", "payload"))
        assert "example" not in held
        assert "Marlyse" not in held


class TestNobodyTold:
    def test_erases_a_person_nobody_told_at_28_days_and_not_before(self, tmp_path: Path) -> None:
        signed()
        bring(tmp_path)
        run(27.9)
        assert people_known() == 1
        run(28)
        assert people_known() == 0
        assert Notice.objects.filter(natural=False, state=Notice.WAITING).count() == 1
        assert not persons()

    def test_erases_when_the_message_came_back(self, tmp_path: Path) -> None:
        holder = signed()
        bring(tmp_path)
        let_go(holder)
        run(0)
        assert came_back(notice_id=persons()[0].pk, actor="steward:3", now=days(2))
        run(4, 27.9)
        assert persons()[0].state == Notice.RETURNED
        assert people_known() == 1
        run(28)
        assert people_known() == 0

    def test_keeps_a_person_another_holder_told(self, tmp_path: Path) -> None:
        holder = signed()
        signed(UNION)
        bring(tmp_path)
        let_go(holder)
        run(0, 3)
        person = persons()[0]
        Notice.objects.create(
            subject_id=person.subject_id, holder_id=person.holder_id + 1, natural=True, created_at=NOW, due_at=days(30)
        )
        run(28)
        assert people_known() == 1

    def test_tells_stewards_at_twenty_days_once_a_day(self, tmp_path: Path) -> None:
        open_account(email="steward@example.org", name="", now=NOW, is_steward=True)
        signed()
        bring(tmp_path)
        run(19.9)
        assert mail.outbox == []
        run(20, 20.1, 21)
        assert [each.to for each in mail.outbox] == [["steward@example.org"]] * 2
        assert "Marlyse" not in mail.outbox[0].body
        assert Alert.objects.count() == 2


class TestSilence:
    def test_keeps_a_silent_person_while_a_list_carries_them_and_then_erases(self, tmp_path: Path) -> None:
        holder = signed()
        bring(tmp_path)
        let_go(holder)
        run(0, 3, 60)
        tidy(now=days(60))
        assert people_known() == 1
        bring(tmp_path, [CHOIR + ";"], now=days(61))
        tidy(now=days(62))
        assert people_known() == 0
        assert Told.objects.count() >= 1

    def test_tells_nobody_again_who_comes_back(self, tmp_path: Path) -> None:
        holder = signed()
        bring(tmp_path)
        let_go(holder)
        run(0, 3)
        bring(tmp_path, [CHOIR + ";"], now=days(61))
        tidy(now=days(62))
        mail.outbox.clear()
        bring(tmp_path, now=days(70))
        (person,) = persons()
        assert person.state == Notice.KNOWN
        run(71, 98, 99)
        assert people_known() == 1
        assert not any("marlyse@example.net" in each.to for each in mail.outbox)


class TestNews:
    def test_the_same_list_again_makes_no_new_generation(self, tmp_path: Path) -> None:
        holder = signed()
        bring(tmp_path)
        let_go(holder)
        run(0, 3)
        bring(tmp_path, [ROW, "2;Club du Pré;sport/football;;1066;Epalinges;;;"], now=days(10))
        assert [row.generation for row in persons()] == [1]
        assert persons()[0].state == Notice.DELIVERED

    def test_something_new_is_told_a_week_later_at_the_earliest(self, tmp_path: Path) -> None:
        holder = signed()
        bring(tmp_path)
        let_go(holder)
        run(0, 3)
        bring(tmp_path, [ROW.replace("marlyse@", "m.vernehaut@")], now=days(4))
        assert persons()[0].generation == 1
        run(6.9)
        assert persons()[0].generation == 1
        run(7)
        assert (persons()[0].generation, persons()[0].state) == (2, Notice.WAITING)


def test_two_holders_are_one_message_within_a_week(tmp_path: Path) -> None:
    city, union = signed(), signed(UNION)
    bring(tmp_path, [CHOIR + ";"])
    bring(tmp_path, [CHOIR + ";"], holder=UNION)
    assert Notice.objects.values("subject_id").distinct().count() <= 2
    for row in Notice.objects.all():  # linking decides elsewhere whether both are one; here they are
        Notice.objects.filter(pk=row.pk).update(subject_id=Notice.objects.order_by("pk").first().subject_id)
    assert {CITY, UNION} == {row.holder.name for row in Notice.objects.all()}
    let_go(city)
    run(0)
    assert len(mail.outbox) == 1
    let_go(union, now=days(1))
    run(1, 6.9)
    assert len(mail.outbox) == 1
    run(7)
    assert len(mail.outbox) == 2


def test_two_holders_who_may_both_write_are_one_message_with_a_link_each(tmp_path: Path) -> None:
    city, union = signed(), signed(UNION)
    bring(tmp_path, [CHOIR + ";"])
    bring(tmp_path, [CHOIR + ";"], holder=UNION)
    first = Notice.objects.order_by("pk")[0]
    Notice.objects.exclude(pk=first.pk).update(subject_id=first.subject_id)
    let_go(city)
    let_go(union)
    run(0, 1)
    (message,) = mail.outbox
    assert CITY in str(message.body)
    assert UNION in str(message.body)
    links = re.findall(r"/n/([\w-]{43})$", str(message.body), re.M)
    assert len(set(links)) == 2
    assert {row.state for row in Notice.objects.all()} == {Notice.SENT}


def test_notices_that_lapsed_close_the_letters_they_were_in(tmp_path: Path) -> None:
    holder = signed()
    bring(tmp_path, [POSTAL])
    number = let_go(holder, channel="letter")
    Notice.objects.update(natural=True)
    run(1)
    assert Sending.objects.get(pk=number).finished_at is None
    run(28)
    assert Sending.objects.get(pk=number).finished_at == days(28)


def test_an_organisation_is_not_erased_for_want_of_a_notice(tmp_path: Path) -> None:
    signed()
    bring(tmp_path, [POSTAL])
    run(28, 60)
    assert Notice.objects.get().state == Notice.WAITING
    assert Statement.objects.filter(end_revision=None).exists()


ORGANISATION = POSTAL.replace(";Lausanne;;", ";Lausanne;info@clairiere.example.org;")


def is_public() -> bool:
    return View.objects.filter(record_id=Notice.objects.get().subject_id, tier=PUBLIC, state=LIVE).exists()


class TestComingBackLate:
    def test_a_person_was_not_told_whatever_the_list_says_again(self, tmp_path: Path) -> None:
        holder = signed()
        bring(tmp_path)
        let_go(holder)
        run(0, 8)
        person = persons()[0]
        assert person.state == Notice.DELIVERED
        assert came_back(notice_id=person.pk, actor="steward:3", now=days(9))

        bring(tmp_path, [ROW, "2;Autre;culture/chant;;1005;Lausanne;;;"], now=days(10))
        run(10, 20)

        assert persons()[0].state == Notice.RETURNED, "nobody was told"
        assert not Told.objects.filter(digest=person.content).exists()
        run(28)
        assert people_known() == 0

    def test_an_organisation_is_not_shown_by_the_default(self, tmp_path: Path) -> None:
        holder = signed()
        bring(tmp_path, [ORGANISATION])
        let_go(holder)
        run(0, 8)
        assert came_back(notice_id=Notice.objects.get().pk, actor="steward:3", now=days(9))
        settle(days(60))
        assert not is_public()


def test_an_organisation_told_of_something_new_does_not_vanish_meanwhile(tmp_path: Path) -> None:
    holder = signed()
    bring(tmp_path, [ORGANISATION])
    let_go(holder)
    run(0, 8)
    settle(days(40))
    assert is_public()

    bring(tmp_path, [ORGANISATION.replace("Rue du Lac 7", "Avenue Neuve 9")], now=days(40))
    let_go(holder, now=days(41))
    run(41, 50)
    settle(days(51))

    assert Notice.objects.get().delivered_at == days(50)
    assert is_public()
