"""Requests: what narrows is done at once, the rest has a clock, and nothing is erased on the strength of a link."""

from __future__ import annotations

import doctest
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from datacoop.accounts import proofs
from datacoop.accounts.actions import give_mandate, open_account
from datacoop.accounts.rules import SELF
from datacoop.consent.actions import Wish, decide
from datacoop.disclosure.asking import ask as ask_gate
from datacoop.disclosure.own.telling import own_records
from datacoop.disclosure.readers import PUBLIC
from datacoop.disclosure.reading import Reading
from datacoop.disclosure.search.getting import Found, get
from datacoop.jobs.actions import run_due
from datacoop.ledger.models import Entry
from datacoop.records.actions.revising import revision
from datacoop.records.actions.stating import Said, release, state
from datacoop.records.models import Record, Source, Statement
from datacoop.records.rules import Origin, id_of
from datacoop.rights.actions.answering import Answerer, NotTheirs, ProofNeeded
from datacoop.rights.actions.requesting import UnknownRight, ask, erase_for, erase_oneself, lift
from datacoop.rights.actions.settling import ExtendedAlready, NotOpen, ReasonNeeded, carry_out, extend, refuse
from datacoop.rights.models.notices import Notice
from datacoop.rights.models.requests import Request
from datacoop.rights.queries.requests import count_open, open_requests, public_counts, requests_of
from datacoop.rights.rules import requests as rules
from datacoop.rights.rules.requests import DONE, ERASE, KINDS, OBJECT, PORT, RECTIFY, REFUSED, RESTRICT, due_of
from datacoop.sources.models import Holder
from tests.rights.people import EMAIL, NAME, NOW, Village, settle

pytestmark = pytest.mark.django_db(transaction=True)
STEWARD = "steward:1"


@pytest.fixture
def village() -> Village:
    return settle()


def linked(village: Village, *, sources: frozenset[int] | None = None) -> Answerer:
    return Answerer(village.person, "link:5", None, sources, language="fr")


def proven(village: Village) -> Answerer:
    return replace(linked(village), proof=proofs.LETTER_CODE)


def shown(uid: UUID, kind: str) -> bool:
    def question(reading: Reading) -> object:
        return get(reading, PUBLIC, kind, str(uid))

    return isinstance(ask_gate(question), Found)


def show_everything(village: Village) -> None:
    """She let everybody see her and what she does."""
    with revision(actor="test", now=NOW, why="told") as draft:
        for uid in (village.person, village.in_choir, village.in_club):
            release(draft, record_id=id_of(uid))
    for uid in (village.person, village.in_choir, village.in_club):
        decide(uid=uid, wish=Wish("public", True), actor="subject", reason="", now=NOW)
    assert shown(village.in_choir, "role")
    assert shown(village.in_club, "role")


class TestClocks:
    def test_examples_in_the_code_hold(self) -> None:
        assert doctest.testmod(rules).failed == 0

    @given(st.datetimes(datetime(2024, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC)))
    def test_is_owed_within_thirty_days_and_within_a_month(self, at: datetime) -> None:
        due = due_of(at)
        months = (due.year - at.year) * 12 + due.month - at.month
        assert timedelta(days=28) <= due - at <= timedelta(days=30)
        assert months == 0 or (months == 1 and due.day <= at.day)

    def test_is_overdue_once_its_time_is_past(self, village: Village) -> None:
        ask(by=linked(village), kind=RECTIFY, now=NOW, words="Le numéro est faux.")
        (found,) = open_requests()

        assert not found.is_overdue(found.due_at)
        assert found.is_overdue(found.due_at + timedelta(seconds=1))
        assert count_open(now=NOW) == (1, 0)
        assert count_open(now=found.due_at + timedelta(days=1)) == (1, 1)

    def test_may_take_longer_once_and_says_why(self, village: Village) -> None:
        number = ask(by=linked(village), kind=RECTIFY, now=NOW).request_id
        with pytest.raises(ReasonNeeded):
            extend(request_id=number, because="tired", actor=STEWARD, now=NOW)

        due = extend(request_id=number, because="complex", actor=STEWARD, now=NOW)

        assert due > due_of(NOW) + timedelta(days=58)
        assert not open_requests()[0].is_overdue(due_of(NOW) + timedelta(days=1))
        with pytest.raises(ExtendedAlready):
            extend(request_id=number, because="many", actor=STEWARD, now=NOW)

    def test_few_are_counted_for_nobody(self, village: Village) -> None:
        def made(count: int) -> None:
            for _ in range(count):
                Request.objects.create(subject_id=id_of(village.choir), kind=RECTIFY, asked_at=NOW, due_at=due_of(NOW))

        late = due_of(NOW) + timedelta(days=1)
        nothing = public_counts(now=late)
        made(9)
        assert public_counts(now=late) == nothing
        made(1)
        assert (public_counts(now=late).asked, public_counts(now=late).overdue) == (10, 10)
        assert public_counts(now=late + timedelta(days=5000)).overdue == 10


