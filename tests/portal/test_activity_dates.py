"""The page of an activity: when, in words; its next dates; cancelled ones struck out with the word."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from datacoop.disclosure.actions import settle
from datacoop.lib.dates import ZURICH
from datacoop.portal.dating import coming, first_date, timing_in
from datacoop.records.actions.revising import revision
from datacoop.records.actions.stating import Said, create_record, state
from datacoop.records.rules import Origin, id_of
from tests.portal.sitting import text_of

pytestmark = pytest.mark.django_db(transaction=True)
TOMORROW = datetime.now(ZURICH).date() + timedelta(days=1)
OFF, MOVED = (f"{TOMORROW + timedelta(days=each)}T19:00:00" for each in (1, 2))


def happening(organiser: UUID | None = None, **values: Any) -> UUID:
    with revision(actor="steward:1", now=datetime.now(UTC), why="test") as draft:
        record = create_record(draft, kind="activity")
        said = [Said(name, value) for name, value in {"title": "Atelier", **values}.items()]
        if organiser:
            said.append(Said("organiser", str(organiser), refers=id_of(organiser)))
        state(draft, record_id=record.id, said=said, origin=Origin.STEWARD)
    settle(datetime.now(UTC))
    return record.uid


def page(uid: UUID, language: str = "fr") -> str:
    return text_of(Client(headers={"accept-language": language}).get(f"/a/{uid}", follow=True))


@pytest.mark.parametrize(
    ("language", "words"),
    [("fr", "Chaque jour, de 19 h à 21 h, 5 fois"), ("de", "Jeden Tag, 19–21 Uhr, 5-mal"),
     ("it", "Ogni giorno, ore 19:00–21:00, 5 volte"), ("en", "Every day, 19:00–21:00, 5 times")],
)  # fmt: skip
def test_says_when_in_four_languages_and_strikes_out_what_is_cancelled(
    transactional_db: None, language: str, words: str
) -> None:
    overrides = [
        {"recurrence_id": OFF, "status": "cancelled"},
        {"recurrence_id": MOVED, "start": f"{MOVED[:10]}T08:15:00", "end": f"{MOVED[:10]}T09:00:00", "place": "Parc"},
    ]
    rule = {"rrule": "FREQ=DAILY;COUNT=5", "overrides": overrides}
    uid = happening(start=f"{TOMORROW}T19:00:00+01:00", end=f"{TOMORROW}T21:00:00+01:00", tz="Etc/GMT-1",
                    recurrence=rule)  # fmt: skip

    html = page(uid, language)

    assert words in html
    assert html.count("<s>") == 1
    assert f'<s><time datetime="{OFF}' in html.replace("\n", "")
    assert "Parc" in html
    assert f'href="/api/v1/activities/{uid}.ics"' in html


def test_whole_days_have_no_hour(transactional_db: None) -> None:
    html = page(happening(start=str(TOMORROW), end=str(TOMORROW + timedelta(days=2))))

    assert f'<time datetime="{TOMORROW}">' in html
    assert " h</time>" not in html


def test_what_is_over_says_so_and_full_is_said(transactional_db: None) -> None:
    assert "C’est passé." in page(happening(start="2026-01-06T19:00:00+01:00"))
    html = page(happening(start=f"{TOMORROW}T19:00:00+01:00", status="full"))
    assert "C’est passé." not in html
    assert "Complète" in html


def test_values_that_are_no_dates_break_nothing() -> None:
    now = datetime(2026, 12, 1, tzinfo=UTC)

    assert timing_in({"start": "soon"}) is None
    assert coming({"start": 5}, now, 3) == []
    assert first_date({}) is None
    odd = timing_in({"start": "2026-12-01", "end": "2026-12-01T10:00:00+01:00", "recurrence": "weekly"})
    assert odd is not None
    assert (odd.end, odd.recurrence) == (None, None)
    shown = first_date({"start": "2026-12-01", "end": "2026-12-03"})
    assert shown is not None
    assert (shown.begins, shown.ends) == (date(2026, 12, 1), date(2026, 12, 2))
