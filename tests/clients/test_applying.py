"""A client applies, is approved by two persons or after three days, is told of, and joins: nothing is open before."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from django.core import mail
from django.test import override_settings

from datacoop.accounts.actions import give_mandate, open_account
from datacoop.clients import approving, joining
from datacoop.clients.applying import NotAcceptable, apply
from datacoop.clients.approving import NotApprovable, Vote, approve_by_vote, assent, refuse
from datacoop.clients.models import Application
from datacoop.clients.queries import find_application
from datacoop.clients.rules import ANNOUNCED, APPROVED, OPEN, REFUSED, Asked
from datacoop.consent.actions import Wish, decide
from datacoop.consent.queries import list_agreements
from datacoop.disclosure.readers import reader_of_agreement
from datacoop.disclosure.reading import reading
from datacoop.disclosure.search.finding import find
from datacoop.disclosure.search.questions import Question
from datacoop.jobs.actions import run_due
from datacoop.ledger.models import Entry
from datacoop.records.actions.revising import revision
from datacoop.records.actions.stating import create_record, state
from datacoop.records.rules import Origin
from datacoop.records.storing import Said

pytestmark = pytest.mark.django_db(transaction=True)
NOW = datetime(2026, 11, 30, 9, tzinfo=UTC)
DAY = timedelta(days=1)
TERMS = "terms:public-bodies"
ASKED = Asked(
    name="Ville d'Exemple", country="CH", regime="cantonal", terms="public-bodies",
    contacts=("web@ville.example.org", "greffe@ville.example.org"), purposes=("directory", "agenda"), properties=(),
    retention_days=180, hours_to_erase=48, live_only=False, signatory="Ana Muster", language="fr", text_version=1,
)  # fmt: skip


@pytest.fixture(autouse=True)
def outbox() -> Iterator[None]:
    with override_settings(EMAIL_BACKEND="django.core.mail.backends.locmem.EmailBackend"):
        yield


@pytest.fixture
def applicant() -> int:
    return account("web@ville.example.org")


def account(email: str, *, is_steward: bool = False) -> int:
    return open_account(email=email, name=email.partition("@")[0], now=NOW, is_steward=is_steward).pk


def steward(name: str) -> int:
    return account(f"{name}@coop.example.org", is_steward=True)


def state_of(agreement: str) -> str:
    return Application.objects.get(agreement=agreement).state


def entered() -> list[str]:
    return [each for each in Entry.objects.order_by("pk").values_list("kind", flat=True) if each.startswith("client.")]


def a_choir(granted: bool = True) -> UUID:
    """With an e-mail for public bodies, and somebody who decides for it."""
    with revision(actor="steward:1", now=NOW, why="test") as draft:
        record = create_record(draft, kind="organisation")
        said = [Said("name", "Chœur"), Said("email", "info@choeur.example.org")]
        state(draft, record_id=record.id, said=said, origin=Origin.STEWARD)
    say(record.uid, "public", "email", shows=False)
    if granted:
        say(record.uid, TERMS, "email", shows=True)
    who = account("bea@choeur.example.org")
    give_mandate(account_id=who, subject_uid=record.uid, scope="decide", valid_from=NOW)
    return record.uid


def say(uid: UUID, audience: str, prop: str | None, *, shows: bool) -> None:
    decide(uid=uid, wish=Wish(audience, shows, prop), actor="account:1", reason="", now=NOW)


def sees_email(agreement: str) -> bool:
    with reading() as connection:
        reader = reader_of_agreement(connection, agreement)
        assert reader is not None
        return any(b"info@choeur" in each for each in find(connection, reader, Question("organisation")).bodies)


def approved(applicant: int) -> str:
    agreement = apply(asked=ASKED, applicant=applicant, now=NOW)
    for name in ("ada", "bob"):
        assent(agreement=agreement, steward=steward(name), now=NOW)
    return agreement


class TestApplying:
    def test_keeps_what_was_signed_and_opens_nothing(self, applicant: int) -> None:
        agreement = apply(asked=ASKED, applicant=applicant, now=NOW)

        found = find_application(agreement)
        assert found is not None
        assert (found.state, found.country, found.purposes) == (OPEN, "CH", ("directory", "agenda"))
        assert found.contacts == ASKED.contacts
        assert list_agreements() == []
        assert entered() == ["client.applied"]

    @pytest.mark.parametrize(
        ("wrong", "field"),
        [
            (replace(ASKED, name=" "), "name"),
            (replace(ASKED, country=""), "country"),
            (replace(ASKED, country="Suisse"), "country"),
            (replace(ASKED, regime="none"), "regime"),
            (replace(ASKED, terms="everybody"), "terms"),
            (replace(ASKED, contacts=("a@b.example.org",)), "contacts"),
            (replace(ASKED, contacts=("a@b.example.org", "A@b.example.org")), "contacts"),
            (replace(ASKED, contacts=("a@b.example.org", "nobody")), "contacts"),
            (replace(ASKED, purposes=()), "purposes"),
            (replace(ASKED, purposes=("message",)), "purposes"),
            (replace(ASKED, properties=("organisation.shoe_size",)), "properties"),
            (replace(ASKED, retention_days=366), "retention_days"),
            (replace(ASKED, hours_to_erase=73), "hours_to_erase"),
            (replace(ASKED, signatory=""), "signatory"),
            (replace(ASKED, text_version=9), "text"),
        ],
    )
    def test_refuses_what_is_missing_or_goes_beyond_the_terms(self, applicant: int, wrong: Asked, field: str) -> None:
        with pytest.raises(NotAcceptable) as caught:
            apply(asked=wrong, applicant=applicant, now=NOW)

        assert caught.value.field == field
        assert not Application.objects.exists()


class TestApproving:
    def test_takes_two_persons(self, applicant: int) -> None:
        agreement = apply(asked=ASKED, applicant=applicant, now=NOW)
        ada, bob = steward("ada"), steward("bob")

        assert assent(agreement=agreement, steward=ada, now=NOW) == OPEN
        assert list_agreements() == []
        assert assent(agreement=agreement, steward=bob, now=NOW) == APPROVED

        (signed,) = list_agreements()
        assert (signed.uid, signed.country, signed.hours_to_erase, signed.retention_days) == (agreement, "CH", 48, 180)
        assert signed.purposes == ("directory", "agenda")
        assert signed.waiting
        assert entered() == ["client.applied", "client.assented", "client.assented", "client.approved"]

    @pytest.mark.parametrize("again", ["ada", "ada+2"])
    def test_one_person_is_one_however_often(self, applicant: int, again: str) -> None:
        agreement = apply(asked=ASKED, applicant=applicant, now=NOW)
        steward("bob")
        assent(agreement=agreement, steward=steward("ada"), now=NOW)

        with pytest.raises(NotApprovable, match="twice"):
            assent(agreement=agreement, steward=steward(again), now=NOW)

        assert state_of(agreement) == OPEN

    def test_nobody_approves_of_what_they_asked_for(self) -> None:
        ada = steward("ada")
        agreement = apply(asked=ASKED, applicant=ada, now=NOW)

        with pytest.raises(NotApprovable, match="own"):
            assent(agreement=agreement, steward=ada, now=NOW)

    def test_where_there_is_one_steward_everybody_has_three_days(self, applicant: int) -> None:
        agreement = apply(asked=ASKED, applicant=applicant, now=NOW)

        assert assent(agreement=agreement, steward=steward("ada"), now=NOW) == ANNOUNCED
        assert approving.approve_announced(now=NOW + timedelta(hours=71, minutes=59)) == 0
        assert list_agreements() == []

        assert approving.approve_announced(now=NOW + timedelta(hours=72)) == 1
        assert state_of(agreement) == APPROVED
        assert approving.approve_announced(now=NOW + 4 * DAY) == 0

    def test_may_be_refused_during_the_three_days(self, applicant: int) -> None:
        agreement = apply(asked=ASKED, applicant=applicant, now=NOW)
        ada = steward("ada")
        assent(agreement=agreement, steward=ada, now=NOW)

        refuse(agreement=agreement, reason="Pas d'intérêt public.", steward=ada, now=NOW + DAY)

        assert approving.approve_announced(now=NOW + 4 * DAY) == 0
        assert state_of(agreement) == REFUSED
        run_due(NOW + DAY)
        assert "Pas d'intérêt public." in mail.outbox[0].body

    def test_by_a_vote_that_is_published(self, applicant: int) -> None:
        agreement = apply(asked=ASKED, applicant=applicant, now=NOW)
        vote = Vote("2026-14", date(2026, 11, 29), "https://coop.example.org/votes/14")

        approve_by_vote(agreement=agreement, vote=vote, steward=steward("ada"), now=NOW)

        assert state_of(agreement) == APPROVED
        assert Entry.objects.get(kind="client.approved").payload["vote"] == "2026-14"

    @pytest.mark.parametrize(
        "vote",
        [
            Vote("", date(2026, 11, 29), "https://coop.example.org/14"),
            Vote("14", date(2026, 12, 2), "https://coop.example.org/14"),
            Vote("14", date(2026, 11, 29), "javascript:alert(1)"),
        ],
    )
    def test_by_no_vote_that_nobody_can_look_up(self, applicant: int, vote: Vote) -> None:
        agreement = apply(asked=ASKED, applicant=applicant, now=NOW)

        with pytest.raises(NotApprovable, match="vote"):
            approve_by_vote(agreement=agreement, vote=vote, steward=steward("ada"), now=NOW)

        assert state_of(agreement) == OPEN

    def test_a_refusal_needs_a_reason_and_is_the_end(self, applicant: int) -> None:
        agreement = apply(asked=ASKED, applicant=applicant, now=NOW)
        ada = steward("ada")
        with pytest.raises(NotApprovable, match="reason"):
            refuse(agreement=agreement, reason=" ", steward=ada, now=NOW)
        refuse(agreement=agreement, reason="Non.", steward=ada, now=NOW)

        with pytest.raises(NotApprovable, match="settled"):
            assent(agreement=agreement, steward=steward("bob"), now=NOW)


class TestJoining:
    def test_reads_what_its_class_is_shown_fourteen_days_after_they_were_told(self, applicant: int) -> None:
        a_choir()
        agreement = approved(applicant)
        assert joining.join_due(now=NOW + 30 * DAY) == 0, "nobody was told yet"

        assert joining.tell_of_new(now=NOW) == 1
        assert joining.join_due(now=NOW + 14 * DAY - timedelta(minutes=1)) == 0
        assert not sees_email(agreement)

        assert joining.join_due(now=NOW + 14 * DAY) == 1
        assert sees_email(agreement)
        assert joining.join_due(now=NOW + 15 * DAY) == 0

    def test_whoever_excluded_it_is_not_shown(self, applicant: int) -> None:
        choir = a_choir()
        agreement = approved(applicant)
        joining.tell_of_new(now=NOW)

        say(choir, f"agreement:{agreement}", None, shows=False)
        joining.join_due(now=NOW + 14 * DAY)

        assert not sees_email(agreement)

    def test_one_mail_tells_of_all_that_are_new(self, applicant: int) -> None:
        a_choir()
        approved(applicant)
        approved(applicant)

        assert joining.tell_of_new(now=NOW) == 1
        run_due(NOW)

        (told,) = [each for each in mail.outbox if each.to == ["bea@choeur.example.org"]]
        assert told.body.count("Ville d'Exemple") == 2
        assert "14.12.2026" in told.body
        assert "choeur" not in told.body.lower()
        assert joining.tell_of_new(now=NOW + 7 * DAY) == 0

    def test_nobody_is_written_to_who_shows_its_class_nothing(self, applicant: int) -> None:
        a_choir(granted=False)
        approved(applicant)

        assert joining.tell_of_new(now=NOW) == 0
        run_due(NOW)

        assert [each for each in mail.outbox if "choeur" in each.to[0]] == []

    def test_whoever_shows_nothing_any_more_is_not_written_to(self, applicant: int) -> None:
        choir = a_choir()
        approved(applicant)
        joining.tell_of_new(now=NOW)

        say(choir, TERMS, "email", shows=False)
        run_due(NOW)

        assert [each for each in mail.outbox if "choeur" in each.to[0]] == []
