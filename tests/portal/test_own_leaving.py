"""Ending a visit on a shared computer, and addresses with numbers that name nothing."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from datacoop.portal.urls import urlpatterns
from tests.portal.naming import by_letter, choose, opened, page
from tests.rights.people import Village, settle

pytestmark = pytest.mark.django_db(transaction=True)
NUMBERED = [str(each.pattern) for each in urlpatterns if "<number:" in str(each.pattern)]


@pytest.fixture
def village() -> Village:
    return settle()


@pytest.mark.parametrize("enter", [opened, by_letter])
def test_who_has_finished_leaves_nothing_open(village: Village, enter) -> None:
    client = enter(village.person)
    before = client.get(page(village.person))
    assert "no-store" in before["Cache-Control"]
    assert "J&#x27;ai terminé" in before.content.decode() or "J'ai terminé" in before.content.decode()
    assert client.get(page(village.person, "leave")).status_code == 405

    answer = client.post(page(village.person, "leave"))

    assert "Vous avez quitté vos pages" in answer.content.decode()
    assert client.get(page(village.person)).status_code == 403
    assert client.get(page(village.person, "rights")).status_code == 403


def test_done_is_said_of_an_answer_alone(village: Village) -> None:
    client = opened(village.person)
    assert client.get(page(village.person, "done/1")).status_code == 404

    answer = choose(client, village.person, "nothing")

    assert client.get(answer["Location"]).status_code == 200


@pytest.mark.parametrize("pattern", NUMBERED)
def test_a_number_too_large_for_a_row_is_not_found(village: Village, pattern: str) -> None:
    client = by_letter(village.person)
    for number in ("9" * 18, "9" * 19, "9" * 30):
        path = re.sub("<number:[^>]*>", number, pattern).replace("<uuid:subject>", str(village.person))
        answer = client.get(f"/{path}")
        assert answer.status_code in ({404} if len(number) > 18 else {302, 403, 404, 405}), path


def test_no_address_takes_a_number_without_bounds() -> None:
    assert NUMBERED
    assert not [each for each in urlpatterns if "<int:" in str(each.pattern)]
    assert Client().get("/account/claims/" + "9" * 40).status_code == 404
