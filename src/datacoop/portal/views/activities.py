"""The agenda, and the page of one activity."""

from __future__ import annotations

from datetime import UTC, date, datetime
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import require_safe

from datacoop.disclosure.readers import PUBLIC
from datacoop.disclosure.reading import Reading
from datacoop.disclosure.search.getting import get
from datacoop.disclosure.search.questions import Found
from datacoop.portal import gate, linked, minimap
from datacoop.portal.asking import asked
from datacoop.portal.cards import Card, card
from datacoop.portal.contacts import contacts_of, is_pressed_for, with_query
from datacoop.portal.dating import coming, first_date, rhythm_said
from datacoop.portal.framing import framed
from datacoop.portal.pages import busy, missing, page
from datacoop.portal.templatetags.portal import language
from datacoop.portal.views.organisations import find_one, is_unindexed, listing

_HERE = ZoneInfo("Europe/Zurich")
#: So many of the next dates stand on the page of an activity.
_NEXT = 10


@require_safe
@busy
def activities(request: HttpRequest) -> HttpResponse:
    """What comes next, by day."""
    return page(request, "activities", _by_day(request))


@xframe_options_exempt
@require_safe
def activities_framed(request: HttpRequest) -> HttpResponse:
    """The same to be framed by another site (docs/embedding.md), in the language of the frame's address."""
    return framed(request, lambda _: page(request, "activities_framed", _by_day(request)))


def _by_day(request: HttpRequest) -> dict[str, Any]:
    wish = asked("activity", "/activities", request.GET, now=datetime.now(UTC))
    values = listing(wish)
    values["from_day"] = wish.first("from")
    timed = with_organisers(values["cards"])
    values["days"] = [(day, list(group)) for day, group in groupby(timed, key=lambda each: _day(each[0]))]
    return values


@require_safe
@busy
def activity(request: HttpRequest, slug: str) -> HttpResponse:
    """The page of one activity."""
    found = find_one("activity", slug)
    if found is None:
        return missing(request)
    shown = card(found, language())
    if shown.url != request.path:
        return redirect(with_query(request, shown.url), permanent=True)
    point = shown.point
    values = {
        "card": shown,
        "rhythm": rhythm_said(found, language()),
        "first": first_date(found),
        "dates": coming(found, datetime.now(UTC), _NEXT),
        "is_unconfirmed": any(not each.is_confirmed for each in shown.sources),
        "organiser": gate.ask(lambda reading: _organiser(reading, found.get("organiser"), shown.language)),
        "linked": linked.described(shown),
        "contacts": contacts_of(request, shown),
        "is_unindexed": is_pressed_for(request) or is_unindexed(shown),
        "minimap": minimap.draw(point["lat"], point["lon"]) if point else None,
    }
    return page(request, "activity", values)


def _organiser(reading: Reading, uid: object, language: str) -> Card | None:
    answer = get(reading, PUBLIC, "organisation", uid) if isinstance(uid, str) else None
    return card(gate.items([answer.body])[0], language) if isinstance(answer, Found) else None


def with_organisers(shown: list[Card]) -> list[tuple[Card, Card | None]]:
    """Return each card with that of its organiser, None for what has none to show."""
    wanted = {each.item.get("organiser") for each in shown}
    found = gate.ask(lambda reading: {uid: _organiser(reading, uid, language()) for uid in wanted})
    return [(each, found.get(each.item.get("organiser"))) for each in shown]


def _day(shown: Card) -> date | None:
    return shown.start.astimezone(_HERE).date() if shown.start else None
