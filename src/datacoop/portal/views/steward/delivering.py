"""One delivery of a list: which properties of which entries it changed; and taking the last one back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_safe

from datacoop.accounts.queries import names_of
from datacoop.kinds.definition import kind as kind_named
from datacoop.kinds.labels import label
from datacoop.pipelines.undoing import UndoRefused, undo_last, undoable
from datacoop.portal.cards import card
from datacoop.portal.catalogue import catalogue, say
from datacoop.portal.pages import missing, page
from datacoop.portal.templatetags.portal import language
from datacoop.portal.views.organisations import find_one
from datacoop.portal.views.steward.guarding import actor_of, steward_only
from datacoop.sources.history import ChangedRecord, Delivery, find_delivery, list_changed, list_deliveries
from datacoop.sources.queries import find_list_of

SHOWN = ("read", "accepted", "rejected", "new", "changed", "vanished")
_AT_ONCE = 50
_WITH_PAGES = ("organisation", "activity")


def rows_of(deliveries: Sequence[Delivery]) -> dict[str, Any]:
    """Return a table of deliveries: who, when, which files, what came of each.

    Those that were accepted alone have a number of their own: the next one takes that of one that was not.
    """
    names = names_of({number for each in deliveries if (number := _account(each.actor)) is not None})
    rows = [
        {
            "delivery": each,
            "number": each.number if each.state == "accepted" else None,
            "state": _state(each),
            "who": _who(each.actor, names),
            "files": ", ".join(each.files),
            "counts": [(f"steward.counts.{name}", each.counts.get(name, 0)) for name in SHOWN],
            "has_changes": each.state == "accepted",
        }
        for each in deliveries
    ]
    return {"rows": rows, "shown": [f"steward.counts.{name}" for name in SHOWN]}


@require_safe
@steward_only
def delivery(request: HttpRequest, source_id: int, number: int) -> HttpResponse:
    """Entries and the names of their properties; a value is seen on the entry's own page, with a reason."""
    listed, found = find_list_of(source_id), find_delivery(source_id, number)
    after = _uid(request.GET.get("after", ""))
    if listed is None or found is None:
        return missing(request)
    changed = list_changed(source_id, found.number, after=after, limit=_AT_ONCE) if found.state == "accepted" else []
    values = {
        "facts": listed,
        "deliveries": rows_of([found]),
        "changed": [_entry(each) for each in changed],
        "next": changed[-1].uid if len(changed) == _AT_ONCE else None,
    }
    return page(request, "steward/delivery", values)


@require_http_methods(["GET", "HEAD", "POST"])
@steward_only
def undo(request: HttpRequest, source_id: int) -> HttpResponse:
    """Ask once more, then take the last delivery back."""
    listed = find_list_of(source_id)
    if listed is None:
        return missing(request)
    try:
        last = undoable(source_id)
        if request.method == "POST" and request.POST.get("number") == str(last.number):
            undo_last(source_id=source_id, actor=actor_of(request))
            return redirect(f"/steward/lists/{source_id}?saved")
    except UndoRefused:
        return page(request, "steward/list_undo", {"facts": listed, "is_refused": True}, status=409)
    found = [each for each in list_deliveries(source_id) if each.state == "accepted" and each.number == last.number]
    values = {"facts": listed, "number": last.number, "deliveries": rows_of(found[:1])}
    return page(request, "steward/list_undo", values, status=409 if request.method == "POST" else 200)


def _entry(changed: ChangedRecord) -> dict[str, Any]:
    kind = kind_named(changed.kind)
    item = find_one(changed.kind, str(changed.uid)) if changed.kind in _WITH_PAGES else None
    properties = [(label(kind.property(name), language()), f"lists.changes.{how}") for name, how in changed.properties]
    return {
        "uid": changed.uid,
        "kind": kind.labels[language()],
        "name": card(item, language()).name if item else "",
        "properties": properties,
    }


def _state(each: Delivery) -> str:
    if each.undoes is not None and each.state == "accepted":
        return say(language(), "lists.undoing", number=each.undoes)
    return say(language(), "lists.undone" if each.is_undone else f"steward.states.{each.state}")


def _account(actor: str) -> int | None:
    number = actor.partition(":")[2]
    return int(number) if number.isdigit() else None


def _who(actor: str, names: Mapping[int, str]) -> str:
    """Return who brought it: the account's name and what it did that as; its number once the account is gone."""
    sort, _, number = actor.partition(":")
    sort = number if actor == "steward:command" else sort
    text = catalogue(language()).get(f"lists.actors.{sort}")
    if text is None:
        return actor
    account = _account(actor)
    if account is None:
        return text
    return f"{names[account]} ({text})" if account in names else f"{text} {account}"


def _uid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
