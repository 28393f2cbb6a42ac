"""Clients are reminded when they are late, and told when something is held back for them; of nobody else's data."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail

from datacoop.accounts.models import Account
from datacoop.clients.actions import ContactError, add_contact, remind
from datacoop.clients.models import Reminder
from datacoop.clients.wording import LANGUAGES, PHRASES
from datacoop.consent.actions import add_agreement, suspend_agreement
from datacoop.consent.queries import get_audience
from datacoop.disclosure.late import hold_late
from datacoop.disclosure.models import Tombstone
from datacoop.jobs.actions import run_due

pytestmark = pytest.mark.django_db(transaction=True)
NOW = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
NAMED = 7_777_777_777


@pytest.fixture
def city() -> str:
    agreement = add_agreement(name="Ville de Test", terms="public-bodies", actor="steward:1", now=NOW)
    for number, language in enumerate(("fr", "de")):
        add_contact(agreement=agreement, email=f"web{number}@Ville.example.org", language=language)
    return agreement


def owe(agreement: str, at: datetime = NOW) -> Tombstone:
    return Tombstone.objects.create(
        uid=uuid.uuid4(), audience_id=get_audience(f"agreement:{agreement}"), record_id=NAMED,
        properties='["email"]', deletion=False, issued_at=at, deadline=at + timedelta(hours=24),
    )  # fmt: skip


def tick(hours: float) -> list[str]:
    """The clock so many hours after the withdrawal; who was written to."""
    mail.outbox.clear()
    now = NOW + timedelta(hours=hours)
    hold_late(now=now)
    remind(now=now)
    run_due(now)
    return [to for each in mail.outbox for to in each.to]


BOTH = ["web0@ville.example.org", "web1@ville.example.org"]


def test_both_contacts_are_reminded_once_when_the_hours_are_over(city: str) -> None:
    owe(city)

    assert tick(23) == []
    assert tick(25) == BOTH
    assert tick(26) == []


def test_they_are_told_once_more_when_something_is_held_back(city: str) -> None:
    owe(city)
    tick(25)

    assert tick(49) == BOTH
    assert "hormis le public" in mail.outbox[0].subject
    assert tick(50) == []


def test_nobody_is_written_to_who_acknowledged_meanwhile(city: str) -> None:
    owed = owe(city)
    remind(now=NOW + timedelta(hours=25))
    owed.acknowledged_at, owed.said = NOW, "erased"
    owed.save()

    assert tick(26) == []
    assert Reminder.objects.count() == 1


def test_the_next_time_is_told_again(city: str) -> None:
    owed = owe(city)
    assert tick(25) == BOTH
    owed.acknowledged_at, owed.said = NOW, "erased"
    owed.save()
    owe(city, NOW + timedelta(hours=48))

    assert tick(71) == []
    assert tick(73) == BOTH


def test_the_clients_texts_name_nobody_else(city: str) -> None:
    owe(city)

    tick(25)

    for each in mail.outbox:
        assert "Ville de Test" in str(each.body)
        assert "/api/v1/acknowledgements" in str(each.body)
        assert str(NAMED) not in str(each.body)
        assert "email" not in str(each.body)


def test_where_a_client_gave_no_address_stewards_are_told() -> None:
    Account.objects.create(email="steward@example.org", is_steward=True, created_at=NOW)
    owe(add_agreement(name="Vitrine", terms="commercial", actor="steward:1", now=NOW))

    assert tick(25) == ["steward@example.org"]


def test_a_suspended_client_is_not_asked_for_what_it_cannot_do(city: str) -> None:
    owe(city)
    suspend_agreement(agreement=city, actor="steward:1", now=NOW)

    assert tick(25) == []


@pytest.mark.parametrize(("email", "language"), [("nobody", "fr"), ("a b@example.org", "fr"), ("a@example.org", "xx")])
def test_an_address_that_is_none_is_refused(email: str, language: str) -> None:
    with pytest.raises(ContactError):
        add_contact(agreement="a", email=email, language=language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_there_in_every_language(language: str) -> None:
    assert PHRASES.of(language).keys() == PHRASES.of("en").keys()
