"""Answering: what is pressed is decided, or looked at before; the page after says what is seen now, and by whom."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from datacoop.disclosure.own.history import was_answered_by
from datacoop.disclosure.own.previewing import Preview
from datacoop.disclosure.own.telling import OwnRecord
from datacoop.portal.intents import Intent, Unclear, audiences_of, drop, intent_of, keep, kept, sent
from datacoop.portal.own import Visitor, deciding_only, for_subject
from datacoop.portal.pages import missing, page
from datacoop.portal.readers import names_of_readers
from datacoop.portal.templatetags.portal import language
from datacoop.portal.views.own.showing import PUBLIC, choices, is_suspended, records_of
from datacoop.portal.views.own.wording import count_of, differences, glimpses, together
from datacoop.rights.actions import answering
from datacoop.rights.queries.foreseeing import foreseen, spoken_until

_FIGURES = 18


@require_http_methods(["GET", "HEAD", "POST"])
@deciding_only
def answer(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """POST decides, or with `step=look` shows what it would change; GET shows again what waited for a proof."""
    now = datetime.now(UTC)
    form = request.POST if request.method == "POST" else kept(request, visitor.subject)
    if form is None:
        return redirect(f"{visitor.address}/")
    records = records_of(visitor, now)
    try:
        intent = intent_of(form, records, now)
        if request.method != "POST" or form.get("step") == "look":
            return page(request, "own/look", _looked(visitor, form, intent, records))
        return _decided(request, visitor, intent, now)
    except (Unclear, answering.NotTheirs):
        return page(request, "own/unclear", {"visitor": visitor}, status=422)


@require_safe
@for_subject
def done(request: HttpRequest, visitor: Visitor, revision: int) -> HttpResponse:
    """Say who sees what now, with the way to the receipt, and the choices once more: every one can be taken back."""
    if not was_answered_by(revision, visitor.actor):
        return missing(request)
    now = datetime.now(UTC)
    records = records_of(visitor, now)
    preview = Preview(visitor.subject, now=now, proven=visitor.is_proven)
    names = names_of_readers(language())
    seen = [
        (names.get(key, key), glimpses(preview.seen_by(key), records, proven=visitor.is_proven, language=language()))
        for key in audiences_of(records)
    ]
    values = {
        "visitor": visitor,
        "here_is": "home",
        "revision": revision,
        "is_suspended": is_suspended(visitor, records),
        "seen_by": together(seen),
        "sees_nothing": [name for name, found in seen if not found],
        "choices": choices(visitor, records, PUBLIC, now),
        "seen": spoken_until(visitor.subject),
    }
    return page(request, "own/done", values)


@require_POST
@deciding_only
def index(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Let search engines list a page, or not."""
    number = request.POST.get("record", "")
    if not number.isdecimal() or len(number) > _FIGURES:
        return page(request, "own/unclear", {"visitor": visitor}, status=422)
    allowed = request.POST.get("allowed") == "yes"
    try:
        answering.index(by=visitor.answerer(), record=int(number), allowed=allowed, now=datetime.now(UTC))
    except answering.NotTheirs:
        return page(request, "own/unclear", {"visitor": visitor}, status=422)
    except answering.ProofNeeded:
        return redirect(f"{visitor.address}/prove")
    return redirect(f"{visitor.address}/#engines")


def _decided(request: HttpRequest, visitor: Visitor, intent: Intent, now: datetime) -> HttpResponse:
    by = visitor.answerer()
    try:
        if intent.lists:
            revision = answering.object_to(by=by, sources=intent.lists, now=now)
        else:
            seen = _number(request.POST.get("seen", ""))
            revision = answering.answer(by=by, meaning=intent.meaning, seen=seen, now=now)
    except answering.ProofNeeded:
        keep(request, visitor.subject, request.POST)
        return redirect(f"{visitor.address}/prove?next={visitor.address}/answer")
    except answering.Overtaken:
        return page(request, "own/overtaken", {"visitor": visitor}, status=409)
    drop(request)
    return redirect(f"{visitor.address}/done/{revision}")


def _looked(visitor: Visitor, form: QueryDict, intent: Intent, records: list[OwnRecord]) -> dict[str, Any]:
    readers = [*audiences_of(records)]
    named = [word.audience for word in intent.meaning.words]
    readers += [each for each in dict.fromkeys(named) if each not in readers]
    numbers = {each.id for each in records}
    found = foreseen(visitor.subject, intent.meaning, audiences=readers, records=numbers, now=datetime.now(UTC))
    fields = [(name, value) for name, value in sent(form) if name != "seen"]
    return {
        "visitor": visitor,
        "differences": differences(found.changes, records, language(), readers=len(readers)),
        "lost": count_of(found.changes, "lost"),
        "gained": count_of(found.changes, "gained"),
        "is_public": any(each.gained and each.audience == PUBLIC for each in found.changes),
        "needs_proof": found.widens and not visitor.is_proven,
        "fields": [*fields, ("seen", str(spoken_until(visitor.subject)))],
    }


def _number(text: str) -> int:
    """What was looked at; whoever does not say looked at nothing yet, and is overtaken by every word."""
    return int(text) if text.isdecimal() and len(text) <= _FIGURES else 0
