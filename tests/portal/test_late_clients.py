"""Who is a week late with erasing is named in public; what and of whom is not."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from datacoop.consent.actions import add_agreement, suspend_agreement
from datacoop.consent.queries import get_audience
from datacoop.disclosure.models import Tombstone

pytestmark = pytest.mark.django_db(transaction=True)
NOW = datetime.now(UTC)


def late(name: str, days: float, *, count: int = 1) -> str:
    agreement = add_agreement(name=name, terms="public-bodies", actor="steward:1", now=NOW)
    for _ in range(count):
        Tombstone.objects.create(
            uid=uuid.uuid4(), audience_id=get_audience(f"agreement:{agreement}"), record_id=7_777_777_777,
            properties='["email"]', deletion=False, issued_at=NOW - timedelta(days=days + 1),
            deadline=NOW - timedelta(days=days),
        )  # fmt: skip
    return agreement


def shown(language: str = "fr") -> str:
    return Client().get("/clients", headers={"accept-language": language}).content.decode()


def test_names_who_is_more_than_a_week_late() -> None:
    late("Ville de Tard", 7.5)
    late("Ville de Bientôt", 6.5)

    html = shown()

    assert "Ville de Tard" in html
    assert "Ville de Bientôt" not in html


def test_says_nothing_of_what_and_how_much() -> None:
    agreement = late("Ville de Tard", 8)
    one = shown()
    Tombstone.objects.create(
        uid=uuid.uuid4(), audience_id=get_audience(f"agreement:{agreement}"), record_id=1, properties='["phones"]',
        deletion=True, issued_at=NOW, deadline=NOW,
    )  # fmt: skip

    assert shown() == one
    assert "7777777777" not in one
    assert agreement not in one


def test_names_nobody_any_more_who_confirmed_or_is_suspended() -> None:
    late("Ville de Tard", 8)
    Tombstone.objects.update(acknowledged_at=NOW, said="erased")
    suspend_agreement(agreement=late("Ville Suspendue", 9), actor="steward:1", now=NOW)

    assert "Ville" not in shown()


@pytest.mark.parametrize("language", ["fr", "de", "it", "en"])
def test_is_there_in_every_language(language: str) -> None:
    page = Client().get("/clients", headers={"accept-language": language})

    assert page.status_code == 200
    assert f'lang="{language}"' in page.content.decode()