class TestAtOnce:
    @pytest.mark.parametrize("kind", [RESTRICT, OBJECT, ERASE])
    def test_a_link_alone_hides_everything_at_once(self, village: Village, kind: str) -> None:
        show_everything(village)

        taken = ask(by=linked(village), kind=kind, now=NOW)

        assert not shown(village.in_choir, "role")
        assert not shown(village.in_club, "role")
        assert shown(village.choir, "organisation")
        assert taken.is_done == (kind != ERASE)
        assert Statement.objects.filter(record_id=id_of(village.person)).exists(), "a link erases nothing"

    def test_a_link_narrows_only_what_its_notice_concerns(self, village: Village) -> None:
        show_everything(village)
        city, _ = village.lists

        ask(by=linked(village, sources=frozenset({city})), kind=RESTRICT, now=NOW)

        assert not shown(village.in_choir, "role")
        assert shown(village.in_club, "role")
        with pytest.raises(NotTheirs):
            ask(by=linked(village, sources=frozenset({9999})), kind=RESTRICT, now=NOW)

    def test_taking_it_back_needs_proof_and_lets_the_decisions_hold_again(self, village: Village) -> None:
        show_everything(village)
        ask(by=linked(village), kind=RESTRICT, now=NOW)
        with pytest.raises(ProofNeeded):
            lift(by=linked(village), now=NOW)

        lift(by=proven(village), now=NOW)

        assert shown(village.in_choir, "role")

    def test_an_objection_survives_what_the_lists_say_again(self, village: Village) -> None:
        show_everything(village)
        ask(by=linked(village), kind=OBJECT, now=NOW)
        city, _ = village.lists
        with revision(actor="holder", now=NOW, why="import") as draft:
            said = [Said("role", "president"), Said("organisation", str(village.choir), refers=id_of(village.choir))]
            whole = Source.objects.get(id=city)
            state(draft, record_id=id_of(village.in_choir), said=said, origin=Origin.HOLDER, source=whole)

        assert not shown(village.in_choir, "role")
        assert all(record.is_restricted for record in own_records(village.person, now=NOW))

    def test_the_same_asked_again_waits_once(self, village: Village) -> None:
        first = ask(by=linked(village), kind=ERASE, now=NOW)
        assert ask(by=proven(village), kind=ERASE, now=NOW) == first
        assert len(open_requests()) == 1

    def test_a_second_correction_is_not_lost_behind_the_first(self, village: Village) -> None:
        for words in ("Mon nom s'écrit autrement.", "Mon numéro a changé.", "Mon numéro a changé. ", ""):
            ask(by=proven(village), kind=RECTIFY, now=NOW, words=words)
        assert sorted(each.words for each in open_requests()) == ["Mon nom s'écrit autrement.", "Mon numéro a changé."]

    def test_a_copy_is_done_for_whoever_proved_it_and_waits_for_others(self, village: Village) -> None:
        assert not ask(by=linked(village), kind=PORT, now=NOW).is_done
        Request.objects.all().delete()
        assert ask(by=proven(village), kind=PORT, now=NOW).is_done

    def test_no_other_right_and_no_stranger(self, village: Village) -> None:
        with pytest.raises(UnknownRight):
            ask(by=linked(village), kind="forget", now=NOW)
        with pytest.raises(NotTheirs):
            ask(by=replace(linked(village), subject_uid=uuid4()), kind=RESTRICT, now=NOW)

    def test_each_is_in_the_ledger_without_a_word_of_whose(self, village: Village) -> None:
        ask(by=linked(village), kind=RECTIFY, now=NOW, words=f"Mon adresse est {EMAIL}")
        entry = Entry.objects.get(kind="rights.requested")

        assert entry.payload["right"] == RECTIFY
        assert str(village.person) not in str(entry.payload)
        assert str(id_of(village.person)) not in str(entry.payload)

    def test_words_are_read_again_and_lie_sealed(self, village: Village) -> None:
        ask(by=linked(village), kind=RECTIFY, now=NOW, words="Mon nom s'écrit autrement.")

        assert open_requests()[0].words == "Mon nom s'écrit autrement."
        assert b"autrement" not in bytes(Request.objects.get().words or b"")


