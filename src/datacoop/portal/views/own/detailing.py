"""Deciding in detail: property by property, how one is named beside functions, against one reader or one list."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from datacoop.consent.queries import list_agreements
from datacoop.disclosure.own.telling import OwnRecord
from datacoop.lib.dates import ZURICH
from datacoop.portal.catalogue import say
from datacoop.portal.intents import audiences_of
from datacoop.portal.own import Visitor, deciding_only
from datacoop.portal.pages import page
from datacoop.portal.readers import names_of_readers, purposes
from datacoop.portal.templatetags.portal import language
from datacoop.portal.views.own.showing import PUBLIC, records_of
from datacoop.portal.views.own.wording import told
from datacoop.rights.rules.answers import LEVELS, SCOPES
from datacoop.sources.spoken import holders_of_lists


@require_safe
@deciding_only
def fields(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Every property of every record, and who is to see it until when."""
    now = datetime.now(UTC)
    records = records_of(visitor, now)
    names = names_of_readers(language())
    values = {
        "visitor": visitor,
        "records": told(records, language()),
        "scopes": [(scope, f"answer.scope.{scope}") for scope in SCOPES],
        "readers": [(key, names.get(key, key)) for key in audiences_of(records) if key != PUBLIC],
        "tomorrow": (now.astimezone(ZURICH) + timedelta(days=1)).date().isoformat(),
    }
    return page(request, "own/fields", values)


@require_safe
@deciding_only
def names(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """How a person is named beside functions: once for all, or each its own way."""
    records = [each for each in records_of(visitor, datetime.now(UTC)) if each.kind == "role"]
    if any(each.is_veiled for each in records):
        # That there are functions at all is more than this link may tell.
        return page(request, "own/prove_first", {"visitor": visitor, "back": request.path}, status=403)
    values = {
        "visitor": visitor,
        "records": told(records, language()),
        "levels": [(level, f"answer.level.{level}") for level in LEVELS],
    }
    return page(request, "own/names", values)


@require_safe
@deciding_only
def objections(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Speak against one list, one client or one purpose. It only ever narrows, so a link is enough."""
    records = records_of(visitor, datetime.now(UTC))
    sources = {value.source_id for each in records for value in each.values if value.source_id is not None}
    values = {
        "visitor": visitor,
        "holders": _holders(records, sources),
        "clients": [(f"agreement:{a.uid}", a.name) for a in list_agreements() if not a.suspended],
        "purposes": list(purposes(language()).items()),
    }
    return page(request, "own/objections", values)


def _holders(records: Sequence[OwnRecord], sources: Collection[int]) -> list[tuple[UUID, str]]:
    """Return whose lists can be spoken against, by name; where the name would tell too much, by number."""
    found = sorted(((each.uid, each.name) for each in holders_of_lists(sources)), key=lambda each: each[1])
    if not any(each.is_veiled for each in records):
        return found
    some = sorted(uid for uid, _ in found)
    name = say(language(), "answer.a_list")
    return [(uid, name if len(some) == 1 else f"{name} ({place})") for place, uid in enumerate(some, start=1)]
