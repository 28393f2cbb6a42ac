"""The list of organisations with its map, and the page of one."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from datacoop.consent.queries import unindexed
from datacoop.directory import slugs
from datacoop.disclosure.readers import PUBLIC
from datacoop.disclosure.reading import Reading
from datacoop.disclosure.search.coming import find_each_once
from datacoop.disclosure.search.finding import find
from datacoop.disclosure.search.getting import get, get_by_head
from datacoop.disclosure.search.questions import Found, Gone, Moved, Question
from datacoop.portal import gate, linked, minimap
from datacoop.portal.asking import Asked, asked
from datacoop.portal.cards import Card, card, cards, listed
from datacoop.portal.choices import choices_of, counts_of
from datacoop.portal.contacts import contacts_of, is_pressed_for, with_query
from datacoop.portal.pages import busy, missing, page
from datacoop.portal.templatetags.portal import language
from datacoop.records.rules import id_of
from datacoop.rights.queries.confirmations import confirmation_of

_FULL_UID = 36
_MOST_ACTIVITIES, _MOST_NEEDS, _MOST_ROLES, _MOST_PARTS = 6, 10, 20, 50


@require_safe
@busy
def organisations(request: HttpRequest) -> HttpResponse:
    """List, filters and map."""
    wish = asked("organisation", request.path, request.GET, now=datetime.now(UTC))
    return page(request, "organisations", listing(wish))


def listing(wish: Asked) -> dict[str, Any]:
    """Return what a list page shows: one page of items, the count and the filters, from one moment."""

    def question(reading: Reading) -> dict[str, Any]:
        with reading.snapshot():
            found = find(reading, PUBLIC, wish.question)
            counts = counts_of(reading, wish.question, {"theme", "commune", "nature"})
        return {
            "asked": wish,
            "cards": cards(gate.items(found.bodies), language()),
            "count": found.count,
            "is_capped": found.relation == "gte",
            "next": wish.next_address(found.position),
            "is_first": wish.question.after is None,
            "choices": choices_of(wish, counts, language()),
            "chosen": wish.chosen(language()),
        }

    return gate.ask(question)


@require_safe
@busy
def organisation(request: HttpRequest, slug: str) -> HttpResponse:
    """The page of one organisation; any other name before the head of its id leads here."""
    found = find_one("organisation", slug)
    if found is None:
        return missing(request)
    shown = card(found, language())
    if shown.url != request.path:
        return redirect(with_query(request, shown.url), permanent=True)
    values = gate.ask(lambda reading: _around(reading, shown, datetime.now(UTC)))
    values |= {"card": shown, "linked": linked.described(shown), "minimap": _minimap(shown)}
    values["contacts"] = contacts_of(request, shown)
    values["is_unindexed"] = is_pressed_for(request) or is_unindexed(shown)
    values["confirmation"] = confirmation_of(UUID(shown.id), now=datetime.now(UTC))
    return page(request, "organisation", values)


def is_unindexed(shown: Card) -> bool:
    """Whether the subject wants no search engine to list a page."""
    return bool(unindexed([id_of(UUID(shown.id))]))


def find_one(kind: str, slug: str) -> gate.Item | None:
    """Return the item a page's address means, by the head of its id or the whole; None if there is none to show."""
    head = slugs.head_of(slug)

    def question(reading: Reading) -> gate.Item | None:
        answer: Found | Moved | Gone | None = get_by_head(reading, PUBLIC, kind, head or "")
        if answer is None and len(slug) == _FULL_UID:
            answer = get(reading, PUBLIC, kind, slug)
        if isinstance(answer, Moved):
            answer = get(reading, PUBLIC, kind, answer.id)
        return gate.items([answer.body])[0] if isinstance(answer, Found) else None

    return gate.ask(question)


def _bodies(reading: Reading, question: Question) -> list[bytes]:
    if question.sort == "start":
        return find_each_once(reading, PUBLIC, question)
    return find(reading, PUBLIC, question).bodies


def _around(reading: Reading, shown: Card, now: datetime) -> dict[str, Any]:
    """What belongs to an organisation: its next activities, what it needs, who is shown as being in charge."""
    coming = now.replace(minute=0, second=0, microsecond=0).isoformat()
    of_it = (shown.id,)
    activities = Question(
        "activity",
        facets=(("organiser", of_it),),
        since=coming,
        sort="start",
        limit=_MOST_ACTIVITIES,
        counted=False,
    )
    needs = Question("need", facets=(("organisation", of_it),), limit=_MOST_NEEDS, counted=False)
    roles = Question("role", facets=(("organisation", of_it),), limit=_MOST_ROLES, counted=False)
    parts = Question("organisation", facets=(("part_of", of_it),), limit=_MOST_PARTS, counted=False)
    asked_for = (("activities", activities), ("needs", needs), ("roles", roles), ("parts", parts))
    with reading.snapshot():
        found = {name: cards(gate.items(_bodies(reading, question)), shown.language) for name, question in asked_for}
        people = [_role(reading, each) for each in found["roles"]]
        wholes = _wholes(reading, shown)
    return {
        "activities": found["activities"],
        "needs": [need for need in found["needs"] if need.item.get("status") in (None, "open")],
        "roles": people,
        "parts": found["parts"],
        "wholes": wholes,
    }


def _wholes(reading: Reading, shown: Card) -> list[Card]:
    """What it is part of, as far as the public knows of it."""
    answers = [get(reading, PUBLIC, "organisation", uid) for uid in listed(shown.item.get("part_of"))]
    return cards(gate.items([each.body for each in answers if isinstance(each, Found)]), shown.language)


def _role(reading: Reading, listed_role: Card) -> tuple[str, str]:
    """A function and who has it: names stand in single records only, never in lists."""
    answer = get(reading, PUBLIC, "role", listed_role.id)
    item = gate.items([answer.body])[0] if isinstance(answer, Found) else {}
    return ", ".join(listed_role.words("role")), ", ".join(str(each) for each in listed(item.get("display_name")))


def _minimap(shown: Card) -> minimap.MiniMap | None:
    point = shown.point
    return minimap.draw(point["lat"], point["lon"]) if point else None