class TestErasing:
    def test_a_link_is_not_enough(self, village: Village) -> None:
        with pytest.raises(ProofNeeded):
            erase_oneself(by=linked(village), now=NOW)
        assert Statement.objects.filter(record_id=id_of(village.person)).exists()

    def test_a_proof_finishes_what_a_link_asked_for(self, village: Village) -> None:
        ask(by=linked(village), kind=ERASE, now=NOW)
        ask(by=linked(village), kind=RECTIFY, now=NOW, words=NAME)
        later = NOW + timedelta(days=3)

        erased = erase_oneself(by=proven(village), now=later)

        assert erased.records == 3
        assert erased.statements > 5
        (kept,) = Request.objects.all()
        assert (kept.kind, kept.state, kept.asked_at, kept.settled_at) == (ERASE, DONE, NOW, later)
        assert (kept.subject_id, kept.asked_by, kept.words, kept.language) == (None, "", None, "")
        assert requests_of([id_of(village.person)]) == []

    def test_a_steward_carries_it_out_and_writes_first(self, village: Village) -> None:
        number = ask(by=linked(village), kind=ERASE, now=NOW).request_id

        erased = carry_out(request_id=number, actor=STEWARD, now=NOW)

        assert erased is not None
        assert [m.to for m in mail.outbox] == [[EMAIL]]
        assert not Statement.objects.filter(record_id=id_of(village.person)).exists()
        with pytest.raises(NotOpen):
            carry_out(request_id=number, actor=STEWARD, now=NOW)

    def test_notices_links_and_requests_go_with_it(self, village: Village) -> None:
        holder = Holder.objects.create(name="Ville", created_at=NOW)
        Notice.objects.create(subject_id=id_of(village.person), holder=holder, natural=True, created_at=NOW, due_at=NOW)
        erase_for(subject_ids=[id_of(village.person)], actor=STEWARD, now=NOW)

        assert not Notice.objects.exists()
        assert Record.objects.get(uid=village.person).trace_key is None


class TestSettling:
    def test_is_refused_only_with_a_reason(self, village: Village) -> None:
        number = ask(by=linked(village), kind=RECTIFY, now=NOW).request_id
        with pytest.raises(ReasonNeeded):
            refuse(request_id=number, because="", actor=STEWARD, now=NOW)
        with pytest.raises(IntegrityError), transaction.atomic():
            Request.objects.filter(pk=number).update(state=REFUSED, settled_at=NOW)

        refuse(request_id=number, because="law", actor=STEWARD, now=NOW, reply="Le registre est public.")

        found = requests_of([id_of(village.person)])[0]
        assert (found.state, found.refused_because, found.reply) == (REFUSED, "law", "Le registre est public.")

    def test_whoever_asked_is_written_to_at_their_own_address(self, village: Village) -> None:
        number = ask(by=linked(village), kind=RECTIFY, now=NOW, words="faux").request_id
        carry_out(request_id=number, actor=STEWARD, now=NOW, reply="Le numéro est juste maintenant.")
        run_due(NOW)

        (sent,) = mail.outbox
        assert sent.to == [EMAIL]
        assert "Le numéro est juste maintenant." in sent.body
        assert "C'est fait." in sent.body

    def test_an_account_that_asked_is_written_to_at_its_address(self, village: Village) -> None:
        account = open_account(email="moi@example.org", name="Moi", now=NOW)
        give_mandate(account_id=account.id, subject_uid=village.person, scope=SELF, valid_from=NOW)
        by = replace(proven(village), actor=f"account:{account.id}", language="de")
        number = ask(by=by, kind=RECTIFY, now=NOW).request_id
        refuse(request_id=number, because="others", actor=STEWARD, now=NOW)
        run_due(NOW)

        (sent,) = mail.outbox
        assert sent.to == ["moi@example.org"]
        assert "Der Grund" in sent.body

    def test_nobody_is_written_to_at_a_mailbox_that_others_read(self, village: Village) -> None:
        with revision(actor="test", now=NOW, why="test") as draft:
            state(draft, record_id=id_of(village.person), said=[Said("email", "info@example.org")],
                  origin=Origin.SUBJECT)  # fmt: skip
        number = ask(by=linked(village), kind=RECTIFY, now=NOW).request_id
        carry_out(request_id=number, actor=STEWARD, now=NOW)
        run_due(NOW)

        assert mail.outbox == []

    @pytest.mark.parametrize("kind", KINDS)
    def test_every_mail_can_be_written_in_every_language(self, village: Village, kind: str) -> None:
        for spoken in ("fr", "de", "it", "en"):
            number = ask(by=replace(linked(village), language=spoken), kind=kind, now=NOW).request_id
            Request.objects.filter(pk=number).update(state="received", settled_at=None)
            for each in rules.LATER:
                Request.objects.filter(pk=number).update(extended_at=None, later_because="")
                extend(request_id=number, because=each, actor=STEWARD, now=NOW)
            run_due(NOW)
            for each in rules.GROUNDS:
                Request.objects.filter(pk=number).update(state="received", settled_at=None, refused_because="")
                refuse(request_id=number, because=each, actor=STEWARD, now=NOW)
                run_due(NOW)
            Request.objects.all().delete()
        assert len(mail.outbox) == 4 * 7
