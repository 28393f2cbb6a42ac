"""Ending a visit on a shared computer, and what is said to be done."""

from __future__ import annotations

import pytest

from tests.portal.naming import by_letter, choose, opened, page
from tests.rights.people import Village, settle

pytestmark = pytest.mark.django_db(transaction=True)


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
