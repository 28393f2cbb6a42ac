"""The stewards' page of guardians: who speaks for a child, and until when."""

from __future__ import annotations

from datetime import UTC, datetime

from django.test import Client

from datacoop.records.actions.revising import revision
from datacoop.records.actions.stating import create_record
from tests.portal.sitting import text_of
from tests.portal.test_claims import id_of, represents, stale


def test_appoints_a_guardian_of_a_child_by_number(steward: Client) -> None:
    with revision(actor="steward:1", now=datetime.now(UTC), why="test") as draft:
        child = create_record(draft, kind="person").uid
    form = {"person": str(child), "email": "parent@example.org", "born": "2020-05-01", "reason": "livret"}
    assert steward.post("/steward/guardians", form | {"reason": ""}).status_code == 422
    assert steward.post("/steward/guardians", form).status_code == 302
    assert represents("parent@example.org", child, "guardian")
    assert "parent@example.org" in text_of(steward.get("/steward/guardians"))

    ended = {"step": "end", "person": str(child), "account": str(id_of("parent@example.org")), "reason": "fini"}
    assert steward.post("/steward/guardians", ended).status_code == 302
    assert not represents("parent@example.org", child, "guardian")


def test_corrects_an_age_that_was_noted_wrongly(steward: Client) -> None:
    with revision(actor="steward:1", now=datetime.now(UTC), why="test") as draft:
        child = create_record(draft, kind="person").uid
    aged = {"step": "age", "person": str(child), "born": "1950-01-02", "reason": "carte vue"}
    assert "mineure" in text_of(steward.post("/steward/guardians", aged))
    appointed = {"person": str(child), "email": "parent@example.org", "born": "2020-05-01", "reason": "livret"}
    steward.post("/steward/guardians", appointed)

    html = text_of(steward.post(f"/steward/records/{child}", {"reason": "demande"}))
    assert f'href="/steward/guardians?person={child}#age"' in html
    assert f'value="{child}"' in text_of(steward.get(f"/steward/guardians?person={child}"))
    for wrong, words in (
        ({"reason": ""}, "raison"),
        ({"born": "2999-01-01"}, "passée"),
        ({"person": "x"}, "numéro"),
    ):
        answer = steward.post("/steward/guardians", aged | wrong)
        assert (answer.status_code, words in text_of(answer)) == (422, True), wrong
    assert stale(steward).post("/steward/guardians", aged)["Location"].startswith("/account/confirm")
    assert represents("parent@example.org", child, "guardian")


def test_after_it_the_guardian_no_longer_speaks(steward: Client) -> None:
    with revision(actor="steward:1", now=datetime.now(UTC), why="test") as draft:
        child = create_record(draft, kind="person").uid
    appointed = {"person": str(child), "email": "parent@example.org", "born": "2020-05-01", "reason": "livret"}
    steward.post("/steward/guardians", appointed)
    aged = {"step": "age", "person": str(child), "born": "1950-01-02", "reason": "carte vue"}
    assert steward.post("/steward/guardians", aged).status_code == 302
    assert not represents("parent@example.org", child, "guardian")
