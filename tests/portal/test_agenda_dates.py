"""What recurs, as visitors and their calendars see it: every date, what is different on one, and what is withdrawn."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from icalendar import Calendar, Component

from datacoop.consent.actions import Wish, decide
from datacoop.lib.dates import ZURICH
from tests.portal.conftest import Announce, page_of

pytestmark = pytest.mark.django_db(transaction=True)
WEEKLY = {"rrule": "FREQ=WEEKLY;COUNT=5"}


def first(days: int) -> datetime:
    """When an activity announced so many days from now begins, in wall time."""
    moment = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(days=days)
    return moment.astimezone(ZURICH).replace(tzinfo=None)


def events_of(visitor: Client, address: str = "/agenda.ics") -> list[Component]:
    return list(Calendar.from_ical(visitor.get(address).content).walk("VEVENT"))


def test_the_agenda_has_every_date_and_says_what_is_different(visitor: Client, announce: Announce) -> None:
    second = (first(2) + timedelta(days=7)).isoformat()
    overrides = [{"recurrence_id": second, "status": "cancelled", "title": "Chœur <b>au</b> large"}]
    announce("Chœur", 2, recurrence={**WEEKLY, "overrides": overrides})
    announce("Bal", 3)

    html = visitor.get("/activities").content.decode()

    names = [re.sub("<[^>]+>", "", each) for each in re.findall(r"<h3>(.*?)</h3>", html)]
    assert names == ["Chœur", "Bal", "Chœur &lt;b&gt;au&lt;/b&gt; large", "Chœur", "Chœur", "Chœur"]
    assert html.count('<p class="trouble">Annulée</p>') == 1
    # One page for all of them, named as the activity is.
    assert len(set(re.findall(r'href="(/a/ch[^"]+)"', html))) == 1
    framed = visitor.get("/embed/agenda?lang=de").content.decode()
    assert framed.count("Abgesagt") == 1
    assert framed.count("<h3>") == len(names)
    assert "Bal" not in visitor.get("/embed/agenda?q=ch%C5%93ur").content.decode()


def test_a_calendar_has_one_event_with_the_rule_and_one_for_each_date_that_differs(
    visitor: Client, announce: Announce
) -> None:
    second = (first(2) + timedelta(days=7)).isoformat()
    announce("Chœur", 2, recurrence={**WEEKLY, "overrides": [{"recurrence_id": second, "status": "cancelled"}]})

    whole, changed = events_of(visitor)

    assert whole["RRULE"]["COUNT"] == [5]
    assert str(whole.get("STATUS", "")) != "CANCELLED"
    assert (changed["UID"], str(changed["STATUS"])) == (whole["UID"], "CANCELLED")
    assert changed.decoded("RECURRENCE-ID").replace(tzinfo=None).isoformat() == second


def test_a_daily_course_hides_nothing_from_a_calendar(visitor: Client, announce: Announce) -> None:
    announce("Gymnastique", 1, recurrence={"rrule": "FREQ=DAILY;COUNT=120"})
    announce("Bal", 90)
    assert [str(each["SUMMARY"]) for each in events_of(visitor)] == ["Gymnastique", "Bal"]


def test_the_page_of_an_organisation_names_each_activity_once(visitor: Client, announce: Announce) -> None:
    announce("Chœur", 2, recurrence=WEEKLY)
    announce("Bal", 20)
    html = visitor.get(page_of(visitor, "Clairière")).content.decode()
    assert re.findall(r'dir="auto">(Chœur|Bal)</a></h3>', html) == ["Chœur", "Bal"]


def test_a_withdrawn_place_leaves_every_calendar_at_its_next_visit(visitor: Client, announce: Announce) -> None:
    uid = announce("Chœur", 2, recurrence=WEEKLY, place="Salle des Hirondelles")
    before = visitor.get("/agenda.ics")
    assert "Hirondelles" in before.content.decode()

    decide(uid=uid, wish=Wish("public", False, "place"), actor="subject", reason="asked", now=datetime.now(UTC))

    again = visitor.get("/agenda.ics", headers={"If-None-Match": before.headers["ETag"]})
    assert again.status_code == 200
    for address in ("/agenda.ics", "/agenda.atom", "/activities"):
        assert "Hirondelles" not in visitor.get(address).content.decode()


def test_whole_days_have_no_hour(visitor: Client, announce: Announce) -> None:
    day = (datetime.now(UTC) + timedelta(days=9)).date()
    announce("Camp", 9, start=day.isoformat(), end=(day + timedelta(days=3)).isoformat())
    html = visitor.get("/activities").content.decode()
    assert "toute la journée" in html
    assert "00:00" not in html
    assert f"{(day + timedelta(days=2)).day} " in html.split("jusqu")[1][:40]
