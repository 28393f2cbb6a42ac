"""Enter a record, or correct one: the form follows from the kind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from itertools import groupby
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from datacoop.disclosure.describe import described, self_body
from datacoop.kinds.definition import Kind, all_kinds, kind, kind_of_plural
from datacoop.kinds.labels import label
from datacoop.pipelines.entering import Entry, EntryRefused, enter, may_be_entered
from datacoop.portal.catalogue import say
from datacoop.portal.fields import fields_of, typed
from datacoop.portal.pages import missing, page
from datacoop.portal.templatetags.portal import language
from datacoop.portal.views.steward.guarding import actor_of, steward_only


def entry_kinds() -> list[tuple[str, str]]:
    """Return the kinds a steward may enter, as (plural, label)."""
    return [(each.plural, label(each, language())) for each in all_kinds().values() if may_be_entered(each)]


@require_http_methods(["GET", "HEAD", "POST"])
@steward_only
def new(request: HttpRequest, plural: str) -> HttpResponse:
    """An empty form of a kind; saved, it becomes a record that the default policy shows."""
    of = kind_of_plural(plural)
    if of is None or not may_be_entered(of):
        return missing(request)
    if request.method != "POST":
        return _form(request, of, {}, say(language(), "steward.entry_new"))
    return _save(request, of, None, say(language(), "steward.entry_new"))


@require_http_methods(["GET", "HEAD", "POST"])
@steward_only
def correct(request: HttpRequest, uid: UUID) -> HttpResponse:
    """The form of one record, filled in; like every look it needs a reason, which is written down."""
    reason = request.POST.get("reason", "").strip()[:200]
    if not reason:
        return page(request, "steward/record_reason", {"uid": uid})
    now = datetime.now(UTC)
    found = described(uid=uid, actor=actor_of(request), reason=reason, now=now)
    if found is None or not may_be_entered(kind(found.kind)):
        return missing(request)
    of, heading = kind(found.kind), say(language(), "steward.entry_correct")
    if request.POST.get("step") == "save":
        return _save(request, of, uid, heading)
    return _form(request, of, self_body(uid=uid, now=now) or {}, heading)


def _save(request: HttpRequest, of: Kind, uid: UUID | None, heading: str) -> HttpResponse:
    cells = typed(of, dict(request.POST.lists()))
    reason = request.POST.get("reason", "").strip()[:200]
    try:
        saved = enter(Entry(of.name, cells, uid), actor=actor_of(request), reason=reason or "–", now=datetime.now(UTC))
    except EntryRefused as refused:
        problems = {each.column: each.message for each in refused.problems}
        return _form(request, of, {}, heading, problems=problems, given=dict(request.POST.lists()))
    return redirect(f"/steward/records/{saved}")


def _form(
    request: HttpRequest,
    of: Kind,
    body: dict[str, object],
    heading: str,
    *,
    problems: dict[str, str] | None = None,
    given: Mapping[str, Sequence[str]] | None = None,
) -> HttpResponse:
    problems = problems or {}
    fields = [
        {
            **vars(field),
            "problem": problems.get(field.path),
            "value": (value := "\n".join(given.get(field.path, ())) if given else field.value),
            "chosen": value.split("\n"),
        }
        for field in fields_of(of, language(), body)
    ]
    values = {
        "heading": heading,
        "kind": label(of, language()),
        "groups": [(group, list(together)) for group, together in groupby(fields, key=lambda each: each["group"])],
        "problems": problems,
        "reason": request.POST.get("reason", ""),
    }
    return page(request, "steward/entry", values, status=422 if problems else 200)
